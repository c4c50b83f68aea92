#include "gateway/whatif.h"

#include <string.h>

#include "base/hash.h"
#include "base/money.h"
#include "gateway/decide.h"
#include "ledger/replay.h"

const char *const whatif_assumptions[] = {
    "a request is its model, key, workload and input tokens: routes that look at header fields, "
    "tools, images, JSON or difficulty are passed by",
    "answers have as many tokens, and as many from the vendor's prompt cache, from any model",
    "what the cache or another one's call answered stays free where the new route keeps answers",
    "a call of a tier stays one of that tier; where there were none, the first is good enough "
    "(or as often as --pass says)",
    "a request that a budget has no room for is refused, and costs nothing; on_exceed = route asks "
    "the first tier of that route, and cache_only finds nothing that is kept beyond its time",
};
const size_t whatif_assumption_count = sizeof(whatif_assumptions) / sizeof(whatif_assumptions[0]);

bool whatif_start(struct whatif *w, const struct settings *s, const struct summary_options *o,
                  int64_t pass_milli)
{
    memset(w, 0, sizeof(*w));
    w->settings = s;
    w->pass_milli = pass_milli;
    summary_start(&w->before, o);
    summary_start(&w->after, o);
    arena_wrap(&w->arena, w->memory, sizeof(w->memory));
    if (!budget_carve(&w->budgets, &w->arena, BUDGET_ACCOUNTS_DEFAULT))
        return false;
    w->budgets.zone = s->server.zone;
    budget_configure(&w->budgets, s->budgets, s->budget_count);
    return true;
}

static struct span upstream_of(const void *ctx, struct span model)
{
    const struct model_settings *m = settings_find_model(ctx, model);

    return m != NULL ? span_str(m->upstream) : SPAN_EMPTY;
}

static int64_t cost_of(const struct model_settings *m, const struct ledger_line *l)
{
    const struct usage u = {.input = l->input,
                            .cached = l->cached,
                            .output = l->output,
                            .reasoning = l->reasoning,
                            .known = true};

    return m->free ? 0 : price_cost_pusd(&m->price, &u, l->time_unix_ms);
}

static const struct model_settings *tier_model(const struct whatif *w,
                                               const struct route_settings *r, size_t tier)
{
    return &w->settings->models[r->tiers[tier].choices[0].model_index];
}

static bool keeps_answers(const struct whatif *w, const struct route_settings *r)
{
    return r != NULL && r->cache_ms >= 0 ? r->cache_ms > 0 : w->settings->cache_on;
}

/* As settle_baseline() has it: asked for, else [server] baseline, else the last tier. */
static int64_t baseline_of(const struct whatif *w, const struct decision *d,
                           const struct model_settings *used, const struct ledger_line *l)
{
    const struct model_settings *m = d->asked;

    if (l->baseline_pusd == 0)
        return 0; /* of a call that nobody asked for, or was not delivered */
    if (m == NULL && w->settings->server.baseline[0] != '\0')
        m = settings_find_model(w->settings, span_str(w->settings->server.baseline));
    if (m == NULL && d->route != NULL && d->route->tier_count > 0)
        m = tier_model(w, d->route, d->route->tier_count - 1);
    return cost_of(m != NULL ? m : used, l);
}

/* ---- budgets ---- */

static bool was_blocked(const struct whatif *w, uint64_t id)
{
    for (size_t i = 0; i < WHATIF_BLOCKED_IDS; i++)
        if (w->blocked_ids[i] == id)
            return true;
    return false;
}

static struct whatif_block *block_of(struct whatif *w, const struct budget_settings *b,
                                     int64_t unix_ms)
{
    struct whatif_block *k = &w->blocked[b - w->settings->budgets];

    if (k->requests + k->rerouted == 0)
        k->first_unix_ms = unix_ms;
    return k;
}

/* Charges what a line would cost; else the budget that has no room for it. */
static const struct budget_settings *charge(struct whatif *w, const struct ledger_line *l)
{
    const struct replay_models models = {upstream_of, w->settings};
    const struct budget_subject subject = replay_subject(l, &models);
    struct budget_verdict v;
    struct budget_hold hold = {0};

    if (l->cost_pusd == 0)
        return NULL;
    if (!budget_reserve(&w->budgets, &subject, l->cost_pusd, l->time_unix_ms, &hold, &v))
        return v.budget;
    budget_settle(&w->budgets, &hold, l->cost_pusd, l->time_unix_ms);
    return NULL;
}

/* ---- a line ---- */

static void price_line(const struct whatif *w, const struct ledger_line *line,
                       const struct decision *d, const struct model_settings *m,
                       struct ledger_line *l)
{
    bool free_of_cost = (line->tags & (TAG_HIT | TAG_COALESCED)) != 0 && keeps_answers(w, d->route);

