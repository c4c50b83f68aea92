/* cache - what was paid for once, kept for who asks the same again.
 *
 * A ring of bytes in ONE region of the arena. What is put in is appended; the oldest gives way. An
 * entry that was found since it was written is moved to the front once instead (a second chance,
 * as in CLOCK), so what is asked for again stays. An index of 32-bit slots at the region's begin
 * (open addressing, linear probing, deletion by shifting back) finds an entry by its key, which is
 * a keyed hash (policy/cache_key.h). Nothing is allocated and nothing fragments: of a region of
 * 32 KiB or more at least nine tenths are answers, at 2 KB each.
 *
 * Answers, embeddings of single inputs, summaries and vectors share the ring: a kind is part of an
 * entry's name, and so is a scope, which is compared in full beside the key.
 *
 * BOUNDS. Finding looks at one entry for most keys. Putting in an entry of N bytes passes over the
 * oldest entries in its way, moves at most CACHE_CHANCES_MAX of them and begins no move once
 * CACHE_MOVED_BYTES_MAX are moved: hot entries beyond that go as cold ones do.
 *
 * TIME is Unix ms by the wall clock. An entry is fresh from when it was stored until it expires,
 * never after; while the clock stands before `stored` it is not given at all (a clock that was set
 * back, or a board that has none yet).
 *
 * LIFETIME OF BYTES. A value is one span, valid until the next cache_put or cache_claim. Who needs
 * it for longer keeps the cache_ref and asks cache_ref_value() each time: it is empty once the
 * bytes have given way or moved; else they are as they were, also of an entry that was removed or
 * replaced meanwhile. */
#ifndef POLICY_CACHE_H
#define POLICY_CACHE_H

#include "base/hash.h"

enum {
    CACHE_REGION_BYTES_MAX = 1 << 30, /* as [server] memory; offsets are 32 bits */
    CACHE_BYTES_PER_SLOT = 256,       /* the index is a 64th of the region; 3/4 of it can be used,
                                       * so entries of 341 bytes on average still fill the ring */
    CACHE_SHARE_MAX = 4,              /* no entry takes more of the ring than this part of it */
    CACHE_CHANCES_MAX = 8,
    CACHE_MOVED_BYTES_MAX = 65536, /* 0.1 ms of a router's memory */
};

enum cache_kind {
    CACHE_ANSWER,
    CACHE_EMBEDDING,
    CACHE_SUMMARY,
    CACHE_VECTOR,
    CACHE_NEAR, /* the key of an answer, under that of a question in other words */
    CACHE_KINDS,
};

struct cache_id {
    struct hash128 key;
    uint64_t scope; /* cache_scope(): who may be given it */
    uint8_t kind;   /* enum cache_kind */
};

struct cache_meta {
    int64_t stored_unix_ms;  /* not negative */
    int64_t expires_unix_ms; /* after stored; their difference is the TTL */
    uint32_t route;          /* a hash of the route's name, to clear by; 0 = of none */
    uint8_t api;             /* enum api, and whatever else the caller marks: not looked at here */
    uint8_t flags;
};

struct cache_ref { /* {0} = of nothing */
    uint32_t lap;
    uint32_t at;
};

struct cache_entry {
    struct cache_id id;
    struct cache_meta meta;
    struct span value;
    struct cache_ref ref;
};

struct cache_stat {
    uint64_t hits; /* stale ones too */
    uint64_t misses;
    uint64_t puts;
    uint64_t evictions; /* of entries that had not expired */
    uint64_t second_chances;
};

struct cache {
    char *ring;
    uint32_t *slots; /* tag << offset_bits | offset / 8 + 1; 0 = free */
    uint32_t slot_count;
    uint32_t offset_bits;
    uint32_t entries_max;
    uint32_t entry_bytes_max;
    uint32_t ring_bytes;
    uint32_t head; /* where the next entry goes */
    uint32_t tail; /* the oldest */
    uint32_t wrap; /* lapped: where the entries of the lap before end */
    uint32_t lap;  /* of the head, from 1 */
    bool lapped;   /* the tail is in the lap before */
    uint32_t entries;
    uint32_t bytes; /* of the ring, taken by entries that can be found */
    uint32_t bytes_peak;
    uint64_t changes; /* grows with every change: whether a snapshot would be another */
    struct cache_stat stat;
};

enum cache_found { CACHE_MISS, CACHE_FRESH, CACHE_STALE };

/* The region (aligned to 8) belongs to the cache from now on. A region that is too small for any
 * entry, NULL of 0 bytes included, makes a cache that never holds anything. */
void cache_init(struct cache *c, void *region, size_t bytes);
/* CACHE_STALE only when it expired less than accept_stale_ms ago. *out is filled unless MISS. */
enum cache_found cache_find(struct cache *c, const struct cache_id *id, int64_t now_unix_ms,
                            int64_t accept_stale_ms, struct cache_entry *out);
/* The pieces, put together, become the value; an older one of that name goes. They must not lie in
 * the ring. False when the value is empty, too large, or expires before it is stored. */
bool cache_put(struct cache *c, const struct cache_id *id, const struct cache_meta *meta,
               const struct span *pieces, size_t count);
/* The same, but the caller writes the value, of value_bytes, where this points, at once. NULL as
 * above. */
char *cache_claim(struct cache *c, const struct cache_id *id, const struct cache_meta *meta,
                  size_t value_bytes);
/* The longest value that can be put in. */
size_t cache_value_bytes_max(const struct cache *c);
bool cache_remove(struct cache *c, const struct cache_id *id);
void cache_clear(struct cache *c);
void cache_clear_route(struct cache *c, uint32_t route); /* a pass over the ring */
struct span cache_ref_value(const struct cache *c, struct cache_ref ref);

/* From the oldest to the newest, expired ones too. Starts as {0}. The cache may change between two
 * steps: what gave way is left out, what was put in comes last, a moved entry may come twice. */
struct cache_walk {
    uint32_t lap;
    uint32_t at;
};
bool cache_walk_next(const struct cache *c, struct cache_walk *w, struct cache_entry *out);

/* For tests: whether ring, index and counts agree. Quadratic in clusters, linear in entries. */
bool cache_check(const struct cache *c);

#endif
