/* quality - the score of an answer, 0..1000, from checks that cost nothing.
 *
 * A tier's answer is scored and compared with the tier's bar; below it the next tier is asked. Each
 * check that applies gives 0..1000. The score is a product: a check that fails completely takes the
 * share of its weight away (weight 1000: all of it), one that is half right takes half of that:
 *
 *   score = 1000 x PRODUCT over checks of (1000 - weight x (1000 - check) / 1000) / 1000
 *
 * so an answer that nothing speaks against has 1000, whatever it is about, and the order of two
 * answers depends on evidence only. Length by itself is never evidence: only min_chars and
 * max_chars, when an owner wrote them, look at it.
 *
 * PRIOR. What is known of the question before it is answered (policy/learn: the gain expected from
 * a stronger model, -1000..1000 thousandths of an answer) shifts the odds of a score between 0 and
 * 1000: evidence' = evidence - QUALITY_PRIOR_MILLI x prior / 1000, both in milli-logits
 * (policy/logistic.h). 0 changes nothing; no prior saves a broken answer.
 *
 * STREAMS. With `partial` set, the text is a beginning that may still grow: what only an end can
 * show (finish, cut, balance, min_chars, require, schema, tools, maths) is not judged, and JSON
 * must be right so far.
 *
 * `work` is scratch for one call (about 70 KB, one in a process is enough). Nothing is kept. Time
 * is linear in the texts, apart from the bounds of policy/schema.h and policy/pattern.h. */
#ifndef POLICY_QUALITY_H
#define POLICY_QUALITY_H

#include "policy/check_settings.h"
#include "policy/schema.h"
#include "json/object.h"
#include "json/tree.h"

enum {
    QUALITY_NONE = -1,     /* a check that does not apply */
    QUALITY_VALUES = 1024, /* of an answer's JSON, and of a schema; of more, nothing is said */
    QUALITY_ARGUMENT_BYTES = 8192, /* of a tool call, decoded; longer ones only need to be JSON */
    QUALITY_CALLS_MAX = 32,
    QUALITY_PRIOR_MILLI = 3000, /* from 1000 to 6000 are about as good on recorded answers */
};

/* What the request asks for; all of it may be empty. */
struct quality_request {
    struct span body;   /* must outlive the struct */
    struct span schema; /* of a json_schema response format, as written; empty = none */
    struct span tools;  /* array as written */
    bool wants_json;    /* response_format json_object or json_schema */
    bool must_call;     /* tool_choice asks for a tool */
    bool has_limit;     /* the client limited the output itself: being cut is no fault */
    bool has_stop;      /* stop sequences: text may end anywhere */
};

struct quality_input {
    struct span question; /* text of the last user message */
    struct span answer;   /* text of the answer */
    struct span finish;   /* finish_reason or stop_reason; empty = not known */
    struct span calls;    /* tool calls of the answer: JSON array as the API writes it */
    const struct quality_request *request; /* NULL: nothing special is asked */
    int64_t logprob_milli; /* mean log-probability of a token in milli-nats, below 0; 0 = unknown */
    int judge;             /* 0..1000 by a judge model; QUALITY_NONE */
    int agree;             /* 0..1000 agreement with another model's answer; QUALITY_NONE */
    int prior;             /* see above; 0 = none */
    bool partial;
};

struct quality_work {
    struct json_object object;
    struct schema_work schema;
    struct json_token tokens[2][QUALITY_VALUES];
    int next[2][QUALITY_VALUES];
    char text[QUALITY_ARGUMENT_BYTES];
};

struct quality {
    int score;                   /* 0..1000 */
    int16_t checks[CHECK_COUNT]; /* 0..1000, or QUALITY_NONE */
};

/* Reads a request's body of any API; false when it is no JSON object (then nothing is asked). */
bool quality_request_read(struct quality_request *r, struct span body, struct quality_work *work);
/* `settings` NULL: the defaults. */
void quality_score(struct quality *out, const struct quality_input *in,
                   const struct check_settings *settings, struct quality_work *work);
/* The score with another prior, or that of checks that were changed (a judge's, say). */
int quality_combine(const struct quality *q, const struct check_settings *settings, int prior);
/* How far two answers to one question say the same: by their final numbers, or word for word when
 * both are short. QUALITY_NONE when that cannot be told. */
int quality_agreement(struct span question, struct span a, struct span b);

#endif
