#include <string.h>

#include "cm.h"
#include "llm/assemble.h"
#include "llm/disassemble.h"
#include "streams.h"

enum { BYTES = 1 << 20 };

static char body_text[BYTES];
static char stream_text[BYTES];
static char stored[BYTES];
static char buffer[BYTES];
static struct recording_reader reader;
static struct assemble assembler;
static struct disassemble iterator;

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

struct told {
    struct span stream;
    size_t events;
    size_t texts;
};

/* The events of a body; each must be whole, JSON, and of the stated size. */
static bool tell(enum api api, struct span body, bool include_usage, struct told *t)
{
    char scratch[DISASSEMBLE_EVENT_BYTES];
    size_t len = 0;

    *t = (struct told){0};
    if (!disassemble_start(&iterator, api, body, include_usage, scratch))
        return false;
    for (;;) {
        struct span event;
        struct fmt f;

        fmt_init(&f, stream_text + len, DISASSEMBLE_EVENT_BYTES);
        if (disassemble_next(&iterator, &f) == DISASSEMBLE_END)
            break;
        event = fmt_span(&f);
        assert_true(fmt_ok(&f));
        assert_true(span_ends(event, SPAN("\n\n")));
        assert_int_equal(span_find(event, SPAN("\n\n")), event.len - 2);
        t->events++;
        t->texts += iterator.has_text ? 1 : 0;
        len += f.len;
        assert_true(len < BYTES - DISASSEMBLE_EVENT_BYTES);
    }
    t->stream = span_of(stream_text, len);
    return true;
}

static void check_returns(enum api api, struct span body, const char *what)
{
    struct span back = SPAN_EMPTY;
    struct told t;

    if (!tell(api, body, true, &t))
        fail_msg("%s: not told", what);
    /* Each event has been checked to be JSON when it comes back. */
    if (!assemble_recording(&assembler, api, stream_record(t.stream, stored, sizeof(stored)),
                            &reader, buffer, sizeof(buffer), &back))
        fail_msg("%s: not assembled\n%.*s", what, (int)t.stream.len, t.stream.ptr);
    if (!stream_same_json(back, body))
        fail_msg("%s:\n%.*s\n%.*s", what, (int)t.stream.len, t.stream.ptr, (int)back.len, back.ptr);
}

static void test_every_vendors_body_returns(void **state)
{
    (void)state;
    for (size_t i = 0; i < VENDOR_STREAMS; i++) {
        const struct vendor_stream *v = &vendor_streams[i];
        struct span body = stream_quoted(v->body, body_text, sizeof(body_text));
        struct reply r;

        if (v->api == API_RESPONSES)
            continue;
        check_returns(v->api, body, v->name);
        reply_start(&r, v->api, buffer, sizeof(buffer));
        assert_true(reply_recording(&r, span_of(stored, sizeof(stored)), &reader) ||
                    r.text_len == strlen(v->text));
        assert_true(span_equal(reply_text(&r), span_str(v->text)) && r.finish == v->finish);
        assert_int_equal(r.usage.output, v->output);
    }
}

/* Texts with everything that must not be cut, of any length. */
static void put_text(struct fmt *f, uint32_t *seed, size_t parts)
{
    static const char *const texts[] = {" ",
                                        "a",
                                        "word",
                                        "  ",
                                        "\\n",
                                        "\\t\\\"",
                                        "\\\\",
                                        "\\u00e9",
                                        "\\ud83d\\ude00",
                                        "\\uD83D\\uDE00",
                                        "\xc3\xa9",
                                        "\xe4\xb8\xad",
                                        "\\/",
                                        "\xf0\x9f\x98\x80",
                                        "\\u0000",
                                        "{\\\"x\\\":",
                                        "longlonglonglonglonglonglonglonglonglong"};

    for (size_t i = next_random(seed) % parts; i > 0; i--)
        fmt_str(f, texts[next_random(seed) % (sizeof(texts) / sizeof(texts[0]))]);
}

static void put_logprobs(struct fmt *f, uint32_t *seed)
{
    fmt_str(f, ",\"logprobs\":");
    if (next_random(seed) % 2 == 0) {
        fmt_str(f, "null");
        return;
    }
    fmt_str(f, "{ \"content\" : [");
    for (uint32_t i = next_random(seed) % 90; i > 0; i--) {
        fmt_str(f, "{\"token\":\"");
        put_text(f, seed, 5);
        fmt_str(f, "\",\"logprob\":-0.125,\"bytes\":[1, 2],\"top_logprobs\":[]}");
        fmt_str(f, i > 1 ? " ," : "");
    }
    fmt_str(f, "],\"refusal\":null}");
}

