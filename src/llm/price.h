/* price - what a call costs, in picodollars, exactly.
 *
 * Prices are picodollars a token; settings come in USD per million tokens (money.h). A missing
 * cached price means the full input price, never zero; a missing cache-write price likewise.
 * Reasoning tokens are part of output. */
#ifndef LLM_PRICE_H
#define LLM_PRICE_H

#include "base/money.h"
#include "llm/usage.h"

struct price {
    int64_t input_pusd; /* all of them a token; CONFIG_UNSET = not given */
    int64_t cached_input_pusd;
    int64_t cache_write_pusd;
    int64_t output_pusd;
};

/* A price can be asked for when input and output are known. */
bool price_is_known(const struct price *p);
int64_t price_cost_pusd(const struct price *p, const struct usage *u);

#endif
