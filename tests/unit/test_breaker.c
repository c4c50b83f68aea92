#include "cm.h"
#include "policy/breaker.h"

static void fail_until_open(struct breaker *b, int64_t now_ms)
{
    for (int i = 0; i < BREAKER_TRIP; i++) {
        assert_int_equal(breaker_state(b, now_ms), BREAKER_CLOSED);
        assert_true(breaker_allows(b, now_ms));
        breaker_call(b, now_ms);
        breaker_failed(b, 0, 0, now_ms);
    }
}

static void test_a_life(void **state)
{
    struct breaker b = {0};
    int64_t now_ms = 5000;

    (void)state;
    fail_until_open(&b, now_ms);
    assert_int_equal(breaker_state(&b, now_ms), BREAKER_OPEN);
    assert_false(breaker_allows(&b, now_ms));
    assert_int_equal(breaker_wait_ms(&b, now_ms), BREAKER_WAIT_MS);
    now_ms += BREAKER_WAIT_MS;
    assert_int_equal(breaker_state(&b, now_ms), BREAKER_HALF_OPEN);
    assert_true(breaker_allows(&b, now_ms));
    breaker_call(&b, now_ms);
    assert_false(breaker_allows(&b, now_ms)); /* one probe */
    breaker_failed(&b, 0, 0, now_ms);
    assert_int_equal(breaker_wait_ms(&b, now_ms), 2 * BREAKER_WAIT_MS);
    now_ms += 2 * BREAKER_WAIT_MS;
    breaker_call(&b, now_ms);
    breaker_succeeded(&b);
    assert_int_equal(breaker_state(&b, now_ms), BREAKER_CLOSED);
    assert_int_equal(b.trips, 1);
    fail_until_open(&b, now_ms); /* from the start again */
    assert_int_equal(breaker_wait_ms(&b, now_ms), BREAKER_WAIT_MS);
}

static void test_waits_are_bounded(void **state)
{
    struct breaker b = {0};
    int64_t now_ms = 0;

    (void)state;
    fail_until_open(&b, now_ms);
    for (int i = 0; i < 20; i++) {
        int64_t wait_ms = breaker_wait_ms(&b, now_ms);

        assert_in_range(wait_ms, BREAKER_WAIT_MS * 3 / 4, BREAKER_WAIT_MS_MAX);
        now_ms += wait_ms;
        breaker_call(&b, now_ms);
        breaker_failed(&b, 0, (uint32_t)(i * 7919 + 13), now_ms);
    }
    now_ms += breaker_wait_ms(&b, now_ms);
    breaker_failed(&b, 90000, 0, now_ms); /* the vendor's word is the least */
    assert_int_equal(breaker_wait_ms(&b, now_ms), 90000);
    now_ms += 90000;
    breaker_failed(&b, INT64_MAX, 0, now_ms);
    assert_int_equal(breaker_wait_ms(&b, now_ms), BREAKER_RETRY_AFTER_MS_MAX);
}

static void test_late_and_lost(void **state)
{
    struct breaker b = {0};

    (void)state;
    fail_until_open(&b, 0);
    breaker_failed(&b, 0, 0, 10); /* began before it opened */
    assert_int_equal(breaker_wait_ms(&b, 10), BREAKER_WAIT_MS - 10);
    breaker_call(&b, BREAKER_WAIT_MS);
    breaker_untold(&b); /* its client left: the next one probes */
    assert_true(breaker_allows(&b, BREAKER_WAIT_MS));
    breaker_call(&b, BREAKER_WAIT_MS);
    assert_true(breaker_allows(&b, BREAKER_WAIT_MS + BREAKER_PROBE_MS));
}

static void test_limits(void **state)
{
    struct breaker b = {0};

    (void)state;
    breaker_limited(&b, 7000, 100);
    assert_true(breaker_allows(&b, 100));
    assert_false(breaker_is_ready(&b, 7099));
    assert_true(breaker_is_ready(&b, 7100));
    breaker_limited(&b, 0, 100);
    assert_false(breaker_is_ready(&b, 100 + BREAKER_WAIT_MS - 1));
    assert_int_equal(breaker_state(&b, 100), BREAKER_CLOSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_life),
        cmocka_unit_test(test_waits_are_bounded),
        cmocka_unit_test(test_late_and_lost),
        cmocka_unit_test(test_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
