#include <string.h>

#include "cm.h"
#include "config/table.h"
#include "llm/answer.h"
#include "llm/price.h"

static struct json_object scratch;

static void test_usage_shapes(void **state)
{
    static const struct {
        enum usage_dialect dialect;
        const char *json;
        struct usage want;
    } rows[] = {
        {USAGE_OPENAI,
         "{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":15,\"prompt_tokens_"
         "details\":{\"cached_tokens\":4},"
         "\"completion_tokens_details\":{\"reasoning_tokens\":2}}",
         {true, false, 10, 4, 0, 5, 2}},
        {USAGE_OPENAI,
         "{\"prompt_tokens\":10,\"completion_tokens\":5,\"prompt_cache_hit_tokens\":8,\"prompt_"
         "cache_miss_tokens\":2}",
         {true, false, 10, 8, 0, 5, 0}},
        {USAGE_OPENAI,
         "{\"input_tokens\":10,\"output_tokens\":5,\"input_tokens_details\":{\"cached_tokens\":1},"
         "\"output_tokens_details\":{\"reasoning_tokens\":5}}",
         {true, false, 10, 1, 0, 5, 5}},
        {USAGE_ANTHROPIC,
         "{\"input_tokens\":10,\"cache_read_input_tokens\":100,\"cache_creation_input_tokens\":20,"
         "\"output_tokens\":5}",
         {true, false, 130, 100, 20, 5, 0}},
        {USAGE_OPENAI, "{\"prompt_tokens\":7,\"total_tokens\":7}", {true, false, 7, 0, 0, 0, 0}},
        {USAGE_OPENAI,
         "{\"prompt_tokens\":3,\"completion_tokens\":1,\"prompt_tokens_details\":{\"cached_"
         "tokens\":9}}",
         {true, false, 3, 3, 0, 1, 0}},
        {USAGE_OPENAI,
         "{\"prompt_tokens\":3,\"completion_tokens\":1,\"prompt_tokens_details\":null}",
         {true, false, 3, 0, 0, 1, 0}},
    };
    struct usage u = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        memset(&u, 0, sizeof(u));
        assert_true(usage_read(&u, rows[i].dialect, span_str(rows[i].json)));
        assert_true(u.known && u.input == rows[i].want.input && u.cached == rows[i].want.cached &&
                    u.cache_write == rows[i].want.cache_write && u.output == rows[i].want.output &&
                    u.reasoning == rows[i].want.reasoning);
    }
    memset(&u, 0, sizeof(u));
    assert_false(usage_read(&u, USAGE_OPENAI, SPAN("{\"prompt_tokens\":-1}")));
    assert_false(usage_read(&u, USAGE_OPENAI, SPAN("{\"prompt_tokens\":1.5}")));
    assert_false(usage_read(&u, USAGE_OPENAI, SPAN("{\"prompt_tokens\":\"1\"}")));
    assert_false(usage_read(&u, USAGE_OPENAI, SPAN("[]")));
}

static void test_price(void **state)
{
    struct price p;
    struct usage u = {.known = true, .input = 10, .cached = 4, .output = 3, .reasoning = 2};

    (void)state;
    price_clear(&p);
    p.base.input_pusd = 1000000;
    p.base.output_pusd = 4000000;
    assert_int_equal(price_cost_pusd(&p, &u, 0),
                     10 * 1000000 + 3 * 4000000); /* cached is never free by accident */
    p.base.cached_input_pusd = 100000;
    assert_int_equal(price_cost_pusd(&p, &u, 0), 6 * 1000000 + 4 * 100000 + 3 * 4000000);
    u.input = USAGE_TOKENS_MAX;
    p.base.input_pusd = INT64_MAX / 2;
    assert_true(price_cost_pusd(&p, &u, 0) == INT64_MAX);
    p.base.output_pusd = CONFIG_UNSET;
    assert_false(price_is_known(&p));
}

