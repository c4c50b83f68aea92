/* Budgets alone: periods, several at once, and a table so small that accounts give way all the
 * time, against a naive book that forgets nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "policy/budget.h"

enum { MEMORY_BYTES = 65536, ACCOUNTS = 6, SUBJECTS = 40, HOLDS = 5, STEPS = 20000 };

#define HOUR_MS INT64_C(3600000)
#define DAY_MS  (24 * HOUR_MS)

static struct {
    struct arena arena;
    struct budget_book book;
    struct budget_settings settings[3];
    _Alignas(16) char memory[MEMORY_BYTES];
} bench;

static void set_up(uint32_t accounts, size_t count)
{
    arena_wrap(&bench.arena, bench.memory, sizeof bench.memory);
    memset(&bench.book, 0, sizeof bench.book);
    assert_true(budget_carve(&bench.book, &bench.arena, accounts));
    budget_configure(&bench.book, bench.settings, count);
}

static void budget(size_t i, const char *name, int64_t limit_pusd, enum budget_period per,
                   enum budget_of of)
{
    struct budget_settings *s = &bench.settings[i];
    memset(s, 0, sizeof *s);
    memcpy(s->name, name, strlen(name) + 1);
    s->limit_pusd = limit_pusd;
    s->per = per;
    s->of = of;
}

static int64_t at(int year, int month, int day, int hour)
{
    struct calendar c = {.year = year, .month = month, .day = day, .hour = hour};
    return calendar_to_unix_ms(&c);
}

static void periods_begin_where_people_think(void **state)
{
    (void)state;
    int64_t t = at(2026, 2, 26, 17) + 12345; /* a Thursday */
    assert_int_equal(budget_period_begin(BUDGET_HOUR, t, &(struct zone){.standard_ms = 0}),
                     at(2026, 2, 26, 17));
    assert_int_equal(budget_period_begin(BUDGET_DAY, t, &(struct zone){.standard_ms = 0}),
                     at(2026, 2, 26, 0));
    assert_int_equal(budget_period_begin(BUDGET_WEEK, t, &(struct zone){.standard_ms = 0}),
                     at(2026, 2, 23, 0));
    assert_int_equal(budget_period_begin(BUDGET_MONTH, t, &(struct zone){.standard_ms = 0}),
                     at(2026, 2, 1, 0));
    assert_int_equal(budget_period_end(BUDGET_MONTH, t, &(struct zone){.standard_ms = 0}),
                     at(2026, 3, 1, 0));
    assert_int_equal(
        budget_period_end(BUDGET_MONTH, at(2026, 12, 31, 23), &(struct zone){.standard_ms = 0}),
        at(2027, 1, 1, 0));
    assert_int_equal(budget_period_end(BUDGET_WEEK, t, &(struct zone){.standard_ms = 0}),
                     at(2026, 3, 2, 0));
    assert_int_equal(budget_period_end(BUDGET_DAY, t, &(struct zone){.standard_ms = 0}),
                     at(2026, 2, 27, 0));
    assert_int_equal(budget_period_begin(BUDGET_TOTAL, t, &(struct zone){.standard_ms = 0}), 0);
    assert_int_equal(budget_period_end(BUDGET_TOTAL, t, &(struct zone){.standard_ms = 0}),
                     INT64_MAX);
    /* Ten hours ahead of UTC it is the next day already, and another month at its end. */
    assert_int_equal(
        budget_period_begin(BUDGET_DAY, t, &(struct zone){.standard_ms = 10 * HOUR_MS}),
        at(2026, 2, 26, 14));
    assert_int_equal(budget_period_begin(BUDGET_MONTH, at(2026, 2, 28, 20),
                                         &(struct zone){.standard_ms = 10 * HOUR_MS}),
                     at(2026, 2, 28, 14));
    /* Behind it, still the day before; half hours are zones too. */
    assert_int_equal(budget_period_begin(BUDGET_DAY, at(2026, 2, 26, 2),
                                         &(struct zone){.standard_ms = -5 * HOUR_MS}),
                     at(2026, 2, 25, 5));
    assert_int_equal(budget_period_begin(BUDGET_HOUR, at(2026, 2, 26, 2),
                                         &(struct zone){.standard_ms = HOUR_MS / 2}),
                     at(2026, 2, 26, 1) + HOUR_MS / 2);
    for (int day = 0; day < 800; day++) {
        int64_t ms = at(2026, 1, 1, 0) + day * DAY_MS + 1;
        for (int per = BUDGET_HOUR; per < BUDGET_TOTAL; per++) {
            int64_t end =
                budget_period_end((enum budget_period)per, ms, &(struct zone){.standard_ms = 0});
            assert_true(budget_period_begin((enum budget_period)per, ms,
                                            &(struct zone){.standard_ms = 0}) < ms &&
                        ms < end);
            assert_int_equal(
                budget_period_begin((enum budget_period)per, end, &(struct zone){.standard_ms = 0}),
                end);
            assert_int_equal(
                budget_period_begin((enum budget_period)per, end - 1,
                                    &(struct zone){.standard_ms = 0}),
                budget_period_begin((enum budget_period)per, ms, &(struct zone){.standard_ms = 0}));
        }
    }
}

