#include "ledger/ledger.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/check.h"
#include "base/scan.h"
#include "ledger/disk.h"
#include "ledger/lines.h"

enum {
    LEDGER_RETRY_MS = 5000,   /* after a failed write: a full disk is rarely empty a second later */
    LEDGER_SYSLOG_PORT = 514, /* RFC 5426 section 3.3 */
    LEDGER_RESERVE_BYTES = LEDGER_BUFFER_BYTES / 2, /* kept free for calls that run already */
};

#define LEDGER_NO_DEADLINE INT64_MAX
#define AT(member)         offsetof(struct ledger_settings, member)

static bool ledger_sync_key(void *section, struct span value, struct fmt *why);
static bool ledger_syslog_key(void *section, struct span value, struct fmt *why);

static const char *const on_full_names[] = {"continue", "stop", NULL};

static const struct config_key ledger_keys[] = {
    {.name = "path",
     .type = CONFIG_TEXT,
     .offset = AT(path),
     .place_bytes = LEDGER_PATH_BYTES,
     .fallback = "/var/lib/farthing/farthing.ledger",
     .help = "the file; its folder must exist"},
    {.name = "max_size",
     .type = CONFIG_SIZE,
     .offset = AT(max_size_bytes),
     .fallback = "16M",
     .min = 65536,
     .max = INT64_C(1) << 40,
     .help = "a larger one is renamed to PATH.1 and a new one begun"},
    {.name = "keep",
     .type = CONFIG_COUNT,
     .offset = AT(keep),
     .fallback = "4",
     .min = 1,
     .max = LEDGER_KEEP_MAX,
     .help = "how many renamed ones are kept"},
    {.name = "sync",
     .type = CONFIG_CUSTOM,
     .parse = ledger_sync_key,
     .fallback = "5s",
     .help = "each, or a time: what a power cut may cost, and how often flash is written"},
    {.name = "on_full",
     .type = CONFIG_ENUM,
     .offset = AT(on_full),
     .fallback = "continue",
     .names = on_full_names,
     .help = "when it cannot be written: continue while lines fit into memory, or stop calls"},
    {.name = "syslog",
     .type = CONFIG_CUSTOM,
     .parse = ledger_syslog_key,
     .help = "also send each line there, as RFC 5424: udp://ADDRESS[:PORT], or unix:/dev/log; "
             "default nowhere"},
};

const struct config_section ledger_section = {
    .name = "ledger",
    .keys = ledger_keys,
    .key_count = sizeof(ledger_keys) / sizeof(ledger_keys[0]),
    .help = "the flat log of every call",
};

static bool ledger_sync_key(void *section, struct span value, struct fmt *why)
{
    struct ledger_settings *s = section;

    if (span_equal(value, SPAN("each"))) {
        s->sync_ms = 0;
        return true;
    }
    if (scan_duration(value, &s->sync_ms) && s->sync_ms <= 3600000)
        return true;
    fmt_str(why, "is neither \"each\" nor a time of at most 1h");
    return false;
}

/* Addresses only: looking a name up takes time that a line does not have. */
static bool ledger_syslog_key(void *section, struct span value, struct fmt *why)
{
    struct ledger_syslog *s = &((struct ledger_settings *)section)->syslog;
    struct span place;

    if (span_starts(value, SPAN("udp://"))) {
        place = span_part(value, sizeof("udp://") - 1, value.len);
        s->kind = LEDGER_SYSLOG_UDP;
        if (net_addr_scan(place, &s->addr) && s->addr.port != 0)
            return true;
        s->addr.port = LEDGER_SYSLOG_PORT;
        if (net_addr_scan_host(place, &s->addr)) {
            s->addr.port = LEDGER_SYSLOG_PORT;
            return true;
        }
    } else if (span_starts(value, SPAN("unix:"))) {
        place = span_part(value, sizeof("unix:") - 1, value.len);
        s->kind = LEDGER_SYSLOG_UNIX;
        if (place.len > 0 && place.ptr[0] == '/' && place.len < sizeof(s->path)) {
            memcpy(s->path, place.ptr, place.len);
            s->path[place.len] = '\0';
            return true;
        }
    }
    fmt_str(why, "is neither udp://ADDRESS[:PORT] nor unix:/PATH");
    return false;
}

