#include "gateway/overview.h"

#include <string.h>

#include "base/money.h"
#include "base/version.h"
#include "gateway/gateway.h"
#include "gateway/offline.h"
#include "json/write.h"

/* ---- what is asked for ---- */

static const char *const range_names[TREND_RANGES] = {
    [TREND_HOUR] = "hour",
    [TREND_DAY] = "day",
    [TREND_MONTH] = "month",
};

static const char *const by_names[TREND_DIMENSIONS] = {
    [TREND_MODEL] = "model",
    [TREND_ROUTE] = "route",
    [TREND_KEY] = "key",
    [TREND_WORKLOAD] = "workload",
};

static bool pick_name(const char *const *names, size_t count, struct span value, size_t *out)
{
    for (*out = 0; *out < count; ++*out)
        if (span_equal(span_str(names[*out]), value))
            return true;
    return false;
}

bool overview_query_read(struct overview_query *q, struct span query)
{
    struct span part;

    *q = (struct overview_query){.range = TREND_DAY, .by = TREND_MODEL};
    while (query.len > 0 && span_split(&query, '&', &part)) {
        size_t at = span_find_byte(part, '=');
        struct span name = span_part(part, 0, at);
        struct span value = span_part(part, at + 1, part.len);
        size_t found = 0;

        if (span_equal(name, SPAN("range")) && pick_name(range_names, TREND_RANGES, value, &found))
            q->range = (enum trend_range)found;
        else if (span_equal(name, SPAN("by")) &&
                 pick_name(by_names, TREND_DIMENSIONS, value, &found))
            q->by = (enum trend_by)found;
        else
            return false;
    }
    return true;
}

/* ---- state ---- */

bool overview_upstream_up(const struct gateway *g)
{
    const struct config_use *use = g->current;

    for (size_t i = 0; i < use->settings.upstream_count; i++)
        if (breaker_state(&use->upstreams[i].breaker, g->loop.now_ms) != BREAKER_OPEN)
            return true;
    return use->settings.upstream_count == 0;
}

static void write_bool(struct json_write *w, const char *key, bool value)
{
    json_write_key(w, key);
    json_write_bool(w, value);
}

static void write_state(struct json_write *w, const struct gateway *g)
{
    bool writable = ledger_is_writable(&g->ledger);
    bool up = overview_upstream_up(g);

    json_write_key(w, "state");
    json_write_object(w);
    write_bool(w, "ready", writable && up && !g->stopping);
    write_bool(w, "ledger_writable", writable);
    write_bool(w, "upstream_up", up);
    write_bool(w, "stopping", g->stopping);
    write_bool(w, "offline", offline_gateway(g));
    json_write_object_end(w);
}

static void write_demo(struct json_write *w, const struct gateway *g)
{
    struct demo_progress p;

    json_write_key(w, "demo_progress");
    if (!demo_progress(g->demo, &p)) {
        json_write_null(w);
        return;
    }
    json_write_object(w);
    overview_i64(w, "done", (int64_t)p.done);
    overview_i64(w, "of", (int64_t)p.of);
    json_write_key(w, "step");
    json_write_str(w, p.step);
    json_write_object_end(w);
}

