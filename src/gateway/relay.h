/* relay - the upstream's answer on its way to the client: held, passed, or event by event.
 *
 * The first byte to the client commits: until then the answer can still be replaced by a refusal.
 * Back-pressure is arithmetic: payload is taken from the call only as far as the client's buffer
 * has room, and while it has none the call is paused, so that a slow client slows its vendor and
 * memory stays bounded. With the client gone payload is read and dropped. */
#ifndef GATEWAY_RELAY_H
#define GATEWAY_RELAY_H

#include "base/lease.h"
#include "gateway/stages.h"
#include "http/sse.h"
#include "llm/ending.h"

struct call;
struct refusal;

enum {
    RELAY_EVENT_BYTES = 4096, /* one event held; the usage event has under 1 KB */
    RELAY_END_BYTES = ENDING_BYTES + 2 * ENDING_HEAD_BYTES, /* of a stream of some choices */
};

enum relay_mode {
    RELAY_NONE,
    RELAY_HOLD,   /* the whole answer first, so that its cost can stand in the head */
    RELAY_PASS,   /* as it comes: larger than what can be held */
    RELAY_EVENTS, /* server-sent events, one at a time */
};

struct relay {
    enum relay_mode mode;
    bool by_tape;     /* EVENTS that are judged or may be cut: the client reads the tape, or gets
                       * a body made of it (relay_judged.c) */
    bool committed;   /* they flow */
    bool looked;      /* a beginning of them was judged */
    bool source_done; /* the vendor has ended */
    bool over;        /* it went on beyond its limit */
    bool whole;       /* by_tape: all that is to be delivered is on the tape */
    bool settled;     /* by_tape: and what becomes of it is decided */
    struct lease held;
    size_t held_len;
    size_t held_at; /* PASS: how much of it was sent */
    struct ending ending;
    size_t data_at; /* the event's data, as an offset from the event's first byte */
    size_t data_len;
    bool data_split; /* it does not stand in one piece */
    struct sse sse;
    size_t event_len;   /* bytes in `event` */
    size_t event_ready; /* of these, may go to the client */
    bool event_passing; /* its front was sent already: too long to be withheld */
    char event[RELAY_EVENT_BYTES];
};

/* The call has its response head: chooses how the answer is relayed. */
void relay_start(struct exchange *x, int64_t now_ms);
/* The player has an answer in events: they are relayed as a vendor's. */
void relay_start_events(struct exchange *x);
/* A stream that goes by way of the tape; false when there is none for it. */
bool relay_judged_start(struct exchange *x);
enum stage_result relay_judged_run(struct exchange *x, int64_t now_ms);
/* For the kinds of relay: events out of a payload, bytes taken; a held body to its judges and the
 * client; the end of a broken answer. */
size_t relay_events_in(struct exchange *x, struct span payload);
enum stage_result relay_held_deliver(struct exchange *x, int64_t now_ms);
enum stage_result relay_broken(struct exchange *x, int64_t now_ms);
/* Ends the client's stream, between two events, before the vendor does: as the vendor would end it,
 * else with an error event. On the tape, if there is one, and by itself into `event`. */
void relay_put_end(struct exchange *x, enum ending_reason reason);
/* Our own call is written down for others. */
bool relay_is_taped(const struct exchange *x);
/* Goes on until the answer is whole (NEXT), or somebody has to be waited for (WAIT), or the call
 * broke before the first byte to the client (REFUSE). */
enum stage_result relay_run(struct exchange *x, int64_t now_ms);
/* Why the call failed, as a refusal. */
void relay_refusal(const struct call *c, struct refusal *r);

#endif
