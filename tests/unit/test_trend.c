#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>

#include "../sim/fake_disk.c"
#include "base/calendar.h"
#include "base/money.h"
#include "ledger/meters.h"
#include "ledger/past.h"
#include "ledger/trend.h"

enum { DAY_MS = 86400000, LINES = 30000 };

static struct trend trend;
static uint64_t seed;

static uint64_t pick(uint64_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (seed >> 33) % below;
}

static struct zone zone_of(const char *text)
{
    struct zone z;
    assert_true(zone_read(&z, span_str(text)));
    return z;
}

static int64_t at(int year, int month, int day, int hour)
{
    return calendar_to_unix_ms(
        &(struct calendar){.year = year, .month = month, .day = day, .hour = hour});
}

static struct ledger_line line_at(int64_t unix_ms)
{
    static const char *const models[] = {"small", "large", "huge"};
    static const char *const workloads[] = {"chat", "code", ""};
    struct ledger_line l = {.time_unix_ms = unix_ms,
                            .id = SPAN("fg-0123456789abcdef"),
                            .used = span_str(models[pick(3)]),
                            .workload = span_str(workloads[pick(3)]),
                            .route = SPAN("auto"),
                            .input = (int64_t)pick(5000),
                            .output = (int64_t)pick(500),
                            .cost_pusd = (int64_t)pick(1000000000),
                            .status = pick(9) == 0 ? 500 : 200,
                            .first_byte_ms = -1};
    l.baseline_pusd = l.cost_pusd + (int64_t)pick(2) * (int64_t)pick(1000000000);
    l.tags = pick(3) == 0 ? TAG_HIT : pick(2) == 0 ? TAG_ROUTED : 0;
    return l;
}

static struct trend_cell group_sum(enum trend_range r, enum trend_by by, size_t group)
{
    struct trend_cell sum = {0};
    for (size_t i = 0; i < trend_points(r); i++) {
        const struct trend_cell *c = trend_cell(&trend, r, by, i, group);
        sum.calls += c->calls;
        sum.tokens += c->tokens;
        sum.cost_pusd += c->cost_pusd;
        sum.saved_pusd += c->saved_pusd;
    }
    return sum;
}

