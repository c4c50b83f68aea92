#include "gateway/upstream.h"

#include <string.h>

#include "base/check.h"
#include "base/scan.h"
#include "http/date.h"
#include "net/sys.h"

void upstream_init(struct upstream *u, const struct upstream_settings *settings,
                   struct upstream_shared *shared)
{
    memset(u, 0, sizeof(*u));
    u->settings = settings;
    u->shared = shared;
    _Static_assert(sizeof(u->endpoint.host) >= sizeof(settings->host), "a host fits");
    memcpy(u->endpoint.host, settings->host, sizeof(settings->host));
    u->endpoint.port = settings->port;
    u->endpoint.tls = settings->tls;
    u->endpoint.proxy = settings->proxy.kind != PROXY_NONE ? &settings->proxy : NULL;
    u->endpoint.connect_timeout_ms = settings->connect_timeout_ms;
    u->logged_ms = -UPSTREAM_TELL_MS;
    token_calibration_start(&u->calibration);
}

/* Enough for jitter: nobody gains by guessing it. */
static uint32_t upstream_chance(const struct upstream *u, int64_t now_ms)
{
    return (uint32_t)(u->calls * 2654435761u) ^ (uint32_t)now_ms;
}

void upstream_failed(struct upstream *u, struct span what, bool its_own, int64_t now_ms)
{
    struct fmt f;

    if (its_own)
        breaker_failed(&u->breaker, 0, upstream_chance(u, now_ms), now_ms);

    u->failures++;
    u->failing = true;
    u->last_failure_wall_ms = sys_wall_ms();
    fmt_init(&f, u->last_failure, sizeof(u->last_failure));
    fmt_visible(&f, what, sizeof(u->last_failure) / 2);
    (void)fmt_cstr(&f);
    if (now_ms - u->logged_ms >= UPSTREAM_TELL_MS) {
        struct diag_line l;

        diag_open(u->shared->diag, DIAG_WARN, &l);
        fmt_str(&l.text, "upstream ");
        fmt_str(&l.text, u->settings->name);
        fmt_str(&l.text, ": ");
        fmt_text(&l.text, what);
        diag_close(&l);
        u->logged_ms = now_ms;
    }
}

void upstream_answered(struct upstream *u)
{
    u->failing = false;
    u->last_success_wall_ms = sys_wall_ms();
}

/* Seconds or a date (RFC 9110 section 10.2.3), or the SDKs' retry-after-ms. A date is counted from
 * the answer's own Date, so a board without a clock waits as long as any other; without one it
 * counts as not given. */
static int64_t upstream_retry_after_ms(const struct http_head *h)
{
    uint64_t value;
    int64_t until_ms;
    int64_t sent_ms;

    if (scan_u64(http_head_field(h, "retry-after-ms"), &value) &&
        value < BREAKER_RETRY_AFTER_MS_MAX)
        return (int64_t)value;
    if (scan_u64(http_head_field(h, "retry-after"), &value))
        return value < BREAKER_RETRY_AFTER_MS_MAX / 1000 ? (int64_t)value * 1000
                                                         : BREAKER_RETRY_AFTER_MS_MAX;
    if (http_date_read(http_head_field(h, "retry-after"), &until_ms) &&
        http_date_read(http_head_field(h, "date"), &sent_ms) && until_ms > sent_ms)
        return until_ms - sent_ms; /* the breaker has a bound of its own */
    return 0;
}

void upstream_heard(struct upstream *u, const struct http_head *h, int64_t now_ms)
{
    u->away = false;
    if (h->status == 429)
        breaker_limited(&u->breaker, upstream_retry_after_ms(h), now_ms);
    else if (h->status >= 500)
        breaker_failed(&u->breaker, upstream_retry_after_ms(h), upstream_chance(u, now_ms), now_ms);
    else
        breaker_succeeded(&u->breaker);
}

void upstream_take_counts(struct upstream *u, struct upstream *old)
{
    u->calls += old->calls;
    u->failures += old->failures;
    old->calls = 0;
    old->failures = 0;
}

void upstream_adopt(struct upstream *u, struct upstream *old)
{
    bool same_way =
        memcmp(&u->settings->proxy, &old->settings->proxy, sizeof(u->settings->proxy)) == 0;

    upstream_take_counts(u, old);
    u->overhead_tokens = old->overhead_tokens;
    u->calibration = old->calibration;
    if (!same_way)
        return; /* what failed there says nothing of the way through another proxy */
    u->last_failure_wall_ms = old->last_failure_wall_ms;
    u->last_success_wall_ms = old->last_success_wall_ms;
    memcpy(u->last_failure, old->last_failure, sizeof(u->last_failure));
    u->failing = old->failing;
    u->away = old->away;
    u->breaker = old->breaker;
    u->breaker.probe_until_ms = 0; /* its call belongs to the other one */
}

bool upstream_seems_up(const struct upstream *u)
{
    return !u->failing; /* not by the times: a clock may have been set in between */
}

void upstream_emit_begin(const struct upstream_settings *u, const char *method,
                         struct span api_path, bool anthropic, struct emit *e, struct fmt *out)
{
    char text[UPSTREAM_KEY_BYTES + UPSTREAM_HOST_BYTES];
    uint16_t usual = u->tls ? 443 : 80;
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    upstream_target(u, api_path, &f);
    emit_request(e, out, method, fmt_span(&f));
    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, u->host[0] != '\0' ? u->host : "standin");
    if (u->port != usual && u->host[0] != '\0') {
        fmt_char(&f, ':');
        fmt_u64(&f, u->port);
    }
    emit_field(e, "Host", fmt_span(&f));
    if (u->key[0] == '\0')
        return;
    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, anthropic ? "" : "Bearer ");
    fmt_str(&f, u->key);
    emit_field(e, anthropic ? "x-api-key" : "Authorization", fmt_span(&f));
    explicit_bzero(text, sizeof(text));
}

void upstream_emit_configured(const struct upstream_settings *u, struct emit *e)
{
    for (size_t i = 0; i < u->header_count; i++) {
        struct span rest = span_str(u->headers[i]);
        struct span name;

        if (span_split(&rest, ':', &name))
            emit_field_span(e, span_trim(name), span_trim(rest));
    }
}
