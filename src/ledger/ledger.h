/* ledger - the flat log of every call: append, sync, rotate, recover.
 *
 * Lines go into a buffer and to the file in batches, at once when sync is `each`, else every sync
 * interval (flash wears out by writes), when the buffer is nearly full, and at close. After a power
 * cut nothing older than the interval is lost. At start a torn last line is cut off and damaged
 * lines are counted; both are told to the diag.
 *
 *   ledger_open()                  reads what is there
 *   ledger_append()                per call
 *   ledger_deadline(), _tick()     before and after poll
 *   ledger_close()                 flushes
 *
 * A failed write (disk full, read-only) keeps the lines in the buffer and is tried again; lines
 * that no longer fit are counted as lost, and ledger_is_writable() is false until a write succeeds.
 * An empty path keeps no file: lines are only counted (and said so at start by the caller). */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "config/table.h"
#include "ledger/line.h"

enum {
    LEDGER_BUFFER_BYTES = 32 * 1024, /* about 150 lines wait for a slow disk */
    LEDGER_PATH_BYTES = 256,
};

struct ledger_settings {
    char path[LEDGER_PATH_BYTES];
    int64_t max_size_bytes; /* rotate above it; 0 = never */
    int64_t keep;           /* rotated files kept: PATH.1 is the youngest */
    int64_t sync_ms;        /* 0 = each line */
};

extern const struct config_section ledger_section;

struct ledger {
    const struct ledger_settings *settings;
    struct diag *diag;
    int fd; /* -1 = none */
    struct buf pending;
    int64_t size_bytes;
    int64_t sync_due_ms;  /* monotonic; INT64_MAX = nothing waits */
    int64_t retry_due_ms; /* after a failed write */
    int64_t last_unix_ms; /* of the newest line seen or written; 0 = none */
    uint64_t lines;       /* appended since start */
    uint64_t lines_lost;
    uint64_t lines_damaged; /* found at start */
    uint64_t bytes_written;
    bool failing;
};

/* Carves the buffer. */
bool ledger_carve(struct ledger *l, struct arena *a, const struct ledger_settings *settings,
                  struct diag *diag);
/* False when the file cannot be opened or is no ledger; the reason is in *why. */
bool ledger_open(struct ledger *l, int64_t now_ms, struct fmt *why);
/* The time of a line is raised to that of the last one when the wall clock went backwards. */
void ledger_append(struct ledger *l, const struct ledger_line *line, int64_t now_ms);
int64_t ledger_deadline_ms(const struct ledger *l);
void ledger_tick(struct ledger *l, int64_t now_ms);
bool ledger_is_writable(const struct ledger *l);
void ledger_close(struct ledger *l, int64_t now_ms);

#endif
