#include "policy/bound.h"

#include "base/check.h"
#include "llm/tokens.h"

/* Anthropic's one-hour cache is written to for those who ask for it: "ttl":"1h". */
static bool bound_writes_1h(const struct request *r)
{
    return api_is_anthropic(r->api) && span_find(r->body, SPAN("\"1h\"")) < r->body.len;
}

static bool bound_input(const struct request *r, const struct model_settings *m,
                        const struct bound_terms *terms, int64_t *out)
{
    int64_t tokens = tokens_bound(r->body.len);
    int64_t tight = terms->estimate_tokens * BOUND_TIGHT_PERCENT / 100 + TOKENS_FRAMING_BOUND;

    if (terms->estimate_tokens > 0 && tight < tokens)
        tokens = tight;
    tokens += terms->overhead_tokens;
    if (r->has_tools)
        tokens += BOUND_TOOLS_TOKENS;
    if (r->has_media && m->context_tokens == 0)
        return false;
    /* A vendor refuses what is longer than the model's context. */
    if (m->context_tokens > 0 && (r->has_media || tokens > m->context_tokens))
        tokens = m->context_tokens;
    *out = tokens;
    return true;
}

static int64_t bound_output(const struct request *r, const struct model_settings *m)
{
    if (r->api == API_EMBEDDINGS || r->api == API_COUNT_TOKENS)
        return 0;
    if (r->max_output_tokens > 0)
        return r->max_output_tokens;
    return m->max_output_tokens > 0 ? m->max_output_tokens : BOUND_OUTPUT_TOKENS;
}

bool bound_request(const struct request *r, const struct model_settings *m,
                   const struct bound_terms *terms, struct bound *out)
{
    struct price_bound price;

    CHECK(terms->overhead_tokens >= 0);
    *out = (struct bound){0};
    if (m->free || r->api == API_COUNT_TOKENS)
        return true;
    if (!bound_input(r, m, terms, &out->input_tokens))
        return false;
    price = price_dearest(&m->price, out->input_tokens, terms->unix_ms, bound_writes_1h(r));
    out->output_pusd_per_token = money_times(r->choices, price.output_pusd);
    out->input_pusd = money_times(out->input_tokens, price.input_pusd);
    bound_limit(out, bound_output(r, m));
    return true;
}

void bound_limit(struct bound *b, int64_t output_tokens)
{
    b->output_tokens = output_tokens;
    b->total_pusd = money_add(b->input_pusd, money_times(output_tokens, b->output_pusd_per_token));
}

int64_t bound_output_within(const struct bound *b, int64_t left_pusd)
{
    int64_t tokens;

    if (left_pusd < b->input_pusd)
        return 0;
    if (b->output_pusd_per_token == 0)
        return b->output_tokens;
    tokens = (left_pusd - b->input_pusd) / b->output_pusd_per_token;
    if (tokens < BOUND_OUTPUT_TOKENS_MIN)
        return 0;
    return tokens < b->output_tokens ? tokens : b->output_tokens;
}
