/* settle - what the call cost, in every ending, exactly once. */
#include "gateway/gateway.h"

/* A vendor bills an answer, not an error; a request that was sent and never answered may have been
 * billed for its input, so that is assumed. */
static struct usage settle_usage(const struct exchange *x)
{
    struct usage none = {.known = true};

    if (!x->called || !x->call.request_sent || x->upstream_status >= 300)
        return none;
    return answer_usage(&x->answer, x->request.text_bytes);
}

enum stage_result stage_settle(struct exchange *x, int64_t now_ms)
{
    if (x->settled)
        return STAGE_NEXT;
    x->settled = true;
    x->ended_ms = now_ms;
    if (!x->called)
        return STAGE_NEXT;
    x->usage = settle_usage(x);
    x->cost_pusd = x->model->free ? 0 : price_cost_pusd(&x->model->price, &x->usage);
    x->baseline_pusd = x->cost_pusd; /* the model asked for is the model used */
    if (x->usage.estimated)
        x->tags |= TAG_ESTIMATED;
    if (x->departed)
        x->tags |= TAG_ABORTED;
    if (x->call.retried)
        x->tags |= TAG_RETRIED;
    if (x->up->settings->dialect == DIALECT_STANDIN)
        x->tags |= TAG_DEMO;
    return STAGE_NEXT;
}
