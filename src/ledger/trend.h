/* trend - what the ledger's lines add up to over time, in fixed memory: for the dashboard.
 *
 * Three ranges of buckets: 60 minutes, 48 half hours, 31 local days; each by four dimensions, with
 * at most TREND_GROUPS - 1 named groups and "(others)". A name that finds no place may take that of
 * the smallest group, whose past is then part of the others, once it has come up more often than
 * the smallest one in its 31 days (a majority vote of Boyer and Moore picks the candidate, so that
 * a long tail of names does not turn the groups over). Sums of the hour, the day, the month and of
 * all lines; savings of the local month by what they are owed to (summary_saving); a route's tiers;
 * times of live calls; the newest lines as they stand in the ledger.
 *
 *   trend_add()       each line, also of the past in any order
 *   trend_live()      besides, for a line that was written just now: its times and its text
 *   trend_advance()   before reading: lets the time go on
 *
 * Pure; time is Unix ms and handed in, and only goes forward: a bucket is never opened twice. Lines
 * that are older than a range are left out of it, lines that come from the future open it early. */
#ifndef LEDGER_TREND_H
#define LEDGER_TREND_H

#include "base/zone.h"
#include "ledger/summary.h"

enum {
    TREND_GROUPS = 8, /* 7 and the others: what a legend can show. Index 0 is the others */
    TREND_HOUR_POINTS = 60,
    TREND_DAY_POINTS = 48,
    TREND_MONTH_POINTS = 31,
    TREND_POINTS = TREND_HOUR_POINTS + TREND_DAY_POINTS + TREND_MONTH_POINTS,
    TREND_SAVINGS_MAX = 16, /* summary_saving knows 12 */
    TREND_TIERS_MAX = 32,
    TREND_TAIL_LINES = 20,
    TREND_TAIL_BYTES = 8192, /* of lines of about 220 bytes; longer ones push older ones out */
    TREND_TIME_BUCKETS = 96, /* four to each doubling: within 13 %, up to 9 hours */
};

enum trend_range { TREND_HOUR, TREND_DAY, TREND_MONTH, TREND_RANGES };
enum trend_by { TREND_MODEL, TREND_ROUTE, TREND_KEY, TREND_WORKLOAD, TREND_DIMENSIONS };

struct trend_cell {
    int64_t tokens; /* in and out */
    int64_t cost_pusd;
    int64_t saved_pusd;
    uint32_t calls;
};

struct trend_sum {
    uint64_t calls;
    uint64_t errors; /* status 0 or >= 400 */
    int64_t input;
    int64_t cached;
    int64_t output;
    int64_t cost_pusd;
    int64_t baseline_pusd;
};

struct trend_names {
    char names[TREND_GROUPS][LEDGER_NAME_BYTES]; /* "" = free; [0] is not used */
    char candidate[LEDGER_NAME_BYTES];
    uint32_t votes;
};

struct trend_saving {
    const char *name; /* of summary_saving: constants */
    uint64_t calls;
    int64_t saved_pusd;
};

struct trend_tier {
    char route[LEDGER_NAME_BYTES];
    char model[LEDGER_NAME_BYTES]; /* the one that was asked last */
    uint32_t tier;                 /* from 1; 0 = free */
    uint64_t asked;
    uint64_t failed;    /* no answer to judge */
    uint64_t escalated; /* asked because the tier before fell short */
};

struct trend_times {
    uint64_t count;
    uint32_t buckets[TREND_TIME_BUCKETS];
};

struct trend {
    struct zone zone;
    int64_t head[TREND_RANGES]; /* number of the newest bucket; 0 = none yet */
    struct trend_names by[TREND_DIMENSIONS];
    struct trend_cell cells[TREND_DIMENSIONS][TREND_POINTS][TREND_GROUPS];
    struct trend_sum sums[TREND_POINTS];
    struct trend_sum all;
    int64_t month; /* year * 12 + month of the savings */
    struct trend_saving savings[TREND_SAVINGS_MAX];
    struct trend_tier tiers[TREND_TIERS_MAX];
    struct trend_times first_byte;
    struct trend_times total;
    size_t tail_count;
    size_t tail_bytes;
    uint16_t tail_lens[TREND_TAIL_LINES]; /* oldest first */
    char tail[TREND_TAIL_BYTES];
    uint64_t changes; /* grows with every line */
};

/* The zone may change at a reload: days of before stay where they are. */
void trend_start(struct trend *t, const struct zone *zone);
void trend_add(struct trend *t, const struct ledger_line *line);
/* `text` is the line as it stands in the file, without its LF. */
void trend_live(struct trend *t, const struct ledger_line *line, struct span text);
/* A whole line of the ledger, without its LF, as the newest of the tail. */
void trend_tail_add(struct trend *t, struct span text);
/* The nth newest line; empty: there is none. */
struct span trend_tail(const struct trend *t, size_t nth);
void trend_advance(struct trend *t, int64_t now_unix_ms);

size_t trend_points(enum trend_range range);
int64_t trend_step_s(enum trend_range range);
/* When the oldest bucket of a range begins. */
int64_t trend_begin_unix_ms(const struct trend *t, enum trend_range range);
/* The nth bucket of a range, 0 the oldest, by a dimension and group. */
const struct trend_cell *trend_cell(const struct trend *t, enum trend_range range, enum trend_by by,
                                    size_t point, size_t group);
/* Sums over the newest `points` buckets of a range. */
struct trend_sum trend_sum_of(const struct trend *t, enum trend_range range, size_t points);
/* Local days of this month so far, this one included: so many points of TREND_MONTH. */
size_t trend_days_of_month(const struct trend *t);
/* When this local month begins and ends. */
void trend_month(const struct trend *t, int64_t now_unix_ms, int64_t *begin_unix_ms,
                 int64_t *end_unix_ms);
/* Upper end of the bucket that holds that share of the times, in ms; -1 without any. */
int64_t trend_quantile_ms(const struct trend_times *t, unsigned permille);

#endif
