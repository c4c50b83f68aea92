/* price - what a call costs, in picodollars, exactly.
 *
 * Prices are picodollars a token; settings come in USD per million tokens (money.h). One price_set
 * holds for a whole request, never for a part of it:
 *   base    always, unless one of these takes its place
 *   above   when the request's input has more than above_tokens (vendors double their prices there,
 *           for all of the request's tokens)
 *   next    from the day next_unix_ms on, whatever the length: a price that is announced already
 *
 * What a set leaves out: cached_input and cache_write are its input price, so that cached tokens
 * are never free; cache_write_1h is the dearer of cache_write and twice input (Anthropic's ratio,
 * the one vendor that has it); input and output of `above` are those of base. Reasoning tokens are
 * part of output. Each input token is charged once: as cached, as written or as plain. */
#ifndef LLM_PRICE_H
#define LLM_PRICE_H

#include "base/money.h"
#include "llm/usage.h"

struct price_set {
    int64_t input_pusd; /* all of them a token; CONFIG_UNSET = not given */
    int64_t cached_input_pusd;
    int64_t cache_write_pusd;
    int64_t cache_write_1h_pusd;
    int64_t output_pusd;
};

struct price {
    struct price_set base;
    struct price_set above;
    struct price_set next;
    int64_t above_tokens; /* 0 = there is no tier */
    int64_t next_unix_ms; /* 0 = no change is known */
};

/* Nothing is given. */
void price_clear(struct price *p);
/* A price can be asked for when input and output of base are known. */
bool price_is_known(const struct price *p);
/* What is wrong with the tier or the announced price as they are written, or NULL. */
const char *price_fault(const struct price *p);
/* The prices of a request with that much input at that time, none of them left out. */
struct price_set price_at(const struct price *p, int64_t input_tokens, int64_t unix_ms);
int64_t price_cost_pusd(const struct price *p, const struct usage *u, int64_t unix_ms);

/* Bounds for a request whose input has at most that many tokens. */
struct price_bound {
    int64_t input_pusd;  /* the dearest that a token of input can be */
    int64_t output_pusd; /* likewise */
};

/* writes_1h: the request asks for the vendor's one-hour cache. */
struct price_bound price_dearest(const struct price *p, int64_t input_tokens_max, int64_t unix_ms,
                                 bool writes_1h);

#endif
