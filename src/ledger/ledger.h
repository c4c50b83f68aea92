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
 * A failed write (disk full, read-only) keeps the lines in the buffer and is tried again; until it
 * succeeds ledger_is_writable() is false. With on_full = stop no further call is made meanwhile;
 * with continue calls go on while their lines fit into the buffer, and where budgets have to be
 * kept they stop then, so that no spending is ever forgotten; without budgets lines that do not
 * fit are counted as lost.
 * An empty path keeps no file: lines are only counted (and said so at start by the caller). */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include "base/addr.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "config/table.h"
#include "ledger/line.h"

enum {
    LEDGER_BUFFER_BYTES = 32 * 1024, /* about 150 lines wait for a slow disk */
    LEDGER_PATH_BYTES = 256,
    LEDGER_KEEP_MAX = 99,         /* rotated files */
    LEDGER_UNIX_PATH_BYTES = 108, /* sockaddr_un has room for so much */
};

enum ledger_on_full { LEDGER_CONTINUE, LEDGER_STOP };

/* Where a copy of each line goes. */
enum ledger_syslog_kind { LEDGER_SYSLOG_NONE, LEDGER_SYSLOG_UDP, LEDGER_SYSLOG_UNIX };

struct ledger_syslog {
    enum ledger_syslog_kind kind;
    struct net_addr addr;
    char path[LEDGER_UNIX_PATH_BYTES];
};

struct ledger_settings {
    char path[LEDGER_PATH_BYTES];
    int64_t max_size_bytes; /* rotate above it; 0 = never */
    int64_t keep;           /* rotated files kept: PATH.1 is the youngest */
    int64_t sync_ms;        /* 0 = each line */
    int on_full;            /* enum ledger_on_full */
    struct ledger_syslog syslog;
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
    int64_t pace_unix_ms; /* ledger_least_unix_ms() is counted from here */
    int64_t pace_ms;      /* the monotonic time of that */
    uint64_t lines;       /* appended since start */
    uint64_t lines_lost;
    uint64_t rotations;
    uint64_t lines_damaged; /* found at start */
    uint64_t bytes_written;
    bool failing;
    bool rotation_told; /* that it failed */
};

/* Carves the buffer. */
bool ledger_carve(struct ledger *l, struct arena *a, const struct ledger_settings *settings,
                  struct diag *diag);
/* False when the file cannot be opened or is no ledger; the reason is in *why. */
bool ledger_open(struct ledger *l, int64_t now_ms, struct fmt *why);
/* Whether another line would find a place: a call whose cost cannot be recorded must not be made.
 * False when a write has failed and on_full = stop, or, where `needed`, when the buffer is full. */
bool ledger_takes(const struct ledger *l, bool needed);
/* The time of a line is raised to that of the last one when the wall clock went backwards, or calls
 * end in another order than they began; it is returned. */
int64_t ledger_append(struct ledger *l, const struct ledger_line *line, int64_t now_ms);
/* What the wall clock may be taken for at least: the newest line's time, and from then on half of
 * what has passed. So time never goes back, a clock that was set back is caught up with, and after
 * one that was wrong by years days still have an end. */
int64_t ledger_least_unix_ms(const struct ledger *l, int64_t now_ms);
/* "PATH" for 0, "PATH.N" for the Nth file back, NUL-terminated. */
void ledger_file_name(const char *path, int64_t number, struct fmt *out);
int64_t ledger_deadline_ms(const struct ledger *l);
void ledger_tick(struct ledger *l, int64_t now_ms);
/* Writes what waits, whatever the interval. */
void ledger_flush_now(struct ledger *l, int64_t now_ms);
/* Every line so far is in the file. */
bool ledger_is_flushed(const struct ledger *l);
bool ledger_is_writable(const struct ledger *l);
void ledger_close(struct ledger *l, int64_t now_ms);

#endif
