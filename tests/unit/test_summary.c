/* Summaries: which texts, what is asked, what is taken, when it pays, and how they stand in a body.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cm.h"
#include "config/read.h"
#include "llm/tokens.h"
#include "policy/compress_history.h"
#include "policy/summary.h"
#include "json/object.h"

#define LONG                                                                                       \
    "The shop opens at 7 in the morning and closes at 19 in the evening, on Sundays at 12. It is " \
    "in Lyon. Nothing is delivered, and recipes are never given away to anybody who asks for "     \
    "them."

enum { BODY_BYTES = 64 * 1024 };

static const uint8_t secret[HASH_SIP_KEY_BYTES] = {1, 2, 3};
static struct messages messages;
static struct compress_passes passes;
static struct compress_settings settings = {.summarize_min_tokens = 20, .summarize_milli = 300};
static struct summary_texts texts;
static struct summary_maker maker = {.settings = &settings};
static char room[BODY_BYTES];
static char text[BODY_BYTES];

static const char conversation[] =
    "{\"messages\":[{\"role\":\"system\",\"content\":\"short\"},"
    "{\"role\":\"system\",\"content\":\"" LONG "\\u00e9 \\\"q\\\"\"},"
    "{\"role\":\"user\",\"content\":\"first " LONG "\"},"
    "{\"role\":\"assistant\",\"content\":\"well\",\"tool_calls\":[{\"id\":\"x\",\"type\":"
    "\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},"
    "{\"role\":\"tool\",\"tool_call_id\":\"x\",\"content\":\"found\"},"
    "{\"role\":\"user\",\"content\":\"second\"},{\"role\":\"user\",\"content\":\"third\"}],"
    "\"model\":\"m\"}";

static void find(enum api api, const char *list, const char *body)
{
    struct fmt why;

    fmt_init(&why, text, sizeof(text));
    assert_true(compress_passes_parse(&passes, span_str(list), &why));
    summary_find(&texts, &passes, &settings, api, span_str(body), &messages, room);
}

static const char *asked(enum summary_of of)
{
    static struct json_object object;
    struct request r;
    struct fmt out;

    fmt_init(&out, text, sizeof(text) - 1);
    assert_true(summary_request(&out, &texts, of, &maker));
    assert_true(request_read(&r, API_CHAT, fmt_span(&out), &object));
    assert_int_equal(r.max_output_tokens, 2 * summary_length(&settings, texts.tokens[of]));
    return fmt_cstr(&out);
}

static void test_texts(void **state)
{
    (void)state;
    maker.model_id = SPAN("ch\"eap");
    find(API_CHAT, "history:1,summarize:c", conversation);
    assert_true(texts.tokens[SUMMARY_SYSTEM] > 30 && texts.tokens[SUMMARY_HISTORY] > 30);
    assert_true(texts.system->value.ptr[1] == 'T');
    assert_true(strncmp(conversation + texts.end[SUMMARY_SYSTEM], "},{\"role\":\"user\"", 10) == 0);
    assert_non_null(strstr(asked(SUMMARY_SYSTEM), "\"model\":\"ch\\\"eap\",\"max_tokens\":"));
    assert_non_null(strstr(text, "<text>\\nThe shop opens"));
    assert_non_null(strstr(text, "asks for them.\\u00e9 \\\"q\\\"\\n</text>\"}]}"));
    assert_non_null(strstr(text, " 30% "));
    assert_null(strstr(text, "short\\n"));
    assert_non_null(strstr(asked(SUMMARY_HISTORY), "<text>\\nUser: first The shop"));
    assert_non_null(strstr(text, "\\nAssistant: well\\nTool: found\\nUser: second\\n</text>"));
    /* The owner's words, and OpenAI's newer limit. */
    memcpy(settings.summarize_prompt, "Say it in \"Latin\".", 19);
    maker.completion_tokens = true;
    assert_non_null(strstr(asked(SUMMARY_SYSTEM), "\"max_completion_tokens\":"));
    assert_non_null(strstr(text, "\"content\":\"Say it in \\\"Latin\\\". Length"));
    settings.summarize_prompt[0] = '\0';
    maker.completion_tokens = false;
    /* Too short; not asked for; no such thing. */
    settings.summarize_min_tokens = 1000;
    find(API_CHAT, "history:1,summarize:c", conversation);
    assert_true(texts.tokens[SUMMARY_SYSTEM] == 0 && texts.tokens[SUMMARY_HISTORY] == 0);
    settings.summarize_min_tokens = 20;
    find(API_CHAT, "history:2,summarize:c", conversation);
    assert_true(texts.tokens[SUMMARY_SYSTEM] > 0 && texts.tokens[SUMMARY_HISTORY] == 0);
    find(API_CHAT, "summarize:c", conversation);
    assert_true(texts.tokens[SUMMARY_SYSTEM] > 0 && texts.tokens[SUMMARY_HISTORY] == 0);
    find(API_MESSAGES, "history:1,summarize:c",
         "{\"system\":[{\"type\":\"text\",\"text\":\"" LONG "\"}],\"messages\":[]}");
    assert_true(texts.tokens[SUMMARY_SYSTEM] > 0 && texts.tokens[SUMMARY_HISTORY] == 0);
    find(API_RESPONSES, "history:1,summarize:c", "{\"input\":\"x\"}");
    assert_true(texts.tokens[SUMMARY_SYSTEM] == 0 && texts.tokens[SUMMARY_HISTORY] == 0);
}

