/* Other projects' own cases (llhttp, picohttpparser, h1spec) through our parsers, both directions:
 * each at once, byte by byte, and at random splits, with the same verdict every time. Where a
 * strict proxy must differ from a lenient parser the table says why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/fmt.h"
#include "config/file.h"
#include "http/body.h"
#include "json/object.h"

enum { FILE_BYTES = 65536, SEND_BYTES = 16384, RANDOM_SPLITS = 20, MESSAGES_MAX = 50 };

#define SUITES "../shared/data/suites/http1/"

enum verdict { ACCEPT, REJECT, WAIT };

static const char *const verdict_names[] = {"accept", "reject", "wait"};

/* A case that has another verdict here, and why. `bytes` is a part of what is sent. */
struct difference {
    const char *suite;
    const char *bytes;
    enum verdict ours;
    const char *why;
    bool used;
};

static struct difference differences[] = {
#include "http_suite_differences.h"
};

struct reader {
    bool request;
    bool in_body;
    char bytes[SEND_BYTES];
    size_t len;
    size_t seen;
    struct http_head head;
    struct http_body body;
    int messages;
    bool bad;
};

static void read_more(struct reader *r)
{
    while (!r->bad && r->messages < MESSAGES_MAX) {
        size_t used = 0;
        if (!r->in_body) {
            struct span live = span_of(r->bytes, r->len);
            if (r->len == 0)
                return;
            enum parse p = r->request ? http_head_request(&r->head, live, r->seen, &used)
                                      : http_head_response(&r->head, live, r->seen, false, &used);
            r->bad = p == PARSE_BAD;
            r->seen = r->len;
            if (p != PARSE_DONE)
                return;
            http_body_start(&r->body, &r->head);
            r->in_body = true;
            r->seen = 0;
        } else {
            struct span payload;
            enum parse p = http_body_next(&r->body, span_of(r->bytes, r->len), &payload, &used);
            r->bad = p == PARSE_BAD;
            if (p == PARSE_DONE) {
                r->in_body = false;
                r->messages++;
            }
            if (p == PARSE_MORE && used == 0)
                return;
        }
        memmove(r->bytes, r->bytes + used, r->len - used);
        r->len -= used;
    }
}

static enum verdict judge(struct span send, bool request, int split, unsigned *seed, bool *whole)
{
    static struct reader r;
    size_t at = 0;
    memset(&r, 0, sizeof r);
    r.request = request;
    while (at < send.len && !r.bad) {
        size_t left = send.len - at;
        size_t part = split == 0 ? left : split == 1 ? 1 : 1 + (size_t)rand_r(seed) % left;
        CHECK(r.len + part <= sizeof r.bytes);
        memcpy(r.bytes + r.len, send.ptr + at, part);
        r.len += part;
        at += part;
        read_more(&r);
    }
    *whole = r.messages > 0 || (r.in_body && r.head.framing == HTTP_BODY_CLOSE);
    if (r.bad)
        return REJECT;
    return r.messages > 0 && r.len == 0 && !r.in_body ? ACCEPT : WAIT;
}

static struct difference *difference_of(const char *suite, struct span send)
{
    for (size_t i = 0; i < ARRAY_LEN(differences); i++)
        if (strcmp(differences[i].suite, suite) == 0 &&
            span_find(send, span_str(differences[i].bytes)) < send.len)
            return &differences[i];
    return NULL;
}

/* A suite's parser is done with a message where ours waits for the next, or for the close. */
static bool fits(struct span expect, enum verdict v, bool whole)
{
    if (span_equal(expect, SPAN("accept")))
        return v != REJECT && whole;
    if (span_equal(expect, SPAN("wait")))
        return v == WAIT;
    if (span_equal(expect, SPAN("any")))
        return true;
    /* Soft: lenient servers may let it pass. A proxy may not. */
    if (span_equal(expect, SPAN("reject-soft")))
        return v == REJECT;
    return span_equal(expect, span_str(verdict_names[v]));
}