static void all_budgets_must_agree_or_none_holds(void **state)
{
    struct budget_subject s = {.key = SPAN("till"), .session = SPAN("s1")};
    struct budget_verdict v;
    struct budget_hold a;
    struct budget_hold b;
    (void)state;
    budget(0, "house", 1000, BUDGET_DAY, BUDGET_OF_ALL);
    budget(1, "people", 300, BUDGET_DAY, BUDGET_OF_EACH_KEY);
    budget(2, "talks", 200, BUDGET_TOTAL, BUDGET_OF_EACH_SESSION);
    set_up(16, 3);
    int64_t now = at(2026, 2, 26, 10);
    assert_true(budget_reserve(&bench.book, &s, 150, now, &a, &v));
    assert_int_equal(a.count, 3);
    assert_false(budget_reserve(&bench.book, &s, 100, now, &b, &v));
    assert_string_equal(v.budget->name, "talks");
    assert_int_equal(v.left_pusd, 50);
    assert_int_equal(b.count, 0);
    assert_int_equal(budget_held_pusd(&bench.book), 450);
    budget_settle(&bench.book, &a, 120, now);
    assert_int_equal(budget_held_pusd(&bench.book), 0);
    budget_settle(&bench.book, &a, 120, now); /* empty by now */
    assert_int_equal(budget_left(&bench.book, &s, now, &v), 80);
    s.session = SPAN("s2");
    assert_int_equal(budget_left(&bench.book, &s, now, &v), 180);
    assert_string_equal(v.budget->name, "people");
    s.key = SPAN_EMPTY;
    s.session = SPAN_EMPTY;
    assert_int_equal(budget_left(&bench.book, &s, now, &v), 880);
    /* The mark is told once. */
    assert_true(budget_reserve(&bench.book, &s, 700, now, &a, &v));
    assert_non_null(v.warned);
    assert_true(budget_reserve(&bench.book, &s, 10, now, &b, &v));
    assert_null(v.warned);
    budget_settle(&bench.book, &a, 700, now);
    budget_settle(&bench.book, &b, 10, now);
}

static void clocks_that_jump_open_no_period_twice(void **state)
{
    const struct budget_subject s = {0};
    struct budget_verdict v;
    struct budget_hold h;
    (void)state;
    budget(0, "house", 100, BUDGET_DAY, BUDGET_OF_ALL);
    set_up(4, 1);
    int64_t noon = at(2026, 2, 26, 12);
    assert_true(budget_reserve(&bench.book, &s, 100, noon, &h, &v));
    budget_settle(&bench.book, &h, 100, noon);
    assert_int_equal(budget_left(&bench.book, &s, noon - 3 * DAY_MS, &v), 0);
    assert_int_equal(budget_left(&bench.book, &s, noon + DAY_MS, &v), 100); /* it jumps ahead */
    assert_true(budget_reserve(&bench.book, &s, 100, noon + DAY_MS, &h, &v));
    budget_settle(&bench.book, &h, 100, noon + DAY_MS);
    assert_int_equal(budget_left(&bench.book, &s, noon, &v), 0); /* and back */
    assert_int_equal(budget_left(&bench.book, &s, noon + DAY_MS, &v), 0);
    assert_int_equal(v.reset_unix_ms, at(2026, 2, 28, 0));
}

