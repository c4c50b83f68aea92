#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cm.h"
#include "json/object.h"
#include "json/pick.h"
#include "json/splice.h"
#include "json/tree.h"
#include "json/write.h"

/* The verdict of feeding in pieces of `step` bytes; 0 = at once. */
static bool accepts(const char *text, size_t len, size_t step, uint64_t *err_offset)
{
    struct json_scan s;
    enum parse verdict = PARSE_MORE;

    json_scan_start(&s, NULL, NULL, true);
    step = step == 0 ? len + 1 : step;
    for (size_t at = 0; at < len && verdict != PARSE_BAD; at += step)
        verdict = json_scan_feed(&s, span_of(text + at, len - at < step ? len - at : step));
    if (verdict != PARSE_BAD)
        verdict = json_scan_finish(&s);
    *err_offset = s.err_offset;
    assert_true((verdict == PARSE_BAD) == (s.err != JSON_OK));
    return verdict == PARSE_DONE;
}

static bool accepts_all_ways(const char *text, size_t len)
{
    uint64_t offset;
    uint64_t other;
    bool whole = accepts(text, len, 0, &offset);

    for (size_t step = 1; step <= 7; step++) {
        assert_int_equal(accepts(text, len, step, &other), whole);
        assert_true(offset == other);
    }
    return whole;
}

