/* preview - `x-farthing-dry-run: 1`: what would be done and what it could cost, and nobody is
 * called.
 */
#include "gateway/gateway.h"
#include "gateway/respond.h"
#include "json/write.h"

enum { PREVIEW_BYTES = 4096 }; /* 12 models in tiers are 1,400 */

static void preview_usd(struct json_write *w, const char *name, int64_t pusd)
{
    json_write_key(w, name);
    json_write_usd(w, pusd);
}

static void preview_i64(struct json_write *w, const char *name, int64_t value)
{
    json_write_key(w, name);
    json_write_i64(w, value);
}

static void preview_budget(struct json_write *w, const struct budget_verdict *v)
{
    json_write_key(w, "budget");
    if (v->budget == NULL) {
        json_write_null(w);
        return;
    }
    json_write_object(w);
    json_write_key(w, "name");
    json_write_str(w, v->budget->name);
    json_write_key(w, "per");
    json_write_str(w, budget_period_name((enum budget_period)v->budget->per));
    preview_usd(w, "limit", v->budget->limit_pusd);
    preview_usd(w, "spent", v->spent_pusd);
    preview_usd(w, "held", v->held_pusd);
    preview_usd(w, "remaining", v->left_pusd);
    json_write_object_end(w);
}

/* The models that may be asked, in order, with the score their answers need. */
static void preview_tiers(struct json_write *w, const struct exchange *x)
{
    json_write_key(w, "tiers");
    json_write_array(w);
    for (size_t t = 0; x->route != NULL && t < x->route->tier_count; t++) {
        const struct route_tier *tier = &x->route->tiers[t];

        for (size_t c = 0; c < tier->count; c++) {
            json_write_object(w);
            json_write_key(w, "tier");
            json_write_i64(w, (int64_t)t + 1);
            json_write_key(w, "model");
            json_write_str(w, tier->choices[c].model);
            json_write_key(w, "bar");
            json_write_milli(w, route_judges(x->route, t) ? tier->bar_milli : 0);
            json_write_object_end(w);
        }
    }
    json_write_array_end(w);
}

static void preview_cache(struct json_write *w, struct exchange *x)
{
    enum cache_found found = recall_peek(x);

    json_write_key(w, "cache");
    if (!x->recall.on)
        json_write_str(w, "off");
    else
        json_write_str(w, found == CACHE_FRESH ? "hit" : "miss");
}

/* What compression would do, and what leaving alone the vendor's prompt cache has to do with it. */
static void preview_packed(struct json_write *w, struct exchange *x, int64_t now_ms)
{
    struct lease body = {0};
    static const char *const summaries[] = {
        [PACK_NO_TEXT] = "none", [PACK_UNPAID] = "unpaid", [PACK_FAILED] = "failed",
        [PACK_ASKED] = "ask",    [PACK_KEPT] = "kept",
    };
    struct packed p = {.tried = false};

    if (!exchange_packs(x))
        return;
    if (pack_body(x, &body, &p, true, now_ms))
        lease_give(&x->gateway->bodies, &body);
    json_write_key(w, "compress");
    json_write_object(w);
    json_write_key(w, "passes");
    json_write_array(w);
    for (int i = 0; i < COMPRESS_PASSES; i++)
        if ((p.acted & 1u << i) != 0)
            json_write_str(w, compress_pass_name((enum compress_pass)i));
    json_write_array_end(w);
    preview_i64(w, "bytes_before", (int64_t)x->request.body.len);
    preview_i64(w, "bytes_after", (int64_t)(p.changed ? p.bytes_after : x->request.body.len));
    preview_i64(w, "tokens_saved", p.tokens_cut);
    json_write_key(w, "prefix_kept");
    json_write_bool(w, p.kept_prefix);
    preview_usd(w, "prefix_keep_cost", p.sum.keep_pusd);
    preview_usd(w, "prefix_change_cost", p.sum.change_pusd);
    json_write_key(w, "summary");
    json_write_str(w, summaries[p.summary]);
    preview_usd(w, "summary_cost", p.summary_cost_pusd);
    preview_usd(w, "summary_saving", p.summary_saving_pusd);
    json_write_object_end(w);
}

