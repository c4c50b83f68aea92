#include "ledger/summary.h"

#include <errno.h>
#include <string.h>

#include "base/money.h"
#include "ledger/disk.h"
#include "ledger/lines.h"

enum { SUMMARY_BUFFER_BYTES = 65536, SUMMARY_DAY_BYTES = 10 };

static const char *const by_names[SUMMARY_TABLES] = {
    [SUMMARY_MODEL] = "model",       [SUMMARY_ROUTE] = "route",   [SUMMARY_KEY] = "key",
    [SUMMARY_WORKLOAD] = "workload", [SUMMARY_DAY] = "day",       [SUMMARY_LABEL] = "label",
    [SUMMARY_TAG] = "tag",           [SUMMARY_SAVING] = "saving",
};

const char *summary_by_name(enum summary_by by)
{
    return by_names[by];
}

int64_t summary_saved_pusd(const struct summary_total *t)
{
    return money_add(t->baseline_pusd, -t->cost_pusd);
}

void summary_start(struct summary *s, const struct summary_options *o)
{
    memset(s, 0, sizeof(*s));
    s->options = *o;
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

/* FNV-1a: groups are few and nobody gains by making them collide. */
static size_t bucket_of(struct span name)
{
    uint32_t hash = UINT32_C(2166136261);

    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ (uint8_t)name.ptr[i]) * UINT32_C(16777619);
    return hash % SUMMARY_BUCKETS;
}

static struct summary_total *total_of(struct summary_table *t, struct span name)
{
    struct summary_group *g;
    size_t at;

    name = span_part(name, 0, LEDGER_NAME_BYTES - 1);
    for (at = bucket_of(name); t->buckets[at] != 0; at = (at + 1) % SUMMARY_BUCKETS) {
        g = &t->groups[t->buckets[at] - 1];
        if (span_equal(span_str(g->name), name))
            return &g->total;
    }
    if (t->count == SUMMARY_GROUPS_MAX)
        return &t->groups[SUMMARY_GROUPS_MAX - 1].total;
    g = &t->groups[t->count++];
    if (t->count == SUMMARY_GROUPS_MAX)
        name = SPAN("(others)");
    else
        t->buckets[at] = (uint16_t)t->count;
    if (name.len > 0)
        memcpy(g->name, name.ptr, name.len);
    return &g->total;
}

/* Which part of the chain a saving is owed to: the first that acted. */
static const uint32_t saving_order[] = {
    TAG_HIT,  TAG_NEAR,       TAG_COALESCED,  TAG_BATCHED, TAG_ROUTED,
    TAG_TIER, TAG_COMPRESSED, TAG_SUMMARIZED, TAG_STOPPED, TAG_CAPPED,
};

const char *summary_saving(const struct ledger_line *line)
{
    if (line->baseline_pusd == line->cost_pusd)
        return NULL;
    for (size_t i = 0; i < sizeof(saving_order) / sizeof(saving_order[0]); i++)
        if ((line->tags & saving_order[i]) != 0)
            return ledger_tag_name(saving_order[i]);
    /* Vectors of which a part was kept: such calls have no output, and no tag. */
    return line->output == 0 && line->input > 0 ? "partly hit" : "other";
}

static void add_tags(struct summary *s, const struct ledger_line *line)
{
    const char *saving = summary_saving(line);

    for (uint32_t tag = 1; tag != 0 && tag <= TAG_DEMO; tag <<= 1)
        if ((line->tags & tag) != 0)
            total_add(total_of(&s->by[SUMMARY_TAG], span_str(ledger_tag_name(tag))), line);
    if (saving != NULL)
        total_add(total_of(&s->by[SUMMARY_SAVING], span_str(saving)), line);
}

/* What our own cache or another one's call gave cost nothing, whatever it was made of. */
static void add_vendor_cached(struct summary *s, const struct ledger_line *line)
{
    struct ledger_line l = *line;

    if (s->options.uncached_pusd == NULL || l.cached == 0 ||
        (l.tags & (TAG_HIT | TAG_COALESCED)) != 0)
        return;
    l.baseline_pusd = s->options.uncached_pusd(s->options.uncached_ctx, line);
    total_add(&s->vendor_cached, &l);
}

