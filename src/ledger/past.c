#include "ledger/past.h"

#include "ledger/disk.h"
#include "ledger/lines.h"

static int open_file(const struct ledger *l, int64_t number)
{
    char text[LEDGER_PATH_BYTES + 8];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    ledger_file_name(l->settings->path, number, &f);
    return disk_open_read(text);
}

static int64_t size_of_file(const struct ledger *l, int64_t number)
{
    int fd = open_file(l, number);
    int64_t size = fd >= 0 ? disk_size(fd) : 0;

    if (fd >= 0)
        disk_close(fd);
    return size > 0 ? size : 0;
}

/* ---- the newest lines ---- */

static bool tail_line(void *ctx, struct span text)
{
    struct ledger_line line;

    if (ledger_line_read(&line, text))
        trend_tail_add(ctx, text);
    return true;
}

static void read_tail(const struct ledger *l, struct trend *t)
{
    int64_t from = l->size_bytes > TREND_TAIL_BYTES ? l->size_bytes - TREND_TAIL_BYTES : 0;
    char buffer[LINES_BUFFER_BYTES];
    int64_t torn_bytes;
    int fd = open_file(l, 0);

    if (fd < 0)
        return;
    /* The first one is a part of a line, most likely, which is none. */
    (void)lines_each(fd, from, buffer, sizeof(buffer), tail_line, t, &torn_bytes);
    disk_close(fd);
}

/* ---- all of them ---- */

void past_init(struct past *p)
{
    *p = (struct past){.fd = -1, .number = -1};
}

void past_open(struct past *p, const struct ledger *l, struct trend *t)
{
    past_init(p);
    if (l->fd < 0)
        return;
    p->number = l->settings->keep;
    p->end_bytes = l->size_bytes;
    p->rotations = l->rotations;
    for (int64_t i = p->number; i > 0; i--)
        p->whole_bytes += size_of_file(l, i);
    p->whole_bytes += p->end_bytes;
    read_tail(l, t);
}

bool past_running(const struct past *p)
{
    return p->number >= 0;
}

unsigned past_percent(const struct past *p)
{
    if (!past_running(p) || p->whole_bytes == 0)
        return 100;
    return p->done_bytes < p->whole_bytes ? (unsigned)(p->done_bytes * 100 / p->whole_bytes) : 99;
}

void past_close(struct past *p)
{
    if (p->fd >= 0)
        disk_close(p->fd);
    p->fd = -1;
    p->number = -1;
}

static void next_file(struct past *p)
{
    if (p->fd >= 0)
        disk_close(p->fd);
    p->fd = -1;
    p->number--;
    p->at_bytes = 0;
    p->lines = 0;
}

struct step {
    struct past *past;
    struct trend *trend;
    int64_t at_bytes;
    int lines;
};

static bool step_line(void *ctx, struct span text)
{
    struct step *s = ctx;
    struct past *p = s->past;
    struct ledger_line line;

    if (p->number == 0 && s->at_bytes >= p->end_bytes)
        return false;
    s->at_bytes += (int64_t)text.len + 1;
    if (++p->lines > LEDGER_HEAD_LINES) {
        if (ledger_line_read(&line, text))
            trend_add(s->trend, &line);
        else
            p->damaged++;
    }
    /* An empty one may stand for one that was too long: where it ended, lines_each knows. */
    return ++s->lines < PAST_STEP_LINES && text.len > 0 &&
           (p->number > 0 || s->at_bytes < p->end_bytes);
}

void past_step(struct past *p, const struct ledger *l, struct trend *t)
{
    struct step s = {.past = p, .trend = t, .at_bytes = p->at_bytes};
    char buffer[LINES_BUFFER_BYTES];
    int64_t torn_bytes;
    int64_t at;

    if (!past_running(p))
        return;
    if (p->fd < 0)
        p->fd = open_file(l, p->number + (int64_t)(l->rotations - p->rotations));
    if (p->fd < 0) {
        next_file(p);
        return;
    }
    at = lines_each(p->fd, p->at_bytes, buffer, sizeof(buffer), step_line, &s, &torn_bytes);
    if (at > p->at_bytes)
        p->done_bytes += at - p->at_bytes;
    if (at <= p->at_bytes || (p->number == 0 && at >= p->end_bytes))
        next_file(p);
    else
        p->at_bytes = at;
}
