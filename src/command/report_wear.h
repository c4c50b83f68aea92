/* report_wear - `farthing report --wear`: what the ledgers' traffic writes to flash in a day. */
#ifndef COMMAND_REPORT_WEAR_H
#define COMMAND_REPORT_WEAR_H

#include "gateway/settings.h"

struct report_wear {
    const struct settings *settings; /* all zero: the defaults, without files by time */
    int64_t flash_bytes;             /* 0: none is named */
    size_t file_count;
    const char *const *files;
};

/* Gives the exit status. */
int report_wear(const struct report_wear *r);

#endif
