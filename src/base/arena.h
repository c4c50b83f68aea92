/* arena - all memory of the process, mapped once, carved in a fixed order, then sealed.
 *
 *   arena_map()                     at start; maps and touches every page, so that too little
 * memory shows at boot and not at three in the morning arena_carve(), arena_pool() ... in a fixed
 * order, each with a name and a slot count arena_seal()                    after it carving is a
 * programming error arena_report()                  the memory map: the same rows at start, in
 * `check` and on status
 *
 * Carving fails (NULL) only before the seal, when the configured size is too small: the caller
 * turns that into an error that names the key to change. Everything is aligned to
 * ARENA_ALIGN_BYTES. Rows point at the peak counters of their owners, which live as long as the
 * arena. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/fmt.h"

enum {
    ARENA_ALIGN_BYTES = 16,
    ARENA_ROWS_MAX = 32, /* rows of the memory map; one a module, with room to grow */
};

struct arena_row {
    const char *name;
    uint64_t slots;         /* 0 where the row is not made of slots */
    uint64_t slot_bytes;    /* 0 likewise */
    uint64_t bytes;         /* what was carved, alignment included */
    const uint32_t *in_use; /* slots or units in use now; NULL where it makes no sense */
    const uint32_t *peak;
    uint32_t units; /* what in_use and peak count against; 0 = slots */
};

struct arena {
    char *base;
    size_t size_bytes;
    size_t used_bytes;
    bool sealed;
    struct arena_row rows[ARENA_ROWS_MAX];
    size_t row_count;
};

/* False when the kernel refuses; size is rounded up to a page. */
bool arena_map(struct arena *a, size_t size_bytes);
void arena_unmap(struct arena *a);
/* Uses memory the caller owns: for tests and fuzzers. */
void arena_wrap(struct arena *a, void *memory, size_t size_bytes);
/* Zeroed bytes with a row of their own; NULL if they do not fit. */
void *arena_carve(struct arena *a, const char *name, size_t slots, size_t slot_bytes);
size_t arena_left(const struct arena *a);
/* The row last carved, to hang counters on. */
struct arena_row *arena_last_row(struct arena *a);
void arena_seal(struct arena *a);
/* The map as an aligned text table, one row a line, ending in the total. */
void arena_report(const struct arena *a, struct fmt *out);

#endif
