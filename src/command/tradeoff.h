/* tradeoff - what a bound of difficulty costs and what it keeps, over prompts of which it is known
 * how a cheap and a strong model did.
 *
 *   tradeoff_read()    a line's outcomes
 *   tradeoff_add()     one prompt, at its difficulty
 *   tradeoff_at()      what is below the bound goes to the cheap model, the rest to the strong one
 *   tradeoff_bound()   the highest bound that keeps enough of what the strong model is better by,
 *                      as every bound below it does: a lucky one above a gap is chance
 *
 * Any number of lines: they are summed by difficulty. No I/O; memory: the struct, 40 KB. */
#ifndef COMMAND_TRADEOFF_H
#define COMMAND_TRADEOFF_H

#include "base/fmt.h"
#include "command/jsonl.h"

enum { TRADEOFF_LEVELS = 1001, TRADEOFF_KEEP_PERCENT = 95 };

struct tradeoff {
    struct tradeoff_level {
        uint64_t count;
        int64_t cheap_milli; /* sums of outcomes */
        int64_t strong_milli;
        int64_t cheap_pusd;
        int64_t strong_pusd;
    } levels[TRADEOFF_LEVELS]; /* by thousandths of difficulty */
};

struct tradeoff_outcome {
    int64_t cheap_milli; /* 0..1000 */
    int64_t strong_milli;
};

struct tradeoff_sum {
    uint64_t count;
    uint64_t cheap; /* of them went to the cheap model */
    int64_t quality_milli;
    int64_t cost_pusd;
};

/* Out of "cheap" and "strong" (0..1, true or false); or of "label": easy is 1 and 1, hard 0 and 1.
 * False when neither is there. */
bool tradeoff_read(const struct jsonl *j, struct span label, struct tradeoff_outcome *out);
void tradeoff_add(struct tradeoff *t, int64_t difficulty_milli, const struct tradeoff_outcome *o,
                  int64_t cheap_pusd, int64_t strong_pusd);
struct tradeoff_sum tradeoff_at(const struct tradeoff *t, int bound_milli);
/* -1: the strong model is no better here. */
int tradeoff_bound(const struct tradeoff *t, uint64_t keep_percent);
/* The bound as a sentence, with what it keeps. */
void tradeoff_say(const struct tradeoff *t, uint64_t keep_percent, struct fmt *f);

#endif
