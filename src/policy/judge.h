/* judge - asking a model for a mark of another model's answer, and reading the mark.
 *
 * For `judge` of a [check]: judge_request() writes a chat request, whose answer judge_mark() reads;
 * the mark goes into quality_score() as `judge`. Question and answer are cut to JUDGE_TEXT_BYTES
 * each, in the middle, so that what a judge costs is bounded. The judge is told that both texts are
 * material and no instructions; a mark is all that is read of what it says. */
#ifndef POLICY_JUDGE_H
#define POLICY_JUDGE_H

#include "base/fmt.h"

enum {
    JUDGE_TEXT_BYTES = 6000,         /* about 1,500 tokens */
    JUDGE_REQUEST_BYTES = 80 * 1024, /* always enough: a byte is at most \u00XX */
    JUDGE_OUTPUT_TOKENS = 16,
    JUDGE_NONE = -1,
};

/* The body of POST /v1/chat/completions. False when `out` is too small. */
bool judge_request(struct fmt *out, struct span model_id, struct span question, struct span answer);
/* 0..1000 out of "8", "7.5/10", "Score: 9 out of 10", "{\"score\": 8}": the first number of 0..10;
 * JUDGE_NONE when there is none. */
int judge_mark(struct span reply);

#endif
