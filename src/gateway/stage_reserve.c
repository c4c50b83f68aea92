/* reserve - the most that the call can cost is held in every budget that it touches, before it is
 * made. A request that does not limit its answer is limited to what is left. */
#include "base/check.h"
#include "gateway/decide.h"
#include "gateway/gateway.h"

enum { RESERVE_SHARE = 4 };

static void reserve_tell(struct exchange *x, const struct budget_verdict *v)
{
    struct diag_line l;

    diag_open(&x->gateway->diag, DIAG_WARN, &l);
    fmt_str(&l.text, "budget ");
    fmt_str(&l.text, v->warned->name);
    fmt_str(&l.text, " (");
    fmt_visible(&l.text, span_str(v->warned_subject), sizeof(v->warned_subject));
    fmt_str(&l.text, "): ");
    fmt_usd_short(&l.text, v->warned_used_pusd, 4);
    fmt_str(&l.text, " of ");
    fmt_usd_short(&l.text, v->warned->limit_pusd, 4);
    fmt_str(&l.text, " USD are spent or held");
    diag_close(&l);
}

static void reserve_say_reset(struct fmt *f, const struct budget_verdict *v)
{
    if (v->reset_unix_ms == INT64_MAX) {
        fmt_str(f, "; it never begins anew.");
        return;
    }
    fmt_str(f, "; it begins anew at ");
    fmt_time_utc(f, v->reset_unix_ms);
    fmt_char(f, '.');
}

static enum stage_result reserve_refuse(struct exchange *x, int64_t needs_pusd, int64_t wall_ms)
{
    const struct budget_verdict *v = &x->budget;
    char text[REFUSE_DETAIL_BYTES];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, "Budget \"");
    fmt_str(&f, v->budget->name);
    fmt_str(&f, "\" (per ");
    fmt_str(&f, budget_period_name((enum budget_period)v->budget->per));
    fmt_str(&f, ") has no room: spent ");
    fmt_usd_short(&f, v->spent_pusd, 6);
    fmt_str(&f, " of ");
    fmt_usd_short(&f, v->budget->limit_pusd, 6);
    fmt_str(&f, " USD, ");
    fmt_usd_short(&f, v->held_pusd, 6);
    fmt_str(&f, " held by running calls; this request could cost up to ");
    fmt_usd_short(&f, needs_pusd, 6);
    reserve_say_reset(&f, v);
    refuse_say(&x->refusal, REFUSE_BUDGET, NULL, fmt_span(&f));
    if (x->use->settings.server.budget_status != 0) {
        x->refusal.status = 429;
        if (v->reset_unix_ms != INT64_MAX)
            x->refusal.retry_after_s = (v->reset_unix_ms - wall_ms + 999) / 1000;
    }
    return STAGE_REFUSE;
}

static enum stage_result reserve_unbounded(struct exchange *x)
{
    char text[REFUSE_DETAIL_BYTES];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, "A budget applies, and the cost of this request's images, files or stored parts "
                "cannot be bounded: give `context` for [model ");
    fmt_str(&f, x->model->name);
    fmt_str(&f, "].");
    refuse_say(&x->refusal, REFUSE_BUDGET, NULL, fmt_span(&f));
    return STAGE_REFUSE;
}

bool exchange_bound(struct exchange *x)
{
    int64_t limit = decide_output_limit(&x->request, x->route);
    bool tight = x->use->settings.server.reserve == RESERVE_TIGHT;
    const char *hint = early_hint(x);
    const struct bound_terms terms = {
        .unix_ms = x->started_wall_ms,
        .overhead_tokens = x->up->overhead_tokens + (hint != NULL ? ROUTE_HINT_BYTES : 0),
        .estimate_tokens = tight ? exchange_input_estimate(x) : 0,
    };

    if (!bound_request(&x->request, x->model, &terms, &x->bound))
        return false;
    if (limit > 0 && x->bound.output_tokens > limit)
        bound_limit(&x->bound, limit);
    return true;
}

/* A request that names no limit takes a quarter of what is left at most, so that others that run
 * beside it find room; but not less than an ordinary answer, as long as that fits. */
