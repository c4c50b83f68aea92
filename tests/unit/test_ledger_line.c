#include <string.h>

#include "cm.h"
#include "ledger/line.h"

static struct ledger_line sample(void)
{
    return (struct ledger_line){
        .time_unix_ms = INT64_C(1700000000123),
        .id = SPAN("fg-1"),
        .asked = SPAN("auto"),
        .used = SPAN("m\tx\n"),
        .tier = 2,
        .input = 10,
        .cached = 4,
        .output = 7,
        .reasoning = 3,
        .cost_pusd = 123456789,
        .baseline_pusd = -5,
        .status = 200,
        .total_ms = 12,
        .first_byte_ms = -1,
        .tags = TAG_TIER | TAG_ESTIMATED | TAG_DEMO,
        .label = SPAN_EMPTY,
    };
}

static void test_round_trip(void **state)
{
    struct ledger_line line = sample();
    struct ledger_line back = {0};
    char text[LEDGER_LINE_BYTES_MAX];
    struct fmt f;

    (void)state;
    fmt_init(&f, text, sizeof(text));
    assert_true(ledger_line_write(&line, &f));
    assert_int_equal(text[f.len - 1], '\n');
    assert_true(ledger_line_read(&back, span_of(text, f.len - 1)));
    assert_int_equal(back.time_unix_ms, line.time_unix_ms);
    assert_true(span_equal(back.used, SPAN("m_x_")));
    assert_int_equal(back.route.len, 0);
    assert_true(back.cost_pusd == line.cost_pusd && back.baseline_pusd == -5 &&
                back.tags == line.tags);
    assert_true(back.input == 10 && back.cached == 4 && back.output == 7 && back.reasoning == 3);
    assert_int_equal(back.first_byte_ms, -1);
}

static void test_any_damage_is_seen(void **state)
{
    struct ledger_line line = sample();
    struct ledger_line back;
    char text[LEDGER_LINE_BYTES_MAX];
    struct fmt f;

    (void)state;
    fmt_init(&f, text, sizeof(text));
    assert_true(ledger_line_write(&line, &f));
    for (size_t i = 0; i < f.len - 1; i++) {
        for (int bit = 0; bit < 8; bit++) {
            text[i] = (char)(text[i] ^ 1 << bit);
            /* Only the case of a hex digit of the crc itself may change unseen. */
            if (ledger_line_read(&back, span_of(text, f.len - 1)))
                assert_true(bit == 5 && i >= f.len - 9);
            text[i] = (char)(text[i] ^ 1 << bit);
        }
        assert_false(ledger_line_read(&back, span_of(text, i)));
    }
}

static void test_the_longest_line_fits(void **state)
{
    static char name[LEDGER_NAME_BYTES * 2];
    struct ledger_line line = sample();
    char text[LEDGER_LINE_BYTES_MAX];
    struct fmt f;

    (void)state;
    memset(name, 'n', sizeof(name));
    line.id = line.key = line.route = line.workload = line.asked = line.used = line.label =
        span_of(name, sizeof(name));
    line.tags = UINT32_MAX;
    line.input = line.cached = line.output = line.reasoning = line.cost_pusd = line.total_ms =
        INT64_MAX;
    line.baseline_pusd = INT64_MIN + 1;
    line.tier = UINT32_MAX;
    fmt_init(&f, text, sizeof(text));
    assert_true(ledger_line_write(&line, &f));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_any_damage_is_seen),
        cmocka_unit_test(test_the_longest_line_fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
