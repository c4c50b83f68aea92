#include <stdio.h>
#include <string.h>

#include "cm.h"
#include "policy/prefix.h"

#define SYSTEM "{\"role\":\"system\",\"content\":\"s\"}"
#define FIRST  "{\"role\":\"user\",\"content\":\"1\"}"
#define SECOND "{\"role\":\"user\",\"content\":\"2\"}"

static struct prefix_table table;
static struct prefix_match match;

static size_t find(const char *body, int64_t now_ms)
{
    prefix_find(&table, 1, API_CHAT, span_str(body), now_ms, &match);
    return match.bytes;
}

static void test_seen(void **state)
{
    static const char one[] = "{\"messages\":[" SYSTEM "," FIRST "]}";
    static const char more[] = "{\"messages\":[" SYSTEM ", " FIRST ",\n" SECOND "],\"n\":1}";
    static const char other[] = "{\"messages\":[" SYSTEM "," SECOND "]}";
    static const char none[] = "{\"messages\":[" FIRST "]}";

    (void)state;
    memset(&table, 0, sizeof(table));
    assert_int_equal(find(one, 0), 0);
    prefix_remember(&table, 1, API_CHAT, span_str(one), false, 1000);
    /* A conversation that goes on; another one with the same system prompt; one without. */
    assert_int_equal(find(more, 2000), strstr(more, ",\n") - more);
    assert_int_equal(match.times, 1);
    assert_false(match.changed);
    assert_true(match.tokens > 0);
    assert_int_equal(find(other, 2000), strstr(other, "},{") + 1 - other);
    assert_int_equal(find(none, 2000), 0);
    prefix_find(&table, 2, API_CHAT, span_str(one), 2000, &match);
    assert_int_equal(match.bytes, 0);
    prefix_remember(&table, 1, API_CHAT, span_str(one), true, 3000);
    assert_true(find(one, 3000) > 0);
    assert_int_equal(match.times, 2);
    assert_true(match.changed);
    /* After a while the vendor has forgotten it, and so have we. */
    assert_true(find(one, 3000 + PREFIX_TTL_MS - 1) > 0);
    assert_int_equal(find(one, 3000 + PREFIX_TTL_MS), 0);
    prefix_remember(&table, 1, API_CHAT, span_str(one), false, 3000 + PREFIX_TTL_MS);
    assert_true(find(one, 3000 + PREFIX_TTL_MS) > 0);
    assert_int_equal(match.times, 1);
}

static void test_other_apis(void **state)
{
    static const char messages[] = "{\"system\":\"s\",\"messages\":[" FIRST "]}";
    static const char again[] = "{\"system\":\"s\",\"messages\":[" SECOND "]}";
    static const char responses[] = "{\"instructions\":\"s\",\"input\":\"x\"}";

    (void)state;
    memset(&table, 0, sizeof(table));
    prefix_remember(&table, 1, API_MESSAGES, span_str(messages), false, 0);
    prefix_find(&table, 1, API_MESSAGES, span_str(again), 0, &match);
    assert_int_equal(match.bytes, strlen("{\"system\":\"s\""));
    prefix_remember(&table, 1, API_RESPONSES, span_str(responses), false, 0);
    prefix_find(&table, 1, API_RESPONSES, span_str(responses), 0, &match);
    assert_int_equal(match.bytes, strlen("{\"instructions\":\"s\""));
    prefix_remember(&table, 1, API_CHAT, SPAN("{\"messages\":[]}"), false, 0);
    prefix_find(&table, 1, API_CHAT, SPAN("[1"), 0, &match);
    assert_int_equal(match.bytes, 0);
}

/* The one not seen for the longest time goes. */
static void test_ring(void **state)
{
    char body[128];

    (void)state;
    memset(&table, 0, sizeof(table));
    for (int i = 0; i <= PREFIX_ENTRIES; i++) {
        snprintf(body, sizeof(body), "{\"messages\":[{\"role\":\"user\",\"content\":\"%d\"}]}", i);
        prefix_remember(&table, 1, API_CHAT, span_str(body), false, i);
    }
    assert_int_equal(find("{\"messages\":[{\"role\":\"user\",\"content\":\"0\"}]}", 100), 0);
    assert_true(find("{\"messages\":[{\"role\":\"user\",\"content\":\"1\"}]}", 100) > 0);
    assert_true(find(body, 100) > 0);
}

static void test_sum(void **state)
{
    struct prefix_match m = {.bytes = 1, .tokens = 10000, .times = 1};
    struct prefix_costs c = {
        .match = &m,
        .cut_tokens = 2000,
        .repeatable = true,
        .input_pusd = 100,
        .cached_pusd = 10,
        .write_pusd = 125,
    };
    struct prefix_sum sum;

    (void)state;
    /* A fifth less, but written anew: dearer now, and too little cheaper later. */
    assert_true(prefix_keep(&c, &sum));
    assert_int_equal(sum.calls, 2);
    assert_int_equal(sum.keep_pusd, 10000 * (10 + 10));
    assert_int_equal(sum.change_pusd, 8000 * (125 + 10));
    /* What the vendor holds is the changed form already. */
    m.changed = true;
    assert_false(prefix_keep(&c, &sum));
    assert_int_equal(sum.keep_pusd, 10000 * (125 + 10));
    assert_int_equal(sum.change_pusd, 8000 * (10 + 10));
    /* Another form each time is never held. */
    c.repeatable = false;
    assert_true(prefix_keep(&c, &sum));
    assert_int_equal(sum.change_pusd, 8000 * (125 + 125));
    m.changed = false;
    c.repeatable = true;
    /* Nearly all of it goes: that pays. */
    c.cut_tokens = 9900;
    assert_false(prefix_keep(&c, &sum));
    /* Too short to be held, or never seen: nothing to lose. */
    m.tokens = PREFIX_TOKENS_MIN - 1;
    c.cut_tokens = 1;
    assert_false(prefix_keep(&c, &sum));
    assert_int_equal(sum.calls, 1);
    c.cut_tokens = 0;
    assert_true(prefix_keep(&c, &sum));
    m = (struct prefix_match){0};
    assert_true(prefix_keep(&c, &sum));
    assert_int_equal(sum.keep_pusd, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seen),
        cmocka_unit_test(test_other_apis),
        cmocka_unit_test(test_ring),
        cmocka_unit_test(test_sum),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
