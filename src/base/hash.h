/* hash - CRC-32 for the ledger, SHA-256 for client keys, SipHash-2-4 for tables that peers fill.
 *
 * CRC-32 is the reflected polynomial 0xEDB88320 of IEEE 802.3 and zip (check value of "123456789":
 * cbf43926). SHA-256 is BearSSL's (FIPS 180-4). SipHash-2-4 (Aumasson and Bernstein, 2012) is
 * keyed, so that nobody outside can aim for a collision; with 64 bits of result, or with the 128
 * that its authors added for what is told apart by the hash alone, and that can be fed in pieces:
 *   hash_sip128_start(), hash_sip_add() ..., hash_sip128_end() */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/span.h"

enum { HASH_SHA256_BYTES = 32, HASH_SIP_KEY_BYTES = 16, HASH_SIP_WORD_BYTES = 8 };

struct hash128 {
    uint64_t word[2];
};

struct hash_sip {
    uint64_t a;
    uint64_t b;
    uint64_t c;
    uint64_t d;
    uint64_t len;
    uint8_t tail[HASH_SIP_WORD_BYTES]; /* the last len % 8 bytes */
};

/* Start with crc = 0; feed the result back in to continue. */
uint32_t hash_crc32(uint32_t crc, struct span s);
void hash_sha256(struct span s, uint8_t out[HASH_SHA256_BYTES]);
uint64_t hash_sip64(const uint8_t key[HASH_SIP_KEY_BYTES], struct span s);
/* A started state may be copied, to begin many of one key. */
void hash_sip128_start(struct hash_sip *s, const uint8_t key[HASH_SIP_KEY_BYTES]);
void hash_sip_add(struct hash_sip *s, struct span bytes);
struct hash128 hash_sip128_end(struct hash_sip *s); /* after it only start is allowed */

#endif
