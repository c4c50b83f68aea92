#include "gateway/status.h"

#include <string.h>

#include "base/version.h"
#include "gateway/metrics.h"
#include "gateway/respond.h"
#include "json/write.h"

enum {
    STATUS_PAGE_BYTES = 64 * 1024, /* 128 models in /v1/models are 20 KB, the page about 6 KB */
    STATUS_SHORT_BYTES = 512,
};

/* Routes can be asked for like models; nobody but this gateway owns them. */
#define STATUS_ROUTE_OWNER "farthing"

/* A longer document is written into a lease and sent from there. */
static bool status_send_lease(struct gateway *g, struct conn *c, const char *content_type,
                              void (*write)(struct gateway *g, struct fmt *out), int64_t now_ms)
{
    struct lease page = {0};
    struct fmt text;
    struct fmt head;
    struct emit e;

    if (!lease_take(&g->bodies, &page, STATUS_PAGE_BYTES))
        return false;
    fmt_init(&text, page.ptr, STATUS_PAGE_BYTES);
    write(g, &text);
    conn_head_begin(c, &e, &head, 200, (int64_t)fmt_span(&text).len, gateway_wall_ms(g));
    emit_field(&e, "Content-Type", span_str(content_type));
    emit_field(&e, "Cache-Control", SPAN("no-store"));
    emit_field(&e, "X-Content-Type-Options", SPAN("nosniff"));
    emit_field(&e, "Content-Security-Policy",
               SPAN("default-src 'none'; style-src 'unsafe-inline'"));
    if (conn_head_end(c, &e))
        conn_send_lease(c, &page, fmt_span(&text).len);
    lease_give(&g->bodies, &page);
    conn_finish(c, now_ms);
    return true;
}

/* ---- models ---- */

static void status_model(struct json_write *w, const char *name, const char *owner)
{
    json_write_object(w);
    json_write_key(w, "id");
    json_write_str(w, name);
    json_write_key(w, "object");
    json_write_str(w, "model");
    json_write_key(w, "created");
    json_write_i64(w, version_build_unix_s());
    json_write_key(w, "owned_by");
    json_write_str(w, owner);
    json_write_object_end(w);
}

static void status_models(struct gateway *g, struct fmt *out)
{
    const struct settings *s = &g->current->settings;
    struct json_write w;

    json_write_start(&w, out);
    json_write_object(&w);
    json_write_key(&w, "object");
    json_write_str(&w, "list");
    json_write_key(&w, "data");
    json_write_array(&w);
    for (size_t i = 0; i < s->route_count; i++)
        status_model(&w, s->routes[i].name, STATUS_ROUTE_OWNER);
    for (size_t i = 0; i < s->model_count; i++)
        status_model(&w, s->models[i].name, s->models[i].upstream);
    json_write_array_end(&w);
    json_write_object_end(&w);
    json_write_done(&w);
}

static enum status_result status_one_model(struct gateway *g, struct conn *c, struct span name,
                                           int64_t now_ms)
{
    const struct model_settings *m = settings_find_model(&g->current->settings, name);
    const struct route_settings *r = settings_find_route(&g->current->settings, name);
    char text[STATUS_SHORT_BYTES];
    struct json_write w;
    struct fmt f;

    if (m == NULL && r == NULL)
        return STATUS_NO_MODEL;
    fmt_init(&f, text, sizeof(text));
    json_write_start(&w, &f);
    if (m != NULL)
        status_model(&w, m->name, m->upstream);
    else
        status_model(&w, r->name, STATUS_ROUTE_OWNER);
    json_write_done(&w);
    respond_text(c, 200, "application/json", fmt_span(&f), gateway_wall_ms(g), now_ms);
    return STATUS_SERVED;
}

/* ---- health ---- */

static void status_healthz(struct gateway *g, struct conn *c, int64_t now_ms)
{
    respond_text(c, 200, "application/json", SPAN("{\"status\":\"ok\"}\n"), gateway_wall_ms(g),
                 now_ms);
}

static bool status_any_upstream_up(const struct gateway *g)
{
    const struct config_use *use = g->current;

    for (size_t i = 0; i < use->settings.upstream_count; i++)
        if (breaker_state(&use->upstreams[i].breaker, g->loop.now_ms) != BREAKER_OPEN)
            return true;
    return use->settings.upstream_count == 0;
}

