/* eval workload - the kind of work of prompts against their labels, where those are given. */
#include <string.h>

#include "base/check.h"
#include "command/eval.h"
#include "policy/classify.h"

enum {
    MILLION = 1000000,
    TABLE_MAX = 8, /* classes: a larger table is not read by anyone */
    COLUMN = 10,
};

struct workload_state {
    struct classifier classifier;
    struct classify_room room;
    struct messages messages;
    uint64_t labelled;
    uint64_t right; /* the answer is the label */
    uint64_t best_right;
    uint64_t sure_wrong;
    uint64_t unknown;
    uint64_t table[TABLE_MAX][TABLE_MAX + 1]; /* the last column: unknown */
};

static bool workload_start(struct eval *e)
{
    struct workload_state *s = e->state;

    s->classifier = *e->classifier;
    return true;
}

/* The texts of a request of whichever API. */
static void workload_texts(struct messages *m, struct span body)
{
    static const enum api apis[] = {API_MESSAGES, API_RESPONSES, API_COMPLETIONS};

    for (size_t i = 0; i < ARRAY_LEN(apis); i++) {
        messages_read(m, apis[i], body);
        if (m->count > 0)
            return;
    }
}

static void workload_compare(struct workload_state *s, const struct classify_verdict *v,
                             struct span label)
{
    const struct linear *model = &s->classifier.model;
    bool right = span_equal(linear_label(model, v->class), label);

    s->labelled++;
    s->right += right && v->is_sure;
    s->best_right += right;
    s->sure_wrong += !right && v->is_sure;
    s->unknown += !v->is_sure;
    for (size_t i = 0; i < model->classes && i < TABLE_MAX; i++)
        if (span_equal(linear_label(model, i), label) && v->class < TABLE_MAX)
            s->table[i][v->is_sure ? v->class : TABLE_MAX]++;
}

static bool workload_line(struct eval *e)
{
    struct workload_state *s = e->state;
    struct classify_verdict v;
    struct span prompt = SPAN_EMPTY;
    struct span request = SPAN_EMPTY;
    struct span label;
    bool has_prompt;
    bool has_request;
    bool has_label;

    if (!eval_text(e, "prompt", &prompt, &has_prompt) ||
        !eval_object(e, "request", &request, &has_request) ||
        !eval_text(e, "label", &label, &has_label))
        return false;
    if (has_prompt == has_request)
        return eval_refuse(e, "a line has \"prompt\" or \"request\"");
    if (has_request) {
        workload_texts(&s->messages, request);
        classify_request(&s->classifier, &s->messages, &s->room, &v);
    } else {
        classify(&s->classifier, SPAN_EMPTY, prompt, &s->room, &v);
    }
    json_write_key(&e->out, "workload");
    json_write_text(&e->out,
                    v.is_sure ? linear_label(&s->classifier.model, v.class) : SPAN("unknown"));
    json_write_key(&e->out, "confidence");
    fmt_milli(e->out.out, v.confidence_milli);
    if (has_label)
        workload_compare(s, &v, label);
    return true;
}

static void workload_rate(struct fmt *out, const char *name, uint64_t part, uint64_t all)
{
    fmt_str(out, name);
    eval_percent(out, (int64_t)(part * MILLION / all));
}

static void workload_table(const struct workload_state *s, struct fmt *out)
{
    const struct linear *m = &s->classifier.model;

    if (m->classes > TABLE_MAX)
        return;
    fmt_left(out, SPAN("label"), 2 * COLUMN);
    for (size_t i = 0; i < m->classes; i++)
        fmt_right(out, span_part(linear_label(m, i), 0, COLUMN - 1), COLUMN);
    fmt_right(out, SPAN("unknown"), COLUMN);
    for (size_t i = 0; i < m->classes; i++) {
        fmt_char(out, '\n');
        fmt_left(out, linear_label(m, i), 2 * COLUMN);
        for (size_t k = 0; k < m->classes; k++)
            fmt_right_u64(out, s->table[i][k], COLUMN);
        fmt_right_u64(out, s->table[i][TABLE_MAX], COLUMN);
    }
    fmt_char(out, '\n');
}

static void workload_summary(const struct eval *e, struct fmt *out)
{
    const struct workload_state *s = e->state;

    if (s->labelled == 0)
        return;
    fmt_u64(out, s->labelled);
    workload_rate(out, " with a label: right ", s->right, s->labelled);
    workload_rate(out, ", unknown ", s->unknown, s->labelled);
    workload_rate(out, ", wrong though sure ", s->sure_wrong, s->labelled);
    workload_rate(out, "; best class right ", s->best_right, s->labelled);
    fmt_char(out, '\n');
    workload_table(s, out);
}

const struct eval_kind eval_workload = {
    .name = "workload",
    .in = "prompt or request; optional label",
    .out = "workload, confidence; accuracy, wrong though sure, confusion",
    .state_bytes = sizeof(struct workload_state),
    .start = workload_start,
    .line = workload_line,
    .summary = workload_summary,
};
