#include "ledger/trend.h"

#include <string.h>

#include "base/calendar.h"
#include "base/check.h"
#include "base/money.h"

enum { TREND_MS_PER_S = 1000, TREND_DAY_S = 86400, TREND_OTHERS = 0 };

static const struct range {
    size_t first; /* of the points */
    size_t points;
    int64_t step_s;
} ranges[TREND_RANGES] = {
    [TREND_HOUR] = {0, TREND_HOUR_POINTS, 60},
    [TREND_DAY] = {TREND_HOUR_POINTS, TREND_DAY_POINTS, 1800},
    [TREND_MONTH] = {TREND_HOUR_POINTS + TREND_DAY_POINTS, TREND_MONTH_POINTS, TREND_DAY_S},
};

_Static_assert((int)LEDGER_LINE_BYTES_MAX < (int)TREND_TAIL_BYTES,
               "the longest line finds a place");

/* ---- time ---- */

static int64_t local_ms(const struct trend *t, int64_t unix_ms)
{
    return unix_ms + zone_offset_ms(&t->zone, unix_ms);
}

/* Days are those of the wall, all else counts from 1970. */
static int64_t number_of(const struct trend *t, enum trend_range r, int64_t unix_ms)
{
    int64_t ms = r == TREND_MONTH ? local_ms(t, unix_ms) : unix_ms;

    return ms / (ranges[r].step_s * TREND_MS_PER_S);
}

static int64_t month_of(const struct trend *t, int64_t unix_ms)
{
    struct calendar c = calendar_from_unix_ms(local_ms(t, unix_ms));

    return (int64_t)c.year * 12 + c.month;
}

static size_t place_of(enum trend_range r, int64_t number)
{
    return ranges[r].first + (size_t)(number % (int64_t)ranges[r].points);
}

static void clear_point(struct trend *t, size_t place)
{
    memset(&t->sums[place], 0, sizeof(t->sums[place]));
    for (int by = 0; by < TREND_DIMENSIONS; by++)
        memset(t->cells[by][place], 0, sizeof(t->cells[by][place]));
}

void trend_advance(struct trend *t, int64_t now_unix_ms)
{
    for (int r = 0; r < TREND_RANGES; r++) {
        int64_t number = number_of(t, (enum trend_range)r, now_unix_ms);
        int64_t from = t->head[r] + 1;

        if (number - from >= (int64_t)ranges[r].points)
            from = number - (int64_t)ranges[r].points + 1;
        for (int64_t n = from; n <= number; n++)
            clear_point(t, place_of((enum trend_range)r, n));
        if (number > t->head[r])
            t->head[r] = number;
    }
    if (month_of(t, now_unix_ms) > t->month) {
        t->month = month_of(t, now_unix_ms);
        memset(t->savings, 0, sizeof(t->savings));
    }
}

void trend_start(struct trend *t, const struct zone *zone)
{
    memset(t, 0, sizeof(*t));
    t->zone = *zone;
}

/* ---- groups ---- */

static void cell_add(struct trend_cell *to, const struct trend_cell *from)
{
    to->calls += from->calls;
    to->tokens += from->tokens;
    to->cost_pusd = money_add(to->cost_pusd, from->cost_pusd);
    to->saved_pusd = money_add(to->saved_pusd, from->saved_pusd);
}

static uint64_t calls_of(const struct trend *t, enum trend_by by, size_t group)
{
    const struct range *days = &ranges[TREND_MONTH];
    uint64_t calls = 0;

    for (size_t i = 0; i < days->points; i++)
        calls += t->cells[by][days->first + i][group].calls;
    return calls;
}

static void give_up(struct trend *t, enum trend_by by, size_t group)
{
    for (size_t i = 0; i < TREND_POINTS; i++) {
        struct trend_cell *cells = t->cells[by][i];

        cell_add(&cells[TREND_OTHERS], &cells[group]);
        memset(&cells[group], 0, sizeof(cells[group]));
    }
}

static void set_name(char *to, struct span name)
{
    size_t len = name.len < LEDGER_NAME_BYTES ? name.len : LEDGER_NAME_BYTES - 1;

    memset(to, 0, LEDGER_NAME_BYTES);
    if (len > 0)
        memcpy(to, name.ptr, len);
}

static bool is_name(const char *of, struct span name)
{
    return span_equal(span_str(of), span_part(name, 0, LEDGER_NAME_BYTES - 1));
}

/* Whether the name has earned a place; whose, is in *group. */
static bool vote(struct trend *t, enum trend_by by, struct span name, size_t *group)
{
    struct trend_names *n = &t->by[by];
    uint64_t fewest = UINT64_MAX;

    if (n->votes == 0)
        set_name(n->candidate, name);
    if (!is_name(n->candidate, name)) {
        n->votes--;
        return false;
    }
    n->votes++;
    for (size_t i = 1; i < TREND_GROUPS; i++) {
        uint64_t calls = calls_of(t, by, i);

        if (calls < fewest) {
            fewest = calls;
            *group = i;
        }
    }
    return n->votes > fewest;
}

