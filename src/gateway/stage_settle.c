/* settle - what the call cost, in every ending, exactly once. */
#include "gateway/gateway.h"

enum {
    SETTLE_CALIBRATE_FIRST = 32,
    SETTLE_CALIBRATE_EVERY = 16,
    SETTLE_CALIBRATE_BYTES = 8192, /* 100 instructions a byte: 2 ms at 400 MIPS */
};

/* A vendor bills an answer, not an error; a request that was sent and never answered may have been
 * billed for its input, so that is assumed. */
static struct usage settle_usage(const struct exchange *x)
{
    struct usage none = {.known = true};

    if (!x->called || !x->call.request_sent || x->upstream_status >= 300)
        return none;
    if (answer_knows_usage(&x->answer))
        return x->answer.usage;
    return answer_usage(&x->answer, exchange_input_estimate(x), exchange_output_estimate(x));
}

/* An answer that came from the cache or from another one's call: what it was made of when it was
 * paid for, and nothing is paid now. */
static struct usage settle_given(const struct exchange *x)
{
    return answer_usage(&x->answer,
                        answer_knows_usage(&x->answer) ? 0 : request_estimate_tokens(&x->request),
                        answer_output_estimate(&x->answer));
}

static int64_t settle_cost(const struct exchange *x)
{
    int64_t cost_pusd =
        x->model->free ? 0 : price_cost_pusd(&x->model->price, &x->usage, x->started_wall_ms);

    /* A guess is never above what the request allowed. */
    if (x->usage.estimated && x->hold.count > 0 && cost_pusd > x->hold.amount_pusd)
        return x->hold.amount_pusd;
    return cost_pusd;
}

/* A vendor that counted more than what bounds a request (text of its own in front of ours) will do
 * so again: the next reservations allow for it. */
static void settle_learn(struct exchange *x)
{
    int64_t excess = x->usage.input - x->bound.input_tokens;
    struct diag_line l;

    if (x->hold.count == 0 || x->usage.estimated || excess <= 0)
        return;
    x->up->overhead_tokens += excess;
    diag_open(&x->gateway->diag, DIAG_WARN, &l);
    fmt_str(&l.text, "upstream ");
    fmt_str(&l.text, x->up->settings->name);
    fmt_str(&l.text, " counted ");
    fmt_i64(&l.text, excess);
    fmt_str(&l.text, " input tokens more than the request has bytes: reserved from now on");
    diag_close(&l);
}

/* Estimates are measured against what the vendor counted: its vocabulary is not ours. The output's
 * is there anyway; the input's costs a pass over the body, so most calls go without. */
static void settle_calibrate(struct exchange *x)
{
    struct upstream *u = x->up;
    bool sampled = !x->inputs.merging &&
                   (u->calls <= SETTLE_CALIBRATE_FIRST || u->calls % SETTLE_CALIBRATE_EVERY == 0);

    if (!x->usage.known || x->usage.estimated || x->upstream_status >= 300)
        return;
    token_calibration_feed(&u->calibration, answer_output_estimate(&x->answer),
                           x->usage.output - x->usage.reasoning);
    /* Tools and images are counted by rules of their own. */
    if (sampled && !x->request.has_tools && !x->request.has_media &&
        x->request.body.len <= SETTLE_CALIBRATE_BYTES)
        token_calibration_feed(&u->calibration, request_estimate_tokens(&x->request),
                               x->usage.input);
}

/* Something that the vendor may bill and that is not in the cost: told once. */
static void settle_tell_unknown(struct exchange *x)
{
    struct diag_line l;

    if (x->usage.unknown[0] == '\0' || x->up->told_unknown_usage)
        return;
    x->up->told_unknown_usage = true;
    diag_open(&x->gateway->diag, DIAG_WARN, &l);
    fmt_str(&l.text, "upstream ");
    fmt_str(&l.text, x->up->settings->name);
    fmt_str(&l.text, " reports usage in a field that is not known: \"");
    fmt_str(&l.text, x->usage.unknown);
    fmt_str(&l.text, "\"; its tokens have no price of their own here (told once)");
    diag_close(&l);
}

