#include <string.h>

#include "cm.h"
#include "llm/assemble.h"
#include "llm/ending.h"
#include "streams.h"

enum { BYTES = 1 << 18 };

static char stream_text[BYTES];
static char cut_text[BYTES];
static char stored[BYTES];
static char buffer[BYTES];
static char text[BYTES];
static struct recording_reader reader;
static struct assemble assembler;

/* The events of a stream one by one. */
static bool next_event(struct span *rest, struct span *event, struct span *data)
{
    size_t end = span_find(*rest, SPAN("\n\n"));

    if (rest->len == 0)
        return false;
    *event = span_part(*rest, 0, end + 2);
    *rest = span_part(*rest, end + 2, rest->len);
    *data = *event;
    while (data->len > 0 && !span_starts(*data, SPAN("data: ")))
        *data = span_part(*data, span_find_byte(*data, '\n') + 1, data->len);
    if (data->len > 0)
        *data = span_part(*data, 6, data->len - 8);
    return true;
}

/* Cut behind every event, the stream and its end must make a body that says what was said. */
static void check_cuts(const struct vendor_stream *v, enum ending_reason reason)
{
    struct span rest = stream_quoted(v->events, stream_text, sizeof(stream_text));
    struct ending_last_words words = {
        .reason = reason, .include_usage = true, .usage = {.input = 70, .output = 8, .cached = 5}};
    struct span recording;
    struct span event;
    struct span data;
    struct span body;
    struct ending e;
    struct reply said;
    struct fmt f;
    size_t len = 0;

    ending_start(&e, v->api);
    fmt_init(&f, cut_text, sizeof(cut_text));
    assert_false(ending_write(&e, &words, &f));
    reply_start(&said, v->api, text, sizeof(text));
    while (next_event(&rest, &event, &data)) {
        struct reply r;
        bool has_begun;

        ending_event(&e, data);
        reply_event(&said, data);
        words.text = reply_text(&said);
        f.len = len;
        fmt_text(&f, event);
        len = f.len;
        has_begun = ending_write(&e, &words, &f);
        if (!has_begun) {
            assert_int_equal(data.len, 0); /* a comment */
            continue;
        }
        assert_true(f.len - len < ENDING_BYTES + said.text_len);
        recording = stream_record(fmt_span(&f), stored, sizeof(stored));
        if (!assemble_recording(&assembler, v->api, recording, &reader, buffer, sizeof(buffer),
                                &body)) {
            /* Tool input that is cut is no JSON. */
            assert_true(v->api == API_MESSAGES && v->has_tools);
            continue;
        }
        reply_start(&r, v->api, stream_text + BYTES / 2, BYTES / 2);
        reply_body(&r, body);
        if (!span_equal(reply_text(&r), reply_text(&said)))
            fail_msg("%s: %.*s", v->name, (int)body.len, body.ptr);
        if (said.finish == REPLY_RUNNING)
            assert_int_equal(r.finish, reason == ENDING_STOP ? REPLY_STOP : REPLY_LENGTH);
        if (r.usage.output != 8 && r.usage.output != v->output)
            fail_msg("%s: %.*s", v->name, (int)body.len, body.ptr);
        assert_true(span_find(body, SPAN("\"id\":")) < body.len);
    }
    assert_true(e.ended);
    assert_int_equal(f.len, len); /* nothing is due behind the stream's own end */
}

static void test_cut_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < VENDOR_STREAMS; i++) {
        check_cuts(&vendor_streams[i], ENDING_STOP);
        check_cuts(&vendor_streams[i], ENDING_LENGTH);
    }
}

static void test_exact(void **state)
{
    struct ending_last_words words = {.reason = ENDING_LENGTH};
    char out[ENDING_BYTES];
    struct ending e;
    struct fmt f;

    (void)state;
    ending_start(&e, API_CHAT);
    ending_event(&e, SPAN("{\"id\":\"a\",\"created\":5,\"model\":\"m\",\"choices\":[{\"index\":1,"
                          "\"delta\":{}}]}"));
    fmt_init(&f, out, sizeof(out));
    assert_true(ending_write(&e, &words, &f));
    assert_true(span_equal(
        fmt_span(&f),
        SPAN("data: "
             "{\"object\":\"chat.completion.chunk\",\"id\":\"a\",\"created\":5,\"model\":\"m\","
             "\"choices\":[{\"index\":1,\"delta\":{},\"logprobs\":null,\"finish_reason\":"
             "\"length\"}]}"
             "\n\ndata: [DONE]\n\n")));
    ending_start(&e, API_MESSAGES);
    ending_event(&e, SPAN("{\"type\":\"message_start\",\"message\":{}}"));
    ending_event(&e, SPAN("{\"type\":\"content_block_start\",\"index\":2,\"content_block\":{}}"));
    words = (struct ending_last_words){.reason = ENDING_STOP, .usage = {.output = 3}};
    fmt_init(&f, out, sizeof(out));
    assert_true(ending_write(&e, &words, &f));
    assert_true(span_equal(
        fmt_span(&f),
        SPAN("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":2}\n\n"
             "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
             "\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":3}}\n\n"
             "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")));
}

/* A head that is too long is told as far as it fits. */
static void test_long_head(void **state)
{
    struct ending_last_words words = {.reason = ENDING_STOP};
    struct ending e;
    struct fmt f;

    (void)state;
    fmt_init(&f, stream_text, sizeof(stream_text));
    fmt_str(&f, "{\"id\":\"");
    fmt_fill(&f, 'x', 600);
    fmt_str(&f, "\",\"model\":\"m\",\"choices\":[{\"index\":0},{\"index\":99}]}");
    ending_start(&e, API_CHAT);
    ending_event(&e, fmt_span(&f));
    fmt_init(&f, cut_text, sizeof(cut_text));
    assert_true(ending_write(&e, &words, &f));
    assert_true(span_starts(fmt_span(&f), SPAN("data: {\"object\":\"chat.completion.chunk\","
                                               "\"model\":\"m\",\"choices\":[{\"index\":0,")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut_anywhere),
        cmocka_unit_test(test_exact),
        cmocka_unit_test(test_long_head),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
