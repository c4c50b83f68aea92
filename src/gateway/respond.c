#include "gateway/respond.h"

#include "base/check.h"
#include "gateway/gateway.h"

/* Fields of the vendor's response that mean its site or this hop, not the answer. */
static const char *const respond_dropped[] = {
    "content-length",
    "date",
    "server",
    "set-cookie",
    "alt-svc",
    "x-request-id",
    "request-id",
    "strict-transport-security",
    "nel",
    "report-to",
    "cf-ray",
    "via",
};

static bool respond_forwards(const struct http_head *h, struct span name)
{
    if (http_head_is_hop_by_hop(h, name))
        return false;
    if (span_equal_fold(span_part(name, 0, 11), SPAN("x-farthing-")))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(respond_dropped); i++)
        if (span_equal_fold(name, span_str(respond_dropped[i])))
            return false;
    return true;
}

static void respond_tags(const struct exchange *x, struct emit *e)
{
    char text[256];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    for (uint32_t tag = 1; tag != 0 && tag <= TAG_DEMO; tag <<= 1) {
        if ((x->tags & tag) == 0)
            continue;
        if (fmt_span(&f).len > 0)
            fmt_char(&f, ',');
        fmt_str(&f, ledger_tag_name(tag));
        if (tag == TAG_TIER)
            fmt_u64(&f, (uint64_t)x->plan.tier + 1);
    }
    if (fmt_span(&f).len > 0)
        emit_field(e, "x-farthing-tags", fmt_span(&f));
}

static void respond_usd(struct emit *e, const char *name, int64_t pusd)
{
    char text[40];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_usd(&f, pusd);
    emit_field(e, name, fmt_span(&f));
}

static void respond_seconds(struct emit *e, const char *name, int64_t ms)
{
    char text[32];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_i64(&f, (ms + 999) / 1000);
    fmt_char(&f, 's');
    emit_field(e, name, fmt_span(&f));
}

/* The fields of OpenAI's own limits, for the key's: what SDKs and agents look at. */
static void respond_rates(const struct exchange *x, struct emit *e)
{
    const struct key_rate_view *r = &x->rate_requests;
    const struct key_rate_view *t = &x->rate_tokens;

    if (r->limit > 0) {
        emit_field_u64(e, "x-ratelimit-limit-requests", (uint64_t)r->limit);
        emit_field_u64(e, "x-ratelimit-remaining-requests", (uint64_t)r->remaining);
        respond_seconds(e, "x-ratelimit-reset-requests", r->reset_ms);
    }
    if (t->limit > 0) {
        emit_field_u64(e, "x-ratelimit-limit-tokens", (uint64_t)t->limit);
        emit_field_u64(e, "x-ratelimit-remaining-tokens", (uint64_t)t->remaining);
        respond_seconds(e, "x-ratelimit-reset-tokens", t->reset_ms);
    }
}

/* "house; used=83": the budget's name and how many per cent of it are spent or held. */
static void respond_budget_warning(const struct budget_settings *b, int64_t left_pusd,
                                   struct emit *e)
{
    int64_t percent_pusd = b->limit_pusd / 100;
    char text[CONFIG_NAME_BYTES + 16];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_visible(&f, span_str(b->name), sizeof(b->name));
    fmt_str(&f, "; used=");
    fmt_i64(&f, percent_pusd > 0 ? (b->limit_pusd - left_pusd) / percent_pusd : 100);
    emit_field(e, "x-farthing-budget-warning", fmt_span(&f));
}

/* What is left in the tightest budget: once the call is settled, without what it did not need. */
static void respond_budget(const struct exchange *x, struct emit *e)
{
    const struct budget_verdict *v = &x->budget;
    int64_t left_pusd;

    if (v->budget == NULL)
        return;
    left_pusd = v->left_pusd - (x->settled ? x->cost_pusd : x->hold.amount_pusd);
    respond_usd(e, "x-farthing-budget-remaining", left_pusd > 0 ? left_pusd : 0);
    if (budget_is_near(v->budget, left_pusd))
        respond_budget_warning(v->budget, left_pusd, e);
}

/* What became of the cache, and the form of an answer that no vendor sends now. */
static void respond_cache(const struct exchange *x, struct emit *e)
{
    const struct recall *r = &x->recall;
    const struct cache_status status = {
        .outcome = r->outcome,
        .ttl_ms = r->left_ms,
        .stored = r->stored,
        .collapsed = x->coalesced,
    };
    char text[96];
    struct fmt f;

    if (!x->called || x->early.inside)
        emit_field(e, "Content-Type",
                   x->relay.mode == RELAY_EVENTS ? SPAN("text/event-stream")
                                                 : SPAN("application/json"));
    if (x->gateway->cache.ring_bytes == 0)
        return;
    fmt_init(&f, text, sizeof(text));
    cache_status_write(&status, &f);
    emit_field(e, "Cache-Status", fmt_span(&f));
    if (x->hit && r->similarity_milli > 0) {
        fmt_init(&f, text, sizeof(text));
        fmt_milli(&f, r->similarity_milli);
        emit_field(e, "x-farthing-similarity", fmt_span(&f));
    }
    if (x->hit)
        emit_field_u64(e, "Age", (uint64_t)r->age_s);
}

