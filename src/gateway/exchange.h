/* exchange - one client request's life, from its parsed body to its ledger line.
 *
 * An ordered table of stages (exchange.c), each in a file of its own. A stage decides and returns:
 *   STAGE_NEXT    on to the next
 *   STAGE_WAIT    something is under way; exchange_resume() comes back to this stage
 *   STAGE_REPLY   the stage answered the client itself: on to settle
 *   STAGE_REFUSE  x->refusal says why: on to deliver, which tells the client
 *   STAGE_ESCALATE  the call's end was written down and the next model of the plan picked
 *                   (exchange_next): back to reserve, the only backward edge
 * settle and record run in every ending. An exchange outlives its client when a call has to be read
 * to its end for the sum (on_abort = drain); x->conn is NULL then.
 *
 * Taken from a pool; holds a reference on the configuration it was started under. */
#ifndef GATEWAY_EXCHANGE_H
#define GATEWAY_EXCHANGE_H

#include "gateway/call.h"
#include "gateway/conn.h"
#include "gateway/plan.h"
#include "gateway/refuse.h"
#include "gateway/settings.h"
#include "http/sse.h"
#include "llm/answer.h"
#include "policy/bound.h"

enum {
    EXCHANGE_SESSION_BYTES = 64,
    EXCHANGE_ID_BYTES = 24,   /* "fg-" and 16 hex digits */
    EXCHANGE_PUT_BYTES = 512, /* replaced texts: a model id escaped, stream_options */
    RELAY_EVENT_BYTES = 4096, /* one event held; the usage event has under 1 KB */
};

enum stage_result { STAGE_NEXT, STAGE_WAIT, STAGE_REPLY, STAGE_REFUSE, STAGE_ESCALATE };

enum relay_mode {
    RELAY_NONE,
    RELAY_HOLD,   /* the whole answer first, so that its cost can stand in the head */
    RELAY_PASS,   /* as it comes: larger than what can be held */
    RELAY_EVENTS, /* server-sent events, one at a time */
};

struct relay {
    enum relay_mode mode;
    struct lease held;
    size_t held_len;
    size_t held_at; /* PASS: how much of it was sent */
    struct sse sse;
    size_t event_len;   /* bytes in `event` */
    size_t event_ready; /* of these, may go to the client */
    bool event_passing; /* its front was sent already: too long to be withheld */
    char event[RELAY_EVENT_BYTES];
};

struct gateway;
struct config_use;

struct exchange {
    struct gateway *gateway;
    struct config_use *use;
    struct conn *conn; /* NULL: the client left */
    size_t stage;
    char id[EXCHANGE_ID_BYTES]; /* NUL-terminated */
    struct refusal refusal;
    enum api api;
    const struct key_settings *key; /* NULL: none is configured, everyone is the owner */
    struct key_state *key_state;
    struct key_rate_view rate_requests; /* limit 0: not asked for */
    struct key_rate_view rate_tokens;
    int64_t rate_taken_tokens;
    struct span address; /* of the client, where a budget asks; points into address_text */
    char address_text[NET_ADDR_TEXT_BYTES];
    struct span session; /* of x-farthing-session; points into session_text */
    char session_text[EXCHANGE_SESSION_BYTES];
    struct bound bound;
    int64_t output_limit_tokens; /* put into the request; 0 = left as it is */
    struct budget_hold hold;
    struct budget_verdict budget; /* the tightest one */
    struct lease body;
    struct request request;
    const struct route_settings *route; /* NULL: none matched */
    struct span workload;               /* what the prompt is; empty = not known */
    char workload_text[EXCHANGE_SESSION_BYTES];
    const struct model_settings *asked; /* NULL: what the client named is no [model] */
    struct plan plan;
    const struct model_settings *model;
    struct upstream *up;
    struct splice splice;
    char put[EXCHANGE_PUT_BYTES];
    struct answer answer;
    struct relay relay;
    bool called;   /* a call was started: there will be a ledger line */
    bool rerouted; /* a budget had no room, and its on_exceed another route */
    bool running;  /* a stage is on the stack: nothing may free the exchange */
    bool gone;     /* the client left */
    bool departed; /* and what follows from that was decided */
    bool settled;
    bool abandoned; /* the current call is not the one whose answer is delivered */
    int64_t started_ms;
    int64_t started_wall_ms;
    int64_t ended_ms; /* of the call; 0 = not yet */
    struct usage usage;
    int64_t cost_pusd;
    int64_t baseline_pusd;
    uint32_t tags;       /* of the current call */
    uint32_t route_tags; /* of every call */
    int upstream_status; /* 0 = none came */
    struct span label;   /* of x-farthing-label; points into label_text */
    char label_text[EXCHANGE_SESSION_BYTES];
    struct call call;
};

/* Begins with the request that the conn holds. False when no slot is free: the caller refuses. */
bool exchange_start(struct gateway *g, struct conn *c, enum api api, int64_t now_ms);
void exchange_resume(struct exchange *x, int64_t now_ms);
/* The client left. */
void exchange_gone(struct exchange *x, int64_t now_ms);
/* The process stops: ends the call now, with its ledger line. */
void exchange_abort(struct exchange *x, int64_t now_ms);

/* Ends the current call, with its ledger line, and picks the next model of the plan; false, and
 * nothing happened, when there is none. `escalates`: the answer was not good enough, so none of the
 * same tier is asked. */
bool exchange_next(struct exchange *x, bool escalates, int64_t now_ms);
/* The next model in x->model; false, and x->refusal says why, when there is none. */
bool exchange_pick(struct exchange *x, int64_t now_ms);

/* From now on under this route, from its first model on. */
void exchange_take_route(struct exchange *x, const struct route_settings *r);
/* A field of the client's as a word for the ledger: printable ASCII without spaces, all else
 * becomes '_'. Empty when it is not there. */
struct span exchange_word(const struct exchange *x, const char *field, char *out, size_t out_bytes);

/* Who and what it is, as budgets know it. */
struct budget_subject exchange_subject(const struct exchange *x);

/* x->bound: the most that its call can cost; false when nothing bounds it. */
bool exchange_bound(struct exchange *x);

/* The stages. */
enum stage_result stage_authorize(struct exchange *x, int64_t now_ms);
enum stage_result stage_understand(struct exchange *x, int64_t now_ms);
enum stage_result stage_route(struct exchange *x, int64_t now_ms);
enum stage_result stage_preview(struct exchange *x, int64_t now_ms);
enum stage_result stage_reserve(struct exchange *x, int64_t now_ms);
enum stage_result stage_ask(struct exchange *x, int64_t now_ms);
enum stage_result stage_deliver(struct exchange *x, int64_t now_ms);
enum stage_result stage_settle(struct exchange *x, int64_t now_ms);
enum stage_result stage_record(struct exchange *x, int64_t now_ms);

#endif
