#include "gateway/status.h"

#include <string.h>

#include "base/base64.h"
#include "base/check.h"
#include "base/version.h"
#include "gateway/metrics.h"
#include "gateway/offline.h"
#include "gateway/page.h"
#include "gateway/respond.h"
#include "json/write.h"

enum {
    STATUS_PAGE_BYTES = 64 * 1024, /* 128 models in /v1/models are 20 KB, the page about 6 KB */
    STATUS_SHORT_BYTES = 512,
    STATUS_CREDENTIALS_BYTES = 256, /* of HTTP Basic, decoded */
};

/* Routes can be asked for like models; nobody but this gateway owns them. */
#define STATUS_ROUTE_OWNER "farthing"

void status_send(struct gateway *g, struct conn *c, const char *content_type, struct lease *held,
                 size_t bytes, int64_t now_ms)
{
    struct fmt head;
    struct emit e;

    conn_head_begin(c, &e, &head, 200, (int64_t)bytes, gateway_wall_ms(g));
    emit_field(&e, "Content-Type", span_str(content_type));
    emit_field(&e, "Cache-Control", SPAN("no-store"));
    emit_field(&e, "X-Content-Type-Options", SPAN("nosniff"));
    emit_field(&e, "Content-Security-Policy",
               SPAN("default-src 'none'; style-src 'unsafe-inline'"));
    if (conn_head_end(c, &e))
        conn_send_lease(c, held, bytes);
    conn_finish(c, now_ms);
}

