/* early - an answer that its route's rules (policy/stop.h) end before the vendor does.
 *
 * Events of the vendor are looked at one by one before they go onto the tape (relay_judged.c). What
 * may still turn out to lie behind the cut is held, as whole events; the event that the cut falls
 * into is shortened, and nothing behind it is delivered. A client that does not stream gets its
 * answer in the same way: the vendor streams to us, and the tape is put together to a body.
 *
 *   early_start()    before the call; early_close() in every ending
 *   early_data(), early_event()     in place of the tape's, while `on`
 *   early_end()      the vendor is at its end: all that is held goes on
 *
 * Not for requests of several choices, nor for the Responses API; once a tool call has begun, no
 * rule counts any more. Without memory the rules are off, and the answer is whole. */
#ifndef GATEWAY_EARLY_H
#define GATEWAY_EARLY_H

#include "base/lease.h"

struct exchange;
struct stop_mean;

struct early {
    bool on;     /* rules are looked at */
    bool inside; /* the vendor streams, the client does not */
    bool fired;  /* what comes now is not delivered */
    struct lease state;
    struct lease held;    /* events, and behind them the one under way */
    size_t held_len;      /* of the whole ones */
    size_t open_len;      /* of the one under way; 0 = none */
    int64_t saved_tokens; /* by estimate, once settled */
};

/* What the route has appended to the prompt, so that answers are short; NULL: nothing. */
const char *early_hint(const struct exchange *x);
/* Of the route's answers that came whole; NULL: it has no rules. */
struct stop_mean *early_mean(const struct exchange *x);
void early_start(struct exchange *x);
void early_data(struct exchange *x, struct span data);
void early_event(struct exchange *x);
void early_end(struct exchange *x);
void early_close(struct exchange *x);

#endif
