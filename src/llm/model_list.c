#include "llm/model_list.h"

#include <string.h>

enum { LIST_DATE_LEN = 9 /* "-20250929" */ };

static const struct json_pick_path list_paths[] = {{"data.*.id", PICK_TEXT}, {"*.id", PICK_TEXT}};

void model_list_start(struct model_list *l, void (*take)(void *ctx, struct span id), void *ctx)
{
    memset(l, 0, sizeof(*l));
    l->take = take;
    l->ctx = ctx;
    for (size_t i = 0; i < 2; i++) /* a text has one form: they may share the place */
        l->picked[i] = (struct json_picked){.data = l->id, .cap_bytes = sizeof(l->id)};
    json_pick_start(&l->pick, list_paths, l->picked, 2);
}

/* A byte at a time, because the next id takes the place of the last. */
void model_list_feed(struct model_list *l, struct span bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        bool inside = l->pick.open != 0;
        const struct json_picked *r = &l->picked[l->picked[0].count == 0];

        if (json_pick_feed(&l->pick, span_part(bytes, i, 1)) == PARSE_BAD)
            return;
        if (inside && l->pick.open == 0 && r->value_kind == JSON_STRING) {
            l->count++;
            l->take(l->ctx, json_picked_span(r));
        }
    }
}

bool model_list_is(struct span id, struct span model)
{
    struct span rest;

    if (span_starts(id, SPAN("models/")) && !span_starts(model, SPAN("models/")))
        id = span_part(id, sizeof("models/") - 1, id.len);
    if (!span_starts(id, model))
        return false;
    rest = span_part(id, model.len, id.len);
    return rest.len == 0 || span_equal(rest, SPAN(":latest")) ||
           (rest.len == LIST_DATE_LEN && span_starts(rest, SPAN("-20")));
}
