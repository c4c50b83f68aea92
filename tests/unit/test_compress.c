/* Whole requests: which texts change, what never does, and that any body comes out as a body. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cm.h"
#include "llm/tokens.h"
#include "policy/compress.h"
#include "policy/compress_protect.h"
#include "policy/compress_words.h"
#include "json/tree.h"

enum { BODY_BYTES = 64 * 1024 };

static struct compress_scratch scratch;
static struct compress_passes passes;
static struct compress_result result;
static char *out; /* of exactly the body's size */
static struct compress_job job = {.passes = &passes, .scratch = &scratch};

static void set_passes(const char *list)
{
    char why[512];
    struct fmt f;

    fmt_init(&f, why, sizeof(why));
    if (!compress_passes_parse(&passes, span_str(list), &f))
        fail_msg("%s: %s", list, fmt_cstr(&f));
}

/* The body that goes out. */
static struct span compress(enum api api, const char *list, struct span body)
{
    set_passes(list);
    free(out);
    out = malloc(body.len > 0 ? body.len : 1);
    compress_request(&job, api, body, out, &result);
    assert_int_equal(result.bytes_before, body.len);
    if (!result.changed) {
        assert_int_equal(result.acted, 0);
        assert_int_equal(result.bytes_after, body.len);
        return body;
    }
    assert_true(result.bytes_after < body.len);
    assert_true(result.tokens_after <= result.tokens_before);
    assert_true(result.acted != 0);
    return span_of(out, result.bytes_after);
}

static void check(enum api api, const char *list, const char *body, const char *want)
{
    struct span got = compress(api, list, span_str(body));

    if (!span_equal(got, span_str(want)))
        fail_msg("%s of %s: %.*s", list, body, (int)got.len, got.ptr);
}

#define LONG_A "The Battle of Hastings was fought on 14 October 1066 in the south of the country."
#define LONG_B "It was a fight between the army of William and another one, which Harold led."
#define LONG_C "Many people were there, and not a few of them did not see the end of that day."

static void test_free_passes(void **state)
{
    (void)state;
    /* The last user message keeps every byte, and so does what is around the texts. */
    check(API_CHAT, "safe",
          "{ \"messages\" : [{\"role\":\"system\",\"content\":\"a  b\\n\\n\\n\\nc\"}, "
          "{\"content\":\"d  e\",\"role\":\"user\"},{\"role\":\"assistant\",\"content\":\"f  g\"},"
          "{\"role\":\"user\",\"content\":\"h  i\"}],\"model\":\"m  m\" }",
          "{ \"messages\" : [{\"role\":\"system\",\"content\":\"a b\\n\\nc\"}, "
          "{\"content\":\"d e\",\"role\":\"user\"},{\"role\":\"assistant\",\"content\":\"f g\"},"
          "{\"role\":\"user\",\"content\":\"h  i\"}],\"model\":\"m  m\" }");
    /* Escapes: what is not changed stays as it was spelt; what is gets the shortest form. */
    check(API_CHAT, "whitespace",
          "{\"messages\":[{\"role\":\"system\",\"content\":\"\\u0041\\/\"},{\"role\":\"system\","
          "\"content\":\"\\u0041\\/  \\u00e9\\b\\f\\u0001\\t\\u20ac\\ud83d\\ude00\"}]}",
          "{\"messages\":[{\"role\":\"system\",\"content\":\"\\u0041\\/\"},{\"role\":\"system\","
          "\"content\":\"A/ \u00e9\\b\\f\\u0001\\t\u20ac\U0001f600\"}]}");
    /* So does the beginning of the answer, which the client wrote. */
    check(
        API_MESSAGES, "whitespace",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":"
        "\"b  c\"}]}",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":"
        "\"b  c\"}]}");
    /* A text that would be empty stays. */
    check(API_CHAT, "whitespace", "{\"messages\":[{\"role\":\"system\",\"content\":\"  \"}]}",
          "{\"messages\":[{\"role\":\"system\",\"content\":\"  \"}]}");
    /* Arguments of calls are nobody's text; results of tools are. */
    check(
        API_CHAT, "json",
        "{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"a\",\"type\":\"function\""
        ",\"function\":{\"name\":\"f\",\"arguments\":\"{ \\\"a\\\": 1 }\"}}]},"
        "{\"role\":\"tool\",\"tool_call_id\":\"a\",\"content\":\"{ \\\"a\\\": 1 }\"}]}",
        "{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"a\",\"type\":\"function\""
        ",\"function\":{\"name\":\"f\",\"arguments\":\"{ \\\"a\\\": 1 }\"}}]},"
        "{\"role\":\"tool\",\"tool_call_id\":\"a\",\"content\":\"{\\\"a\\\":1}\"}]}");
    check(API_MESSAGES, "whitespace",
          "{\"system\":[{\"type\":\"text\",\"text\":\"a  b\"}],\"messages\":[{\"role\":\"user\","
          "\"content\":[{\"type\":\"text\",\"text\":\"c  d\"}]}]}",
          "{\"system\":[{\"type\":\"text\",\"text\":\"a b\"}],\"messages\":[{\"role\":\"user\","
          "\"content\":[{\"type\":\"text\",\"text\":\"c  d\"}]}]}");
    check(API_RESPONSES, "whitespace", "{\"instructions\":\"a  b\",\"input\":\"c  d\"}",
          "{\"instructions\":\"a b\",\"input\":\"c  d\"}");
    /* Vectors stand for every byte. */
    check(API_EMBEDDINGS, "safe", "{\"input\":[\"a  b\",\"c  d\"]}",
          "{\"input\":[\"a  b\",\"c  d\"]}");
    assert_int_equal(result.steps[COMPRESS_WHITESPACE].bytes_cut, 0);
}

