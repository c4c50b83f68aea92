#include "json/object.h"

#include <string.h>

#include "base/check.h"

static void object_key(void *ctx, unsigned depth, struct span name, bool cut)
{
    struct json_object *o = ctx;
    struct json_member *m;

    if (depth != 1 || o->open_at == SIZE_MAX)
        return;
    CHECK(o->count < JSON_MEMBERS_MAX); /* the scan refuses more before it tells the key */
    m = &o->members[o->count++];
    m->kind = JSON_NONE;
    m->value = SPAN_EMPTY;
    memset(m->key, 0, sizeof(m->key));
    /* A name with a NUL in it is no name that anything asks for. */
    if (!cut && name.len < sizeof(m->key) && span_find_byte(name, '\0') == name.len)
        memcpy(m->key, name.ptr, name.len);
}

static void object_begin(void *ctx, unsigned depth, enum json_kind kind, uint64_t offset)
{
    struct json_object *o = ctx;

    if (depth == 0 && kind == JSON_OBJECT)
        o->open_at = (size_t)offset;
    if (depth == 1 && o->open_at != SIZE_MAX && o->count > 0) {
        struct json_member *m = &o->members[o->count - 1];

        m->kind = kind;
        m->value = span_of(o->text.ptr + offset, 0);
    }
}

static void object_end(void *ctx, unsigned depth, enum json_kind kind, uint64_t end_offset)
{
    struct json_object *o = ctx;

    (void)kind;
    if (depth == 0)
        o->close_at = (size_t)end_offset - 1;
    if (depth == 1 && o->open_at != SIZE_MAX && o->count > 0) {
        struct json_member *m = &o->members[o->count - 1];

        m->value.len = (size_t)(o->text.ptr + end_offset - m->value.ptr);
    }
}

static const struct json_visitor object_visitor = {
    .key = object_key,
    .value_begin = object_begin,
    .value_end = object_end,
};

bool json_object_read(struct json_object *o, struct span text)
{
    struct json_scan scan;
    enum parse verdict;

    o->text = text;
    o->open_at = SIZE_MAX;
    o->close_at = 0;
    o->count = 0;
    json_scan_start(&scan, &object_visitor, o, true);
    verdict = json_scan_feed(&scan, text);
    if (verdict != PARSE_BAD)
        verdict = json_scan_finish(&scan);
    o->err = scan.err;
    o->err_offset = (size_t)scan.err_offset;
    if (verdict == PARSE_DONE && o->open_at == SIZE_MAX) {
        o->err = JSON_ERR_SYNTAX;
        o->err_offset = 0;
        o->count = 0;
        return false;
    }
    return verdict == PARSE_DONE;
}

const struct json_member *json_object_find(const struct json_object *o, const char *key)
{
    for (size_t i = 0; i < o->count; i++)
        if (strcmp(o->members[i].key, key) == 0)
            return &o->members[i];
    return NULL;
}

bool json_value_bool(struct span value, bool *out)
{
    if (!span_equal(value, SPAN("true")) && !span_equal(value, SPAN("false")))
        return false;
    *out = value.ptr[0] == 't';
    return true;
}

/* The digits of a JSON number as coefficient and exponent of ten; trailing zeros go to the
 * exponent. */
struct number {
    bool negative;
    uint64_t digits;
    int64_t exponent;
};

static bool number_digit(struct number *n, char c, int64_t *zeros)
{
    if (c == '0') {
        (*zeros)++;
        return true;
    }
    for (; *zeros > 0 && n->digits > 0; (*zeros)--) {
        if (n->digits > UINT64_MAX / 10)
            return false;
        n->digits *= 10;
    }
    *zeros = 0;
    if (n->digits > (UINT64_MAX - 9) / 10)
        return false;
    n->digits = n->digits * 10 + (uint64_t)(c - '0');
    return true;
}

static bool number_exponent(struct number *n, struct span s)
{
    bool negative = s.len > 0 && s.ptr[0] == '-';
    int64_t value = 0;

    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            continue;
        value = value > 100000 ? value : value * 10 + (s.ptr[i] - '0');
    }
    n->exponent += negative ? -value : value;
    return true;
}

static bool number_read(struct number *n, struct span s)
{
    int64_t zeros = 0;
    int64_t fraction = 0;
    bool in_fraction = false;

    *n = (struct number){0};
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];

        if (c == '-' && i == 0) {
            n->negative = true;
        } else if (c == '.') {
            in_fraction = true;
        } else if (c == 'e' || c == 'E') {
            if (!number_exponent(n, span_part(s, i + 1, s.len)))
                return false;
            break;
        } else if (c >= '0' && c <= '9') {
            fraction += in_fraction ? 1 : 0;
            if (!number_digit(n, c, &zeros))
                return false;
        } else {
            return false;
        }
    }
    n->exponent += zeros - fraction;
    return s.len > 0;
}

bool json_value_i64(struct span value, int64_t *out)
{
    struct number n;

    if (!number_read(&n, value))
        return false;
    if (n.digits == 0) {
        *out = 0;
        return true;
    }
    if (n.exponent < 0)
        return false;
    for (; n.exponent > 0; n.exponent--) {
        if (n.digits > (uint64_t)INT64_MAX / 10)
            return false;
        n.digits *= 10;
    }
    if (n.digits > (uint64_t)INT64_MAX)
        return false;
    *out = n.negative ? -(int64_t)n.digits : (int64_t)n.digits;
    return true;
}

struct text_sink {
    char *out;
    size_t cap_bytes;
    size_t len;
    bool is_string;
    bool full;
};

static void text_begin(void *ctx, unsigned depth, enum json_kind kind, uint64_t offset)
{
    struct text_sink *sink = ctx;

    (void)offset;
    if (depth == 0)
        sink->is_string = kind == JSON_STRING;
}

static void text_bytes(void *ctx, unsigned depth, struct span decoded)
{
    struct text_sink *sink = ctx;

    (void)depth;
    if (decoded.len > sink->cap_bytes - sink->len) {
        sink->full = true;
        return;
    }
    memcpy(sink->out + sink->len, decoded.ptr, decoded.len);
    sink->len += decoded.len;
}

bool json_value_text(struct span value, char *out, size_t out_bytes, size_t *out_len)
{
    static const struct json_visitor visitor = {
        .value_begin = text_begin,
        .string_bytes = text_bytes,
    };
    struct text_sink sink = {.out = out, .cap_bytes = out_bytes};
    struct json_scan scan;

    json_scan_start(&scan, &visitor, &sink, false);
    if (json_scan_feed(&scan, value) == PARSE_BAD || json_scan_finish(&scan) != PARSE_DONE)
        return false;
    if (!sink.is_string || sink.full)
        return false;
    *out_len = sink.len;
    return true;
}
