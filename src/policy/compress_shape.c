#include "policy/compress_shape.h"

enum { SHAPE_WORD_BYTES = 24 };

struct shape {
    const struct shape_hear *hear;
    struct span list; /* name of the member */
    bool in_list;     /* the member at depth 1 is it */
    bool is_system;   /* ... or a system prompt of its own */
    bool in_word;     /* a role, or a type that may be one of a result */
    bool is_role;
    bool is_result;
    size_t word_len;
    char word[SHAPE_WORD_BYTES];
    bool is_user;
    bool has_type; /* the key before was "type" or "role" */
    struct shape_message message;
};

static void shape_key(void *ctx, unsigned depth, struct span name, bool cut)
{
    struct shape *s = ctx;

    (void)cut;
    if (depth == 1) {
        s->in_list = span_equal(name, s->list);
        s->is_system = span_equal(name, SPAN("system")) || span_equal(name, SPAN("instructions"));
    }
    s->is_role = depth == 3 && span_equal(name, SPAN("role"));
    s->has_type = s->is_role || ((depth == 3 || depth == 5) && span_equal(name, SPAN("type")));
}

static void shape_begin(void *ctx, unsigned depth, enum json_kind kind, uint64_t offset)
{
    struct shape *s = ctx;

    s->in_word = s->in_list && s->has_type && kind == JSON_STRING && depth > 2;
    s->has_type = false;
    s->word_len = 0;
    if (depth == 1)
        s->in_list = s->in_list && kind == JSON_ARRAY;
    if ((depth == 2 && s->in_list) || (depth == 1 && s->is_system)) {
        s->message = (struct shape_message){.from = (size_t)offset};
        s->is_user = false;
        s->is_result = false;
    }
}

static void shape_bytes(void *ctx, unsigned depth, struct span decoded)
{
    struct shape *s = ctx;

    (void)depth;
    for (size_t i = 0; s->in_word && i < decoded.len && s->word_len < sizeof(s->word); i++)
        s->word[s->word_len++] = decoded.ptr[i];
}

static void shape_word(struct shape *s)
{
    struct span word = span_of(s->word, s->word_len);

    if (!s->is_role) {
        s->is_result = s->is_result || span_equal(word, SPAN("tool_result")) ||
                       span_equal(word, SPAN("function_call_output"));
        return;
    }
    s->is_user = span_equal(word, SPAN("user"));
    s->message.is_system = span_equal(word, SPAN("system")) || span_equal(word, SPAN("developer"));
}

static void shape_end(void *ctx, unsigned depth, enum json_kind kind, uint64_t end_offset)
{
    struct shape *s = ctx;

    (void)kind;
    if (s->in_word)
        shape_word(s);
    s->in_word = false;
    if ((depth != 2 || !s->in_list) && (depth != 1 || !s->is_system))
        return;
    s->message.end = (size_t)end_offset;
    s->message.is_system = s->message.is_system || depth == 1;
    s->message.begins_turn = s->is_user && !s->is_result;
    s->hear->message(s->hear->ctx, &s->message);
}

void shape_walk(enum api api, struct span body, const struct shape_hear *hear)
{
    static const struct json_visitor visitor = {
        .key = shape_key,
        .value_begin = shape_begin,
        .string_bytes = shape_bytes,
        .value_end = shape_end,
    };
    struct shape s = {.hear = hear};
    struct json_scan scan;

    s.list = api == API_RESPONSES ? SPAN("input") : SPAN("messages");
    json_scan_start(&scan, &visitor, &s, false);
    (void)json_scan_feed(&scan, body);
}