static void test_dedup_over_messages(void **state)
{
    (void)state;
    check(API_CHAT, "dedup",
          "{\"messages\":[{\"role\":\"user\",\"content\":\"" LONG_A "\\n\\nwhen?\"},"
          "{\"role\":\"user\",\"content\":\"" LONG_A "\\n\\nwho?\"},"
          "{\"role\":\"user\",\"content\":\"" LONG_A "\\n\\nwhere?\"}]}",
          "{\"messages\":[{\"role\":\"user\",\"content\":\"" LONG_A "\\n\\nwhen?\"},"
          "{\"role\":\"user\",\"content\":\"[as above]\\n\\nwho?\"},"
          "{\"role\":\"user\",\"content\":\"" LONG_A "\\n\\nwhere?\"}]}");
    assert_true(compress_passes_has(&passes, COMPRESS_DEDUP));
    assert_int_equal(result.steps[COMPRESS_DEDUP].bytes_cut, strlen(LONG_A) - 10);
    assert_int_equal(result.acted, 1u << COMPRESS_DEDUP);
}

static void test_context_passes(void **state)
{
    (void)state;
    /* In the last user message, context changes and the question does not. */
    check(
        API_CHAT, "stopwords",
        "{\"messages\":[{\"role\":\"system\",\"content\":\"" LONG_A LONG_B "\"},{\"role\":\"user\","
        "\"content\":\"" LONG_A " " LONG_B "\\n\\nWho was the one that led the army?\"}]}",
        "{\"messages\":[{\"role\":\"system\",\"content\":\"" LONG_A LONG_B "\"},{\"role\":\"user\","
        "\"content\":\"Battle Hastings fought 14 October 1066 south country. fight army William "
        "one, Harold led.\\n\\nWho was the one that led the army?\"}]}");
    check(API_CHAT, "select:40%",
          "{\"messages\":[{\"role\":\"user\",\"content\":\"" LONG_C " " LONG_A " " LONG_B
          "\\n\\nWhen did Hastings happen?\"}]}",
          "{\"messages\":[{\"role\":\"user\",\"content\":\"" LONG_A
          " \\n\\nWhen did Hastings happen?\"}]}");
    /* A number of tokens is shared out; what is short enough stays. */
    check(API_CHAT, "select:1000t",
          "{\"messages\":[{\"role\":\"user\",\"content\":\"" LONG_C " " LONG_A " " LONG_B
          "\\n\\nWhen did Hastings happen?\"}]}",
          "{\"messages\":[{\"role\":\"user\",\"content\":\"" LONG_C " " LONG_A " " LONG_B
          "\\n\\nWhen did Hastings happen?\"}]}");
    check(API_CHAT, "select:30t",
          "{\"messages\":[{\"role\":\"tool\",\"content\":\"" LONG_C " " LONG_A " " LONG_B
          "\"},{\"role\":\"user\",\"content\":\"When did Hastings happen?\"}]}",
          "{\"messages\":[{\"role\":\"tool\",\"content\":\"" LONG_A
          " \"},{\"role\":\"user\",\"content\":\"When did Hastings happen?\"}]}");
    /* JSON that a tool gave is no prose. */
    check(API_CHAT, "select:10%,stopwords",
          "{\"messages\":[{\"role\":\"tool\",\"content\":\"{\\\"a\\\":\\\"" LONG_A LONG_B
          "\\\"}\"}]}",
          "{\"messages\":[{\"role\":\"tool\",\"content\":\"{\\\"a\\\":\\\"" LONG_A LONG_B
          "\\\"}\"}]}");
}