static void check_edit(enum api api, const struct request_edit *edit, const char *body,
                       const char *want, bool include_usage)
{
    struct request r;
    struct splice s;
    char put[256];
    char out[512];
    size_t len = 0;
    struct fmt f;

    assert_true(request_read(&r, api, span_str(body), &scratch));
    assert_int_equal(r.include_usage, include_usage);
    fmt_init(&f, put, sizeof(put));
    assert_true(request_rewrite(&r, edit, &s, &f));
    for (struct span p = splice_piece(&s, 0); p.len > 0; p = splice_piece(&s, len)) {
        memcpy(out + len, p.ptr, p.len);
        len += p.len;
    }
    out[len] = '\0';
    assert_string_equal(out, want);
    assert_int_equal(len, splice_bytes(&s));
    assert_true(json_object_read(&scratch, span_of(out, len)));
}

static void check_rewrite(const char *body, const char *want, bool include_usage)
{
    const struct request_edit edit = {"vendor/\"m\"", true};

    check_edit(API_CHAT, &edit, body, want, include_usage);
}

static void test_rewrite_streams_and_hints(void **state)
{
    const struct request_edit stream = {.model_id = "m", .ask_usage = true, .stream = true};
    const struct request_edit hint = {.model_id = "m", .hint = "Be \"brief\"."};

    (void)state;
    check_edit(API_CHAT, &stream, "{\"model\":\"m\"}",
               "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true}}",
               false);
    check_edit(API_CHAT, &stream, "{\"stream\":null,\"model\":\"m\"}",
               "{\"stream\":true,\"model\":\"m\",\"stream_options\":{\"include_usage\":true}}",
               false);
    check_edit(API_MESSAGES, &stream, "{\"stream\":false,\"model\":\"m\"}",
               "{\"stream\":true,\"model\":\"m\"}", false);
    check_edit(API_CHAT, &hint,
               "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}",
               "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a\\n\\nBe "
               "\\\"brief\\\".\"}]}",
               false);
    check_edit(
        API_MESSAGES, &hint,
        "{\"model\":\"m\",\"system\":\"s\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}",
        "{\"model\":\"m\",\"system\":\"s\\n\\nBe "
        "\\\"brief\\\".\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}",
        false);
    check_edit(API_COMPLETIONS, &hint, "{\"model\":\"m\",\"prompt\":\"a\"}",
               "{\"model\":\"m\",\"prompt\":\"a\"}", false);
}

static void test_rewrite_keeps_every_other_byte(void **state)
{
    (void)state;
    check_rewrite(" {\"z\":1.0E0,\t\"mod\\u0065l\" : \"x\"  ,\"a\":\"\\u00e9\"}\n",
                  " {\"z\":1.0E0,\t\"mod\\u0065l\" : \"vendor/\\\"m\\\"\"  ,\"a\":\"\\u00e9\"}\n",
                  false);
    check_rewrite("{\"stream\":true,\"model\":\"x\"}",
                  "{\"stream\":true,\"model\":\"vendor/"
                  "\\\"m\\\"\",\"stream_options\":{\"include_usage\":true}}",
                  false);
    check_rewrite("{\"stream_options\":{ },\"stream\":true,\"model\":\"x\"}",
                  "{\"stream_options\":{ "
                  "\"include_usage\":true},\"stream\":true,\"model\":\"vendor/\\\"m\\\"\"}",
                  false);
    check_rewrite(
        "{\"stream_options\":{\"include_usage\":false,\"b\":1},\"stream\":true,\"model\":\"x\"}",
        "{\"stream_options\":{\"include_usage\":true,\"b\":1},\"stream\":true,\"model\":\"vendor/"
        "\\\"m\\\"\"}",
        false);
    check_rewrite("{\"stream_options\":{\"include_usage\":true},\"stream\":true,\"model\":\"x\"}",
                  "{\"stream_options\":{\"include_usage\":true},\"stream\":true,\"model\":\"vendor/"
                  "\\\"m\\\"\"}",
                  true);
    check_rewrite("{\"model\":\"x\",\"stream\":true,\"stream_options\":null}",
                  "{\"model\":\"vendor/"
                  "\\\"m\\\"\",\"stream\":true,\"stream_options\":{\"include_usage\":true}}",
                  false);
}

