#include "gateway/reload.h"

#include <string.h>

#include "base/check.h"
#include "gateway/build.h"
#include "gateway/learning.h"
#include "gateway/load.h"
#include "ledger/replay.h"

enum { RELOAD_CHECKPOINT_LINES = 4096 /* a start then reads under 1 MB of ledger */ };

static struct config_use *reload_other_use(struct gateway *g)
{
    return g->current == g->uses[0] ? g->uses[1] : g->uses[0];
}

static void reload_drop_idle(struct gateway *g, struct config_use *use)
{
    for (size_t i = 0; i < use->settings.upstream_count; i++)
        idle_drop(g->idle, &use->upstreams[i].endpoint);
}

static bool reload_listens_alike(const struct server_settings *a, const struct server_settings *b)
{
    return a->listen_count == b->listen_count &&
           memcmp(a->listen, b->listen, sizeof(a->listen)) == 0 &&
           memcmp(a->listen_tls, b->listen_tls, sizeof(a->listen_tls)) == 0;
}

/* Names what differs of all that only a start takes. */
static void reload_tell_fixed(struct gateway *g, const struct settings *next)
{
    const struct settings *now = &g->current->settings;
    const struct {
        const char *name;
        bool same;
    } fixed[] = {
        {"listen", reload_listens_alike(&next->server, &now->server)},
        {"memory", next->server.memory_bytes == now->server.memory_bytes},
        {"connections", next->server.connections == now->server.connections},
        {"tls_connections", next->server.tls_connections == now->server.tls_connections},
        {"max_body", next->server.max_body_bytes == now->server.max_body_bytes},
        {"ca", strcmp(next->server.ca, now->server.ca) == 0},
        {"[ledger] path", strcmp(next->ledger.path, now->ledger.path) == 0},
        {"[cache] size",
         next->cache.size_bytes == now->cache.size_bytes && next->cache_on == now->cache_on},
        {"[cache] snapshot", strcmp(next->cache.snapshot, now->cache.snapshot) == 0},
        {"weights", strcmp(next->classify.weights, now->classify.weights) == 0 &&
                        strcmp(next->classify.difficulty, now->classify.difficulty) == 0},
    };
    struct diag_line l;
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_LEN(fixed); i++) {
        if (fixed[i].same)
            continue;
        if (count++ == 0)
            diag_open(&g->diag, DIAG_WARN, &l);
        fmt_str(&l.text, count == 1 ? "reload: what changed of " : ", ");
        fmt_str(&l.text, fixed[i].name);
    }
    if (count == 0)
        return;
    fmt_str(&l.text, " needs a restart; until then the old stays");
    diag_close(&l);
}

/* What was carved or bound at start, or is beneath a folder that was, stays as it was. */
static void reload_keep_fixed(struct gateway *g, struct settings *next)
{
    const struct settings *now = &g->current->settings;

    reload_tell_fixed(g, next);
    next->server.memory_bytes = now->server.memory_bytes;
    next->server.connections = now->server.connections;
    next->server.max_body_bytes = now->server.max_body_bytes;
    next->server.listen_count = now->server.listen_count;
    memcpy(next->server.listen, now->server.listen, sizeof(now->server.listen));
    memcpy(next->server.listen_tls, now->server.listen_tls, sizeof(now->server.listen_tls));
    next->server.tls_connections = now->server.tls_connections;
    memcpy(next->server.ca, now->server.ca, sizeof(now->server.ca));
    memcpy(next->ledger.path, now->ledger.path, sizeof(now->ledger.path));
    memcpy(next->cache.snapshot, now->cache.snapshot, sizeof(now->cache.snapshot));
}

/* The memory and the anchors were made for what was configured at start. */
static bool reload_fits(struct gateway *g, const struct settings *next)
{
    if (g->judge == NULL && build_judges(next)) {
        diag_say(
            &g->diag, DIAG_ERROR,
            "reload: the first tiers or fallbacks need a restart; the old configuration stays");
        return false;
    }
    for (size_t i = 0; i < next->route_count; i++)
        if (next->routes[i].learn && learning_find(g, next->routes[i].name) == NULL) {
            diag_say(&g->diag, DIAG_ERROR,
                     "reload: a route that begins to learn needs a restart; the old configuration "
                     "stays");
            return false;
        }
    for (size_t i = 0; i < next->upstream_count; i++) {
        const struct upstream_settings *u = &next->upstreams[i];
        bool tls = u->tls && u->dialect != DIALECT_STANDIN;

        if ((tls && g->anchors == NULL) || (u->dialect == DIALECT_STANDIN && g->vendor == NULL)) {
            diag_say(&g->diag, DIAG_ERROR,
                     "reload: the first https or stand-in upstream needs a restart; the old "
                     "configuration stays");
            return false;
        }
    }
    return true;
}

static struct span reload_upstream_of(const void *ctx, struct span model)
{
    const struct model_settings *m = settings_find_model(ctx, model);

    return m != NULL ? span_str(m->upstream) : SPAN_EMPTY;
}