/* Whether the conversation stays where a vendor holds it. */
static void preview_switch(struct json_write *w, const struct exchange *x)
{
    if (x->change.holder == NULL)
        return;
    json_write_key(w, "switch");
    json_write_object(w);
    json_write_key(w, "held_by");
    json_write_str(w, x->change.holder->name);
    preview_usd(w, "stay_cost", x->change.sum.stay_pusd);
    preview_usd(w, "switch_cost", x->change.sum.go_pusd);
    json_write_key(w, "stays");
    json_write_bool(w, x->change.stays);
    json_write_object_end(w);
}

/* What the route's own model expects of the next tier. */
static void preview_learning(struct json_write *w, const struct exchange *x)
{
    const struct learner *l = x->learning.learner;

    if (l == NULL)
        return;
    json_write_key(w, "learn");
    json_write_object(w);
    json_write_key(w, "state");
    json_write_str(w, l->state == LEARN_CALIBRATED ? "calibrated" : "uncalibrated");
    preview_i64(w, "updates", l->model.updates);
    json_write_key(w, "order");
    json_write_milli(w, l->order_milli);
    json_write_key(w, "gain");
    json_write_milli(w, x->learning.gain_milli);
    json_write_key(w, "first_tier_skipped");
    json_write_bool(w, x->plan.passed_over);
    json_write_object_end(w);
}

static void preview_write(struct exchange *x, struct fmt *out, int64_t now_ms)
{
    struct budget_subject subject = exchange_subject(x);
    int64_t left_pusd =
        budget_left(&x->gateway->budgets, &subject, gateway_wall_ms(x->gateway), &x->budget);
    bool bounded = exchange_bound(x);
    struct json_write w;

    json_write_start(&w, out);
    json_write_object(&w);
    json_write_key(&w, "object");
    json_write_str(&w, "farthing.dry_run");
    json_write_key(&w, "route");
    if (x->route != NULL)
        json_write_str(&w, x->route->name);
    else
        json_write_null(&w);
    json_write_key(&w, "workload");
    if (x->workload.len > 0)
        json_write_text(&w, x->workload);
    else
        json_write_null(&w);
    if (x->difficulty_milli >= 0) {
        json_write_key(&w, "difficulty");
        json_write_milli(&w, x->difficulty_milli);
    }
    preview_tiers(&w, x);
    json_write_key(&w, "model");
    json_write_str(&w, x->model->name);
    json_write_key(&w, "upstream");
    json_write_str(&w, x->up->settings->name);
    json_write_key(&w, "key");
    if (x->key != NULL)
        json_write_str(&w, x->key->name);
    else
        json_write_null(&w);
    preview_i64(&w, "input_tokens", exchange_input_estimate(x));
    json_write_key(&w, "bounded");
    json_write_bool(&w, bounded);
    if (bounded) {
        preview_i64(&w, "input_bound", x->bound.input_tokens);
        preview_i64(&w, "output_bound", x->bound.output_tokens * x->request.choices);
        preview_usd(&w, "max_cost", x->bound.total_pusd);
    }
    json_write_key(&w, "admitted");
    json_write_bool(&w, x->budget.budget == NULL || (bounded && x->bound.total_pusd <= left_pusd) ||
                            (bounded && bound_output_within(&x->bound, left_pusd) > 0 &&
                             (x->request.max_output_tokens == 0 || x->budget.budget->clamp)));
    preview_budget(&w, &x->budget);
    preview_cache(&w, x);
    preview_packed(&w, x, now_ms);
    preview_learning(&w, x);
    preview_switch(&w, x);
    json_write_object_end(&w);
    json_write_done(&w);
}

bool preview_is_asked(const struct exchange *x)
{
    struct span asked = http_head_field(&x->conn->head, "x-farthing-dry-run");

    return asked.len > 0 && !span_equal(asked, SPAN("0"));
}

enum stage_result stage_preview(struct exchange *x, int64_t now_ms)
{
    struct conn *c = x->conn;
    char text[PREVIEW_BYTES];
    struct fmt f;

    if (!preview_is_asked(x))
        return STAGE_NEXT;
    if (x->model == NULL && !exchange_pick(x, now_ms))
        return STAGE_REFUSE;
    fmt_init(&f, text, sizeof(text));
    preview_write(x, &f, now_ms);
    x->conn = NULL;
    respond_text(c, 200, "application/json", fmt_span(&f), gateway_wall_ms(x->gateway), now_ms);
    return STAGE_REPLY;
}
