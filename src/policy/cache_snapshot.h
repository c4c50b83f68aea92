/* cache_snapshot - the bytes of a cache's snapshot: a head, a record and value an entry, an end.
 *
 * The head carries the secret that the keys were made with (policy/cache_key.h): without it no
 * entry would be found again. So the file is as private as the answers in it. All numbers are
 * little-endian. A CRC-32 ends the head, and each record, where it covers the value that follows;
 * the end says how many entries there were. ledger/snapshot.h writes and reads the file.
 *
 *   head    "#farthing-cache 1\n" and 2 zero bytes, secret[16], crc
 *   record  value_bytes u32, kind u8, api u8, flags u8, mark u8, route u32, key 2 x u64, scope u64,
 *           stored i64, expires i64 (Unix ms), crc u32; then the value
 *   end     the same with another mark; the count of records as the first half of its key */
#ifndef POLICY_CACHE_SNAPSHOT_H
#define POLICY_CACHE_SNAPSHOT_H

#include "policy/cache.h"

enum { CACHE_SNAPSHOT_HEAD_BYTES = 40, CACHE_SNAPSHOT_RECORD_BYTES = 56 };

enum cache_snapshot_kind { CACHE_SNAPSHOT_BAD, CACHE_SNAPSHOT_ENTRY, CACHE_SNAPSHOT_END };

struct cache_snapshot_record {
    struct cache_id id;
    struct cache_meta meta;
    uint32_t value_bytes; /* END: 0 */
    uint64_t count;       /* END: of records before it */
    uint32_t crc;         /* as written; and of the record alone: hash_crc32() goes on from it */
    uint32_t crc_begun;
};

void cache_snapshot_head(const uint8_t secret[HASH_SIP_KEY_BYTES],
                         uint8_t out[CACHE_SNAPSHOT_HEAD_BYTES]);
/* False: not such a file, another version, or damaged. */
bool cache_snapshot_head_read(const uint8_t in[CACHE_SNAPSHOT_HEAD_BYTES],
                              uint8_t secret[HASH_SIP_KEY_BYTES]);
void cache_snapshot_entry(const struct cache_entry *e, uint8_t out[CACHE_SNAPSHOT_RECORD_BYTES]);
void cache_snapshot_end(uint64_t count, uint8_t out[CACHE_SNAPSHOT_RECORD_BYTES]);
/* What stands there by its mark. It is whole if crc_begun, continued over the value, is crc. */
enum cache_snapshot_kind cache_snapshot_read(const uint8_t in[CACHE_SNAPSHOT_RECORD_BYTES],
                                             struct cache_snapshot_record *out);

#endif
