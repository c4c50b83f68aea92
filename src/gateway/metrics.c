#include "gateway/metrics.h"

#include <string.h>

#include "base/version.h"
#include "gateway/metrics_write.h"
#include "gateway/offline.h"

/* Names without the product's. */
static void metric_head(struct fmt *out, const char *name, const char *kind, const char *help)
{
    char text[64];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, "farthing_");
    fmt_str(&f, name);
    metric_head_of(out, fmt_cstr(&f), kind, help);
}

static void series_begin(struct fmt *out, const char *name, const struct label *labels,
                         size_t count)
{
    char text[64];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, "farthing_");
    fmt_str(&f, name);
    series_begin_of(out, fmt_cstr(&f), labels, count);
}

static void series_u64(struct fmt *out, const char *name, const char *label, const char *value,
                       uint64_t number)
{
    const struct label l = {label, value};

    series_begin(out, name, &l, label != NULL ? 1 : 0);
    fmt_u64(out, number);
    fmt_char(out, '\n');
}

static void metric_u64(struct fmt *out, const char *name, const char *kind, const char *help,
                       uint64_t number)
{
    metric_head(out, name, kind, help);
    series_u64(out, name, NULL, NULL, number);
}

static void metrics_requests(const struct gateway *g, struct fmt *out)
{
    metric_head(out, "requests_total", "counter", "Requests of clients by how they ended.");
    series_u64(out, "requests_total", "outcome", "answered", g->counts.answered);
    series_u64(out, "requests_total", "outcome", "refused", g->counts.refused);
    series_u64(out, "requests_total", "outcome", "departed", g->counts.departed);
    metric_u64(out, "requests_received_total", "counter", "Requests of clients.",
               g->counts.requests);
    metric_u64(out, "client_connections", "gauge", "Open connections of clients.", g->conns.in_use);
    metric_u64(out, "connections_crowded_total", "counter",
               "Connections refused because their address held its share.", g->counts.crowded);
    metric_u64(out, "requests_running", "gauge", "Requests under way.", g->exchanges.in_use);
    metric_head(out, "tokens_total", "counter", "Tokens that vendors counted, or estimates.");
    series_u64(out, "tokens_total", "direction", "input", (uint64_t)g->counts.input_tokens);
    series_u64(out, "tokens_total", "direction", "output", (uint64_t)g->counts.output_tokens);
    metric_u64(out, "stop_saved_tokens_total", "counter",
               "Output tokens that early ends have saved, by estimate.",
               (uint64_t)g->counts.stop_saved_tokens);
    metric_head(out, "cost_usd_total", "counter", "What calls cost, in USD.");
    series_begin(out, "cost_usd_total", NULL, 0);
    fmt_usd(out, g->counts.spent_pusd);
    fmt_char(out, '\n');
}

static void metrics_tls(const struct gateway *g, struct fmt *out)
{
    const struct conn_tls *t = &g->server.tls;

    if (g->secure.current == NULL)
        return;
    metric_head(out, "tls_handshakes_total", "counter", "TLS handshakes of clients.");
    series_u64(out, "tls_handshakes_total", "outcome", "full", t->full);
    series_u64(out, "tls_handshakes_total", "outcome", "resumed", t->resumed);
    series_u64(out, "tls_handshakes_total", "outcome", "failed", t->failed);
    metric_u64(out, "tls_connections", "gauge", "Clients over TLS.", t->slots.in_use);
    metric_u64(out, "tls_certificate_expiry_timestamp_seconds", "gauge",
               "When the certificate of the https listeners ends, as Unix time.",
               (uint64_t)tls_identity_ends(g->secure.current));
}

static uint64_t upstream_busy(const struct upstream *u)
{
    return u->busy;
}

static uint64_t upstream_queued(const struct upstream *u)
{
    return u->queued;
}

static uint64_t upstream_calls(const struct upstream *u)
{
    return u->calls;
}

static uint64_t upstream_failures(const struct upstream *u)
{
    return u->failures;
}

static uint64_t upstream_up(const struct upstream *u)
{
    return upstream_seems_up(u) ? 1 : 0;
}

/* In the order of how bad it is. */
static uint64_t upstream_breaker(const struct upstream *u)
{
    switch (breaker_state(&u->breaker, u->shared->loop->now_ms)) {
    case BREAKER_CLOSED:
        return 0;
    case BREAKER_HALF_OPEN:
        return 1;
    case BREAKER_OPEN:
        break;
    }
    return 2;
}

static uint64_t upstream_trips(const struct upstream *u)
{
    return u->breaker.trips;
}

