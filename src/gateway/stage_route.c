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
    f.difficulty_milli = x->difficulty_milli;
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

/* ---- a conversation that goes on ---- */

static struct switch_side switch_side(const struct exchange *x, const struct model_settings *m,
                                      int64_t input_tokens, int64_t now_ms)
{
    struct switch_side side = {.held_tokens = 0};
    struct prefix_match match;

    prefix_find(&x->gateway->prefixes, pack_scope(x->gateway, m), x->api, x->request.body, now_ms,
                &match);
    if (match.tokens >= PREFIX_TOKENS_MIN)
        side.held_tokens = match.tokens;
    if (!m->free)
        side.price = price_at(&m->price, input_tokens, x->started_wall_ms);
    return side;
}

/* The model of this tier or a later one, other than the one picked, that holds the most of it. */
static void switch_find(struct exchange *x, int64_t input_tokens, struct plan *plan,
                        struct switch_side *best, int64_t now_ms)
{
    const struct route_settings *r = x->route;

    for (size_t t = x->plan.tier; t < r->tier_count; t++)
        for (size_t c = 0; c < r->tiers[t].count; c++) {
            const struct model_settings *m =
                &x->use->settings.models[r->tiers[t].choices[c].model_index];
            struct switch_side side = switch_side(x, m, input_tokens, now_ms);

            if (m == x->model || side.held_tokens <= best->held_tokens)
                continue;
            *best = side;
            x->change.holder = m;
            *plan = (struct plan){
                .tier = t, .stay = (uint8_t)(c + 1), .passed_over = t > 0 || x->plan.passed_over};
        }
}

/* Stays with who holds the conversation, if that can be asked, and leaving it is too dear. */
static void switch_weigh(struct exchange *x, int64_t now_ms)
{
    int64_t output_tokens = x->request.max_output_tokens;
    struct switch_side stay = {.held_tokens = 0};
    struct switch_side go;
    int64_t input_tokens;
    struct plan plan;
    enum plan_none why;

    if (x->route == NULL || x->route->switch_milli < 0 || x->route->tier_count == 0)
        return;
    if (output_tokens == 0 || output_tokens > SWITCH_OUTPUT_TOKENS)
        output_tokens = SWITCH_OUTPUT_TOKENS;
    input_tokens = exchange_input_estimate(x);
    switch_find(x, input_tokens, &plan, &stay, now_ms);
    if (x->change.holder == NULL)
        return;
    go = switch_side(x, x->model, input_tokens, now_ms);
    x->change.stays = switch_stays(&stay, &go, input_tokens, output_tokens, x->route->switch_milli,
                                   &x->change.sum) &&
                      plan_next(x, &plan, false, &why, now_ms) == x->change.holder;
    if (!x->change.stays)
        return;
    x->plan = plan;
    x->model = x->change.holder;
    x->up = &x->use->upstreams[x->model->upstream_index];
}

enum stage_result stage_route(struct exchange *x, int64_t now_ms)
{
    workload_read(x);
    if (!route_choose(x))
        return STAGE_REFUSE;
    exchange_take_route(x, x->route);
    if (exchange_pick(x, now_ms)) {
        switch_weigh(x, now_ms);
        return STAGE_NEXT;
    }
    if (x->refusal.why != REFUSE_UPSTREAM_RESTING)
        return STAGE_REFUSE;
    x->refusal.why = REFUSE_NONE; /* the cache may know; else stage_reserve asks again */
    return STAGE_NEXT;
}
