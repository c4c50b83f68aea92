/* [cache], Cache-Control, Cache-Status and Age. */
#include <string.h>

#include "base/check.h"
#include "cm.h"
#include "config/read.h"
#include "policy/cache_settings.h"

struct heard {
    size_t count;
    char last[512];
};

static void hear(void *ctx, struct span line)
{
    struct heard *h = ctx;

    h->count++;
    memset(h->last, 0, sizeof(h->last));
    memcpy(h->last, line.ptr, line.len < sizeof(h->last) - 1 ? line.len : sizeof(h->last) - 1);
}

static bool read_settings(const char *text, struct cache_settings *s, struct heard *h)
{
    struct config_target target = {
        .section = &cache_section, .items = s, .item_bytes = sizeof(*s), .capacity = 1};
    struct config_errors errors = {.tell = hear, .ctx = h, .file = "f"};

    memset(h, 0, sizeof(*h));
    return config_read(span_str(text), &target, 1, &errors);
}

static void defaults_and_values(void **state)
{
    struct cache_settings s;
    struct heard h;

    (void)state;
    assert_true(read_settings("", &s, &h));
    assert_true(s.size_bytes == 0 && s.ttl_ms == 86400000 && !s.shared && s.snapshot[0] == '\0');
    assert_true(s.snapshot_every_ms == 3600000 && s.retry_ms == 30000 && !s.tool_calls);
    assert_true(s.max_temperature_milli == 1000 && s.rate == 0);
    assert_true(read_settings("[cache]\nsize = 2M\nttl = 10m\nshared = yes\nsnapshot = /c\n"
                              "snapshot_every = 1d\nretry = 0\ntool_calls = yes\n"
                              "max_temperature = 0.25\nrate = 30\n",
                              &s, &h));
    assert_true(s.size_bytes == 2097152 && s.ttl_ms == 600000 && s.shared && s.tool_calls);
    assert_true(s.snapshot_every_ms == 86400000 && s.retry_ms == 0);
    assert_string_equal(s.snapshot, "/c");
    assert_true(s.max_temperature_milli == 250 && s.rate == 30);
    static const char *const bad[] = {
        "[cache]\nttl = 0\n",
        "[cache]\nsize = 2G\n",
        "[cache]\nmax_temperature = 2.001\n",
        "[cache]\nmax_temperature = 0.0001\n",
        "[cache]\nmax_temperature = hot\n",
        "[cache]\nsnapshot_every = 1s\n",
        "[cache]\nttl = forever\n",
        "[cache]\nrate = -1\n",
        "[cache]\nfoo = 1\n",
        "[cache x]\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_true(!read_settings(bad[i], &s, &h) && h.count == 1);
}

static void temperatures(void **state)
{
    struct cache_settings s = {.max_temperature_milli = 1000};

    (void)state;
    assert_true(cache_temperature_fits(&s, SPAN_EMPTY) && cache_temperature_fits(&s, SPAN("null")));
    assert_true(cache_temperature_fits(&s, SPAN("1.0")) && cache_temperature_fits(&s, SPAN("0")));
    assert_false(
        cache_temperature_fits(&s, SPAN("1.01")) || cache_temperature_fits(&s, SPAN("11e-1")) ||
        cache_temperature_fits(&s, SPAN("\"0\"")) || cache_temperature_fits(&s, SPAN("[0]")));
    s.max_temperature_milli = 0;
    assert_true(cache_temperature_fits(&s, SPAN("0.0")));
    assert_false(cache_temperature_fits(&s, SPAN_EMPTY) ||
                 cache_temperature_fits(&s, SPAN("0.0000001")));
}

static struct cache_control control(const char *value)
{
    struct cache_control cc;

    cache_control_start(&cc);
    cache_control_read(&cc, span_str(value));
    return cc;
}

static void cache_control_of_requests(void **state)
{
    struct cache_control cc;

    (void)state;
    static const struct {
        const char *value;
        bool no_cache;
        bool no_store;
        bool only_if_cached;
        int64_t max_age_ms;
    } cases[] = {
        {"", false, false, false, CACHE_AGE_ANY},
        {"no-cache", true, false, false, CACHE_AGE_ANY},
        {"No-Store", false, true, false, CACHE_AGE_ANY},
        {" ,, only-if-cached ,no-cache\t,", true, false, true, CACHE_AGE_ANY},
        {"max-age=0", false, false, false, 0},
        {"max-age=60, no-store", false, true, false, 60000},
        {"MAX-AGE=\"60\"", false, false, false, 60000},
        {"max-age = 5", false, false, false, 5000},
        {"max-age=60, max-age=30, max-age=90", false, false, false, 30000},
        {"max-age=99999999999999999999999999", false, false, false,
         CACHE_AGE_MAX_S * INT64_C(1000)},
        {"max-age", false, false, false, 0},
        {"max-age=", false, false, false, 0},
        {"max-age=-1", false, false, false, 0},
        {"max-age=1.5", false, false, false, 0},
        {"max-age=\"", false, false, false, 0},
        {"max-stale=5, min-fresh=1, no-transform, foo", false, false, false, CACHE_AGE_ANY},
        {"foo=\"a, no-store, \\\", no-cache\"", false, false, false, CACHE_AGE_ANY},
        {"foo=\"a\", no-store", false, true, false, CACHE_AGE_ANY},
        {"foo=\"\\", false, false, false, CACHE_AGE_ANY},
        {"no-cache=\"x\"", true, false, false, CACHE_AGE_ANY},
        {"no-caches, xno-store", false, false, false, CACHE_AGE_ANY},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cc = control(cases[i].value);
        if (cc.no_cache != cases[i].no_cache || cc.no_store != cases[i].no_store ||
            cc.only_if_cached != cases[i].only_if_cached || cc.max_age_ms != cases[i].max_age_ms)
            fail_msg("%s", cases[i].value);
    }
    cc = control("max-age=60");
    cache_control_read(&cc, SPAN("no-store")); /* a second line */
    assert_true(cc.no_store && cc.max_age_ms == 60000);
    assert_true(cache_control_takes(&cc, 60000) && !cache_control_takes(&cc, 60001));
    cc = control("no-cache");
    assert_false(cache_control_takes(&cc, 0));
    cc = control("");
    assert_true(cache_control_takes(&cc, INT64_MAX));
}

static void cache_status(void **state)
{
    static const struct {
        struct cache_status status;
        const char *text;
    } cases[] = {
        {{CACHE_OUTCOME_HIT, 376999, false, false, NULL}, "farthing; hit; ttl=376"},
        {{CACHE_OUTCOME_HIT, -2000, false, false, "near"}, "farthing; hit; ttl=-2; detail=near"},
        {{CACHE_OUTCOME_MISS, 0, true, false, NULL}, "farthing; fwd=miss; stored"},
        {{CACHE_OUTCOME_MISS, 0, false, true, NULL}, "farthing; fwd=miss; collapsed"},
        {{CACHE_OUTCOME_BYPASS, 0, false, false, "tools"}, "farthing; fwd=bypass; detail=tools"},
        {{CACHE_OUTCOME_REQUEST, 0, true, false, NULL}, "farthing; fwd=request; stored"},
        {{CACHE_OUTCOME_PARTIAL, 0, true, false, NULL}, "farthing; fwd=partial; stored"},
        {{CACHE_OUTCOME_STALE, 0, true, true, NULL}, "farthing; fwd=stale; stored; collapsed"},
    };
    char text[128];
    struct fmt f;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        fmt_init(&f, text, sizeof(text));
        cache_status_write(&cases[i].status, &f);
        assert_string_equal(fmt_cstr(&f), cases[i].text);
    }
    assert_int_equal(cache_age_s(1000, 3999), 2);
    assert_int_equal(cache_age_s(1000, 999), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_and_values),
        cmocka_unit_test(temperatures),
        cmocka_unit_test(cache_control_of_requests),
        cmocka_unit_test(cache_status),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
