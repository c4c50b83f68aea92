/* What `farthing probe` says of what it saw, and the lists of models that it reads. The way itself
 * is gone by tests/e2e/probe.mjs. */
#include "cm.h"

#include "base/check.h"
#include "command/probe.h"

enum { TEXT_BYTES = 4096, NOW_S = 1767225600 /* 2026-01-01 */ };

static struct probe p;
static struct call call;
static struct upstream_settings up;
static struct settings settings;
static char text[TEXT_BYTES];
static bool good;

static struct net_addr addr(const char *s)
{
    struct net_addr a;
    assert_true(net_addr_scan(span_str(s), &a));
    return a;
}

static void moments(int64_t named, int64_t connected, int64_t tunnelled, int64_t ready,
                    int64_t answered)
{
    const int64_t at_ms[PROBE_MOMENTS] = {named, connected, tunnelled, ready, answered};
    memcpy(p.at_ms, at_ms, sizeof at_ms);
}

/* All is well with a plain upstream at one of two addresses; tests take away from that. */
static int set_up(void **state)
{
    (void)state;
    memset(&p, 0, sizeof p);
    memset(&call, 0, sizeof call);
    memset(&up, 0, sizeof up);
    memset(&settings, 0, sizeof settings);
    memcpy(up.host, "api.example", sizeof "api.example");
    up.connect_timeout_ms = 10000;
    memcpy(up.name, "api", sizeof "api");
    memcpy(up.url, "http://api.example", sizeof "http://api.example");
    p.up = &up;
    p.settings = &settings;
    p.call = &call;
    p.wall_ms = INT64_C(1000) * NOW_S;
    p.floor_ms = p.wall_ms - 1;
    call.state = CALL_ENDED;
    call.head.status = 200;
    call.dial.addrs[0] = addr("[2001:db8::1]:443");
    call.dial.addrs[1] = addr("192.0.2.1:443");
    call.dial.addr_count = 2;
    call.dial.peer = call.dial.addrs[0];
    p.servers[0] = addr("192.0.2.53:53");
    p.servers[1] = addr("192.0.2.54:53");
    p.server_count = 1;
    p.list.count = 7;
    moments(12, 21, -1, 21, 62);
    return 0;
}

static void failed(enum net_err err)
{
    call.state = CALL_FAILED;
    call.head.status = 0;
    call.dial.err = err;
}

static const char *told(bool (*tell)(const struct probe *p, struct fmt *out))
{
    struct fmt f;
    fmt_init(&f, text, sizeof text);
    good = tell(&p, &f);
    assert_null(strstr(fmt_cstr(&f), "\n\n"));
    return text;
}

static void has(const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void all_is_well(void **state)
{
    (void)state;
    assert_string_equal(told(probe_tell),
                        "ok    DNS: api.example is 2001:db8::1, 192.0.2.1; asked 192.0.2.53 in 12 "
                        "ms\n"
                        "ok    connect: [2001:db8::1]:443 in 9 ms\n"
                        "ok    models: 7 listed in 41 ms\n");
    assert_true(good);
    assert_string_equal(told(probe_tell_before),
                        "upstream api: http://api.example\nok    key: none is sent\nok    clock: "
                        "it says 2026-01-01T00:00:00\n");
    assert_true(good);
}

static void names_that_are_not_found(void **state)
{
    (void)state;
    failed(NET_ERR_NO_NAME);
    call.dial.addr_count = 0;
    call.dial.peer.family = NET_NONE;
    moments(-1, -1, -1, -1, -1);
    told(probe_tell);
    assert_false(good);
    has("FAIL  DNS: api.example: the name does not exist in DNS; check the spelling");
    has("; asked 192.0.2.53\n");
    call.dial.err = NET_ERR_RESOLVER;
    p.server_count = 2;
    told(probe_tell);
    has("FAIL  DNS: api.example: no name server answered; check the WAN");
    has("; asked 192.0.2.53, 192.0.2.54\n");
    assert_null(strstr(text, "connect"));
}

static void ipv6_that_leads_nowhere(void **state)
{
    (void)state;
    call.dial.peer = call.dial.addrs[1];
    moments(12, 13, -1, 13, 62);
    told(probe_tell);
    assert_true(good);
    has("ok    connect: 192.0.2.1:443 in 1 ms, as nothing came of [2001:db8::1]:443\n");
    moments(12, 280, -1, 280, 362);
    told(probe_tell);
    assert_true(good);
    has("in 268 ms, as nothing came of [2001:db8::1]:443; IPv6 leads nowhere and delays each "
        "connection: ");
    call.dial.addrs[0] = addr("192.0.2.9:443"); /* not every silence is of IPv6 */
    told(probe_tell);
    has("as nothing came of 192.0.2.9:443\n");
}

static void nobody_is_reached(void **state)
{
    (void)state;
    failed(NET_ERR_UNREACHABLE);
    call.dial.peer.family = NET_NONE;
    moments(12, -1, -1, -1, -1);
    told(probe_tell);
    assert_false(good);
    has("FAIL  connect: [2001:db8::1]:443, 192.0.2.1:443: no route to the host; ");
    call.dial.err = NET_ERR_TIMEOUT;
    told(probe_tell);
    has("connecting took too long; ");
    assert_null(strstr(text, "models"));
}

static void tls_that_breaks(void **state)
{
    static const struct {
        enum net_err err;
        enum tls_err tls_err;
        const char *part;
    } cases[] = {
        {NET_ERR_TIMEOUT, TLS_OK, "FAIL  TLS: connected, and then nothing came: "},
        {NET_ERR_RESET, TLS_OK, "FAIL  TLS: closed at once: "},
        {NET_ERR_TLS, TLS_ERR_TRUNCATED, "FAIL  TLS: closed at once: "},
        {NET_ERR_TLS, TLS_ERR_NO_SUITE,
         "FAIL  TLS: it accepts none of our cipher suites (alert "
         "40); it must allow"},
    };
    (void)state;
    up.tls = true;
    moments(12, 21, -1, -1, -1);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        failed(cases[i].err);
        call.dial.tls_err = cases[i].tls_err;
        call.dial.tls_code = 256 + 40;
        told(probe_tell);
        assert_false(good);
        has(cases[i].part);
        assert_null(strstr(text, "models"));
    }
}

