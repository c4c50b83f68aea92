#include <string.h>

#include "cm.h"
#include "llm/assemble.h"
#include "streams.h"

enum { BYTES = 1 << 18 };

static char stream_text[BYTES];
static char body_text[BYTES];
static char stored[BYTES];
static char buffer[BYTES];
static struct recording_reader reader;
static struct assemble assembler;

static struct span quoted(const char *text)
{
    return stream_quoted(text, stream_text, sizeof(stream_text));
}

static bool assemble(enum api api, struct span stream, size_t buffer_bytes, struct span *body)
{
    struct span recording = stream_record(stream, stored, sizeof(stored));

    return assemble_recording(&assembler, api, recording, &reader, buffer, buffer_bytes, body);
}

static void test_every_vendors_stream(void **state)
{
    (void)state;
    for (size_t i = 0; i < VENDOR_STREAMS; i++) {
        const struct vendor_stream *v = &vendor_streams[i];
        struct span want = stream_quoted(v->body, body_text, sizeof(body_text));
        struct span body = SPAN_EMPTY;
        size_t need = 1;

        if (!assemble(v->api, quoted(v->events), sizeof(buffer), &body))
            fail_msg("%s: not assembled", v->name);
        if (!stream_same_json(body, want))
            fail_msg("%s: %.*s", v->name, (int)body.len, body.ptr);
        /* Too small a buffer is told; from some size on the body is there, and it is the same. */
        while (!assemble(v->api, quoted(v->events), need, &body)) {
            assert_true(assembler.full);
            need++;
        }
        assert_true(stream_same_json(body, want));
        assert_true(need < 3 * want.len + 1000);
    }
}

static void test_what_is_refused(void **state)
{
    static const struct {
        enum api api;
        const char *events;
    } rows[] = {
        {API_CHAT, "data: [DONE]\n\n"},
        {API_CHAT, CHUNK(OPENAI, DELTA(0, "{'content':'x'}", "null"))},
        {API_CHAT, CHUNK(OPENAI, DELTA(0, "{'content':'x'}", "'stop'")) "data: {\n\n"},
        {API_CHAT, CHUNK(OPENAI, DELTA(0, "{'content':'x'}", "'stop'")) "data: {'error':{}}\n\n"},
        {API_CHAT, CHUNK(OPENAI, DELTA(16, "{'content':'x'}", "'stop'"))},
        {API_CHAT, CHUNK(OPENAI, DELTA(-1, "{'content':'x'}", "'stop'"))},
        {API_CHAT, CHUNK(OPENAI, DELTA(0, "{'audio':{'id':'x'}}", "'stop'"))},
        {API_CHAT, CHUNK(OPENAI, DELTA(0, "[]", "'stop'"))},
        {API_CHAT, CHUNK(OPENAI, "7")},
        {API_CHAT, CHUNK(OPENAI, DELTA(0, "{'tool_calls':[{'id':'x'}]}", "'stop'"))},
        {API_CHAT, CHUNK(OPENAI, DELTA(0, "{'content':'x'}", "null"))
                       CHUNK(OPENAI, DELTA(0, "{'content':7}", "'stop'"))},
        {API_CHAT, CHUNK(OPENAI, DELTA(0, "{'content':'\\ud83d'}", "'stop'"))},
        {API_CHAT, CHUNK(OPENAI, DELTA(0, "{}", "'stop'") "," DELTA(1, "{}", "null"))},
        {API_EMBEDDINGS, CHUNK(OPENAI, DELTA(0, "{'content':'x'}", "'stop'"))},
        {API_MESSAGES, CLAUDE("message_start", ",'message':{'usage':{}}")},
        {API_MESSAGES, CLAUDE("message_delta", ",'delta':{'stop_reason':'end_turn'}")
                           CLAUDE("error", ",'error':{'type':'overloaded_error'}")},
        {API_MESSAGES, CLAUDE("content_block_delta", ",'index':0,'delta':{'type':'new_delta'}")
                           CLAUDE("message_delta", ",'delta':{'stop_reason':'end_turn'}")},
        {API_MESSAGES,
         CLAUDE("content_block_delta",
                ",'index':0,'delta':{'type':'input_json_delta','partial_json':'{\\\"a\\\":'}")
             CLAUDE("message_delta", ",'delta':{'stop_reason':'max_tokens'}")},
        {API_RESPONSES, CLAUDE("response.created", ",'response':{}")},
        {API_RESPONSES, CLAUDE("response.failed", ",'response':{}")},
    };
    struct span body;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (assemble(rows[i].api, quoted(rows[i].events), sizeof(buffer), &body))
            fail_msg("row %d: %.*s", (int)i, (int)body.len, body.ptr);
        assert_false(assembler.full);
    }
}

