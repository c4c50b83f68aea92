/* The status in words, for text browsers and curl: no script, no history. */
#include "base/version.h"
#include "gateway/gateway.h"
#include "gateway/metrics.h"
#include "gateway/status.h"

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

void status_text_page(struct gateway *g, struct fmt *out)
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
