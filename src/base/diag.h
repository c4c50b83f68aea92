/* diag - lines for the owner, on standard error, each by one write(2).
 *
 * One write a line, because supervisors capture stderr without line buffering of their own. Lines
 * begin with the level, are cut at DIAG_LINE_BYTES_MAX, and hold no key, prompt or answer: callers
 * pass names, never secrets. Text from a peer goes through fmt_visible. `emit` lets tests and the
 * simulator collect lines; NULL writes to fd.
 *
 *   struct diag_line l;
 *   diag_open(d, DIAG_WARN, &l);
 *   fmt_str(&l.text, "upstream ...");
 *   diag_close(&l);
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include "base/fmt.h"

enum diag_level { DIAG_ERROR, DIAG_WARN, DIAG_INFO, DIAG_DEBUG };

enum { DIAG_LINE_BYTES_MAX = 1024 }; /* four 80-column rows of text; longer is cut */

struct diag {
    enum diag_level level; /* lines above it are dropped */
    int fd;
    void (*emit)(void *ctx, enum diag_level level, struct span line);
    void *emit_ctx;
};

struct diag_line {
    struct diag *diag; /* NULL when the level is off */
    enum diag_level level;
    struct fmt text;
    char storage[DIAG_LINE_BYTES_MAX];
};

void diag_init(struct diag *d, enum diag_level level, int fd);
void diag_open(struct diag *d, enum diag_level level, struct diag_line *l);
void diag_close(struct diag_line *l);
/* A line that is one constant sentence. */
void diag_say(struct diag *d, enum diag_level level, const char *sentence);
bool diag_level_scan(struct span s, enum diag_level *out); /* error, warn, info, debug */

#endif
