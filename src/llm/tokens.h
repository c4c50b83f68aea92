/* tokens - how many tokens a text has, without a vocabulary.
 *
 * For answers that came without usage, and for bounds. The bound is strict for every byte-level
 * tokenizer: a token is at least one byte. */
#ifndef LLM_TOKENS_H
#define LLM_TOKENS_H

#include "base/span.h"

/* From bytes of text alone: the mean over English and code is about 4 bytes a token. */
int64_t tokens_from_bytes(uint64_t text_bytes);

#endif
