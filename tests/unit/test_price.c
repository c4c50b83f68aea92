#include <string.h>

#include "cm.h"
#include "gateway/settings.h"
#include "policy/bound.h"

static const int64_t before = INT64_C(1788220799999); /* 2026-08-31T23:59:59.999Z */
static const int64_t after = before + 1;

static struct settings settings;
static char told[4096];

static void take_error(void *ctx, struct span line)
{
    (void)ctx;
    if (strlen(told) + line.len + 2 < sizeof(told)) {
        strncat(told, line.ptr, line.len);
        strcat(told, "\n");
    }
}

static const char *no_environment(const char *name)
{
    (void)name;
    return NULL;
}

/* The price of a [model] with these keys. */
static const struct price *price_of(const char *keys)
{
    struct config_errors errors = {.tell = take_error, .file = "t"};
    char text[2048] = "[upstream u]\nurl = http://127.0.0.1:1\n[model m]\nupstream = u\n";

    told[0] = '\0';
    strcat(text, keys);
    if (!settings_read(&settings, span_str(text), no_environment, &errors))
        return NULL;
    return &settings.models[0].price;
}

static const char tiered[] = "input = 3\ncached_input = 0.3\ncache_write = 3.75\noutput = 15\n"
                             "above = 200000\ninput_above = 6\ncached_input_above = 0.6\n"
                             "cache_write_above = 7.5\noutput_above = 22.5\n";

/* The tier holds for all tokens of the request, and only beyond the threshold. */
static void test_tier_holds_for_the_whole_request(void **state)
{
    struct usage u = {.input = 200000, .cached = 1000, .cache_write = 500, .output = 10};
    const struct price *p = price_of(tiered);

    (void)state;
    assert_non_null(p);
    assert_int_equal(price_cost_pusd(p, &u, 0), INT64_C(198500) * 3000000 + 1000 * 300000 +
                                                    INT64_C(500) * 3750000 + 10 * 15000000);
    u.input = 200001;
    assert_int_equal(price_cost_pusd(p, &u, 0), INT64_C(198501) * 6000000 + 1000 * 600000 +
                                                    INT64_C(500) * 7500000 + 10 * 22500000);
}

static void test_what_is_left_out(void **state)
{
    struct usage u = {
        .input = 1000, .cached = 100, .cache_write = 50, .cache_write_1h = 20, .output = 7};
    const struct price *p = price_of("input = 1\noutput = 2\n");

    (void)state;
    /* Cached and written tokens cost what plain ones do, an hour's writes twice that. */
    assert_int_equal(price_cost_pusd(p, &u, 0),
                     INT64_C(980) * 1000000 + 20 * 2000000 + 7 * 2000000);
    p = price_of("input = 1\ncache_write = 3\noutput = 2\n");
    assert_int_equal(price_cost_pusd(p, &u, 0),
                     INT64_C(950) * 1000000 + 50 * 3000000 + 7 * 2000000);
    p = price_of("input = 1\ncache_write = 1.25\ncache_write_1h = 1.5\noutput = 2\n");
    assert_int_equal(price_cost_pusd(p, &u, 0),
                     INT64_C(950) * 1000000 + 30 * 1250000 + 20 * 1500000 + 7 * 2000000);
    /* A tier's cached price that is left out is the tier's input price, not the base's. */
    p = price_of("input = 1\ncached_input = 0.1\noutput = 2\nabove = 999\ninput_above = 5\n");
    u.cache_write = 0;
    u.cache_write_1h = 0;
    assert_int_equal(price_cost_pusd(p, &u, 0), INT64_C(1000) * 5000000 + 7 * 2000000);
    /* Only the output is dearer. */
    p = price_of("input = 1\noutput = 2\nabove = 999\noutput_above = 3\n");
    assert_int_equal(price_cost_pusd(p, &u, 0), INT64_C(1000) * 1000000 + 7 * 3000000);
}

static void test_announced_price(void **state)
{
    struct usage u = {.input = 10, .cached = 4, .output = 1};
    const struct price *p = price_of("input = 2\ncached_input = 0.2\noutput = 10\nnext_from = "
                                     "2026-09-01\ninput_next = 3\noutput_next = 15\n"
                                     "above = 9\ninput_above = 8\n");

    (void)state;
    assert_non_null(p);
    assert_int_equal(price_cost_pusd(p, &u, before), 10 * 8000000 + 10 * 1000000);
    /* Then nothing of the old price holds, nor its tier. */
    assert_int_equal(price_cost_pusd(p, &u, after), 10 * 3000000 + 15 * 1000000);
}

static void test_sums_saturate(void **state)
{
    struct usage u = {.input = USAGE_TOKENS_MAX, .output = USAGE_TOKENS_MAX};
    const struct price *p = price_of("input = 1000\noutput = 1000\n");
    struct price dear;

    (void)state;
    assert_int_equal(price_cost_pusd(p, &u, 0), INT64_C(2000000000000000000));
    price_clear(&dear);
    assert_false(price_is_known(&dear));
    dear.base.input_pusd = INT64_MAX / 2;
    dear.base.output_pusd = 0;
    assert_int_equal(price_cost_pusd(&dear, &u, 0), INT64_MAX);
}

