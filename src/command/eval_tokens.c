/* eval tokens: estimates against true counts, where those are given. */
#include "base/check.h"
#include "command/eval.h"
#include "llm/tokens.h"

enum {
    MILLION = 1000000,
    ERROR_STEP = 1000,   /* millionths: a tenth of a per cent */
    ERROR_STEPS = 10000, /* up to ten times the truth; what is beyond counts as that */
};

struct tokens_state {
    uint64_t counted;  /* lines with a true count above 0 */
    int64_t error_sum; /* of |estimate - true| / true, millionths */
    int64_t bias_sum;
    uint64_t estimates_below;
    uint64_t bounds_below;
    uint32_t steps[ERROR_STEPS + 1];
};

static void tokens_compare(struct tokens_state *s, int64_t estimate, int64_t bound, int64_t truth)
{
    int64_t error = (estimate - truth) * MILLION / truth;
    int64_t size = error < 0 ? -error : error;

    s->counted++;
    s->bias_sum += error;
    s->error_sum += size;
    s->estimates_below += estimate < truth;
    s->bounds_below += bound < truth;
    s->steps[size / ERROR_STEP < ERROR_STEPS ? size / ERROR_STEP : ERROR_STEPS]++;
}

static bool tokens_line(struct eval *e)
{
    struct span text;
    int64_t truth = 0;
    int64_t estimate;
    int64_t bound;
    bool known;

    if (!eval_text(e, "text", &text, NULL) || !eval_count(e, "tokens", &truth, &known))
        return false;
    if (truth > EVAL_LINE_BYTES)
        return eval_refuse(e, "\"tokens\" is more than a text of 1 MiB can have");
    estimate = tokens_estimate(text);
    bound = tokens_bound(text.len);
    json_write_key(&e->out, "estimate");
    json_write_i64(&e->out, estimate);
    json_write_key(&e->out, "bound");
    json_write_i64(&e->out, bound);
    if (truth > 0)
        tokens_compare(e->state, estimate, bound, truth);
    return true;
}

/* The smallest step that at least 95 of a hundred errors do not exceed, as its upper end. */
static int64_t tokens_p95(const struct tokens_state *s)
{
    uint64_t seen = 0;

    for (size_t i = 0; i <= ERROR_STEPS; i++) {
        seen += s->steps[i];
        if (seen * 100 >= s->counted * 95)
            return (int64_t)(i + 1) * ERROR_STEP;
    }
    return (int64_t)ERROR_STEPS * ERROR_STEP;
}

static void tokens_summary(const struct eval *e, struct fmt *out)
{
    const struct tokens_state *s = e->state;

    if (s->counted == 0)
        return;
    fmt_u64(out, s->counted);
    fmt_str(out, " with a true count: mean error ");
    eval_percent(out, s->error_sum / (int64_t)s->counted);
    fmt_str(out, ", p95 ");
    eval_percent(out, tokens_p95(s));
    fmt_str(out, ", bias ");
    eval_percent(out, s->bias_sum / (int64_t)s->counted);
    fmt_str(out, "\nundercounts: ");
    fmt_u64(out, s->estimates_below);
    fmt_str(out, " estimates, ");
    fmt_u64(out, s->bounds_below);
    fmt_str(out, " bounds\n");
}

const struct eval_kind eval_tokens = {
    .name = "tokens",
    .in = "text; optional tokens (true count)",
    .out = "estimate, bound; mean and p95 error, bias, undercounts",
    .state_bytes = sizeof(struct tokens_state),
    .line = tokens_line,
    .summary = tokens_summary,
};