static void put_choice(struct fmt *f, uint32_t *seed, uint32_t index)
{
    static const char *const members[] = {"content", "reasoning_content", "refusal", "reasoning"};
    uint32_t tools = next_random(seed) % 3;

    fmt_str(f, "{\"index\":");
    fmt_u64(f, index);
    fmt_str(f, ", \"message\":{\"role\" : \"assistant\"");
    for (size_t i = 0; i < 4; i++) {
        uint32_t kind = next_random(seed) % 3;

        if (kind == 0 && i > 0)
            continue;
        fmt_str(f, ",\n\"");
        fmt_str(f, members[i]);
        fmt_str(f, kind == 1 ? "\":null" : "\":\"");
        if (kind == 1)
            continue;
        put_text(f, seed, 200);
        fmt_char(f, '"');
    }
    fmt_str(f, tools > 0 ? ",\"tool_calls\":[" : "");
    for (uint32_t i = 0; i < tools; i++) {
        fmt_str(f, i > 0 ? ",{\"id\":\"call_" : "{\"id\":\"call_");
        fmt_u64(f, i);
        fmt_str(f, "\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"");
        put_text(f, seed, 100);
        fmt_str(f, "\"}}");
    }
    fmt_str(f, tools > 0 ? "]" : "");
    fmt_str(f, next_random(seed) % 2 == 0 ? ",\"annotations\":[{\"type\":\"url\"}]}" : "}");
    put_logprobs(f, seed);
    fmt_str(f, ",\"finish_reason\":\"stop\"}");
}

static struct span random_chat(uint32_t *seed)
{
    uint32_t choices = 1 + next_random(seed) % 4;
    struct fmt f;

    fmt_init(&f, body_text, sizeof(body_text));
    fmt_str(&f, " { \"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":17,\"model\":"
                "\"m\\u00e9\",\"citations\":[\"a\",\"b\"],\"choices\" :[ ");
    for (uint32_t i = 0; i < choices; i++) {
        fmt_str(&f, i > 0 ? "," : "");
        put_choice(&f, seed, i);
    }
    fmt_str(&f, "],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3},"
                "\"system_fingerprint\":null}\n");
    assert_true(fmt_ok(&f));
    return fmt_span(&f);
}

static struct span random_message(uint32_t *seed)
{
    uint32_t blocks = next_random(seed) % 6;
    struct fmt f;

    fmt_init(&f, body_text, sizeof(body_text));
    fmt_str(&f, "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"c\","
                "\"content\":[");
    for (uint32_t i = 0; i < blocks; i++) {
        uint32_t kind = next_random(seed) % 4;

        fmt_str(&f, i > 0 ? " , " : "");
        fmt_str(&f,
                kind == 0   ? "{\"type\":\"text\",\"text\":\""
                : kind == 1 ? "{\"type\":\"thinking\",\"thinking\":\""
                : kind == 2
                    ? "{\"type\":\"redacted_thinking\",\"data\":\""
                    : "{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"n\",\"input\":{ \"a\":\"");
        put_text(&f, seed, 200);
        fmt_str(&f, kind == 0   ? "\",\"citations\":[{\"x\":1},{\"x\":2}]}"
                    : kind == 1 ? "\",\"signature\":\"Eq/\"}"
                    : kind == 2 ? "\"}"
                                : "\",\n \"b\":[1e3,{}]}}");
    }
    fmt_str(&f,
            "],\"stop_reason\":\"end_turn\",\"stop_sequence\":null,\"usage\":{\"input_tokens\":1,"
            "\"cache_read_input_tokens\":7,\"output_tokens\":2}}");
    assert_true(fmt_ok(&f));
    return fmt_span(&f);
}

static void test_random_bodies_return(void **state)
{
    uint32_t seed = 23;

    (void)state;
    for (int round = 0; round < 200; round++) {
        check_returns(API_CHAT, random_chat(&seed), "chat");
        check_returns(API_MESSAGES, random_message(&seed), "message");
    }
}

static void test_words_and_usage(void **state)
{
    struct span body =
        SPAN("{\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{"
             "\"role\":\"assistant\",\"content\":\"One two,  three\\nfour \\u4e2d\"},"
             "\"finish_reason\":\"stop\"}],\"usage\":{\"total_tokens\":3}}");
    struct told t;

    (void)state;
    assert_true(tell(API_CHAT, body, false, &t));
    assert_int_equal(t.texts, 5);
    assert_int_equal(t.events, 1 + 5 + 1 + 1);
    assert_int_equal(span_find(t.stream, SPAN("usage")), t.stream.len);
    assert_true(span_find(t.stream, SPAN("\"content\":\"  three\"")) < t.stream.len);
    assert_true(span_find(t.stream, SPAN("\"content\":\"\\nfour\"")) < t.stream.len);
    assert_true(span_ends(t.stream, SPAN("data: [DONE]\n\n")));
    assert_true(tell(API_CHAT, body, true, &t));
    assert_int_equal(t.events, 1 + 5 + 1 + 1 + 1);
    assert_true(span_find(t.stream, SPAN("\"choices\":[],\"usage\":{\"total_tokens\":3}}\n\n")) <
                t.stream.len);
}

static void test_what_is_refused(void **state)
{
    struct told t;
    struct fmt f;

    (void)state;
    assert_false(tell(API_CHAT, SPAN("{\"choices\":[}"), true, &t));
    assert_false(tell(API_CHAT, SPAN("{\"error\":{\"message\":\"x\"}}"), true, &t));
    assert_false(tell(API_MESSAGES, SPAN("{\"content\":7}"), true, &t));
    assert_false(tell(API_RESPONSES, SPAN("{\"output\":[],\"choices\":[]}"), true, &t));
    assert_false(tell(API_EMBEDDINGS, SPAN("{\"choices\":[]}"), true, &t));
    for (size_t len = 100; len < 6000; len += 300) {
        fmt_init(&f, body_text, sizeof(body_text));
        fmt_str(&f, "{\"content\":[{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"");
        fmt_fill(&f, 'A', len);
        fmt_str(&f, "\"}],\"stop_reason\":\"end_turn\"}");
        assert_true(tell(API_MESSAGES, fmt_span(&f), true, &t) ==
                    (len < DISASSEMBLE_EVENT_BYTES - 200));
    }
    /* A text is never too long. */
    fmt_init(&f, body_text, sizeof(body_text));
    fmt_str(&f, "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"");
    fmt_fill(&f, 'A', 50000);
    fmt_str(&f, "\"},\"finish_reason\":\"length\"}]}");
    assert_true(tell(API_CHAT, fmt_span(&f), true, &t));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_vendors_body_returns),
        cmocka_unit_test(test_random_bodies_return),
        cmocka_unit_test(test_words_and_usage),
        cmocka_unit_test(test_what_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
