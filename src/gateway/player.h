/* player - a recorded answer as if a vendor sent it now: pieces of a stream, or a body.
 *
 * Out of a recording that is whole (a cache hit, its own copy) or that still grows (a tape that is
 * followed), as the client wants it: a stream of events, from events as they were or from a body
 * taken apart; or a body, from events put together or as it was. The relay takes from it as it
 * takes from a call, so that usage, back-pressure and endings are the same code.
 *
 *   player_open()    leases what it needs; false when there is no memory
 *   player_pace()    for those who want to see it stream
 *   player_next()    like call_next; player_used() likewise
 *   player_close()   idempotent */
#ifndef GATEWAY_PLAYER_H
#define GATEWAY_PLAYER_H

#include "base/lease.h"
#include "gateway/call.h"
#include "gateway/tape.h"
#include "llm/disassemble.h"

enum player_kind { PLAYER_NONE, PLAYER_EVENTS, PLAYER_DISASSEMBLE };

struct player {
    enum player_kind kind;
    struct lease state; /* reader or disassembler, and what is not sent yet */
    struct lease copy;  /* of a recording or a body; none where a tape is followed */
    size_t copy_len;
    const struct tape *tape;
    struct span payload; /* not yet taken */
    bool ended;
    uint32_t events; /* begun so far; of a body only those that carry text */
    uint32_t skip;   /* this one is not told; counted from 1, 0 = none */
    int64_t rate;    /* of events a second; 0 = at once */
    int64_t began_ms;
};

/* The events of a whole recording, whose bytes are copied; or of a tape, from its begin. */
bool player_open_events(struct player *p, struct lease_region *memory, struct span recording);
bool player_open_tape(struct player *p, struct lease_region *memory, const struct tape *t);
/* The events of a body. False also when the body cannot be told in events. */
bool player_open_body(struct player *p, struct lease_region *memory, enum api api, struct span body,
                      bool include_usage);
/* The body of a whole recording of either kind, in a lease of the caller's. */
bool player_body(struct lease_region *memory, enum api api, struct span recording,
                 struct lease *body, size_t *body_len);
/* From now on so many events (of a body: pieces of text) a second, once it is open; 0 = at once. */
void player_pace(struct player *p, int64_t rate, int64_t now_ms);
/* CALL_MORE where the next event is not due yet: it will be at player_due_ms. */
enum call_next player_next(struct player *p, struct span *payload, int64_t now_ms);
int64_t player_due_ms(const struct player *p);
void player_used(struct player *p, size_t bytes);
/* Does not tell the nth event, counted from 1, of a tape: before it is read. */
void player_skip(struct player *p, uint32_t nth);
void player_close(struct player *p, struct lease_region *memory);

#endif
