/* hash - CRC-32 for the ledger, SHA-256 for client keys, SipHash-2-4 for tables that peers fill.
 *
 * CRC-32 is the reflected polynomial 0xEDB88320 of IEEE 802.3 and zip (check value of "123456789":
 * cbf43926). SHA-256 is BearSSL's (FIPS 180-4). SipHash-2-4 (Aumasson and Bernstein, 2012) is
 * keyed, so that nobody outside can aim for a collision. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/span.h"

enum { HASH_SHA256_BYTES = 32, HASH_SIP_KEY_BYTES = 16 };

/* Start with crc = 0; feed the result back in to continue. */
uint32_t hash_crc32(uint32_t crc, struct span s);
void hash_sha256(struct span s, uint8_t out[HASH_SHA256_BYTES]);
uint64_t hash_sip64(const uint8_t key[HASH_SIP_KEY_BYTES], struct span s);

#endif
