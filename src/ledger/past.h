/* past - what the ledger's files held at the start, read behind the running gateway into a trend.
 *
 *   past_init()   nothing to read
 *   past_open()   after ledger_open(): how much there is, and the newest lines at once
 *   past_step()   a turn of the loop each, while past_running(): PAST_STEP_LINES lines, oldest
 * first
 *
 * A ledger of a million lines delays no start and no request. Lines that are written meanwhile are
 * the caller's to add (trend_live): each line counts once, also when files are renamed by a
 * rotation while they wait. A file that cannot be read, or that rotation has dropped, is left out.
 * Holds one descriptor while it runs. */
#ifndef LEDGER_PAST_H
#define LEDGER_PAST_H

#include "ledger/ledger.h"
#include "ledger/trend.h"

enum { PAST_STEP_LINES = 128 /* a few ms on the slowest board */ };

struct past {
    int fd;            /* -1 = between two files */
    int64_t number;    /* of the file at the start: PATH.number, 0 is PATH; -1 = all are read */
    int64_t at_bytes;  /* in the file */
    int64_t end_bytes; /* of PATH at the start: what is behind it was written since */
    int64_t lines;     /* of the file so far: the first two are no calls */
    int64_t whole_bytes;
    int64_t done_bytes;
    uint64_t rotations; /* at the start */
    uint64_t damaged;
};

void past_init(struct past *p);
void past_open(struct past *p, const struct ledger *l, struct trend *t);
bool past_running(const struct past *p);
/* 0..100 */
unsigned past_percent(const struct past *p);
void past_step(struct past *p, const struct ledger *l, struct trend *t);
void past_close(struct past *p);

#endif
