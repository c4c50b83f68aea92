#include "command/report_wear.h"

#include <string.h>

#include "base/scan.h"
#include "command/command.h"
#include "gateway/learning.h"
#include "ledger/disk.h"
#include "ledger/lines.h"
#include "ledger/wear.h"
#include "net/sys.h"

enum {
    WEAR_BUFFER_BYTES = 65536,
    WEAR_SYNC_DEFAULT_MS = 5000, /* [ledger] sync */
    WEAR_TEXT_BYTES = 2048,
    WEAR_NAME_COLUMN = 26,
    WEAR_NUMBER_COLUMN = 10,
};

static bool wear_take(void *ctx, struct span text)
{
    struct ledger_line line;

    if (ledger_line_read(&line, text))
        wear_line(ctx, line.time_unix_ms, text.len + 1);
    return true;
}

static int wear_file(struct wear *w, const char *path, int64_t number)
{
    char name[LEDGER_PATH_BYTES + 8];
    char buffer[WEAR_BUFFER_BYTES];
    int64_t torn_bytes;
    struct fmt f;
    int fd;

    fmt_init(&f, name, sizeof(name));
    ledger_file_name(path, number, &f);
    fd = disk_open_read(name);
    if (fd < 0)
        return fd;
    (void)lines_each(fd, 0, buffer, sizeof(buffer), wear_take, w, &torn_bytes);
    disk_close(fd);
    return 0;
}

static bool wear_learns(const struct settings *s, int64_t *count)
{
    *count = (int64_t)learning_count(s->routes, s->route_count);
    return *count > 0;
}

static struct wear_files wear_files_of(const struct settings *s)
{
    struct wear_files f = {0};
    int64_t learners;

    if (s->cache_on && s->cache.snapshot[0] != '\0') {
        /* Without a size the ring is half of what is left: at most that of all memory. */
        f.snapshot_bytes =
            s->cache.size_bytes > 0 ? s->cache.size_bytes : s->server.memory_bytes / 2;
        f.snapshot_every_ms = s->cache.snapshot_every_ms;
    }
    if (wear_learns(s, &learners)) {
        f.weights_bytes = learners * LEARN_FILE_BYTES;
        f.weights_every_ms = LEARNING_SAVE_MS;
    }
    return f;
}

static void wear_row(struct fmt *f, const char *name, int64_t bytes, const char *note)
{
    char text[32];
    struct fmt size;

    if (bytes == 0)
        return;
    fmt_init(&size, text, sizeof(text));
    fmt_size(&size, (uint64_t)bytes);
    fmt_left(f, span_str(name), WEAR_NAME_COLUMN);
    fmt_right(f, fmt_span(&size), WEAR_NUMBER_COLUMN);
    fmt_str(f, note);
    fmt_char(f, '\n');
}

static void wear_life(struct fmt *f, const struct wear_day *d, int64_t flash_bytes)
{
    int64_t tenths = wear_tenth_years(d, flash_bytes);

    fmt_str(f, "A flash of ");
    fmt_size(f, (uint64_t)flash_bytes);
    fmt_str(f, " whose blocks take ");
    fmt_u64(f, WEAR_CYCLES);
    fmt_str(f, " erasures has, spread evenly, ");
    if (tenths >= 10000) {
        fmt_str(f, "more than 1000");
    } else {
        fmt_i64(f, tenths / 10);
        fmt_char(f, '.');
        fmt_i64(f, tenths % 10);
    }
    fmt_str(f, " years in it.\n");
}

static int wear_print(const struct wear *w, const struct report_wear *r)
{
    const struct wear_files files = wear_files_of(r->settings);
    char text[WEAR_TEXT_BYTES];
    struct wear_day d;
    struct fmt f;

    if (!wear_day(w, &files, &d))
        return command_wrong("the ledger spans less than an hour: nothing can be said of a day",
                             NULL);
    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, "In a day, on the average of this ledger (");
    fmt_i64(&f, d.lines);
    fmt_str(&f, " lines, ");
    fmt_size(&f, (uint64_t)d.bytes);
    fmt_str(&f, "; sync ");
    if (w->sync_ms == 0)
        fmt_str(&f, "each");
    else {
        fmt_i64(&f, w->sync_ms / 1000);
        fmt_char(&f, 's');
    }
    fmt_str(&f, ": ");
    fmt_i64(&f, d.writes);
    fmt_str(&f, " writes), flash is written:\n\n");
    wear_row(&f, "the ledger", d.ledger_bytes, "  whole pages of 4K and one more for each write");
    wear_row(&f, "checkpoints of budgets", d.checkpoint_bytes, "");
    wear_row(&f, "the cache's snapshot", d.snapshot_bytes,
             "  at most: only when something changed");
    wear_row(&f, "learned weights", d.weights_bytes, "  at most: only when something was learned");
    wear_row(&f, "all", d.all_bytes, "");
    if (r->flash_bytes > 0) {
        fmt_char(&f, '\n');
        wear_life(&f, &d, r->flash_bytes);
    }
    return command_out(fmt_span(&f)) ? COMMAND_OK : COMMAND_FAILED;
}

int report_wear(const struct report_wear *r)
{
    struct wear w;

    wear_start(&w, r->settings->server.memory_bytes > 0 ? r->settings->ledger.sync_ms
                                                        : WEAR_SYNC_DEFAULT_MS);
    for (size_t i = 0; i < r->file_count; i++) {
        int result;

        for (int64_t number = LEDGER_KEEP_MAX; number > 0; number--)
            (void)wear_file(&w, r->files[i], number);
        result = wear_file(&w, r->files[i], 0);
        if (result < 0) {
            (void)command_wrong(sys_error_text(result), r->files[i]);
            return COMMAND_FAILED;
        }
    }
    return wear_print(&w, r);
}
