/* tail - the ledger's newest calls as they come, for people. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/money.h"
#include "base/scan.h"
#include "command/command.h"
#include "gateway/load.h"
#include "ledger/disk.h"
#include "ledger/lines.h"
#include "net/sys.h"

enum {
    TAIL_LINES_DEFAULT = 20,
    TAIL_LINES_MAX = 1000,
    TAIL_EVERY_MS = 300, /* how often the file is looked at */
    TAIL_ROW_BYTES = 1024,
    TAIL_NAME_COLUMN = 28,
    TAIL_DECIMALS = 6,
};

struct tail {
    const char *config_path;
    const char *path;
    const char *key; /* NULL: all */
    const char *route;
    const char *model;
    size_t wanted; /* old lines */
    bool once;     /* does not follow */
    bool colour;
    bool failed; /* standard output is gone */
    uint64_t damaged;
    size_t skip; /* of the lines to come */
    size_t count;
};

/* ---- a line for people ---- */

static void row_usd(struct fmt *f, const char *before, int64_t pusd)
{
    fmt_str(f, before);
    fmt_usd_short(f, pusd, TAIL_DECIMALS);
}

static void row_models(struct fmt *f, const struct ledger_line *l)
{
    char text[2 * LEDGER_NAME_BYTES + 8];
    struct fmt name;

    fmt_init(&name, text, sizeof(text));
    fmt_visible(&name, l->asked, LEDGER_NAME_BYTES);
    if (!span_equal(l->asked, l->used)) {
        fmt_str(&name, " > ");
        fmt_visible(&name, l->used.len > 0 ? l->used : SPAN("-"), LEDGER_NAME_BYTES);
    }
    fmt_left(f, fmt_span(&name), TAIL_NAME_COLUMN);
}

static void row_tags(struct fmt *f, const struct ledger_line *l)
{
    for (uint32_t tag = 1; tag != 0 && tag <= TAG_DEMO; tag <<= 1) {
        if ((l->tags & tag) == 0)
            continue;
        fmt_char(f, ' ');
        fmt_str(f, ledger_tag_name(tag));
        if (tag == TAG_TIER)
            fmt_u64(f, l->tier);
    }
}

static void tail_row(const struct tail *t, const struct ledger_line *l, struct fmt *f)
{
    bool bad = l->status < 200 || l->status >= 300;
    int64_t saved_pusd = money_add(l->baseline_pusd, -l->cost_pusd);

    if (t->colour && bad)
        fmt_str(f, "\033[31m");
    fmt_time_utc(f, l->time_unix_ms);
    fmt_char(f, ' ');
    fmt_right_u64(f, (uint64_t)l->status, 3);
    fmt_str(f, "  ");
    row_models(f, l);
    fmt_str(f, "  ");
    fmt_u64(f, (uint64_t)l->input);
    fmt_char(f, '+');
    fmt_u64(f, (uint64_t)l->output);
    row_usd(f, " tokens  $", l->cost_pusd);
    if (saved_pusd > 0) {
        fmt_str(f, t->colour && !bad ? "\033[32m" : "");
        row_usd(f, "  saved $", saved_pusd);
        fmt_str(f, t->colour && !bad ? "\033[0m" : "");
    }
    fmt_str(f, "  ");
    if (l->first_byte_ms >= 0) {
        fmt_i64(f, l->first_byte_ms);
        fmt_char(f, '/');
    }
    fmt_i64(f, l->total_ms);
    fmt_str(f, " ms ");
    row_tags(f, l);
    if (l->key.len > 0) {
        fmt_str(f, "  key ");
        fmt_visible(f, l->key, LEDGER_NAME_BYTES);
    }
    if (l->route.len > 0) {
        fmt_str(f, "  route ");
        fmt_visible(f, l->route, LEDGER_NAME_BYTES);
    }
    if (l->workload.len > 0) {
        fmt_str(f, "  ");
        fmt_visible(f, l->workload, LEDGER_NAME_BYTES);
    }
    fmt_str(f, t->colour && bad ? "\033[0m\n" : "\n");
}

static bool tail_is(const char *wanted, struct span name)
{
    return wanted == NULL || span_equal(span_str(wanted), name);
}

/* Whether a text is a call that is asked for. */
static bool tail_wants(struct tail *t, struct span text, struct ledger_line *l)
{
    if (text.len == 0 || text.ptr[0] == '#' || span_starts(text, SPAN("time\tid\t")))
        return false;
    if (!ledger_line_read(l, text)) {
        t->damaged++;
        return false;
    }
    return tail_is(t->key, l->key) && tail_is(t->route, l->route) &&
           (tail_is(t->model, l->used) || tail_is(t->model, l->asked));
}

static bool tail_count(void *ctx, struct span text)
{
    struct tail *t = ctx;
    struct ledger_line l;

    t->count += tail_wants(t, text, &l) ? 1 : 0;
    return true;
}

static bool tail_print(void *ctx, struct span text)
{
    char row[TAIL_ROW_BYTES];
    struct tail *t = ctx;
    struct ledger_line l;
    struct fmt f;

    if (!tail_wants(t, text, &l))
        return true;
    if (t->skip > 0) {
        t->skip--;
        return true;
    }
    fmt_init(&f, row, sizeof(row));
    tail_row(t, &l, &f);
    t->failed = !command_out(fmt_span(&f));
    return !t->failed;
}

/* ---- the file ---- */

