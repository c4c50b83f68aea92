/* eval usage: counts and cost out of vendors' answers, as the ledger would have them. */
#include "base/scan.h"
#include "command/eval.h"
#include "net/sys.h"

struct usage_state {
    struct json_object object; /* the body, then what is inside it */
    uint64_t costed;
    int64_t cost_pusd;
    uint64_t unknown; /* lines with a field that is not known */
};

/* The usage object of a whole answer, of a stream's last event, or the body itself. */
static bool usage_find(struct eval *e, struct span body, struct span *out, struct span *model)
{
    static const char *const around[] = {"response", "message"};
    struct json_object *o = &((struct usage_state *)e->state)->object;
    const struct json_member *m;

    if (!json_object_read(o, body))
        return eval_refuse(e, "\"body\" is no JSON object");
    for (size_t i = 0; i < sizeof(around) / sizeof(around[0]); i++) {
        m = json_object_find(o, around[i]);
        if (json_object_find(o, "usage") == NULL && m != NULL && m->kind == JSON_OBJECT)
            (void)json_object_read(o, m->value);
    }
    m = json_object_find(o, "model");
    if (m != NULL && m->kind == JSON_STRING)
        *model = m->value;
    m = json_object_find(o, "usage");
    *out = m != NULL && m->kind == JSON_OBJECT ? m->value : body;
    return true;
}

/* `body` as an object or as a text that holds one. */
static bool usage_body(struct eval *e, struct span *out)
{
    const struct json_member *m = json_object_find(e->in, "body");

    if (m != NULL && m->kind == JSON_STRING)
        return eval_text(e, "body", out, NULL);
    return eval_object(e, "body", out, NULL);
}

static bool usage_dialect(struct eval *e, enum usage_dialect *out)
{
    struct span name;

    if (!eval_text(e, "dialect", &name, NULL))
        return false;
    *out = span_equal(name, SPAN("anthropic")) ? USAGE_ANTHROPIC : USAGE_OPENAI;
    return *out == USAGE_ANTHROPIC || span_equal(name, SPAN("openai")) ||
           eval_refuse(e, "\"dialect\" is neither openai nor anthropic");
}

/* The line's model by its name in the configuration; else the answer's by the vendor's name. */
static bool usage_model(struct eval *e, struct span answered, const struct model_settings **out)
{
    char text[MODEL_ID_BYTES];
    struct span name;
    size_t len;
    bool found;

    *out = NULL;
    if (!eval_text(e, "model", &name, &found))
        return false;
    if (e->settings == NULL)
        return true;
    if (found) {
        *out = settings_find_model(e->settings, name);
        return *out != NULL || eval_refuse(e, "\"model\" is no [model] of the configuration");
    }
    if (!json_value_text(answered, text, sizeof(text), &len))
        return true;
    for (size_t i = 0; i < e->settings->model_count && *out == NULL; i++)
        if (span_equal(span_str(e->settings->models[i].id), span_of(text, len)))
            *out = &e->settings->models[i];
    return true;
}

/* `time`, in the ledger's form, for prices that change; now where it is not given. */
static bool usage_time(struct eval *e, int64_t *out_unix_ms)
{
    struct span text;
    bool found;

    if (!eval_text(e, "time", &text, &found))
        return false;
    *out_unix_ms = sys_wall_ms();
    return !found || scan_time_utc(text, out_unix_ms) ||
           eval_refuse(e, "\"time\" is not of the form 2026-01-02T03:04:05.678Z");
}

static void usage_write(struct eval *e, const struct usage *u)
{
    const struct {
        const char *name;
        int64_t count;
    } members[] = {
        {"input", u->input},   {"cached", u->cached},       {"cache_write", u->cache_write},
        {"output", u->output}, {"reasoning", u->reasoning},
    };

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        json_write_key(&e->out, members[i].name);
        json_write_i64(&e->out, members[i].count);
    }
    if (u->unknown[0] == '\0')
        return;
    ((struct usage_state *)e->state)->unknown++;
    json_write_key(&e->out, "unknown");
    json_write_str(&e->out, u->unknown);
}

static bool usage_line(struct eval *e)
{
    struct usage_state *s = e->state;
    const struct model_settings *m;
    enum usage_dialect dialect;
    struct usage u = {0};
    struct span body;
    struct span json;
    struct span model = SPAN_EMPTY;
    int64_t unix_ms;
    int64_t cost_pusd;

    if (!usage_dialect(e, &dialect) || !usage_body(e, &body) ||
        !usage_find(e, body, &json, &model) || !usage_model(e, model, &m) ||
        !usage_time(e, &unix_ms))
        return false;
    if (!usage_read(&u, dialect, json) || !u.known)
        return eval_refuse(e, "\"body\" has no usage that can be read");
    usage_write(e, &u);
    if (m == NULL)
        return true;
    cost_pusd = m->free ? 0 : price_cost_pusd(&m->price, &u, unix_ms);
    json_write_key(&e->out, "cost");
    json_write_usd(&e->out, cost_pusd);
    s->costed++;
    s->cost_pusd = money_add(s->cost_pusd, cost_pusd);
    return true;
}

static void usage_summary(const struct eval *e, struct fmt *out)
{
    const struct usage_state *s = e->state;

    if (s->costed > 0) {
        fmt_u64(out, s->costed);
        fmt_str(out, " with a cost: ");
        fmt_usd(out, s->cost_pusd);
        fmt_str(out, " USD\n");
    }
    if (s->unknown > 0) {
        fmt_u64(out, s->unknown);
        fmt_str(out, " report tokens in a field that is not known\n");
    }
}

const struct eval_kind eval_usage = {
    .name = "usage",
    .in = "dialect (openai | anthropic), body; optional model, time",
    .out = "input, cached, cache_write, output, reasoning, unknown; cost with -c",
    .state_bytes = sizeof(struct usage_state),
    .line = usage_line,
    .summary = usage_summary,
};