static void assert_key(bool same, struct hash128 a, struct hash128 b)
{
    assert_true((a.word[0] == b.word[0] && a.word[1] == b.word[1]) == same);
}

static void test_key(void **state)
{
    struct hash128 system;
    struct hash128 history;

    (void)state;
    maker.model_id = SPAN("c");
    find(API_CHAT, "history:1,summarize:c", conversation);
    system = summary_key(secret, &texts, SUMMARY_SYSTEM, &maker);
    history = summary_key(secret, &texts, SUMMARY_HISTORY, &maker);
    assert_key(false, system, history);
    find(API_CHAT, "history:2,summarize:c", conversation);
    assert_key(true, system, summary_key(secret, &texts, SUMMARY_SYSTEM, &maker));
    assert_key(false, history, summary_key(secret, &texts, SUMMARY_HISTORY, &maker));
    maker.model_id = SPAN("d");
    assert_key(false, system, summary_key(secret, &texts, SUMMARY_SYSTEM, &maker));
    maker.model_id = SPAN("c");
    settings.summarize_milli = 310;
    assert_key(false, system, summary_key(secret, &texts, SUMMARY_SYSTEM, &maker));
    settings.summarize_milli = 300;
    settings.summarize_prompt[0] = 'x';
    assert_key(false, system, summary_key(secret, &texts, SUMMARY_SYSTEM, &maker));
    settings.summarize_prompt[0] = '\0';
    assert_key(true, system, summary_key(secret, &texts, SUMMARY_SYSTEM, &maker));
}

/* Turns go as many at a time as stay, so that what goes is the same for a while. */
static void test_steps(void **state)
{
    static char body[BODY_BYTES];
    static const size_t gone[] = {0, 0, 0, 0, 0, 0, 3, 3, 3, 6, 6, 6, 9};
    char beginning[64];

    (void)state;
    for (size_t turns = 1; turns < sizeof(gone) / sizeof(gone[0]); turns++) {
        struct compress_result r = {.drop_count = 0};
        size_t len = (size_t)snprintf(body, sizeof(body), "{\"messages\":[");

        for (size_t i = 1; i <= turns; i++)
            len +=
                (size_t)snprintf(body + len, sizeof(body) - len,
                                 "%s{\"role\":\"user\",\"content\":\"%zu\"}", i > 1 ? "," : "", i);
        len += (size_t)snprintf(body + len, sizeof(body) - len, "]}");
        compress_history(API_CHAT, span_of(body, len), 3, true, 0, &r);
        assert_int_equal(r.drop_count, gone[turns] > 0);
        snprintf(beginning, sizeof(beginning), "{\"role\":\"user\",\"content\":\"%zu\"}",
                 gone[turns] + 1);
        if (gone[turns] > 0)
            assert_int_equal(strncmp(body + r.drops[0].end, beginning, strlen(beginning)), 0);
    }
}

