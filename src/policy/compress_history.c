#include "policy/compress_history.h"

#include "policy/compress_shape.h"

struct history {
    struct compress_result *result;
    size_t keep_bytes; /* of the body's beginning */
    size_t turns;      /* in all */
    size_t drop_turns; /* of them, from the first on */
    size_t begun;
    bool dropping;
};

static void history_count(void *ctx, const struct shape_message *m)
{
    struct history *h = ctx;

    h->turns += m->begins_turn;
}

/* A message that goes takes the comma behind it along: the last turn always stays. */
static void history_drop(void *ctx, const struct shape_message *m)
{
    struct history *h = ctx;
    struct compress_result *r = h->result;
    bool drop;

    h->begun += m->begins_turn;
    drop = h->begun <= h->drop_turns && !m->is_system && m->from >= h->keep_bytes;
    if (h->dropping && !drop)
        r->drops[r->drop_count++].end = m->from;
    if (!h->dropping && drop && r->drop_count == COMPRESS_DROPS_MAX)
        return;
    if (!h->dropping && drop)
        r->drops[r->drop_count].from = m->from;
    h->dropping = drop;
}

void compress_history(enum api api, struct span body, size_t turns_kept, bool in_steps,
                      size_t keep_bytes, struct compress_result *result)
{
    struct history h = {.result = result, .keep_bytes = keep_bytes};
    struct shape_hear hear = {history_count, &h};

    shape_walk(api, body, &hear);
    if (h.turns <= turns_kept)
        return;
    h.drop_turns = h.turns - turns_kept;
    if (in_steps)
        h.drop_turns -= h.drop_turns % turns_kept;
    hear.message = history_drop;
    shape_walk(api, body, &hear);
}
