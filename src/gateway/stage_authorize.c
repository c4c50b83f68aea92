/* authorize - whose request this is, and whether it comes too often. */
#include "gateway/gateway.h"

static enum stage_result authorize_limited(struct exchange *x, const struct key_rate_view *view,
                                           const char *what)
{
    char text[REFUSE_DETAIL_BYTES];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, "The key \"");
    fmt_str(&f, x->key->name);
    fmt_str(&f, "\" may ask for ");
    fmt_i64(&f, view->limit);
    fmt_str(&f, what);
    fmt_str(&f, " a minute; try again in ");
    fmt_i64(&f, (view->wait_ms + 999) / 1000);
    fmt_str(&f, " s.");
    refuse_say(&x->refusal, REFUSE_RATE_LIMIT, NULL, fmt_span(&f));
    x->refusal.retry_after_s = (view->wait_ms + 999) / 1000;
    return STAGE_REFUSE;
}

struct span gateway_token(const struct http_head *h)
{
    static const char *const fields[] = {"x-api-key", "x-goog-api-key", "api-key"};
    struct span value = http_head_field(h, "authorization");

    if (span_equal_fold(span_part(value, 0, 7), SPAN("Bearer ")))
        return span_trim(span_part(value, 7, value.len));
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        value = http_head_field(h, fields[i]);
        if (value.len > 0)
            return value;
    }
    return SPAN_EMPTY;
}

enum key_verdict gateway_key(const struct gateway *g, const struct conn *c, size_t *index)
{
    const struct settings *s = &g->current->settings;

    if (s->key_count == 0)
        return KEY_KNOWN;
    return key_find(s->keys, s->key_count, gateway_token(&c->head), &c->peer, index);
}

/* Any web page can make the browser of somebody on the LAN send a POST here: it cannot read the
 * answer, but the owner pays. Browsers tell by Origin (RFC 6454; WHATWG Fetch, section 3.1), whose
 * host is then another than the one that was called. With a token they ask first (a preflight
 * request, which is refused here), so a request that has one is no such page's. */
bool gateway_is_foreign(const struct http_head *h)
{
    struct span origin = http_head_field(h, "origin");
    struct span host = http_head_field(h, "host");
    size_t scheme = span_find(origin, SPAN("://"));

    if (origin.ptr == NULL)
        return span_equal_fold(http_head_field(h, "sec-fetch-site"), SPAN("cross-site"));
    return scheme == origin.len ||
           !span_equal_fold(span_part(origin, scheme + 3, origin.len), host);
}

/* Tokens are known after the call: now only what is left of before is asked. */
static bool authorize_rates(struct exchange *x, int64_t now_ms)
{
    if (x->key->tpm > 0 &&
        !key_rate_take(&x->key_state->tokens, x->key->tpm, 1, now_ms, &x->rate_tokens)) {
        (void)authorize_limited(x, &x->rate_tokens, " tokens");
        return false;
    }
    if (x->key->tpm > 0)
        x->rate_taken_tokens = 1;
    if (x->key->rpm > 0 &&
        !key_rate_take(&x->key_state->requests, x->key->rpm, 1, now_ms, &x->rate_requests)) {
        (void)authorize_limited(x, &x->rate_requests, " requests");
        return false;
    }
    return true;
}

enum stage_result stage_authorize(struct exchange *x, int64_t now_ms)
{
    size_t index = 0;

    switch (gateway_key(x->gateway, x->conn, &index)) {
    case KEY_MISSING:
        x->refusal.why = REFUSE_KEY_MISSING;
        return STAGE_REFUSE;
    case KEY_WRONG:
        x->refusal.why = REFUSE_KEY_WRONG;
        return STAGE_REFUSE;
    case KEY_KNOWN:
        break;
    }
    if (gateway_token(&x->conn->head).len == 0 && gateway_is_foreign(&x->conn->head)) {
        x->refusal.why = REFUSE_CROSS_ORIGIN;
        return STAGE_REFUSE;
    }
    if (x->use->settings.key_count == 0)
        return STAGE_NEXT;
    x->key = &x->use->settings.keys[index];
    x->key_state = &x->use->key_states[index];
    return authorize_rates(x, now_ms) ? STAGE_NEXT : STAGE_REFUSE;
}
