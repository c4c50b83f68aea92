/* pool - a fixed number of equal slots carved from the arena.
 *
 * pool_take may give NULL, and that is a designed answer (503 with Retry-After, stop accepting),
 * never an error to retry in place. Slots come zeroed. Every slot has a generation that
 * changes when it is given back, so that a late reference (pool_ref) finds nothing instead of a
 * recycled slot. For tests, fail_at makes the Nth take from now fail once. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include "base/arena.h"

struct pool {
    char *slots;
    uint32_t *next;       /* free list by index; POOL_TAKEN while in use */
    uint32_t *generation; /* counts give-backs */
    size_t slot_bytes;
    size_t zero_bytes; /* of each slot, when it is taken */
    uint32_t count;
    uint32_t free_head;
    uint32_t in_use;
    uint32_t peak;
    uint32_t fail_at; /* 0 = never; 1 = the next take fails */
};

struct pool_ref {
    uint32_t index;
    uint32_t generation; /* 0 refers to nothing */
};

/* False when the arena is too small. */
bool pool_carve(struct pool *p, struct arena *a, const char *name, uint32_t count,
                size_t slot_bytes);
/* Slots that end in buffers need only what stands before them zeroed: the rest keeps what it was.
 */
void pool_zero_only(struct pool *p, size_t bytes);
void *pool_take(struct pool *p);
void pool_give(struct pool *p, void *slot);
uint32_t pool_index(const struct pool *p, const void *slot);
struct pool_ref pool_ref(const struct pool *p, const void *slot);
/* The slot, or NULL if it was given back since. */
void *pool_find(const struct pool *p, struct pool_ref ref);
/* The slot at this index if it is in use, else NULL: to walk over all. */
void *pool_at(const struct pool *p, uint32_t index);

#endif