static void test_faults(void **state)
{
    static const struct {
        const char *keys;
        const char *want;
    } rows[] = {
        {"input = 1\noutput = 2\ninput_above = 3\n", "without `above`"},
        {"input = 1\noutput = 2\ncached_input_above = 3\n", "without `above`"},
        {"input = 1\noutput = 2\nabove = 5\n", "no price *_above"},
        {"input = 1\noutput = 2\nabove = 0\noutput_above = 3\n", "above = 0"},
        {"input = 1\noutput = 2\ninput_next = 3\noutput_next = 3\n", "without `next_from`"},
        {"input = 1\noutput = 2\nnext_from = 2026-09-01\ninput_next = 3\n", "not both input_next"},
        {"input = 1\noutput = 2\nnext_from = 2026-02-30\n", "no day such as"},
        {"input = 1\noutput = 2\nnext_from = 2026-09-01T00:00:00Z\n", "no day such as"},
        {"free = yes\nabove = 5\noutput_above = 3\n", "not both input and output"},
        {"input = 1.0000001\noutput = 2\n", "at most 6 decimals"},
        {"input = 1\n", "has no price"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (price_of(rows[i].keys) != NULL || strstr(told, rows[i].want) == NULL)
            fail_msg("%s: %s", rows[i].keys, told);
    assert_non_null(price_of("free = yes\n"));
    assert_non_null(price_of(tiered));
}

/* What is reserved is never below what a call within the bound can cost, whatever its usage. */
static void test_bound_holds(void **state)
{
    static const char body[] = "{\"model\":\"m\",\"max_tokens\":40,\"messages\":[{\"role\":"
                               "\"user\",\"content\":[{\"type\":"
                               "\"text\",\"text\":\"hello\",\"cache_control\":{\"type\":"
                               "\"ephemeral\",\"ttl\":\"1h\"}}]}]}";
    static const char *const prices[] = {
        "input = 3\noutput = 15\n",
        "input = 3\ncache_write = 3.75\noutput = 15\n",
        "input = 3\noutput = 15\nabove = 100\ninput_above = 6\noutput_above = 22.5\n",
        "input = 9\noutput = 25\nabove = 100\ninput_above = 6\noutput_above = 22.5\n",
        "input = 1\noutput = 1\nnext_from = 2026-09-01\ninput_next = 7\noutput_next = 9\n",
    };
    static struct json_object scratch;
    struct request r;
    uint32_t seed = 5;

    (void)state;
    assert_true(request_read(&r, API_MESSAGES, SPAN(body), &scratch));
    for (size_t i = 0; i < sizeof(prices) / sizeof(prices[0]); i++) {
        const struct price *p = price_of(prices[i]);
        struct bound b;

        assert_non_null(p);
        for (int round = 0; round < 2000; round++) {
            int64_t now = round % 2 ? before : after;
            struct usage u = {0};

            assert_true(
                bound_request(&r, &settings.models[0], &(struct bound_terms){.unix_ms = now}, &b));
            seed = seed * 1664525u + 1013904223u;
            u.input = (seed >> 8) % (uint32_t)(b.input_tokens + 1);
            seed = seed * 1664525u + 1013904223u;
            u.cached = (seed >> 8) % (uint32_t)(u.input + 1);
            u.cache_write = (seed >> 16) % (uint32_t)(u.input - u.cached + 1);
            u.cache_write_1h = (seed >> 12) % (uint32_t)(u.cache_write + 1);
            u.output = (seed >> 4) % (uint32_t)(b.output_tokens + 1);
            assert_true(price_cost_pusd(p, &u, now) <= b.total_pusd);
        }
        assert_int_equal(b.output_tokens, 40);
    }
}

/* Only who asks for the one-hour cache has to hold its price. */
static void test_bound_of_the_hour(void **state)
{
    static const char plain[] = "{\"model\":\"m\",\"max_tokens\":4,\"messages\":[]}";
    static struct json_object scratch;
    const struct price *p = price_of("input = 3\noutput = 15\n");
    struct request r;
    struct bound b;

    (void)state;
    assert_non_null(p);
    assert_true(request_read(&r, API_MESSAGES, SPAN(plain), &scratch));
    assert_true(bound_request(&r, &settings.models[0], &(struct bound_terms){0}, &b));
    assert_int_equal(b.input_pusd, b.input_tokens * 3000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tier_holds_for_the_whole_request),
        cmocka_unit_test(test_what_is_left_out),
        cmocka_unit_test(test_announced_price),
        cmocka_unit_test(test_sums_saturate),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_bound_holds),
        cmocka_unit_test(test_bound_of_the_hour),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