/* ---- in the body ---- */

static struct compress_scratch scratch;
static struct compress_result result;

static void check(const char *list, const struct compress_said *said, bool keeps, const char *body,
                  const char *want)
{
    struct compress_job job = {
        .passes = &passes, .scratch = &scratch, .said = said, .keep_prefix = keeps};
    char *out = malloc(strlen(body));
    struct span got;
    struct fmt why;

    fmt_init(&why, text, sizeof(text));
    assert_true(compress_passes_parse(&passes, span_str(list), &why));
    job.prefix_bytes = keeps ? strlen(body) : 0;
    compress_request(&job, API_CHAT, span_str(body), out, &result);
    got = result.changed ? span_of(out, result.bytes_after) : span_str(body);
    if (!span_equal(got, span_str(want)))
        fail_msg("%s: %.*s", list, (int)got.len, got.ptr);
    free(out);
}

#define MESSAGE(role, content) "{\"role\":\"" role "\",\"content\":\"" content "\"}"
#define TAIL                   MESSAGE("user", "q  r") "],\"x\":1}"

static void test_said(void **state)
{
    static const char body[] =
        "{\"messages\":[" MESSAGE("system", "a  b") "," MESSAGE("system", LONG) "," MESSAGE(
            "user", LONG) "," MESSAGE("assistant", LONG) "," MESSAGE("system", "c") "," TAIL;
    struct compress_said said = {.system_at = strstr(body, "\"" LONG)};

    (void)state;
    /* Without a summary nothing goes; other passes go on. */
    check("history:1,summarize:c", &said, false, body, body);
    check("whitespace,history:1,summarize:c", &said, false, body,
          "{\"messages\":[" MESSAGE("system", "a b") "," MESSAGE("system", LONG) "," MESSAGE(
              "user", LONG) "," MESSAGE("assistant", LONG) "," MESSAGE("system", "c") "," TAIL);
    said.system = SPAN("say \"less\"");
    check(
        "history:1,summarize:c", &said, false, body,
        "{\"messages\":[" MESSAGE("system", "a  b") "," MESSAGE(
            "system",
            "[Shortened]\\nsay "
            "\\\"less\\\"") "," MESSAGE("user", LONG) "," MESSAGE("assistant",
                                                                  LONG) "," MESSAGE("system",
                                                                                    "c") "," TAIL);
    assert_int_equal(result.acted, 1u << COMPRESS_SUMMARIZE);
    assert_int_equal(result.steps[COMPRESS_SUMMARIZE].tokens_cut,
                     result.tokens_before - result.tokens_after);
    said.history = SPAN("so\nfar");
    check(
        "history:1,summarize:c", &said, false, body,
        "{\"messages\":[" MESSAGE("system", "a  b") "," MESSAGE(
            "system",
            "[Shortened]\\nsay "
            "\\\"less\\\"") "," MESSAGE("user",
                                        "[Summary of the conversation so "
                                        "far]\\nso\\nfar") "," MESSAGE("assist"
                                                                       "ant",
                                                                       "Unders"
                                                                       "tood."
                                                                       "") "," MESSAGE("system",
                                                                                       "c") "," TAIL);
    assert_int_equal(result.acted, 1u << COMPRESS_SUMMARIZE | 1u << COMPRESS_HISTORY);
    /* What the vendor holds is left alone, if that is asked for. */
    check("history:1,summarize:c", &said, true, body, body);
    /* Nothing that is not shorter. */
    said.system = SPAN(LONG);
    said.history = SPAN(LONG LONG LONG);
    check("history:1,summarize:c", &said, false, body, body);
    /* Nobody summarises: history drops. */
    check("history:1,summarize:c", NULL, false, body,
          "{\"messages\":[" MESSAGE("system", "a  b") "," MESSAGE("system", LONG) "," MESSAGE(
              "system", "c") "," TAIL);
}