/* Three months with a change to summer time in them, beside sums made the long way. */
static void sums_are_those_of_the_lines(void **state)
{
    static struct ledger_line lines[LINES];
    static struct summary month;
    struct zone berlin = zone_of("CET-1CEST,M3.5.0,M10.5.0/3");
    int64_t first = at(2100, 1, 20, 0);
    int64_t now = first;
    (void)state;
    seed = 5;
    trend_start(&trend, &berlin);
    for (int i = 0; i < LINES; i++) {
        now += (int64_t)pick(2 * (uint64_t)DAY_MS * 90 / LINES);
        lines[i] = line_at(now);
        trend_add(&trend, &lines[i]);
    }
    trend_advance(&trend, now + 1234);
    now += 1234;

    int64_t begin;
    int64_t end;
    trend_month(&trend, now, &begin, &end);
    assert_true(begin < now && now < end && end - begin >= 28 * (int64_t)DAY_MS - 3600000);
    summary_start(&month, &(struct summary_options){.since_unix_ms = begin});
    struct trend_sum whole = {0};
    for (int r = 0; r < TREND_RANGES; r++) {
        int64_t from = trend_begin_unix_ms(&trend, (enum trend_range)r);
        struct trend_sum sum = {0};
        for (int i = 0; i < LINES; i++) {
            if (r == 0) {
                summary_add(&month, &lines[i]);
                whole.cost_pusd += lines[i].cost_pusd;
            }
            if (lines[i].time_unix_ms < from)
                continue;
            sum.calls++;
            sum.errors += lines[i].status != 200;
            sum.input += lines[i].input;
            sum.cost_pusd += lines[i].cost_pusd;
            sum.baseline_pusd += lines[i].baseline_pusd;
        }
        struct trend_sum got =
            trend_sum_of(&trend, (enum trend_range)r, trend_points((enum trend_range)r));
        assert_int_equal(got.calls, sum.calls);
        assert_int_equal(got.errors, sum.errors);
        assert_int_equal(got.input, sum.input);
        assert_int_equal(got.cost_pusd, sum.cost_pusd);
        assert_int_equal(got.baseline_pusd, sum.baseline_pusd);
        for (int by = 0; by < TREND_DIMENSIONS; by++) {
            struct trend_cell all = {0};
            for (size_t g = 0; g < TREND_GROUPS; g++) {
                struct trend_cell one = group_sum((enum trend_range)r, (enum trend_by)by, g);
                all.calls += one.calls;
                all.cost_pusd += one.cost_pusd;
                all.saved_pusd += one.saved_pusd;
            }
            assert_int_equal(all.calls, sum.calls);
            assert_int_equal(all.cost_pusd, sum.cost_pusd);
            assert_int_equal(all.saved_pusd, sum.baseline_pusd - sum.cost_pusd);
        }
    }
    assert_int_equal(trend.all.calls, LINES);
    assert_int_equal(trend.all.cost_pusd, whole.cost_pusd);
    struct trend_sum of_month = trend_sum_of(&trend, TREND_MONTH, trend_days_of_month(&trend));
    assert_int_equal(of_month.calls, month.all.calls);
    assert_int_equal(of_month.cost_pusd, month.all.cost_pusd);
    for (size_t i = 0; i < month.by[SUMMARY_SAVING].count; i++) {
        const struct summary_group *g = &month.by[SUMMARY_SAVING].groups[i];
        size_t k = 0;
        while (k < TREND_SAVINGS_MAX && trend.savings[k].name != NULL &&
               strcmp(trend.savings[k].name, g->name) != 0)
            k++;
        assert_true(k < TREND_SAVINGS_MAX && trend.savings[k].name != NULL);
        assert_int_equal(trend.savings[k].calls, g->total.calls);
        assert_int_equal(trend.savings[k].saved_pusd, summary_saved_pusd(&g->total));
    }
}

static void days_begin_at_local_midnight(void **state)
{
    struct zone berlin = zone_of("CET-1CEST,M3.5.0,M10.5.0/3");
    struct ledger_line l = line_at(at(2100, 3, 27, 22)); /* 23:00 there, a day before summer */
    (void)state;
    trend_start(&trend, &berlin);
    trend_add(&trend, &l);
    l.time_unix_ms = at(2100, 3, 27, 23); /* 00:00 */
    trend_add(&trend, &l);
    l.time_unix_ms = at(2100, 3, 28, 21); /* 23:00, an hour was left out */
    trend_add(&trend, &l);
    l.time_unix_ms = at(2100, 3, 28, 22);
    trend_add(&trend, &l);
    assert_int_equal(trend_sum_of(&trend, TREND_MONTH, 1).calls, 1);
    assert_int_equal(trend_sum_of(&trend, TREND_MONTH, 2).calls, 3);
    assert_int_equal(trend_sum_of(&trend, TREND_MONTH, 3).calls, 4);
    assert_int_equal(trend_days_of_month(&trend), 29);
    trend_advance(&trend, at(2100, 3, 31, 22));
    assert_int_equal(trend_days_of_month(&trend), 1);
    assert_int_equal(trend_sum_of(&trend, TREND_MONTH, 1).calls, 0);
    assert_null(trend.savings[0].name);
}

/* Old lines come late, as when the ledger is read behind the gateway, and a clock that was ahead.
 */
