/* wear - what a ledger's traffic writes to flash in a day.
 *
 * Counted from the lines: how many bytes they are, and how many writes they made under a given sync
 * (lines of one interval go together). Beside that stand the files that are written by time. Each
 * write fills whole pages, and the file system writes one more for itself: WEAR_PAGE_BYTES is the
 * page of NAND flash that UBIFS writes, and the block of ext4. Erase blocks are larger, but both
 * file systems fill one before they take the next, so pages are what counts over a day.
 *
 * Pure arithmetic; a guess to plan with, not a measurement of a drive. */
#ifndef LEDGER_WEAR_H
#define LEDGER_WEAR_H

#include <stdbool.h>
#include <stdint.h>

enum {
    WEAR_PAGE_BYTES = 4096,
    WEAR_CYCLES = 10000,              /* a block of MLC or serial NOR flash: 10,000 to 100,000 */
    WEAR_CHECKPOINT_LINES = 4096,     /* gateway/reload.c: a checkpoint for so many */
    WEAR_CHECKPOINT_BYTES = 8 * 1024, /* of a household's accounts */
};

/* What is written by time, as far as it is configured; 0 = not. */
struct wear_files {
    int64_t snapshot_bytes; /* at most: a full cache */
    int64_t snapshot_every_ms;
    int64_t weights_bytes;
    int64_t weights_every_ms;
};

struct wear {
    int64_t sync_ms; /* 0 = each line */
    uint64_t lines;
    uint64_t bytes;
    uint64_t writes;
    uint64_t pages;       /* without those of the write under way */
    uint64_t write_bytes; /* of the write under way */
    int64_t write_begin_unix_ms;
    int64_t first_unix_ms;
    int64_t last_unix_ms;
};

/* In a day, on the average of the ledger's time; the ledger's own, and the files'. */
struct wear_day {
    int64_t lines;
    int64_t bytes; /* as lines */
    int64_t writes;
    int64_t ledger_bytes; /* as pages */
    int64_t checkpoint_bytes;
    int64_t snapshot_bytes; /* at most */
    int64_t weights_bytes;  /* at most */
    int64_t all_bytes;
};

void wear_start(struct wear *w, int64_t sync_ms);
void wear_line(struct wear *w, int64_t unix_ms, uint64_t bytes);
/* False when the lines span less than an hour: nothing can be said of a day. */
bool wear_day(const struct wear *w, const struct wear_files *f, struct wear_day *out);
/* Years until a flash of that size has taken WEAR_CYCLES erasures of each block, if its writes are
 * spread evenly; INT64_MAX / 10 as "for ever". In tenths. */
int64_t wear_tenth_years(const struct wear_day *d, int64_t flash_bytes);

#endif
