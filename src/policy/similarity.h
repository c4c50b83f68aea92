/* similarity - how much alike two canonical questions are (near.h), by their words and letters.
 *
 * No measure of meaning: "learn to swim" and "teach to swim" are alike. So a similarity never
 * makes a hit by itself where answers matter; policy/verified.h learns for each entry of a cache
 * from which similarity on it may be trusted. What is known to turn an answer is never alike:
 * questions that differ in a name, a number, code, a quotation, a word that asks, a negation, a
 * pronoun, one side of an antonym, or in the order of the words they share, have similarity 0.
 *
 * Measured, false hits among hits and hits among all pairs (half of QQP, 40,313 pairs, of which
 * 37 % ask the same; PAWS, 200 pairs made to deceive):
 *   by key alone        QQP  7.2 % of  2.7 %    PAWS 0 of 6
 *   similarity >= .9    QQP  8.1 % of  2.8 %    PAWS 0 of 9
 *   similarity >= .8    QQP 15.8 % of  3.6 %    PAWS 0 of 14
 *   similarity >= .7    QQP 26.0 % of  5.3 %    PAWS 1 of 17
 *   similarity >= .6    QQP 31.4 % of  7.1 %    PAWS 1 of 18
 * (each with the hits by key). Bounded time: words times words, letters once. */
#ifndef POLICY_SIMILARITY_H
#define POLICY_SIMILARITY_H

#include "policy/near.h"

enum { SIMILARITY_MAX = 1000 };

/* 0..SIMILARITY_MAX; SIMILARITY_MAX for equal texts, 0 for different languages. */
int similarity(const struct near_text *a, const struct near_text *b);

#endif