static void test_history(void **state)
{
    static const char body[] =
        "{\"messages\":[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\",\"content\":"
        "\"1\"},"
        "{\"role\":\"assistant\",\"content\":\"a\"}, {\"role\":\"user\",\"content\":\"2\"},"
        "{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"x\"}]},{\"role\":\"tool\",\"content\":"
        "\"r\"},{\"role\":\"developer\",\"content\":\"d\"},{\"role\":\"user\",\"content\":\"3\"}],"
        "\"model\":\"m\"}";

    (void)state;
    check(API_CHAT, "history:3", body, body);
    check(API_CHAT, "history:2", body,
          "{\"messages\":[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\",\"content\":"
          "\"2\"},{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"x\"}]},{\"role\":\"tool\","
          "\"content\":\"r\"},{\"role\":\"developer\",\"content\":\"d\"},{\"role\":\"user\","
          "\"content\":\"3\"}],\"model\":\"m\"}");
    assert_int_equal(result.drop_count, 1);
    assert_int_equal(result.acted, 1u << COMPRESS_HISTORY);
    check(API_CHAT, "history:1", body,
          "{\"messages\":[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"developer\","
          "\"content\":"
          "\"d\"},{\"role\":\"user\",\"content\":\"3\"}],\"model\":\"m\"}");
    assert_int_equal(result.drop_count, 1);
    /* A user's message that is a result begins no turn. */
    check(
        API_MESSAGES, "history:1",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"1\"},{\"role\":\"assistant\",\"content\":"
        "[{\"type\":\"tool_use\",\"id\":\"x\"}]},{\"role\":\"user\",\"content\":[{\"type\":"
        "\"tool_result\",\"tool_use_id\":\"x\",\"content\":\"r\"}]}]}",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"1\"},{\"role\":\"assistant\",\"content\":"
        "[{\"type\":\"tool_use\",\"id\":\"x\"}]},{\"role\":\"user\",\"content\":[{\"type\":"
        "\"tool_result\",\"tool_use_id\":\"x\",\"content\":\"r\"}]}]}");
    check(
        API_RESPONSES, "history:1",
        "{\"input\":[{\"role\":\"user\",\"content\":\"1\"},{\"type\":\"function_call\",\"call_id\":"
        "\"x\"},{\"type\":\"function_call_output\",\"call_id\":\"x\",\"output\":\"r\"},"
        "{\"role\":\"user\",\"content\":\"2\"}]}",
        "{\"input\":[{\"role\":\"user\",\"content\":\"2\"}]}");
}

