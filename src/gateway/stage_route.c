/* route - what the request is, what the configuration says of such, and the first model to ask. */
#include "gateway/decide.h"
#include "gateway/gateway.h"
#include "gateway/workload.h"

static enum stage_result route_unknown(struct exchange *x)
{
    char text[REFUSE_DETAIL_BYTES];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, "The model \"");
    fmt_visible(&f, span_str(x->request.model), 80);
    fmt_str(&f, "\" is not configured on this gateway; GET /v1/models lists what is.");
    refuse_say(&x->refusal, REFUSE_MODEL_NOT_FOUND, "model", fmt_span(&f));
    return STAGE_REFUSE;
}

static void route_say_mismatch(struct exchange *x)
{
    char text[REFUSE_DETAIL_BYTES];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, "No vendor of ");
    fmt_str(&f, x->route != NULL ? "the route \"" : "the model \"");
    fmt_str(&f, x->route != NULL ? x->route->name : x->request.model);
    fmt_str(&f, "\" speaks ");
    fmt_text(&f, api_path(x->api));
    fmt_str(&f, " (key `dialect`).");
    refuse_say(&x->refusal, REFUSE_MODEL_DIALECT, "model", fmt_span(&f));
}

/* How long until the first of the vendors may be asked again. */
static int64_t route_rest_ms(const struct exchange *x, int64_t now_ms)
{
    int64_t least_ms = INT64_MAX;

    for (size_t i = 0; i < x->use->settings.upstream_count; i++) {
        int64_t wait_ms = breaker_wait_ms(&x->use->upstreams[i].breaker, now_ms);

        if (wait_ms > 0 && wait_ms < least_ms)
            least_ms = wait_ms;
    }
    return least_ms == INT64_MAX ? 0 : least_ms;
}

static void route_refuse(struct exchange *x, enum plan_none why, int64_t now_ms)
{
    switch (why) {
    case PLAN_NOT_ALLOWED:
        refuse_say(&x->refusal, REFUSE_MODEL_NOT_ALLOWED, "model", SPAN_EMPTY);
        return;
    case PLAN_NOT_SPOKEN:
        route_say_mismatch(x);
        return;
    case PLAN_RESTING:
        x->refusal.why = REFUSE_UPSTREAM_RESTING;
        x->refusal.retry_after_s = (route_rest_ms(x, now_ms) + 999) / 1000;
        return;
    case PLAN_FOUND:
        (void)route_unknown(x);
        return;
    }
}

bool exchange_pick(struct exchange *x, int64_t now_ms)
{
    enum plan_none why;
    const struct model_settings *m = plan_next(x, &x->plan, false, &why, now_ms);

    if (m == NULL) {
        route_refuse(x, why, now_ms);
        return false;
    }
    x->model = m;
    x->up = &x->use->upstreams[m->upstream_index];
    return true;
}

/* ---- which route ---- */

static bool route_choose(struct exchange *x)
{
    const struct settings *s = &x->use->settings;
    struct route_facts f =
        decide_facts(&x->request, route_any_counts_tokens(s->routes, s->route_count));
    struct decision d;

    f.workload = x->workload;
    f.key = x->key != NULL ? span_str(x->key->name) : SPAN_EMPTY;
    f.head = &x->conn->head;
    switch (decide_route(s, x->key, &f, http_head_field(f.head, "x-farthing-route"), &d)) {
    case DECIDE_OK:
        x->asked = d.asked;
        x->route = d.route;
        return true;
    case DECIDE_NO_ROUTE:
        refuse_say(&x->refusal, REFUSE_ROUTE_UNKNOWN, NULL, SPAN_EMPTY);
        return false;
    case DECIDE_NOT_ALLOWED:
        refuse_say(&x->refusal, REFUSE_ROUTE_NOT_ALLOWED, NULL, SPAN_EMPTY);
        return false;
    case DECIDE_NO_MODEL:
        break;
    }
    (void)route_unknown(x);
    return false;
}

void exchange_take_route(struct exchange *x, const struct route_settings *r)
{
    x->route = r;
    x->plan = (struct plan){0};
    x->route_tags &= ~(uint32_t)(TAG_ROUTED | TAG_TIER);
    if (r != NULL && r->tier_count > 0)
        x->route_tags |= TAG_ROUTED;
    if (r != NULL && r->tier_count > 1)
        x->route_tags |= TAG_TIER;
    x->tags |= x->route_tags;
    learning_begin(x);
}

enum stage_result stage_route(struct exchange *x, int64_t now_ms)
{
    workload_read(x);
    if (!route_choose(x))
        return STAGE_REFUSE;
    exchange_take_route(x, x->route);
    if (exchange_pick(x, now_ms))
        return STAGE_NEXT;
    if (x->refusal.why != REFUSE_UPSTREAM_RESTING)
        return STAGE_REFUSE;
    x->refusal.why = REFUSE_NONE; /* the cache may know; else stage_reserve asks again */
    return STAGE_NEXT;
}
