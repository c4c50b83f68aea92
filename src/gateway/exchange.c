#include "gateway/exchange.h"

#include <stddef.h>
#include <string.h>

#include "base/check.h"
#include "gateway/gateway.h"
#include "gateway/summarize.h"

struct stage {
    const char *name;
    enum stage_result (*run)(struct exchange *x, int64_t now_ms);
};

enum {
    AT_AUTHORIZE,
    AT_UNDERSTAND,
    AT_ROUTE,
    AT_PREVIEW,
    AT_RECALL,
    AT_RESERVE,
    AT_COMPRESS,
    AT_BATCH,
    AT_ASK,
    AT_DELIVER,
    AT_SETTLE,
    AT_RECORD,
    STAGE_COUNT
};

static const struct stage stages[STAGE_COUNT] = {
    [AT_AUTHORIZE] = {"authorize", stage_authorize},
    [AT_UNDERSTAND] = {"understand", stage_understand},
    [AT_ROUTE] = {"route", stage_route},
    [AT_PREVIEW] = {"preview", stage_preview},
    [AT_RECALL] = {"recall", stage_recall},
    [AT_RESERVE] = {"reserve", stage_reserve},
    [AT_COMPRESS] = {"compress", stage_compress},
    [AT_BATCH] = {"batch", stage_batch},
    [AT_ASK] = {"ask", stage_ask},
    [AT_DELIVER] = {"deliver", stage_deliver},
    [AT_SETTLE] = {"settle", stage_settle},
    [AT_RECORD] = {"record", stage_record},
};

static void exchange_name(struct exchange *x)
{
    struct gateway *g = x->gateway;
    struct fmt f;
    uint64_t count = ++g->id_counter;

    fmt_init(&f, x->id, sizeof(x->id));
    fmt_str(&f, "fg-");
    fmt_hex(&f, hash_sip64(g->id_key, span_of((const char *)&count, sizeof(count))), 16);
    (void)fmt_cstr(&f);
}

struct span exchange_word(const struct exchange *x, const char *field, char *out, size_t out_bytes)
{
    struct span value = http_head_field(&x->conn->head, field);
    size_t len = value.len < out_bytes ? value.len : out_bytes;

    for (size_t i = 0; i < len; i++)
        out[i] = value.ptr[i] > ' ' && value.ptr[i] <= '~' ? value.ptr[i] : '_';
    return span_of(out, len);
}

bool exchange_skips(const struct exchange *x, const char *what)
{
    struct span list =
        x->conn != NULL ? http_head_field(&x->conn->head, "x-farthing-skip") : span_str(what);
    struct span word;

    while (list.len > 0 && span_split(&list, ',', &word))
        if (span_equal_fold(span_trim(word), span_str(what)))
            return true;
    return false;
}

static void exchange_words(struct exchange *x)
{
    struct fmt f;

    x->label = exchange_word(x, "x-farthing-label", x->label_text, sizeof(x->label_text));
    x->session = exchange_word(x, "x-farthing-session", x->session_text, sizeof(x->session_text));
    fmt_init(&f, x->address_text, sizeof(x->address_text));
    if (x->use->addresses_matter && x->conn->peer.family != NET_NONE)
        net_addr_fmt_host(&f, &x->conn->peer);
    x->address = fmt_span(&f);
}

struct budget_subject exchange_subject(const struct exchange *x)
{
    return (struct budget_subject){
        .key = x->key != NULL ? span_str(x->key->name) : SPAN_EMPTY,
        .address = x->address,
        .session = x->session,
        .route = x->route != NULL ? span_str(x->route->name) : SPAN_EMPTY,
        .model = span_str(x->model->name),
        .upstream = span_str(x->up->settings->name),
    };
}

/* ---- one call after another ---- */