static int tail_tell(const struct tail *t, const char *what, const char *more)
{
    struct diag diag;
    struct diag_line l;

    diag_init(&diag, DIAG_INFO, 2);
    diag_open(&diag, DIAG_INFO, &l);
    fmt_str(&l.text, "tail: ");
    fmt_visible(&l.text, span_str(t->path), LEDGER_PATH_BYTES);
    fmt_str(&l.text, what);
    fmt_str(&l.text, more);
    diag_close(&l);
    return COMMAND_FAILED;
}

/* The lines behind `at`; gives where the next one begins. */
static int64_t tail_read(struct tail *t, int fd, int64_t at)
{
    char buffer[LINES_BUFFER_BYTES];
    int64_t torn_bytes;
    int64_t size = disk_size(fd);
    int64_t behind;

    if (size < at) {
        (void)tail_tell(t, ": it has become shorter; on from its end", "");
        return size < 0 ? at : size;
    }
    behind = lines_each(fd, at, buffer, sizeof(buffer), tail_print, t, &torn_bytes);
    return behind < 0 ? at : behind;
}

static int64_t tail_begin(struct tail *t, int fd)
{
    char buffer[LINES_BUFFER_BYTES];
    int64_t torn_bytes;

    t->count = 0;
    (void)lines_each(fd, 0, buffer, sizeof(buffer), tail_count, t, &torn_bytes);
    t->damaged = 0; /* they come once more */
    t->skip = t->count > t->wanted ? t->count - t->wanted : 0;
    return tail_read(t, fd, 0);
}

static void tail_damaged(struct tail *t)
{
    char text[32];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_u64(&f, t->damaged);
    if (t->damaged > 0)
        (void)tail_tell(t, ": damaged lines were left out: ", fmt_cstr(&f));
    t->damaged = 0;
}

static void tail_pause(void)
{
    (void)sys_poll(NULL, 0, TAIL_EVERY_MS);
}

/* The file is there, or the owner does not want to wait. */
static int tail_open(struct tail *t)
{
    int fd = disk_open_read(t->path);

    if (fd == -ENOENT && !t->once)
        (void)tail_tell(t, ": waiting for it", "");
    while (fd == -ENOENT && !t->once) {
        tail_pause();
        fd = disk_open_read(t->path);
    }
    if (fd < 0)
        (void)tail_tell(t, ": it cannot be read: ", sys_error_text(fd));
    return fd;
}

static int tail_run(struct tail *t)
{
    int fd = tail_open(t);
    int64_t at;

    if (fd < 0)
        return COMMAND_FAILED;
    at = tail_begin(t, fd);
    tail_damaged(t);
    while (!t->once && !t->failed) {
        /* Looked at first: what is written to the old file meanwhile is read all the same. */
        bool moved = !disk_is_at(fd, t->path);

        at = tail_read(t, fd, at);
        tail_damaged(t);
        if (!moved) {
            tail_pause();
            continue;
        }
        disk_close(fd);
        fd = tail_open(t);
        if (fd < 0)
            return COMMAND_FAILED;
        at = 0;
    }
    disk_close(fd);
    return t->failed ? COMMAND_FAILED : COMMAND_OK;
}

/* ---- the command line ---- */

static int tail_option(struct tail *t, int argc, char **argv, int *at)
{
    const char *option = argv[*at];
    const char *value = NULL;
    bool wrong = false;

    if (strcmp(option, "--no-follow") == 0) {
        t->once = true;
    } else if (command_option(argc, argv, at, "-n", &value, &wrong)) {
        int64_t number;

        if (!wrong &&
            (!scan_i64(span_str(value), &number) || number < 0 || number > TAIL_LINES_MAX))
            return command_wrong("no number of lines from 0 to 1000", value);
        t->wanted = wrong ? 0 : (size_t)number;
    } else if (!command_option(argc, argv, at, "-c", &t->config_path, &wrong) &&
               !command_option(argc, argv, at, "--key", &t->key, &wrong) &&
               !command_option(argc, argv, at, "--route", &t->route, &wrong) &&
               !command_option(argc, argv, at, "--model", &t->model, &wrong)) {
        if (option[0] == '-' || t->path != NULL)
            return command_wrong("unknown argument", option);
        t->path = option;
    }
    return wrong ? command_wrong("a value is missing behind", option) : 0;
}

int command_tail(int argc, char **argv)
{
    const char *no_colour = getenv("NO_COLOR");
    struct tail t = {
        .wanted = TAIL_LINES_DEFAULT,
        .colour = isatty(STDOUT_FILENO) && (no_colour == NULL || no_colour[0] == '\0'),
    };
    struct settings settings;
    int wrong = 0;

    for (int i = 0; i < argc && wrong == 0; i++)
        wrong = tail_option(&t, argc, argv, &i);
    if (wrong == 0 && t.path == NULL && t.config_path != NULL) {
        const struct serve_options o = {.config_path = t.config_path};
        struct diag diag;

        memset(&settings, 0, sizeof(settings));
        diag_init(&diag, DIAG_WARN, 2);
        if (!load_settings(&o, &settings, &diag))
            return COMMAND_USAGE;
        t.path = settings.ledger.path;
    }
    if (wrong == 0 && (t.path == NULL || t.path[0] == '\0'))
        return command_wrong("tail needs the name of a ledger, or -c FILE", NULL);
    return wrong != 0 ? wrong : tail_run(&t);
}
