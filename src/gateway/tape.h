/* tape - an answer that is recorded while it is delivered: for the cache, and for those who asked
 * the same meanwhile.
 *
 * The exchange that calls the vendor owns a tape and writes on it (llm/recording); others that
 * asked the same follow it: they are woken whenever there is more, read at their own pace, and see
 * how it ended. A tape lives until nobody uses it. Its memory is leased from the bodies, page by
 * page as the answer grows: when there is none left the tape fails, and nothing else does. */
#ifndef GATEWAY_TAPE_H
#define GATEWAY_TAPE_H

#include "base/lease.h"
#include "base/pool.h"
#include "config/table.h"
#include "llm/recording.h"
#include "policy/cache.h"

struct exchange;

struct tape {
    struct cache_id id;
    bool open;                     /* others may follow it */
    char model[CONFIG_NAME_BYTES]; /* that answers */
    bool held;                     /* it is being judged: nobody may read it yet */
    bool events;
    bool whole;  /* `bytes` hold a whole recording */
    bool failed; /* there will be none */
    size_t users;
    struct exchange *writer;    /* NULL: it has left */
    struct exchange *followers; /* by their tape_next */
    struct lease recorder;      /* struct recording, while a stream comes */
    struct lease bytes;
    size_t len;
};

/* NULL when there is no slot. The one user is the caller. */
struct tape *tape_open(struct pool *tapes, const struct cache_id *id, struct exchange *writer);
/* One that others may follow, or NULL. */
struct tape *tape_find(struct pool *tapes, const struct cache_id *id);
void tape_follow(struct tape *t, struct exchange *x);
/* For writer and follower; the last one gives everything back. */
void tape_leave(struct tape *t, struct exchange *x, struct pool *tapes,
                struct lease_region *memory);

/* A piece of an event's data, and the event's end. */
void tape_data(struct tape *t, struct lease_region *memory, struct span name, struct span data);
void tape_event_end(struct tape *t, struct lease_region *memory, struct span name);
/* A whole body at once. */
void tape_body(struct tape *t, struct lease_region *memory, struct span body);
/* The stream was whole. */
void tape_finish(struct tape *t, struct lease_region *memory);
void tape_fail(struct tape *t);
/* What was written is of no use: another answer will be. */
void tape_again(struct tape *t, struct lease_region *memory);
/* Everybody who follows goes on in the next turn. */
void tape_wake(struct tape *t);
struct span tape_bytes(const struct tape *t);

#endif
