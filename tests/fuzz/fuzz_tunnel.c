/* Any url and any proxy: the same verdict at once and byte by byte, and no word beyond its buffer.
 * The first line is the url, the rest is what the proxy says. */
#include "http/tunnel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum parse talk(struct tunnel *t, const struct proxy *p, struct span in, size_t step)
{
    enum parse verdict = PARSE_MORE;
    size_t at = 0;

    tunnel_start(t, p, "api.vendor.example", 443);
    while (verdict == PARSE_MORE) {
        char storage[TUNNEL_OUT_BYTES];
        struct span out = tunnel_out(t, storage);
        size_t used;

        for (; out.len > 0; out = tunnel_out(t, storage))
            tunnel_sent(t, out.len < step ? out.len : step);
        if (at == in.len)
            break;
        verdict = tunnel_in(t, span_part(in, at, 1), &used);
        if (used != 1)
            __builtin_trap();
        at += used;
    }
    return verdict;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span rest = span_of((const char *)data, size);
    struct span url;
    char text[512];
    struct proxy p;
    struct fmt why;
    struct tunnel a;
    struct tunnel b;

    fmt_init(&why, text, sizeof(text));
    if (!span_split(&rest, '\n', &url))
        return 0;
    if (!proxy_parse(&p, url, &why)) {
        if (!fmt_ok(&why) || fmt_span(&why).len == 0)
            __builtin_trap();
        return 0;
    }
    if (talk(&a, &p, rest, 1) != talk(&b, &p, rest, 4096) || a.err != b.err || a.step != b.step)
        __builtin_trap();
    return 0;
}