static uint64_t next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 33;
}

struct running {
    struct budget_hold hold;
    size_t subject;
    bool is_open;
};

/* More sessions than accounts: what gave way is never forgotten, whatever comes back. */
static void what_is_evicted_is_not_forgotten(void **state)
{
    static int64_t spent[SUBJECTS]; /* the truth */
    static char names[SUBJECTS][16];
    struct running running[HOLDS] = {0};
    uint64_t seed = 7;
    int admitted = 0;
    (void)state;
    budget(0, "talks", 1000, BUDGET_TOTAL, BUDGET_OF_EACH_SESSION);
    set_up(ACCOUNTS, 1);
    memset(spent, 0, sizeof spent);
    for (size_t i = 0; i < SUBJECTS; i++)
        snprintf(names[i], sizeof names[i], "s%zu", i);
    for (int step = 0; step < STEPS; step++) {
        struct running *r = &running[next(&seed) % HOLDS];
        int64_t now = at(2026, 2, 26, 10) + step;
        if (r->is_open) {
            int64_t cost = (int64_t)(next(&seed) % (uint64_t)(r->hold.amount_pusd + 1)) / 40;
            spent[r->subject] += cost;
            budget_settle(&bench.book, &r->hold, cost, now);
            r->is_open = false;
            assert_true(spent[r->subject] <= 1000);
            continue;
        }
        r->subject = (size_t)(next(&seed) % SUBJECTS);
        struct budget_subject s = {.session = span_str(names[r->subject])};
        struct budget_verdict v;
        int64_t amount = (int64_t)(1 + next(&seed) % 400);
        r->is_open = budget_reserve(&bench.book, &s, amount, now, &r->hold, &v);
        admitted += r->is_open;
        assert_true(budget_left(&bench.book, &s, now, &v) <= 1000 - spent[r->subject]);
    }
    assert_true(bench.book.evicted > 10);
    assert_true(admitted > 100);
    for (int i = 0; i < HOLDS; i++)
        budget_settle(&bench.book, &running[i].hold, 0, at(2026, 2, 27, 0));
    assert_int_equal(budget_held_pusd(&bench.book), 0);
}

static void no_place_for_an_account_is_no_room(void **state)
{
    struct budget_hold holds[4];
    struct budget_verdict v;
    char names[4][4] = {"a", "b", "c", "d"};
    (void)state;
    budget(0, "talks", 1000, BUDGET_TOTAL, BUDGET_OF_EACH_SESSION);
    set_up(3, 1);
    for (size_t i = 0; i < 4; i++) {
        struct budget_subject s = {.session = span_str(names[i])};
        assert_true(budget_reserve(&bench.book, &s, 10, 1000, &holds[i], &v) == (i < 3));
    }
    budget_settle(&bench.book, &holds[0], 5, 1000);
    struct budget_subject s = {.session = SPAN("d")};
    assert_true(budget_reserve(&bench.book, &s, 10, 1000, &holds[3], &v));
    assert_int_equal(v.spent_pusd, 5); /* it begins at what gave way for it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(periods_begin_where_people_think),
        cmocka_unit_test(all_budgets_must_agree_or_none_holds),
        cmocka_unit_test(clocks_that_jump_open_no_period_twice),
        cmocka_unit_test(what_is_evicted_is_not_forgotten),
        cmocka_unit_test(no_place_for_an_account_is_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
