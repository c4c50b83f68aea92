#include <string.h>

#include "cm.h"
#include "http/body.h"
#include "http/date.h"
#include "http/emit.h"
#include "http/sse.h"

#define HOST "Host: a\r\n"

/* Byte by byte as a connection does it, and at once: the same verdict and error. */
static enum parse head_all_ways(struct http_head *h, const char *text, size_t *used)
{
    struct span whole = span_str(text);
    struct http_head drip;
    enum parse verdict = PARSE_MORE;
    enum parse at_once = http_head_request(h, whole, 0, used);
    size_t ended = 0;

    for (size_t len = 1; len <= whole.len && verdict == PARSE_MORE; len++)
        verdict = http_head_request(&drip, span_part(whole, 0, len), len - 1, &ended);
    assert_int_equal(verdict, at_once);
    if (verdict == PARSE_DONE)
        assert_int_equal(ended, *used);
    if (verdict == PARSE_BAD)
        assert_int_equal(http_err_status(drip.err), http_err_status(h->err));
    return at_once;
}

static void test_good_heads(void **state)
{
    struct http_head h;
    size_t used;

    (void)state;
    assert_int_equal(head_all_ways(&h,
                                   "\r\nPOST /v1/x?y=1 HTTP/1.1\r\n" HOST
                                   "Content-Length: 12\r\nX:  a b \t\r\n"
                                   "Expect: 100-Continue\r\n\r\nrest",
                                   &used),
                     PARSE_DONE);
    assert_int_equal(h.method, HTTP_POST);
    assert_true(span_equal(h.path, SPAN("/v1/x")) && span_equal(h.query, SPAN("y=1")));
    assert_int_equal(h.content_length, 12);
    assert_true(h.keep_alive && h.expect_continue);
    assert_true(span_equal(http_head_field(&h, "x"), SPAN("a b")));
    assert_int_equal(head_all_ways(&h, "GET / HTTP/1.0\r\n\r\n", &used), PARSE_DONE);
    assert_false(h.keep_alive);
    assert_int_equal(
        head_all_ways(&h, "GET / HTTP/1.1\r\n" HOST "Connection: foo, close\r\nFoo: 1\r\n\r\n",
                      &used),
        PARSE_DONE);
    assert_false(h.keep_alive);
    assert_true(http_head_is_hop_by_hop(&h, SPAN("FOO")) &&
                http_head_is_hop_by_hop(&h, SPAN("TE")));
    assert_false(http_head_is_hop_by_hop(&h, SPAN("host")));
}

