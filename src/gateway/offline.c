#include "gateway/offline.h"

static bool all_away(const struct exchange *x, const struct route_choice *choices, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct model_settings *m = &x->use->settings.models[choices[i].model_index];

        if (!x->use->upstreams[m->upstream_index].away)
            return false;
    }
    return true;
}

bool offline_route(const struct exchange *x)
{
    const struct route_settings *r = x->route;

    if (r == NULL || !all_away(x, r->fallbacks, r->fallback_count))
        return false;
    for (size_t i = 0; i < r->tier_count; i++)
        if (!all_away(x, r->tiers[i].choices, r->tiers[i].count))
            return false;
    return r->tier_count > 0 ||
           (x->asked != NULL && x->use->upstreams[x->asked->upstream_index].away);
}

bool offline_gateway(const struct gateway *g)
{
    const struct config_use *use = g->current;
    size_t far = 0;
    size_t far_away = 0;
    size_t near = 0;
    size_t near_away = 0;

    for (size_t i = 0; i < use->settings.upstream_count; i++) {
        const struct upstream *u = &use->upstreams[i];
        size_t away = u->away ? 1 : 0;

        if (u->settings->dialect == DIALECT_STANDIN)
            continue;
        far += u->settings->tls ? 1 : 0;
        far_away += u->settings->tls ? away : 0;
        near += u->settings->tls ? 0 : 1;
        near_away += u->settings->tls ? 0 : away;
    }
    return far > 0 ? far == far_away : near > 0 && near == near_away;
}

void offline_watch(struct gateway *g)
{
    bool offline = offline_gateway(g);

    if (offline == g->offline)
        return;
    g->offline = offline;
    diag_say(&g->diag, offline ? DIAG_WARN : DIAG_INFO,
             offline ? "offline: no vendor can be reached" : "online: a vendor answers again");
}
