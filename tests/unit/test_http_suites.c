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
#include "json/tree.h"

enum { FILE_BYTES = 65536, SEND_BYTES = 16384, RANDOM_SPLITS = 20, MESSAGES_MAX = 50 };

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

/* What came of a case: equal for every way to split it. */
struct outcome {
    enum verdict verdict;
    bool whole;   /* a message ended, or began and goes on until the close */
    int messages; /* that ended */
    int status;   /* of the refusal; 0 when there is none */
};

static struct outcome judge(struct span send, bool request, int split, unsigned *seed)
{
    static struct reader r;
    struct outcome o;
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
    o.whole = r.messages > 0 || (r.in_body && r.head.framing == HTTP_BODY_CLOSE);
    o.messages = r.messages;
    o.status = !r.bad ? 0 : http_err_status(r.in_body ? r.body.err : r.head.err);
    o.verdict = r.messages > 0 && r.len == 0 && !r.in_body ? ACCEPT : WAIT;
    if (r.bad)
        o.verdict = REJECT;
    return o;
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
static bool fits(struct span expect, const struct outcome *o)
{
    if (span_equal(expect, SPAN("accept")))
        return o->verdict != REJECT && o->whole;
    if (span_equal(expect, SPAN("wait")))
        return o->verdict == WAIT;
    if (span_equal(expect, SPAN("any")))
        return true;
    /* Soft: lenient servers may let it pass. A proxy may not. */
    if (span_equal(expect, SPAN("reject-soft")))
        return o->verdict == REJECT;
    return span_equal(expect, span_str(verdict_names[o->verdict]));
}

/* `status`: pairs of the lowest and highest that may be answered. */
static bool status_fits(struct span ranges, int status)
{
    struct json_token tokens[16];
    int next[16];
    struct json_tree t;
    assert_int_equal(json_tree_read(&t, ranges, tokens, next, 16), JSON_TREE_OK);
    for (int pair = json_tree_first(&t, 0); pair != JSON_TREE_NONE;
         pair = json_tree_after(&t, pair)) {
        int64_t low = 0;
        int64_t high = 0;
        int from = json_tree_first(&t, pair);
        assert_true(json_tree_i64(&t, from, &low));
        assert_true(json_tree_i64(&t, json_tree_after(&t, from), &high));
        if (status >= low && status <= high)
            return true;
    }
    return false;
}

/* How many messages ended, and with which status it was refused, where the suite tells. */
static bool details_fit(const struct json_object *o, struct span expect, const struct outcome *ours)
{
    const struct json_member *m = json_object_find(o, "messages");
    int64_t messages = 0;
    if (m != NULL && !span_equal(expect, SPAN("any"))) {
        assert_true(json_value_i64(m->value, &messages));
        if (ours->messages != messages)
            return false;
    }
    m = json_object_find(o, "status");
    return m == NULL || ours->verdict != REJECT || status_fits(m->value, ours->status);
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
    struct outcome ours = judge(bytes, request, 0, &seed);
    for (int split = 1; split < 2 + RANDOM_SPLITS; split++) {
        struct outcome other = judge(bytes, request, split, &seed);
        assert_int_equal(other.verdict, ours.verdict);
        assert_int_equal(other.whole, ours.whole);
        assert_int_equal(other.messages, ours.messages);
        assert_int_equal(other.status, ours.status);
    }
    assert_true((ours.status != 0) == (ours.verdict == REJECT));
    struct difference *d = difference_of(suite, bytes);
    bool fit = fits(wanted, &ours) && details_fit(&o, wanted, &ours);
    if (d != NULL)
        d->used |= !fit && d->ours == ours.verdict;
    if (fit || (d != NULL && d->ours == ours.verdict))
        return 0;
    char shown[1024];
    struct fmt f;
    fmt_init(&f, shown, sizeof shown - 1);
    fmt_visible(&f, bytes, 200);
    expect[wanted.len] = '\0';
    print_error("%s: %s: expect %s, we %s after %d messages, status %d: %s\n", suite, name, expect,
                verdict_names[ours.verdict], ours.messages, ours.status, fmt_cstr(&f));
    return 1;
}

/* The elements of the array, one after the other. */
struct elements {
    const char *suite;
    bool request;
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
    const char *data = getenv("FARTHING_DATA") ? getenv("FARTHING_DATA") : "../shared/data";
    snprintf(path, sizeof path, "%s/suites/http1/%s.json", data, suite);
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
