/* The cache for its owner: how it does, and emptying it. */
#include "gateway/gateway.h"
#include "gateway/metrics.h"
#include "gateway/respond.h"
#include "gateway/status.h"
#include "json/write.h"

enum { STATUS_CACHE_BYTES = 1024 };

/* The names of the metrics without what says whose they are and that they add up. */
static void status_cache_rows(const struct gateway *g, struct json_write *w)
{
    struct metrics_row rows[METRICS_CACHE_ROWS];

    metrics_cache_rows(g, rows);
    for (size_t i = 0; i < METRICS_CACHE_ROWS; i++) {
        struct span name = span_str(rows[i].name);
        char text[48];
        struct fmt f;

        if (span_starts(name, SPAN("cache_")))
            name = span_part(name, sizeof("cache_") - 1, name.len);
        if (span_ends(name, SPAN("_total")))
            name.len -= sizeof("_total") - 1;
        fmt_init(&f, text, sizeof(text));
        fmt_text(&f, name);
        json_write_key(w, fmt_cstr(&f));
        json_write_i64(w, (int64_t)rows[i].value);
    }
}

static void status_cache_age(struct json_write *w, const char *name, bool any, int64_t age_s)
{
    json_write_key(w, name);
    if (any)
        json_write_i64(w, age_s);
    else
        json_write_null(w);
}

static void status_cache_stat(struct gateway *g, struct conn *c, int64_t now_ms)
{
    int64_t wall_ms = gateway_wall_ms(g);
    int64_t oldest_ms = INT64_MAX;
    int64_t newest_ms = 0;
    struct cache_walk walk = {0};
    struct cache_entry e;
    char text[STATUS_CACHE_BYTES];
    struct json_write w;
    struct fmt f;

    while (cache_walk_next(&g->cache, &walk, &e)) {
        oldest_ms = e.meta.stored_unix_ms < oldest_ms ? e.meta.stored_unix_ms : oldest_ms;
        newest_ms = e.meta.stored_unix_ms > newest_ms ? e.meta.stored_unix_ms : newest_ms;
    }
    fmt_init(&f, text, sizeof(text));
    json_write_start(&w, &f);
    json_write_object(&w);
    status_cache_rows(g, &w);
    status_cache_age(&w, "oldest_age_s", g->cache.entries > 0, cache_age_s(oldest_ms, wall_ms));
    status_cache_age(&w, "newest_age_s", g->cache.entries > 0, cache_age_s(newest_ms, wall_ms));
    json_write_object_end(&w);
    fmt_char(&f, '\n');
    respond_text(c, 200, "application/json", fmt_span(&f), wall_ms, now_ms);
}

static int status_hex(char c)
{
    static const char digits[] = "0123456789abcdef";
    size_t at = span_find_byte(SPAN(digits), c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c);

    return at < sizeof(digits) - 1 ? (int)at : -1;
}

/* Percent-encoding (RFC 3986 section 2.1); false when it is none. */
static bool status_decode(struct span s, struct fmt *out)
{
    for (size_t i = 0; i < s.len; i++) {
        int high = i + 2 < s.len ? status_hex(s.ptr[i + 1]) : -1;
        int low = i + 2 < s.len ? status_hex(s.ptr[i + 2]) : -1;

        if (s.ptr[i] != '%') {
            fmt_char(out, s.ptr[i]);
            continue;
        }
        if (high < 0 || low < 0)
            return false;
        fmt_char(out, (char)(high * 16 + low));
        i += 2;
    }
    return fmt_ok(out);
}

/* "route=NAME" or nothing: a word that is not known must not empty more than what was meant. */
static enum status_result status_cache_clear(struct gateway *g, struct conn *c, int64_t now_ms)
{
    struct span query = c->head.query;
    uint32_t before = g->cache.entries;
    char name[CONFIG_NAME_BYTES];
    char text[48];
    struct fmt f;

    fmt_init(&f, name, sizeof(name));
    if (query.len == 0)
        cache_clear(&g->cache);
    else if (span_starts(query, SPAN("route=")) &&
             status_decode(span_part(query, sizeof("route=") - 1, query.len), &f))
        cache_clear_route(&g->cache, recall_route_mark(g, fmt_span(&f)));
    else
        return STATUS_UNKNOWN;
    g->snapshot.next_ms = now_ms; /* what was cleared must not come back after a power cut */
    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, "{\"cleared\":");
    fmt_u64(&f, before - g->cache.entries);
    fmt_str(&f, "}\n");
    respond_text(c, 200, "application/json", fmt_span(&f), gateway_wall_ms(g), now_ms);
    return STATUS_SERVED;
}

enum status_result status_cache(struct gateway *g, struct conn *c, bool clear, int64_t now_ms)
{
    if (clear)
        return status_cache_clear(g, c, now_ms);
    status_cache_stat(g, c, now_ms);
    return STATUS_SERVED;
}