static void mix(uint64_t *sum, uint64_t value)
{
    *sum = (*sum ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    *sum ^= *sum >> 32;
}

uint64_t overview_state(const struct gateway *g)
{
    const struct config_use *use = g->current;
    uint64_t sum = g->ledger.lines;

    mix(&sum, g->counts.requests - g->counts.refused);
    mix(&sum, g->counts.refused);
    mix(&sum, (uint64_t)(gateway_wall_ms(g) / OVERVIEW_MOVES_MS));
    mix(&sum, g->exchanges.in_use);
    mix(&sum, g->cache.entries);
    mix(&sum, past_percent(&g->past));
    mix(&sum, g->trend != NULL ? g->trend->changes : 0);
    mix(&sum, (uint64_t)ledger_is_writable(&g->ledger) << 1 | g->stopping);
    for (size_t i = 0; i < use->settings.upstream_count; i++) {
        mix(&sum, use->upstreams[i].calls);
        mix(&sum, use->upstreams[i].failures);
        mix(&sum, (uint64_t)breaker_state(&use->upstreams[i].breaker, g->loop.now_ms));
    }
    return sum;
}

/* ---- parts ---- */

static void write_cache(struct json_write *w, const struct gateway *g, int64_t now_unix_ms)
{
    const struct cache *c = &g->cache;
    struct cache_walk walk = {0};
    int64_t oldest_unix_ms = INT64_MAX;
    struct cache_entry e;

    while (c->ring_bytes > 0 && cache_walk_next(c, &walk, &e))
        if (e.meta.stored_unix_ms < oldest_unix_ms)
            oldest_unix_ms = e.meta.stored_unix_ms;
    json_write_key(w, "cache");
    json_write_object(w);
    write_bool(w, "on", c->ring_bytes > 0);
    overview_i64(w, "hits", (int64_t)g->counts.hits);
    overview_i64(w, "near_hits", (int64_t)g->counts.near_hits);
    overview_i64(w, "coalesced", (int64_t)g->counts.coalesced);
    overview_i64(w, "misses", (int64_t)c->stat.misses);
    overview_i64(w, "entries", c->entries);
    overview_i64(w, "bytes_used", c->bytes);
    overview_i64(w, "bytes_size", c->ring_bytes);
    overview_i64(w, "evicted", (int64_t)c->stat.evictions);
    json_write_key(w, "oldest_s");
    if (oldest_unix_ms == INT64_MAX)
        json_write_null(w);
    else
        json_write_i64(w, cache_age_s(oldest_unix_ms, now_unix_ms));
    json_write_object_end(w);
}

/* A tier's answers were good enough when no next one was asked for their sake. */
static void write_tiers(struct json_write *w, const struct trend *t)
{
    size_t shown = 0;

    json_write_key(w, "tiers");
    json_write_array(w);
    for (size_t i = 0; t != NULL && i < TREND_TIERS_MAX && shown < OVERVIEW_TIERS_MAX; i++) {
        const struct trend_tier *e = &t->tiers[i];
        uint64_t fell_short = e->failed;

        if (e->tier == 0)
            break;
        for (size_t k = 0; k < TREND_TIERS_MAX; k++)
            if (t->tiers[k].tier == e->tier + 1 && strcmp(t->tiers[k].route, e->route) == 0)
                fell_short += t->tiers[k].escalated;
        json_write_object(w);
        json_write_key(w, "route");
        json_write_text(w, span_part(span_str(e->route), 0, OVERVIEW_NAME_BYTES));
        overview_i64(w, "tier", e->tier);
        json_write_key(w, "model");
        json_write_text(w, span_part(span_str(e->model), 0, OVERVIEW_NAME_BYTES));
        overview_i64(w, "asked", (int64_t)e->asked);
        overview_i64(w, "passed", fell_short < e->asked ? (int64_t)(e->asked - fell_short) : 0);
        json_write_object_end(w);
        shown++;
    }
    json_write_array_end(w);
}

static void write_quantile(struct json_write *w, const char *key, const struct trend_times *t,
                           unsigned permille)
{
    int64_t ms = trend_quantile_ms(t, permille);

    json_write_key(w, key);
    if (ms < 0)
        json_write_null(w);
    else
        json_write_i64(w, ms);
}

static void write_times(struct json_write *w, const char *key, const struct trend_times *t)
{
    json_write_key(w, key);
    json_write_object(w);
    write_quantile(w, "p50", t, 500);
    write_quantile(w, "p90", t, 900);
    write_quantile(w, "p99", t, 990);
    overview_i64(w, "count", (int64_t)t->count);
    json_write_object_end(w);
}

static void write_latency(struct json_write *w, const struct trend *t)
{
    static const struct trend_times none = {0};

    json_write_key(w, "latency");
    json_write_object(w);
    json_write_key(w, "since");
    json_write_str(w, "start");
    write_times(w, "first_byte_ms", t != NULL ? &t->first_byte : &none);
    write_times(w, "total_ms", t != NULL ? &t->total : &none);
    json_write_object_end(w);
}

static const char *state_of(const struct upstream *u)
{
    switch (breaker_state(&u->breaker, u->shared->loop->now_ms)) {
    case BREAKER_OPEN:
        return "resting";
    case BREAKER_HALF_OPEN:
        return "trying";
    case BREAKER_CLOSED:
        break;
    }
    if (u->calls == 0)
        return "unused";
    return upstream_seems_up(u) ? "up" : "down";
}

static void write_upstreams(struct json_write *w, const struct gateway *g)
{
    const struct config_use *use = g->current;

    json_write_key(w, "upstreams");
    json_write_array(w);
    for (size_t i = 0; i < use->settings.upstream_count && i < OVERVIEW_UPSTREAMS_MAX; i++) {
        const struct upstream *u = &use->upstreams[i];

        json_write_object(w);
        json_write_key(w, "name");
        json_write_str(w, u->settings->name);
        json_write_key(w, "state");
        json_write_str(w, state_of(u));
        overview_i64(w, "calls", (int64_t)u->calls);
        overview_i64(w, "failures", (int64_t)u->failures);
        overview_i64(w, "busy", u->busy);
        overview_i64(w, "warm", (int64_t)idle_count(g->idle, &u->endpoint));
        overview_i64(w, "waiting", u->queued);
        json_write_key(w, "last_failure");
        if (u->last_failure_wall_ms == 0)
            json_write_null(w);
        else
            json_write_str(w, u->last_failure);
        overview_time(w, "last_failure_time", u->last_failure_wall_ms);
        overview_time(w, "last_success_time", u->last_success_wall_ms);
        json_write_object_end(w);
    }
    json_write_array_end(w);
}

static void write_count(struct json_write *w, const char *key, bool known, uint64_t value)
{
    json_write_key(w, key);
    if (known)
        json_write_i64(w, (int64_t)value);
    else
        json_write_null(w);
}

static void write_memory(struct json_write *w, const struct arena *a)
{
    json_write_key(w, "memory");
    json_write_object(w);
    overview_i64(w, "bytes", (int64_t)a->size_bytes);
    json_write_key(w, "parts");
    json_write_array(w);
    for (size_t i = 0; i < a->row_count; i++) {
        const struct arena_row *r = &a->rows[i];
        uint64_t slots = r->units != 0 ? r->units : r->slots;

        json_write_object(w);
        json_write_key(w, "name");
        json_write_str(w, r->name);
        overview_i64(w, "bytes", (int64_t)r->bytes);
        write_count(w, "slots", slots != 0 && r->in_use != NULL, slots);
        write_count(w, "in_use", r->in_use != NULL, r->in_use != NULL ? *r->in_use : 0);
        write_count(w, "peak", r->peak != NULL, r->peak != NULL ? *r->peak : 0);
        json_write_object_end(w);
    }
    json_write_array_end(w);
    json_write_object_end(w);
}

static void write_ledger(struct json_write *w, const struct gateway *g)
{
    const struct ledger *l = &g->ledger;

    json_write_key(w, "ledger");
    json_write_object(w);
    json_write_key(w, "path");
    json_write_str(w, g->current->settings.ledger.path);
    overview_i64(w, "lines", (int64_t)l->lines);
    overview_i64(w, "bytes_written", (int64_t)l->bytes_written);
    overview_i64(w, "lines_lost", (int64_t)l->lines_lost);
    overview_i64(w, "lines_damaged", (int64_t)l->lines_damaged);
    overview_i64(w, "rotations", (int64_t)l->rotations);
    json_write_object_end(w);
}

static void write_name(struct json_write *w, const char *key, struct span name)
{
    json_write_key(w, key);
    json_write_text(w, name.len > 0 ? span_part(name, 0, OVERVIEW_NAME_BYTES) : SPAN("-"));
}

static void write_tags(struct json_write *w, const struct ledger_line *l)
{
    json_write_key(w, "tags");
    json_write_array(w);
    for (uint32_t tag = 1; tag != 0 && tag <= TAG_DEMO; tag <<= 1) {
        char text[32];
        struct fmt f;

        if ((l->tags & tag) == 0)
            continue;
        fmt_init(&f, text, sizeof(text));
        fmt_str(&f, ledger_tag_name(tag));
        if (tag == TAG_TIER)
            fmt_u64(&f, l->tier);
        json_write_text(w, fmt_span(&f));
    }
    json_write_array_end(w);
}

static void write_line(struct json_write *w, const struct ledger_line *l)
{
    json_write_object(w);
    overview_time(w, "time", l->time_unix_ms);
    write_name(w, "id", l->id);
    write_name(w, "key", l->key);
    write_name(w, "route", l->route);
    write_name(w, "workload", l->workload);
    write_name(w, "asked", l->asked);
    write_name(w, "used", l->used);
    overview_i64(w, "tier", l->tier);
    overview_i64(w, "input", l->input);
    overview_i64(w, "cached", l->cached);
    overview_i64(w, "output", l->output);
    overview_usd(w, "cost", l->cost_pusd);
    overview_usd(w, "baseline", l->baseline_pusd);
    overview_i64(w, "status", l->status);
    overview_i64(w, "ms", l->total_ms);
    json_write_key(w, "ttfb_ms");
    if (l->first_byte_ms < 0)
        json_write_null(w);
    else
        json_write_i64(w, l->first_byte_ms);
    write_tags(w, l);
    write_name(w, "label", l->label);
    json_write_object_end(w);
}

static void write_tail(struct json_write *w, const struct trend *t)
{
    struct ledger_line line;

    json_write_key(w, "tail");
    json_write_array(w);
    for (size_t i = 0; t != NULL && i < t->tail_count; i++)
        if (ledger_line_read(&line, trend_tail(t, i)))
            write_line(w, &line);
    json_write_array_end(w);
}

void overview_write(struct gateway *g, const struct overview_query *q, struct fmt *out)
{
    const struct settings *s = &g->current->settings;
    int64_t now_unix_ms = gateway_wall_ms(g);
    struct json_write w;

    json_write_start(&w, out);
    json_write_object(&w);
    json_write_key(&w, "version");
    json_write_str(&w, version_text());
    json_write_key(&w, "board");
    json_write_str(&w, version_board());
    overview_time(&w, "time", now_unix_ms);
    json_write_key(&w, "timezone");
    json_write_str(&w, s->server.timezone);
    overview_i64(&w, "uptime_s", (g->loop.now_ms - g->started_ms) / 1000);
    write_bool(&w, "demo", s->is_demo);
    write_demo(&w, g);
    json_write_key(&w, "range");
    json_write_str(&w, range_names[q->range]);
    json_write_key(&w, "by");
    json_write_str(&w, by_names[q->by]);
    write_state(&w, g);
    overview_history(g, q, &w, now_unix_ms);
    write_cache(&w, g, now_unix_ms);
    write_tiers(&w, g->trend);
    write_latency(&w, g->trend);
    write_upstreams(&w, g);
    write_memory(&w, &g->arena);
    write_ledger(&w, g);
    write_tail(&w, g->trend);
    json_write_object_end(&w);
    json_write_done(&w);
}
