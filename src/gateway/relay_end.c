/* relay_end - the end of a stream that we cut short. */
#include "gateway/gateway.h"

_Static_assert((int)RELAY_END_BYTES <= (int)RELAY_EVENT_BYTES, "it takes an event's place");
_Static_assert((int)REFUSE_BODY_BYTES <= (int)RELAY_END_BYTES, "or an error does");

static void end_write(const struct exchange *x, enum ending_reason reason, struct fmt *out)
{
    const struct refusal refusal = {.why = REFUSE_BUDGET};
    const struct ending_last_words words = {
        .reason = reason,
        .include_usage = x->request.include_usage || x->early.inside,
        .usage = answer_usage(&x->answer, exchange_input_estimate(x), exchange_output_estimate(x)),
    };
    struct fmt whole = *out;

    /* The last event of Responses repeats the text, which is not kept. */
    if (x->api != API_RESPONSES && ending_write(&x->relay.ending, &words, out) && fmt_ok(out))
        return;
    *out = whole;
    refuse_event(&refusal, api_is_anthropic(x->api), span_str(x->id), out);
}

static void end_tape(struct exchange *x, struct span text)
{
    struct lease_region *memory = &x->gateway->bodies;
    struct sse sse;

    sse_start(&sse);
    while (text.len > 0) {
        struct span data = SPAN_EMPTY;
        size_t used = 0;
        enum sse_result result = sse_next(&sse, text, &used, &data);

        if (result == SSE_DATA)
            tape_data(x->tape, memory, sse_event_name(&sse), data);
        else if (result == SSE_END)
            tape_event_end(x->tape, memory, sse_event_name(&sse));
        text = span_part(text, used, text.len);
    }
}

void relay_put_end(struct exchange *x, enum ending_reason reason)
{
    struct relay *r = &x->relay;
    struct fmt end;

    fmt_init(&end, r->event, sizeof(r->event));
    end_write(x, reason, &end);
    if (x->tape != NULL && !x->follows)
        end_tape(x, fmt_span(&end));
    r->event_ready = 0;
    r->event_len = r->by_tape ? 0 : fmt_span(&end).len;
    r->event_passing = false;
}
