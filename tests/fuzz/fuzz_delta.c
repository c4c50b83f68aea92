/* The first byte is where to cut, the rest an event: what is cut is no longer than that, begins the
 * whole text, and JSON stays JSON. */
#include <string.h>

#include "llm/delta.h"
#include "json/walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct span decode(enum api api, struct span event, char *out, size_t out_bytes)
{
    bool more = false;

    return span_of(out, json_walk_decode(delta_text(api, event), out, out_bytes, &more));
}

static void check(enum api api, struct span event, uint64_t bytes)
{
    static char cut[1 << 16];
    static char before[1 << 16];
    static char after[1 << 16];
    bool valid = json_walk_valid(event);
    struct span whole = decode(api, event, before, sizeof(before));
    struct span rest;
    size_t len;

    memcpy(cut, event.ptr, event.len);
    len = delta_cut(api, cut, event.len, bytes);
    if (len > event.len)
        __builtin_trap();
    if (!valid)
        return;
    rest = decode(api, span_of(cut, len), after, sizeof(after));
    if (!json_walk_valid(span_of(cut, len)) || rest.len > bytes || !span_starts(whole, rest) ||
        (whole.len > bytes && rest.len + 4 <= bytes))
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span all = span_of((const char *)data, size);

    if (size < 1 || size > 1 << 15)
        return 0;
    (void)delta_calls(API_CHAT, all);
    (void)delta_calls(API_MESSAGES, all);
    check(API_CHAT, span_part(all, 1, size), data[0]);
    check(API_COMPLETIONS, span_part(all, 1, size), data[0]);
    check(API_MESSAGES, span_part(all, 1, size), data[0]);
    return 0;
}
