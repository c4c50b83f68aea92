#include <string.h>

#include "cm.h"
#include "http/sse.h"
#include "llm/recording.h"

enum { OUT_BYTES = 1 << 21, TEXT_BYTES = 1 << 20 };

static char stored[OUT_BYTES];
static char text[TEXT_BYTES];
static char told[OUT_BYTES];
static struct recording writer;
static struct recording_reader reader;

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* ---- a stream recorded through the reader of streams, in pieces ---- */

/* Records text[0..len) cut as `seed` says (0: all at once) and gives the recording. After each
 * event `heard` is told how far the recording has come. */
static struct span record(struct span stream, uint32_t seed, void (*heard)(struct span so_far))
{
    struct sse sse;
    size_t len = 0;
    struct fmt f;

    fmt_init(&f, stored, sizeof(stored));
    recording_start(&writer, RECORDING_EVENTS, &f);
    len = f.len;
    sse_start(&sse);
    while (stream.len > 0) {
        size_t size = seed == 0 ? stream.len : seed == 1 ? 1 : 1 + next_random(&seed) % 700;
        struct span piece = span_part(stream, 0, size);
        struct span data;
        size_t used;
        enum sse_result result = sse_next(&sse, piece, &used, &data);
        size_t bound = recording_bound(&writer, data.len);

        /* Exactly what the contract asks for, at another place each time. */
        assert_true(bound <= sizeof(stored) - len);
        fmt_init(&f, stored + len, bound);
        if (result == SSE_DATA)
            recording_put(&writer, sse_event_name(&sse), data, &f);
        if (result == SSE_END)
            recording_event_end(&writer, sse_event_name(&sse), &f);
        assert_true(fmt_ok(&f));
        len += f.len;
        stream = span_part(stream, used, stream.len);
        if (result == SSE_END && heard != NULL)
            heard(span_of(stored, len));
    }
    fmt_init(&f, stored + len, recording_bound(&writer, 0));
    assert_true(recording_finish(&writer, &f));
    return span_of(stored, len + f.len);
}

/* The recording told as a stream, in pieces of `room` bytes. */
static struct span tell(struct span recording, size_t room)
{
    struct recording_piece piece;
    enum recording_result result;
    size_t len = 0;

    recording_read(&reader);
    while ((result = recording_next(&reader, recording, true, &piece)) == RECORDING_PIECE) {
        bool whole = false;

        while (!whole) {
            struct fmt f;

            assert_true(room <= sizeof(told) - len);
            fmt_init(&f, told + len, room);
            whole = recording_stream(&piece, &f);
            len += f.len;
        }
    }
    assert_int_equal(result, RECORDING_END);
    assert_int_equal(recording_next(&reader, recording, true, &piece), RECORDING_END);
    assert_true(recording_check(&reader, recording));
    return span_of(told, len);
}

static void check_same(struct span stream)
{
    struct span back;

    for (uint32_t seed = 0; seed < 4; seed++) {
        struct span recording = record(stream, seed, NULL);

        back = tell(recording, seed == 2 ? RECORDING_STREAM_BYTES : 5000);
        if (!span_equal(back, stream))
            fail_msg("a stream of %d bytes came back as %d", (int)stream.len, (int)back.len);
    }
}

static size_t put_chat(struct fmt *f, uint32_t *seed, size_t events, size_t extra)
{
    static const char *const words[] = {"Hello",
                                        " there",
                                        ",",
                                        " how",
                                        " can",
                                        "\\n",
                                        " I",
                                        " help",
                                        " you",
                                        "?",
                                        "\xc3\xa9",
                                        "\\u00e9",
                                        "\xf0\x9f\x98\x80"};
    size_t sum = 0;

    for (size_t i = 0; i < events; i++) {
        const char *word = words[next_random(seed) % (sizeof(words) / sizeof(words[0]))];

        fmt_str(f, "data: {\"id\":\"chatcmpl-9lMgfRSWPHcw51s6wxKT1YEO2CKpd\",\"object\":\"chat."
                   "completion.chunk\",\"created\":1721075653,\"model\":\"gpt-4o-mini-2024-07-18\","
                   "\"system_fingerprint\":\"fp_50cad350e4\",\"choices\":[{\"index\":0,\"delta\":{"
                   "\"content\":\"");
        fmt_str(f, word);
        fmt_fill(f, 'x', extra > 0 ? next_random(seed) % extra : 0);
        fmt_str(f, "\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n");
        sum += strlen(word);
    }
    return sum;
}

