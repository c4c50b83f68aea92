#include "command/jsonl.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "config/file.h"

static bool jsonl_line(struct jsonl *j, struct span line, bool (*take)(void *ctx, struct jsonl *j),
                       void *ctx)
{
    j->line++;
    j->decoded_used = 0;
    if (span_trim(line).len == 0)
        return true;
    return json_object_read(&j->object, line) && take(ctx, j);
}

static int jsonl_read(struct jsonl *j, int fd, bool (*take)(void *ctx, struct jsonl *j), void *ctx)
{
    size_t used = 0;

    for (;;) {
        int64_t got = config_file_some(fd, j->bytes + used, sizeof(j->bytes) - used);
        struct span rest = span_of(j->bytes, used + (size_t)(got > 0 ? got : 0));
        size_t end;

        if (got < 0)
            return (int)got;
        if (got == 0)
            return used == 0 || jsonl_line(j, rest, take, ctx) ? 0 : 1;
        for (end = span_find_byte(rest, '\n'); end < rest.len; end = span_find_byte(rest, '\n')) {
            if (!jsonl_line(j, span_part(rest, 0, end), take, ctx))
                return 1;
            rest = span_part(rest, end + 1, rest.len);
        }
        memmove(j->bytes, rest.ptr, rest.len);
        used = rest.len;
        if (used == sizeof(j->bytes)) {
            j->line++;
            return 1;
        }
    }
}

int jsonl_each(struct jsonl *j, const char *path, bool (*take)(void *ctx, struct jsonl *j),
               void *ctx)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int result;

    if (fd < 0)
        return -errno;
    j->line = 0;
    result = jsonl_read(j, fd, take, ctx);
    (void)close(fd);
    return result;
}

bool jsonl_text(struct jsonl *j, const char *name, struct span *out)
{
    const struct json_member *m = json_object_find(&j->object, name);
    char *at = j->decoded + j->decoded_used;
    size_t len = 0;

    if (m == NULL || !json_value_text(m->value, at, sizeof(j->decoded) - j->decoded_used, &len))
        return false;
    j->decoded_used += len;
    *out = span_of(at, len);
    return true;
}