static void lines_come_in_any_order(void **state)
{
    struct zone utc = {0};
    int64_t now = at(2100, 5, 20, 12);
    struct ledger_line l = line_at(now);
    (void)state;
    trend_start(&trend, &utc);
    trend_add(&trend, &l);
    l.time_unix_ms = now - 59 * 60000;
    trend_add(&trend, &l);
    l.time_unix_ms = now - 61 * 60000;
    trend_add(&trend, &l);
    l.time_unix_ms = now - 40 * (int64_t)DAY_MS;
    trend_add(&trend, &l);
    assert_int_equal(trend_sum_of(&trend, TREND_HOUR, TREND_HOUR_POINTS).calls, 2);
    assert_int_equal(trend_sum_of(&trend, TREND_DAY, TREND_DAY_POINTS).calls, 3);
    assert_int_equal(trend_sum_of(&trend, TREND_MONTH, TREND_MONTH_POINTS).calls, 3);
    assert_int_equal(trend.all.calls, 4);
    trend_advance(&trend, now + 400 * (int64_t)DAY_MS);
    assert_int_equal(trend_sum_of(&trend, TREND_MONTH, TREND_MONTH_POINTS).calls, 0);
    trend_advance(&trend, now); /* back: nothing is opened anew */
    assert_int_equal(trend_sum_of(&trend, TREND_MONTH, TREND_MONTH_POINTS).calls, 0);
    assert_int_equal(trend.all.calls, 4);
}