static void test_chat_is_small_and_the_same(void **state)
{
    uint32_t seed = 7;
    struct fmt f;
    size_t words;

    (void)state;
    fmt_init(&f, text, sizeof(text));
    words = put_chat(&f, &seed, 200, 0);
    fmt_str(&f, "data: [DONE]\n\n");
    check_same(fmt_span(&f));
    assert_true(record(fmt_span(&f), 0, NULL).len < 400 + words + 200 * 8);
}

static void test_any_events_are_the_same(void **state)
{
    uint32_t seed = 11;

    (void)state;
    for (int round = 0; round < 40; round++) {
        static const size_t extras[] = {0, 10, 3000, 9000, 4200};
        struct fmt f;

        fmt_init(&f, text, sizeof(text));
        for (int i = 0; i < 8; i++) {
            if (next_random(&seed) % 3 == 0)
                fmt_str(&f, "event: content_block_delta\n");
            if (next_random(&seed) % 3 == 0) {
                fmt_str(&f, "data: two\ndata: \ndata: lines");
                fmt_fill(&f, 'y', next_random(&seed) % 5000);
                fmt_str(&f, "\n\n");
            }
            if (next_random(&seed) % 4 == 0) {
                fmt_str(&f, "data: ");
                for (int k = (int)(next_random(&seed) % 6000); k > 0; k--)
                    fmt_char(&f, (char)(' ' + next_random(&seed) % 90));
                fmt_str(&f, "\n\n");
            }
            (void)put_chat(&f, &seed, 1 + next_random(&seed) % 5, extras[round % 5]);
        }
        assert_true(fmt_ok(&f));
        check_same(fmt_span(&f));
    }
}

static void test_what_is_not_kept(void **state)
{
    struct span recording;

    (void)state;
    recording = record(SPAN(": hi\n\nid: 1\nretry: 5\n\ndata:\n\nevent: ping\n\nid: 2\nevent: a\n"
                            "data:1\n: x\n\ndata: not ended\n"),
                       0, NULL);
    assert_true(span_equal(tell(recording, 4096), SPAN("event: a\ndata: 1\n\n")));
}

/* ---- readers of a recording that grows ---- */

static struct recording_reader followers[2];
static size_t followed[2];

static void follow_one(size_t which, struct span so_far, bool whole)
{
    struct recording_piece piece;
    enum recording_result result;

    while ((result = recording_next(&followers[which], so_far, whole, &piece)) == RECORDING_PIECE)
        followed[which] += piece.data.len;
    assert_int_equal(result, whole ? RECORDING_END : RECORDING_MORE);
}

static void follow(struct span so_far)
{
    follow_one(0, so_far, false);
    if (so_far.len % 3 == 0)
        follow_one(1, so_far, false);
}

static void test_readers_follow(void **state)
{
    uint32_t seed = 3;
    struct span recording;
    struct fmt f;

    (void)state;
    fmt_init(&f, text, sizeof(text));
    (void)put_chat(&f, &seed, 100, 900);
    memset(followed, 0, sizeof(followed));
    recording_read(&followers[0]);
    recording_read(&followers[1]);
    recording = record(fmt_span(&f), 5, follow);
    follow_one(0, recording, true);
    follow_one(1, recording, true);
    assert_int_equal(followed[0], f.len - 100 * strlen("data: \n\n"));
    assert_int_equal(followed[1], followed[0]);
}

static void test_last_event(void **state)
{
    struct fmt f;

    (void)state;
    fmt_init(&f, stored, sizeof(stored));
    recording_start(&writer, RECORDING_EVENTS, &f);
    assert_int_equal(recording_last_event(&writer).len, 0);
    recording_put(&writer, SPAN("ping"), SPAN("{\"a\""), &f);
    assert_int_equal(recording_last_event(&writer).len, 0);
    recording_put(&writer, SPAN("ping"), SPAN(":1}"), &f);
    recording_event_end(&writer, SPAN("ping"), &f);
    assert_true(span_equal(recording_last_event(&writer), SPAN("{\"a\":1}")));
    memset(text, 'z', 5000);
    recording_put(&writer, SPAN_EMPTY, span_of(text, 4000), &f);
    recording_event_end(&writer, SPAN_EMPTY, &f);
    assert_true(span_equal(recording_last_event(&writer), span_of(text, 4000)));
    recording_put(&writer, SPAN_EMPTY, span_of(text, 5000), &f);
    recording_event_end(&writer, SPAN_EMPTY, &f);
    assert_int_equal(recording_last_event(&writer).len, 0);
    assert_true(recording_finish(&writer, &f));
}

