/* summary - totals over ledger files, by model and by day, in constant memory.
 *
 * Reads files in chunks; damaged lines are skipped and counted. Groups beyond SUMMARY_GROUPS_MAX
 * are added up in one group named "(others)". */
#ifndef LEDGER_SUMMARY_H
#define LEDGER_SUMMARY_H

#include "ledger/line.h"

enum { SUMMARY_GROUPS_MAX = 512 };

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
};

struct summary {
    struct summary_total all;
    uint64_t lines_damaged;
    int64_t first_unix_ms;
    int64_t last_unix_ms;
    struct summary_table by_model; /* of the column `used` */
    struct summary_table by_day;   /* UTC */
};

void summary_start(struct summary *s);
void summary_add(struct summary *s, const struct ledger_line *line);
/* 0, or -errno; -EINVAL when the file is no ledger. A torn last line counts as damaged. */
int summary_add_file(struct summary *s, const char *path);
/* Groups by cost, highest first (models) or by name (days). */
void summary_sort(struct summary *s);

#endif
