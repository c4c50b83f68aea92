/* switch - whether a conversation may go to another model, when the vendor of the one it runs on
 * holds its beginning in its prompt cache (policy/prefix).
 *
 * There the beginning costs a tenth to a half of the price; the other one reads it anew, at the
 * full price, unless it holds it too. So the next call is priced with either, and the conversation
 * stays where going would cost more than the route's `switch` bound over staying. What a call will
 * say is not known: SWITCH_OUTPUT_TOKENS, or what the request allows when that is less.
 *
 * Pure; sums are picodollars. */
#ifndef POLICY_SWITCH_H
#define POLICY_SWITCH_H

#include "llm/price.h"

enum {
    SWITCH_OUTPUT_TOKENS = 215, /* mean of LMSYS-Chat-1M, arXiv:2309.11998 table 1 */
};

struct switch_side {
    struct price_set price; /* all 0 for a free model */
    int64_t held_tokens;    /* of the request's beginning, by the vendor */
};

struct switch_sum {
    int64_t stay_pusd;
    int64_t go_pusd;
};

/* `bound_milli`: thousandths over staying that going may cost. */
bool switch_stays(const struct switch_side *stay, const struct switch_side *go,
                  int64_t input_tokens, int64_t output_tokens, int64_t bound_milli,
                  struct switch_sum *sum);

#endif
