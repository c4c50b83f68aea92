/* lease - runs of pages out of one region of the arena, for bodies.
 *
 * A body is a lease of as many contiguous pages as it needs, taken when its length is known, not a
 * buffer in every connection. First fit over a page map: a region of 4 MiB has 1024 pages, so a
 * scan is short, and leases of a router's traffic are few. lease_grow extends in place when the
 * following pages are free, else moves the bytes to a larger run, so pointers are invalid after it.
 * A take or grow that does not fit gives false, and the request is refused with 413 or 503. */
#ifndef BASE_LEASE_H
#define BASE_LEASE_H

#include "base/arena.h"

enum { LEASE_PAGE_BYTES = 4096 };

struct lease_region {
    char *pages;
    uint8_t *taken; /* one byte a page */
    uint32_t page_count;
    uint32_t in_use;  /* pages */
    uint32_t peak;    /* pages */
    uint32_t fail_at; /* as in pool: for tests */
};

struct lease {
    char *ptr; /* NULL when nothing is held */
    uint32_t page_first;
    uint32_t page_count;
};

/* Takes `bytes` of the arena, rounded down to whole pages with their map. */
bool lease_carve(struct lease_region *r, struct arena *a, const char *name, size_t bytes);
bool lease_take(struct lease_region *r, struct lease *l, size_t bytes);
bool lease_grow(struct lease_region *r, struct lease *l, size_t bytes);
void lease_give(struct lease_region *r, struct lease *l); /* idempotent */
size_t lease_bytes(const struct lease *l);
/* The longest run that is free now, in bytes. */
size_t lease_largest(const struct lease_region *r);
size_t lease_region_bytes(const struct lease_region *r);

#endif
