#include "json/tree.h"

#define JSMN_PARENT_LINKS
#define JSMN_STRICT
#define JSMN_STATIC
#include <jsmn.h>

#include "json/object.h"

_Static_assert(sizeof(struct json_token) == sizeof(jsmntok_t), "same layout as jsmn's token");

enum { TREE_NAME_BYTES = 128 }; /* names that are compared decoded */

/* jsmn's order is depth first: the value after a subtree is the next token that starts behind it.
 */
static void tree_link(struct json_tree *t)
{
    for (int i = t->count - 1; i >= 0; i--) {
        int next = i + 1;

        while (next < t->count && t->tokens[next].start < t->tokens[i].end)
            next = t->next[next];
        t->next[i] = next;
    }
}

enum json_tree_result json_tree_read(struct json_tree *t, struct span text,
                                     struct json_token *tokens, int *next, int capacity)
{
    struct json_scan scan;
    jsmn_parser parser;
    int count;

    *t = (struct json_tree){.text = text, .tokens = tokens, .next = next, .capacity = capacity};
    json_scan_start(&scan, NULL, NULL, false);
    if (json_scan_feed(&scan, text) == PARSE_BAD || json_scan_finish(&scan) != PARSE_DONE) {
        t->err = scan.err;
        t->err_offset = (size_t)scan.err_offset;
        return JSON_TREE_BAD;
    }
    jsmn_init(&parser);
    count = jsmn_parse(&parser, text.ptr, text.len, (jsmntok_t *)tokens, (unsigned)capacity);
    if (count == JSMN_ERROR_NOMEM)
        return JSON_TREE_FULL;
    if (count < 1)
        return JSON_TREE_BAD;
    t->count = count;
    tree_link(t);
    return JSON_TREE_OK;
}

enum json_kind json_tree_kind(const struct json_tree *t, int value)
{
    char first;

    if (value < 0 || value >= t->count)
        return JSON_NONE;
    first = t->text.ptr[t->tokens[value].start];
    switch (t->tokens[value].type) {
    case JSMN_OBJECT:
        return JSON_OBJECT;
    case JSMN_ARRAY:
        return JSON_ARRAY;
    case JSMN_STRING:
        return JSON_STRING;
    default:
        return first == 't'   ? JSON_TRUE
               : first == 'f' ? JSON_FALSE
               : first == 'n' ? JSON_NULL
                              : JSON_NUMBER;
    }
}

struct span json_tree_raw(const struct json_tree *t, int value)
{
    const struct json_token *token;

    if (value < 0 || value >= t->count)
        return SPAN_EMPTY;
    token = &t->tokens[value];
    return span_of(t->text.ptr + token->start, (size_t)(token->end - token->start));
}

/* With its quotes, as json/object takes strings. */
static struct span tree_quoted(const struct json_tree *t, int value)
{
    struct span raw = json_tree_raw(t, value);

    if (json_tree_kind(t, value) == JSON_STRING)
        raw = span_of(raw.ptr - 1, raw.len + 2);
    return raw;
}

bool json_tree_text(const struct json_tree *t, int value, char *out, size_t out_bytes, size_t *len)
{
    if (json_tree_kind(t, value) != JSON_STRING)
        return false;
    return json_value_text(tree_quoted(t, value), out, out_bytes, len);
}

bool json_tree_is(const struct json_tree *t, int value, const char *text)
{
    char decoded[TREE_NAME_BYTES];
    struct span raw = json_tree_raw(t, value);
    size_t len;

    if (json_tree_kind(t, value) != JSON_STRING)
        return false;
    if (span_find_byte(raw, '\\') == raw.len)
        return span_equal(raw, span_str(text));
    return json_tree_text(t, value, decoded, sizeof(decoded), &len) &&
           span_equal(span_of(decoded, len), span_str(text));
}

int json_tree_get(const struct json_tree *t, int object, const char *name)
{
    if (json_tree_kind(t, object) != JSON_OBJECT)
        return JSON_TREE_NONE;
    for (int key = object + 1; key < t->next[object]; key = t->next[key + 1])
        if (json_tree_is(t, key, name))
            return key + 1;
    return JSON_TREE_NONE;
}

int json_tree_first(const struct json_tree *t, int container)
{
    enum json_kind kind = json_tree_kind(t, container);

    if (json_tree_size(t, container) == 0)
        return JSON_TREE_NONE;
    return kind == JSON_OBJECT ? container + 2 : container + 1;
}

int json_tree_after(const struct json_tree *t, int value)
{
    int parent;
    int next;

    if (value < 0 || value >= t->count)
        return JSON_TREE_NONE;
    parent = t->tokens[value].parent;
    /* A member's value hangs on its key. */
    if (parent >= 0 && t->tokens[parent].type == JSMN_STRING)
        parent = t->tokens[parent].parent;
    next = t->next[value];
    if (parent < 0 || next >= t->next[parent])
        return JSON_TREE_NONE;
    return t->tokens[parent].type == JSMN_OBJECT ? next + 1 : next;
}

struct span json_tree_name(const struct json_tree *t, int value)
{
    int parent = value > 0 && value < t->count ? t->tokens[value].parent : -1;

    if (parent < 0 || t->tokens[parent].type != JSMN_STRING)
        return SPAN_EMPTY;
    return json_tree_raw(t, parent);
}

int json_tree_size(const struct json_tree *t, int container)
{
    enum json_kind kind = json_tree_kind(t, container);

    return kind == JSON_OBJECT || kind == JSON_ARRAY ? t->tokens[container].size : 0;
}

bool json_tree_i64(const struct json_tree *t, int value, int64_t *out)
{
    return json_tree_kind(t, value) == JSON_NUMBER && json_value_i64(json_tree_raw(t, value), out);
}

bool json_tree_bool(const struct json_tree *t, int value, bool *out)
{
    return json_value_bool(json_tree_raw(t, value), out) && json_tree_kind(t, value) != JSON_STRING;
}