static void status_readyz(struct gateway *g, struct conn *c, int64_t now_ms)
{
    bool ledger = ledger_is_writable(&g->ledger);
    bool upstream = status_any_upstream_up(g);
    char text[STATUS_SHORT_BYTES];
    struct json_write w;
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    json_write_start(&w, &f);
    json_write_object(&w);
    json_write_key(&w, "ready");
    json_write_bool(&w, ledger && upstream && !g->stopping);
    json_write_key(&w, "ledger_writable");
    json_write_bool(&w, ledger);
    json_write_key(&w, "ledger_lines_lost");
    json_write_i64(&w, (int64_t)g->ledger.lines_lost);
    json_write_key(&w, "upstream_up");
    json_write_bool(&w, upstream);
    json_write_key(&w, "stopping");
    json_write_bool(&w, g->stopping);
    json_write_object_end(&w);
    fmt_char(&f, '\n');
    respond_text(c, ledger && upstream && !g->stopping ? 200 : 503, "application/json",
                 fmt_span(&f), gateway_wall_ms(g), now_ms);
}

/* ---- the page ---- */

/* Escapes what HTML gives a meaning to (WHATWG HTML, section 13.1). */
static void status_html(struct fmt *out, struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        switch (s.ptr[i]) {
        case '<':
            fmt_str(out, "&lt;");
            break;
        case '>':
            fmt_str(out, "&gt;");
            break;
        case '&':
            fmt_str(out, "&amp;");
            break;
        default:
            fmt_char(out, s.ptr[i]);
        }
    }
}

static void status_row(struct fmt *out, const char *name, uint64_t value)
{
    fmt_left(out, span_str(name), 18);
    fmt_right_u64(out, value, 12);
    fmt_char(out, '\n');
}

static void status_sums(const struct gateway *g, struct fmt *out)
{
    fmt_str(out, "<h2>Since the start</h2><pre>");
    status_row(out, "requests", g->counts.requests);
    status_row(out, "answered", g->counts.answered);
    status_row(out, "refused", g->counts.refused);
    status_row(out, "clients that left", g->counts.departed);
    status_row(out, "input tokens", (uint64_t)g->counts.input_tokens);
    status_row(out, "output tokens", (uint64_t)g->counts.output_tokens);
    fmt_left(out, SPAN("spent, USD"), 18);
    fmt_str(out, "  ");
    fmt_usd_short(out, g->counts.spent_pusd, 6);
    fmt_str(out, "\n</pre>");
}

static void status_upstreams(const struct gateway *g, struct fmt *out)
{
    const struct config_use *use = g->current;

    fmt_str(out, "<h2>Upstreams</h2><pre>");
    for (size_t i = 0; i < use->settings.upstream_count; i++) {
        const struct upstream *u = &use->upstreams[i];

        fmt_left(out, span_str(u->settings->name), 18);
        fmt_str(out, upstream_seems_up(u) ? "up   " : "down ");
        if (breaker_state(&u->breaker, g->loop.now_ms) != BREAKER_CLOSED) {
            fmt_str(out, breaker_state_name(breaker_state(&u->breaker, g->loop.now_ms)));
            fmt_char(out, ' ');
        }
        fmt_str(out, "calls ");
        fmt_u64(out, u->calls);
        fmt_str(out, ", failed ");
        fmt_u64(out, u->failures);
        fmt_str(out, ", busy ");
        fmt_u64(out, u->busy);
        fmt_str(out, ", warm ");
        fmt_u64(out, idle_count(g->idle, &u->endpoint));
        fmt_str(out, ", waiting ");
        fmt_u64(out, u->queued);
        if (!upstream_seems_up(u)) {
            fmt_str(out, "\n  ");
            status_html(out, span_str(u->last_failure));
        }
        fmt_char(out, '\n');
    }
    fmt_str(out, "</pre>");
}

static void status_budgets(const struct gateway *g, struct fmt *out)
{
    const struct budget_book *b = &g->budgets;
    uint32_t shown = 0;

    if (b->count == 0)
        return;
    fmt_str(out, "<h2>Budgets</h2><pre>");
    for (uint32_t i = 0; i < b->capacity && shown < METRICS_ACCOUNTS_MAX; i++) {
        const struct budget_account *a = &b->accounts[i];
        const struct budget_settings *s = budget_of_account(b, a);

        if (s == NULL)
            continue;
        shown++;
        status_html(out, span_str(s->name));
        fmt_str(out, " (");
        status_html(out, span_str(a->subject));
        fmt_str(out, "): ");
        fmt_usd_short(out, a->spent_pusd, 6);
        fmt_str(out, " spent, ");
        fmt_usd_short(out, a->held_pusd, 6);
        fmt_str(out, " held, of ");
        fmt_usd_short(out, s->limit_pusd, 2);
        fmt_str(out, " USD per ");
        fmt_str(out, budget_period_name((enum budget_period)s->per));
        fmt_char(out, '\n');
    }
    fmt_str(out, shown == 0 ? "nothing was spent yet\n</pre>" : "</pre>");
}

