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
    if (x->use->settings.key_count == 0)
        return STAGE_NEXT;
    x->key = &x->use->settings.keys[index];
    x->key_state = &x->use->key_states[index];
    return authorize_rates(x, now_ms) ? STAGE_NEXT : STAGE_REFUSE;
}
