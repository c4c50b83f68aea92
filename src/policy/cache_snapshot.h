/* cache_snapshot - the bytes of a cache's snapshot: a head, a record and value an entry, an end.
 *
 * The head carries the secret that the keys were made with (policy/cache_key.h): without it no
 * entry would be found again. So the file is as private as the answers in it. A CRC-32 ends the
 * head, and each record, where it covers the value that follows; the end says how many entries
 * there were. Numbers are in the byte order of the machine, which is little-endian on every board:
 * a file from another is taken for a damaged one. ledger/snapshot.h writes and reads the file. */
#ifndef POLICY_CACHE_SNAPSHOT_H
#define POLICY_CACHE_SNAPSHOT_H

#include "policy/cache.h"

enum { CACHE_SNAPSHOT_TEXT_BYTES = 20 };

struct cache_snapshot_head {
    char text[CACHE_SNAPSHOT_TEXT_BYTES]; /* "#farthing-cache 1\n", zeros */
    uint8_t secret[HASH_SIP_KEY_BYTES];
    uint32_t crc; /* of all before it */
};

enum cache_snapshot_mark { CACHE_SNAPSHOT_ENTRY = 'e', CACHE_SNAPSHOT_END = '.' };

struct cache_snapshot_record { /* written as it stands: without padding */
    uint64_t key[2];           /* END: the count of records before it, and 0 */
    uint64_t scope;
    int64_t stored_unix_ms;
    int64_t expires_unix_ms;
    uint32_t value_bytes;
    uint32_t route;
    uint8_t kind;
    uint8_t api;
    uint8_t flags;
    uint8_t mark; /* enum cache_snapshot_mark */
    uint32_t crc; /* of all before it, then the value */
};

void cache_snapshot_head(const uint8_t secret[HASH_SIP_KEY_BYTES], struct cache_snapshot_head *out);
/* False: not such a file, another version, or damaged. */
bool cache_snapshot_head_whole(const struct cache_snapshot_head *h);
void cache_snapshot_entry(const struct cache_entry *e, struct cache_snapshot_record *out);
void cache_snapshot_end(uint64_t count, struct cache_snapshot_record *out);
/* Of the record alone: it is whole if this, continued over the value by hash_crc32(), is its crc.
 */
uint32_t cache_snapshot_crc(const struct cache_snapshot_record *r);
/* Back into a cache. NULL as cache_claim, and for a kind that is not known. */
char *cache_snapshot_claim(struct cache *c, const struct cache_snapshot_record *r);

#endif
