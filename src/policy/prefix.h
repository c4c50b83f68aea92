/* prefix - which beginnings of requests a vendor may hold in its prompt cache, and whether to
 * change one pays.
 *
 * Vendors keep the beginning of a prompt for some minutes and sell it again at a tenth to a half of
 * the price (OpenAI, Anthropic, DeepSeek, Gemini), from PREFIX_TOKENS_MIN tokens on; Anthropic
 * sells the writing at 1.25 of it. One byte that differs, and all behind it is written anew. So
 * what was sent is remembered, and what begins like it is left alone where that is cheaper.
 *
 * A ring of PREFIX_ENTRIES beginnings, each by a hash of its messages: the system prompt's end, and
 * the last message's end, of each request sent. White space between messages and what stands before
 * the first one (model, parameters) do not count; `scope` tells apart what vendors keep apart
 * (model and key). Fixed memory, about 1.5 KB; finding is linear in the body. Hashes are FNV-1a:
 * whoever makes two of them equal makes his own request a little dearer.
 *
 *   prefix_find()       when a request comes
 *   prefix_keep()       with the tokens that compress_request() found to save inside it
 *   prefix_remember()   once it is sent, as the client sent it */
#ifndef POLICY_PREFIX_H
#define POLICY_PREFIX_H

#include "llm/request.h"

enum {
    PREFIX_ENTRIES = 64,       /* conversations that go on at a time, two each */
    PREFIX_TOKENS_MIN = 1024,  /* OpenAI and Anthropic, most models; shorter ones are not kept */
    PREFIX_TTL_MS = 5 * 60000, /* Anthropic's; OpenAI keeps them 5 to 10 minutes */
    PREFIX_CALLS_AHEAD_MAX = 8,
};

struct prefix_entry {
    uint64_t hash; /* 0 = free */
    int64_t seen_ms;
    uint16_t times;
    bool changed; /* a compressed form of it went out: that is what the vendor holds */
};

struct prefix_table {
    struct prefix_entry entries[PREFIX_ENTRIES];
};

struct prefix_match {
    size_t bytes;   /* of the body, up to the end of the last message seen before; 0 = none */
    int64_t tokens; /* an estimate of these */
    uint16_t times; /* it was sent */
    uint16_t system_times; /* the system prompt at its beginning was */
    bool changed;
};

void prefix_find(const struct prefix_table *t, uint64_t scope, enum api api, struct span body,
                 int64_t now_ms, struct prefix_match *out);
void prefix_remember(struct prefix_table *t, uint64_t scope, enum api api, struct span body,
                     bool changed, int64_t now_ms);

struct prefix_costs {
    const struct prefix_match *match;
    int64_t cut_tokens; /* that changing would save inside the prefix */
    bool repeatable; /* the passes give the same bytes whatever is asked: no select, no history */
    int64_t input_pusd; /* a token; a price that is not known is the input's */
    int64_t cached_pusd;
    int64_t write_pusd;
};

/* What this call and as many as there have been (at most PREFIX_CALLS_AHEAD_MAX) pay for the
 * prefix. */
struct prefix_sum {
    int64_t calls;
    int64_t keep_pusd;
    int64_t change_pusd;
};

/* True when leaving it as it is costs no more. Without a match or below PREFIX_TOKENS_MIN there is
 * nothing to lose: false, unless nothing is saved either. */
bool prefix_keep(const struct prefix_costs *c, struct prefix_sum *sum);

#endif