static void test_prefix(void **state)
{
    static const char body[] =
        "{\"messages\":[{\"role\":\"system\",\"content\":\"a  b\\n\\n" LONG_A "\"},"
        "{\"role\":\"user\",\"content\":\"c  d\\n\\n" LONG_A "\"},"
        "{\"role\":\"user\",\"content\":\"e\"}]}";

    (void)state;
    job.prefix_bytes = (size_t)(strstr(body, "c  d") - body);
    (void)compress(API_CHAT, "safe", span_str(body));
    assert_true(result.changed);
    assert_true(result.prefix_tokens_cut > 0);
    job.keep_prefix = true;
    job.prefix_bytes = (size_t)(strstr(body, "{\"role\":\"user") - body);
    /* What stands in the prefix is known when it comes again. */
    check(API_CHAT, "safe", body,
          "{\"messages\":[{\"role\":\"system\",\"content\":\"a  b\\n\\n" LONG_A "\"},"
          "{\"role\":\"user\",\"content\":\"c d\\n\\n[as above]\"},"
          "{\"role\":\"user\",\"content\":\"e\"}]}");
    assert_int_equal(result.prefix_tokens_cut, 0);
    job.prefix_bytes = sizeof(body);
    check(API_CHAT, "safe,history:1", body, body);
    job.prefix_bytes = 0;
    job.keep_prefix = false;
}

/* ---- any body ---- */

static uint32_t seed;