static void metrics_upstreams(const struct gateway *g, struct fmt *out)
{
    static const struct {
        const char *name;
        const char *kind;
        const char *help;
        uint64_t (*value)(const struct upstream *u);
    } rows[] = {
        {"upstream_calls_total", "counter", "Calls that were started.", upstream_calls},
        {"upstream_failures_total", "counter", "Calls without a whole answer.", upstream_failures},
        {"upstream_busy", "gauge", "Calls under way.", upstream_busy},
        {"upstream_queued", "gauge", "Calls that wait for a connection.", upstream_queued},
        {"upstream_up", "gauge", "1 when the last call got an answer.", upstream_up},
        {"upstream_breaker_state", "gauge", "0 closed, 1 half open, 2 open.", upstream_breaker},
        {"upstream_breaker_trips_total", "counter", "Times the breaker opened.", upstream_trips},
    };
    const struct config_use *use = g->current;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        metric_head(out, rows[i].name, rows[i].kind, rows[i].help);
        for (size_t k = 0; k < use->settings.upstream_count; k++)
            series_u64(out, rows[i].name, "upstream", use->settings.upstreams[k].name,
                       rows[i].value(&use->upstreams[k]));
    }
}

static void account_limit(struct fmt *out, const struct budget_settings *s,
                          const struct budget_account *a)
{
    (void)a;
    fmt_usd(out, s->limit_pusd);
}

static void account_spent(struct fmt *out, const struct budget_settings *s,
                          const struct budget_account *a)
{
    (void)s;
    fmt_usd(out, a->spent_pusd);
}

static void account_held(struct fmt *out, const struct budget_settings *s,
                         const struct budget_account *a)
{
    (void)s;
    fmt_usd(out, a->held_pusd);
}

static void account_warning(struct fmt *out, const struct budget_settings *s,
                            const struct budget_account *a)
{
    int64_t left_pusd = s->limit_pusd - money_add(a->spent_pusd, a->held_pusd);

    fmt_char(out, budget_is_near(s, left_pusd) ? '1' : '0');
}

static void metrics_budgets(const struct gateway *g, struct fmt *out)
{
    static const struct {
        const char *name;
        const char *help;
        void (*value)(struct fmt *out, const struct budget_settings *s,
                      const struct budget_account *a);
    } rows[] = {
        {"budget_limit_usd", "The cap.", account_limit},
        {"budget_spent_usd", "Settled in this period.", account_spent},
        {"budget_held_usd", "Held by calls under way.", account_held},
        {"budget_warning", "1 when 80 % of the cap are spent or held.", account_warning},
    };
    const struct budget_book *b = &g->budgets;

    metric_u64(out, "budget_accounts", "gauge", "Accounts of budgets in memory.", b->in_use);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint32_t shown = 0;

        metric_head(out, rows[i].name, "gauge", rows[i].help);
        for (uint32_t k = 0; k < b->capacity && shown < METRICS_ACCOUNTS_MAX; k++) {
            const struct budget_account *a = &b->accounts[k];
            const struct budget_settings *s = budget_of_account(b, a);
            struct label labels[2];

            if (s == NULL)
                continue;
            labels[0] = (struct label){"budget", s->name};
            labels[1] = (struct label){"subject", a->subject};
            series_begin(out, rows[i].name, labels, 2);
            rows[i].value(out, s, a);
            fmt_char(out, '\n');
            shown++;
        }
    }
}

static void metrics_ledger(const struct gateway *g, struct fmt *out)
{
    metric_u64(out, "ledger_lines_total", "counter", "Lines since the start.", g->ledger.lines);
    metric_u64(out, "ledger_lines_lost_total", "counter", "Lines that found no place.",
               g->ledger.lines_lost);
    metric_u64(out, "ledger_written_bytes_total", "counter", "Bytes written: what flash wears by.",
               g->ledger.bytes_written);
    metric_u64(out, "syslog_sent_total", "counter", "Copies of lines that were sent.",
               g->shipping.sent);
    metric_u64(out, "syslog_lost_total", "counter", "Copies that could not be sent.",
               g->shipping.lost);
    metric_u64(out, "ledger_writable", "gauge", "1 when the last write was well.",
               ledger_is_writable(&g->ledger) ? 1 : 0);
}