static size_t group_of(struct trend *t, enum trend_by by, struct span name)
{
    struct trend_names *n = &t->by[by];
    size_t group;

    if (name.len == 0)
        name = SPAN("-");
    for (size_t i = 1; i < TREND_GROUPS; i++) {
        if (n->names[i][0] == '\0')
            set_name(n->names[i], name);
        if (is_name(n->names[i], name))
            return i;
    }
    if (!vote(t, by, name, &group))
        return TREND_OTHERS;
    give_up(t, by, group);
    set_name(n->names[group], name);
    n->votes = 0;
    return group;
}

/* ---- lines ---- */

static void sum_line(struct trend_sum *s, const struct ledger_line *line)
{
    s->calls++;
    s->errors += line->status == 0 || line->status >= 400 ? 1 : 0;
    s->input += line->input;
    s->cached += line->cached;
    s->output += line->output;
    s->cost_pusd = money_add(s->cost_pusd, line->cost_pusd);
    s->baseline_pusd = money_add(s->baseline_pusd, line->baseline_pusd);
}

static void add_saving(struct trend *t, const struct ledger_line *line)
{
    const char *name = summary_saving(line);

    for (size_t i = 0; name != NULL && i < TREND_SAVINGS_MAX; i++) {
        struct trend_saving *s = &t->savings[i];

        if (s->name != NULL && strcmp(s->name, name) != 0)
            continue;
        s->name = name;
        s->calls++;
        s->saved_pusd = money_add(s->saved_pusd, money_add(line->baseline_pusd, -line->cost_pusd));
        return;
    }
}

static void add_tier(struct trend *t, const struct ledger_line *line)
{
    for (size_t i = 0; line->tier > 0 && i < TREND_TIERS_MAX; i++) {
        struct trend_tier *e = &t->tiers[i];

        if (e->tier != 0 && (e->tier != line->tier || !is_name(e->route, line->route)))
            continue;
        if (e->tier == 0)
            set_name(e->route, line->route);
        e->tier = line->tier;
        set_name(e->model, line->used);
        e->asked++;
        e->failed += line->status < 200 || line->status >= 300 ? 1 : 0;
        e->escalated += (line->tags & TAG_ESCALATED) != 0 ? 1 : 0;
        return;
    }
}

void trend_add(struct trend *t, const struct ledger_line *line)
{
    const struct span names[TREND_DIMENSIONS] = {
        [TREND_MODEL] = line->used,
        [TREND_ROUTE] = line->route,
        [TREND_KEY] = line->key,
        [TREND_WORKLOAD] = line->workload,
    };
    const struct trend_cell cell = {
        .tokens = line->input + line->output,
        .cost_pusd = line->cost_pusd,
        .saved_pusd = money_add(line->baseline_pusd, -line->cost_pusd),
        .calls = 1,
    };
    size_t groups[TREND_DIMENSIONS];

    t->changes++;
    trend_advance(t, line->time_unix_ms);
    sum_line(&t->all, line);
    add_tier(t, line);
    if (month_of(t, line->time_unix_ms) == t->month)
        add_saving(t, line);
    if (number_of(t, TREND_MONTH, line->time_unix_ms) <= t->head[TREND_MONTH] - TREND_MONTH_POINTS)
        return;
    for (int by = 0; by < TREND_DIMENSIONS; by++)
        groups[by] = group_of(t, (enum trend_by)by, names[by]);
    for (int r = 0; r < TREND_RANGES; r++) {
        int64_t number = number_of(t, (enum trend_range)r, line->time_unix_ms);
        size_t place = place_of((enum trend_range)r, number);

        if (number <= t->head[r] - (int64_t)ranges[r].points)
            continue;
        sum_line(&t->sums[place], line);
        for (int by = 0; by < TREND_DIMENSIONS; by++)
            cell_add(&t->cells[by][place][groups[by]], &cell);
    }
}

/* ---- what is only known of live lines ---- */

/* Four buckets to each doubling; 0..3 have one each. */
static size_t bucket_of(int64_t ms)
{
    size_t doubling = 0;

    while (ms >> doubling >= 8)
        doubling++;
    size_t bucket = doubling * 4 + (size_t)(ms >> doubling);
    return bucket < TREND_TIME_BUCKETS ? bucket : TREND_TIME_BUCKETS - 1;
}

static int64_t bucket_end_ms(size_t bucket)
{
    size_t doubling = bucket < 8 ? 0 : bucket / 4 - 1;

    return ((int64_t)(bucket - doubling * 4 + 1) << doubling) - 1;
}

