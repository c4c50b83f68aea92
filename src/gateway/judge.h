/* judge - whether a tier's answer is delivered, or the next model is asked.
 *
 * An answer is judged while it is held, as long as there is another model to ask: against the bar
 * of its tier, or, where it has none, only for being an answer at all (not empty, no 'overloaded',
 * no loop). A stream is looked at once `commit_after` tokens are there, and again at its end; what
 * has passed the first look flows to the client (DESIGN section 3). */
#ifndef GATEWAY_JUDGE_H
#define GATEWAY_JUDGE_H

#include "gateway/side.h"
#include "gateway/tape.h"
#include "llm/messages.h"
#include "llm/reply.h"
#include "policy/quality.h"

enum {
    JUDGE_QUESTION_BYTES = 8192, /* a longer one is cut: checks look at its ends */
    JUDGE_ANSWER_BYTES = 49152,  /* likewise; 12,000 tokens */
    JUDGE_CALLS_BYTES = 8192,
    JUDGE_OTHER_BYTES = 16384,
    JUDGE_SOUND_MILLI = 500, /* of a check that tells an answer from none */
};

/* Lent to one judgement at a time. */
struct judge_scratch {
    struct quality_work work;
    struct quality_request request;
    struct messages messages;
    struct recording_reader reader;
    struct reply reply;
    char question[JUDGE_QUESTION_BYTES];
    char answer[JUDGE_ANSWER_BYTES];
    char calls[JUDGE_CALLS_BYTES];
    char other[JUDGE_OTHER_BYTES]; /* what another model says */
};

struct exchange;

/* What is known of the current call's answer. */
struct judging {
    int score_milli; /* the last one; QUALITY_NONE = not judged */
    int plain_milli; /* the same without what was expected beforehand */
    int judge;       /* what the judge model says; QUALITY_NONE: not asked, or it said nothing */
    int agree;
    int64_t logprob_milli; /* mean of its tokens; 0 = not known */
    bool judge_asked;
    bool agree_asked;
};

enum verdict {
    VERDICT_PASS, /* it may be delivered */
    VERDICT_FAIL,
    VERDICT_WAIT, /* a side call is under way: ask again once the exchange is woken */
};

void judging_start(struct judging *j);
/* Whether answers of this API can be read. */
bool judge_speaks(enum api api);
/* Whether the answer of the current call has to be held for judgement. */
bool judge_is_wanted(const struct exchange *x, int64_t now_ms);
/* Whether the vendor is asked how probable it found its words, which the client did not. */
bool judge_asks_logprobs(const struct exchange *x);
/* Whether it can be judged before its end: not where other models have a word in it. */
bool judge_takes_beginnings(const struct exchange *x);
enum verdict judge_body(struct exchange *x, struct span body, int64_t now_ms);
/* Of a stream so far, which may still grow. */
bool judge_beginning(struct exchange *x, const struct tape *t);
/* Of a whole stream. */
enum verdict judge_tape(struct exchange *x, const struct tape *t, int64_t now_ms);

/* The score of a whole body to this exchange's question, nobody being asked and nothing expected;
 * and how much higher that of a strong answer is, when a cheap one that says something else counts
 * for less. */
int judge_measure(struct exchange *x, struct span body);
int judge_gain(struct exchange *x, struct span cheap, struct span strong);

#endif