static void test_bad_heads(void **state)
{
    static const struct {
        const char *text;
        int status;
    } rows[] = {
        {"GET / HTTP/1.1\n" HOST "\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "X : b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "X: a\r\n folded\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST ": b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "no colon\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" HOST "X: a\x01\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 5, 5\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: +5\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 99999999999999999999\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: \r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" HOST
         "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
         400},
        {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip\r\n\r\n", 501},
        {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: xchunked\r\n\r\n", 501},
        {"POST / HTTP/1.1\r\n" HOST "Expect: wonders\r\n\r\n", 417},
        {"GET http://a/ HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET a HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET /a#b HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET /\xc3\xa9 HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET  / HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET /\r\n\r\n", 400},
        {"BREW / HTTP/1.1\r\n" HOST "\r\n", 501},
        {"G@T / HTTP/1.1\r\n" HOST "\r\n", 400},
        {"GET / HTTP/2.0\r\n" HOST "\r\n", 505},
        {"GET / HTTP/1.1x\r\n" HOST "\r\n", 400},
        {"GET / http/1.1\r\n" HOST "\r\n", 400},
    };
    struct http_head h;
    size_t used;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (head_all_ways(&h, rows[i].text, &used) != PARSE_BAD ||
            http_err_status(h.err) != rows[i].status)
            fail_msg("%s: %d", rows[i].text, http_err_status(h.err));
}

static void test_head_limits(void **state)
{
    static char text[HTTP_HEAD_BYTES_MAX * 2];
    struct http_head h;
    size_t used;
    size_t len;

    (void)state;
    memset(text, 'a', sizeof(text));
    memcpy(text, "GET /", 5);
    assert_int_equal(http_head_request(&h, span_of(text, 4000), 0, &used), PARSE_BAD);
    assert_int_equal(http_err_status(h.err), 414);
    len = (size_t)(stpcpy(text, "GET / HTTP/1.1\r\nHost: a\r\nX: ") - text);
    memset(text + len, 'a', sizeof(text) - len);
    assert_int_equal(http_head_request(&h, span_of(text, HTTP_HEAD_BYTES_MAX), 0, &used),
                     PARSE_MORE);
    assert_int_equal(http_head_request(&h, span_of(text, HTTP_HEAD_BYTES_MAX + 1), 0, &used),
                     PARSE_BAD);
    assert_int_equal(http_err_status(h.err), 431);
    len = (size_t)(stpcpy(text, "GET / HTTP/1.1\r\nHost: a\r\n") - text);
    for (int i = 0; i < HTTP_FIELDS_MAX; i++)
        len += (size_t)(stpcpy(text + len, "A: b\r\n") - (text + len));
    assert_int_equal(http_head_request(&h, span_of(text, len), 0, &used), PARSE_BAD);
    assert_int_equal(http_err_status(h.err), 431);
}

static void test_responses(void **state)
{
    struct http_head h;
    size_t used;

    (void)state;
    assert_int_equal(http_head_response(&h, SPAN("HTTP/1.1 200\r\n\r\n"), 0, false, &used),
                     PARSE_DONE);
    assert_int_equal(h.framing, HTTP_BODY_CLOSE);
    assert_false(h.keep_alive);
    assert_int_equal(http_head_response(&h, SPAN("HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n"), 0,
                                        false, &used),
                     PARSE_DONE);
    assert_int_equal(h.framing, HTTP_BODY_NONE);
    assert_int_equal(http_head_response(&h, SPAN("HTTP/1.1 20x OK\r\n\r\n"), 0, false, &used),
                     PARSE_BAD);
    assert_int_equal(http_head_response(&h, SPAN("HTTP/1.1 101 Up\r\n\r\n"), 0, false, &used),
                     PARSE_BAD);
    assert_int_equal(
        http_head_response(&h,
                           SPAN("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: "
                                "chunked\r\n\r\n"),
                           0, false, &used),
        PARSE_BAD);
    assert_int_equal(http_head_response(&h, SPAN("SSH-2.0-x\r\n\r\n"), 0, false, &used), PARSE_BAD);
}

/* Decodes in pieces of `step`; what was used of the text in *total. */
static enum parse decode(const char *text, size_t step, char *out, size_t *out_len, size_t *total)
{
    struct http_head h = {.framing = HTTP_BODY_CHUNKED};
    struct http_body b;
    struct span rest = span_str(text);
    enum parse verdict = PARSE_MORE;

    http_body_start(&b, &h);
    *out_len = 0;
    *total = 0;
    while (verdict == PARSE_MORE && rest.len > 0) {
        struct span payload;
        size_t used;

        verdict = http_body_next(&b, span_part(rest, 0, step), &payload, &used);
        if (payload.len > 0)
            memcpy(out + *out_len, payload.ptr, payload.len);
        *out_len += payload.len;
        *total += used;
        rest = span_of(rest.ptr + used, rest.len - used);
    }
    return verdict;
}

static void test_chunks(void **state)
{
    static const char good[] =
        "5;a=\"b\"\r\nhello\r\n00A\r\n, my world\r\n0\r\nTrailer: x\r\n\r\nNEXT";
    static const char *const bad[] = {"\r\n",
                                      "5\nhello\r\n",
                                      "5 \r\nhello",
                                      "5\r\nhelloX",
                                      "5\r\nhello\rX",
                                      "g\r\n",
                                      "-1\r\n",
                                      "0x5\r\n",
                                      "1000000000000000\r\n",
                                      "5;\x01\r\n",
                                      "0\r\n folded\r\n\r\n",
                                      "0\r\nX\n"};
    char out[256];
    size_t len;
    size_t total;

    (void)state;
    for (size_t step = 1; step < sizeof(good); step++) {
        assert_int_equal(decode(good, step, out, &len, &total), PARSE_DONE);
        assert_true(span_equal(span_of(out, len), SPAN("hello, my world")));
        assert_int_equal(total, sizeof(good) - 1 - 4);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        for (size_t step = 1; step < 20; step++)
            if (decode(bad[i], step, out, &len, &total) != PARSE_BAD)
                fail_msg("%s", bad[i]);
}

static void test_emit(void **state)
{
    char text[512];
    struct fmt f;
    struct emit e;

    (void)state;
    fmt_init(&f, text, sizeof(text));
    emit_response(&e, &f, 404);
    emit_date(&e, INT64_C(784111777000));
    emit_field_u64(&e, "Content-Length", 3);
    assert_true(emit_end(&e));
    assert_true(span_equal(fmt_span(&f),
                           SPAN("HTTP/1.1 404 Not Found\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                                "Content-Length: 3\r\n\r\n")));
    fmt_init(&f, text, sizeof(text));
    emit_response(&e, &f, 200);
    emit_field(&e, "X", SPAN("a\r\nSet-Cookie: b"));
    assert_false(emit_end(&e));
    fmt_init(&f, text, 18);
    emit_response(&e, &f, 200);
    assert_false(emit_end(&e));
}

static bool date_reads(const char *text, int64_t *unix_ms)
{
    return http_date_read(span_str(text), unix_ms);
}

/* Every day of 130 years is read back; every other byte in any place is refused or another date. */
static void test_dates(void **state)
{
    static const char *const bad[] = {
        "",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Mon, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 0094 08:49:37 GMT",
        "Sun, +6 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994     ",
    };
    char text[HTTP_DATE_BYTES + 1];
    char again[HTTP_DATE_BYTES + 1];
    struct fmt f;
    int64_t out = 7;

    (void)state;
    assert_true(date_reads("Sun, 06 Nov 1994 08:49:37 GMT", &out));
    assert_int_equal(out, INT64_C(784111777000));
    out = 7;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (date_reads(bad[i], &out) || out != 7)
            fail_msg("%s", bad[i]);
    for (int64_t day = 0; day < 130 * 366; day++) {
        int64_t unix_ms = day * 86400000 + day * 7919 % 86400 * 1000;

        fmt_init(&f, text, sizeof(text));
        http_date_write(&f, unix_ms);
        assert_int_equal(fmt_span(&f).len, HTTP_DATE_BYTES);
        assert_true(http_date_read(fmt_span(&f), &out));
        assert_int_equal(out, unix_ms);
    }
    for (size_t at = 0; at < HTTP_DATE_BYTES; at++) {
        char kept = text[at];

        for (int byte = 0; byte < 256; byte++) {
            text[at] = (char)byte;
            if (!http_date_read(span_of(text, HTTP_DATE_BYTES), &out))
                continue;
            fmt_init(&f, again, sizeof(again));
            http_date_write(&f, out);
            assert_memory_equal(again, text, HTTP_DATE_BYTES);
        }
        text[at] = kept;
    }
}

static void test_events(void **state)
{
    static const char text[] =
        "\xef\xbb\xbf"
        ": hi\n\ndata: one\r\ndata:two\r\n\r\nevent: end\ndata: {\"a\":1}\rid: 7\r\r"
        "data: last\n\n";
    static const char *const datas[] = {"", "one\ntwo", "{\"a\":1}", "last"};

    (void)state;
    for (size_t step = 1; step < sizeof(text); step++) {
        struct sse s;
        char data[64];
        size_t len = 0;
        size_t events = 0;
        struct span rest = SPAN(text);

        sse_start(&s);
        while (rest.len > 0) {
            struct span piece;
            size_t used;
            enum sse_result result = sse_next(&s, span_part(rest, 0, step), &used, &piece);

            rest = span_of(rest.ptr + used, rest.len - used);
            if (result == SSE_DATA) {
                memcpy(data + len, piece.ptr, piece.len);
                len += piece.len;
            } else if (result == SSE_END) {
                assert_true(events < 4);
                assert_true(span_equal(span_of(data, len), span_str(datas[events])));
                if (events == 2)
                    assert_true(span_equal(sse_event_name(&s), SPAN("end")));
                events++;
                len = 0;
            }
        }
        assert_int_equal(events, 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_heads),  cmocka_unit_test(test_bad_heads),
        cmocka_unit_test(test_head_limits), cmocka_unit_test(test_responses),
        cmocka_unit_test(test_chunks),      cmocka_unit_test(test_emit),
        cmocka_unit_test(test_dates),       cmocka_unit_test(test_events),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
