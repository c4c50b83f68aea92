#include "ledger/summary.h"

#include <errno.h>
#include <string.h>

#include "base/money.h"
#include "ledger/disk.h"

enum { SUMMARY_CHUNK_BYTES = 65536, SUMMARY_DAY_BYTES = 10 };

void summary_start(struct summary *s)
{
    memset(s, 0, sizeof(*s));
}

static void total_add(struct summary_total *t, const struct ledger_line *line)
{
    t->calls++;
    t->errors += line->status == 0 || line->status >= 400 ? 1 : 0;
    t->estimated += (line->tags & TAG_ESTIMATED) != 0 ? 1 : 0;
    t->input += line->input;
    t->cached += line->cached;
    t->output += line->output;
    t->reasoning += line->reasoning;
    t->cost_pusd = money_add(t->cost_pusd, line->cost_pusd);
    t->baseline_pusd = money_add(t->baseline_pusd, line->baseline_pusd);
}

static struct summary_group *group_named(struct summary_table *t, struct span name)
{
    struct summary_group *g;

    name = span_part(name, 0, LEDGER_NAME_BYTES - 1);
    for (size_t i = t->count; i > 0; i--) /* the newest is the likeliest: a ledger goes by day */
        if (span_equal(span_str(t->groups[i - 1].name), name))
            return &t->groups[i - 1];
    if (t->count == SUMMARY_GROUPS_MAX)
        return &t->groups[SUMMARY_GROUPS_MAX - 1];
    g = &t->groups[t->count++];
    if (t->count == SUMMARY_GROUPS_MAX)
        name = SPAN("(others)");
    if (name.len > 0)
        memcpy(g->name, name.ptr, name.len);
    return g;
}

void summary_add(struct summary *s, const struct ledger_line *line)
{
    char day[32];
    struct fmt f;

    fmt_init(&f, day, sizeof(day));
    fmt_time_utc(&f, line->time_unix_ms);
    total_add(&s->all, line);
    total_add(&group_named(&s->by_model, line->used)->total, line);
    total_add(&group_named(&s->by_day, span_part(fmt_span(&f), 0, SUMMARY_DAY_BYTES))->total, line);
    if (s->first_unix_ms == 0 || line->time_unix_ms < s->first_unix_ms)
        s->first_unix_ms = line->time_unix_ms;
    if (line->time_unix_ms > s->last_unix_ms)
        s->last_unix_ms = line->time_unix_ms;
}

static bool summary_line(struct summary *s, struct span text, uint64_t number)
{
    struct ledger_line line;

    if (number == 1)
        return span_equal(text, SPAN("#farthing-ledger 1"));
    if (number == 2)
        return true;
    if (ledger_line_read(&line, text))
        summary_add(s, &line);
    else
        s->lines_damaged++;
    return true;
}

int summary_add_file(struct summary *s, const char *path)
{
    char chunk[SUMMARY_CHUNK_BYTES];
    size_t kept = 0;
    uint64_t number = 0;
    int64_t at = 0;
    int64_t got;
    int fd = disk_open_read(path);
    int result = 0;

    if (fd < 0)
        return fd;
    while (result == 0 && (got = disk_read_at(fd, chunk + kept, sizeof(chunk) - kept, at)) > 0) {
        struct span rest = span_of(chunk, kept + (size_t)got);

        at += got;
        for (size_t end = span_find_byte(rest, '\n'); end < rest.len && result == 0;
             end = span_find_byte(rest, '\n')) {
            if (!summary_line(s, span_part(rest, 0, end), ++number))
                result = -EINVAL;
            rest = span_of(rest.ptr + end + 1, rest.len - end - 1);
        }
        if (rest.len == sizeof(chunk)) { /* no line is that long */
            s->lines_damaged++;
            rest.len = 0;
        }
        memmove(chunk, rest.ptr, rest.len);
        kept = rest.len;
    }
    if (result == 0 && got < 0)
        result = (int)got;
    if (result == 0 && number == 0)
        result = -EINVAL;
    if (result == 0 && kept > 0)
        s->lines_damaged++;
    disk_close(fd);
    return result;
}

static bool group_before(const struct summary_group *a, const struct summary_group *b, bool by_cost)
{
    return by_cost ? a->total.cost_pusd > b->total.cost_pusd : strcmp(a->name, b->name) < 0;
}

/* Insertion: at most 512 groups, mostly in order already. */
static void table_sort(struct summary_table *t, bool by_cost)
{
    for (size_t i = 1; i < t->count; i++) {
        struct summary_group moved = t->groups[i];
        size_t at = i;

        for (; at > 0 && group_before(&moved, &t->groups[at - 1], by_cost); at--)
            t->groups[at] = t->groups[at - 1];
        t->groups[at] = moved;
    }
}

void summary_sort(struct summary *s)
{
    table_sort(&s->by_model, true);
    table_sort(&s->by_day, false);
}