static void times_add(struct trend_times *t, int64_t ms)
{
    if (ms < 0)
        return;
    t->count++;
    t->buckets[bucket_of(ms)]++;
}

int64_t trend_quantile_ms(const struct trend_times *t, unsigned permille)
{
    uint64_t wanted = (t->count * permille + 999) / 1000;
    uint64_t seen = 0;

    for (size_t i = 0; i < TREND_TIME_BUCKETS && t->count > 0; i++) {
        seen += t->buckets[i];
        if (seen >= wanted && seen > 0)
            return bucket_end_ms(i);
    }
    return -1;
}

void trend_tail_add(struct trend *t, struct span text)
{
    size_t gone = 0;

    CHECK(text.len < TREND_TAIL_BYTES);
    while (t->tail_count == TREND_TAIL_LINES ||
           t->tail_bytes - gone + text.len > TREND_TAIL_BYTES) {
        gone += t->tail_lens[0];
        t->tail_count--;
        memmove(t->tail_lens, t->tail_lens + 1, t->tail_count * sizeof(t->tail_lens[0]));
    }
    memmove(t->tail, t->tail + gone, t->tail_bytes - gone);
    memcpy(t->tail + t->tail_bytes - gone, text.ptr, text.len);
    t->tail_bytes += text.len - gone;
    t->tail_lens[t->tail_count++] = (uint16_t)text.len;
}

struct span trend_tail(const struct trend *t, size_t nth)
{
    size_t end = t->tail_bytes;

    if (nth >= t->tail_count)
        return SPAN_EMPTY;
    for (size_t i = 0; i < nth; i++)
        end -= t->tail_lens[t->tail_count - 1 - i];
    return span_of(t->tail + end - t->tail_lens[t->tail_count - 1 - nth],
                   t->tail_lens[t->tail_count - 1 - nth]);
}

void trend_live(struct trend *t, const struct ledger_line *line, struct span text)
{
    trend_add(t, line);
    times_add(&t->total, line->total_ms);
    times_add(&t->first_byte, line->first_byte_ms);
    trend_tail_add(t, text);
}

/* ---- reading ---- */

size_t trend_points(enum trend_range range)
{
    return ranges[range].points;
}

int64_t trend_step_s(enum trend_range range)
{
    return ranges[range].step_s;
}

int64_t trend_begin_unix_ms(const struct trend *t, enum trend_range range)
{
    int64_t oldest = t->head[range] - (int64_t)ranges[range].points + 1;
    int64_t ms = oldest * ranges[range].step_s * TREND_MS_PER_S;

    return range == TREND_MONTH ? zone_to_unix_ms(&t->zone, ms) : ms;
}

/* 0 is the oldest; numbers before 1970 do not come up once time has begun. */
static size_t place_of_point(const struct trend *t, enum trend_range range, size_t point)
{
    int64_t number = t->head[range] - (int64_t)ranges[range].points + 1 + (int64_t)point;

    return place_of(range, number > 0 ? number : 0);
}

const struct trend_cell *trend_cell(const struct trend *t, enum trend_range range, enum trend_by by,
                                    size_t point, size_t group)
{
    return &t->cells[by][place_of_point(t, range, point)][group];
}

struct trend_sum trend_sum_of(const struct trend *t, enum trend_range range, size_t points)
{
    struct trend_sum sum = {0};

    for (size_t i = ranges[range].points - points; i < ranges[range].points; i++) {
        const struct trend_sum *s = &t->sums[place_of_point(t, range, i)];

        sum.calls += s->calls;
        sum.errors += s->errors;
        sum.input += s->input;
        sum.cached += s->cached;
        sum.output += s->output;
        sum.cost_pusd = money_add(sum.cost_pusd, s->cost_pusd);
        sum.baseline_pusd = money_add(sum.baseline_pusd, s->baseline_pusd);
    }
    return sum;
}

size_t trend_days_of_month(const struct trend *t)
{
    struct calendar c = calendar_from_unix_ms(t->head[TREND_MONTH] * TREND_DAY_S * TREND_MS_PER_S);

    return (size_t)c.day;
}

void trend_month(const struct trend *t, int64_t now_unix_ms, int64_t *begin_unix_ms,
                 int64_t *end_unix_ms)
{
    struct calendar c = calendar_from_unix_ms(local_ms(t, now_unix_ms));
    int year = c.month == 12 ? c.year + 1 : c.year;
    int month = c.month == 12 ? 1 : c.month + 1;
    int64_t day_ms = INT64_C(1000) * TREND_DAY_S;

    *begin_unix_ms =
        zone_to_unix_ms(&t->zone, calendar_days_from_date(c.year, c.month, 1) * day_ms);
    *end_unix_ms = zone_to_unix_ms(&t->zone, calendar_days_from_date(year, month, 1) * day_ms);
}
