/* record - the ledger line, and the sums that the status page shows. */
#include "gateway/gateway.h"

enum stage_result stage_record(struct exchange *x, int64_t now_ms)
{
    struct gateway *g = x->gateway;
    struct ledger_line line = {
        .time_unix_ms = x->started_wall_ms,
        .id = span_str(x->id),
        .tier = 0,
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
        .label = x->label,
    };

    if (!x->called)
        return STAGE_NEXT;
    line.asked = span_str(x->request.model);
    line.used = span_str(x->model->name);
    if (x->call.first_byte_ms != 0)
        line.first_byte_ms = x->call.first_byte_ms - x->started_ms;
    ledger_append(&g->ledger, &line, now_ms);
    g->counts.spent_pusd = money_add(g->counts.spent_pusd, x->cost_pusd);
    g->counts.input_tokens += x->usage.input;
    g->counts.output_tokens += x->usage.output;
    return STAGE_NEXT;
}