static void settle_tags(struct exchange *x)
{
    if (x->usage.estimated)
        x->tags |= TAG_ESTIMATED;
    if (x->departed)
        x->tags |= TAG_ABORTED;
    if (x->call.retried)
        x->tags |= TAG_RETRIED;
    if (x->up != NULL && x->up->settings->dialect == DIALECT_STANDIN)
        x->tags |= TAG_DEMO;
}

/* The model that the client asked for; else the one that is compared with such; else the best that
 * the route could have asked. */
static const struct model_settings *settle_baseline_model(const struct exchange *x)
{
    const struct settings *s = &x->use->settings;

    if (x->asked != NULL)
        return x->asked;
    if (s->server.baseline[0] != '\0')
        return settings_find_model(s, span_str(s->server.baseline));
    return &s->models[x->route->tiers[x->route->tier_count - 1].choices[0].model_index];
}

/* What the call would have cost with the model it is compared with. */
static int64_t settle_baseline(const struct exchange *x)
{
    const struct model_settings *m = settle_baseline_model(x);
    struct usage asked = x->usage;

    if (x->batched) /* as it would have been alone */
        asked.input = exchange_input_estimate(x);
    if (x->abandoned || x->purpose != PURPOSE_ANSWER)
        return 0; /* what the delivered one would have cost is counted there */
    if (m == x->model && x->called && !x->packed.changed && x->early.saved_tokens == 0 &&
        x->inputs.extra_tokens == 0)
        return x->cost_pusd;
    /* With the tokens as the client sent them, and those that a cut has saved. */
    if (x->packed.changed)
        asked.input += token_calibration_apply(&x->up->calibration, x->packed.tokens_cut);
    asked.output += x->early.saved_tokens;
    asked.input += x->inputs.extra_tokens;
    return m->free ? 0 : price_cost_pusd(&m->price, &asked, x->started_wall_ms);
}

/* How long the route's answers are that their vendor has ended, and what a cut has saved of such.
 */
static void settle_saved(struct exchange *x)
{
    struct stop_mean *mean = early_mean(x);

    if (mean == NULL || x->upstream_status != 200)
        return;
    if (x->answer.end == ANSWER_WHOLE)
        stop_mean_feed(mean, x->usage.output);
    else if ((x->tags & TAG_STOPPED) != 0)
        x->early.saved_tokens =
            stop_saved(mean, x->usage.output, x->up->settings->on_abort == ON_ABORT_DRAIN);
}

/* The key's tokens a minute: what was taken at first is given back once. */
static void settle_rate(struct exchange *x, int64_t used_tokens, int64_t now_ms)
{
    if (x->key != NULL && x->key->tpm > 0)
        key_rate_settle(&x->key_state->tokens, x->key->tpm, x->rate_taken_tokens, used_tokens,
                        now_ms);
    x->rate_taken_tokens = 0;
}

/* Nothing was asked for it: an answer of the cache's, of another one's call, or a share of one. */
static void settle_free(struct exchange *x, int64_t now_ms)
{
    if (!x->batched)
        x->usage = settle_given(x);
    x->baseline_pusd = settle_baseline(x);
    settle_tags(x);
    settle_rate(x, x->batched ? x->usage.input + x->usage.output : 0, now_ms);
}

static void settle_call(struct exchange *x, int64_t now_ms)
{
    x->usage = settle_usage(x);
    x->cost_pusd = settle_cost(x);
    settle_saved(x);
    x->baseline_pusd = settle_baseline(x);
    settle_learn(x);
    settle_calibrate(x);
    settle_tell_unknown(x);
    settle_tags(x);
    settle_rate(x, x->usage.input + x->usage.output, now_ms);
}

bool exchange_has_line(const struct exchange *x)
{
    return (x->called && !x->shared) || x->hit || x->coalesced || x->batched;
}

enum stage_result stage_settle(struct exchange *x, int64_t now_ms)
{
    if (x->settled)
        return STAGE_NEXT;
    x->settled = true;
    x->ended_ms = now_ms;
    if (x->called)
        settle_call(x, now_ms);
    else if (exchange_has_line(x))
        settle_free(x, now_ms);
    learning_settled(x, now_ms);
    if (x->purpose == PURPOSE_BATCH)
        x->shared = batch_finish(x, now_ms);
    return STAGE_NEXT;
}