void summary_add(struct summary *s, const struct ledger_line *line)
{
    struct ledger_line l = *line;
    char day[32];
    struct fmt f;

    if (l.time_unix_ms < s->options.since_unix_ms ||
        (s->options.until_unix_ms != 0 && l.time_unix_ms >= s->options.until_unix_ms))
        return;
    if (s->options.baseline_pusd != NULL)
        l.baseline_pusd = s->options.baseline_pusd(s->options.ctx, line);
    fmt_init(&f, day, sizeof(day));
    fmt_time_utc(&f, l.time_unix_ms);
    total_add(&s->all, &l);
    total_add(total_of(&s->by[SUMMARY_MODEL], l.used), &l);
    total_add(total_of(&s->by[SUMMARY_ROUTE], l.route), &l);
    total_add(total_of(&s->by[SUMMARY_KEY], l.key), &l);
    total_add(total_of(&s->by[SUMMARY_WORKLOAD], l.workload), &l);
    total_add(total_of(&s->by[SUMMARY_DAY], span_part(fmt_span(&f), 0, SUMMARY_DAY_BYTES)), &l);
    total_add(total_of(&s->by[SUMMARY_LABEL], l.label), &l);
    add_tags(s, &l);
    add_vendor_cached(s, line);
    if (s->first_unix_ms == 0 || l.time_unix_ms < s->first_unix_ms)
        s->first_unix_ms = l.time_unix_ms;
    if (l.time_unix_ms > s->last_unix_ms)
        s->last_unix_ms = l.time_unix_ms;
}

struct summary_file {
    struct summary *summary;
    uint64_t lines;
    bool is_ledger;
};

static bool summary_line(void *ctx, struct span text)
{
    struct summary_file *f = ctx;
    struct ledger_line line;

    if (++f->lines == 1)
        f->is_ledger = span_equal(text, SPAN("#farthing-ledger 1"));
    else if (f->lines > LEDGER_HEAD_LINES && ledger_line_read(&line, text))
        summary_add(f->summary, &line);
    else if (f->lines > LEDGER_HEAD_LINES)
        f->summary->lines_damaged++;
    return f->is_ledger;
}

int summary_add_file(struct summary *s, const char *path)
{
    struct summary_file f = {.summary = s};
    char buffer[SUMMARY_BUFFER_BYTES];
    int64_t torn_bytes;
    int64_t result;
    int fd = disk_open_read(path);

    if (fd < 0)
        return fd;
    s->files++;
    result = lines_each(fd, 0, buffer, sizeof(buffer), summary_line, &f, &torn_bytes);
    disk_close(fd);
    if (result < 0)
        return (int)result;
    if (!f.is_ledger)
        return -EINVAL;
    s->lines_damaged += torn_bytes > 0 ? 1 : 0;
    return 0;
}

static bool group_before(const struct summary_group *a, const struct summary_group *b,
                         enum summary_by by)
{
    if (by == SUMMARY_DAY)
        return strcmp(a->name, b->name) < 0;
    if (by == SUMMARY_SAVING)
        return summary_saved_pusd(&a->total) > summary_saved_pusd(&b->total);
    return a->total.cost_pusd > b->total.cost_pusd;
}

/* Insertion: at most 512 groups, mostly in order already. The buckets are void afterwards. */
static void table_sort(struct summary_table *t, enum summary_by by)
{
    for (size_t i = 1; i < t->count; i++) {
        struct summary_group moved = t->groups[i];
        size_t at = i;

        for (; at > 0 && group_before(&moved, &t->groups[at - 1], by); at--)
            t->groups[at] = t->groups[at - 1];
        t->groups[at] = moved;
    }
}

void summary_sort(struct summary *s)
{
    for (int by = 0; by < SUMMARY_TABLES; by++)
        table_sort(&s->by[by], (enum summary_by)by);
}
