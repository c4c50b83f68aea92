/* replay - the spending of the past out of the ledger and its rotated files, into budgets.
 *
 * At start, and at a reload that brings a budget that was not there. Reads the files from the
 * oldest on (PATH.keep ... PATH.1, PATH), in constant memory; a damaged line is left out, as
 * everywhere. A line's session and address are words of its label. */
#ifndef LEDGER_REPLAY_H
#define LEDGER_REPLAY_H

#include "ledger/checkpoint.h"
#include "policy/budget.h"

struct replay_counts {
    uint64_t files;
    uint64_t lines;
    uint64_t damaged;
    bool from_checkpoint;
};

/* Which upstream a model's calls went to, from the configuration; empty when it is not there. */
struct replay_models {
    struct span (*upstream_of)(const void *ctx, struct span model);
    const void *ctx;
};

/* All of the ledger into an empty book (budget_forget_spent), with the help of its checkpoint. */
void replay_budgets(struct budget_book *b, const struct ledger_settings *l,
                    const struct replay_models *models, struct replay_counts *counts);
/* Where the ledger ends: to be written into a checkpoint once every line before is settled. */
bool replay_position(const struct ledger_settings *l, struct checkpoint_position *out);
/* The subject that a line speaks of. Spans point into the line. */
struct budget_subject replay_subject(const struct ledger_line *line,
                                     const struct replay_models *models);

#endif