bool ledger_carve(struct ledger *l, struct arena *a, const struct ledger_settings *settings,
                  struct diag *diag)
{
    void *storage = arena_carve(a, "ledger buffer", 1, LEDGER_BUFFER_BYTES);

    memset(l, 0, sizeof(*l));
    l->settings = settings;
    l->diag = diag;
    l->fd = -1;
    l->sync_due_ms = LEDGER_NO_DEADLINE;
    l->retry_due_ms = LEDGER_NO_DEADLINE;
    if (storage == NULL)
        return false;
    buf_init(&l->pending, storage, LEDGER_BUFFER_BYTES);
    return true;
}

/* ---- what is there at start ---- */

struct recover {
    struct ledger *ledger;
    uint64_t lines;
};

static bool recover_line(void *ctx, struct span text)
{
    struct recover *r = ctx;
    struct ledger_line line;

    if (++r->lines <= LEDGER_HEAD_LINES)
        return true;
    if (!ledger_line_read(&line, text))
        r->ledger->lines_damaged++;
    else if (line.time_unix_ms > r->ledger->last_unix_ms)
        r->ledger->last_unix_ms = line.time_unix_ms;
    return true;
}

static void ledger_tell(struct ledger *l, enum diag_level level, const char *what, uint64_t count,
                        const char *unit)
{
    struct diag_line line;

    diag_open(l->diag, level, &line);
    fmt_str(&line.text, "ledger: ");
    fmt_str(&line.text, what);
    if (unit != NULL) {
        fmt_char(&line.text, ' ');
        fmt_u64(&line.text, count);
        fmt_char(&line.text, ' ');
        fmt_str(&line.text, unit);
    }
    diag_close(&line);
}

static bool ledger_begin(struct ledger *l)
{
    char head[512];
    struct fmt f;

    fmt_init(&f, head, sizeof(head));
    ledger_head_write(&f);
    if (disk_append(l->fd, head, fmt_span(&f).len) != (int64_t)fmt_span(&f).len)
        return false;
    l->size_bytes = (int64_t)fmt_span(&f).len;
    l->bytes_written += fmt_span(&f).len;
    return true;
}

/* A file that was cut while its first two lines were written has no call in it. */
static bool ledger_repair(struct ledger *l, uint64_t lines, int64_t whole_bytes, int64_t torn_bytes)
{
    if (lines < LEDGER_HEAD_LINES)
        return disk_truncate(l->fd, 0) == 0 && ledger_begin(l);
    l->size_bytes = whole_bytes;
    if (torn_bytes > 0) {
        ledger_tell(l, DIAG_WARN, "a torn last line was cut off:", (uint64_t)torn_bytes, "bytes");
        return disk_truncate(l->fd, whole_bytes) == 0;
    }
    return true;
}

static bool ledger_recover(struct ledger *l)
{
    struct recover r = {.ledger = l};
    char buffer[LINES_BUFFER_BYTES];
    int64_t torn_bytes;
    int64_t whole_bytes =
        lines_each(l->fd, 0, buffer, sizeof(buffer), recover_line, &r, &torn_bytes);

    return whole_bytes >= 0 && ledger_repair(l, r.lines, whole_bytes, torn_bytes);
}

static bool ledger_is_ours(struct ledger *l, int64_t size)
{
    static const char first[] = "#farthing-ledger 1\n";
    char begin[sizeof(first)];
    int64_t want = size < (int64_t)sizeof(first) - 1 ? size : (int64_t)sizeof(first) - 1;

    /* Also a torn first line, as far as it goes. */
    return disk_read_at(l->fd, begin, (size_t)want, 0) == want &&
           memcmp(begin, first, (size_t)want) == 0;
}

