#include "gateway/kept.h"

#include <string.h>

#include "gateway/gateway.h"

void kept_take(struct exchange *x)
{
    struct kept *k = &x->kept;

    lease_give(&x->gateway->bodies, &k->bytes);
    *k = (struct kept){.tier = x->plan.tier, .model = x->model};
    if (x->relay.mode == RELAY_HOLD) {
        k->bytes = x->relay.held;
        k->len = x->relay.held_len;
        x->relay.held = (struct lease){0};
    } else if (x->tape != NULL && !x->follows && x->tape->whole) {
        k->bytes = x->tape->bytes;
        k->len = x->tape->len;
        k->events = true;
        x->tape->bytes = (struct lease){0};
        x->tape->len = 0;
    }
}

bool kept_give(struct exchange *x, int64_t now_ms)
{
    struct kept *k = &x->kept;

    if (k->len == 0 || x->conn == NULL || x->conn->head_sent)
        return false;
    if (x->called)
        exchange_abandon(x, now_ms);
    answer_start(&x->answer, &x->request, x->request.stream && !x->request.include_usage);
    if (k->events) {
        if (!player_open_events(&x->player, &x->gateway->bodies, span_of(k->bytes.ptr, k->len)))
            return false;
        relay_start_events(x);
        lease_give(&x->gateway->bodies, &k->bytes);
    } else {
        x->relay.mode = RELAY_HOLD;
        x->relay.held = k->bytes;
        x->relay.held_len = k->len;
        k->bytes = (struct lease){0};
    }
    k->len = 0;
    x->given = true;
    x->model = k->model;
    x->up = &x->use->upstreams[k->model->upstream_index];
    x->plan.tier = k->tier;
    x->upstream_status = 200;
    x->refusal.why = REFUSE_NONE;
    return true;
}
