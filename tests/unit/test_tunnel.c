/* Words with a proxy, at once and byte by byte: what is said, what is understood, what is refused.
 */
#include "cm.h"

#include "base/base64.h"
#include "base/check.h"
#include "http/tunnel.h"

static struct proxy proxy_of(const char *url)
{
    char text[256];
    struct proxy p;
    struct fmt why;
    fmt_init(&why, text, sizeof text);
    if (!proxy_parse(&p, span_str(url), &why))
        fail_msg("%s: %s", url, fmt_cstr(&why));
    return p;
}

static void urls_are_read(void **state)
{
    struct proxy p = proxy_of("http://10.0.0.1:3128");
    (void)state;
    assert_int_equal(p.kind, PROXY_HTTP);
    assert_string_equal(p.text, "10.0.0.1");
    assert_int_equal(p.port, 3128);
    assert_int_equal(p.user_at, 0);
    p = proxy_of("socks5h://us%40er:p@ss%3Aw@proxy.lan/");
    assert_int_equal(p.kind, PROXY_SOCKS5);
    assert_string_equal(p.text, "proxy.lan");
    assert_int_equal(p.port, 1080);
    assert_string_equal(p.text + p.user_at, "us@er");
    assert_string_equal(p.text + p.password_at, "p@ss:w");
    p = proxy_of("http://[fd00::1]:8080");
    assert_string_equal(p.text, "fd00::1");
    assert_int_equal(p.port, 8080);
    p = proxy_of("http://user@p");
    assert_string_equal(p.text + p.user_at, "user");
    assert_string_equal(p.text + p.password_at, "");
    assert_int_equal(p.port, 3128);
}

static void wrong_urls_are_refused_without_their_password(void **state)
{
    static const char *const urls[] = {
        "",
        "proxy:3128",
        "https://p:1",
        "http://",
        "http://:1",
        "http://p:0",
        "http://p:70000",
        "http://p:1x",
        "http://p/path",
        "http://a b",
        "http://[::1",
        "http://[::1]x",
        "http://:secret@p",
        "http://u:secret%@p",
        "http://u:secret%0d%0a@p",
        "socks5://u:secret%zz@p",
    };
    char text[256];
    char big[400];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
        struct proxy p;
        struct fmt why;
        fmt_init(&why, text, sizeof text);
        if (proxy_parse(&p, span_str(urls[i]), &why))
            fail_msg("%s was taken", urls[i]);
        assert_true(strlen(fmt_cstr(&why)) > 10);
        assert_null(strstr(fmt_cstr(&why), "secret"));
    }
    for (size_t len = 200; len < sizeof big; len++) {
        struct proxy p;
        struct fmt why;
        fmt_init(&why, text, sizeof text);
        memset(big, 'x', len);
        memcpy(big, "http://u:", 9);
        memcpy(big + len - 2, "@p", 2);
        assert_int_equal(proxy_parse(&p, span_of(big, len), &why), len <= PROXY_TEXT_BYTES + 6);
        memcpy(big, "http://x", 9); /* all of it the user, and no password */
        big[8] = 'x';
        assert_int_equal(proxy_parse(&p, span_of(big, len), &why), len <= PROXY_TEXT_BYTES + 5);
    }
}

/* ---- talks ---- */

/* What is said at this step, `most` bytes at a time. */
static void expect_said(struct tunnel *t, struct span wanted, size_t most)
{
    char storage[TUNNEL_OUT_BYTES];
    size_t at = 0;
    for (;;) {
        struct span out = tunnel_out(t, storage);
        size_t part = out.len < most ? out.len : most;
        if (out.len == 0)
            break;
        assert_true(at + part <= wanted.len);
        assert_memory_equal(out.ptr, wanted.ptr + at, part);
        at += part;
        tunnel_sent(t, part);
        if (at == wanted.len)
            return;
    }
    assert_int_equal(at, wanted.len);
}

static enum parse hear(struct tunnel *t, struct span text, size_t most)
{
    enum parse verdict = PARSE_MORE;
    size_t at = 0;
    while (verdict == PARSE_MORE && at < text.len) {
        size_t used;
        struct span part = span_part(text, at, most);
        verdict = tunnel_in(t, part, &used);
        assert_true(used <= part.len && (verdict != PARSE_MORE || used == part.len));
        at += used;
    }
    return verdict;
}

