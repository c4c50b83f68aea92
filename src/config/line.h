/* line - what inih would cut, join or pass over in silence is an error here. */
#ifndef CONFIG_LINE_H
#define CONFIG_LINE_H

#include "base/span.h"

enum {
    CONFIG_LINE_BYTES_MAX = 1024,
    CONFIG_HEADER_MAX = 48, /* inih cuts longer ones at 49 */
};

/* What is wrong with a line, which comes without its end, to be put behind its text; or NULL. */
const char *config_line_fault(struct span line);

#endif
