/* summary - totals over ledger files, by model, route, key and so on, in constant memory.
 *
 * Reads files in chunks; damaged lines are skipped and counted. Groups beyond SUMMARY_GROUPS_MAX of
 * a table are added up in one group named "(others)". A group is found by a hash table, so a
 * million lines cost a second or two on a small board.
 *
 * SAVINGS are baseline - cost. By tag, a line counts under each of its tags; as savings, only under
 * the one that came first in the chain (DESIGN section 1), so that they add up to the whole. What
 * the vendor's own prompt cache saved is in none of them: both sides of the difference have it. */
#ifndef LEDGER_SUMMARY_H
#define LEDGER_SUMMARY_H

#include "ledger/line.h"

enum {
    SUMMARY_GROUPS_MAX = 512,
    SUMMARY_BUCKETS = 1024, /* twice the groups: probes stay short */
};

enum summary_by {
    SUMMARY_MODEL, /* the column `used` */
    SUMMARY_ROUTE,
    SUMMARY_KEY,
    SUMMARY_WORKLOAD,
    SUMMARY_DAY, /* UTC */
    SUMMARY_LABEL,
    SUMMARY_TAG,
    SUMMARY_SAVING, /* what saved */
    SUMMARY_TABLES,
};

struct summary_total {
    uint64_t calls;
    uint64_t errors; /* status 0 or >= 400 */
    uint64_t estimated;
    int64_t input;
    int64_t cached;
    int64_t output;
    int64_t reasoning;
    int64_t cost_pusd;
    int64_t baseline_pusd;
};

struct summary_group {
    char name[LEDGER_NAME_BYTES];
    struct summary_total total;
};

struct summary_table {
    size_t count;
    struct summary_group groups[SUMMARY_GROUPS_MAX];
    uint16_t buckets[SUMMARY_BUCKETS]; /* index + 1 */
};

/* Which lines are counted, and with what they are compared. */
struct summary_options {
    int64_t since_unix_ms;
    int64_t until_unix_ms; /* exclusive; 0 = no end */
    /* What the line would have cost otherwise; NULL takes the line's own baseline. */
    int64_t (*baseline_pusd)(const void *ctx, const struct ledger_line *line);
    const void *ctx;
    /* What the line would have cost without the vendor's prompt cache; NULL: not known. */
    int64_t (*uncached_pusd)(const void *ctx, const struct ledger_line *line);
    const void *uncached_ctx;
};

struct summary {
    struct summary_options options;
    struct summary_total all;
    struct summary_total vendor_cached; /* calls with cached tokens; baseline: without the cache */
    uint64_t files;
    uint64_t lines_damaged;
    int64_t first_unix_ms;
    int64_t last_unix_ms;
    struct summary_table by[SUMMARY_TABLES];
};

void summary_start(struct summary *s, const struct summary_options *o);
void summary_add(struct summary *s, const struct ledger_line *line);
/* 0, or -errno; -EINVAL when the file is no ledger. A torn last line counts as damaged. */
int summary_add_file(struct summary *s, const char *path);
/* Groups by cost, highest first; days by name, savings by what they saved. */
void summary_sort(struct summary *s);
const char *summary_by_name(enum summary_by by);
/* What a line's saving is owed to: a constant; NULL when it saved nothing, and cost nothing more.
 */
const char *summary_saving(const struct ledger_line *line);
int64_t summary_saved_pusd(const struct summary_total *t);

#endif