/* Members that clients count on are there though no event told them; null tells nothing. */
static void test_what_is_added(void **state)
{
    struct span body;

    (void)state;
    assert_true(assemble(API_CHAT,
                         quoted(CHUNK(OPENAI, DELTA(0, "{'role':null,'refusal':'no'}", "null"))
                                    CHUNK(OPENAI, DELTA(0, "{'refusal':null,'':1}", "'stop'"))),
                         sizeof(buffer), &body) == false); /* a member without a name */
    assert_true(assemble(API_CHAT,
                         quoted(CHUNK(OPENAI, DELTA(0, "{'role':null,'refusal':'no'}", "null"))
                                    CHUNK(OPENAI, DELTA(0, "{'refusal':null}", "'stop'"))),
                         sizeof(buffer), &body));
    assert_true(stream_same_json(
        body, stream_quoted(OPENAI_BODY "{'index':0,'message':{'role':'assistant','refusal':'no',"
                                        "'content':null},'finish_reason':'stop','logprobs':null}]}",
                            body_text, sizeof(body_text))));
}

/* Events that no window holds. */
static void test_long_events(void **state)
{
    struct span body;
    struct fmt f;

    (void)state;
    for (size_t len = 3500; len < 9000; len += 250) {
        fmt_init(&f, stream_text, sizeof(stream_text));
        fmt_str(&f,
                "data: {\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{"
                "\"content\":\"");
        fmt_fill(&f, 'y', len);
        fmt_str(&f, "\"},\"finish_reason\":\"stop\"}]}\n\n");
        assert_true(assemble(API_CHAT, fmt_span(&f), 4 * len + 1000, &body));
        assert_true(body.len > len && body.len < len + 150);
        assert_false(assemble(API_CHAT, fmt_span(&f), 2 * len, &body));
    }
}

static void test_reply_of_every_vendor(void **state)
{
    (void)state;
    for (size_t i = 0; i < VENDOR_STREAMS; i++) {
        const struct vendor_stream *v = &vendor_streams[i];
        struct span recording = stream_record(quoted(v->events), stored, sizeof(stored));
        struct span body = stream_quoted(v->body, body_text, sizeof(body_text));
        struct reply r;

        for (int streamed = 0; streamed < 2; streamed++) {
            reply_start(&r, v->api, buffer, sizeof(buffer));
            if (streamed == 1)
                assert_true(reply_recording(&r, recording, &reader));
            else
                reply_body(&r, body);
            if (!span_equal(reply_text(&r), span_str(v->text)) || r.finish != v->finish)
                fail_msg("%s: \"%.*s\", ended as %d", v->name, (int)r.text_len, r.text,
                         (int)r.finish);
            assert_true(r.found && !r.cut && r.has_tools == v->has_tools && !r.has_refusal);
            assert_int_equal(r.usage.input, v->input);
            assert_int_equal(r.usage.output, v->output);
        }
    }
}

static void test_reply_is_cut_at_characters(void **state)
{
    struct span body =
        SPAN("{\"choices\":[{\"index\":0,\"message\":{\"content\":[{\"type\":\"text\","
             "\"text\":\"a\\u00e9\\ud83d\\ude00\"},{\"type\":\"text\",\"text\":\"b\"}],"
             "\"refusal\":\"no\"}}]}");
    static const size_t lens[] = {0, 1, 1, 3, 3, 3, 3, 7, 8};
    struct reply r;

    (void)state;
    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        reply_start(&r, API_CHAT, buffer, i);
        reply_body(&r, body);
        assert_int_equal(r.text_len, lens[i]);
        assert_true(r.cut == (i < 8) && r.has_refusal && r.finish == REPLY_RUNNING);
    }
    assert_true(reply_is_usage_event(SPAN("{\"choices\":[],\"usage\":{}}")));
    assert_false(reply_is_usage_event(SPAN("{\"choices\":[{}],\"usage\":{}}")));
    assert_false(reply_is_usage_event(SPAN("{\"choices\":[],\"usage\":null}")));
    reply_start(&r, API_CHAT, buffer, 100);
    reply_body(&r, SPAN("{\"choices\":[{\"index\":0,\"mess"));
    reply_body(&r, SPAN("\"choices"));
    reply_body(&r, SPAN_EMPTY);
    assert_int_equal(r.text_len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_vendors_stream),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_what_is_added),
        cmocka_unit_test(test_long_events),
        cmocka_unit_test(test_reply_of_every_vendor),
        cmocka_unit_test(test_reply_is_cut_at_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
