#include "base/diag.h"

#include <unistd.h>

static const char *const level_names[] = {
    [DIAG_ERROR] = "error",
    [DIAG_WARN] = "warn",
    [DIAG_INFO] = "info",
    [DIAG_DEBUG] = "debug",
};

void diag_init(struct diag *d, enum diag_level level, int fd)
{
    *d = (struct diag){.level = level, .fd = fd};
}

void diag_open(struct diag *d, enum diag_level level, struct diag_line *l)
{
    l->diag = level <= d->level ? d : NULL;
    l->level = level;
    /* One byte stays free for the line end. A dropped line is formatted into nothing. */
    fmt_init(&l->text, l->storage, l->diag != NULL ? sizeof(l->storage) - 1 : 0);
    fmt_str(&l->text, level_names[level]);
    fmt_str(&l->text, ": ");
}

void diag_close(struct diag_line *l)
{
    struct span line = fmt_span(&l->text);
    struct diag *d = l->diag;

    if (d == NULL)
        return;
    l->diag = NULL;
    if (d->emit != NULL) {
        d->emit(d->emit_ctx, l->level, line);
        return;
    }
    l->storage[line.len] = '\n';
    /* Nobody is left to tell when the owner's own log cannot be written. */
    if (write(d->fd, l->storage, line.len + 1) < 0)
        return;
}

void diag_say(struct diag *d, enum diag_level level, const char *sentence)
{
    struct diag_line l;

    diag_open(d, level, &l);
    fmt_str(&l.text, sentence);
    diag_close(&l);
}

bool diag_level_scan(struct span s, enum diag_level *out)
{
    for (int i = DIAG_ERROR; i <= DIAG_DEBUG; i++) {
        if (span_equal(s, span_str(level_names[i]))) {
            *out = (enum diag_level)i;
            return true;
        }
    }
    return false;
}
