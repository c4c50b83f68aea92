#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cm.h"
#include "policy/batch.h"

enum {
    TEXT_BYTES = 1 << 20,
    ROUNDS = 3000,
    LINE_BYTES = 1 << 16,
};

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* ---- configuration ---- */

static void test_setting(void **state)
{
    static const struct {
        const char *text;
        int64_t count; /* -1: refused */
        int64_t window_ms;
    } rows[] = {
        {"8 x 40ms", 8, 40}, {"2x1ms", 2, 1},      {"32 x 10s", 32, 10000}, {"off", 0, 0},
        {"1 x 40ms", -1, 0}, {"33 x 40ms", -1, 0}, {"8 x 0ms", -1, 0},      {"8 x 11s", -1, 0},
        {"8", -1, 0},        {"8 x 40", -1, 0},    {"8 x", -1, 0},          {"x 40ms", -1, 0},
        {"", -1, 0},         {"8 40ms", -1, 0},    {"8 x 40ms x", -1, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct batch_setting s = {.count = 7};
        char reason[256];
        struct fmt why;
        bool good;

        fmt_init(&why, reason, sizeof(reason));
        good = batch_setting_read(&s, span_str(rows[i].text), &why);
        if (good != (rows[i].count >= 0) ||
            (good && (s.count != rows[i].count || s.window_ms != rows[i].window_ms)) ||
            (!good && (s.count != 7 || strncmp(fmt_cstr(&why), "is n", 4) != 0)))
            fail_msg("'%s': %s", rows[i].text, fmt_cstr(&why));
    }
}

/* ---- splitting ---- */

static void expect_parts(const char *text, const char *nonce, size_t count, const char *const *want)
{
    struct batch_part parts[BATCH_QUESTIONS_MAX];
    size_t found = batch_split(parts, count, span_str(text), span_str(nonce), true);

    for (size_t i = 0; i < count; i++) {
        found -= parts[i].found;
        if (parts[i].found != (want[i] != NULL) ||
            (parts[i].found && !span_equal(parts[i].text, span_str(want[i]))))
            fail_msg("%s: part %d is '%.*s'", text, (int)i + 1,
                     parts[i].found ? (int)parts[i].text.len : 0, parts[i].text.ptr);
    }
    assert_int_equal(found, 0);
}

static void test_split_table(void **state)
{
    static const struct {
        const char *text;
        const char *nonce;
        size_t count;
        const char *want[4];
    } rows[] = {
        {"A[1]: a\nA[2]: b", "", 2, {"a", "b"}},
        {"A[1]: a\n\nA[2]: b\n\n", "", 2, {"a", "b"}},
        {"A[1]: a\n\nA[2]: b\n", "", 2, {"a", "b\n"}}, /* too short to be what parts them */
        {"A[1]: a\nA[2]: b\n", "", 2, {"a", "b"}},
        {"Sure:\n\nA[1]: a\nA[2]: b", "", 2, {"a", "b"}},
        {"\nA[1]: a\nA[2]: b", "", 2, {"a", "b"}},
        {"A[1]:\na\nA[2]:\nb", "", 2, {"a", "b"}},
        {"A[1]:  a \nA[2]: \n b", "", 2, {" a ", "\n b"}},
        {"A[1]:a\nA[2]:b", "", 2, {"a", "b"}},
        {"A[1]: \nA[2]:\nA[3]:", "", 3, {"", "", ""}},
        {"A[1]: a\n\n\nA[2]: b\nA[3]: c", "", 3, {"a\n\n", "b", "c"}},
        {"A[1]: 1. x\n2. y\nA[2]: # h\n\n```\nz\n```", "", 2, {"1. x\n2. y", "# h\n\n```\nz\n```"}},
        /* not at the start of a line, or not quite marks */
        {"A[1]: see A[2]: no\nA[2]: b", "", 2, {"see A[2]: no", "b"}},
        {"A[1]: a\n A[2]: no\nA[2]: b", "", 2, {"a\n A[2]: no", "b"}},
        {"A[1]: a\nA[02]: A[2] A[]: A[x]:\nA[2]: b", "", 2, {"a\nA[02]: A[2] A[]: A[x]:", "b"}},
        {"A[1]: a\nA[2", "", 2, {"a\nA[2", NULL}},
        {"A[1]: a\nA[2]", "", 2, {"a\nA[2]", NULL}},
        {"A[", "", 2, {NULL, NULL}},
        {"A[1]: a\nA[99999999999999999999]: x\nA[2]: b",
         "",
         2,
         {"a\nA[99999999999999999999]: x", "b"}},
        /* missing ones */
        {"A[2]: b\nA[3]: c", "", 3, {NULL, "b", "c"}},
        {"A[1]: a\nA[3]: c", "", 3, {"a", NULL, "c"}},
        {"A[1]: a\nA[2]: b", "", 3, {"a", "b", NULL}},
        {"no marks", "", 2, {NULL, NULL}},
        {"", "", 1, {NULL}},
        /* out of order, twice, one too many */
        {"A[2]: b\nA[1]: a\nA[3]: c", "", 3, {NULL, NULL, "c"}},
        {"A[1]: a\nA[2]: b\nA[2]: b\nA[3]: c", "", 3, {NULL, NULL, "c"}},
        {"A[1]: a\nA[1]: a\nA[2]: b", "", 2, {"a\nA[1]: a", "b"}}, /* the first is at the front */
        {"So:\nA[1]: a\nA[1]: a\nA[2]: b", "", 2, {NULL, "b"}},
        {"A[1]: a\nA[2]: b\nA[3]: c", "", 2, {"a", NULL}},
        /* look-alikes that give themselves away */
        {"A[1]: a\nA[3]: no\nA[2]: b\nA[3]: c", "", 3, {"a\nA[3]: no", "b", "c"}},
        {"A[1]: a\nA[2]: no\n\nA[2]: b\n\nA[3]: c", "", 3, {"a\nA[2]: no", "b", "c"}},
        {"A[1]: a\n\nA[2]: b\nA[3]: no\n\nA[3]: c\n\nA[4]: d",
         "",
         4,
         {"a", "b\nA[3]: no", "c", "d"}},
        {"A[1]: a\n\nA[2]: b\nA[3]: no", "", 2, {"a", "b\nA[3]: no"}},
        {"A[1]: ```\nA[2]: no\n```\nA[2]: b\nA[3]: c", "", 3, {"```\nA[2]: no\n```", "b", "c"}},
        {"A[1]: a\nA[2]: b\n```\nA[2]: no\n```\nA[3]: c",
         "",
         3,
         {"a", "b\n```\nA[2]: no\n```", "c"}},
        {"A[1]: a\nA[2]: no\n\nA[2]: b", "", 2, {NULL, NULL}}, /* which one, nobody knows */
        /* questions that are repeated */
        {"Q[1]: p\nA[1]: a\nQ[2]: q\nA[2]: b", "", 2, {NULL, "b"}},
        {"A[1]: a\nQ[1]: mine\nA[2]: b", "", 2, {"a\nQ[1]: mine", "b"}},
        /* with a nonce the others are text */
        {"A[1-k3]: A[1]: a\nA[2]: b\n\nA[2-k3]: c", "k3", 2, {"A[1]: a\nA[2]: b", "c"}},
        {"A[1-k3]: a\nA[2-k4]: b\nA[2-k3x]: c\nA[2-k3]: d",
         "k3",
         2,
         {"a\nA[2-k4]: b\nA[2-k3x]: c", "d"}},
        {"A[1]: a\nA[2]: b", "k3", 2, {NULL, NULL}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        expect_parts(rows[i].text, rows[i].nonce, rows[i].count, rows[i].want);
}

static void test_split_gaps(void **state)
{
    struct batch_part parts[4];
    static char many[(BATCH_MARKS_MAX + 1) * 6];

    (void)state;
    assert_int_equal(batch_split(parts, 4, SPAN("A[1]: a\nA[3]: c"), SPAN_EMPTY, true), 2);
    assert_true(parts[0].beside && parts[2].beside);
    assert_int_equal(batch_split(parts, 3, SPAN("A[1]: a\nA[2]: b\nA[3]: c"), SPAN_EMPTY, true), 3);
    assert_false(parts[0].beside || parts[1].beside || parts[2].beside);
    /* cut off: the last one is not whole */
    assert_int_equal(batch_split(parts, 3, SPAN("A[1]: a\nA[2]: b\nA[3]: c"), SPAN_EMPTY, false),
                     2);
    assert_false(parts[2].found);
    for (size_t i = 0; i < sizeof(many); i++)
        many[i] = "A[1]:\n"[i % 6];
    assert_int_equal(batch_split(parts, 2, span_of(many, sizeof(many)), SPAN_EMPTY, true), 0);
    assert_int_equal(batch_split(parts, 2, span_of(many, sizeof(many) - 6), SPAN_EMPTY, true), 1);
}

/* Answers made of what is nasty. The last pieces are marks, which only a nonce can bear. */
static const char *const pieces[] = {
    "```",         "```python\n", "1. ",      "2. ",         "# A\n",   "A[2",      "A[2]",
    "A[2] = 5;\n", " A[2]: ",     "A: ",      "\n",          "\n\n",    " ",        "word",
    "\r\n",        "]:",          "[1]:",     "| a | b |\n", "{\"a\":", "\xc3\xa9", "Q[1",
    "\\n",         "- A[1]: ",    "A [1]:",   "A[0]: ",      "a[1]: ",  "A[1]:",    "A[2]: x",
    "\nA[1]: ",    "\nA[3]:\n",   "\nQ[2]: ", "Q[1]: ",
};

enum { PIECES = sizeof(pieces) / sizeof(pieces[0]), PIECES_PLAIN = PIECES - 6 };

static size_t nasty(char *out, uint32_t *seed, uint32_t kinds)
{
    size_t len = 0;

    for (uint32_t count = next_random(seed) % 12; count > 0; count--) {
        const char *piece = pieces[next_random(seed) % kinds];

        memcpy(out + len, piece, strlen(piece));
        len += strlen(piece);
    }
    return len;
}

/* Whether a plain answer holds a mark at a line's start after all. */
static bool has_mark(struct span s)
{
    size_t marks = 0;

    for (size_t at = 0; at < s.len;) {
        struct span line = span_part(s, at, s.len);

        marks += span_starts(line, SPAN("A[")) || span_starts(line, SPAN("Q["));
        at += span_find_byte(line, '\n') + 1;
    }
    return marks > 0;
}

static void test_round_trips(void **state)
{
    static char answers[8][512];
    static char text[8 * 600];
    uint32_t seed = 11;

    (void)state;
    for (int round = 0; round < ROUNDS * 4; round++) {
        size_t count = 1 + next_random(&seed) % 8;
        bool nonce = round % 2 == 1;
        const char *between = round % 4 < 2 ? "\n" : "\n\n";
        bool ended = count > 1 && round % 8 < 4;
        struct batch_part parts[8];
        struct span want[8];
        struct fmt f;

        fmt_init(&f, text, sizeof(text));
        for (size_t i = 0; i < count; i++) {
            want[i] = span_of(answers[i], nasty(answers[i], &seed, nonce ? PIECES : PIECES_PLAIN));
            while (want[i].len > 0 && want[i].ptr[want[i].len - 1] == '\n')
                want[i].len--;
            if (!nonce && has_mark(want[i]))
                want[i] = SPAN("x\n\ny");
            fmt_str(&f, i > 0 ? between : "");
            fmt_str(&f, "A[");
            fmt_u64(&f, i + 1);
            fmt_str(&f, nonce ? "-q7x]: " : "]: ");
            fmt_text(&f, want[i]);
        }
        fmt_str(&f, ended ? between : "");
        assert_true(fmt_ok(&f));
        assert_int_equal(
            batch_split(parts, count, fmt_span(&f), nonce ? SPAN("q7x") : SPAN_EMPTY, true), count);
        for (size_t i = 0; i < count; i++)
            if (!span_equal(parts[i].text, want[i]) || parts[i].beside)
                fail_msg("part %d of '%.*s' is '%.*s'", (int)i + 1, (int)f.len, text,
                         (int)parts[i].text.len, parts[i].text.ptr);
    }
}

static void test_recorded(void **state)
{
    static char line[LINE_BYTES];
    static char answers[8][LINE_BYTES];
    static char text[8 * LINE_BYTES];
    static struct json_object object;
    static struct json_object inner;
    const char *folder = getenv("FARTHING_DATA") ? getenv("FARTHING_DATA") : "../shared/data";
    char path[512];
    size_t lens[8];
    size_t kept = 0;
    size_t total = 0;
    FILE *file;

    (void)state;
    snprintf(path, sizeof(path), "%s/gsm8k-openai/example_model_solutions.jsonl", folder);
    file = fopen(path, "r");
    if (file == NULL) {
        print_message("no %s: recorded answers are not joined and split\n", path);
        skip();
    }
    while (fgets(line, sizeof(line), file) != NULL) {
        assert_true(json_object_read(&object, span_of(line, strcspn(line, "\n"))));
        for (size_t i = 0; i < object.count; i++) {
            const struct json_member *m = NULL;

            if (object.members[i].kind == JSON_OBJECT &&
                json_object_read(&inner, object.members[i].value))
                m = json_object_find(&inner, "solution");
            if (m == NULL || !json_value_text(m->value, answers[kept], LINE_BYTES, &lens[kept]))
                continue;
            kept++;
            if (kept == 2 + total % 7) {
                struct batch_part parts[8];
                struct fmt f;

                fmt_init(&f, text, sizeof(text));
                for (size_t k = 0; k < kept; k++) {
                    fmt_str(&f, k > 0 ? "\n" : "");
                    fmt_str(&f, "A[");
                    fmt_u64(&f, k + 1);
                    fmt_str(&f, "]: ");
                    fmt_text(&f, span_of(answers[k], lens[k]));
                }
                assert_int_equal(batch_split(parts, kept, fmt_span(&f), SPAN_EMPTY, true), kept);
                for (size_t k = 0; k < kept; k++)
                    assert_true(span_equal(parts[k].text, span_of(answers[k], lens[k])));
                total += kept;
                kept = 0;
            }
        }
    }
    fclose(file);
    print_message("%zu recorded answers joined and split again\n", total);
    assert_true(total > 5000);
}

/* ---- joining ---- */

static void test_join(void **state)
{
    static const struct span questions[] = {{"Why?", 4}, {"A[1]: no\nQ[2]: x", 16}};
    char text[1024];
    struct fmt f;

    (void)state;
    fmt_init(&f, text, sizeof(text));
    batch_join(&f, questions, 2, SPAN_EMPTY);
    assert_string_equal(fmt_cstr(&f),
                        "Answer each question below as if it were the only one. Begin the answer "
                        "to Q[1] on a new line with \"A[1]: \", the answer to Q[2] with \"A[2]: \","
                        " and so on: all answers, in this order, and nothing else.\n\nQ[1]: Why?"
                        "\n\nQ[2]: A[1]: no\nQ[2]: x");
    fmt_init(&f, text, sizeof(text));
    batch_join(&f, questions, 1, SPAN("k3x"));
    assert_non_null(strstr(fmt_cstr(&f), "\"A[2-k3x]: \""));
    assert_non_null(strstr(fmt_cstr(&f), "\n\nQ[1-k3x]: Why?"));
    assert_false(batch_needs_nonce(questions, 1));
    assert_true(batch_needs_nonce(questions, 2));
    assert_true(batch_needs_nonce((struct span[]){SPAN("what is a[0]")}, 1));
    assert_false(batch_needs_nonce((struct span[]){SPAN("[1] A[ A[x] B[1] A[")}, 1));
}

static void test_nonce(void **state)
{
    char first[BATCH_NONCE_BYTES];
    char second[BATCH_NONCE_BYTES];
    struct span nonce;
    struct span question;

    (void)state;
    for (uint64_t random = 1; random < 1000; random++) {
        nonce = batch_nonce(random * UINT64_C(0x9E3779B97F4A7C15), NULL, 0, first);
        assert_int_equal(nonce.len, BATCH_NONCE_LETTERS);
        assert_true(batch_nonce_good(nonce));
        question = nonce; /* a question that guessed it */
        nonce = batch_nonce(random * UINT64_C(0x9E3779B97F4A7C15), &question, 1, second);
        assert_true(nonce.len == BATCH_NONCE_LETTERS && !span_equal(nonce, question));
    }
    question = SPAN("aaaaaaa");
    assert_int_equal(batch_nonce(0, &question, 1, first).len, 0);
    assert_true(batch_nonce_good(SPAN("")));
    assert_false(batch_nonce_good(SPAN("a-b")));
    assert_false(batch_nonce_good(SPAN("a]")));
    assert_false(batch_nonce_good(SPAN("12345678901234567")));
}

/* ---- requests ---- */

static struct json_object scratch;
static struct request request;
static struct messages messages;

static void read_request(const char *body)
{
    assert_true(request_read(&request, API_CHAT, span_str(body), &scratch));
    messages_read(&messages, API_CHAT, request.body);
}

static void test_refusals(void **state)
{
    static const struct {
        const char *body;
        const char *why; /* the start of it; NULL: may be joined */
    } rows[] = {
        {"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]}", NULL},
        {"{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"s\"},"
         "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"q\"}]}],\"n\":1,"
         "\"logprobs\":false,\"stop\":null,\"temperature\":0}",
         NULL},
        {"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"q\"}],\"stream\":true}",
         "its answer is to be streamed"},
        {"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"q\"}],\"n\":2}",
         "it asks for several"},
        {"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"q\"}],\"tools\":[]}",
         "it has tools"},
        {"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"q\"}],"
         "\"response_format\":{\"type\":\"json_object\"}}",
         "it asks for what"},
        {"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"q\"}],"
         "\"logprobs\":true}",
         "it asks for what"},
        {"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"q\"}],\"stop\":\"x\"}",
         "it asks for what"},
        {"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"q\"},"
         "{\"role\":\"assistant\",\"content\":\"a\"},{\"role\":\"user\",\"content\":\"r\"}]}",
         "it is a conversation"},
        {"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"q\"},"
         "{\"role\":\"user\",\"content\":\"r\"}]}",
         "it is a conversation"},
        {"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"q\"},"
         "{\"role\":\"system\",\"content\":\"s\"}]}",
         "its last message"},
        {"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"q\"},"
         "{\"role\":\"assistant\",\"content\":null}]}",
         "its last message"},
        {"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\","
         "\"text\":\"q\"},{\"type\":\"image_url\",\"image_url\":{\"url\":\"u\"}}]}]}",
         "it has"},
        {"{\"model\":\"m\",\"messages\":[]}", "its last message"},
    };
    static char longer[BATCH_QUESTION_BYTES + 100];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *why;

        read_request(rows[i].body);
        why = batch_refusal(&request, &messages, &scratch);
        if ((why == NULL) != (rows[i].why == NULL) ||
            (why != NULL && strncmp(why, rows[i].why, strlen(rows[i].why)) != 0))
            fail_msg("%s: %s", rows[i].body, why != NULL ? why : "joined");
    }
    strcpy(longer, "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"");
    memset(longer + strlen(longer), 'q', BATCH_QUESTION_BYTES);
    strcat(longer, "\"}]}");
    read_request(longer);
    assert_string_equal(batch_refusal(&request, &messages, &scratch), "its question is too long");
    request.api = API_COMPLETIONS;
    assert_string_equal(batch_refusal(&request, &messages, &scratch), "it is no chat");
}

static struct batch_key key_of(const char *body)
{
    static const uint8_t sip[16] = {1, 2, 3};

    read_request(body);
    return batch_key(sip, request.body, messages.texts[messages.count - 1].value);
}

static bool same_key(const char *a, const char *b)
{
    struct batch_key x = key_of(a);
    struct batch_key y = key_of(b);

    return x.before == y.before && x.behind == y.behind;
}

static void test_keys(void **state)
{
    static const char a[] =
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"q\"}],\"max_tokens\":9}";

    (void)state;
    assert_true(same_key(a, "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":"
                            "\"another\\n\"}],\"max_tokens\":9}"));
    assert_false(same_key(a, "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":"
                             "\"q\"}],\"max_tokens\":8}"));
    assert_false(same_key(a, "{\"model\":\"n\",\"messages\":[{\"role\":\"user\",\"content\":"
                             "\"q\"}],\"max_tokens\":9}"));
    assert_false(same_key(a, "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":"
                             "\"q\"} ],\"max_tokens\":9}"));
}

static void test_body(void **state)
{
    static const char body[] =
        "{ \"max_tokens\": 100, \"model\":\"m\",\"messages\":[{\"role\":"
        "\"user\",\"content\":\"one\\u0041\"}], \"max_completion_tokens\":7}";
    struct span questions[] = {SPAN("one\"A\n"), SPAN("two\\")};
    static char joined[4096];
    static char prompt[2048];
    char text[2048];
    struct fmt f;
    struct fmt p;
    size_t len;

    (void)state;
    read_request(body);
    fmt_init(&f, joined, sizeof(joined));
    assert_true(batch_body(&f, &request, messages.texts[0].value, questions, 2, SPAN_EMPTY));
    assert_memory_equal(joined,
                        "{ \"max_tokens\": 224, \"model\":\"m\",\"messages\":[{\"role\":", 53);
    assert_true(span_ends(fmt_span(&f), SPAN("\"}], \"max_completion_tokens\":38}")));
    assert_true(request_read(&request, API_CHAT, fmt_span(&f), &scratch));
    messages_read(&messages, API_CHAT, request.body);
    assert_int_equal(messages.count, 1);
    len = message_text_decode(&messages.texts[0], text, sizeof(text));
    fmt_init(&p, prompt, sizeof(prompt));
    batch_join(&p, questions, 2, SPAN_EMPTY);
    assert_true(span_equal(span_of(text, len), fmt_span(&p)));
    /* too small, at any size */
    for (size_t cap = 0; cap < f.len; cap++) {
        char small[4096];
        struct fmt g;

        read_request(body);
        fmt_init(&g, small, cap);
        assert_false(batch_body(&g, &request, messages.texts[0].value, questions, 2, SPAN_EMPTY));
    }
}

/* ---- sharing ---- */

static void test_share(void **state)
{
    int64_t out[BATCH_QUESTIONS_MAX];
    int64_t weights[BATCH_QUESTIONS_MAX] = {1, 1, 1};
    uint32_t seed = 3;

    (void)state;
    batch_share(10, weights, 3, out);
    assert_true(out[0] == 4 && out[1] == 3 && out[2] == 3);
    weights[1] = 0;
    batch_share(9, weights, 3, out);
    assert_true(out[0] == 5 && out[1] == 0 && out[2] == 4);
    weights[0] = 0;
    weights[2] = 0;
    batch_share(2, weights, 3, out); /* all 0 is all equal */
    assert_true(out[0] == 1 && out[1] == 1 && out[2] == 0);
    for (int round = 0; round < ROUNDS; round++) {
        size_t count = 1 + next_random(&seed) % BATCH_QUESTIONS_MAX;
        int64_t total = round % 3 == 0 ? INT64_MAX - next_random(&seed) : next_random(&seed);
        int64_t left = total;
        int64_t sum = 0;

        for (size_t i = 0; i < count; i++) {
            weights[i] = round % 5 == 0 ? INT64_MAX : next_random(&seed) % 3000;
            sum += round % 5 == 0 ? 1 : weights[i];
        }
        batch_share(total, weights, count, out);
        for (size_t i = 0; i < count; i++) {
            assert_true(out[i] >= 0 && out[i] <= left);
            left -= out[i];
            if (total < INT64_C(1) << 24 && sum > 0) { /* within one of the exact share */
                int64_t weight = round % 5 == 0 ? 1 : weights[i];

                assert_in_range(out[i] - total * weight / sum, 0, 1);
            }
        }
        assert_true(left == 0);
    }
}

static void test_answer(void **state)
{
    struct usage usage = {.input = 12, .cached = 4, .output = 3};
    struct batch_answer a = {
        .text = SPAN("say \"hi\"\n"),
        .id = SPAN("chatcmpl-1"),
        .model = SPAN("m"),
        .created_s = 5,
        .usage = &usage,
    };
    char text[1024];
    struct fmt f;

    (void)state;
    fmt_init(&f, text, sizeof(text));
    assert_true(batch_answer(&f, &a));
    assert_string_equal(
        fmt_cstr(&f),
        "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":5,\"model\":\"m\","
        "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"
        "\"say \\\"hi\\\"\\n\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":12,"
        "\"completion_tokens\":3,\"total_tokens\":15,\"prompt_tokens_details\":"
        "{\"cached_tokens\":4}}}");
    assert_true(json_object_read(&scratch, fmt_span(&f)));
    fmt_init(&f, text, 100);
    assert_false(batch_answer(&f, &a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_setting),    cmocka_unit_test(test_split_table),
        cmocka_unit_test(test_split_gaps), cmocka_unit_test(test_round_trips),
        cmocka_unit_test(test_recorded),   cmocka_unit_test(test_join),
        cmocka_unit_test(test_nonce),      cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_keys),       cmocka_unit_test(test_body),
        cmocka_unit_test(test_share),      cmocka_unit_test(test_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
