/* Heads at once and dripped agree; bodies and event streams use what they say they use. */
#include "http/body.h"
#include "http/sse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void body(const struct http_head *h, struct span rest, size_t step)
{
    struct http_body b;
    enum parse verdict = PARSE_MORE;

    http_body_start(&b, h);
    while (verdict == PARSE_MORE && rest.len > 0) {
        struct span payload;
        size_t used;

        verdict = http_body_next(&b, span_part(rest, 0, step), &payload, &used);
        if (used > step || payload.len > used || (verdict == PARSE_MORE && used == 0))
            __builtin_trap();
        rest = span_of(rest.ptr + used, rest.len - used);
    }
}

static void events(struct span rest, size_t step)
{
    struct sse s;

    sse_start(&s);
    while (rest.len > 0) {
        struct span data;
        size_t used;

        if (sse_next(&s, span_part(rest, 0, step), &used, &data) == SSE_MORE && used == 0)
            __builtin_trap();
        if (used > rest.len)
            __builtin_trap();
        rest = span_of(rest.ptr + used, rest.len - used);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct http_head h;
    static struct http_head drip;
    struct span text = span_of((const char *)data, size);
    struct http_head chunked = {.framing = HTTP_BODY_CHUNKED};
    size_t step = size > 0 ? data[0] % 16 + 1u : 1;
    size_t used = 0;
    size_t dripped = 0;
    enum parse whole = http_head_request(&h, text, 0, &used);
    enum parse verdict = PARSE_MORE;

    for (size_t len = 1; len <= size && verdict == PARSE_MORE; len++)
        verdict = http_head_request(&drip, span_part(text, 0, len), len - 1, &dripped);
    if (size > 0 && verdict == PARSE_DONE && (whole != PARSE_DONE || used != dripped))
        __builtin_trap();
    if (size > 0 && whole == PARSE_DONE && verdict != PARSE_DONE)
        __builtin_trap();
    if (whole == PARSE_DONE)
        body(&h, span_part(text, used, size), step);
    if (http_head_response(&h, text, 0, false, &used) == PARSE_DONE)
        body(&h, span_part(text, used, size), step);
    body(&chunked, text, step);
    events(text, step);
    return 0;
}
