/* logistic - the curve between evidence and a score, in whole numbers.
 *
 * Evidence is in thousandths of a natural logarithm of odds (milli-logits): 0 is even, 2197 is nine
 * to one. Exact to about 3 thousandths. */
#ifndef POLICY_LOGISTIC_H
#define POLICY_LOGISTIC_H

#include <stdint.h>

/* 0..1000 of any evidence. */
int logistic_score(int64_t evidence_milli);
/* The evidence for a score of 1..999; below and above it is that of 1 and 999. */
int64_t logistic_evidence(int score);

#endif