static void words_with_a_proxy(void **state)
{
    struct fmt why;
    char reason[64];
    (void)state;
    fmt_init(&why, reason, sizeof reason);
    assert_true(proxy_parse(&up.proxy, SPAN("socks5://me:secret@squid.lan"), &why));
    call.dial.tunnel.step = TUNNEL_OPEN;
    moments(12, 21, 33, 33, 62);
    told(probe_tell);
    assert_true(good);
    has("DNS: squid.lan is ");
    has("ok    proxy: lets through to api.example in 12 ms\nok    models: 7 listed in 29 ms\n");
    call.dial.tunnel.step = TUNNEL_METHOD;
    moments(12, 21, -1, -1, -1);
    failed(NET_ERR_CLOSED);
    told(probe_tell);
    assert_false(good);
    has("FAIL  proxy: closed at once: ");
    assert_null(strstr(text, "secret"));
}

static void a_clock_that_is_not_set(void **state)
{
    struct span date = SPAN("Thu, 01 Jan 2026 00:00:00 GMT");
    (void)state;
    p.wall_ms = 7000;
    told(probe_tell_before);
    has("ok    clock: it says 1970-01-01T00:00:07, before this program was made: set it or wait");
    told(probe_tell);
    assert_true(good); /* nothing of plain http needs it */
    up.tls = true;
    told(probe_tell_before);
    has("FAIL  clock: it says 1970-");
    told(probe_tell);
    assert_false(good); /* the gateway would not even try */
    call.head.fields[0] = (struct http_field){SPAN("Date"), date};
    call.head.field_count = 1;
    told(probe_tell);
    has("note  clock: -29453759 minutes ahead of the server's, which says 2026-01-01T00:00:00\n");
    p.wall_ms = INT64_C(1000) * NOW_S + 299000;
    told(probe_tell);
    assert_null(strstr(text, "clock"));
}

static void keys_that_are_none(void **state)
{
    static const char *const bad[] = {"sk-1\n", "\"sk-1\"", "Bearer sk-1", "sk-\xc3\xa4", "'x'"};
    (void)state;
    memcpy(up.key_file, "/etc/key", sizeof "/etc/key");
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        memcpy(up.key, bad[i], strlen(bad[i]) + 1);
        told(probe_tell_before);
        assert_false(good);
        has("FAIL  key: /etc/key holds a blank, a quote");
        assert_null(strstr(text, "sk-"));
    }
    memcpy(up.key, "sk-1_A.b=", sizeof "sk-1_A.b=");
    told(probe_tell_before);
    assert_true(good);
    has("ok    key: /etc/key\n");
    up.key[0] = '\0';
    up.tls = true;
    told(probe_tell_before);
    assert_true(good);
    has("note  key: none is sent\n");
}

static void words_of_the_vendor(void **state)
{
    static const char body[] = "{\"error\":{\"message\":\"no sk-1234567890 here\"}}";
    (void)state;
    call.head.status = 401;
    memcpy(p.body, body, sizeof body - 1);
    p.body_len = sizeof body - 1;
    told(probe_tell);
    assert_false(good);
    has("FAIL  models: status 401, the key is missing, ");
    has("; it says: no sk-1234567890 here\n");
    memcpy(up.key, "zz1234567899", sizeof "zz1234567899"); /* a part of it is in there */
    told(probe_tell);
    assert_null(strstr(text, "it says"));
    p.body_len = 20; /* cut: no JSON any more */
    up.key[0] = '\0';
    told(probe_tell);
    assert_null(strstr(text, "it says"));
}

