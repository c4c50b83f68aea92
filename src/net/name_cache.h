/* name_cache - addresses of the few names that an owner's upstreams have, and until when they hold.
 *
 * Pure; a table small enough to be searched in turn. An entry that has expired stays as a stale
 * one, for when no name server answers (RFC 8767), until its room is needed or it is
 * NAME_CACHE_STALE_MS old. */
#ifndef NET_NAME_CACHE_H
#define NET_NAME_CACHE_H

#include "base/addr.h"

enum {
    NAME_CACHE_ENTRIES = 16,     /* an owner names a handful of upstreams */
    NAME_CACHE_NAME_BYTES = 256, /* RFC 1035 section 2.3.4: 255 and a NUL */
    NAME_CACHE_ADDRS = 8,
    NAME_CACHE_STALE_MS = 86400000, /* RFC 8767 section 5: one to three days */
};

struct name_entry {
    char name[NAME_CACHE_NAME_BYTES]; /* "" = free */
    struct net_addr addrs[NAME_CACHE_ADDRS];
    size_t count;
    int64_t learned_ms;
    int64_t expires_ms;
};

struct name_cache {
    struct name_entry entries[NAME_CACHE_ENTRIES];
};

/* NULL when the name is not there or has expired. */
const struct name_entry *name_cache_fresh(const struct name_cache *c, struct span name,
                                          int64_t now_ms);
/* The entry even if it has expired, unless it is too old. */
const struct name_entry *name_cache_stale(const struct name_cache *c, struct span name,
                                          int64_t now_ms);
/* Takes the place of what was known of that name, else a free one, else of what expires first. */
void name_cache_put(struct name_cache *c, struct span name, const struct net_addr *addrs,
                    size_t count, int64_t now_ms, int64_t expires_ms);
void name_cache_expire(struct name_cache *c, struct span name);
void name_cache_expire_all(struct name_cache *c);
void name_cache_clear(struct name_cache *c);

#endif