    *l = *line;
    l->route = d->route != NULL ? span_str(d->route->name) : SPAN_EMPTY;
    l->used = span_str(m->name);
    l->cost_pusd = free_of_cost ? 0 : cost_of(m, line);
    l->baseline_pusd = baseline_of(w, d, m, line);
    if (!free_of_cost)
        l->tags &= ~(uint32_t)(TAG_HIT | TAG_NEAR | TAG_COALESCED);
    l->tags &= ~(uint32_t)(TAG_ROUTED | TAG_TIER);
    if (d->route != NULL && d->route->tier_count > 0)
        l->tags |= TAG_ROUTED;
}

/* As reserve_reroute() has it: the line under the route that the budget names. */
static bool reroute(const struct whatif *w, const struct ledger_line *line,
                    const struct budget_settings *b, const struct decision *d,
                    struct ledger_line *l)
{
    struct decision other = *d;

    if (b->on_exceed != BUDGET_ROUTE)
        return false;
    other.route = settings_find_route(w->settings, span_str(b->exceed_route));
    if (other.route == NULL || other.route == d->route ||
        (other.route->tier_count == 0 && d->asked == NULL))
        return false;
    price_line(w, line, &other,
               other.route->tier_count > 0 ? tier_model(w, other.route, 0) : d->asked, l);
    return true;
}

static void add_call(struct whatif *w, const struct ledger_line *line, const struct decision *d,
                     const struct model_settings *m)
{
    static const uint8_t key[HASH_SIP_KEY_BYTES] = {0};
    uint64_t id = hash_sip64(key, line->id);
    const struct budget_settings *full;
    const struct budget_settings *first;
    struct ledger_line l;

    if (was_blocked(w, id))
        return;
    price_line(w, line, d, m, &l);
    first = full = charge(w, &l);
    if (full != NULL) {
        w->blocked_ids[w->blocked_next++ % WHATIF_BLOCKED_IDS] = id;
        if (reroute(w, line, full, d, &l))
            full = charge(w, &l);
    }
    if (full != NULL) {
        block_of(w, full, line->time_unix_ms)->requests++;
        return;
    }
    if (first != NULL)
        block_of(w, first, line->time_unix_ms)->rerouted++;
    summary_add(&w->after, &l);
}

/* The rest of a thousand that the first tier's answer would not do for; of any count. */
static int64_t rest_of(const struct whatif *w, int64_t count)
{
    int64_t rest_milli = WHATIF_PASS_ALL_MILLI - w->pass_milli;

    return count / WHATIF_PASS_ALL_MILLI * rest_milli +
           count % WHATIF_PASS_ALL_MILLI * rest_milli / WHATIF_PASS_ALL_MILLI;
}

static void add_escalation(struct whatif *w, const struct ledger_line *line,
                           const struct decision *d)
{
    struct ledger_line l = *line;

    l.input = rest_of(w, line->input);
    l.cached = rest_of(w, line->cached);
    l.output = rest_of(w, line->output);
    l.reasoning = rest_of(w, line->reasoning);
    l.baseline_pusd = 0;
    l.tags = (line->tags & ~(uint32_t)(TAG_HIT | TAG_COALESCED)) | TAG_ESCALATED;
    add_call(w, &l, d, tier_model(w, d->route, 1));
}

void whatif_line(struct whatif *w, const struct ledger_line *line)
{
    const struct settings *s = w->settings;
    const struct route_facts f = {
        .model = line->asked,
        .workload = line->workload,
        .key = line->key,
        .input_tokens = line->input,
        .difficulty_milli = -1,
    };
    bool is_call = (line->tags & (TAG_HIT | TAG_COALESCED)) == 0;
    const struct model_settings *m;
    struct decision d;
    size_t tier;

    if (line->time_unix_ms < w->before.options.since_unix_ms ||
        (w->before.options.until_unix_ms != 0 &&
         line->time_unix_ms >= w->before.options.until_unix_ms))
        return;
    summary_add(&w->before, line);
    if (decide_route(s, NULL, &f, SPAN_EMPTY, &d) != DECIDE_OK ||
        (d.route != NULL && d.route->tier_count == 0 && d.asked == NULL) ||
        (d.route == NULL && d.asked == NULL)) {
        w->unplaced++;
        summary_add(&w->after, line);
        return;
    }
    tier = line->tier > 0 ? line->tier - 1 : 0;
    if (d.route != NULL && d.route->tier_count > 0 && tier >= d.route->tier_count) {
        w->dropped++;
        return;
    }
    if ((d.route == NULL || d.route->tier_count == 0) && tier > 0) {
        w->dropped++;
        return;
    }
    m = d.route != NULL && d.route->tier_count > 0 ? tier_model(w, d.route, tier) : d.asked;
    add_call(w, line, &d, m);
    if (is_call && line->tier == 0 && w->pass_milli < WHATIF_PASS_ALL_MILLI && d.route != NULL &&
        d.route->tier_count > 1)
        add_escalation(w, line, &d);
}
