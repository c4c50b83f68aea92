#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/calendar.h"
#include "base/zone.h"
#include "cm.h"
#include "policy/budget_settings.h"

#define HOUR INT64_C(3600000)

static int64_t at(int year, int month, int day, int hour)
{
    return calendar_to_unix_ms(&(struct calendar){year, month, day, hour, 0, 0, 0, 0});
}

static void test_reading(void **state)
{
    static const char *const bad[] = {
        "",
        "C",
        "CE-1",
        "CET",
        "CET-25",
        "CET-1:60",
        "CET-1CE",
        "+2:00",
        "+25:00",
        "CET-1CEST,",
        "CET-1CEST,M3.5.0",
        "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.0.0,M10.5.0",
        "CET-1CEST,M3.5.7,M10.5.0",
        "CET-1CEST,J0,J1",
        "CET-1CEST,366,1",
        "CET-1CEST,M3.5.0,M10.5.0/3x",
        "<ab>1",
        "<abc1",
        "CET-1CEST,M3.5.0/168,M10.5.0",
        "../etc/passwd",
    };
    struct zone z;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(zone_read(&z, span_str(bad[i])));
    assert_true(zone_read(&z, SPAN("UTC")) && z.standard_ms == 0);
    assert_true(zone_read(&z, SPAN("-03:30")) && z.standard_ms == -7 * HOUR / 2);
    assert_true(zone_read(&z, SPAN("<+0545>-5:45")) && z.standard_ms == 23 * HOUR / 4);
    assert_true(zone_read(&z, SPAN("EST5EDT")) && z.has_daylight && z.daylight_ms == -4 * HOUR);
}

static void test_file(void **state)
{
    struct span text = zone_of_file(SPAN("TZif2\0\0\nrubbish\0\0\nCET-1CEST,M3.5.0,M10.5.0/3\n"));

    (void)state;
    assert_true(span_equal(text, SPAN("CET-1CEST,M3.5.0,M10.5.0/3")));
    assert_int_equal(zone_of_file(SPAN("TZif2")).len, 0);
    assert_int_equal(zone_of_file(SPAN("")).len, 0);
    assert_int_equal(zone_of_file(SPAN("ELF\nCET-1\n")).len, 0);
}

static void test_changes(void **state)
{
    struct zone z;

    (void)state;
    assert_true(zone_read(&z, SPAN("CET-1CEST,M3.5.0,M10.5.0/3")));
    /* 2026-03-29 02:00 CET and 2026-10-25 03:00 CEST are both 01:00 UTC. */
    assert_int_equal(zone_offset_ms(&z, at(2026, 3, 29, 1) - 1), HOUR);
    assert_int_equal(zone_offset_ms(&z, at(2026, 3, 29, 1)), 2 * HOUR);
    assert_int_equal(zone_offset_ms(&z, at(2026, 10, 25, 1) - 1), 2 * HOUR);
    assert_int_equal(zone_offset_ms(&z, at(2026, 10, 25, 1)), HOUR);
    assert_int_equal(zone_to_unix_ms(&z, at(2026, 10, 25, 2)), at(2026, 10, 25, 0)); /* the first */
    assert_int_equal(zone_to_unix_ms(&z, at(2026, 3, 29, 2)), at(2026, 3, 29, 1));
    assert_int_equal(budget_period_end(BUDGET_DAY, at(2026, 3, 29, 12), &z) -
                         budget_period_begin(BUDGET_DAY, at(2026, 3, 29, 12), &z),
                     23 * HOUR);
    assert_int_equal(budget_period_end(BUDGET_DAY, at(2026, 10, 25, 12), &z) -
                         budget_period_begin(BUDGET_DAY, at(2026, 10, 25, 12), &z),
                     25 * HOUR);
    assert_int_equal(budget_period_begin(BUDGET_MONTH, at(2026, 7, 31, 23), &z),
                     at(2026, 7, 31, 22)); /* it is August there */
}

/* The C library of the machine that runs the tests knows the same rules. */
static void test_as_libc(void **state)
{
    static const char *const zones[] = {
        "CET-1CEST,M3.5.0,M10.5.0/3",   "EST5EDT,M3.2.0,M11.1.0",
        "AEST-10AEDT,M10.1.0,M4.1.0/3", "<-03>3",
        "IST-1GMT0,M10.5.0,M3.5.0/1",   "NZST-12NZDT,M9.5.0,M4.1.0/3",
        "XYZ3ABC,J60/0,J300/5",         "XYZ-4ABC,59/2,299/-1",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
        struct zone z;

        assert_true(zone_read(&z, span_str(zones[i])));
        setenv("TZ", zones[i], 1);
        tzset();
        for (int64_t ms = at(2026, 1, 1, 0); ms < at(2029, 1, 2, 0); ms += 7 * HOUR / 2) {
            time_t t = (time_t)(ms / 1000);
            struct tm tm;

            assert_non_null(localtime_r(&t, &tm));
            assert_int_equal(zone_offset_ms(&z, ms), (int64_t)tm.tm_gmtoff * 1000);
        }
    }
    setenv("TZ", "UTC0", 1);
}

/* Periods follow each other without a gap, whatever the clock does on the wall. */
static void test_periods_are_whole(void **state)
{
    static const char *const zones[] = {
        "UTC",    "CET-1CEST,M3.5.0,M10.5.0/3",      "AEST-10AEDT,M10.1.0,M4.1.0/3",
        "-03:30", "<-04>4<-03>,M9.1.6/24,M4.1.6/24", /* Chile: at midnight */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
        struct zone z;

        assert_true(zone_read(&z, span_str(zones[i])));
        for (int per = BUDGET_HOUR; per < BUDGET_TOTAL; per++) {
            for (int64_t ms = at(2027, 1, 1, 0); ms < at(2028, 1, 1, 0); ms += HOUR / 2) {
                int64_t begin = budget_period_begin((enum budget_period)per, ms, &z);
                int64_t end = budget_period_end((enum budget_period)per, ms, &z);

                assert_true(begin <= ms && ms < end);
                assert_int_equal(budget_period_begin((enum budget_period)per, end, &z), end);
                assert_int_equal(budget_period_begin((enum budget_period)per, end - 1, &z), begin);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reading),           cmocka_unit_test(test_file),
        cmocka_unit_test(test_changes),           cmocka_unit_test(test_as_libc),
        cmocka_unit_test(test_periods_are_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