static bool respond_try_head(struct exchange *x, int64_t length, bool with_vendor_fields)
{
    const struct http_head *from = &x->call.head;
    bool own_limits = x->rate_requests.limit > 0 || x->rate_tokens.limit > 0;
    struct fmt f;
    struct emit e;

    conn_head_begin(x->conn, &e, &f, x->upstream_status, length, gateway_wall_ms(x->gateway));
    emit_field(&e, "x-request-id", span_str(x->id));
    emit_field(&e, "x-farthing-model",
               span_str(x->model != NULL ? x->model->name : x->request.model));
    if (x->route != NULL)
        emit_field(&e, "x-farthing-route", span_str(x->route->name));
    if ((x->tags & TAG_TIER) != 0)
        emit_field_u64(&e, "x-farthing-tier", (uint64_t)x->plan.tier + 1);
    if (x->settled) {
        respond_usd(&e, "x-farthing-cost", money_add(x->spent_pusd, x->cost_pusd));
        respond_usd(&e, "x-farthing-baseline", x->baseline_pusd);
        respond_tags(x, &e);
    }
    respond_budget(x, &e);
    respond_rates(x, &e);
    respond_cache(x, &e);
    for (size_t i = 0; x->called && i < from->field_count; i++) {
        const struct http_field *field = &from->fields[i];
        bool needed = span_equal_fold(field->name, SPAN("content-type"));

        if (own_limits && span_equal_fold(span_part(field->name, 0, 12), SPAN("x-ratelimit-")))
            continue; /* one set of limits, the nearer one */
        if (needed && x->early.inside)
            continue; /* the vendor's was a stream */
        if ((with_vendor_fields || needed) && respond_forwards(from, field->name))
            emit_field_span(&e, field->name, field->value);
    }
    return conn_head_end(x->conn, &e);
}

void respond_answer_head(struct exchange *x, int64_t length)
{
    if (respond_try_head(x, length, true))
        return;
    CHECK(respond_try_head(x, length, false));
}

static void respond_refusal_fields(const struct refusal *r, struct emit *e)
{
    int64_t retry_after_s = refuse_retry_after_s(r);
    const char *should_retry = refuse_should_retry(r->why);

    if (retry_after_s > 0)
        emit_field_u64(e, "Retry-After", (uint64_t)retry_after_s);
    if (should_retry != NULL)
        emit_field(e, "x-should-retry", span_str(should_retry));
    if (r->why == REFUSE_ADMIN_KEY)
        emit_field(e, "WWW-Authenticate", SPAN("Basic realm=\"farthing\", charset=\"UTF-8\""));
    if (r->why == REFUSE_METHOD && r->param != NULL)
        emit_field(e, "Allow", span_str(r->param));
}

void respond_refusal(struct conn *c, const struct exchange *x, const struct refusal *r,
                     bool anthropic, int64_t wall_ms, int64_t now_ms)
{
    struct span id = x != NULL ? span_str(x->id) : SPAN_EMPTY;
    struct refusal said = *r;
    char body[REFUSE_BODY_BYTES];
    struct fmt text;
    struct fmt f;
    struct emit e;

    fmt_init(&text, body, sizeof(body));
    if (r->why == REFUSE_METHOD)
        said.param = NULL; /* it carried the Allow field */
    refuse_body(&said, anthropic, id, &text);
    CHECK(fmt_ok(&text));
    conn_head_begin(c, &e, &f, refuse_status(r), (int64_t)fmt_span(&text).len, wall_ms);
    emit_field(&e, "Content-Type", SPAN("application/json"));
    if (id.len > 0)
        emit_field(&e, "x-request-id", id);
    respond_refusal_fields(r, &e);
    if (x != NULL) {
        respond_rates(x, &e);
        respond_budget(x, &e);
    }
    CHECK(conn_head_end(c, &e));
    CHECK(conn_put(c, fmt_span(&text)));
    conn_finish(c, now_ms);
}

void respond_text(struct conn *c, int status, const char *content_type, struct span text,
                  int64_t wall_ms, int64_t now_ms)
{
    struct fmt f;
    struct emit e;

    conn_head_begin(c, &e, &f, status, (int64_t)text.len, wall_ms);
    emit_field(&e, "Content-Type", span_str(content_type));
    emit_field(&e, "Cache-Control", SPAN("no-store"));
    emit_field(&e, "X-Content-Type-Options", SPAN("nosniff"));
    CHECK(conn_head_end(c, &e));
    CHECK(conn_put(c, text));
    conn_finish(c, now_ms);
}
