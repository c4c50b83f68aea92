/* compress_passes - what a route's key `compress` asks for: a list of passes with their arguments.
 *
 *   compress = safe, select:50%, history:8
 *
 *   whitespace     trailing blanks, runs of blanks inside a line, more than one blank line
 *   dedup          a paragraph that stood before, in this text or in an earlier message
 *   html           comments and tags of HTML, scripts and styles
 *   json           white space outside strings, where a text or a part of it is valid JSON
 *   noise          base64, lines that a log repeats
 *   boilerplate    phrases that say nothing; the owner can add to them
 *   safe           all of the above: free, local, the meaning is kept
 *   stopwords      the, of, was ...: in context blocks only
 *   select:50%     the sentences that matter to the question, to a share of the context's tokens
 *   select:2000t   or to so many tokens
 *   examples:3     the first so many examples of a few-shot prompt
 *   history:8      the system prompt and the last so many turns of a conversation
 *   summarize:M    a long system prompt, and what history drops, as summaries by model M
 *                  (policy/summary.h)
 *
 * `off` or nothing at all asks for none. Order and repetition make no difference, but a pass with
 * an argument may stand once. */
#ifndef POLICY_COMPRESS_PASSES_H
#define POLICY_COMPRESS_PASSES_H

#include "base/fmt.h"
#include "config/table.h"

enum compress_pass {
    COMPRESS_JSON, /* in the order in which they run over a text */
    COMPRESS_HTML,
    COMPRESS_NOISE,
    COMPRESS_BOILERPLATE,
    COMPRESS_DEDUP,
    COMPRESS_WHITESPACE,
    COMPRESS_EXAMPLES,
    COMPRESS_SELECT,
    COMPRESS_STOPWORDS,
    COMPRESS_HISTORY, /* of a whole conversation */
    COMPRESS_SUMMARIZE,
    COMPRESS_PASSES,
};

enum {
    COMPRESS_COUNT_MAX = 10000,     /* turns, examples: beyond any context window */
    COMPRESS_TOKENS_MAX = 10000000, /* likewise */
};

struct compress_passes {
    uint32_t on;                             /* bit 1 << enum compress_pass */
    uint32_t select_tokens;                  /* 0 = a share */
    uint16_t select_milli;                   /* of the context's tokens */
    uint16_t examples;                       /* kept */
    uint16_t history_turns;                  /* kept */
    char summarize_model[CONFIG_NAME_BYTES]; /* "" = none */
};

_Static_assert(sizeof(struct compress_passes) <= 128, "one stands in every route");

/* False with a reason in *why, which begins like "has no pass ...". */
bool compress_passes_parse(struct compress_passes *p, struct span text, struct fmt *why);
bool compress_passes_has(const struct compress_passes *p, enum compress_pass pass);
/* "whitespace"; the name without an argument, also for tags and reports. */
const char *compress_pass_name(enum compress_pass pass);

#endif
