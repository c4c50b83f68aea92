#include "ledger/checkpoint.h"

#include <errno.h>
#include <string.h>

#include "base/hash.h"
#include "base/scan.h"
#include "ledger/disk.h"
#include "ledger/lines.h"

enum {
    CHECKPOINT_CHUNK_BYTES = 4096,
    CHECKPOINT_LINE_BYTES = 256,
    CHECKPOINT_COLUMNS = 6,
};

#define CHECKPOINT_HEAD "#farthing-budgets 1"

static void checkpoint_path(const struct ledger_settings *l, const char *suffix, struct fmt *out)
{
    fmt_str(out, l->path);
    fmt_str(out, suffix);
    (void)fmt_cstr(out);
}

/* ---- writing ---- */

struct writer {
    int fd;
    int err;
    uint32_t crc;
    struct fmt text;
    char chunk[CHECKPOINT_CHUNK_BYTES];
};

static void writer_flush(struct writer *w)
{
    struct span rest = fmt_span(&w->text);

    w->crc = hash_crc32(w->crc, rest);
    while (rest.len > 0 && w->err == 0) {
        int64_t put = disk_append(w->fd, rest.ptr, rest.len);

        if (put <= 0)
            w->err = put < 0 ? (int)put : -ENOSPC;
        else
            rest = span_part(rest, (size_t)put, rest.len);
    }
    fmt_init(&w->text, w->chunk, sizeof(w->chunk));
}

static void column_u64(struct writer *w, uint64_t value)
{
    fmt_char(&w->text, '\t');
    fmt_hex(&w->text, value, 16);
}

static void column_i64(struct writer *w, int64_t value)
{
    fmt_char(&w->text, '\t');
    fmt_i64(&w->text, value);
}

static void line_begin(struct writer *w, const char *kind)
{
    if (w->text.cap_bytes - w->text.len < CHECKPOINT_LINE_BYTES)
        writer_flush(w);
    fmt_str(&w->text, kind);
}

static void write_lines(struct writer *w, const struct budget_book *b,
                        const struct checkpoint_position *at)
{
    line_begin(w, CHECKPOINT_HEAD "\nposition");
    column_i64(w, at->offset);
    column_u64(w, at->crc);
    fmt_char(&w->text, '\n');
    for (size_t i = 0; i < b->count; i++) {
        line_begin(w, "budget");
        column_u64(w, b->identities[i]);
        fmt_char(&w->text, '\n');
    }
    for (size_t i = 0; i < BUDGET_MAX; i++) {
        const struct budget_floor *f = &b->floors[i];

        if (f->budget == 0)
            continue;
        line_begin(w, "floor");
        column_u64(w, f->budget);
        column_i64(w, f->period_unix_ms);
        column_i64(w, f->spent_pusd);
        fmt_char(&w->text, '\n');
    }
    for (uint32_t i = 0; i < b->capacity; i++) {
        const struct budget_account *a = &b->accounts[i];

        if (a->id == 0)
            continue;
        line_begin(w, "account");
        column_u64(w, a->budget);
        column_i64(w, a->period_unix_ms);
        column_i64(w, a->spent_pusd);
        column_u64(w, a->id);
        fmt_char(&w->text, '\t');
        fmt_str(&w->text, a->subject);
        fmt_char(&w->text, '\n');
    }
}

int checkpoint_write(const struct ledger_settings *l, const struct budget_book *b,
                     const struct checkpoint_position *at)
{
    char path[LEDGER_PATH_BYTES + 16];
    char fresh[LEDGER_PATH_BYTES + 16];
    struct writer w = {.err = 0};
    struct fmt f;

    fmt_init(&f, path, sizeof(path));
    checkpoint_path(l, ".budgets", &f);
    fmt_init(&f, fresh, sizeof(fresh));
    checkpoint_path(l, ".budgets.new", &f);
    w.fd = disk_open_append(fresh);
    if (w.fd < 0)
        return w.fd;
    w.err = disk_truncate(w.fd, 0);
    fmt_init(&w.text, w.chunk, sizeof(w.chunk));
    write_lines(&w, b, at);
    writer_flush(&w);
    fmt_str(&w.text, "end\t");
    fmt_hex(&w.text, w.crc, 8);
    fmt_char(&w.text, '\n');
    writer_flush(&w);
    if (w.err == 0)
        w.err = disk_sync(w.fd);
    disk_close(w.fd);
    if (w.err == 0)
        w.err = disk_rename(fresh, path);
    return w.err == 0 ? disk_sync_folder(path) : w.err;
}

