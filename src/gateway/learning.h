/* learning - a route learns which questions its first tier does not answer well enough
 * (policy/learn), from what happens anyway:
 *
 *   the first tier's answer falls short     the next tier's score minus its score
 *   it is delivered                         0
 *   it is delivered, and shadowed           both are scored, and differing answers count against it
 *   its client asks the same again          LEARNING_AGAIN_MILLI, where that says so
 * (policy/again): a guess, so less than what was seen, and it never lowers what is expected; 0 is
 * not learned of the second answer
 *
 * Shadow checks are side calls to the next tier for a share of what the first one has answered
 * (`shadow`): reserved and written down like any other, and nobody waits for them. Scores are those
 * of policy/quality without what was expected beforehand, else the model would learn from itself.
 *
 * Until it is calibrated a route's model changes nothing. Then its prediction shifts the scores of
 * the first tier's answers, and above `skip_above` that tier is passed over, but for one question
 * in LEARNING_TRY_EVERY: nothing would ever be learned of such questions again.
 *
 * Kept in LEDGER.learn.ROUTE (ledger/blob), which is written at most every LEARNING_SAVE_MS, and at
 * the end. */
#ifndef GATEWAY_LEARNING_H
#define GATEWAY_LEARNING_H

#include "base/fmt.h"
#include "policy/again.h"
#include "policy/learn.h"
#include "policy/route.h"

enum {
    LEARNING_ROUTES_MAX = 4, /* 34 KB each */
    LEARNING_TRY_EVERY = 16,
    LEARNING_LOOK_EVERY = 16,    /* updates; then calibration is looked at: 30,000 steps */
    LEARNING_SAVE_MS = 600000,   /* 17 KB each time: flash wears out by what is written */
    LEARNING_WHOLE_MILLI = 1000, /* of `shadow`: one is due */
    LEARNING_AGAIN_MILLI = 300,
};

struct exchange;
struct gateway;

/* Of a route; carved at start. */
struct learner {
    struct learn model;
    char route[CONFIG_NAME_BYTES];
    enum learn_state state; /* when it was looked at last */
    int32_t order_milli;
    uint32_t saved_updates; /* that the file has */
    int64_t save_ms;        /* not before; monotonic */
    uint32_t passed_over;
    int64_t shadow_milli; /* due */
};

/* Of an exchange. */
struct learning {
    struct learner *learner; /* NULL: its route learns nothing */
    int gain_milli;          /* predicted */
    int prior_milli;         /* the same of a calibrated model, else 0 */
    int cheap_milli;         /* the first tier's score, which was too low; QUALITY_NONE */
    uint64_t client;         /* hashes, for policy/again */
    uint64_t question;       /* 0 = none */
};

/* How many routes of a configuration learn. */
size_t learning_count(const struct route_settings *routes, size_t count);
struct learner *learning_find(struct gateway *g, const char *route);

/* The exchange has a route, from its first model on. */
void learning_begin(struct exchange *x);
/* The current answer is not good enough, and the next tier is asked. */
void learning_escalated(struct exchange *x);
/* The current call is over. */
void learning_settled(struct exchange *x, int64_t now_ms);
/* An outcome: how much better the next tier did, -LEARN_GAIN_MAX..LEARN_GAIN_MAX. */
void learning_update(struct learner *l, const struct learn_input *in, int gain_milli);

/* What files there are. */
void learning_open(struct gateway *g);
/* When a file is to be written; LOOP_NEVER. */
int64_t learning_deadline_ms(const struct gateway *g);
void learning_save(struct gateway *g, bool at_end, int64_t now_ms);

#endif
