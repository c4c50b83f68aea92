/* agree - do two answers to one question say the same?
 *
 * For shadow checks of a cache (policy/verified.h) and for tiers that must agree. In this order, by
 * the first that applies:
 *   equal          but for case, signs and spaces                                  1000
 *   JSON           both are, in code fences or not: equal but for the order of     1000 or 0
 *                  members and white space; only one is                            0
 *   final number   where the question asks for one (policy/arithmetic.h)           1000 or 0
 *   yes or no      both begin with one, and not with the same                      0
 *   short          one has up to 3 words, which the other, of up to 20, says too   900
 *   facts          numbers of the one that the other lacks, in texts of up to      0
 *                  40 words; one of these says "not" and the other does not        0
 *   words          twice the words of four letters and more that both have, by     0..899
 *                  those of either; both begin with the same yes or no: at
 *                  least 700
 * Prose that says the same in other words is not recognised: what the number tells is agreement,
 * its lack is no proof. Of long answers the first AGREE_TEXT_BYTES are compared. Linear in the
 * texts, about 14 KiB of stack. */
#ifndef POLICY_AGREE_H
#define POLICY_AGREE_H

#include "base/span.h"

enum {
    AGREE_TEXT_BYTES = 4096,
    AGREE_MAX = 1000,
    AGREE_SAME = 600, /* from here on two answers count as one */
};

/* 0..AGREE_MAX. The question may be empty: then no final number is looked for. */
int agree(struct span question, struct span a, struct span b);

#endif
