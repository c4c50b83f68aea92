/* summary - a long text said shorter by a cheap model: which, whether it pays, what is asked.
 *
 * For the pass summarize:MODEL. Two texts of a request may go out as a summary:
 *   the system prompt   its longest text, from summarize_min_tokens on
 *   the history         all texts of the turns that `history:N` drops, from as many tokens on; so
 *                       that a summary serves more than one request, turns go N at a time, and at
 *                       least N and fewer than 2N stay
 * The gateway remembers summaries under summary_key() and gives them to compress_request().
 *
 *   summary_find()      the texts of a body
 *   summary_pays()      for so many requests, by prices and tokens
 *   summary_request()   the chat request to the cheap model
 *   summary_take()      its answer, if it can stand for the text
 *
 * Time is linear in the body; no memory but the caller's. */
#ifndef POLICY_SUMMARY_H
#define POLICY_SUMMARY_H

#include "base/hash.h"
#include "llm/price.h"
#include "llm/reply.h"
#include "policy/compress.h"
#include "policy/compress_settings.h"

enum summary_of { SUMMARY_SYSTEM, SUMMARY_HISTORY, SUMMARY_KINDS };

enum {
    SUMMARY_LENGTHS_MAX = 2,    /* that an answer may have: a model keeps no exact count */
    SUMMARY_ROOM_BYTES = 12288, /* instructions escaped, a speaker for each text */
};

struct summary_texts {
    struct span body;
    const struct messages *messages;
    struct compress_result history;    /* only its drops */
    const struct message_text *system; /* the longest; NULL = there is none */
    int64_t tokens[SUMMARY_KINDS];     /* by estimate; 0 = nothing to summarise */
    size_t end[SUMMARY_KINDS];         /* in the body, of the last text */
};

/* `room` is as long as the body, for decoding; `m` is filled and referred to. */
void summary_find(struct summary_texts *t, const struct compress_passes *passes,
                  const struct compress_settings *s, enum api api, struct span body,
                  struct messages *m, char *room);

/* Who summarises, and how: what a summary depends on besides the text. */
struct summary_maker {
    struct span model_id;
    const struct compress_settings *settings;
    bool completion_tokens; /* the limit's name is OpenAI's newer one */
};

struct hash128 summary_key(const uint8_t secret[HASH_SIP_KEY_BYTES], const struct summary_texts *t,
                           enum summary_of of, const struct summary_maker *by);
/* Tokens that a summary is expected to have. */
int64_t summary_length(const struct compress_settings *s, int64_t text_tokens);
/* The body of POST /v1/chat/completions, limited to SUMMARY_LENGTHS_MAX lengths. False when `out`
 * is too small: the length of the body that the texts are of and SUMMARY_ROOM_BYTES are enough. */
bool summary_request(struct fmt *out, const struct summary_texts *t, enum summary_of of,
                     const struct summary_maker *by);
/* The text, if it is whole, not longer than was allowed, and no mere word or two; else empty. */
struct span summary_take(const struct reply *reply, int64_t tokens_max);

struct summary_terms {
    int64_t text_tokens;
    int64_t left_tokens;    /* expected of the summary */
    int64_t prefix_tokens;  /* of the beginning that the vendor holds, the text in it; 0 = not so */
    struct price_set asked; /* of the model that the request is for */
    struct price_set cheap; /* of the one that summarises; all 0 = free */
};

int64_t summary_cost_pusd(const struct summary_terms *t);
/* What so many requests save. Where the vendor holds the text, its tokens cost the cached price,
 * and the first request that says something else pays for writing what is behind it anew. */
int64_t summary_saving_pusd(const struct summary_terms *t, int64_t requests);

#endif
