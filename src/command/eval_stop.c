/* eval stop: where rules would have cut an answer. */
#include "command/eval.h"
#include "policy/stop.h"

struct stop_state {
    struct stop_rules rules;
    struct stop stop;
    uint64_t bytes;
    uint64_t kept;
    uint64_t fired[STOP_KINDS];
};

static bool stop_line(struct eval *e)
{
    struct stop_state *s = e->state;
    struct span text;
    struct span rules;
    bool fired;
    uint64_t kept;

    if (!eval_text(e, "text", &text, NULL) || !eval_text(e, "rules", &rules, NULL))
        return false;
    fmt_str(&e->reason, "\"rules\" ");
    if (!stop_rules_read(&s->rules, rules, &e->reason))
        return false;
    stop_start(&s->stop, &s->rules);
    fired = stop_feed(&s->stop, text);
    kept = fired ? s->stop.kept : text.len;
    s->bytes += text.len;
    s->kept += kept;
    json_write_key(&e->out, "kept");
    json_write_i64(&e->out, (int64_t)kept);
    json_write_key(&e->out, "rule");
    if (!fired) {
        json_write_null(&e->out);
        return true;
    }
    json_write_str(&e->out, stop_kind_name(s->stop.rule));
    s->fired[s->stop.rule]++;
    return true;
}

static void stop_summary(const struct eval *e, struct fmt *out)
{
    const struct stop_state *s = e->state;

    fmt_u64(out, s->kept);
    fmt_str(out, " of ");
    fmt_u64(out, s->bytes);
    fmt_str(out, " bytes kept; cut by");
    for (int kind = 0; kind < STOP_KINDS; kind++) {
        if (s->fired[kind] == 0)
            continue;
        fmt_char(out, ' ');
        fmt_str(out, stop_kind_name((enum stop_kind)kind));
        fmt_char(out, ' ');
        fmt_u64(out, s->fired[kind]);
    }
    fmt_char(out, '\n');
}

const struct eval_kind eval_stop = {
    .name = "stop",
    .in = "text, rules",
    .out = "kept (bytes), rule (null when none fired)",
    .state_bytes = sizeof(struct stop_state),
    .line = stop_line,
    .summary = stop_summary,
};