static void status_page(struct gateway *g, struct fmt *out)
{
    fmt_str(out, "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
                 "<meta name=\"viewport\" content=\"width=device-width\">"
                 "<title>farthing</title><style>:root{color-scheme:light dark}"
                 "body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}"
                 "pre{overflow:auto}</style><h1>farthing ");
    fmt_str(out, version_text());
    fmt_str(out, "</h1><p>Up for ");
    fmt_u64(out, (uint64_t)(g->loop.now_ms - g->started_ms) / 60000);
    fmt_str(out, " minutes on ");
    fmt_str(out, version_board());
    fmt_str(out, ".</p>");
    status_sums(g, out);
    status_budgets(g, out);
    status_upstreams(g, out);
    fmt_str(out, "<h2>Ledger</h2><pre>");
    status_html(out, span_str(g->current->settings.ledger.path));
    fmt_char(out, '\n');
    status_row(out, "lines", g->ledger.lines);
    status_row(out, "bytes written", g->ledger.bytes_written);
    status_row(out, "lines lost", g->ledger.lines_lost);
    fmt_str(out, "</pre><h2>Memory</h2><pre>");
    arena_report(&g->arena, out);
    fmt_str(out, "</pre></html>\n");
}

/* ---- paths ---- */

static struct span status_path(const struct conn *c)
{
    struct span path = c->head.path;

    if (path.len > 1 && path.ptr[path.len - 1] == '/')
        path.len--;
    return path;
}

static enum status_result status_list(struct gateway *g, struct conn *c, struct span path,
                                      int64_t now_ms)
{
    if (span_starts(path, SPAN("/v1/")))
        path = span_part(path, 3, path.len);
    if (span_equal(path, SPAN("/models")))
        return status_send_lease(g, c, "application/json", status_models, now_ms) ? STATUS_SERVED
                                                                                  : STATUS_NO_ROOM;
    if (span_starts(path, SPAN("/models/")))
        return status_one_model(g, c, span_part(path, sizeof("/models/") - 1, path.len), now_ms);
    return STATUS_UNKNOWN;
}

/* A name that a foreign site owns may resolve to 127.0.0.1, and its page would then read this one
 * (DNS rebinding): only what nobody else can own is answered. */
static bool status_host_is_local(const struct http_head *h)
{
    struct span host = http_head_field(h, "host");
    struct net_addr address;
    size_t colon = span_find_byte(host, ':');

    return net_addr_scan(host, &address) || net_addr_scan_host(host, &address) ||
           span_equal_fold(span_part(host, 0, colon), SPAN("localhost"));
}

/* On loopback the machine's own users; beyond it, who has the admin key. */
static bool status_may_see(const struct gateway *g, const struct conn *c)
{
    const struct server_settings *s = &g->current->settings.server;

    if (c->listener_loopback)
        return status_host_is_local(&c->head);
    return s->has_admin && key_token_is(gateway_token(&c->head), s->admin_sha256);
}

enum status_result status_serve(struct gateway *g, struct conn *c, int64_t now_ms)
{
    struct span path = status_path(c);
    bool is_list = span_starts(path, SPAN("/v1/models")) || span_starts(path, SPAN("/models"));
    bool is_health = span_equal(path, SPAN("/healthz"));
    bool is_ready = span_equal(path, SPAN("/readyz"));
    bool is_page = span_equal(path, SPAN("/"));
    bool is_metrics = span_equal(path, SPAN("/metrics"));
    bool is_cache = span_equal(path, SPAN("/api/cache"));
    bool is_clear = span_equal(path, SPAN("/api/cache/clear"));
    size_t key;

    if (!is_list && !is_health && !is_ready && !is_page && !is_metrics && !is_cache && !is_clear)
        return STATUS_UNKNOWN;
    if (is_clear && c->head.method != HTTP_POST)
        return STATUS_POST;
    if (!is_clear && c->head.method != HTTP_GET && c->head.method != HTTP_HEAD)
        return STATUS_METHOD;
    if (is_list && gateway_key(g, c, &key) != KEY_KNOWN)
        return STATUS_NO_KEY;
    if (is_list)
        return status_list(g, c, path, now_ms);
    if (is_health)
        status_healthz(g, c, now_ms);
    else if (is_ready)
        status_readyz(g, c, now_ms);
    else if (!status_may_see(g, c))
        return STATUS_LOCAL_ONLY;
    else if (is_cache || is_clear)
        return status_cache(g, c, is_clear, now_ms);
    else if (is_metrics)
        return status_send_lease(g, c, METRICS_CONTENT_TYPE, metrics_write, now_ms)
                   ? STATUS_SERVED
                   : STATUS_NO_ROOM;
    else if (!status_send_lease(g, c, "text/html; charset=utf-8", status_page, now_ms))
        return STATUS_NO_ROOM;
    return STATUS_SERVED;
}