/* Budgets of this configuration, with all that the ledger says was spent. */
void reload_budgets(struct gateway *g)
{
    const struct settings *s = &g->current->settings;
    const struct replay_models models = {reload_upstream_of, s};
    struct replay_counts counts;
    struct diag_line l;

    g->budgets.zone = s->server.zone;
    budget_configure(&g->budgets, s->budgets, s->budget_count);
    g->current->addresses_matter = false;
    for (size_t i = 0; i < s->budget_count; i++)
        if (s->budgets[i].of == BUDGET_OF_EACH_ADDRESS)
            g->current->addresses_matter = true;
    /* Lines that wait for the disk are only known here. */
    if (s->budget_count == 0 || (g->ledger.lines > 0 && !ledger_is_flushed(&g->ledger)))
        return;
    budget_forget_spent(&g->budgets);
    replay_budgets(&g->budgets, &s->ledger, &models, &counts);
    diag_open(&g->diag, DIAG_INFO, &l);
    fmt_str(&l.text, "budgets: rebuilt from ");
    fmt_u64(&l.text, counts.lines);
    fmt_str(&l.text, " lines of the ledger");
    fmt_str(&l.text, counts.from_checkpoint ? " after its checkpoint" : "");
    diag_close(&l);
}

/* Between two turns every line that was written is settled, and the other way round. */
void reload_checkpoint(struct gateway *g, bool at_end)
{
    bool due = g->ledger.rotations != g->checkpoint_files ||
               g->ledger.lines - g->checkpoint_lines >= RELOAD_CHECKPOINT_LINES ||
               (at_end && g->ledger.lines > g->checkpoint_lines);
    struct checkpoint_position at;

    if (!due || g->budgets.count == 0 || !ledger_is_flushed(&g->ledger))
        return;
    g->checkpoint_files = g->ledger.rotations;
    g->checkpoint_lines = g->ledger.lines;
    if (replay_position(g->ledger.settings, &at) &&
        checkpoint_write(g->ledger.settings, &g->budgets, &at) < 0)
        diag_say(&g->diag, DIAG_WARN,
                 "ledger: the checkpoint of the budgets cannot be written; the next start reads "
                 "the whole ledger");
}

/* Rates of keys that stay go on. */
static void reload_adopt_keys(const struct config_use *old, struct config_use *next)
{
    for (size_t i = 0; i < next->settings.key_count; i++)
        for (size_t k = 0; k < old->settings.key_count; k++)
            if (strcmp(next->settings.keys[i].name, old->settings.keys[k].name) == 0)
                next->key_states[i] = old->key_states[k];
}

/* And what is known of vendors. */
static void reload_adopt_upstreams(struct config_use *old, struct config_use *next,
                                   void (*adopt)(struct upstream *u, struct upstream *old))
{
    for (size_t i = 0; i < next->settings.upstream_count; i++)
        for (size_t k = 0; k < old->settings.upstream_count; k++)
            if (strcmp(next->settings.upstreams[i].name, old->settings.upstreams[k].name) == 0 &&
                strcmp(next->settings.upstreams[i].url, old->settings.upstreams[k].url) == 0)
                adopt(&next->upstreams[i], &old->upstreams[k]);
}

/* And of the routes' answers. */
static void reload_adopt_routes(const struct config_use *old, struct config_use *next)
{
    for (size_t i = 0; i < next->settings.route_count; i++)
        for (size_t k = 0; k < old->settings.route_count; k++)
            if (strcmp(next->settings.routes[i].name, old->settings.routes[k].name) == 0)
                next->stop_means[i] = old->stop_means[k];
}

void reload_now(struct gateway *g, int64_t now_ms)
{
    struct config_use *next = reload_other_use(g);
    struct config_use *old = g->current;

    g->reload_waiting = next->users > 0 || secure_is_busy(g);
    if (g->reload_waiting) {
        diag_say(&g->diag, DIAG_INFO, "reload: waits for requests that began before the last one");
        return;
    }
    /* What ended under it after the last reload. */
    reload_adopt_upstreams(next, old, upstream_take_counts);
    memset(next, 0, sizeof(*next));
    if (!load_settings(g->options, &next->settings, &g->diag)) {
        diag_say(&g->diag, DIAG_ERROR, "reload: the old configuration stays");
        return;
    }
    if (!reload_fits(g, &next->settings))
        return;
    reload_keep_fixed(g, &next->settings);
    build_upstreams(g, next);
    g->current = next;
    reload_adopt_keys(old, next);
    reload_adopt_upstreams(old, next, upstream_adopt);
    reload_adopt_routes(old, next);
    g->ledger.settings = &next->settings.ledger;
    if (g->trend != NULL)
        g->trend->zone = next->settings.server.zone;
    g->snapshot.path = next->settings.cache.snapshot;
    g->snapshot.every_ms = next->settings.cache.snapshot_every_ms;
    ledger_flush_now(&g->ledger, now_ms);
    reload_budgets(g);
    g->diag.level = (enum diag_level)next->settings.server.log_level;
    g->server.head_timeout_ms = next->settings.server.head_timeout_ms;
    g->server.body_timeout_ms = next->settings.server.body_timeout_ms;
    g->server.idle_timeout_ms = next->settings.server.idle_timeout_ms;
    secure_reload(g, &next->settings.server);
    reload_drop_idle(g, old);
    diag_say(&g->diag, DIAG_INFO, "reload: the new configuration is in use");
}

void gateway_release(struct gateway *g, struct config_use *use)
{
    CHECK(use->users > 0);
    use->users--;
    if (use->users == 0 && use != g->current)
        reload_drop_idle(g, use);
}

void reload_go_on(struct gateway *g, int64_t now_ms)
{
    if (g->reload_waiting && reload_other_use(g)->users == 0 && !secure_is_busy(g))
        reload_now(g, now_ms);
}
