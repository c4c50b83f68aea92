/* refusal - whether an answer declines to answer, hedges, or is an error that came as an answer.
 *
 * Tables of what models say, in twelve languages (English, German, French, Spanish, Italian,
 * Portuguese, Dutch, Polish, Russian, Chinese, Japanese, Korean), written from knowledge of how
 * models refuse and not learned from labelled answers. The first REFUSAL_READ_BYTES of the folded
 * answer are read: refusals stand at the beginning. A refusal that goes on with other help counts
 * as one: the question was not answered. */
#ifndef POLICY_REFUSAL_H
#define POLICY_REFUSAL_H

#include "base/span.h"

enum {
    REFUSAL_READ_BYTES = 480,  /* folded; about the first three sentences */
    REFUSAL_DECIDED = 9,       /* points from which an answer is taken for a refusal */
    REFUSAL_ERROR_BYTES = 400, /* error texts are short; a longer answer is about errors */
};

/* Points: 0 nothing of it, REFUSAL_DECIDED and more a refusal. */
int refusal_points(struct span answer);
bool refusal_is(struct span answer);
/* The answer says itself that it may be wrong or that it does not know. */
bool refusal_hedges(struct span answer);
/* "Overloaded", "rate limit exceeded", an HTML error page: a failure delivered as a success. Not
 * when the question speaks of such things itself. */
bool refusal_is_error(struct span question, struct span answer);

#endif
