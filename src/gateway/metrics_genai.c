/* Metrics that have a name in the OpenTelemetry semantic conventions for generative AI, in the
 * spelling that its exporter gives Prometheus: dots become '_', units follow the name; and those
 * of the lines that have none. */
#include "gateway/gateway.h"
#include "gateway/metrics_write.h"

enum { LABELS = 6 };

static const struct genai {
    enum meter meter;
    const char *name;
    const char *token_type; /* NULL: seconds */
    const char *help;       /* NULL: goes on from the one before */
} genai[] = {
    {METER_INPUT, "gen_ai_client_token_usage", "input", "Tokens of calls to models."},
    {METER_OUTPUT, "gen_ai_client_token_usage", "output", NULL},
    {METER_FIRST_BYTE, "gen_ai_server_time_to_first_token_seconds", NULL,
     "From the request to the first byte of the model's answer."},
    {METER_TOTAL, "gen_ai_server_request_duration_seconds", NULL, "Of calls to models, whole."},
};

static void put_bound(struct fmt *f, const struct genai *m, int64_t bound)
{
    if (m->token_type != NULL)
        fmt_i64(f, bound);
    else
        metric_seconds(f, bound);
}

static void put_series(struct fmt *out, const struct genai *m, const struct meter_model *model,
                       const char *provider)
{
    const struct meter_counts *c = &model->counts[m->meter];
    struct label labels[LABELS] = {{"gen_ai_operation_name", model->operation},
                                   {"gen_ai_request_model", model->asked},
                                   {"gen_ai_response_model", model->name},
                                   {"gen_ai_provider_name", provider}};
    size_t label_count = 4;
    uint64_t cumulated = 0;
    char name[64];
    char bound[32];
    struct fmt f;
    size_t count;
    const int64_t *bounds = meter_bounds(m->meter, &count);

    if (m->token_type != NULL)
        labels[label_count++] = (struct label){"gen_ai_token_type", m->token_type};
    fmt_init(&f, name, sizeof(name));
    fmt_str(&f, m->name);
    fmt_str(&f, "_bucket");
    (void)fmt_cstr(&f);
    for (size_t i = 0; i <= count; i++) {
        struct fmt b;

        cumulated += c->below[i];
        fmt_init(&b, bound, sizeof(bound));
        if (i < count)
            put_bound(&b, m, bounds[i]);
        else
            fmt_str(&b, "+Inf");
        labels[label_count] = (struct label){"le", fmt_cstr(&b)};
        series_begin_of(out, name, labels, label_count + 1);
        fmt_u64(out, cumulated);
        fmt_char(out, '\n');
    }
    fmt_init(&f, name, sizeof(name));
    fmt_str(&f, m->name);
    fmt_str(&f, "_sum");
    series_begin_of(out, fmt_cstr(&f), labels, label_count);
    put_bound(out, m, c->sum);
    fmt_char(out, '\n');
    fmt_init(&f, name, sizeof(name));
    fmt_str(&f, m->name);
    fmt_str(&f, "_count");
    series_begin_of(out, fmt_cstr(&f), labels, label_count);
    fmt_u64(out, c->count);
    fmt_char(out, '\n');
}

static const char *provider_of(const struct gateway *g, const char *model)
{
    const struct model_settings *m = settings_find_model(&g->current->settings, span_str(model));

    return m != NULL ? m->upstream : METERS_OTHER;
}

static void metrics_tags(const struct meters *m, struct fmt *out)
{
    metric_head_of(out, "farthing_lines_total", "counter", "Lines of the ledger by tag.");
    for (unsigned i = 0; i < METERS_TAGS; i++) {
        const struct label tag = {"tag", ledger_tag_name(1u << i)};

        series_begin_of(out, "farthing_lines_total", &tag, 1);
        fmt_u64(out, m->tags[i]);
        fmt_char(out, '\n');
    }
}

/* A gauge: what a saving cost more than it saved is taken off. */
static void metrics_savings(const struct meters *m, struct fmt *out)
{
    metric_head_of(out, "farthing_saved_usd", "gauge",
                   "Saved since the start, in USD, by what it is owed to.");
    for (size_t i = 0; i < METERS_SAVINGS_MAX && m->savings[i].name != NULL; i++) {
        const struct label by = {"by", m->savings[i].name};

        series_begin_of(out, "farthing_saved_usd", &by, 1);
        fmt_usd(out, m->savings[i].saved_pusd);
        fmt_char(out, '\n');
    }
}

static void metrics_tiers(const struct meters *m, struct fmt *out)
{
    static const char *const outcomes[] = {"asked", "failed", "escalated"};

    metric_head_of(out, "farthing_tier_calls_total", "counter",
                   "Calls of a route's tier: asked; of these failed; of these asked because the "
                   "tier before fell short.");
    for (size_t i = 0; i < METERS_TIERS_MAX && m->tiers[i].tier != 0; i++) {
        const struct meter_tier *t = &m->tiers[i];
        const uint64_t values[] = {t->asked, t->failed, t->escalated};
        const char number[] = {(char)('0' + t->tier % 10), '\0'};

        for (size_t k = 0; k < sizeof(values) / sizeof(values[0]); k++) {
            const struct label labels[] = {
                {"route", t->route}, {"tier", number}, {"outcome", outcomes[k]}};

            series_begin_of(out, "farthing_tier_calls_total", labels, 3);
            fmt_u64(out, values[k]);
            fmt_char(out, '\n');
        }
    }
}

void metrics_genai(const struct gateway *g, struct fmt *out)
{
    for (size_t i = 0; i < sizeof(genai) / sizeof(genai[0]); i++) {
        if (genai[i].help != NULL)
            metric_head_of(out, genai[i].name, "histogram", genai[i].help);
        for (size_t k = 0; k < METERS_MODELS; k++)
            if (g->meters.models[k].operation != NULL)
                put_series(out, &genai[i], &g->meters.models[k],
                           provider_of(g, g->meters.models[k].name));
    }
    metrics_tags(&g->meters, out);
    metrics_savings(&g->meters, out);
    metrics_tiers(&g->meters, out);
}
