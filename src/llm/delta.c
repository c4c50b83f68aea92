#include "llm/delta.h"

#include <string.h>

#include "base/check.h"
#include "json/walk.h"

static struct span delta_first_choice(struct span data)
{
    struct json_walk w;
    struct span name;
    struct span choice;

    if (json_walk_start(&w, json_walk_get(data, "choices")) && !w.is_object)
        while (json_walk_next(&w, &name, &choice)) {
            struct span index = json_walk_get(choice, "index");

            if (index.len == 0 || json_walk_is(index, "0"))
                return choice;
        }
    return SPAN_EMPTY;
}

/* A text, or the first text of parts. */
static struct span delta_content(struct span content)
{
    struct json_walk w;
    struct span name;
    struct span part;

    if (json_walk_start(&w, content) && !w.is_object)
        while (json_walk_next(&w, &name, &part))
            if (json_walk_get(part, "text").len > 0)
                return json_walk_get(part, "text");
    return content;
}

struct span delta_text(enum api api, struct span data)
{
    struct span text;

    if (api == API_CHAT)
        text = delta_content(
            json_walk_get(json_walk_get(delta_first_choice(data), "delta"), "content"));
    else if (api == API_COMPLETIONS)
        text = json_walk_get(delta_first_choice(data), "text");
    else if (json_walk_is(json_walk_text(data, "type"), "content_block_start"))
        text = json_walk_get(json_walk_get(data, "content_block"), "text");
    else
        text = json_walk_get(json_walk_get(data, "delta"), "text");
    return json_walk_kind(text) == JSON_STRING && text.len >= 2 ? text : SPAN_EMPTY;
}

bool delta_calls(enum api api, struct span data)
{
    struct span delta;
    struct json_walk w;
    struct span name;
    struct span call;

    if (api != API_CHAT)
        return json_walk_is(json_walk_text(json_walk_get(data, "content_block"), "type"),
                            "tool_use");
    delta = json_walk_get(delta_first_choice(data), "delta");
    call = json_walk_get(delta, "tool_calls");
    if (call.len == 0 || call.ptr[0] == 'n')
        call = json_walk_get(delta, "function_call");
    return json_walk_start(&w, call) && json_walk_next(&w, &name, &call);
}

static void delta_count(void *ctx, unsigned depth, struct span decoded)
{
    size_t *bytes = ctx;

    (void)depth;
    *bytes += decoded.len;
}

/* How much of the string, with its opening quote, is that many decoded bytes at most. */
static size_t delta_prefix(struct span value, uint64_t text_bytes)
{
    static const struct json_visitor visitor = {.string_bytes = delta_count};
    struct json_scan scan;
    size_t heard = 0;
    size_t decoded = 0; /* heard, and in the scanner's chunk */
    size_t prefix = 1;

    json_scan_start(&scan, &visitor, &heard, false);
    for (size_t i = 0; i + 1 < value.len && decoded <= text_bytes; i++) {
        size_t before = decoded;

        if (json_scan_feed(&scan, span_part(value, i, 1)) == PARSE_BAD)
            break;
        decoded = heard + scan.chunk_len;
        if (decoded > before && decoded <= text_bytes && ((uint8_t)value.ptr[i + 1] & 0xc0) != 0x80)
            prefix = i + 1;
    }
    return prefix;
}

/* Puts `put` in the place of what is no shorter; gives the new length. */
static size_t delta_replace(char *data, size_t len, struct span old, struct span put)
{
    size_t at = (size_t)(old.ptr - data);

    CHECK(put.len <= old.len && at + old.len <= len);
    memcpy(data + at, put.ptr, put.len);
    memmove(data + at + put.len, data + at + old.len, len - at - old.len);
    return len - old.len + put.len;
}

size_t delta_cut(enum api api, char *data, size_t len, uint64_t text_bytes)
{
    struct span text = delta_text(api, span_of(data, len));
    struct span odds;
    size_t prefix;

    if (text.len == 0)
        return len;
    prefix = delta_prefix(text, text_bytes);
    len = delta_replace(data, len, span_part(text, prefix, text.len - 1 - prefix), SPAN(""));
    odds = json_walk_get(delta_first_choice(span_of(data, len)), "logprobs");
    if (odds.len > 4)
        len = delta_replace(data, len, odds, SPAN("null"));
    return len;
}
