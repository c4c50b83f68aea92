#include "policy/bound.h"

#include "base/check.h"

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* The dearest that an input token can be: some vendors charge more for writing their cache. */
static int64_t input_price_pusd(const struct price *p)
{
    return larger(p->input_pusd, larger(p->cached_input_pusd, p->cache_write_pusd));
}

static bool bound_input(const struct request *r, const struct model_settings *m,
                        int64_t overhead_tokens, int64_t *out)
{
    int64_t tokens = (int64_t)r->body.len + BOUND_FRAMING_TOKENS + overhead_tokens;

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

static int64_t bound_output(const struct request *r, const struct model_settings *m,
                            int64_t limit_tokens)
{
    if (r->api == API_EMBEDDINGS || r->api == API_COUNT_TOKENS)
        return 0;
    if (limit_tokens > 0)
        return limit_tokens;
    if (r->max_output_tokens > 0)
        return r->max_output_tokens;
    return m->max_output_tokens > 0 ? m->max_output_tokens : BOUND_OUTPUT_TOKENS;
}

bool bound_request(const struct request *r, const struct model_settings *m, int64_t overhead_tokens,
                   int64_t output_limit_tokens, struct bound *out)
{
    CHECK(overhead_tokens >= 0 && output_limit_tokens >= 0);
    *out = (struct bound){0};
    if (m->free || r->api == API_COUNT_TOKENS)
        return true;
    if (!bound_input(r, m, overhead_tokens, &out->input_tokens))
        return false;
    out->output_tokens = bound_output(r, m, output_limit_tokens);
    out->output_pusd_per_token = money_times(r->choices, m->price.output_pusd);
    out->input_pusd = money_times(out->input_tokens, input_price_pusd(&m->price));
    out->total_pusd =
        money_add(out->input_pusd, money_times(out->output_tokens, out->output_pusd_per_token));
    return true;
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
