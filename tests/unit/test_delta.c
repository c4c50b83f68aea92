#include <string.h>

#include "base/check.h"
#include "cm.h"
#include "llm/delta.h"
#include "streams.h"

enum { BYTES = 1 << 16 };

static char stream_text[BYTES];
static char want[BYTES];
static char event[BYTES];
static char cut[BYTES];
static char heard[BYTES];
static size_t heard_len;

static void hear(enum api api, struct span data)
{
    bool more = false;
    struct span text = delta_text(api, data);

    heard_len += json_walk_decode(text, heard + heard_len, sizeof(heard) - heard_len, &more);
    assert_false(more);
}

/* The data of the next event. */
static bool next_data(struct span *rest, struct span *data)
{
    size_t end = span_find(*rest, SPAN("\n\n"));
    size_t at;

    if (rest->len == 0)
        return false;
    *data = span_part(*rest, 0, end);
    *rest = span_part(*rest, end + 2, rest->len);
    at = span_find(*data, SPAN("data: "));
    *data = span_part(*data, at + 6, data->len);
    return true;
}

static void test_vendors_say_the_same_in_pieces(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(vendor_streams); i++) {
        const struct vendor_stream *v = &vendor_streams[i];
        struct span rest = stream_quoted(v->events, stream_text, sizeof(stream_text));
        struct span text;
        struct span data;
        bool calls = false;

        if (v->api != API_CHAT && v->api != API_COMPLETIONS && v->api != API_MESSAGES)
            continue;
        heard_len = 0;
        while (next_data(&rest, &data)) {
            hear(v->api, data);
            calls = calls || delta_calls(v->api, data);
        }
        text = stream_quoted(v->text, want, sizeof(want));
        assert_int_equal(heard_len, text.len);
        assert_memory_equal(heard, text.ptr, text.len);
        assert_int_equal(calls, v->has_tools);
    }
}

static void check_cut(enum api api, const char *whole, uint64_t bytes, const char *expected)
{
    struct span data = stream_quoted(whole, event, sizeof(event));
    struct span wanted = stream_quoted(expected, want, sizeof(want));
    size_t len;

    memcpy(cut, data.ptr, data.len);
    len = delta_cut(api, cut, data.len, bytes);
    assert_int_equal(len, wanted.len);
    assert_memory_equal(cut, wanted.ptr, len);
}

#define CHAT(text, odds)                                                                           \
    "{'choices':[{'index':0,'delta':{'content':'" text "'},'logprobs':" odds "}]}"

static void test_cuts(void **state)
{
    (void)state;
    check_cut(API_CHAT, CHAT("one two", "{'content':[]}"), 3, CHAT("one", "null"));
    check_cut(API_CHAT, CHAT("one two", "{}"), 0, CHAT("", "{}"));
    check_cut(API_CHAT, CHAT("one two", "null"), 99, CHAT("one two", "null"));
    /* A character, however it is written, is kept whole or not at all. */
    check_cut(API_CHAT, CHAT("a\\n\\u00e9\\ud83d\\ude00b", "null"), 2, CHAT("a\\n", "null"));
    check_cut(API_CHAT, CHAT("a\\n\\u00e9\\ud83d\\ude00b", "null"), 3, CHAT("a\\n", "null"));
    check_cut(API_CHAT, CHAT("a\\n\\u00e9\\ud83d\\ude00b", "null"), 4, CHAT("a\\n\\u00e9", "null"));
    check_cut(API_CHAT, CHAT("a\\n\\u00e9\\ud83d\\ude00b", "null"), 7, CHAT("a\\n\\u00e9", "null"));
    check_cut(API_CHAT, CHAT("a\\n\\u00e9\\ud83d\\ude00b", "null"), 8,
              CHAT("a\\n\\u00e9\\ud83d\\ude00", "null"));
    check_cut(API_CHAT, CHAT("\xc3\xa9\xe2\x82\xac", "null"), 1, CHAT("", "null"));
    check_cut(API_CHAT, CHAT("\xc3\xa9\xe2\x82\xac", "null"), 2, CHAT("\xc3\xa9", "null"));
    check_cut(API_CHAT, CHAT("\xc3\xa9\xe2\x82\xac", "null"), 4, CHAT("\xc3\xa9", "null"));
    check_cut(API_CHAT, CHAT("\xc3\xa9\xe2\x82\xac", "null"), 5,
              CHAT("\xc3\xa9\xe2\x82\xac", "null"));
    check_cut(API_COMPLETIONS, "{'choices':[{'index':1,'text':'no'},{'index':0,'text':'yes'}]}", 1,
              "{'choices':[{'index':1,'text':'no'},{'index':0,'text':'y'}]}");
    check_cut(API_CHAT, "{'choices':[{'delta':{'content':[{'type':'text','text':'ab'}]}}]}", 1,
              "{'choices':[{'delta':{'content':[{'type':'text','text':'a'}]}}]}");
    check_cut(API_MESSAGES, "{'type':'content_block_delta','delta':{'text':'ab'}}", 1,
              "{'type':'content_block_delta','delta':{'text':'a'}}");
    check_cut(API_MESSAGES, "{'type':'content_block_start','content_block':{'text':'ab'}}", 1,
              "{'type':'content_block_start','content_block':{'text':'a'}}");
    check_cut(API_MESSAGES, "{'type':'content_block_delta','delta':{'thinking':'ab'}}", 1,
              "{'type':'content_block_delta','delta':{'thinking':'ab'}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vendors_say_the_same_in_pieces),
        cmocka_unit_test(test_cuts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