/* ---- the answer ---- */

static size_t taken(const char *content, const char *finish, int64_t tokens_max)
{
    static char body[BODY_BYTES];
    static char reply_storage[BODY_BYTES];
    struct reply r;

    snprintf(body, sizeof(body),
             "{\"choices\":[{\"message\":{\"content\":\"%s\"},\"finish_reason\":\"%s\"}]}", content,
             finish);
    reply_start(&r, API_CHAT, reply_storage, sizeof(reply_storage));
    reply_body(&r, span_str(body));
    return summary_take(&r, tokens_max).len;
}

static void test_answer(void **state)
{
    (void)state;
    assert_int_equal(taken(LONG, "stop", 100), strlen(LONG));
    assert_int_equal(taken(LONG, "length", 100), 0);
    assert_int_equal(taken(LONG, "content_filter", 100), 0);
    assert_int_equal(taken(LONG, "stop", 10), 0);
    assert_int_equal(taken("No.", "stop", 100), 0);
    assert_int_equal(taken("", "stop", 2), 0);
}

/* ---- prices ---- */

static void test_pays(void **state)
{
    struct summary_terms t = {
        .text_tokens = 1000,
        .left_tokens = 300,
        .asked = {.input_pusd = 1000000, .cached_input_pusd = 100000, .cache_write_pusd = 1250000},
        .cheap = {.input_pusd = 100000, .output_pusd = 400000},
    };

    (void)state;
    assert_int_equal(summary_cost_pusd(&t), 1150 * 100000 + 300 * 400000);
    assert_int_equal(summary_saving_pusd(&t, 0), 0);
    assert_int_equal(summary_saving_pusd(&t, 3), 3 * INT64_C(700000000));
    /* Held by the vendor: a tenth is saved, and the rest of the beginning is written anew. */
    t.prefix_tokens = 2000;
    assert_int_equal(summary_saving_pusd(&t, 0), -1300 * INT64_C(1150000));
    assert_int_equal(summary_saving_pusd(&t, 30), 30 * INT64_C(70000000) - 1300 * INT64_C(1150000));
    t.cheap = (struct price_set){0};
    assert_int_equal(summary_cost_pusd(&t), 0);
    t.asked = (struct price_set){0};
    assert_int_equal(summary_saving_pusd(&t, 30), 0);
}

/* ---- configuration ---- */

static void ignore_error(void *ctx, struct span line)
{
    (void)ctx;
    (void)line;
}

static bool read_section(const char *lines, struct compress_settings *s)
{
    struct config_target target = {&compress_section, s, sizeof(*s), 1, 0, NULL};
    struct config_errors errors = {.tell = ignore_error, .file = "test"};

    memset(s, 0, sizeof(*s));
    return config_read(span_str(lines), &target, 1, &errors);
}

static void test_settings(void **state)
{
    struct compress_settings s;

    (void)state;
    assert_true(read_section("", &s));
    assert_true(s.summarize_min_tokens == 1000 && s.summarize_milli == 300);
    assert_true(s.summarize_prompt[0] == '\0');
    assert_true(read_section("[compress]\nsummarize_ratio = 45%\nsummarize_min_tokens = 50\n"
                             "summarize_prompt = Say less.\n",
                             &s));
    assert_true(s.summarize_min_tokens == 50 && s.summarize_milli == 450);
    assert_string_equal(s.summarize_prompt, "Say less.");
    assert_false(read_section("[compress]\nsummarize_ratio = 46%\n", &s));
    assert_false(read_section("[compress]\nsummarize_ratio = 4%\n", &s));
    assert_false(read_section("[compress]\nsummarize_ratio = 30\n", &s));
    assert_false(read_section("[compress]\nsummarize_ratio = %\n", &s));
    assert_false(read_section("[compress]\nsummarize_min_tokens = 49\n", &s));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),    cmocka_unit_test(test_key),
        cmocka_unit_test(test_steps),    cmocka_unit_test(test_said),
        cmocka_unit_test(test_answer),   cmocka_unit_test(test_pays),
        cmocka_unit_test(test_settings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