bool ledger_open(struct ledger *l, int64_t now_ms, struct fmt *why)
{
    int64_t size;

    fmt_str(why, "ledger ");
    fmt_str(why, l->settings->path);
    l->fd = disk_open_append(l->settings->path);
    if (l->fd < 0) {
        fmt_str(why, " cannot be opened for writing: ");
        fmt_str(why, strerror(-l->fd));
        return false;
    }
    if (disk_lock(l->fd) < 0) {
        fmt_str(why, " is in use by another process");
        return false;
    }
    size = disk_size(l->fd);
    if (size > 0 && !ledger_is_ours(l, size)) {
        fmt_str(why, " is no ledger of this program: name another file with [ledger] path");
        return false;
    }
    if (size < 0 || !ledger_recover(l)) {
        fmt_str(why, " cannot be read or written");
        return false;
    }
    l->pace_unix_ms = l->last_unix_ms;
    l->pace_ms = now_ms;
    if (l->lines_damaged > 0)
        ledger_tell(l, DIAG_WARN, "damaged lines are left out:", l->lines_damaged, "lines");
    why->len = 0;
    return true;
}

/* ---- writing ---- */

static void ledger_fail(struct ledger *l, int64_t now_ms)
{
    if (!l->failing)
        ledger_tell(l, DIAG_ERROR, "cannot be written (disk full?); lines wait in memory", 0, NULL);
    l->failing = true;
    l->sync_due_ms = LEDGER_NO_DEADLINE;
    l->retry_due_ms = now_ms + LEDGER_RETRY_MS;
}

/* After a write that was cut short the file ends inside a line; what is pending goes on there. */
static bool ledger_flush(struct ledger *l, int64_t now_ms)
{
    while (buf_used(&l->pending) > 0) {
        struct span data = buf_peek(&l->pending);
        int64_t put = disk_append(l->fd, data.ptr, data.len);

        if (put <= 0)
            break;
        buf_consume(&l->pending, (size_t)put);
        l->size_bytes += put;
        l->bytes_written += (uint64_t)put;
    }
    if (buf_used(&l->pending) == 0 && disk_sync(l->fd) == 0) {
        if (l->failing)
            ledger_tell(l, DIAG_INFO, "can be written again; lost", l->lines_lost, "lines");
        l->failing = false;
        l->sync_due_ms = LEDGER_NO_DEADLINE;
        l->retry_due_ms = LEDGER_NO_DEADLINE;
        return true;
    }
    ledger_fail(l, now_ms);
    return false;
}

void ledger_file_name(const char *path, int64_t number, struct fmt *out)
{
    fmt_str(out, path);
    if (number > 0) {
        fmt_char(out, '.');
        fmt_i64(out, number);
    }
    (void)fmt_cstr(out);
}

/* PATH.keep goes, every other moves up by one. A stop between two steps leaves a gap in the
 * numbers, which the next rotation closes; no line is ever copied or cut. False when a step failed:
 * the ones after it would overwrite a file that is still wanted. */
static bool ledger_shift(struct ledger *l)
{
    char from_text[LEDGER_PATH_BYTES + 8];
    char to_text[LEDGER_PATH_BYTES + 8];

    for (int64_t number = l->settings->keep; number > 0; number--) {
        struct fmt from;
        struct fmt to;
        int moved;

        fmt_init(&from, from_text, sizeof(from_text));
        fmt_init(&to, to_text, sizeof(to_text));
        ledger_file_name(l->settings->path, number - 1, &from);
        ledger_file_name(l->settings->path, number, &to);
        moved = disk_rename(from_text, to_text);
        if (moved < 0 && moved != -ENOENT)
            return false;
    }
    return true;
}

/* The current file, with its head if it is new; a head that was cut short goes again. */
static bool ledger_reopen(struct ledger *l)
{
    int64_t size;

    l->fd = disk_open_append(l->settings->path);
    if (l->fd < 0)
        return false;
    size = disk_lock(l->fd) < 0 ? -1 : disk_size(l->fd);
    if (size > 0) {
        l->size_bytes = size;
        return true;
    }
    if (size == 0 && ledger_begin(l))
        return true;
    if (size == 0)
        (void)disk_truncate(l->fd, 0);
    disk_close(l->fd);
    l->fd = -1;
    return false;
}