static int run_case(const char *suite, struct span item, bool request)
{
    static struct json_object o;
    static char send[SEND_BYTES];
    char expect[16] = "";
    char name[256];
    size_t send_len;
    size_t len;
    unsigned seed = 1;
    assert_true(json_object_read(&o, item));
    assert_true(json_value_text(json_object_find(&o, "send")->value, send, sizeof send, &send_len));
    assert_true(
        json_value_text(json_object_find(&o, "expect")->value, expect, sizeof expect - 1, &len));
    struct span wanted = span_of(expect, len);
    assert_true(json_value_text(json_object_find(&o, "name")->value, name, sizeof name - 1, &len));
    name[len] = '\0';
    struct span bytes = span_of(send, send_len);
    bool whole;
    enum verdict v = judge(bytes, request, 0, &seed, &whole);
    for (int split = 1; split < 2 + RANDOM_SPLITS; split++)
        assert_int_equal(judge(bytes, request, split, &seed, &whole), v);
    struct difference *d = difference_of(suite, bytes);
    if (d != NULL) {
        d->used = true;
        if (d->ours == v)
            return 0;
    } else if (fits(wanted, v, whole)) {
        return 0;
    }
    char shown[1024];
    struct fmt f;
    fmt_init(&f, shown, sizeof shown - 1);
    fmt_visible(&f, bytes, 200);
    expect[wanted.len] = '\0';
    print_error("%s: %s: expect %s, we %s: %s\n", suite, name, expect, verdict_names[v],
                fmt_cstr(&f));
    return 1;
}

/* The elements of the array, one after the other. */
struct elements {
    const char *suite;
    bool request;
    unsigned depth_begin;
    uint64_t from;
    struct span text;
    int wrong;
    int count;
};

static void on_begin(void *ctx, unsigned depth, enum json_kind kind, uint64_t offset)
{
    struct elements *e = ctx;
    (void)kind;
    if (depth == 1)
        e->from = offset;
}

static void on_end(void *ctx, unsigned depth, enum json_kind kind, uint64_t end)
{
    struct elements *e = ctx;
    (void)kind;
    if (depth != 1)
        return;
    e->count++;
    e->wrong += run_case(e->suite, span_part(e->text, (size_t)e->from, (size_t)(end - e->from)),
                         e->request);
}

static void run_suite(const char *suite, bool request, int least)
{
    static const struct json_visitor visitor = {.value_begin = on_begin, .value_end = on_end};
    static char text[FILE_BYTES];
    struct json_scan scan;
    char path[256];
    size_t len;
    snprintf(path, sizeof path, SUITES "%s.json", suite);
    if (config_file_read(path, text, sizeof text, &len) != 0) {
        print_message("%s: not here, skipped\n", suite);
        skip();
    }
    struct elements e = {.suite = suite, .request = request, .text = span_of(text, len)};
    json_scan_start(&scan, &visitor, &e, false);
    (void)json_scan_feed(&scan, e.text);
    assert_int_equal(json_scan_finish(&scan), PARSE_DONE);
    assert_int_equal(e.wrong, 0);
    assert_true(e.count >= least);
    for (size_t i = 0; i < ARRAY_LEN(differences); i++)
        if (strcmp(differences[i].suite, suite) == 0)
            assert_true(differences[i].used);
}

static void h1spec(void **state)
{
    (void)state;
    run_suite("h1spec", true, 33);
}

static void llhttp_requests(void **state)
{
    (void)state;
    run_suite("llhttp-request", true, 120);
}

static void llhttp_responses(void **state)
{
    (void)state;
    run_suite("llhttp-response", false, 64);
}

static void picohttpparser_requests(void **state)
{
    (void)state;
    run_suite("picohttpparser-request", true, 34);
}

static void picohttpparser_responses(void **state)
{
    (void)state;
    run_suite("picohttpparser-response", false, 29);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(h1spec),
        cmocka_unit_test(llhttp_requests),
        cmocka_unit_test(llhttp_responses),
        cmocka_unit_test(picohttpparser_requests),
        cmocka_unit_test(picohttpparser_responses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