static void test_request_errors(void **state)
{
    static const struct {
        const char *body;
        enum request_err err;
    } rows[] = {
        {"", REQUEST_ERR_JSON},
        {"[1]", REQUEST_ERR_NOT_OBJECT},
        {"{}", REQUEST_ERR_NO_MODEL},
        {"{\"model\":null}", REQUEST_ERR_NO_MODEL},
        {"{\"model\":1}", REQUEST_ERR_TYPE},
        {"{\"model\":\"\"}", REQUEST_ERR_RANGE},
        {"{\"model\":\"a\\u0000b\"}", REQUEST_ERR_RANGE},
        {"{\"model\":\"a\",\"stream\":\"yes\"}", REQUEST_ERR_TYPE},
        {"{\"model\":\"a\",\"max_tokens\":0}", REQUEST_ERR_RANGE},
        {"{\"model\":\"a\",\"n\":1.5}", REQUEST_ERR_TYPE},
        {"{\"model\":\"a\",\"stream_options\":[]}", REQUEST_ERR_TYPE},
        {"{\"model\":\"a\",\"model\":\"a\"}", REQUEST_ERR_DUPLICATE},
        {"{\"model\":\"a\"}x", REQUEST_ERR_JSON},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct request r;

        assert_false(request_read(&r, API_CHAT, span_str(rows[i].body), &scratch));
        if (r.err != rows[i].err)
            fail_msg("%s: %d", rows[i].body, (int)r.err);
    }
}

static enum answer_verdict feed_event(struct answer *a, const char *data)
{
    for (const char *p = data; *p != '\0'; p++)
        answer_event_data(a, span_of(p, 1));
    return answer_event_end(a, SPAN_EMPTY);
}

static void test_stream(void **state)
{
    struct request r = {.api = API_CHAT, .stream = true};
    struct answer a;
    struct usage u;

    (void)state;
    answer_start(&a, &r, true);
    assert_int_equal(
        feed_event(&a, "{\"choices\":[{\"delta\":{\"content\":\"abcdefgh\"}}],\"usage\":null}"),
        ANSWER_RELAY);
    u = answer_usage(&a, 10, answer_output_estimate(&a));
    assert_true(u.estimated && !u.known && u.input == 10);
    assert_int_equal(u.output, tokens_estimate(SPAN("abcdefgh")));
    assert_true(u.output > 0);
    assert_int_equal(feed_event(&a, "{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}"),
                     ANSWER_RELAY);
    assert_int_equal(
        feed_event(&a, "{\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":9}}"),
        ANSWER_WITHHOLD);
    assert_int_equal(a.end, ANSWER_RUNNING);
    assert_int_equal(feed_event(&a, "[DONE]"), ANSWER_RELAY);
    assert_int_equal(a.end, ANSWER_WHOLE);
    u = answer_usage(&a, 40, answer_output_estimate(&a));
    assert_true(u.known && !u.estimated && u.input == 3 && u.output == 9);
    answer_start(&a, &r, false);
    assert_int_equal(
        feed_event(&a, "{\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":9}}"),
        ANSWER_RELAY);
    assert_int_equal(feed_event(&a, "no json"), ANSWER_RELAY);
    assert_int_equal(feed_event(&a, "{\"error\":{\"message\":\"x\"}}"), ANSWER_RELAY);
    assert_int_equal(a.end, ANSWER_ERROR);
    r.api = API_MESSAGES;
    answer_start(&a, &r, true);
    feed_event(&a, "{\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":5,\"cache_"
                   "read_input_tokens\":7,\"output_tokens\":1}}}");
    feed_event(&a, "{\"type\":\"content_block_delta\",\"delta\":{\"text\":\"one two three\"}}");
    u = answer_usage(&a, 0, answer_output_estimate(&a));
    assert_true(!answer_knows_usage(&a) && u.estimated && u.input == 12 &&
                u.output == tokens_estimate(SPAN("one two three")));
    feed_event(&a, "{\"type\":\"message_delta\",\"usage\":{\"output_tokens\":20}}");
    feed_event(&a, "{\"type\":\"message_stop\"}");
    u = answer_usage(&a, 0, answer_output_estimate(&a));
    assert_true(a.end == ANSWER_WHOLE && answer_knows_usage(&a) && u.known && u.input == 12 &&
                u.cached == 7 && u.output == 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_usage_shapes),
        cmocka_unit_test(test_price),
        cmocka_unit_test(test_rewrite_keeps_every_other_byte),
        cmocka_unit_test(test_rewrite_streams_and_hints),
        cmocka_unit_test(test_request_errors),
        cmocka_unit_test(test_stream),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
