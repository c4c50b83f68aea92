#include "base/hash.h"

#include <bearssl_hash.h>

/* Four bits at a time: a table of 16 words instead of 256, for the sake of a small binary. */
static const uint32_t crc32_nibble[16] = {
    0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
    0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
};

uint32_t hash_crc32(uint32_t crc, struct span s)
{
    crc = ~crc;
    for (size_t i = 0; i < s.len; i++) {
        crc ^= (uint8_t)s.ptr[i];
        crc = crc >> 4 ^ crc32_nibble[crc & 15];
        crc = crc >> 4 ^ crc32_nibble[crc & 15];
    }
    return ~crc;
}

void hash_sha256(struct span s, uint8_t out[HASH_SHA256_BYTES])
{
    br_sha256_context context;

    br_sha256_init(&context);
    br_sha256_update(&context, s.ptr, s.len);
    br_sha256_out(&context, out);
}

struct sip {
    uint64_t a;
    uint64_t b;
    uint64_t c;
    uint64_t d;
};

static uint64_t sip_rotate(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static void sip_round(struct sip *s)
{
    s->a += s->b;
    s->b = sip_rotate(s->b, 13) ^ s->a;
    s->a = sip_rotate(s->a, 32);
    s->c += s->d;
    s->d = sip_rotate(s->d, 16) ^ s->c;
    s->a += s->d;
    s->d = sip_rotate(s->d, 21) ^ s->a;
    s->c += s->b;
    s->b = sip_rotate(s->b, 17) ^ s->c;
    s->c = sip_rotate(s->c, 32);
}

/* Up to 8 bytes, little-endian. */
static uint64_t sip_load(const uint8_t *p, size_t len)
{
    uint64_t word = 0;

    for (size_t i = 0; i < len; i++)
        word |= (uint64_t)p[i] << (8 * i);
    return word;
}

static void sip_absorb(struct sip *s, uint64_t word)
{
    s->d ^= word;
    sip_round(s);
    sip_round(s);
    s->a ^= word;
}

uint64_t hash_sip64(const uint8_t key[HASH_SIP_KEY_BYTES], struct span s)
{
    const uint8_t *p = (const uint8_t *)s.ptr;
    uint64_t k0 = sip_load(key, 8);
    uint64_t k1 = sip_load(key + 8, 8);
    struct sip sip = {
        .a = k0 ^ UINT64_C(0x736f6d6570736575),
        .b = k1 ^ UINT64_C(0x646f72616e646f6d),
        .c = k0 ^ UINT64_C(0x6c7967656e657261),
        .d = k1 ^ UINT64_C(0x7465646279746573),
    };
    size_t at = 0;

    for (; s.len - at >= 8; at += 8)
        sip_absorb(&sip, sip_load(p + at, 8));
    sip_absorb(&sip, sip_load(p + at, s.len - at) | (uint64_t)s.len << 56);
    sip.c ^= 0xff;
    for (int i = 0; i < 4; i++)
        sip_round(&sip);
    return sip.a ^ sip.b ^ sip.c ^ sip.d;
}