static uint32_t draw(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

static void add(struct fmt *f, const char *s)
{
    fmt_str(f, s);
}

/* Pieces of text, escaped as they stand in a body. */
static void add_text(struct fmt *f)
{
    static const char *const pieces[] = {
        "the",
        "a",
        "of",
        "Hastings",
        "1066",
        "$5",
        "not",
        "never",
        "\\u0041",
        "\\u20ac",
        "\u00e9",
        "\\ud83d\\ude00",
        "\\/",
        "\\\\",
        "\\\"",
        "\\b",
        ".",
        ". The",
        "?",
        "\\n",
        "\\n\\n",
        "\\n\\n\\n",
        "  ",
        "\\t",
        "```\\n",
        "\\n```\\n",
        "`x  y`",
        "<b>",
        "</b>",
        "<!--",
        "-->",
        "<p>",
        "{ \\\"a\\\" : 1 }",
        "[1, ",
        "]",
        "https://x.example/a_b?c=1",
        "\\\"a  b\\\"",
        "'",
        "Question: ",
        "Context: ",
        "Q: x",
        "in order to ",
        "Please note that ",
        "\u4f60\u597d\u3002",
        "12:00:01 link is down\\n",
        LONG_A,
        LONG_B,
        LONG_C,
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ",
    };
    size_t count = draw(30);

    fmt_char(f, '"');
    for (size_t i = 0; i < count; i++) {
        add(f, pieces[draw(sizeof(pieces) / sizeof(pieces[0]))]);
        if (draw(3) > 0)
            fmt_char(f, ' ');
    }
    fmt_char(f, '"');
}

static void add_message(struct fmt *f)
{
    static const char *const roles[] = {"system", "user", "assistant", "tool", "developer"};
    uint32_t role = draw(5);

    if (draw(8) == 0) {
        add(f, "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"c\",\"type\":"
               "\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{ }\"}}]},"
               "{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":");
        add_text(f);
        fmt_char(f, '}');
        return;
    }
    if (draw(2) == 0) {
        add(f, "{ \"content\" : ");
        add_text(f);
        add(f, " , \"role\":\"");
        add(f, roles[role]);
        add(f, "\"}");
        return;
    }
    add(f, "{\"role\":\"");
    add(f, roles[role]);
    add(f, "\",\"content\":[{\"type\":\"text\",\"text\":");
    add_text(f);
    add(f, "},{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:,  x\"}},"
           "{\"type\":\"text\",\"text\":");
    add_text(f);
    add(f, "}]}");
}

static struct span random_body(char *storage)
{
    size_t count = 1 + draw(12);
    struct fmt f;

    fmt_init(&f, storage, BODY_BYTES);
    add(&f, draw(2) == 0 ? "{\"model\":\"m\",\"tools\":[{\"a\":\"b  c\"}],\"messages\":["
                         : "{ \"messages\" :\n[ ");
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            add(&f, draw(4) == 0 ? " ,\n" : ",");
        add_message(&f);
    }
    add(&f, draw(2) == 0 ? "]}" : " ] ,\"stream\":true } ");
    assert_true(fmt_ok(&f));
    return fmt_span(&f);
}

static const char *const lists[] = {
    "off",
    "whitespace",
    "html,noise",
    "json",
    "dedup",
    "boilerplate",
    "safe",
    "stopwords",
    "select:50%",
    "select:20t",
    "examples:1",
    "history:2",
    "safe,select:30%,stopwords,history:3,examples:0,summarize:m",
};

static struct messages before;
static struct messages after;

static const struct message_text *last_user(const struct messages *m)
{
    return messages_last(m, ROLE_USER);
}

/* All that holds of any body and any passes. */
static void check_body(struct span body, const char *list)
{
    static struct json_object object;
    struct request r;
    struct span got = compress(API_CHAT, list, body);
    const struct message_text *asked;

    assert_true(json_object_read(&object, got) && json_object_find(&object, "messages") != NULL);
    if (strcmp(list, "off") == 0)
        assert_true(got.ptr == body.ptr);
    (void)request_read(&r, API_CHAT, got, &object);
    assert_true(r.err == REQUEST_OK || r.err == REQUEST_ERR_NO_MODEL);
    messages_read(&before, API_CHAT, body);
    messages_read(&after, API_CHAT, got);
    /* Only history drops messages, and never the last turn. */
    if (strstr(list, "history") == NULL)
        assert_int_equal(after.message_count, before.message_count);
    assert_true((last_user(&before) == NULL) == (last_user(&after) == NULL));
    asked = last_user(&before);
    if (asked != NULL && !compress_passes_has(&passes, COMPRESS_SELECT) &&
        !compress_passes_has(&passes, COMPRESS_STOPWORDS) &&
        !compress_passes_has(&passes, COMPRESS_EXAMPLES))
        assert_true(span_equal(asked->value, last_user(&after)->value));
    for (size_t i = 0; after.count == before.count && i < after.count; i++) {
        static char a[BODY_BYTES];
        static char b[BODY_BYTES];
        struct span was = span_of(a, message_text_decode(&before.texts[i], a, sizeof(a)));
        struct span is = span_of(b, message_text_decode(&after.texts[i], b, sizeof(b)));

        assert_int_equal(before.texts[i].role, after.texts[i].role);
        assert_true(is.len <= was.len);
        if (strcmp(list, "whitespace") == 0 || strcmp(list, "stopwords") == 0)
            assert_true(protect_hash(was) == protect_hash(is));
    }
}

static void test_any_body(void **state)
{
    static char storage[BODY_BYTES];

    (void)state;
    for (seed = 1; seed < 400000; seed += 997) {
        uint32_t kept = seed;
        struct span body = random_body(storage);
        char *exact = malloc(body.len);

        memcpy(exact, body.ptr, body.len);
        for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
            check_body(span_of(exact, body.len), lists[i]);
        free(exact);
        seed = kept;
    }
}

/* Twice the same comes out: what a vendor keeps of it stays the same, too. */
static void test_repeatable(void **state)
{
    static char storage[BODY_BYTES];
    static char first[BODY_BYTES];
    struct span body;

    (void)state;
    seed = 7;
    for (int i = 0; i < 50; i++) {
        struct span one;
        struct span two;

        body = random_body(storage);
        one = compress(API_CHAT, "safe,stopwords,select:50%", body);
        memcpy(first, one.ptr, one.len);
        one.ptr = first;
        memset(&scratch, 0xa5, sizeof(scratch));
        two = compress(API_CHAT, "safe,stopwords,select:50%", body);
        assert_true(span_equal(one, two));
    }
}

/* ---- real prompts ---- */

enum { LINE_BYTES = 64 * 1024 };

struct real {
    size_t count;
    size_t whole; /* the answer is in the prompt as it is */
    size_t kept;
    int64_t context_tokens;
    int64_t cut_tokens;
};

/* Lower case, without stop words when asked for; only letters and digits. */
static size_t plain(struct span s, bool stop, char *to)
{
    size_t len = 0;
    size_t at = 0;

    for (;;) {
        struct span word = words_next(s, at);

        if (word.len == 0)
            break;
        at = (size_t)(word.ptr - s.ptr) + word.len;
        if (stop && words_is_stop(word))
            continue;
        for (size_t i = 0; i < word.len; i++)
            to[len++] =
                (char)(word.ptr[i] >= 'A' && word.ptr[i] <= 'Z' ? word.ptr[i] | 0x20 : word.ptr[i]);
        to[len++] = ' ';
    }
    return len;
}

static bool holds(struct span prompt, struct span answer, bool stop)
{
    static char a[LINE_BYTES];
    static char b[LINE_BYTES];
    size_t len = plain(prompt, stop, a);

    return span_find(span_of(a, len), span_of(b, plain(answer, stop, b))) < len;
}

static void real_line(struct real *r, struct span line)
{
    static struct json_object object;
    static char prompt[LINE_BYTES];
    static char answer[LINE_BYTES];
    static char changed[LINE_BYTES];
    struct span text;
    struct span gold;
    size_t len = 0;
    bool stop = !compress_passes_has(&passes, COMPRESS_SELECT);

    assert_true(json_object_read(&object, line));
    assert_true(
        json_value_text(json_object_find(&object, "prompt")->value, prompt, sizeof(prompt), &len));
    text = span_of(prompt, len);
    assert_true(
        json_value_text(json_object_find(&object, "answer")->value, answer, sizeof(answer), &len));
    gold = span_of(answer, len);
    r->count++;
    if (!holds(text, gold, stop))
        return;
    memcpy(changed, prompt, text.len);
    len = compress_text(&job, changed, text.len, text, SPAN_EMPTY, &result);
    r->whole++;
    r->kept += holds(span_of(changed, len), gold, stop);
    context_find(&scratch.context, text, SPAN_EMPTY);
    r->context_tokens += select_context_tokens(text, &scratch.context);
    r->cut_tokens += result.tokens_before - result.tokens_after;
}

/* Of the context's tokens, in thousandths. */
static int64_t real_left(const struct real *r, const char *list)
{
    int64_t left = (r->context_tokens - r->cut_tokens) * 1000 / r->context_tokens;

    print_message("%s: answers kept %zu of %zu, context tokens left %d/1000\n", list, r->kept,
                  r->whole, (int)left);
    return left;
}

static bool real_read(struct real *r, const char *list)
{
    static char line[LINE_BYTES];
    const char *folder = getenv("FARTHING_DATA") ? getenv("FARTHING_DATA") : "../shared/data";
    char command[512];
    FILE *lines;

    snprintf(command, sizeof(command),
             "gzip -dc %s/compress-qa/extractive_qa_prompts.jsonl.gz 2>/dev/null", folder);
    lines = popen(command, "r");
    assert_non_null(lines);
    *r = (struct real){0};
    set_passes(list);
    while (fgets(line, sizeof(line), lines) != NULL)
        real_line(r, span_str(line));
    return pclose(lines) == 0 && r->count > 0;
}

static void test_real(void **state)
{
    struct real r;

    (void)state;
    if (!real_read(&r, "stopwords")) {
        print_message("no ../shared/data/compress-qa: answers are not looked for\n");
        skip();
    }
    assert_true(real_left(&r, "stopwords") <= 700);
    assert_true(r.kept * 1000 >= r.whole * 990);
    assert_true(real_read(&r, "select:50%"));
    assert_true(real_left(&r, "select:50%") <= 510);
    assert_true(r.kept * 1000 >= r.whole * 745);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_free_passes),    cmocka_unit_test(test_dedup_over_messages),
        cmocka_unit_test(test_context_passes), cmocka_unit_test(test_history),
        cmocka_unit_test(test_prefix),         cmocka_unit_test(test_any_body),
        cmocka_unit_test(test_repeatable),     cmocka_unit_test(test_real),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    free(out);
    return failed;
}
