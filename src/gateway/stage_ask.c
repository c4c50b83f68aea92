/* ask - the request in the vendor's words, and the call. */
#include <string.h>

#include "gateway/gateway.h"
#include "gateway/relay.h"

/* Fields of the client that no vendor is to see: credentials, cookies, what describes this hop, and
 * our own. Accept-Encoding would bring answers that cannot be read for their usage. */
static const char *const ask_private[] = {
    "authorization",
    "x-api-key",
    "x-goog-api-key",
    "api-key",
    "cookie",
    "host",
    "content-length",
    "accept-encoding",
    "expect",
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
    "origin",
    "referer",
};

static bool ask_forwards(const struct http_head *h, struct span name)
{
    if (http_head_is_hop_by_hop(h, name))
        return false;
    if (span_equal_fold(span_part(name, 0, 11), SPAN("x-farthing-")))
        return false;
    for (size_t i = 0; i < sizeof(ask_private) / sizeof(ask_private[0]); i++)
        if (span_equal_fold(name, span_str(ask_private[i])))
            return false;
    return true;
}

/* A field that the owner configured for this upstream replaces the client's. */
static bool ask_is_configured(const struct upstream_settings *u, struct span name)
{
    for (size_t i = 0; i < u->header_count; i++) {
        struct span rest = span_str(u->headers[i]);
        struct span configured;

        if (span_split(&rest, ':', &configured) && span_equal_fold(span_trim(configured), name))
            return true;
    }
    return false;
}

static void ask_emit_client(const struct http_head *h, const struct upstream_settings *u,
                            struct emit *e)
{
    for (size_t i = 0; i < h->field_count; i++) {
        const struct http_field *field = &h->fields[i];

        if (ask_forwards(h, field->name) && !ask_is_configured(u, field->name))
            emit_field_span(e, field->name, field->value);
    }
}

static bool ask_write_head(void *ctx, struct fmt *out)
{
    const struct exchange *x = ctx;
    const struct upstream_settings *u = x->up->settings;
    struct emit e;

    if (x->conn == NULL && x->purpose == PURPOSE_ANSWER)
        return false;
    upstream_emit_begin(u, "POST", api_path(x->api), api_is_anthropic(x->api), &e, out);
    if (api_is_anthropic(x->api) &&
        (x->conn == NULL || http_head_field(&x->conn->head, "anthropic-version").ptr == NULL))
        emit_field(&e, "anthropic-version", SPAN("2023-06-01"));
    if (x->conn != NULL)
        ask_emit_client(&x->conn->head, u, &e);
    else
        emit_field(&e, "Content-Type", SPAN("application/json"));
    upstream_emit_configured(u, &e);
    emit_field(&e, "Accept-Encoding", SPAN("identity"));
    emit_field_u64(&e, "Content-Length", splice_bytes(&x->splice));
    return emit_end(&e) && fmt_ok(out);
}

static void ask_notify(void *ctx, int64_t now_ms)
{
    exchange_resume(ctx, now_ms);
}

static bool ask_start(struct exchange *x, int64_t now_ms)
{
    struct gateway *g = x->gateway;
    char *resolve_storage =
        g->resolve_storage + (size_t)pool_index(&g->exchanges, x) * resolve_bytes();
    struct request_edit edit = {
        .model_id = x->model->id,
        .ask_usage = true,
        .output_limit_tokens = x->output_limit_tokens,
        .limit_is_completion_tokens = strcmp(x->up->settings->host, "api.openai.com") == 0,
        .hint = early_hint(x),
    };
    struct fmt put;

    early_start(x);
    edit.stream = x->early.inside;
    edit.logprobs = judge_asks_logprobs(x);
    fmt_init(&put, x->put, sizeof(x->put));
    if (!request_rewrite(&x->request, &edit, &x->splice, &put) || !inputs_ask(x))
        return false;
    /* An edit beyond the model's name is the one that asks for usage. */
    answer_start(&x->answer, &x->request, x->request.stream && !x->request.include_usage);
    call_init(&x->call, x->up, resolve_storage);
    x->called = true;
    pack_sent(x, now_ms);
    call_start(&x->call, ask_write_head, &x->splice, ask_notify, x, now_ms);
    return true;
}

/* What another vendor may answer all the same: limits, overload, a key or an account that is no
 * good, a model that is gone. What is wrong with the request itself is wrong everywhere. */
static bool ask_is_elsewhere(int status)
{
    switch (status) {
    case 401:
    case 402:
    case 403:
    case 404:
    case 408:
    case 429:
        return true;
    default:
        return status >= 500;
    }
}

/* The vendor has failed, and nobody is left to ask: an answer whose time is over, where the route
 * takes one. The call that failed gets its own line. */
static bool ask_stale(struct exchange *x, enum stage_result *result, int64_t now_ms)
{
    if (!recall_has_stale(x))
        return false;
    exchange_abandon(x, now_ms);
    *result = recall_stale(x) ? STAGE_DELIVER : STAGE_REFUSE;
    if (*result == STAGE_REFUSE)
        refuse_say(&x->refusal, REFUSE_NO_MEMORY, NULL, SPAN_EMPTY);
    return true;
}

enum stage_result stage_ask(struct exchange *x, int64_t now_ms)
{
    enum stage_result result;

    if (!x->called && !ask_start(x, now_ms)) {
        refuse_say(&x->refusal, REFUSE_NO_MEMORY, "model", SPAN("The model's name is too long."));
        return STAGE_REFUSE;
    }
    switch (x->call.state) {
    case CALL_ANSWERING:
    case CALL_ENDED:
        x->upstream_status = x->call.head.status;
        if (ask_is_elsewhere(x->upstream_status) && exchange_next(x, false, now_ms))
            return STAGE_ESCALATE;
        if (x->upstream_status >= 500 && ask_stale(x, &result, now_ms))
            return result;
        if (x->upstream_status >= 400 && kept_give(x, now_ms))
            return STAGE_DELIVER;
        relay_start(x, now_ms);
        return STAGE_NEXT;
    case CALL_FAILED:
        if (exchange_next(x, false, now_ms))
            return STAGE_ESCALATE;
        if (ask_stale(x, &result, now_ms))
            return result;
        relay_refusal(&x->call, &x->refusal);
        return STAGE_REFUSE;
    case CALL_IDLE:
    case CALL_QUEUE:
    case CALL_DIAL:
    case CALL_SEND:
    case CALL_WAIT:
        return STAGE_WAIT;
    }
    return STAGE_WAIT;
}