/* What is of one call only, as at the start. */
static void exchange_clear_call(struct exchange *x, int64_t now_ms)
{
    call_close(&x->call, now_ms);
    lease_give(&x->gateway->bodies, &x->relay.held);
    player_close(&x->player, &x->gateway->bodies);
    if (x->tape != NULL && !x->follows)
        tape_again(x->tape, &x->gateway->bodies);
    early_close(x);
    x->early = (struct early){.on = false};
    memset(&x->relay, 0, offsetof(struct relay, sse));
    x->relay.event_len = 0;
    x->relay.event_ready = 0;
    x->relay.event_passing = false;
    x->inputs.merging = false;
    x->inputs.extra_tokens = 0;
    x->output_limit_tokens = 0;
    x->called = false;
    x->settled = false;
    x->ended_ms = 0;
    x->usage = (struct usage){0};
    x->cost_pusd = 0;
    x->baseline_pusd = 0;
    x->tags = x->route_tags;
    x->upstream_status = 0;
    x->refusal.why = REFUSE_NONE;
    judging_start(&x->judging);
}

void exchange_abandon(struct exchange *x, int64_t now_ms)
{
    x->abandoned = true;
    (void)stage_settle(x, now_ms);
    (void)stage_record(x, now_ms);
    x->abandoned = false;
    x->spent_pusd = money_add(x->spent_pusd, x->cost_pusd);
    exchange_clear_call(x, now_ms);
}

bool exchange_next(struct exchange *x, bool escalates, int64_t now_ms)
{
    struct plan plan = x->plan;
    enum plan_none why;
    const struct model_settings *next = plan_next(x, &plan, escalates, &why, now_ms);

    if (next == NULL || x->gone || x->gateway->stopping)
        return false;
    if (escalates)
        learning_escalated(x);
    exchange_abandon(x, now_ms);
    x->plan = plan;
    x->model = next;
    x->up = &x->use->upstreams[next->upstream_index];
    x->tags |= escalates ? TAG_ESCALATED : TAG_FALLBACK;
    return true;
}

/* ---- the end ---- */

int64_t exchange_input_estimate(const struct exchange *x)
{
    return token_calibration_apply(&x->up->calibration, x->inputs.merging
                                                            ? inputs_estimate_tokens(x)
                                                            : request_estimate_tokens(&x->request));
}

int64_t exchange_output_estimate(const struct exchange *x)
{
    return token_calibration_apply(&x->up->calibration, answer_output_estimate(&x->answer));
}

static void exchange_free(struct exchange *x, int64_t now_ms)
{
    struct gateway *g = x->gateway;
    struct config_use *use = x->use;

    CHECK(x->settled && x->hold.count == 0);
    summarize_end(x, now_ms);
    side_end(x, now_ms);
    batch_leave(x, now_ms);
    call_close(&x->call, now_ms);
    lease_give(&g->bodies, &x->body);
    lease_give(&g->bodies, &x->relay.held);
    lease_give(&g->bodies, &x->kept.bytes);
    inputs_close(x);
    lease_give(&g->bodies, &x->packed_body);
    early_close(x);
    player_close(&x->player, &g->bodies);
    if (x->tape != NULL)
        tape_leave(x->tape, x, &g->tapes, &g->bodies);
    loop_remove(&g->loop, &x->wake);
    pool_give(&g->exchanges, x);
    gateway_release(g, use);
}

/* Nobody has come back for it, and nobody else waits: what is still to come need not be paid. */
static bool exchange_is_unwanted(const struct exchange *x, int64_t now_ms)
{
    return x->departed && x->called && x->tape != NULL && !x->follows && x->tape->users == 1 &&
           now_ms >= x->linger_ms && x->up->settings->on_abort == ON_ABORT_CANCEL;
}

static void exchange_wake(void *ctx, short revents, int64_t now_ms)
{
    struct exchange *x = ctx;

    (void)revents;
    if (now_ms >= x->wake.deadline_ms)
        x->wake.deadline_ms = LOOP_NEVER;
    if (exchange_is_unwanted(x, now_ms)) {
        call_close(&x->call, now_ms);
        x->stage = AT_SETTLE;
    }
    exchange_resume(x, now_ms);
}

struct exchange *exchange_take(struct gateway *g, struct config_use *use, int64_t now_ms)
{
    struct exchange *x = pool_take(&g->exchanges);

