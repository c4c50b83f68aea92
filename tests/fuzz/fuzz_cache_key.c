/* A body and the same in another spelling (every character an escape, blanks wherever they may be)
 * have one key; inputs are told with theirs. Behind a first byte of '#' the rest is a Cache-Control
 * line. */
#include "base/fmt.h"
#include "policy/cache_key.h"
#include "policy/cache_settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SPELT_BYTES = 1 << 20 };

static const uint8_t secret[HASH_SIP_KEY_BYTES] = "fuzz";

struct speller {
    struct fmt out;
    struct span body;
    uint64_t begin_at;
    bool need_comma[JSON_DEPTH_MAX + 2];
};

static void spell_text(struct fmt *f, struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        uint8_t c = (uint8_t)s.ptr[i];
        uint32_t code = c < 0x80 ? c : c < 0xe0 ? c & 31u : c < 0xf0 ? c & 15u : c & 7u;
        size_t more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;

        for (; more > 0; more--)
            code = code << 6 | ((uint8_t)s.ptr[++i] & 63u);
        if (code > 0xffff) {
            fmt_str(f, "\\u");
            fmt_hex(f, 0xd800 + ((code - 0x10000) >> 10), 4);
            code = 0xdc00 + ((code - 0x10000) & 0x3ff);
        }
        fmt_str(f, "\\u");
        fmt_hex(f, code, 4);
    }
}

static void spell_comma(struct speller *s, unsigned depth)
{
    fmt_str(&s->out, s->need_comma[depth] ? " , " : " ");
    s->need_comma[depth] = true;
}

static void spell_key(void *ctx, unsigned depth, struct span name, bool cut)
{
    struct speller *s = ctx;

    (void)cut;
    spell_comma(s, depth);
    fmt_char(&s->out, '"');
    spell_text(&s->out, name);
    fmt_str(&s->out, "\"\t:\n");
    s->need_comma[depth] = false; /* of the value that follows */
}

static void spell_begin(void *ctx, unsigned depth, enum json_kind kind, uint64_t offset)
{
    struct speller *s = ctx;

    spell_comma(s, depth);
    s->begin_at = offset;
    s->need_comma[depth + 1] = false;
    if (kind >= JSON_STRING)
        fmt_char(&s->out, kind == JSON_STRING ? '"' : kind == JSON_ARRAY ? '[' : '{');
}

static void spell_string(void *ctx, unsigned depth, struct span decoded)
{
    struct speller *s = ctx;

    (void)depth;
    spell_text(&s->out, decoded);
}

static void spell_end(void *ctx, unsigned depth, enum json_kind kind, uint64_t end_offset)
{
    struct speller *s = ctx;

    (void)depth;
    if (kind >= JSON_STRING)
        fmt_char(&s->out, kind == JSON_STRING ? '"' : kind == JSON_ARRAY ? ']' : '}');
    else
        fmt_text(&s->out,
                 span_part(s->body, (size_t)s->begin_at, (size_t)(end_offset - s->begin_at)));
}

static const struct json_visitor speller_visitor = {
    .key = spell_key,
    .value_begin = spell_begin,
    .string_bytes = spell_string,
    .value_end = spell_end,
};

static void tell(void *ctx, const struct cache_input *input)
{
    size_t *count = ctx;

    if (input->index != *count || input->value.len < 2 || input->value.ptr[0] != '"')
        __builtin_trap();
    *count += 1;
}

static void read_control(struct span line)
{
    struct cache_control once;
    struct cache_control twice;

    cache_control_start(&once);
    cache_control_read(&once, line);
    twice = once;
    cache_control_read(&twice, line);
    if (twice.max_age_ms != once.max_age_ms || once.max_age_ms < 0)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char spelt[SPELT_BYTES];
    struct span body = span_of((const char *)data, size);
    struct speller s = {.body = body};
    struct json_scan scan;
    struct hash128 key;
    struct hash128 other;
    size_t told = 0;

    if (size > 0 && data[0] == '#') {
        read_control(span_part(body, 1, size));
        return 0;
    }
    if (!cache_key_read(secret, body, &key)) {
        if (cache_key_inputs(secret, body, tell, &told) != 0)
            __builtin_trap();
        return 0;
    }
    fmt_init(&s.out, spelt, sizeof(spelt));
    json_scan_start(&scan, &speller_visitor, &s, true);
    if (json_scan_feed(&scan, body) == PARSE_BAD || json_scan_finish(&scan) != PARSE_DONE)
        __builtin_trap();
    if (fmt_ok(&s.out) && (!cache_key_read(secret, fmt_span(&s.out), &other) ||
                           key.word[0] != other.word[0] || key.word[1] != other.word[1]))
        __builtin_trap();
    if (cache_key_inputs(secret, body, tell, &told) != told)
        __builtin_trap();
    return 0;
}
