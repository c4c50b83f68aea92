#include "gateway/plan.h"

#include "base/check.h"
#include "gateway/gateway.h"
#include "gateway/offline.h"

/* Which APIs a vendor of this dialect serves. Anthropic's API has an OpenAI surface for chat; the
 * stand-in speaks all. */
static bool plan_speaks(int dialect, enum api api)
{
    switch (dialect) {
    case DIALECT_ANTHROPIC:
        return api_is_anthropic(api) || api == API_CHAT;
    case DIALECT_OPENAI:
        return !api_is_anthropic(api);
    default:
        return true;
    }
}

/* A key that is bound to routes gets at models through these only, unless it names models too. */
static bool plan_allows(const struct exchange *x, const struct model_settings *m)
{
    /* What the owner configured to be asked besides is no wish of the key's. */
    if (x->key == NULL || x->purpose != PURPOSE_ANSWER)
        return true;
    if (x->route == NULL && x->key->routes[0] != '\0' && x->key->models[0] == '\0')
        return false;
    return key_may_use_model(x->key, span_str(m->name));
}

/* Of several reasons the one that is nearest to an answer. */
static bool plan_can(const struct exchange *x, const struct model_settings *m, bool ready,
                     enum plan_none *why, int64_t now_ms)
{
    const struct upstream *u = &x->use->upstreams[m->upstream_index];
    enum plan_none reason = PLAN_FOUND;

    if (!plan_allows(x, m))
        reason = PLAN_NOT_ALLOWED;
    else if (!plan_speaks(u->settings->dialect, x->api))
        reason = PLAN_NOT_SPOKEN;
    else if (ready ? !breaker_is_ready(&u->breaker, now_ms) : !breaker_allows(&u->breaker, now_ms))
        reason = PLAN_RESTING;
    if (reason > *why)
        *why = reason;
    return reason == PLAN_FOUND;
}

static const struct model_settings *plan_model(const struct exchange *x,
                                               const struct route_choice *c)
{
    return &x->use->settings.models[c->model_index];
}

/* How busy its vendor would be for its weight. */
static int64_t plan_load(const struct exchange *x, const struct route_choice *c)
{
    const struct upstream *u = &x->use->upstreams[plan_model(x, c)->upstream_index];

    return (int64_t)(u->busy + u->queued + 1) * ROUTE_WEIGHT_MAX / c->weight;
}

static const struct model_settings *plan_in_tier(const struct exchange *x, struct plan *p,
                                                 bool ready, enum plan_none *why, int64_t now_ms)
{
    const struct route_tier *t = &x->route->tiers[p->tier];
    size_t best = t->count;

    for (size_t i = 0; i < t->count; i++) {
        if ((p->tried[p->tier] & 1u << i) != 0 ||
            !plan_can(x, plan_model(x, &t->choices[i]), ready, why, now_ms))
            continue;
        if (p->stay == i + 1 || best == t->count ||
            plan_load(x, &t->choices[i]) < plan_load(x, &t->choices[best]))
            best = i;
        if (p->stay == i + 1)
            break;
    }
    if (best == t->count)
        return NULL;
    p->stay = 0;
    p->tried[p->tier] |= (uint8_t)(1u << best);
    p->in_fallback = false;
    return plan_model(x, &t->choices[best]);
}

static const struct model_settings *plan_in_fallbacks(const struct exchange *x, struct plan *p,
                                                      bool ready, enum plan_none *why,
                                                      int64_t now_ms)
{
    for (size_t i = 0; i < x->route->fallback_count; i++) {
        const struct model_settings *m = plan_model(x, &x->route->fallbacks[i]);

        if ((p->tried_fallbacks & 1u << i) != 0 || !plan_can(x, m, ready, why, now_ms))
            continue;
        p->tried_fallbacks |= (uint8_t)(1u << i);
        p->in_fallback = true;
        return m;
    }
    return NULL;
}

/* A route without tiers, or none: what the client asked for is all of the first tier. */
static const struct model_settings *plan_asked(const struct exchange *x, struct plan *p, bool ready,
                                               enum plan_none *why, int64_t now_ms)
{
    if ((p->tried[0] & 1u) != 0 || x->asked == NULL || !plan_can(x, x->asked, ready, why, now_ms))
        return NULL;
    p->tried[0] |= 1u;
    p->in_fallback = false;
    return x->asked;
}

static const struct model_settings *plan_pass(const struct exchange *x, struct plan *p, bool ready,
                                              enum plan_none *why, int64_t now_ms)
{
    bool fixed = x->purpose != PURPOSE_ANSWER; /* a side call is for one model */
    size_t tiers = x->route != NULL && !fixed ? x->route->tier_count : 0;
    const struct model_settings *m = NULL;
    size_t from = p->tier;

    if (tiers == 0) {
        m = plan_asked(x, p, ready, why, now_ms);
        return m != NULL || x->route == NULL || fixed ? m
                                                      : plan_in_fallbacks(x, p, ready, why, now_ms);
    }
    for (; p->tier < tiers; p->tier++) {
        m = plan_in_tier(x, p, ready, why, now_ms);
        if (m == NULL && p->tier == from)
            m = plan_in_fallbacks(x, p, ready, why, now_ms);
        if (m != NULL)
            return m;
    }
    p->tier = from;
    return NULL;
}

/* None of the others can be reached. */
static const struct model_settings *plan_offline(const struct exchange *x, struct plan *p,
                                                 enum plan_none *why, int64_t now_ms)
{
    const struct model_settings *m;

    if (x->route == NULL || x->route->offline.model[0] == '\0' || p->tried_offline ||
        x->purpose != PURPOSE_ANSWER || !offline_route(x))
        return NULL;
    m = plan_model(x, &x->route->offline);
    if (!plan_can(x, m, false, why, now_ms))
        return NULL;
    p->tried_offline = true;
    p->in_fallback = true;
    return m;
}

const struct model_settings *plan_next(const struct exchange *x, struct plan *p, bool skip_tier,
                                       enum plan_none *why, int64_t now_ms)
{
    const struct model_settings *m;

    CHECK(p->tier < ROUTE_TIERS_MAX);
    *why = PLAN_FOUND;
    if (skip_tier) {
        size_t tiers = x->route != NULL ? x->route->tier_count : 0;

        if (p->tier + 1 >= tiers)
            return NULL;
        p->tier++;
    }
    m = plan_pass(x, p, true, why, now_ms);
    if (m == NULL)
        m = plan_pass(x, p, false, why, now_ms);
    if (m == NULL && !skip_tier && p->passed_over) {
        p->passed_over = false;
        p->tier = 0;
        m = plan_pass(x, p, false, why, now_ms);
    }
    return m != NULL || skip_tier ? m : plan_offline(x, p, why, now_ms);
}