void metrics_cache_rows(const struct gateway *g, struct metrics_row out[METRICS_CACHE_ROWS])
{
    const struct cache *c = &g->cache;
    const struct metrics_row rows[METRICS_CACHE_ROWS] = {
        {"cache_hits_total", "counter", "Requests answered by the cache.", g->counts.hits},
        {"cache_misses_total", "counter", "Lookups that found nothing.", c->stat.misses},
        {"coalesced_total", "counter", "Requests answered by another one's call.",
         g->counts.coalesced},
        {"cache_stored_total", "counter", "Answers put in.", c->stat.puts},
        {"cache_evictions_total", "counter", "Answers that gave way before their time.",
         c->stat.evictions},
        {"cache_second_chances_total", "counter", "Answers kept because they were asked for.",
         c->stat.second_chances},
        {"near_checks_total", "counter", "Answers compared with that to a question alike.",
         g->near.checks},
        {"near_wrong_total", "counter", "Of these, that would have been wrong.", g->near.wrong},
        {"cache_entries", "gauge", "Answers in the ring.", c->entries},
        {"cache_bytes", "gauge", "Bytes that they take.", c->bytes},
        {"cache_size_bytes", "gauge", "Bytes of the ring.", c->ring_bytes},
        {"cache_snapshot_written_bytes_total", "counter", "Written to its snapshot.",
         g->snapshot.bytes_written},
    };

    memcpy(out, rows, sizeof(rows));
}

static void metrics_cache(const struct gateway *g, struct fmt *out)
{
    struct metrics_row rows[METRICS_CACHE_ROWS];

    metrics_cache_rows(g, rows);
    for (size_t i = 0; i < METRICS_CACHE_ROWS && g->cache.ring_bytes > 0; i++)
        metric_u64(out, rows[i].name, rows[i].kind, rows[i].help, rows[i].value);
}

static void metrics_learning(const struct gateway *g, struct fmt *out)
{
    static const char *const names[][3] = {
        {"learn_updates_total", "counter", "Outcomes that a route has learned from."},
        {"learn_calibrated", "gauge", "1 when its predictions count."},
        {"learn_order_milli", "gauge", "Recent outcomes in the order predicted; a coin gives 500."},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && g->learner_count > 0; i++) {
        metric_head(out, names[i][0], names[i][1], names[i][2]);
        for (size_t k = 0; k < g->learner_count; k++) {
            const struct learner *l = &g->learners[k];
            const uint64_t values[] = {
                l->model.updates,
                l->state == LEARN_CALIBRATED ? 1 : 0,
                (uint64_t)l->order_milli,
            };

            series_u64(out, names[i][0], "route", l->route, values[i]);
        }
    }
}

static void metrics_memory(const struct gateway *g, struct fmt *out)
{
    const struct arena *a = &g->arena;

    metric_head(out, "memory_bytes", "gauge", "Parts of the arena.");
    for (size_t i = 0; i < a->row_count; i++)
        series_u64(out, "memory_bytes", "part", a->rows[i].name, a->rows[i].bytes);
    metric_head(out, "memory_slots_used", "gauge", "Slots or pages taken.");
    for (size_t i = 0; i < a->row_count; i++)
        if (a->rows[i].in_use != NULL)
            series_u64(out, "memory_slots_used", "part", a->rows[i].name, *a->rows[i].in_use);
    metric_head(out, "memory_slots_peak", "gauge", "The most that were taken at once.");
    for (size_t i = 0; i < a->row_count; i++)
        if (a->rows[i].peak != NULL)
            series_u64(out, "memory_slots_peak", "part", a->rows[i].name, *a->rows[i].peak);
}

void metrics_write(struct gateway *g, struct fmt *out)
{
    const struct label build[] = {{"version", version_text()}, {"board", version_board()}};

    metric_head(out, "build_info", "gauge", "Always 1.");
    series_begin(out, "build_info", build, 2);
    fmt_str(out, "1\n");
    metric_u64(out, "uptime_seconds", "gauge", "Since the start.",
               (uint64_t)(g->loop.now_ms - g->started_ms) / 1000);
    metric_u64(out, "offline", "gauge", "1 when no vendor can be reached.", offline_gateway(g));
    metrics_requests(g, out);
    metrics_tls(g, out);
    metrics_upstreams(g, out);
    metrics_budgets(g, out);
    metrics_ledger(g, out);
    metrics_cache(g, out);
    metrics_learning(g, out);
    metrics_genai(g, out);
    metric_u64(out, "batched_requests_total", "counter", "Answered by a shared call.",
               g->counts.batched);
    metric_u64(out, "batch_calls_total", "counter", "Calls that were shared.",
               g->counts.batch_calls);
    metric_u64(out, "compressed_tokens_total", "counter", "Taken out of prompts, by estimate.",
               g->counts.packed_tokens);
    metrics_memory(g, out);
}
