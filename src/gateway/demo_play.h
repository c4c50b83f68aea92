/* demo_play - `farthing demo` shows what it saves: a few requests, six times, each time with one
 * more link of the chain, asked of the gateway's own listener at a pace that can be watched.
 *
 * Begins when somebody opens the dashboard, or at once with --play; never with --quiet. Each
 * request names one of the demo's routes as its model, so nothing of the owner's is touched; its
 * ledger lines carry the label demo-N. At the end the sums of each step are told, and nothing of
 * the player runs any more. One connection, one request at a time; no exchange of its own. */
#ifndef GATEWAY_DEMO_PLAY_H
#define GATEWAY_DEMO_PLAY_H

#include "http/head.h"
#include "net/loop.h"
#include "net/stream.h"

enum {
    DEMO_STEPS = 6,
    DEMO_PACE_MS = 80,      /* between two requests: the whole takes about ten seconds */
    DEMO_ANSWER_MS = 10000, /* a lost answer is not waited for any longer */
    DEMO_REQUEST_BYTES = 3072,
    DEMO_RESPONSE_BYTES = 12 * 1024, /* a head, and a body of the stand-in's */
};

enum demo_state { DEMO_IDLE, DEMO_CONNECT, DEMO_SEND, DEMO_READ, DEMO_PAUSE, DEMO_DONE };

struct demo_sum {
    uint64_t requests;
    uint64_t refused; /* by a budget that is used up, for one */
    int64_t cost_pusd;
    int64_t baseline_pusd;
};

struct gateway;

struct demo {
    struct gateway *gateway;
    struct watch watch;
    struct stream stream;
    enum demo_state state;
    size_t step;
    size_t request; /* of the step */
    size_t failures;
    struct demo_sum sums[DEMO_STEPS];
    size_t out_len;
    size_t out_sent;
    size_t in_len;
    char out[DEMO_REQUEST_BYTES];
    char in[DEMO_RESPONSE_BYTES];
};

/* Where it stands, for the dashboard; false: nothing plays. */
struct demo_progress {
    size_t done;
    size_t of;
    const char *step;
};

void demo_init(struct demo *d, struct gateway *g);
/* Once; later calls do nothing. */
void demo_begin(struct demo *d, int64_t now_ms);
bool demo_progress(const struct demo *d, struct demo_progress *out);
void demo_stop(struct demo *d);

#endif
