#include "cm.h"
#include "policy/prefix.h"
#include "policy/switch.h"

/* Picodollars a token: 3 and 15 USD a million with a cache at a tenth, and 0.5 and 2. */
static const struct price_set strong = {
    .input_pusd = 3000000, .cached_input_pusd = 300000, .output_pusd = 15000000};
static const struct price_set cheap = {
    .input_pusd = 500000, .cached_input_pusd = 50000, .output_pusd = 2000000};

static bool stays(int64_t held, int64_t go_held, int64_t input, int64_t output, int64_t bound_milli,
                  struct switch_sum *sum)
{
    const struct switch_side stay = {strong, held};
    const struct switch_side go = {cheap, go_held};

    return switch_stays(&stay, &go, input, output, bound_milli, sum);
}

static void a_long_beginning_keeps_a_conversation(void **state)
{
    struct switch_sum sum;

    (void)state;
    /* 20,000 tokens, all but 100 of them held: 20000 x 0.5 against 19900 x 0.3 + 100 x 3. */
    assert_true(stays(19900, 0, 20000, 0, 0, &sum));
    assert_int_equal(sum.stay_pusd, 19900 * INT64_C(300000) + 100 * INT64_C(3000000));
    assert_int_equal(sum.go_pusd, 20000 * INT64_C(500000));
    /* Going costs 59.5 % more: within a bound of 60 %, beyond one of 59 %. */
    assert_true(stays(19900, 0, 20000, 0, 590, &sum));
    assert_false(stays(19900, 0, 20000, 0, 600, &sum));
    /* What is said costs five times as much there, and then it is the other way round. */
    assert_false(stays(19900, 0, 20000, 1000, 0, &sum));
    assert_true(sum.go_pusd < sum.stay_pusd);
}

static void who_holds_it_too_is_no_dearer(void **state)
{
    struct switch_sum sum;

    (void)state;
    assert_false(stays(19900, 19900, 20000, 0, 0, &sum));
    assert_int_equal(sum.go_pusd, 19900 * INT64_C(50000) + 100 * INT64_C(500000));
}

static void ends_of_the_scale(void **state)
{
    const struct switch_side none = {.held_tokens = 5};
    const struct switch_side dear = {{.input_pusd = INT64_MAX / 2}, 0};
    struct switch_sum sum;

    (void)state;
    /* Free ones; more held than there is; sums that have no place. */
    assert_false(switch_stays(&none, &none, 0, 0, 0, &sum));
    assert_int_equal(sum.stay_pusd, 0);
    assert_true(switch_stays(&none, &dear, 10, 10, 10000, &sum));
    assert_int_equal(sum.go_pusd, INT64_MAX);
    assert_false(switch_stays(&dear, &dear, 10, 10, 0, &sum));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_beginning_keeps_a_conversation),
        cmocka_unit_test(who_holds_it_too_is_no_dearer),
        cmocka_unit_test(ends_of_the_scale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
