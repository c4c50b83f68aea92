/* eval near: do two questions count as one, and is that right. */
#include "command/eval.h"
#include "policy/similarity.h"

enum { MILLION = 1000000 };

struct near_state {
    int64_t threshold; /* similarity from which two are near; SIMILARITY_MAX: by key only */
    uint64_t pairs;
    uint64_t hits;
    uint64_t labelled;
    uint64_t positive;
    uint64_t labelled_hits;
    uint64_t right_hits;
};

/* The lowest of the configuration's routes. */
static bool near_start(struct eval *e)
{
    struct near_state *s = e->state;

    s->threshold = SIMILARITY_MAX;
    for (size_t i = 0; e->settings != NULL && i < e->settings->route_count; i++) {
        int64_t near = e->settings->routes[i].near_milli;

        if (near > 0 && near < s->threshold)
            s->threshold = near;
    }
    return true;
}

/* True or false; data sets write 1 and 0 too. */
static bool near_label(struct eval *e, bool *label, bool *known)
{
    const struct json_member *m = json_object_find(e->in, "label");

    if (m == NULL || m->kind != JSON_NUMBER)
        return eval_bool(e, "label", label, known);
    *known = true;
    *label = span_equal(m->value, SPAN("1"));
    return *label || span_equal(m->value, SPAN("0")) ||
           eval_refuse(e, "\"label\" is a number, but neither 0 nor 1");
}

static void near_count(struct near_state *s, bool near, bool labelled, bool label)
{
    s->pairs++;
    s->hits += near;
    if (!labelled)
        return;
    s->labelled++;
    s->positive += label;
    s->labelled_hits += near;
    s->right_hits += near && label;
}

static bool near_line(struct eval *e)
{
    struct near_state *s = e->state;
    struct near_text canonical[2];
    struct span a;
    struct span b;
    bool label = false;
    bool labelled;
    bool keys;
    bool by_key;
    bool near;
    int alike = 0;

    if (!eval_text(e, "a", &a, NULL) || !eval_text(e, "b", &b, NULL) ||
        !near_label(e, &label, &labelled))
        return false;
    keys = near_canonical(&canonical[0], a) != NEAR_NONE;
    keys = near_canonical(&canonical[1], b) != NEAR_NONE && keys;
    if (keys)
        alike = similarity(&canonical[0], &canonical[1]);
    by_key = alike == SIMILARITY_MAX;
    near = by_key || alike >= s->threshold;
    json_write_key(&e->out, "near");
    json_write_bool(&e->out, near);
    json_write_key(&e->out, "by");
    if (near)
        json_write_str(&e->out, by_key ? "key" : "similarity");
    else
        json_write_null(&e->out);
    json_write_key(&e->out, "similarity");
    json_write_milli(&e->out, alike);
    near_count(s, near, labelled, label);
    return true;
}

static void near_rate(struct fmt *out, const char *name, uint64_t part, uint64_t whole)
{
    fmt_str(out, name);
    if (whole == 0)
        fmt_char(out, '-');
    else
        eval_percent(out, (int64_t)(part * MILLION / whole));
}

static void near_summary(const struct eval *e, struct fmt *out)
{
    const struct near_state *s = e->state;

    near_rate(out, "hit rate ", s->hits, s->pairs);
    fmt_str(out, " (");
    fmt_u64(out, s->hits);
    fmt_str(out, " of ");
    fmt_u64(out, s->pairs);
    fmt_str(out, ")\n");
    if (s->labelled == 0)
        return;
    fmt_u64(out, s->labelled);
    near_rate(out, " with a label: precision ", s->right_hits, s->labelled_hits);
    near_rate(out, ", recall ", s->right_hits, s->positive);
    near_rate(out, ", false hits ", s->labelled_hits - s->right_hits, s->labelled_hits);
    near_rate(out, " of hits, ", s->labelled_hits - s->right_hits, s->labelled - s->positive);
    fmt_str(out, " of pairs that differ\n");
}

const struct eval_kind eval_near = {
    .name = "near",
    .in = "a, b; optional label (true = they ask the same)",
    .out = "near, by (key, similarity), similarity; precision, recall, false hits, hit rate",
    .state_bytes = sizeof(struct near_state),
    .start = near_start,
    .line = near_line,
    .summary = near_summary,
};
