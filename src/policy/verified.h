/* verified - from which similarity on an entry of a cache may answer for another question.
 *
 * No threshold fits all questions, so each entry learns its own (vCache: Schroeder et al., arXiv
 * 2502.03771). While it knows little, most uncertain hits are explored: the model is called as if
 * there were no cache, and the two answers are compared (AGREE_SAME of policy/agree.h), which
 * teaches the entry; the more they agree, the more of such hits it answers itself (exploits).
 *
 * Bound: of all uncertain hits, exploited or not, at most `delta` get an answer that the model
 * would not have given, whatever share of them is wrong. With n checks of which k disagreed,
 * u = (k + 2) / (n + 1) estimates that share from above, and a hit is exploited with probability
 * min(1, delta / u), but never where u is above VERIFIED_WORST times delta: there, hits would be
 * wrong knowingly. For checks that are independent with a share q of disagreements,
 * E[1 / u] < E[(n + 1) / (k + 1)] = (1 - (1 - q)^(n + 1)) / q <= 1 / q, so the errors, q times
 * delta / u, are below delta; a tenth of delta is kept for chance. Similarities are kept apart in
 * bands, because what holds at .95 does not at .75. Without a disagreement a band begins to be used
 * after 2 / delta / VERIFIED_WORST checks and is trusted wholly after 2 / delta: 27 and 111 of them
 * for 2 %. One hit of VERIFIED_CHECK_EVERY is checked for ever, because models change. No prior
 * knowledge is used, no logarithm, no float.
 *
 * Counters halve when one is full, so that an entry follows a model that changes; from then on the
 * bound is that of the last 128 to 255 checks.
 *
 *   verified_exploits()   an uncertain hit: answer it from the cache?
 *   verified_learn()      after a call that was made instead
 *
 * Memory: 8 bytes an entry, all zero for a new one; the caller's. */
#ifndef POLICY_VERIFIED_H
#define POLICY_VERIFIED_H

#include <stdbool.h>
#include <stdint.h>

enum {
    VERIFIED_BANDS = 4,
    /* Similarities of the lowest band and below; each further band is as wide. */
    VERIFIED_BAND_FROM = 600,
    VERIFIED_BAND_WIDTH = 100,
    VERIFIED_WORST = 4,
    VERIFIED_CHECK_EVERY = 16,
};

struct verified {
    uint8_t agreed[VERIFIED_BANDS];
    uint8_t disagreed[VERIFIED_BANDS];
};

/* similarity 0..1000; delta 0..1000, the share of errors that is allowed; random: 32 bits that
 * nobody outside can foretell. */
bool verified_exploits(const struct verified *v, int similarity, int delta, uint32_t random);
void verified_learn(struct verified *v, int similarity, bool agreed);

#endif