static void connect_opens(void **state)
{
    static const char *const answers[] = {
        "HTTP/1.1 200 Connection established\r\n\r\n",
        "HTTP/1.0 200 OK\r\nVia: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204\r\n\r\n",
    };
    struct proxy p = proxy_of("http://user:pass@p:1");
    struct proxy open = proxy_of("http://p:1");
    struct tunnel t;
    (void)state;
    for (size_t most = 1; most < 70; most += 17)
        for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
            tunnel_start(&t, &p, "api.vendor.example", 443);
            expect_said(&t,
                        SPAN("CONNECT api.vendor.example:443 HTTP/1.1\r\n"
                             "Host: api.vendor.example:443\r\n"
                             "Proxy-Authorization: Basic dXNlcjpwYXNz\r\n\r\n"),
                        most);
            assert_int_equal(hear(&t, span_str(answers[i]), most), PARSE_DONE);
            assert_int_equal(t.step, TUNNEL_OPEN);
            tunnel_start(&t, &open, "2001:db8::1", 80);
            expect_said(&t,
                        SPAN("CONNECT [2001:db8::1]:80 HTTP/1.1\r\n"
                             "Host: [2001:db8::1]:80\r\n\r\n"),
                        most);
        }
}

static void connect_is_refused(void **state)
{
    static const struct {
        const char *answer;
        enum tunnel_err err;
        int code;
    } cases[] = {
        {"HTTP/1.1 407 Proxy Authentication Required\r\n", TUNNEL_ERR_AUTH_NEEDED, 407},
        {"HTTP/1.1 403 No\r\n\r\n", TUNNEL_ERR_FORBIDDEN, 403},
        {"HTTP/1.1 405 No\r\n\r\n", TUNNEL_ERR_FORBIDDEN, 405},
        {"HTTP/1.1 502 No\r\n\r\n", TUNNEL_ERR_NO_HOST, 502},
        {"HTTP/1.1 504 No\r\n\r\n", TUNNEL_ERR_NO_HOST, 504},
        {"HTTP/1.1 302 Login\r\n\r\n", TUNNEL_ERR_FAILED, 302},
        {"HTTP/1.1 500 No\r\n\r\n", TUNNEL_ERR_FAILED, 500},
        {"SSH-2.0-OpenSSH_9.2\r\n", TUNNEL_ERR_NOT_PROXY, 0},
        {"\x15\x03\x03", TUNNEL_ERR_NOT_PROXY, 0},
        {"HTTP/2 200\r\n\r\n", TUNNEL_ERR_NOT_PROXY, 0},
        {"HTTP/1.1 2x0 No\r\n\r\n", TUNNEL_ERR_NOT_PROXY, 0},
        {"HTTP/1.1 099 No\r\n\r\n", TUNNEL_ERR_NOT_PROXY, 0},
    };
    struct proxy p = proxy_of("http://p:1");
    struct proxy named = proxy_of("http://u:x@p:1");
    struct tunnel t;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        for (size_t most = 1; most < 40; most += 13) {
            tunnel_start(&t, &p, "h", 443);
            expect_said(&t, SPAN("CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n"), 99);
            assert_int_equal(hear(&t, span_str(cases[i].answer), most), PARSE_BAD);
            assert_int_equal(t.err, cases[i].err);
            assert_int_equal(t.code, cases[i].code);
            assert_true(strlen(tunnel_err_text(t.err)) > 0);
            assert_true(strlen(tunnel_err_advice(t.err)) > 0);
        }
    tunnel_start(&t, &named, "h", 443);
    t.step = TUNNEL_STATUS;
    assert_int_equal(hear(&t, SPAN("HTTP/1.1 407 No"), 99), PARSE_BAD);
    assert_int_equal(t.err, TUNNEL_ERR_AUTH_WRONG);
}

static void an_endless_head_is_refused(void **state)
{
    struct proxy p = proxy_of("http://p:1");
    struct tunnel t;
    size_t heard = 0;
    (void)state;
    tunnel_start(&t, &p, "h", 443);
    t.step = TUNNEL_STATUS;
    assert_int_equal(hear(&t, SPAN("HTTP/1.1 200 OK\r\n"), 99), PARSE_MORE);
    while (hear(&t, SPAN("A: b\r\n"), 99) == PARSE_MORE)
        heard += 6;
    assert_true(heard > TUNNEL_HEAD_BYTES_MAX - 64 && heard <= TUNNEL_HEAD_BYTES_MAX);
    assert_int_equal(t.err, TUNNEL_ERR_NOT_PROXY);
}

