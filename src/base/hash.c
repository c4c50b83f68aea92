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

static uint64_t sip_rotate(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static void sip_round(struct hash_sip *s)
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

/* All 8, in a form that compilers see as one load. */
static uint64_t sip_load_word(const uint8_t *p)
{
    uint32_t low = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    uint32_t high = p[4] | (uint32_t)p[5] << 8 | (uint32_t)p[6] << 16 | (uint32_t)p[7] << 24;

    return low | (uint64_t)high << 32;
}

static void sip_absorb(struct hash_sip *s, uint64_t word)
{
    s->d ^= word;
    sip_round(s);
    sip_round(s);
    s->a ^= word;
}

static void sip_start(struct hash_sip *s, const uint8_t key[HASH_SIP_KEY_BYTES])
{
    uint64_t k0 = sip_load_word(key);
    uint64_t k1 = sip_load_word(key + 8);

    s->a = k0 ^ UINT64_C(0x736f6d6570736575);
    s->b = k1 ^ UINT64_C(0x646f72616e646f6d);
    s->c = k0 ^ UINT64_C(0x6c7967656e657261);
    s->d = k1 ^ UINT64_C(0x7465646279746573);
    s->tail = 0;
    s->len = 0;
}

void hash_sip_add(struct hash_sip *s, struct span bytes)
{
    const uint8_t *p = (const uint8_t *)bytes.ptr;
    size_t left = bytes.len;
    size_t held = s->len % 8;

    s->len += bytes.len;
    if (held > 0) {
        size_t take = left < 8 - held ? left : 8 - held;

        s->tail |= sip_load(p, take) << (8 * held);
        if (held + take < 8)
            return;
        sip_absorb(s, s->tail);
        p += take;
        left -= take;
    }
    for (; left >= 8; left -= 8) {
        sip_absorb(s, sip_load_word(p));
        p += 8;
    }
    s->tail = sip_load(p, left);
}

/* The last word, and the first of the result. */
static uint64_t sip_end(struct hash_sip *s, uint64_t mark)
{
    sip_absorb(s, s->tail | s->len << 56);
    s->c ^= mark;
    for (int i = 0; i < 4; i++)
        sip_round(s);
    return s->a ^ s->b ^ s->c ^ s->d;
}

uint64_t hash_sip64(const uint8_t key[HASH_SIP_KEY_BYTES], struct span s)
{
    struct hash_sip sip;

    sip_start(&sip, key);
    hash_sip_add(&sip, s);
    return sip_end(&sip, 0xff);
}

void hash_sip128_start(struct hash_sip *s, const uint8_t key[HASH_SIP_KEY_BYTES])
{
    sip_start(s, key);
    s->b ^= 0xee;
}

struct hash128 hash_sip128_end(struct hash_sip *s)
{
    struct hash128 out;

    out.word[0] = sip_end(s, 0xee);
    s->b ^= 0xdd;
    for (int i = 0; i < 4; i++)
        sip_round(s);
    out.word[1] = s->a ^ s->b ^ s->c ^ s->d;
    return out;
}
