#include "gateway/decide.h"

#include "base/check.h"

struct route_facts decide_facts(const struct request *r, bool count_tokens)
{
    return (struct route_facts){
        .model = span_str(r->model),
        .input_tokens = count_tokens ? request_estimate_tokens(r) : 0,
        .has = (r->has_tools ? ROUTE_HAS_TOOLS : 0u) | (r->has_images ? ROUTE_HAS_IMAGES : 0u) |
               (r->wants_json ? ROUTE_HAS_JSON : 0u),
        .difficulty_milli = -1,
    };
}

static bool decide_allows(const struct key_settings *key, const struct route_settings *r)
{
    return key == NULL || key_may_use_route(key, span_str(r->name));
}

enum decide decide_route(const struct settings *s, const struct key_settings *key,
                         const struct route_facts *f, struct span named, struct decision *out)
{
    const struct route_settings *r = settings_find_route(s, named.len > 0 ? named : f->model);

    *out = (struct decision){.asked = settings_find_model(s, f->model)};
    if (named.len > 0 && r == NULL)
        return DECIDE_NO_ROUTE;
    if (r != NULL && !decide_allows(key, r))
        return DECIDE_NOT_ALLOWED;
    for (size_t i = 0; i < s->route_count && r == NULL; i++)
        if (decide_allows(key, &s->routes[i]) && route_matches(&s->routes[i], f))
            r = &s->routes[i];
    out->route = r;
    return out->asked != NULL || (r != NULL && r->tier_count > 0) ? DECIDE_OK : DECIDE_NO_MODEL;
}

int64_t decide_output_limit(const struct request *r, const struct route_settings *route)
{
    int64_t most = route != NULL ? route->max_output_tokens : 0;

    if (r->api == API_EMBEDDINGS || r->api == API_COUNT_TOKENS)
        return 0;
    return r->max_output_tokens > 0 && r->max_output_tokens <= most ? 0 : most;
}

static int64_t decide_max(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Raises *out to what the model could need; *dearest_pusd to what it could cost. */
static bool decide_bound_model(const struct request *r, const struct decision *d,
                               const struct model_settings *m, const struct bound_terms *terms,
                               struct decide_bound *out, int64_t *dearest_pusd)
{
    int64_t limit = decide_output_limit(r, d->route);
    struct bound b;

    if (!bound_request(r, m, terms, &b))
        return false;
    if (limit > 0 && b.output_tokens > limit)
        bound_limit(&b, limit);
    out->input_tokens = decide_max(out->input_tokens, b.input_tokens);
    out->output_tokens = decide_max(out->output_tokens, b.output_tokens);
    *dearest_pusd = decide_max(*dearest_pusd, b.total_pusd);
    return true;
}

bool decide_bound(const struct settings *s, const struct request *r, const struct decision *d,
                  const struct bound_terms *terms, struct decide_bound *out)
{
    size_t tiers = d->route != NULL ? d->route->tier_count : 0;
    bool bounded = true;

    *out = (struct decide_bound){0};
    CHECK(tiers > 0 || d->asked != NULL);
    if (tiers == 0)
        return decide_bound_model(r, d, d->asked, terms, out, &out->total_pusd);
    for (size_t t = 0; t < tiers && bounded; t++) {
        const struct route_tier *tier = &d->route->tiers[t];
        int64_t dearest_pusd = 0;

        for (size_t c = 0; c < tier->count && bounded; c++)
            bounded = decide_bound_model(r, d, &s->models[tier->choices[c].model_index], terms, out,
                                         &dearest_pusd);
        out->total_pusd = money_add(out->total_pusd, dearest_pusd);
    }
    return bounded;
}
