/* eval route: what each request would be taken for, and where it would go. */
#include "command/eval.h"
#include "command/explain.h"
#include "net/sys.h"

struct eval_route_state {
    struct explain explain;
    struct explain_scratch scratch;
    uint64_t routed;
    uint64_t unknown; /* workloads */
    int64_t total_pusd;
    char body[EVAL_LINE_BYTES];
};

static bool route_body(struct eval *e, struct eval_route_state *s, struct span *body)
{
    bool found = false;
    struct span prompt;
    struct fmt f;

    if (!eval_object(e, "request", body, &found))
        return false;
    if (found)
        return true;
    if (!eval_text(e, "prompt", &prompt, &found))
        return false;
    if (!found)
        return eval_refuse(e, "neither \"prompt\" (a text) nor \"request\" (an object) is there");
    fmt_init(&f, s->body, sizeof(s->body));
    if (!explain_prompt(prompt, &f))
        return eval_refuse(e, "\"prompt\" is too long");
    *body = fmt_span(&f);
    return true;
}

static void route_write_tiers(struct eval *e, const struct decision *d)
{
    struct json_write *w = &e->out;

    json_write_key(w, "tiers");
    json_write_array(w);
    if (d->route == NULL || d->route->tier_count == 0) {
        if (d->asked != NULL)
            json_write_str(w, d->asked->name);
        json_write_array_end(w);
        return;
    }
    for (size_t t = 0; t < d->route->tier_count; t++)
        for (size_t c = 0; c < d->route->tiers[t].count; c++) {
            char text[CONFIG_NAME_BYTES + 8];
            struct fmt f;

            fmt_init(&f, text, sizeof(text));
            fmt_str(&f, d->route->tiers[t].choices[c].model);
            if (route_judges(d->route, t)) {
                fmt_char(&f, '@');
                fmt_milli(&f, d->route->tiers[t].bar_milli);
            }
            json_write_text(w, fmt_span(&f));
        }
    json_write_array_end(w);
}

static bool eval_route_line(struct eval *e)
{
    struct eval_route_state *s = e->state;
    struct explain *x = &s->explain;
    struct json_write *w = &e->out;
    struct span body;

    if (!route_body(e, s, &body))
        return false;
    if (!explain_request(x, e->settings, e->classifier, body, &s->scratch, sys_wall_ms())) {
        fmt_init(&e->reason, e->reason_text, sizeof(e->reason_text));
        explain_refusal(&x->request, &e->reason);
        return false;
    }
    json_write_key(w, "workload");
    json_write_text(w, workload_guess_name(&x->workload));
    json_write_key(w, "confidence");
    json_write_milli(w, x->workload.confidence_milli);
    if (x->workload.difficulty_milli >= 0) {
        json_write_key(w, "difficulty");
        json_write_milli(w, x->workload.difficulty_milli);
    }
    json_write_key(w, "route");
    if (x->decision.route != NULL)
        json_write_str(w, x->decision.route->name);
    else
        json_write_null(w);
    route_write_tiers(e, &x->decision);
    json_write_key(w, "input_tokens");
    json_write_i64(w, x->facts.input_tokens);
    json_write_key(w, "input_bound");
    json_write_i64(w, tokens_bound(body.len));
    json_write_key(w, "max_cost");
    if (x->bounded)
        json_write_usd(w, x->bound.total_pusd);
    else
        json_write_null(w);
    s->routed += x->decision.route != NULL;
    s->unknown += span_equal(workload_guess_name(&x->workload), SPAN(WORKLOAD_UNKNOWN_NAME));
    if (x->bounded)
        s->total_pusd = money_add(s->total_pusd, x->bound.total_pusd);
    return true;
}

static void eval_route_summary(const struct eval *e, struct fmt *out)
{
    const struct eval_route_state *s = e->state;

    fmt_u64(out, s->routed);
    fmt_str(out, " match a route, the workload of ");
    fmt_u64(out, s->unknown);
    fmt_str(out, " is unknown, all together could cost ");
    fmt_usd_short(out, s->total_pusd, 6);
    fmt_str(out, " USD\n");
}

const struct eval_kind eval_route = {
    .name = "route",
    .in = "prompt or request",
    .out = "workload, confidence, difficulty (where there are weights), route, tiers, "
           "input_tokens, input_bound, max_cost (USD)",
    .needs_config = true,
    .state_bytes = sizeof(struct eval_route_state),
    .line = eval_route_line,
    .summary = eval_route_summary,
};