static void test_accepts(void **state)
{
    static const char *const good[] = {
        "0",
        "-0",
        "1.5e+10",
        "\"\"",
        "[]",
        "{}",
        " [1 , 2 ] ",
        "{\"a\":{\"a\":[null,true,false]}}",
        "\"\\u00e9\\ud83d\\ude00\\n\"",
        "\"\xc3\xa9\xf0\x9f\x98\x80\"",
        "1e5",
        "0.25",
        "[[],{}]",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(accepts_all_ways(good[i], strlen(good[i])));
}

static void test_refuses(void **state)
{
    static const struct {
        const char *text;
        enum json_err err;
    } bad[] = {
        {"", JSON_ERR_EMPTY},
        {" ", JSON_ERR_EMPTY},
        {"01", JSON_ERR_NUMBER},
        {"-", JSON_ERR_TRUNCATED},
        {"1.", JSON_ERR_TRUNCATED},
        {"1.e1", JSON_ERR_NUMBER},
        {"+1", JSON_ERR_SYNTAX},
        {"nul", JSON_ERR_TRUNCATED},
        {"nulx", JSON_ERR_SYNTAX},
        {"[1,]", JSON_ERR_SYNTAX},
        {"{\"a\":1,}", JSON_ERR_SYNTAX},
        {"{\"a\" 1}", JSON_ERR_SYNTAX},
        {"{1:1}", JSON_ERR_SYNTAX},
        {"[1}", JSON_ERR_SYNTAX},
        {"\"\t\"", JSON_ERR_CONTROL},
        {"\"\\x\"", JSON_ERR_ESCAPE},
        {"\"\\u12g4\"", JSON_ERR_ESCAPE},
        {"\"\\ud800\"", JSON_ERR_SURROGATE},
        {"\"\\ud800\\u0041\"", JSON_ERR_SURROGATE},
        {"\"\\udc00\"", JSON_ERR_SURROGATE},
        {"\"\xc0\xaf\"", JSON_ERR_UTF8},
        {"\"\xed\xa0\x80\"", JSON_ERR_UTF8},
        {"\"\xf5\x80\x80\x80\"", JSON_ERR_UTF8},
        {"\"\xc3\"", JSON_ERR_UTF8},
        {"1 2", JSON_ERR_TRAILING},
        {"{\"a\":1,\"\\u0061\":2}", JSON_ERR_DUPLICATE_KEY},
        {"[", JSON_ERR_TRUNCATED},
        {"\"a", JSON_ERR_TRUNCATED},
        {"'a'", JSON_ERR_SYNTAX},
        {"\xef\xbb\xbf{}", JSON_ERR_SYNTAX},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct json_scan s;

        assert_false(accepts_all_ways(bad[i].text, strlen(bad[i].text)));
        json_scan_start(&s, NULL, NULL, true);
        if (json_scan_feed(&s, span_str(bad[i].text)) != PARSE_BAD)
            (void)json_scan_finish(&s);
        if (s.err != bad[i].err)
            fail_msg("%s: %s", bad[i].text, json_err_text(s.err));
    }
}

static void test_depth_and_size(void **state)
{
    enum { MILLION = 1000000 };
    static char text[2 * MILLION + 2];
    struct json_scan s;

    (void)state;
    memset(text, '[', sizeof(text));
    json_scan_start(&s, NULL, NULL, false);
    assert_int_equal(json_scan_feed(&s, span_of(text, sizeof(text))), PARSE_BAD);
    assert_int_equal(s.err, JSON_ERR_DEPTH);
    assert_int_equal(s.err_offset, JSON_DEPTH_MAX);
    for (size_t i = 0; i < MILLION; i++)
        memcpy(text + 1 + 2 * i, "1,", 2);
    text[2 * MILLION] = ']';
    json_scan_start(&s, NULL, NULL, false);
    assert_int_equal(json_scan_feed(&s, span_of(text, 2 * MILLION + 1)), PARSE_MORE);
    assert_int_equal(json_scan_finish(&s), PARSE_DONE);
}

static void test_numbers(void **state)
{
    int64_t n = -1;

    (void)state;
    assert_true(json_value_i64(SPAN("5"), &n) && n == 5);
    assert_true(json_value_i64(SPAN("5.0"), &n) && n == 5);
    assert_true(json_value_i64(SPAN("50e-1"), &n) && n == 5);
    assert_true(json_value_i64(SPAN("-1.5e1"), &n) && n == -15);
    assert_true(json_value_i64(SPAN("0e999999"), &n) && n == 0);
    assert_true(json_value_i64(SPAN("9223372036854775807"), &n) && n == INT64_MAX);
    assert_false(json_value_i64(SPAN("9223372036854775808"), &n));
    assert_false(json_value_i64(SPAN("0.5"), &n));
    assert_false(json_value_i64(SPAN("1e99"), &n));
    assert_false(json_value_i64(SPAN("\"5\""), &n));
}

static void test_object_and_splice(void **state)
{
    static const char text[] = " {\"a\" : \"x\\n\", \"mod\\u0065l\":\"m\" ,\"n\":[1,2]}";
    struct json_object o;
    const struct json_member *m;
    struct splice s;
    char out[128];
    size_t len = 0;

    (void)state;
    assert_true(json_object_read(&o, SPAN(text)));
    assert_int_equal(o.count, 3);
    m = json_object_find(&o, "model");
    assert_non_null(m);
    assert_true(span_equal(m->value, SPAN("\"m\"")));
    assert_true(json_value_text(json_object_find(&o, "a")->value, out, sizeof(out), &len));
    assert_true(span_equal(span_of(out, len), SPAN("x\n")));
    assert_false(json_value_text(json_object_find(&o, "a")->value, out, 1, &len));
    assert_null(json_object_find(&o, "b"));
    splice_start(&s, SPAN(text));
    assert_true(splice_add(&s, o.close_at, 0, SPAN(",\"z\":0")));
    assert_true(splice_add(&s, (size_t)(m->value.ptr - text), m->value.len, SPAN("\"other\"")));
    assert_false(splice_add(&s, (size_t)(m->value.ptr - text) + 1, 1, SPAN("x")));
    len = 0;
    for (struct span p = splice_piece(&s, 0); p.len > 0; p = splice_piece(&s, len)) {
        memcpy(out + len, p.ptr, p.len);
        len += p.len;
    }
    assert_int_equal(len, splice_bytes(&s));
    assert_true(
        span_equal(span_of(out, len),
                   SPAN(" {\"a\" : \"x\\n\", \"mod\\u0065l\":\"other\" ,\"n\":[1,2],\"z\":0}")));
}

static void test_pick(void **state)
{
    static const struct json_pick_path paths[] = {
        {"usage", PICK_RAW},
        {"choices.*.delta.content", PICK_SIZE},
        {"choices.*.finish_reason", PICK_TEXT},
        {"response.usage", PICK_RAW},
        {"choices", PICK_SIZE},
        {"n", PICK_RAW},
    };
    static const char text[] =
        "{\"x\":{\"usage\":1},\"choices\":[{\"delta\":{\"content\":\"h\\u00e9\"},"
        "\"finish_reason\":\"stop\"},{\"delta\":{\"content\":\"abc\"}}],"
        "\"usage\" : {\"a\" : [1,\"}\"]} ,\"n\":12}";

    (void)state;
    for (size_t step = 1; step < sizeof(text); step++) {
        char usage[64], reason[16], inner[16], n[8];
        struct json_picked r[6] = {{usage, sizeof(usage)}, {0}, {reason, sizeof(reason)},
                                   {inner, sizeof(inner)}, {0}, {n, sizeof(n)}};
        struct json_pick p;

        json_pick_start(&p, paths, r, 6);
        for (size_t at = 0; at < sizeof(text) - 1; at += step) {
            size_t left = sizeof(text) - 1 - at;

            assert_int_equal(json_pick_feed(&p, span_of(text + at, left < step ? left : step)),
                             PARSE_MORE);
        }
        assert_int_equal(json_pick_finish(&p), PARSE_DONE);
        assert_true(span_equal(json_picked_span(&r[0]), SPAN("{\"a\" : [1,\"}\"]}")));
        assert_int_equal(r[1].size_bytes, 6);
        assert_int_equal(r[1].count, 2);
        assert_true(span_equal(json_picked_span(&r[2]), SPAN("stop")));
        assert_int_equal(r[3].value_kind, JSON_NONE);
        assert_int_equal(r[4].elements, 2);
        assert_true(span_equal(json_picked_span(&r[5]), SPAN("12")));
    }
}

static void test_tree(void **state)
{
    struct json_token tokens[32];
    int next[32];
    struct json_tree t;
    int64_t n = 0;
    int list;

    (void)state;
    assert_int_equal(json_tree_read(&t,
                                    SPAN("{\"a\":[1,{\"b\":2},\"c\"],\"d\":{},\"\\u0065\":true}"),
                                    tokens, next, 32),
                     JSON_TREE_OK);
    list = json_tree_get(&t, 0, "a");
    assert_int_equal(json_tree_size(&t, list), 3);
    assert_true(json_tree_i64(&t, json_tree_first(&t, list), &n) && n == 1);
    assert_true(json_tree_i64(
        &t, json_tree_get(&t, json_tree_after(&t, json_tree_first(&t, list)), "b"), &n));
    assert_int_equal(n, 2);
    assert_int_equal(json_tree_kind(&t, json_tree_get(&t, 0, "e")), JSON_TRUE);
    assert_int_equal(json_tree_get(&t, 0, "b"), JSON_TREE_NONE);
    assert_int_equal(json_tree_kind(&t, JSON_TREE_NONE), JSON_NONE);
    assert_int_equal(json_tree_read(&t, SPAN("[1,2,3]"), tokens, next, 3), JSON_TREE_FULL);
    assert_int_equal(json_tree_read(&t, SPAN("[1 2]"), tokens, next, 32), JSON_TREE_BAD);
}

static void test_write(void **state)
{
    char text[128];
    struct json_write w;
    struct fmt f;

    (void)state;
    fmt_init(&f, text, sizeof(text));
    json_write_start(&w, &f);
    json_write_object(&w);
    json_write_key(&w, "a");
    json_write_text(&w, SPAN("\"\\\n\x01\xff\xc3\xa9"));
    json_write_key(&w, "b");
    json_write_array(&w);
    json_write_i64(&w, -1);
    json_write_null(&w);
    json_write_array_end(&w);
    json_write_object_end(&w);
    json_write_done(&w);
    assert_true(span_equal(
        fmt_span(&f), SPAN("{\"a\":\"\\\"\\\\\\n\\u0001\xef\xbf\xbd\xc3\xa9\",\"b\":[-1,null]}")));
}

/* nst/JSONTestSuite where the data folder is: y_ must parse, n_ must be refused, i_ either. */
static void test_suite(void **state)
{
    const char *data = getenv("FARTHING_DATA");
    char folder[512];
    DIR *dir;
    struct dirent *entry;
    int seen = 0;

    (void)state;
    snprintf(folder, sizeof(folder), "%s/suites/jsontestsuite/test_parsing",
             data ? data : "../shared/data");
    dir = opendir(folder);
    if (dir == NULL) {
        print_message("the JSON test suite is not here: left out\n");
        skip();
    }
    while ((entry = readdir(dir)) != NULL) {
        static char text[300000];
        char path[1024];
        ssize_t len;
        bool ok;
        int fd;

        if (strchr("yni", entry->d_name[0]) == NULL || entry->d_name[1] != '_')
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        fd = open(path, O_RDONLY);
        len = read(fd, text, sizeof(text));
        close(fd);
        assert_true(len >= 0);
        {
            struct json_scan s;
            json_scan_start(&s, NULL, NULL, false);
            ok = json_scan_feed(&s, span_of(text, (size_t)len)) != PARSE_BAD &&
                 json_scan_finish(&s) == PARSE_DONE;
        }
        if ((entry->d_name[0] == 'y' && !ok) || (entry->d_name[0] == 'n' && ok))
            fail_msg("%s", entry->d_name);
        seen++;
    }
    closedir(dir);
    assert_true(seen > 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepts),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_depth_and_size),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_object_and_splice),
        cmocka_unit_test(test_pick),
        cmocka_unit_test(test_tree),
        cmocka_unit_test(test_write),
        cmocka_unit_test(test_suite),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