static void socks_opens(void **state)
{
    static const struct span replies[] = {
        {"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50", 10},
        {"\x05\x00\x00\x03\x02hi\x00\x50", 9},
        {"\x05\x00\x00\x04"
         "0123456789abcdef\x00\x50",
         22},
    };
    struct proxy p = proxy_of("socks5://us:pw@p");
    struct proxy open = proxy_of("socks5://p");
    struct tunnel t;
    (void)state;
    for (size_t most = 1; most < 30; most += 9)
        for (size_t i = 0; i < ARRAY_LEN(replies); i++) {
            tunnel_start(&t, &p, "api.vendor.example", 443);
            expect_said(&t, SPAN("\x05\x02\x00\x02"), most);
            assert_int_equal(hear(&t, SPAN("\x05\x02"), most), PARSE_MORE);
            expect_said(&t, SPAN("\x01\x02us\x02pw"), most);
            assert_int_equal(hear(&t, SPAN("\x01\x00"), most), PARSE_MORE);
            expect_said(&t,
                        SPAN("\x05\x01\x00\x03\x12"
                             "api.vendor.example\x01\xbb"),
                        most);
            assert_int_equal(hear(&t, replies[i], most), PARSE_DONE);
            assert_int_equal(t.step, TUNNEL_OPEN);
            tunnel_start(&t, &open, "10.1.2.3", 80);
            expect_said(&t, SPAN("\x05\x01\x00"), most);
            assert_int_equal(hear(&t, SPAN("\x05\x00"), most), PARSE_MORE);
            expect_said(&t, SPAN("\x05\x01\x00\x01\x0a\x01\x02\x03\x00\x50"), most);
            assert_int_equal(hear(&t, span_part(replies[i], 0, replies[i].len - 1), most),
                             PARSE_MORE);
        }
}

static void socks_is_refused(void **state)
{
    static const enum tunnel_err by_reply[] = {
        [1] = TUNNEL_ERR_FAILED,  [2] = TUNNEL_ERR_FORBIDDEN, [3] = TUNNEL_ERR_NO_HOST,
        [4] = TUNNEL_ERR_NO_HOST, [5] = TUNNEL_ERR_NO_HOST,   [6] = TUNNEL_ERR_NO_HOST,
        [7] = TUNNEL_ERR_FAILED,  [8] = TUNNEL_ERR_FAILED,    [9] = TUNNEL_ERR_FAILED,
    };
    struct proxy p = proxy_of("socks5://p");
    struct proxy named = proxy_of("socks5://u:x@p");
    struct tunnel t;
    (void)state;
    for (int reply = 1; reply < (int)ARRAY_LEN(by_reply); reply++) {
        const char text[] = {5, (char)reply};
        tunnel_start(&t, &p, "h", 1);
        t.step = TUNNEL_REPLY;
        assert_int_equal(hear(&t, span_of(text, 2), 1), PARSE_BAD);
        assert_int_equal(t.err, by_reply[reply]);
        assert_int_equal(t.code, reply);
    }
    tunnel_start(&t, &p, "h", 1);
    t.step = TUNNEL_METHOD;
    assert_int_equal(hear(&t, SPAN("\x05\xff"), 1), PARSE_BAD);
    assert_int_equal(t.err, TUNNEL_ERR_AUTH_NEEDED);
    tunnel_start(&t, &p, "h", 1); /* it must not choose what was not offered */
    t.step = TUNNEL_METHOD;
    assert_int_equal(hear(&t, SPAN("\x05\x02"), 1), PARSE_BAD);
    tunnel_start(&t, &named, "h", 1);
    t.step = TUNNEL_VERDICT;
    assert_int_equal(hear(&t, SPAN("\x01\x01"), 2), PARSE_BAD);
    assert_int_equal(t.err, TUNNEL_ERR_AUTH_WRONG);
    tunnel_start(&t, &named, "h", 1);
    t.step = TUNNEL_METHOD;
    assert_int_equal(hear(&t, SPAN("HTTP/1.1 400"), 12), PARSE_BAD);
    assert_int_equal(t.err, TUNNEL_ERR_NOT_PROXY);
    tunnel_start(&t, &named, "h", 1); /* before it was asked */
    assert_int_equal(hear(&t, SPAN("\x05"), 1), PARSE_BAD);
    assert_int_equal(t.err, TUNNEL_ERR_NOT_PROXY);
    tunnel_start(&t, &p, "h", 1);
    t.step = TUNNEL_REPLY;
    assert_int_equal(hear(&t, SPAN("\x05\x00\x00\x07\x00"), 5), PARSE_BAD);
}

static void base64_comes_back(void **state)
{
    (void)state;
    for (size_t len = 0; len < 100; len++) {
        char plain[100];
        char coded[160];
        char back[100];
        size_t back_len;
        struct fmt f;
        for (size_t i = 0; i < len; i++)
            plain[i] = (char)(len * 37 + i * 101);
        fmt_init(&f, coded, sizeof coded);
        base64_encode(&f, span_of(plain, len));
        assert_int_equal(fmt_span(&f).len, (len + 2) / 3 * 4);
        assert_true(base64_decode(fmt_span(&f), back, sizeof back, &back_len));
        assert_int_equal(back_len, len);
        assert_memory_equal(back, plain, len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_are_read),
        cmocka_unit_test(wrong_urls_are_refused_without_their_password),
        cmocka_unit_test(connect_opens),
        cmocka_unit_test(connect_is_refused),
        cmocka_unit_test(an_endless_head_is_refused),
        cmocka_unit_test(socks_opens),
        cmocka_unit_test(socks_is_refused),
        cmocka_unit_test(base64_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
