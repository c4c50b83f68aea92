#include "llm/model_list.h"

#include <string.h>

enum {
    LIST_DEPTH = 3,            /* of an object with an id: at most {"data":[{ */
    LIST_DATE_LEN = 9,         /* "-20250929" */
    LIST_OBJECT_IN_ARRAY = 2,  /* the two innermost bits of `arrays` */
    LIST_INNERMOST_TWO = 0x03, /* their mask */
};

void model_list_start(struct model_list *l, void (*take)(void *ctx, struct span id), void *ctx)
{
    memset(l, 0, sizeof(*l));
    l->take = take;
    l->ctx = ctx;
}

static void list_text(struct model_list *l, char c)
{
    if (!l->escaped && c == '"') {
        l->inside = false;
        if (l->is_id) {
            l->count++;
            l->take(l->ctx, span_of(l->text, l->len));
        }
        return;
    }
    l->escaped = !l->escaped && c == '\\';
    if (!l->escaped && l->len < sizeof(l->text))
        l->text[l->len++] = c;
}

static void list_mark(struct model_list *l, char c)
{
    bool was_id = span_equal(span_of(l->text, l->len), SPAN("id"));

    switch (c) {
    case '"':
        l->inside = true;
        l->len = 0;
        return;
    case '[':
    case '{':
        l->depth++;
        l->arrays = l->arrays << 1 | (c == '[');
        break;
    case ']':
    case '}':
        l->depth -= l->depth > 0;
        l->arrays >>= 1;
        break;
    case ':':
        l->is_id = was_id && l->depth <= LIST_DEPTH &&
                   (l->arrays & LIST_INNERMOST_TWO) == LIST_OBJECT_IN_ARRAY;
        return;
    case ',':
        break;
    default:
        return;
    }
    l->is_id = false;
}

void model_list_feed(struct model_list *l, struct span bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        if (l->inside)
            list_text(l, bytes.ptr[i]);
        else
            list_mark(l, bytes.ptr[i]);
}

static bool list_is_date(struct span s)
{
    if (s.len != LIST_DATE_LEN || s.ptr[0] != '-')
        return false;
    for (size_t i = 1; i < s.len; i++)
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
    return true;
}

bool model_list_is(struct span id, struct span model)
{
    struct span rest;

    if (span_starts(id, SPAN("models/")) && !span_starts(model, SPAN("models/")))
        id = span_part(id, sizeof("models/") - 1, id.len);
    if (!span_starts(id, model))
        return false;
    rest = span_part(id, model.len, id.len);
    return rest.len == 0 || span_equal(rest, SPAN(":latest")) || list_is_date(rest);
}
