/* exchange - one client request's life, from its parsed body to its ledger line.
 *
 * An ordered table of stages (exchange.c, stages.h), each in a file of its own. settle and record
 * run in every ending. An exchange outlives its client when a call has to be read to its end for
 * the sum (on_abort = drain); x->conn is NULL then.
 *
 * Taken from a pool; holds a reference on the configuration it was started under. */
#ifndef GATEWAY_EXCHANGE_H
#define GATEWAY_EXCHANGE_H

#include "gateway/batch_group.h"
#include "gateway/call.h"
#include "gateway/conn.h"
#include "gateway/early.h"
#include "gateway/inputs.h"
#include "gateway/judge.h"
#include "gateway/kept.h"
#include "gateway/learning.h"
#include "gateway/pack.h"
#include "gateway/plan.h"
#include "gateway/player.h"
#include "gateway/recall.h"
#include "gateway/refuse.h"
#include "gateway/relay.h"
#include "gateway/settings.h"
#include "gateway/side.h"
#include "llm/answer.h"
#include "policy/bound.h"

enum {
    EXCHANGE_SESSION_BYTES = 64,
    EXCHANGE_ID_BYTES = 24, /* "fg-" and 16 hex digits */
    /* Replaced texts: a model id escaped, a route's hint. */
    EXCHANGE_PUT_BYTES = 512 + 2 * ROUTE_HINT_BYTES,
};

struct gateway;
struct config_use;

struct exchange {
    struct gateway *gateway;
    struct config_use *use;
    struct conn *conn; /* NULL: the client left */
    size_t stage;
    char id[EXCHANGE_ID_BYTES]; /* NUL-terminated */
    enum purpose purpose;
    struct exchange *parent; /* who needs this side call; NULL: it is none, or nobody any more */
    struct exchange *side;   /* the side call under way */
    void (*done)(struct exchange *parent, struct exchange *side, int64_t now_ms);
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
    int64_t difficulty_milli;           /* -1 = not known */
    const struct model_settings *asked; /* NULL: what the client named is no [model] */
    struct plan plan;
    const struct model_settings *model;
    struct upstream *up;
    struct splice splice;
    char put[EXCHANGE_PUT_BYTES];
    struct answer answer;
    struct relay relay;
    struct early early;
    struct recall recall;
    struct inputs inputs;
    struct kept kept;
    struct batch_group *batch; /* waits in it, or is its call */
    enum batch_state batch_state;
    bool batched;    /* its answer came out of a shared call; usage and cost are its share */
    bool batch_gave; /* and is held */
    bool shared;     /* a call that others pay for */
    struct packed packed;
    struct lease packed_body;
    struct judging judging;
    struct learning learning;
    struct change change;
    struct player player; /* gives the answer instead of the call */
    struct tape *tape;    /* written on, or followed */
    struct exchange *tape_next;
    struct watch wake; /* goes on in the next turn, or at a time */
    bool called;       /* a call was started: there will be a ledger line */
    bool hit;          /* the cache has answered */
    bool coalesced;    /* another one's call has answered */
    bool follows;      /* the tape is another one's */
    bool judged;       /* the answer may still be replaced: it is held and scored */
    bool given;        /* the kept answer is delivered */
    bool rerouted;     /* a budget had no room, and its on_exceed another route */
    bool running;      /* a stage is on the stack: nothing may free the exchange */
    bool gone;         /* the client left */
    bool departed;     /* and what follows from that was decided */
    int64_t linger_ms; /* departed: until then its call goes on for who asks the same */
    bool settled;
    bool abandoned; /* the current call is not the one whose answer is delivered */
    int64_t started_ms;
    int64_t started_wall_ms;
    int64_t ended_ms; /* of the call; 0 = not yet */
    struct usage usage;
    int64_t cost_pusd;
    int64_t spent_pusd; /* by the calls before the current one */
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
/* For side calls: a slot under a configuration; then one of the others. */
struct exchange *exchange_take(struct gateway *g, struct config_use *use, int64_t now_ms);
void exchange_begin_at_reserve(struct exchange *x, int64_t now_ms);
void exchange_drop(struct exchange *x, int64_t now_ms);
/* The client left. */
void exchange_gone(struct exchange *x, int64_t now_ms);
/* The process stops: ends the call now, with its ledger line. */
void exchange_abort(struct exchange *x, int64_t now_ms);

/* Ends the current call, with its ledger line, and picks the next model of the plan; false, and
 * nothing happened, when there is none. `escalates`: the answer was not good enough, so none of the
 * same tier is asked. */
bool exchange_next(struct exchange *x, bool escalates, int64_t now_ms);
/* Ends the current call, with its ledger line; something else will answer. */
void exchange_abandon(struct exchange *x, int64_t now_ms);
/* The next model in x->model; false, and x->refusal says why, when there is none. */
bool exchange_pick(struct exchange *x, int64_t now_ms);

/* From now on under this route, from its first model on. */
void exchange_take_route(struct exchange *x, const struct route_settings *r);

#endif
