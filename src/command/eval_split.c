/* eval split: a joint answer taken apart. */
#include "command/eval.h"
#include "policy/batch.h"

struct split_state {
    uint64_t asked;
    uint64_t found;
    uint64_t beside;
};

static bool split_line(struct eval *e)
{
    struct split_state *s = e->state;
    struct batch_part parts[BATCH_QUESTIONS_MAX];
    struct span text;
    struct span nonce = SPAN_EMPTY;
    int64_t n = 0;
    bool whole = true;
    bool found;

    if (!eval_text(e, "text", &text, NULL) || !eval_count(e, "n", &n, NULL) ||
        !eval_text(e, "nonce", &nonce, &found) || !eval_bool(e, "whole", &whole, &found))
        return false;
    if (n < 1 || n > BATCH_QUESTIONS_MAX)
        return eval_refuse(e, "\"n\" is not 1 to 64");
    if (!batch_nonce_good(nonce))
        return eval_refuse(e, "\"nonce\" is not up to 16 letters and digits");
    s->asked += (uint64_t)n;
    s->found += batch_split(parts, (size_t)n, text, nonce, whole);
    json_write_key(&e->out, "answers");
    json_write_array(&e->out);
    for (int64_t i = 0; i < n; i++) {
        s->beside += parts[i].found && parts[i].beside;
        if (parts[i].found)
            json_write_text(&e->out, parts[i].text);
        else
            json_write_null(&e->out);
    }
    json_write_array_end(&e->out);
    return true;
}

static void split_summary(const struct eval *e, struct fmt *out)
{
    const struct split_state *s = e->state;

    fmt_u64(out, s->found);
    fmt_str(out, " of ");
    fmt_u64(out, s->asked);
    fmt_str(out, " answers found, ");
    fmt_u64(out, s->beside);
    fmt_str(out, " of them beside a gap\n");
}

const struct eval_kind eval_split = {
    .name = "split",
    .in = "text, n; optional nonce, whole (false: it was cut off)",
    .out = "answers (null where one is missing or in doubt)",
    .state_bytes = sizeof(struct split_state),
    .line = split_line,
    .summary = split_summary,
};