static void every_status_has_its_advice(void **state)
{
    (void)state;
    p.list.count = 0;
    for (int status = 200; status < 1000; status++) {
        call.head.status = status;
        told(probe_tell);
        assert_false(good);
        has("FAIL  models: status ");
    }
    has("status 999, the vendor's own trouble");
    call.state = CALL_FAILED;
    call.failure = CALL_FAIL_HTTP;
    told(probe_tell);
    has("FAIL  models: the answer is no HTTP: ");
}

/* ---- lists ---- */

static void configured_models(void **state)
{
    static const char *const ids[] = {"here", "elsewhere", "gone", "lost"};
    (void)state;
    settings.model_count = ARRAY_LEN(ids);
    for (size_t i = 0; i < ARRAY_LEN(ids); i++)
        memcpy(settings.models[i].id, ids[i], strlen(ids[i]));
    p.wanted[2] = p.wanted[3] = true;
    p.missing = 2;
    told(probe_tell);
    assert_false(good);
    has("FAIL  models: 7 listed in 41 ms, but not gone, lost: ");
    p.wanted[2] = p.wanted[3] = false;
    p.missing = 0;
    told(probe_tell);
    assert_true(good);
    has("ok    models: 7 listed in 41 ms, all that are configured among them\n");
}

static void take(void *ctx, struct span id)
{
    struct fmt *f = ctx;
    fmt_text(f, id);
    fmt_char(f, '|');
}

static void expect_list(const char *json, const char *ids)
{
    for (size_t piece = 1; piece <= strlen(json); piece++) {
        struct model_list l;
        struct fmt f;
        fmt_init(&f, text, sizeof text);
        model_list_start(&l, take, &f);
        for (size_t at = 0; at < strlen(json); at += piece)
            model_list_feed(&l, span_part(span_str(json), at, piece));
        assert_string_equal(fmt_cstr(&f), ids);
    }
}

static void lists_of_every_form(void **state)
{
    (void)state;
    expect_list("{\"object\":\"list\",\"data\":[{\"id\":\"a\",\"object\":\"model\"},"
                "{\"owned_by\":\"id\",\"id\" : \"b\"}]}",
                "a|b|");
    expect_list("[{\"id\":\"a\"},{\"x\":[{\"id\":\"inner\"}],\"id\":\"b\"}]", "a|b|");
    expect_list("{\"data\":[{\"permission\":[{\"id\":\"p\"}],\"config\":{\"id\":\"c\"},"
                "\"id\":\"a\\/\\\"b\"}],\"id\":\"top\"}",
                "a/\"b|");
    expect_list("{\"data\":{\"id\":\"no array\"}}", "");
    expect_list("{\"data\":[\"id\",\"x\",{\"id\":5,\"y\":\"z\"}]}", "");
    expect_list("<html>\"id\":\"x\"", "");
    expect_list("]]}}[{\"id\":\"a\"}", "");
    expect_list("{\"data\":[{\"id\":\"a\"},{\"id\":\"b\"}], what", "a|b|");
    expect_list("[{\"id\":\"\\u0061\"},{\"id\":\"\"}]", "a||");
}

static void names_of_one_model(void **state)
{
    (void)state;
    assert_true(model_list_is(SPAN("gpt-5"), SPAN("gpt-5")));
    assert_true(model_list_is(SPAN("models/gemini-2.5-flash"), SPAN("gemini-2.5-flash")));
    assert_true(model_list_is(SPAN("models/gemini"), SPAN("models/gemini")));
    assert_true(model_list_is(SPAN("llama3.2:latest"), SPAN("llama3.2")));
    assert_true(model_list_is(SPAN("claude-sonnet-4-5-20250929"), SPAN("claude-sonnet-4-5")));
    assert_false(model_list_is(SPAN("gpt-5-mini"), SPAN("gpt-5")));
    assert_false(model_list_is(SPAN("gpt-5"), SPAN("gpt-5-mini")));
    assert_false(model_list_is(SPAN("openai/gpt-5"), SPAN("gpt-5")));
    assert_false(model_list_is(SPAN("qwen3:8b"), SPAN("qwen3")));
    assert_false(model_list_is(SPAN("a-30250929"), SPAN("a")));
}

#define PROBE_TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROBE_TEST(all_is_well),
        PROBE_TEST(names_that_are_not_found),
        PROBE_TEST(ipv6_that_leads_nowhere),
        PROBE_TEST(nobody_is_reached),
        PROBE_TEST(tls_that_breaks),
        PROBE_TEST(words_with_a_proxy),
        PROBE_TEST(a_clock_that_is_not_set),
        PROBE_TEST(keys_that_are_none),
        PROBE_TEST(words_of_the_vendor),
        PROBE_TEST(every_status_has_its_advice),
        PROBE_TEST(configured_models),
        cmocka_unit_test(lists_of_every_form),
        cmocka_unit_test(names_of_one_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
