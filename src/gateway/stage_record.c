/* record - the ledger line, and the sums that the status page shows. */
#include "gateway/gateway.h"

/* "whitespace+dedup:5120/3300/455": the passes that acted, bytes before and after, tokens saved. */
static void record_packed(const struct packed *p, struct fmt *f)
{
    bool first = true;

    for (int i = 0; i < COMPRESS_PASSES; i++) {
        if ((p->acted & 1u << i) == 0)
            continue;
        fmt_str(f, first ? "" : "+");
        fmt_str(f, compress_pass_name((enum compress_pass)i));
        first = false;
    }
    fmt_char(f, ':');
    fmt_u64(f, p->bytes_before);
    fmt_char(f, '/');
    fmt_u64(f, p->bytes_after);
    fmt_char(f, '/');
    fmt_i64(f, p->tokens_cut);
}

/* The words by which budgets find a line's session and address again after a restart. */
static struct span record_label(const struct exchange *x, char *out, size_t out_bytes)
{
    struct fmt f;

    fmt_init(&f, out, out_bytes);
    fmt_text(&f, x->label);
    if (x->session.len > 0) {
        fmt_str(&f, fmt_span(&f).len > 0 ? " session=" : "session=");
        fmt_text(&f, x->session);
    }
    if (x->address.len > 0) {
        fmt_str(&f, fmt_span(&f).len > 0 ? " address=" : "address=");
        fmt_text(&f, x->address);
    }
    if (x->packed.changed) {
        fmt_str(&f, fmt_span(&f).len > 0 ? " packed=" : "packed=");
        record_packed(&x->packed, &f);
    }
    return fmt_span(&f);
}

/* For who watches, and the syslog server. */
static void record_copies(struct gateway *g, const struct ledger_line *line, int64_t now_ms)
{
    const struct ledger_syslog *syslog = &g->current->settings.ledger.syslog;
    char text[LEDGER_LINE_BYTES_MAX];
    struct span whole;
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    if ((g->trend == NULL && syslog->kind == LEDGER_SYSLOG_NONE) || !ledger_line_write(line, &f))
        return;
    whole = span_part(fmt_span(&f), 0, fmt_span(&f).len - 1);
    if (g->trend != NULL)
        trend_live(g->trend, line, whole);
    shipping_send(&g->shipping, syslog, whole, line->time_unix_ms, now_ms);
}

static const char *const record_operations[API_COUNT] = {
    [API_CHAT] = "chat",     [API_COMPLETIONS] = "text_completion", [API_EMBEDDINGS] = "embeddings",
    [API_MESSAGES] = "chat", [API_COUNT_TOKENS] = "count_tokens",   [API_RESPONSES] = "chat",
};

/* What the client asked for where the configuration has the name: a model, a route, or what a route
 * is for, such as auto. */
static struct span record_asked(const struct exchange *x)
{
    const struct settings *s = &x->use->settings;
    struct span name = span_str(x->request.model);
    struct span list = x->route != NULL ? span_str(x->route->models) : SPAN_EMPTY;
    struct span part;

    if (settings_find_model(s, name) != NULL || settings_find_route(s, name) != NULL)
        return name;
    while (list.len > 0 && span_split(&list, ',', &part))
        if (span_equal(span_trim(part), name))
            return name;
    return SPAN(METERS_OTHER);
}

enum stage_result stage_record(struct exchange *x, int64_t now_ms)
{
    struct gateway *g = x->gateway;
    char label[LEDGER_LABEL_BYTES];
    struct ledger_line line = {
        .time_unix_ms = x->started_wall_ms,
        .id = span_str(x->id),
        .key = x->key != NULL ? span_str(x->key->name) : SPAN_EMPTY,
        .route = x->route != NULL ? span_str(x->route->name) : SPAN_EMPTY,
        .workload = x->workload,
        .tier = (x->tags & TAG_TIER) != 0 ? (uint32_t)x->plan.tier + 1 : 0,
        .input = x->usage.input,
        .cached = x->usage.cached,
        .output = x->usage.output,
        .reasoning = x->usage.reasoning,
        .cost_pusd = x->cost_pusd,
        .baseline_pusd = x->baseline_pusd,
        .status = x->upstream_status,
        .total_ms = x->ended_ms - x->started_ms,
        .first_byte_ms = -1,
        .tags = x->tags,
    };

    if (x->shared)
        g->counts.batch_calls++;
    if (!exchange_has_line(x)) {
        budget_settle(&g->budgets, &x->hold, 0, x->started_wall_ms);
        return STAGE_NEXT;
    }
    line.asked = span_str(x->request.model);
    line.used = span_str(x->model != NULL ? x->model->name : x->answer.model);
    if (x->call.first_byte_ms != 0)
        line.first_byte_ms = x->call.first_byte_ms - x->started_ms;
    line.label = record_label(x, label, sizeof(label));
    line.time_unix_ms = ledger_append(&g->ledger, &line, now_ms);
    meters_line(&g->meters, &line, record_operations[x->api], record_asked(x));
    record_copies(g, &line, now_ms);
    budget_settle(&g->budgets, &x->hold, x->cost_pusd, line.time_unix_ms);
    g->counts.spent_pusd = money_add(g->counts.spent_pusd, x->cost_pusd);
    g->counts.hits += x->hit;
    g->counts.near_hits += x->hit && (x->tags & TAG_NEAR) != 0;
    g->counts.coalesced += x->coalesced;
    g->counts.batched += x->batched;
    if (!x->called && !x->batched)
        return STAGE_NEXT;
    g->counts.input_tokens += x->usage.input;
    g->counts.output_tokens += x->usage.output;
    if (!x->abandoned)
        g->counts.stop_saved_tokens += x->early.saved_tokens;
    return STAGE_NEXT;
}