/* Nine names that come once, and then one that comes often: it earns a group, nothing is lost. */
static void a_late_name_earns_its_group(void **state)
{
    static const char *const tail[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i"};
    struct zone utc = {0};
    int64_t now = at(2100, 5, 20, 12);
    size_t found = 0;
    (void)state;
    trend_start(&trend, &utc);
    for (int i = 0; i < 900; i++) {
        struct ledger_line l = line_at(now + i);
        l.key = span_str(i < 90 || i % 5 == 0 ? tail[i % 9] : "often");
        trend_add(&trend, &l);
    }
    for (size_t g = 1; g < TREND_GROUPS; g++)
        if (strcmp(trend.by[TREND_KEY].names[g], "often") == 0)
            found = g;
    assert_true(found > 0);
    assert_true(group_sum(TREND_HOUR, TREND_KEY, found).calls > 600);
    uint64_t calls = 0;
    for (size_t g = 0; g < TREND_GROUPS; g++)
        calls += group_sum(TREND_HOUR, TREND_KEY, g).calls;
    assert_int_equal(calls, 900);
}

static void quantiles_are_near(void **state)
{
    struct zone utc = {0};
    (void)state;
    trend_start(&trend, &utc);
    assert_int_equal(trend_quantile_ms(&trend.total, 500), -1);
    for (int i = 1; i <= 1000; i++) {
        struct ledger_line l = line_at(at(2100, 5, 20, 12));
        l.total_ms = i;
        l.first_byte_ms = i % 2 == 0 ? -1 : 3;
        trend_live(&trend, &l, SPAN("x"));
    }
    const unsigned permilles[] = {1, 500, 900, 990, 1000};
    for (size_t i = 0; i < 5; i++) {
        int64_t ms = trend_quantile_ms(&trend.total, permilles[i]);
        assert_true(ms >= (int64_t)permilles[i] && ms <= (int64_t)permilles[i] * 115 / 100 + 1);
    }
    assert_int_equal(trend.first_byte.count, 500);
    assert_int_equal(trend_quantile_ms(&trend.first_byte, 990), 3);
    struct ledger_line l = line_at(at(2100, 5, 20, 12));
    l.total_ms = INT64_MAX / 2; /* a clock gone wrong */
    trend_live(&trend, &l, SPAN("x"));
    assert_true(trend_quantile_ms(&trend.total, 1000) > 30000000);
}

static void the_tail_keeps_the_newest(void **state)
{
    struct zone utc = {0};
    char text[1200];
    (void)state;
    trend_start(&trend, &utc);
    assert_int_equal(trend_tail(&trend, 0).len, 0);
    for (int i = 0; i < 50; i++) {
        memset(text, 'a' + i % 26, sizeof text);
        trend_tail_add(&trend, span_of(text, i < 44 ? 100 : sizeof text));
    }
    for (size_t i = 0; i < trend.tail_count; i++)
        assert_int_equal(trend_tail(&trend, i).ptr[0], 'a' + (49 - (int)i) % 26);
    assert_int_equal(trend_tail(&trend, 0).len, sizeof text);
    assert_true(trend.tail_count < TREND_TAIL_LINES); /* six long ones have pushed some out */
    assert_int_equal(trend_tail(&trend, trend.tail_count).len, 0);
    for (int i = 0; i < 30; i++)
        trend_tail_add(&trend, SPAN("x"));
    assert_int_equal(trend.tail_count, TREND_TAIL_LINES);
}

/* Beside what the long way gives; the last of the models and all after it are the others. */
static void meters_count_each_line(void **state)
{
    static struct meters m;
    uint64_t below[METERS][METERS_BOUNDS_MAX + 1] = {{0}};
    uint64_t others = 0;
    (void)state;
    memset(&m, 0, sizeof m);
    seed = 11;
    for (int i = 0; i < 5000; i++) {
        char name[8] = "model-a";
        char asked[8] = "asked-a";
        struct ledger_line l = line_at(i);
        name[6] = (char)('a' + (i < METERS_MODELS ? i : (int)pick(12)));
        l.used = span_str(name);
        l.first_byte_ms = pick(5) == 0 ? -1 : (int64_t)pick(12000);
        l.total_ms = (int64_t)pick(100000);
        l.tags &= ~(uint32_t)TAG_HIT;
        const int64_t values[METERS] = {l.input, l.output, l.first_byte_ms, l.total_ms};
        asked[6] = name[6];
        meters_line(&m, &l, name[6] % 2 == 0 ? "chat" : "embeddings", span_str(asked));
        others += name[6] > 'a' + METERS_MODELS - 2;
        for (int k = 0; k < METERS; k++) {
            size_t count;
            const int64_t *bounds = meter_bounds((enum meter)k, &count);
            size_t at = 0;
            while (at < count && values[k] > bounds[at])
                at++;
            below[k][at] += values[k] >= 0;
        }
    }
    for (int k = 0; k < METERS; k++)
        for (size_t at = 0; at <= METERS_BOUNDS_MAX; at++) {
            uint64_t sum = 0;
            for (size_t i = 0; i < METERS_MODELS; i++)
                sum += m.models[i].counts[k].below[at];
            assert_int_equal(sum, below[k][at]);
        }
    assert_string_equal(m.models[0].name, "model-a");
    assert_string_equal(m.models[0].asked, "asked-a");
    assert_string_equal(m.models[0].operation, "embeddings");
    assert_string_equal(m.models[METERS_MODELS - 1].name, METERS_OTHER);
    assert_string_equal(m.models[METERS_MODELS - 1].operation, METERS_OTHER);
    assert_int_equal(m.models[METERS_MODELS - 1].counts[METER_TOTAL].count, others);
    struct ledger_line hit = line_at(9);
    hit.tags = TAG_HIT;
    hit.baseline_pusd = 5;
    hit.cost_pusd = 0;
    uint64_t calls = m.models[0].counts[METER_TOTAL].count;
    hit.used = SPAN("model-a");
    meters_line(&m, &hit, "embeddings", SPAN("asked-a")); /* saves, and is no call of a model */
    assert_int_equal(m.models[0].counts[METER_TOTAL].count, calls);
    assert_int_equal(m.tags[0], 1);
    /* One model, asked for in three ways, and for two purposes. */
    static struct meters few;
    hit.tags = 0;
    meters_line(&few, &hit, "chat", SPAN("auto"));
    meters_line(&few, &hit, "chat", SPAN(METERS_OTHER));
    meters_line(&few, &hit, "chat", SPAN("auto"));
    meters_line(&few, &hit, "embeddings", SPAN("auto"));
    assert_int_equal(few.models[0].counts[METER_TOTAL].count, 2);
    assert_int_equal(few.models[1].counts[METER_TOTAL].count, 1);
    assert_string_equal(few.models[1].asked, METERS_OTHER);
    assert_string_equal(few.models[2].operation, "embeddings");
    assert_null(few.models[3].operation);
}

/* ---- the past ---- */

static struct past_case {
    struct arena arena;
    struct ledger_settings settings;
    struct diag diag;
    struct ledger ledger;
    struct past past;
    int64_t now;
    uint64_t written;
} c;

static char memory[256 * 1024];

static void reopen(void)
{
    char text[256];
    struct fmt why;
    arena_wrap(&c.arena, memory, sizeof memory);
    diag_init(&c.diag, DIAG_ERROR, 2);
    fmt_init(&why, text, sizeof text);
    assert_true(ledger_carve(&c.ledger, &c.arena, &c.settings, &c.diag));
    assert_true(ledger_open(&c.ledger, 0, &why));
}

static void write_lines(int count, bool live)
{
    for (int i = 0; i < count; i++) {
        struct ledger_line l = line_at(c.now++);
        l.time_unix_ms = ledger_append(&c.ledger, &l, c.now);
        c.written++;
        if (live)
            trend_live(&trend, &l, SPAN("x"));
    }
}

/* Read in pieces, with lines and rotations in between: every line counts once. */
static void every_line_counts_once(void **state)
{
    struct zone utc = {0};
    (void)state;
    for (int story = 0; story < 40; story++) {
        seed = (uint64_t)story;
        fake_disk_reset(seed);
        memset(&c, 0, sizeof c);
        c.settings = (struct ledger_settings){
            .path = "/ledger", .max_size_bytes = 20000, .keep = 60, .sync_ms = 0};
        c.now = at(2100, 5, 20, 12);
        reopen();
        write_lines((int)pick(900), false);
        ledger_close(&c.ledger, c.now);
        reopen();
        trend_start(&trend, &utc);
        past_open(&c.past, &c.ledger, &trend);
        size_t tail = trend.tail_count;
        assert_true(c.written == 0 ? tail == 0 : tail > 0);
        unsigned percent = 0;
        for (int turns = 0; past_running(&c.past); turns++) {
            assert_true(turns < 2000 && past_percent(&c.past) >= percent);
            percent = past_percent(&c.past);
            past_step(&c.past, &c.ledger, &trend);
            if (pick(3) == 0)
                write_lines((int)pick(60), true);
        }
        assert_int_equal(past_percent(&c.past), 100);
        assert_int_equal(c.past.damaged, 0);
        assert_int_equal(trend.all.calls, c.written);
        assert_int_equal(fake_disk_open_count(), 1);
        past_close(&c.past);
        ledger_close(&c.ledger, c.now);
    }
}

/* A file that goes, a line that is damaged and one that is too long to be one. */
static void what_is_wrong_is_left_out(void **state)
{
    static char text[64 * 1024];
    struct zone utc = {0};
    struct fmt f;
    (void)state;
    fake_disk_reset(1);
    memset(&c, 0, sizeof c);
    c.settings =
        (struct ledger_settings){.path = "/ledger", .max_size_bytes = 0, .keep = 3, .sync_ms = 0};
    fmt_init(&f, text, sizeof text);
    ledger_head_write(&f);
    for (int i = 0; i < 20; i++) {
        struct ledger_line l = line_at(at(2100, 5, 20, 12) + i);
        assert_true(ledger_line_write(&l, &f));
        if (i == 10)
            fmt_str(&f, "no line of a ledger\n");
        if (i == 15) {
            fmt_fill(&f, 'x', 9000);
            fmt_char(&f, '\n');
        }
    }
    fake_disk_put("/ledger", fmt_span(&f));
    fake_disk_put("/ledger.2", fmt_span(&f));
    reopen();
    trend_start(&trend, &utc);
    past_open(&c.past, &c.ledger, &trend);
    for (int turns = 0; turns < 20; turns++)
        past_step(&c.past, &c.ledger, &trend);
    assert_false(past_running(&c.past));
    assert_int_equal(trend.all.calls, 40);
    assert_int_equal(c.past.damaged, 4);
    ledger_close(&c.ledger, 0);
    past_init(&c.past);
    assert_false(past_running(&c.past));
    past_close(&c.past);
    assert_int_equal(fake_disk_open_count(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_those_of_the_lines),
        cmocka_unit_test(days_begin_at_local_midnight),
        cmocka_unit_test(lines_come_in_any_order),
        cmocka_unit_test(a_late_name_earns_its_group),
        cmocka_unit_test(quantiles_are_near),
        cmocka_unit_test(the_tail_keeps_the_newest),
        cmocka_unit_test(meters_count_each_line),
        cmocka_unit_test(every_line_counts_once),
        cmocka_unit_test(what_is_wrong_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
