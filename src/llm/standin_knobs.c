/* What a model's name asks of the stand-in. */
#include "base/scan.h"
#include "llm/standin.h"

static void standin_knob(struct standin *s, struct span knob, int64_t *latency_ms)
{
    struct span rest = knob;
    struct span name;
    int64_t value = 0;

    (void)span_split(&rest, ':', &name);
    if (rest.len > 0 && !scan_i64(rest, &value))
        value = 0;
    if (span_equal(name, SPAN("latency")))
        *latency_ms = value;
    else if (span_equal(name, SPAN("rate")))
        s->gap_ms = value > 0 ? 1000 / value : 0;
    else if (span_equal(name, SPAN("tokens")) && value > 0)
        s->output_tokens = value;
    else if (span_equal(name, SPAN("fail")) && value >= 400 && value <= 599)
        s->status = (int)value;
    else if (span_equal(name, SPAN("cut")))
        s->cut_after = value;
    else if (span_equal(name, SPAN("cached")))
        s->cached_tokens = value;
    else if (span_equal(name, SPAN("unsure")) && value > 0)
        s->unsure = s->seed % (uint64_t)value == 0;
    else if (span_equal(name, SPAN("hang")))
        s->hang = true;
    else if (span_equal(name, SPAN("garbage")))
        s->garbage = true;
    else if (span_equal(name, SPAN("nousage")))
        s->no_usage = true;
}

void standin_knobs(struct standin *s, int64_t now_ms)
{
    struct span rest = span_str(s->model);
    struct span part;
    int64_t latency_ms = 0;

    (void)span_split(&rest, '+', &part);
    while (span_split(&rest, '+', &part))
        standin_knob(s, part, &latency_ms);
    s->due_ms = now_ms + latency_ms;
}

void standin_help(struct fmt *out)
{
    fmt_str(out,
            "Knobs of the stand-in, put behind a model's id as +knob or +knob:value:\n"
            "  latency:MS   wait before the answer        rate:N      tokens a second\n"
            "  tokens:N     length of the answer          cached:N    cached input tokens\n"
            "  fail:STATUS  answer with an error          cut:N       close after N tokens\n"
            "  hang         never answer                  garbage     answer no HTTP\n"
            "  nousage      leave the usage out           unsure:N    decline one question of N\n");
}