/* ---- bodies ---- */

static void test_body(void **state)
{
    struct recording_piece piece;
    struct span recording;
    struct fmt f;

    (void)state;
    fmt_init(&f, stored, sizeof(stored));
    recording_start(&writer, RECORDING_BODY, &f);
    recording_read(&reader);
    assert_int_equal(recording_next(&reader, fmt_span(&f), false, &piece), RECORDING_MORE);
    recording_put(&writer, SPAN_EMPTY, SPAN("{\"a\":"), &f);
    assert_int_equal(recording_next(&reader, fmt_span(&f), false, &piece), RECORDING_PIECE);
    assert_true(span_equal(piece.data, SPAN("{\"a\":")) && piece.first);
    recording_put(&writer, SPAN_EMPTY, SPAN("\xff\0}"), &f);
    assert_true(recording_finish(&writer, &f));
    recording = fmt_span(&f);
    assert_int_equal(recording_next(&reader, recording, true, &piece), RECORDING_PIECE);
    assert_true(span_equal(piece.data, SPAN("\xff\0}")) && !piece.first);
    assert_int_equal(recording_next(&reader, recording, true, &piece), RECORDING_END);
    assert_true(span_equal(recording_body(recording), SPAN("{\"a\":\xff\0}")));
    assert_true(recording_check(&reader, recording));
    assert_false(recording_check(&reader, span_part(recording, 0, recording.len - 1)));
}

/* ---- damage ---- */

static void test_failures_are_told(void **state)
{
    struct fmt f;

    (void)state;
    fmt_init(&f, stored, 100);
    recording_start(&writer, RECORDING_EVENTS, &f);
    recording_put(&writer, SPAN_EMPTY, SPAN("a\xff"), &f);
    recording_event_end(&writer, SPAN_EMPTY, &f);
    assert_true(writer.failed);
    assert_false(recording_finish(&writer, &f));
    fmt_init(&f, stored, 20);
    recording_start(&writer, RECORDING_EVENTS, &f);
    recording_put(&writer, SPAN_EMPTY, SPAN("0123456789abcdefghijklmnop"), &f);
    recording_event_end(&writer, SPAN_EMPTY, &f);
    assert_true(writer.failed);
    fmt_init(&f, stored, 100);
    recording_start(&writer, RECORDING_EVENTS, &f);
    recording_put(&writer, SPAN_EMPTY, SPAN("x"), &f);
    recording_event_end(&writer, SPAN("late"), &f);
    assert_true(writer.failed);
}

static void test_damage_is_found(void **state)
{
    static char copy[1 << 16];
    uint32_t seed = 5;
    struct span recording;
    struct fmt f;

    (void)state;
    fmt_init(&f, text, sizeof(text));
    (void)put_chat(&f, &seed, 12, 40);
    recording = record(fmt_span(&f), 0, NULL);
    assert_true(recording.len < sizeof(copy));
    for (size_t len = 0; len < recording.len; len++)
        assert_false(recording_check(&reader, span_part(recording, 0, len)));
    for (size_t i = 0; i < recording.len; i++)
        for (int bit = 0; bit < 8; bit++) {
            memcpy(copy, recording.ptr, recording.len);
            copy[i] = (char)(copy[i] ^ 1 << bit);
            /* A copy out of another place may happen to hold the same. */
            if (recording_check(&reader, span_of(copy, recording.len)))
                assert_true(span_equal(tell(span_of(copy, recording.len), 4096), fmt_span(&f)));
        }
    memcpy(copy, recording.ptr, recording.len);
    assert_false(recording_check(&reader, span_of(copy, recording.len + 1)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chat_is_small_and_the_same),
        cmocka_unit_test(test_any_events_are_the_same),
        cmocka_unit_test(test_what_is_not_kept),
        cmocka_unit_test(test_readers_follow),
        cmocka_unit_test(test_last_event),
        cmocka_unit_test(test_body),
        cmocka_unit_test(test_failures_are_told),
        cmocka_unit_test(test_damage_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