/* A longer document is written into a lease and sent from there. */
static bool status_send_lease(struct gateway *g, struct conn *c, const char *content_type,
                              size_t bytes_max, void (*write)(struct gateway *g, struct fmt *out),
                              int64_t now_ms)
{
    struct lease page = {0};
    struct fmt text;

    if (!lease_take(&g->bodies, &page, bytes_max))
        return false;
    fmt_init(&text, page.ptr, bytes_max);
    write(g, &text);
    if (fmt_ok(&text))
        status_send(g, c, content_type, &page, fmt_span(&text).len, now_ms);
    lease_give(&g->bodies, &page);
    return fmt_ok(&text);
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

static void status_readyz(struct gateway *g, struct conn *c, int64_t now_ms)
{
    bool ledger = ledger_is_writable(&g->ledger);
    bool upstream = overview_upstream_up(g);
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
    json_write_key(&w, "offline");
    json_write_bool(&w, offline_gateway(g));
    json_write_key(&w, "stopping");
    json_write_bool(&w, g->stopping);
    json_write_object_end(&w);
    fmt_char(&f, '\n');
    respond_text(c, ledger && upstream && !g->stopping ? 200 : 503, "application/json",
                 fmt_span(&f), gateway_wall_ms(g), now_ms);
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
        return status_send_lease(g, c, "application/json", STATUS_PAGE_BYTES, status_models, now_ms)
                   ? STATUS_SERVED
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

/* HTTP Basic (RFC 7617), so that a browser can ask for the key: any user's name, the key as the
 * password. */
static bool status_password_is(const struct http_head *h, const uint8_t *sha256)
{
    struct span value = http_head_field(h, "authorization");
    char text[STATUS_CREDENTIALS_BYTES];
    struct span pair;
    size_t len;

    if (!span_equal_fold(span_part(value, 0, 6), SPAN("Basic ")) ||
        !base64_decode(span_trim(span_part(value, 6, value.len)), text, sizeof(text), &len))
        return false;
    pair = span_of(text, len);
    return key_token_is(span_part(pair, span_find_byte(pair, ':') + 1, pair.len), sha256);
}

/* On loopback the machine's own users; beyond it, who has the admin key. */
static bool status_may_see(const struct gateway *g, const struct conn *c)
{
    const struct server_settings *s = &g->current->settings.server;

    if (c->listener_loopback)
        return status_host_is_local(&c->head);
    return s->has_admin && (key_token_is(gateway_token(&c->head), s->admin_sha256) ||
                            status_password_is(&c->head, s->admin_sha256));
}

static enum status_result status_document(bool served)
{
    return served ? STATUS_SERVED : STATUS_NO_ROOM;
}

static enum status_result status_show_text(struct gateway *g, struct conn *c, int64_t now_ms)
{
    return status_document(status_send_lease(g, c, "text/html; charset=utf-8", STATUS_PAGE_BYTES,
                                             status_text_page, now_ms));
}

static enum status_result status_metrics(struct gateway *g, struct conn *c, int64_t now_ms)
{
    bool served = false;

    /* Most have few models, and short names: half will do where there is no room for all. */
    for (size_t bytes = METRICS_BYTES_MAX; !served && bytes >= METRICS_BYTES_MAX / 4; bytes /= 2)
        served = status_send_lease(g, c, METRICS_CONTENT_TYPE, bytes, metrics_write, now_ms);
    return status_document(served);
}

static enum status_result status_events(struct gateway *g, struct conn *c, int64_t now_ms)
{
    struct overview_query q;

    if (!overview_query_read(&q, c->head.query))
        return STATUS_QUERY;
    return status_document(!g->stopping && viewers_request(&g->viewers, c, &q, now_ms));
}

static enum status_result status_summary(struct gateway *g, struct conn *c, int64_t now_ms)
{
    struct overview_query q;
    struct lease held = {0};
    struct fmt text;

    if (!overview_query_read(&q, c->head.query))
        return STATUS_QUERY;
    if (!lease_take(&g->bodies, &held, OVERVIEW_BYTES_MAX))
        return STATUS_NO_ROOM;
    fmt_init(&text, held.ptr, OVERVIEW_BYTES_MAX);
    overview_write(g, &q, &text);
    if (fmt_ok(&text))
        status_send(g, c, "application/json", &held, fmt_span(&text).len, now_ms);
    lease_give(&g->bodies, &held);
    return status_document(fmt_ok(&text));
}

static enum status_result status_cache_stat_of(struct gateway *g, struct conn *c, int64_t now_ms)
{
    return status_cache(g, c, false, now_ms);
}

static enum status_result status_cache_clear_of(struct gateway *g, struct conn *c, int64_t now_ms)
{
    return status_cache(g, c, true, now_ms);
}

/* What is the owner's own. */
static const struct status_place {
    const char *path;
    enum http_method method;
    enum status_result (*serve)(struct gateway *g, struct conn *c, int64_t now_ms);
    bool is_page; /* for people */
} status_places[] = {
    {"/", HTTP_GET, page_serve, true},
    {"/status", HTTP_GET, status_show_text, true},
    {"/metrics", HTTP_GET, status_metrics, false},
    {"/api/summary", HTTP_GET, status_summary, false},
    {"/api/events", HTTP_GET, status_events, false},
    {"/api/cache", HTTP_GET, status_cache_stat_of, false},
    {"/api/cache/clear", HTTP_POST, status_cache_clear_of, false},
};

static bool status_method_is(const struct conn *c, enum http_method wanted)
{
    return c->head.method == wanted || (wanted == HTTP_GET && c->head.method == HTTP_HEAD);
}

/* A foreign page could not read these, but it could hold a viewer's place or tell from times and
 * sizes what is spent. A link on it, which the owner follows, leads to the pages all the same. */
static bool status_is_foreign(const struct conn *c, const struct status_place *p)
{
    bool follows = p->is_page && http_head_field(&c->head, "origin").ptr == NULL &&
                   span_equal(http_head_field(&c->head, "sec-fetch-dest"), SPAN("document"));

    return gateway_is_foreign(&c->head) && !follows;
}

static enum status_result status_own(struct gateway *g, struct conn *c, struct span path,
                                     int64_t now_ms)
{
    for (size_t i = 0; i < ARRAY_LEN(status_places); i++) {
        const struct status_place *p = &status_places[i];

        if (!span_equal(path, span_str(p->path)))
            continue;
        if (!status_method_is(c, p->method))
            return p->method == HTTP_POST ? STATUS_POST : STATUS_METHOD;
        if (!status_may_see(g, c))
            return !c->listener_loopback && g->current->settings.server.has_admin
                       ? STATUS_NO_ADMIN
                       : STATUS_LOCAL_ONLY;
        if (status_is_foreign(c, p))
            return STATUS_FOREIGN;
        return p->serve(g, c, now_ms);
    }
    return STATUS_UNKNOWN;
}

enum status_result status_serve(struct gateway *g, struct conn *c, int64_t now_ms)
{
    struct span path = status_path(c);
    bool is_list = span_starts(path, SPAN("/v1/models")) || span_starts(path, SPAN("/models"));
    bool is_health = span_equal(path, SPAN("/healthz"));
    bool is_ready = span_equal(path, SPAN("/readyz"));
    size_t key;

    if (!is_list && !is_health && !is_ready)
        return status_own(g, c, path, now_ms);
    if (!status_method_is(c, HTTP_GET))
        return STATUS_METHOD;
    if (is_list && gateway_key(g, c, &key) != KEY_KNOWN)
        return STATUS_NO_KEY;
    if (is_list)
        return status_list(g, c, path, now_ms);
    if (is_health)
        status_healthz(g, c, now_ms);
    else
        status_readyz(g, c, now_ms);
    return STATUS_SERVED;
}
