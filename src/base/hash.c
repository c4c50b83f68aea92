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

/* 8 bytes, little-endian. */
static uint64_t sip_load(const uint8_t *p)
{
    uint64_t word;

    memcpy(&word, p, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* On a copy of the state, which compilers then keep in registers. */
static void sip_absorb(struct hash_sip *state, const uint8_t *p, size_t words)
{
    struct hash_sip s = *state;

    for (; words > 0; words--, p += HASH_SIP_WORD_BYTES) {
        uint64_t word = sip_load(p);

        s.d ^= word;
        for (int i = 0; i < 2; i++)
            sip_round(&s);
        s.a ^= word;
    }
    *state = s;
}

static void sip_start(struct hash_sip *s, const uint8_t key[HASH_SIP_KEY_BYTES])
{
    uint64_t k0 = sip_load(key);
    uint64_t k1 = sip_load(key + HASH_SIP_WORD_BYTES);

    s->a = k0 ^ UINT64_C(0x736f6d6570736575);
    s->b = k1 ^ UINT64_C(0x646f72616e646f6d);
    s->c = k0 ^ UINT64_C(0x6c7967656e657261);
    s->d = k1 ^ UINT64_C(0x7465646279746573);
    s->len = 0;
}

void hash_sip_add(struct hash_sip *s, struct span bytes)
{
    const uint8_t *p = (const uint8_t *)bytes.ptr;
    size_t held = s->len % HASH_SIP_WORD_BYTES;
    size_t left = bytes.len;

    if (left == 0)
        return; /* an empty span may point nowhere */
    s->len += left;
    if (held > 0) {
        while (held < HASH_SIP_WORD_BYTES && left > 0) {
            s->tail[held++] = *p++;
            left--;
        }
        if (held < HASH_SIP_WORD_BYTES)
            return;
        sip_absorb(s, s->tail, 1);
    }
    sip_absorb(s, p, left / HASH_SIP_WORD_BYTES);
    p += left - left % HASH_SIP_WORD_BYTES;
    for (held = 0; held < left % HASH_SIP_WORD_BYTES; held++)
        s->tail[held] = p[held];
}

/* Four rounds: as two words of 0. */
static uint64_t sip_result(struct hash_sip *s)
{
    static const uint8_t zeros[2 * HASH_SIP_WORD_BYTES];

    sip_absorb(s, zeros, 2);
    return s->a ^ s->b ^ s->c ^ s->d;
}

/* The last word, and the first of the result. */
static uint64_t sip_end(struct hash_sip *s, uint64_t mark)
{
    for (size_t i = s->len % HASH_SIP_WORD_BYTES; i < HASH_SIP_WORD_BYTES; i++)
        s->tail[i] = 0;
    s->tail[HASH_SIP_WORD_BYTES - 1] = (uint8_t)s->len;
    sip_absorb(s, s->tail, 1);
    s->c ^= mark;
    return sip_result(s);
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
    out.word[1] = sip_result(s);
    return out;
}
