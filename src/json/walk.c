#include "json/walk.h"

#include <string.h>

static bool walk_is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static struct span walk_trim(struct span s)
{
    while (s.len > 0 && walk_is_blank(s.ptr[0]))
        s = span_part(s, 1, s.len);
    return s;
}

/* The length of the string at the front. */
static size_t walk_string(struct span s)
{
    size_t at = 1;

    while (at < s.len && s.ptr[at] != '"')
        at += s.ptr[at] == '\\' ? 2 : 1;
    return at < s.len ? at + 1 : s.len;
}

/* The length of the value at the front. */
static size_t walk_value(struct span s)
{
    size_t at = 0;
    size_t depth = 0;

    while (at < s.len) {
        char c = s.ptr[at];

        if (c == '"')
            at += walk_string(span_part(s, at, s.len)) - 1;
        else if (c == '{' || c == '[')
            depth++;
        else if (depth > 0 && (c == '}' || c == ']'))
            depth--;
        else if (depth == 0 && (c == ',' || c == '}' || c == ']' || walk_is_blank(c)))
            break;
        at++;
        if (depth == 0 && (c == '"' || c == '}' || c == ']'))
            break;
    }
    return at;
}

bool json_walk_start(struct json_walk *w, struct span container)
{
    struct span s = walk_trim(container);

    w->rest = span_part(s, 1, s.len);
    w->is_object = s.len > 0 && s.ptr[0] == '{';
    return w->is_object || (s.len > 0 && s.ptr[0] == '[');
}

/* Takes the value at the front off, with the colon or comma behind it. */
static struct span walk_take(struct json_walk *w)
{
    struct span s = walk_trim(w->rest);
    struct span value = span_part(s, 0, walk_value(s));

    s = walk_trim(span_part(s, value.len, s.len));
    if (s.len > 0 && (s.ptr[0] == ',' || s.ptr[0] == ':'))
        s = span_part(s, 1, s.len);
    w->rest = s;
    return value;
}

bool json_walk_next(struct json_walk *w, struct span *name, struct span *value)
{
    *name = SPAN_EMPTY;
    if (w->is_object)
        *name = json_walk_inside(walk_take(w));
    *value = walk_take(w);
    return value->len > 0;
}

struct span json_walk_get(struct span object, const char *name)
{
    struct json_walk w;
    struct span key;
    struct span value;

    if (json_walk_start(&w, object) && w.is_object)
        while (json_walk_next(&w, &key, &value))
            if (json_walk_is(key, name))
                return value;
    return SPAN_EMPTY;
}

enum json_kind json_walk_kind(struct span value)
{
    switch (value.len > 0 ? value.ptr[0] : '\0') {
    case '\0':
        return JSON_NONE;
    case '{':
        return JSON_OBJECT;
    case '[':
        return JSON_ARRAY;
    case '"':
        return JSON_STRING;
    case 't':
        return JSON_TRUE;
    case 'f':
        return JSON_FALSE;
    case 'n':
        return JSON_NULL;
    default:
        return JSON_NUMBER;
    }
}

struct span json_walk_inside(struct span value)
{
    if (value.len < 2 || value.ptr[0] != '"')
        return SPAN_EMPTY;
    return span_of(value.ptr + 1, value.len - 2);
}

struct span json_walk_text(struct span object, const char *name)
{
    return json_walk_inside(json_walk_get(object, name));
}

bool json_walk_valid(struct span text)
{
    struct json_scan scan;

    json_scan_start(&scan, NULL, NULL, false);
    return json_scan_feed(&scan, text) != PARSE_BAD && json_scan_finish(&scan) == PARSE_DONE;
}

bool json_walk_is(struct span written, const char *text)
{
    return span_equal(written, span_str(text));
}

int json_walk_which(struct span written, const char *words)
{
    struct span rest = span_str(words);
    struct span word;

    for (int i = 0; span_split(&rest, ' ', &word); i++)
        if (span_equal(written, word))
            return i;
    return -1;
}

struct walk_sink {
    char *out;
    size_t cap_bytes;
    size_t len;
    bool full;
};

static void walk_bytes(void *ctx, unsigned depth, struct span decoded)
{
    struct walk_sink *sink = ctx;
    size_t len = decoded.len;

    (void)depth;
    if (sink->full)
        return;
    if (len > sink->cap_bytes - sink->len) {
        sink->full = true;
        len = sink->cap_bytes - sink->len;
        while (len > 0 && ((uint8_t)decoded.ptr[len] & 0xc0) == 0x80)
            len--;
    }
    if (len > 0)
        memcpy(sink->out + sink->len, decoded.ptr, len);
    sink->len += len;
}

size_t json_walk_decode(struct span value, char *out, size_t out_bytes, bool *cut)
{
    static const struct json_visitor visitor = {.string_bytes = walk_bytes};
    struct walk_sink sink = {.out = out, .cap_bytes = out_bytes};
    struct json_scan scan;

    if (json_walk_kind(value) != JSON_STRING)
        return 0;
    json_scan_start(&scan, &visitor, &sink, false);
    if (json_scan_feed(&scan, value) != PARSE_BAD)
        (void)json_scan_finish(&scan);
    *cut = *cut || sink.full;
    return sink.len;
}
