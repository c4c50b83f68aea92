/* logprob - how probable a model found its own words: log-probabilities in a chat answer's body.
 *
 * choices[0].logprobs.content[].logprob, in nats, at most 0 (OpenAI, vLLM, llama.cpp, DeepSeek).
 * Bodies are whole JSON texts; on any other bytes nothing is found. */
#ifndef LLM_LOGPROB_H
#define LLM_LOGPROB_H

#include "base/span.h"

enum {
    LOGPROB_LEAST_MILLI = -100000, /* of a token: vendors write -9999 for what is off their scale */
};

/* The mean over the tokens of the first choice in milli-nats, below 0; 0 = there are none. */
int64_t logprob_mean_milli(struct span body);
/* For a client that did not ask for them: null in their place, in that many choices at most, as
 * vendors write it. In place; gives the new length. */
size_t logprob_strip(char *body, size_t bytes, int64_t choices);

#endif
