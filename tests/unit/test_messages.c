#include <string.h>

#include "cm.h"
#include "llm/messages.h"

static struct messages m;

static const char role_letters[] = {
    [ROLE_OTHER] = 'o',     [ROLE_SYSTEM] = 's', [ROLE_USER] = 'u',
    [ROLE_ASSISTANT] = 'a', [ROLE_TOOL] = 't',
};

/* "u0=text|" for each text. */
static void say(char *out, size_t out_bytes)
{
    struct fmt f;

    fmt_init(&f, out, out_bytes);
    for (size_t i = 0; i < m.count; i++) {
        char text[256];
        size_t len = message_text_decode(&m.texts[i], text, sizeof(text));

        fmt_char(&f, role_letters[m.texts[i].role]);
        fmt_u64(&f, m.texts[i].message);
        fmt_char(&f, '=');
        fmt_text(&f, span_of(text, len));
        fmt_char(&f, '|');
    }
    (void)fmt_cstr(&f);
}

static void test_shapes(void **state)
{
    static const struct {
        enum api api;
        const char *body;
        const char *want;
        uint32_t messages;
        uint32_t users;
        bool images;
        bool tools;
    } rows[] = {
        {API_CHAT,
         "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"be\\nkind\"},"
         "{\"content\":\"hi \\u00e9\",\"role\":\"user\"}],\"content\":\"no\"}",
         "s0=be\nkind|u1=hi \xc3\xa9|", 2, 1, false, false},
        {API_CHAT,
         "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},"
         "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:\"}},{\"text\":\"b\",\"type\":"
         "\"text\"}]}]}",
         "u0=a|u0=b|", 1, 1, true, false},
        {API_CHAT,
         "{\"messages\":[{\"role\":\"user\",\"content\":\"w?\"},{\"role\":\"assistant\","
         "\"content\":"
         "null,\"tool_calls\":[{\"id\":\"1\",\"type\":\"function\",\"function\":{\"name\":\"f\","
         "\"arguments\":\"{}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"1\",\"content\":\"42\"}]}",
         "u0=w?|t2=42|", 3, 1, false, true},
        {API_MESSAGES,
         "{\"system\":\"be brief\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":"
         "\"tool_result\",\"tool_use_id\":\"x\",\"content\":\"plain\"},{\"content\":[{\"type\":"
         "\"text\",\"text\":\"in parts\"}],\"type\":\"tool_result\"}]},{\"role\":\"user\","
         "\"content\":\"and?\"}]}",
         "s0=be brief|t1=plain|t1=in parts|u2=and?|", 3, 1, false, true},
        {API_MESSAGES,
         "{\"messages\":[{\"role\":\"user\",\"content\":\"q\"}],\"system\":[{\"type\":\"text\","
         "\"text\":\"one\",\"cache_control\":{\"type\":\"ephemeral\"}},{\"text\":\"two\"}]}",
         "u0=q|s1=one|s1=two|", 2, 1, false, false},
        {API_RESPONSES, "{\"instructions\":\"sys\",\"input\":\"ask\"}", "s0=sys|u1=ask|", 2, 1,
         false, false},
        {API_RESPONSES,
         "{\"input\":[{\"role\":\"developer\",\"content\":[{\"type\":\"input_text\",\"text\":\"d\"}"
         "]}"
         ",{\"type\":\"function_call_output\",\"output\":\"r\"},{\"role\":\"user\",\"content\":"
         "\"u\"}]}",
         "s0=d|t1=r|u2=u|", 3, 1, false, true},
        {API_COMPLETIONS, "{\"prompt\":\"once\"}", "u0=once|", 1, 1, false, false},
        {API_EMBEDDINGS, "{\"input\":[\"a\",\"b\"],\"model\":\"e\"}", "u0=a|u1=b|", 2, 2, false,
         false},
        {API_CHAT, "{\"messages\":{\"role\":\"user\",\"content\":\"no\"}}", "", 0, 0, false, false},
        {API_CHAT, "{}", "", 0, 0, false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char said[512];

        messages_read(&m, rows[i].api, span_str(rows[i].body));
        say(said, sizeof(said));
        assert_string_equal(said, rows[i].want);
        assert_int_equal(m.message_count, rows[i].messages);
        assert_int_equal(m.user_messages, rows[i].users);
        assert_int_equal(m.has_images, rows[i].images);
        assert_int_equal(m.has_tool_turns, rows[i].tools);
        assert_false(m.cut);
        for (size_t t = 0; t < m.count; t++) {
            assert_int_equal(m.texts[t].value.ptr[0], '"');
            assert_int_equal(m.texts[t].value.ptr[m.texts[t].value.len - 1], '"');
        }
    }
}

static void test_many(void **state)
{
    static char body[64 * 1024];
    const struct message_text *last;
    char text[8];
    struct fmt f;

    (void)state;
    fmt_init(&f, body, sizeof(body));
    fmt_str(&f, "{\"messages\":[");
    for (unsigned i = 0; i < 2 * MESSAGES_TEXTS_MAX; i++) {
        fmt_str(&f, i == 0 ? "" : ",");
        fmt_str(&f, "{\"content\":\"");
        fmt_u64(&f, i);
        fmt_str(&f, i % 2 == 0 ? "\",\"role\":\"assistant\"}" : "\",\"role\":\"user\"}");
    }
    fmt_str(&f, "]}");
    messages_read(&m, API_CHAT, fmt_span(&f));
    assert_true(m.cut);
    assert_int_equal(m.count, MESSAGES_TEXTS_MAX);
    assert_int_equal(m.message_count, 2 * MESSAGES_TEXTS_MAX);
    last = messages_last(&m, ROLE_USER);
    assert_non_null(last);
    assert_int_equal(message_text_decode(last, text, sizeof(text)), 3);
    assert_memory_equal(text, "511", 3);
    assert_int_equal(last->message, 511);
}

/* What does not fit is cut between characters. */
static void test_decode_cut(void **state)
{
    struct message_text t = {.value = SPAN("\"ab\xe2\x82\xac\\u20acz\"")};
    static const size_t lens[] = {0, 1, 2, 2, 2, 5, 5, 5, 8, 9, 9};
    char text[16];

    (void)state;
    for (size_t room = 0; room < sizeof(lens) / sizeof(lens[0]); room++) {
        assert_int_equal(message_text_decode(&t, text, room), lens[room]);
        assert_memory_equal(text, "ab\xe2\x82\xac\xe2\x82\xacz", lens[room]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_decode_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
