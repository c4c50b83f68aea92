/* checkpoint - what budgets have spent, beside the ledger, so that a start need not read all of it
 * and a rotated file can go without being forgotten.
 *
 * PATH.budgets, text, a line each: what the ledger was read up to (offset and CRC of the last line
 * counted in), the budgets that were known, their accounts and floors, and a CRC-32 of all before.
 * Written whole to PATH.budgets.new and renamed, so that there is always an old or a new one. It is
 * only ever a help: without it, or when it is damaged or does not fit to the ledger, all files are
 * read, and what a damaged or foreign one said is not used. */
#ifndef LEDGER_CHECKPOINT_H
#define LEDGER_CHECKPOINT_H

#include "ledger/ledger.h"
#include "policy/budget.h"

struct checkpoint_position {
    int64_t offset; /* one past the last line counted in, in the file that was the current one */
    uint32_t crc;   /* as written at the end of that line */
};

enum checkpoint_result {
    CHECKPOINT_NONE,    /* not there, or damaged: nothing was read */
    CHECKPOINT_READ,    /* raised into the book */
    CHECKPOINT_PARTIAL, /* raised as well, but a budget is configured that it does not know */
};

/* 0 or -errno. */
int checkpoint_write(const struct ledger_settings *l, const struct budget_book *b,
                     const struct checkpoint_position *at);
enum checkpoint_result checkpoint_read(const struct ledger_settings *l, struct budget_book *b,
                                       struct checkpoint_position *at);

#endif
