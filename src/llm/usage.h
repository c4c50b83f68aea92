/* usage - the token counts of one call, read from a vendor's usage object.
 *
 * Normalised: input counts every prompt token, cached and cache-written ones included (OpenAI's
 * prompt_tokens do, Anthropic's input_tokens do not: they are added here); cached + cache_write <=
 * input; output includes reasoning: where total_tokens is more than input and output (xAI leaves
 * its reasoning out of completion_tokens, Gemini's OpenAI surface its thoughts), the rest is
 * output. Field names of OpenAI chat and responses, DeepSeek (prompt_cache_hit_tokens), OpenRouter,
 * Mistral, Groq, xAI, Gemini's OpenAI surface, Anthropic, llama.cpp, Ollama and vLLM are known.
 * Counts that are negative, fractional or above USAGE_TOKENS_MAX make the object bad.
 *
 * A field that is not known, whose name ends in _tokens or _count and that is above 0, may be
 * something that the vendor bills and that is not counted here: its name is kept for whoever logs
 * it, once. Audio tokens are such (their price is another), and the steps in Anthropic's
 * `iterations` that are no message (a compaction, another model's advice). */
#ifndef LLM_USAGE_H
#define LLM_USAGE_H

#include "base/span.h"

#define USAGE_TOKENS_MAX INT64_C(1000000000) /* a hundred times the largest context sold */

enum { USAGE_NAME_BYTES = 72 }; /* object and name, cut to 28 and 32 characters */

struct usage {
    bool known;     /* input and output were read, not estimated */
    bool estimated; /* at least one count is an estimate */
    int64_t input;
    int64_t cached;
    int64_t cache_write;
    int64_t output;
    int64_t reasoning;
    int64_t cache_write_1h; /* of cache_write: kept for an hour, which Anthropic sells dearer */
    char unknown[USAGE_NAME_BYTES]; /* first field that is not known, "object.name"; "" = none */
};

enum usage_dialect { USAGE_OPENAI, USAGE_ANTHROPIC };

/* Reads one usage object. Fields that are absent or null keep what *u had (Anthropic sends input in
 * its first event and output in its last). False, *u unchanged, when it is no object or bad. */
bool usage_read(struct usage *u, enum usage_dialect dialect, struct span json);

#endif