    if (x == NULL)
        return NULL;
    x->gateway = g;
    x->use = use;
    use->users++;
    x->started_ms = now_ms;
    x->started_wall_ms = gateway_wall_ms(g);
    watch_init(&x->wake, exchange_wake, x);
    x->wake.fd = -1;
    x->wake.deadline_ms = LOOP_NEVER;
    loop_add(&g->loop, &x->wake);
    judging_start(&x->judging);
    return x;
}

void exchange_begin_at_reserve(struct exchange *x, int64_t now_ms)
{
    x->stage = AT_RESERVE;
    exchange_resume(x, now_ms);
}

void exchange_drop(struct exchange *x, int64_t now_ms)
{
    x->settled = true;
    exchange_free(x, now_ms);
}

bool exchange_start(struct gateway *g, struct conn *c, enum api api, int64_t now_ms)
{
    struct exchange *x = exchange_take(g, g->current, now_ms);

    if (x == NULL)
        return false;
    x->conn = c;
    x->api = api;
    c->user = x;
    exchange_name(x);
    exchange_words(x);
    x->request.body = conn_body(c);
    conn_take_body(c, &x->body);
    exchange_resume(x, now_ms);
    return true;
}

/* Whether the call goes on for others: those who wait for it already, and, where nothing streams,
 * the client itself, which will ask again when it was its own timeout (SDKs do, within seconds). */
static bool exchange_lingers(struct exchange *x, int64_t now_ms)
{
    int64_t retry_ms = x->request.stream ? 0 : x->use->settings.cache.retry_ms;

    if (x->tape == NULL || x->follows || !x->tape->open)
        return false;
    x->linger_ms = now_ms + retry_ms;
    x->wake.deadline_ms = x->linger_ms;
    return retry_ms > 0 || x->tape->users > 1;
}

/* The client is gone: read on to the vendor's sum, or drop the call at once. */
static void exchange_depart(struct exchange *x, int64_t now_ms)
{
    bool sent = x->call.state == CALL_WAIT || x->call.state == CALL_ANSWERING;
    bool drain = sent && !x->gateway->stopping &&
                 (x->up->settings->on_abort == ON_ABORT_DRAIN || exchange_lingers(x, now_ms));

    x->departed = true;
    x->gateway->counts.departed++;
    if (drain) {
        call_pause(&x->call, false, now_ms);
        return;
    }
    call_close(&x->call, now_ms);
    x->stage = AT_SETTLE;
}

void exchange_resume(struct exchange *x, int64_t now_ms)
{
    x->running = true;
    while (x->stage < STAGE_COUNT) {
        if (x->gone && !x->departed && x->stage <= AT_DELIVER)
            exchange_depart(x, now_ms);
        switch (stages[x->stage].run(x, now_ms)) {
        case STAGE_NEXT:
            x->stage++;
            break;
        case STAGE_WAIT:
            if (x->gone && !x->departed)
                break; /* it left while the stage ran */
            x->running = false;
            return;
        case STAGE_REPLY:
            x->stage = AT_SETTLE;
            break;
        case STAGE_DELIVER:
            x->stage = AT_DELIVER;
            break;
        case STAGE_ESCALATE:
            x->stage = AT_RESERVE;
            break;
        case STAGE_REFUSE:
            CHECK(x->stage <= AT_DELIVER);
            CHECK(x->refusal.why != REFUSE_NONE);
            (void)kept_give(x, now_ms);
            x->stage = AT_DELIVER;
            break;
        }
    }
    exchange_free(x, now_ms);
}

void exchange_gone(struct exchange *x, int64_t now_ms)
{
    x->conn = NULL;
    x->gone = true;
    if (!x->running)
        exchange_resume(x, now_ms);
}

void exchange_abort(struct exchange *x, int64_t now_ms)
{
    struct conn *c = x->conn;

    if (c != NULL) {
        c->user = NULL;
        conn_abort(c);
    }
    CHECK(x->gateway->stopping);
    x->departed = false; /* one that was being drained is cut off as well */
    exchange_gone(x, now_ms);
}