/* ---- reading ---- */

struct reader {
    struct budget_book *book; /* NULL in the pass that only checks */
    struct checkpoint_position *at;
    uint32_t crc;
    bool head_seen;
    bool end_seen;
    bool bad;
    size_t known; /* configured budgets that it knows */
};

static size_t split_columns(struct span line, struct span columns[CHECKPOINT_COLUMNS])
{
    size_t count = 0;

    while (count < CHECKPOINT_COLUMNS && span_split(&line, '\t', &columns[count]))
        count++;
    return line.ptr == NULL ? count : 0;
}

static bool read_account(struct reader *r, const struct span *c)
{
    struct budget_account a = {0};

    if (!scan_hex(c[1], &a.budget) || !scan_i64(c[2], &a.period_unix_ms) ||
        !scan_i64(c[3], &a.spent_pusd) || !scan_hex(c[4], &a.id) || a.spent_pusd < 0 ||
        c[5].len >= sizeof(a.subject))
        return false;
    memcpy(a.subject, c[5].ptr, c[5].len);
    if (r->book != NULL)
        budget_raise(r->book, &a);
    return true;
}

static bool read_floor(struct reader *r, const struct span *c)
{
    struct budget_floor f;

    if (!scan_hex(c[1], &f.budget) || !scan_i64(c[2], &f.period_unix_ms) ||
        !scan_i64(c[3], &f.spent_pusd) || f.spent_pusd < 0)
        return false;
    if (r->book != NULL)
        budget_raise_floor(r->book, &f);
    return true;
}

static bool read_budget(struct reader *r, const struct span *c)
{
    uint64_t identity;

    if (!scan_hex(c[1], &identity))
        return false;
    for (size_t i = 0; r->book != NULL && i < r->book->count; i++)
        if (r->book->identities[i] == identity)
            r->known++;
    return true;
}

static bool read_position(struct reader *r, const struct span *c)
{
    uint64_t crc;

    if (!scan_i64(c[1], &r->at->offset) || !scan_hex(c[2], &crc) || crc > UINT32_MAX)
        return false;
    r->at->crc = (uint32_t)crc;
    return true;
}

static bool read_line(struct reader *r, struct span line)
{
    struct span c[CHECKPOINT_COLUMNS];
    size_t count = split_columns(line, c);
    uint64_t crc;

    if (r->end_seen)
        return false;
    if (!r->head_seen) {
        r->head_seen = span_equal(line, SPAN(CHECKPOINT_HEAD));
        return r->head_seen;
    }
    if (count == 6 && span_equal(c[0], SPAN("account")))
        return read_account(r, c);
    if (count == 4 && span_equal(c[0], SPAN("floor")))
        return read_floor(r, c);
    if (count == 2 && span_equal(c[0], SPAN("budget")))
        return read_budget(r, c);
    if (count == 3 && span_equal(c[0], SPAN("position")))
        return read_position(r, c);
    r->end_seen =
        count == 2 && span_equal(c[0], SPAN("end")) && scan_hex(c[1], &crc) && crc == r->crc;
    return r->end_seen;
}

static bool take_line(void *ctx, struct span line)
{
    struct reader *r = ctx;

    r->bad = !read_line(r, line);
    r->crc = hash_crc32(hash_crc32(r->crc, line), SPAN("\n"));
    return !r->bad;
}

static bool read_pass(struct reader *r, int fd)
{
    char buffer[LINES_BUFFER_BYTES];
    int64_t torn_bytes;

    return lines_each(fd, 0, buffer, sizeof(buffer), take_line, r, &torn_bytes) >= 0 && !r->bad &&
           r->end_seen && torn_bytes == 0;
}

enum checkpoint_result checkpoint_read(const struct ledger_settings *l, struct budget_book *b,
                                       struct checkpoint_position *at)
{
    struct reader check = {.at = at};
    struct reader take = {.at = at, .book = b};
    char path[LEDGER_PATH_BYTES + 16];
    struct fmt f;
    bool whole;
    int fd;

    fmt_init(&f, path, sizeof(path));
    checkpoint_path(l, ".budgets", &f);
    fd = disk_open_read(path);
    if (fd < 0)
        return CHECKPOINT_NONE;
    whole = read_pass(&check, fd) && read_pass(&take, fd);
    disk_close(fd);
    if (!whole)
        return CHECKPOINT_NONE;
    return take.known == b->count ? CHECKPOINT_READ : CHECKPOINT_PARTIAL;
}
