/* compress_settings - [compress]: phrases of the owner's that the pass `boilerplate` takes out, and
 * how the pass `summarize` summarises. */
#ifndef POLICY_COMPRESS_SETTINGS_H
#define POLICY_COMPRESS_SETTINGS_H

#include "config/table.h"

enum { COMPRESS_PHRASES_MAX = 16, COMPRESS_PHRASE_BYTES = 96, COMPRESS_PROMPT_BYTES = 768 };

struct compress_settings {
    size_t count;
    int64_t summarize_min_tokens;
    int64_t summarize_milli;                      /* of a text's tokens */
    char summarize_prompt[COMPRESS_PROMPT_BYTES]; /* "" = the built-in one */
    char phrases[COMPRESS_PHRASES_MAX][COMPRESS_PHRASE_BYTES];
};

extern const struct config_section compress_section;

#endif
