/* upstream - what is shared by all calls to one vendor while the gateway runs.
 *
 * How many connections are busy, who waits for one, the endpoint with its saved TLS session. Lives
 * as long as its generation of the configuration. */
#ifndef GATEWAY_UPSTREAM_H
#define GATEWAY_UPSTREAM_H

#include "base/diag.h"
#include "http/emit.h"
#include "http/head.h"
#include "llm/tokens.h"
#include "llm/upstream.h"
#include "net/idle.h"
#include "policy/breaker.h"

enum { UPSTREAM_TELL_MS = 10000 };

struct call;
struct vendor;

/* What every call needs of the gateway. */
struct upstream_shared {
    struct loop *loop;
    struct dialer *dialer;
    struct idle *idle;
    struct vendor *vendor; /* the embedded stand-in; NULL = none */
    struct diag *diag;
};

struct upstream {
    const struct upstream_settings *settings;
    struct upstream_shared *shared;
    struct endpoint endpoint;
    uint32_t busy; /* connections held by calls */
    struct call *queue_first;
    struct call *queue_last;
    uint32_t queued;
    struct breaker breaker;
    struct token_calibration calibration; /* of estimates, by what it counted so far */
    int64_t overhead_tokens; /* the most it was seen to count beyond what bounds a request */
    bool failing;            /* the last call ended in a failure */
    bool away;               /* the last call did not reach it, or heard nothing of it */
    bool told_unknown_usage; /* a field of its usage that is not known */
    int64_t logged_ms;       /* when a failure was last told, so that a dead vendor is no flood */
    /* For status: */
    uint64_t calls;
    uint64_t failures;
    int64_t last_failure_wall_ms; /* 0 = none */
    int64_t last_success_wall_ms;
    char last_failure[256];
};

void upstream_init(struct upstream *u, const struct upstream_settings *settings,
                   struct upstream_shared *shared);
/* Keeps the counts and tells the owner about a failure, at most once in UPSTREAM_TELL_MS. `what` is
 * one sentence. `its_own`: it is the vendor's, not ours, and feeds the breaker. */
void upstream_failed(struct upstream *u, struct span what, bool its_own, int64_t now_ms);
void upstream_answered(struct upstream *u);
/* The head of a response: its status feeds the breaker. */
void upstream_heard(struct upstream *u, const struct http_head *h, int64_t now_ms);
/* Calls of the same vendor that were counted under another configuration, which counts from 0. */
void upstream_take_counts(struct upstream *u, struct upstream *old);
/* After a reload: what was counted and learned of the same vendor goes on. */
void upstream_adopt(struct upstream *u, struct upstream *old);
/* Reachable as far as is known: no call yet, or the last one got an answer. */
bool upstream_seems_up(const struct upstream *u);

/* The beginning of a request to it: the API's path below its own, its host, its key as that API
 * wants it. */
void upstream_emit_begin(const struct upstream_settings *u, const char *method,
                         struct span api_path, bool anthropic, struct emit *e, struct fmt *out);
/* The fields that the owner configured. */
void upstream_emit_configured(const struct upstream_settings *u, struct emit *e);

#endif