static void ledger_rotate(struct ledger *l, int64_t now_ms)
{
    if (!ledger_shift(l)) {
        if (!l->rotation_told)
            ledger_tell(l, DIAG_WARN, "cannot be rotated now; the file goes on", 0, NULL);
        l->rotation_told = true;
        return;
    }
    l->rotation_told = false;
    disk_close(l->fd);
    l->rotations++;
    if (!ledger_reopen(l))
        ledger_fail(l, now_ms);
    (void)disk_sync_folder(l->settings->path);
}

static void ledger_write(struct ledger *l, int64_t now_ms)
{
    if (l->fd < 0 && !ledger_reopen(l)) {
        ledger_fail(l, now_ms);
        return;
    }
    if (ledger_flush(l, now_ms) && l->settings->max_size_bytes > 0 &&
        l->size_bytes >= l->settings->max_size_bytes)
        ledger_rotate(l, now_ms);
}

bool ledger_takes(const struct ledger *l, bool needed)
{
    /* Every call that runs will want a line; there are at most as many as lines in the buffer. */
    bool has_room = buf_space(&l->pending) >= LEDGER_RESERVE_BYTES;

    if (l->failing && l->settings->on_full == LEDGER_STOP)
        return false;
    return has_room || !l->failing || !needed;
}

static void ledger_queue(struct ledger *l, struct span text, int64_t now_ms)
{
    if (buf_space(&l->pending) < text.len && !l->failing)
        ledger_write(l, now_ms);
    if (buf_space(&l->pending) < text.len) {
        l->lines_lost++;
        return;
    }
    (void)buf_append(&l->pending, text);
    if (l->failing)
        return;
    if (l->settings->sync_ms == 0)
        ledger_write(l, now_ms);
    else if (l->sync_due_ms == LEDGER_NO_DEADLINE)
        l->sync_due_ms = now_ms + l->settings->sync_ms;
}

int64_t ledger_least_unix_ms(const struct ledger *l, int64_t now_ms)
{
    return l->pace_unix_ms + (now_ms - l->pace_ms) / 2;
}

int64_t ledger_append(struct ledger *l, const struct ledger_line *line, int64_t now_ms)
{
    struct ledger_line raised = *line;
    char text[LEDGER_LINE_BYTES_MAX];
    struct fmt f;

    if (raised.time_unix_ms < l->last_unix_ms)
        raised.time_unix_ms = l->last_unix_ms;
    l->last_unix_ms = raised.time_unix_ms;
    if (ledger_least_unix_ms(l, now_ms) < l->last_unix_ms) {
        l->pace_unix_ms = l->last_unix_ms;
        l->pace_ms = now_ms;
    }
    fmt_init(&f, text, sizeof(text));
    CHECK(ledger_line_write(&raised, &f));
    l->lines++;
    ledger_queue(l, fmt_span(&f), now_ms);
    return raised.time_unix_ms;
}

int64_t ledger_deadline_ms(const struct ledger *l)
{
    return l->sync_due_ms < l->retry_due_ms ? l->sync_due_ms : l->retry_due_ms;
}

void ledger_tick(struct ledger *l, int64_t now_ms)
{
    if (now_ms >= ledger_deadline_ms(l))
        ledger_write(l, now_ms);
}

void ledger_flush_now(struct ledger *l, int64_t now_ms)
{
    if (l->fd >= 0 && buf_used(&l->pending) > 0)
        ledger_write(l, now_ms);
}

bool ledger_is_flushed(const struct ledger *l)
{
    return l->fd >= 0 && !l->failing && buf_used(&l->pending) == 0;
}

bool ledger_is_writable(const struct ledger *l)
{
    return !l->failing && l->fd >= 0;
}

void ledger_close(struct ledger *l, int64_t now_ms)
{
    if (buf_used(&l->pending) > 0)
        ledger_write(l, now_ms);
    if (l->fd < 0)
        return;
    (void)ledger_flush(l, now_ms);
    disk_close(l->fd);
    l->fd = -1;
}
