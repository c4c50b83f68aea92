#include "ledger/lines.h"

#include <string.h>

#include "ledger/disk.h"

struct lines {
    int64_t whole_offset; /* behind the last line end */
    int64_t lost_bytes;   /* of the line under way, which is too long */
    lines_take *take;
    void *ctx;
};

/* Gives the whole lines of `rest`, and what is left of it; false when the reader has enough. */
static bool take_lines(struct lines *l, struct span *rest)
{
    for (;;) {
        size_t end = span_find_byte(*rest, '\n');
        struct span line = l->lost_bytes > 0 ? SPAN_EMPTY : span_part(*rest, 0, end);

        if (end == rest->len)
            return true;
        l->whole_offset += l->lost_bytes + (int64_t)end + 1;
        l->lost_bytes = 0;
        *rest = span_of(rest->ptr + end + 1, rest->len - end - 1);
        if (!l->take(l->ctx, line))
            return false;
    }
}

int64_t lines_each(int fd, int64_t from, void *buffer, size_t buffer_bytes, lines_take *take,
                   void *ctx, int64_t *torn_bytes)
{
    struct lines l = {.whole_offset = from, .take = take, .ctx = ctx};
    char *bytes = buffer;
    size_t kept = 0;
    int64_t at = from;
    int64_t got;

    *torn_bytes = 0;
    while ((got = disk_read_at(fd, bytes + kept, buffer_bytes - kept, at)) > 0) {
        struct span rest = span_of(bytes, kept + (size_t)got);

        at += got;
        if (!take_lines(&l, &rest))
            return l.whole_offset;
        if (rest.len == buffer_bytes) {
            l.lost_bytes += (int64_t)rest.len;
            rest.len = 0;
        }
        memmove(bytes, rest.ptr, rest.len);
        kept = rest.len;
    }
    *torn_bytes = at - l.whole_offset;
    return got < 0 ? got : l.whole_offset;
}
