/* bound - the most that a request can cost: what a budget holds while its call is under way.
 *
 * INPUT. A token of a byte-level tokenizer is at least one byte, so the body's bytes bound the
 * tokens of its text (tokens_bound); its framing and, with tools, BOUND_TOOLS_TOKENS allow for what
 * vendors put around it (Anthropic's tool prompt has 346 tokens, OpenAI's framing 3 a message, for
 * which the JSON around each message already counts more), and `overhead` for what this upstream
 * was seen to add beyond that. Parts that are not text (images, audio, files, stored responses,
 * tools that run at the vendor) have no relation to bytes: with one of them the bound is the
 * model's `context`, and without that there is none.
 *
 * With [server] reserve = tight it is BOUND_TIGHT_PERCENT of an estimate by llm/tokens instead,
 * where that is less: for who would rather use a budget's last cents than be sure. Of 4,124 texts
 * of all kinds and scripts 1 has more tokens than that in OpenAI's o200k vocabulary, and 222, in
 * scripts other than Latin, in the older cl100k; by as much the cap can then be passed.
 *
 * OUTPUT. What the request allows, times its choices; else what the caller says.
 *
 * PRICE. The dearest that either can be at that time: as written to the vendor's cache, and in the
 * tier of long inputs if the input could be that long. */
#ifndef POLICY_BOUND_H
#define POLICY_BOUND_H

#include "llm/model.h"
#include "llm/request.h"

enum {
    BOUND_TOOLS_TOKENS = 1024,
    BOUND_TIGHT_PERCENT = 130,
    BOUND_OUTPUT_TOKENS = 4096,   /* for a request and a model that name no limit */
    BOUND_OUTPUT_TOKENS_MIN = 16, /* a lower limit than this is no answer but a refusal */
};

struct bound {
    int64_t input_tokens;
    int64_t output_tokens; /* of each choice */
    int64_t input_pusd;
    int64_t total_pusd;
    int64_t output_pusd_per_token; /* of all choices */
};

struct bound_terms {
    int64_t unix_ms;         /* the time that the call will be priced at */
    int64_t overhead_tokens; /* of the upstream */
    int64_t estimate_tokens; /* of the input, for a tight bound; 0 = strict */
};

/* With the output that the request allows, else the model's max_output, else BOUND_OUTPUT_TOKENS.
 * False when nothing bounds the input. */
bool bound_request(const struct request *r, const struct model_settings *m,
                   const struct bound_terms *terms, struct bound *out);
/* Another output for the same input: what the call will be limited to. */
void bound_limit(struct bound *b, int64_t output_tokens);
/* The largest output limit whose bound is within left_pusd; 0 when there is none of at least
 * BOUND_OUTPUT_TOKENS_MIN. */
int64_t bound_output_within(const struct bound *b, int64_t left_pusd);

#endif