static int64_t reserve_modest(const struct exchange *x, int64_t left_pusd)
{
    int64_t quarter = bound_output_within(&x->bound, left_pusd / RESERVE_SHARE);
    int64_t all = bound_output_within(&x->bound, left_pusd);

    if (quarter >= BOUND_OUTPUT_TOKENS)
        return quarter;
    return all < BOUND_OUTPUT_TOKENS ? all : BOUND_OUTPUT_TOKENS;
}

/* Lowers the answer's limit so that the call fits into what is left; false when it cannot. */
static bool reserve_fit(struct exchange *x, int64_t left_pusd)
{
    bool free_to_choose = x->request.max_output_tokens == 0;
    int64_t room_pusd = free_to_choose ? left_pusd / RESERVE_SHARE : left_pusd;
    int64_t fits =
        free_to_choose ? reserve_modest(x, left_pusd) : bound_output_within(&x->bound, left_pusd);

    if (x->bound.total_pusd <= room_pusd) {
        /* No limit anywhere: the one that was counted with has to be told to the vendor. */
        if (free_to_choose && x->model->max_output_tokens == 0 && x->bound.output_tokens > 0)
            x->output_limit_tokens = x->bound.output_tokens;
        return true;
    }
    if ((!free_to_choose && !x->budget.budget->clamp) || fits == 0)
        return false;
    x->output_limit_tokens = fits;
    bound_limit(&x->bound, fits);
    return x->bound.total_pusd <= left_pusd;
}

/* A budget may name a cheaper route for when it has no room, once for each request. */
static bool reserve_reroute(struct exchange *x, int64_t now_ms)
{
    const struct budget_settings *b = x->budget.budget;
    const struct route_settings *r;
    struct refusal refusal = x->refusal;

    if (b->on_exceed != BUDGET_ROUTE || x->rerouted || x->purpose != PURPOSE_ANSWER)
        return false;
    r = settings_find_route(&x->use->settings, span_str(b->exceed_route));
    CHECK(r != NULL);
    if (r == x->route || (r->tier_count == 0 && x->asked == NULL))
        return false;
    x->rerouted = true;
    exchange_take_route(x, r);
    if (exchange_pick(x, now_ms))
        return true;
    x->refusal = refusal; /* that the budget has no room is what has to be said */
    return false;
}

/* Without room: another route, or what the cache has, even if its time is over. */
static enum stage_result reserve_otherwise(struct exchange *x, int64_t wall_ms, int64_t now_ms)
{
    if (reserve_reroute(x, now_ms))
        return STAGE_ESCALATE;
    if (x->budget.budget->on_exceed == BUDGET_CACHE_ONLY) {
        x->recall.stale_ms = INT64_MAX;
        if (recall_stale(x))
            return STAGE_DELIVER;
    }
    return reserve_refuse(x, x->bound.total_pusd, wall_ms);
}

/* What cannot be recorded must not be spent. */
static bool reserve_is_recordable(struct exchange *x)
{
    const struct gateway *g = x->gateway;

    if (ledger_takes(&g->ledger, x->use->settings.budget_count > 0))
        return true;
    x->refusal.why = REFUSE_LEDGER;
    return false;
}

enum stage_result stage_reserve(struct exchange *x, int64_t now_ms)
{
    struct gateway *g = x->gateway;
    struct budget_subject subject;
    int64_t wall_ms = gateway_wall_ms(g);
    int64_t left_pusd;

    if (!reserve_is_recordable(x))
        return STAGE_REFUSE;
    if (x->model == NULL && !exchange_pick(x, now_ms))
        return recall_stale(x) ? STAGE_DELIVER : STAGE_REFUSE;
    subject = exchange_subject(x);
    x->output_limit_tokens = decide_output_limit(&x->request, x->route);
    left_pusd = budget_left(&g->budgets, &subject, wall_ms, &x->budget);
    if (x->budget.budget == NULL)
        return STAGE_NEXT;
    if (!exchange_bound(x))
        return reserve_unbounded(x);
    if (!reserve_fit(x, left_pusd) ||
        !budget_reserve(&g->budgets, &subject, x->bound.total_pusd, wall_ms, &x->hold, &x->budget))
        return reserve_otherwise(x, wall_ms, now_ms);
    if (x->budget.warned != NULL)
        reserve_tell(x, &x->budget);
    return STAGE_NEXT;
}
