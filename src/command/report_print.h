/* report_print - a summary of ledgers for people, for programs, for spreadsheets. */
#ifndef COMMAND_REPORT_PRINT_H
#define COMMAND_REPORT_PRINT_H

#include "ledger/summary.h"

enum report_form { REPORT_TEXT, REPORT_JSON, REPORT_CSV };

/* A table that has but the one group "-" says nothing, and is left out unless asked for. */
enum { REPORT_TABLES_USUAL = 1 << 30 };

struct report_style {
    enum report_form form;
    unsigned tables; /* bits of enum summary_by; REPORT_TABLES_USUAL: all that say something */
};

/* False when standard output cannot be written. */
bool report_print(const struct summary *s, const struct report_style *style);

#endif
