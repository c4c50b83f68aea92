/* loop - the one poll() loop: watches with a deadline each.
 *
 * A watch is embedded in whatever owns it and stays at its address while added. Its owner sets fd,
 * events and deadline_ms at any time; the loop reads them before each poll. step() is called with
 * the ready events, or with revents 0 once the deadline has passed (the owner must then move or
 * clear the deadline). fd -1 is a pure timer. A step may add, change and remove any watch, its own
 * included: a watch that was removed, or added in this turn, is not stepped in this turn.
 *
 * loop_turn() waits for the next event or deadline, then steps every watch that is due, once. */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include <poll.h>

#include "base/arena.h"

#define LOOP_NEVER INT64_MAX

struct watch {
    int fd;
    short events;        /* POLLIN | POLLOUT; POLLERR and POLLHUP are always told */
    int64_t deadline_ms; /* monotonic; LOOP_NEVER = none */
    void (*step)(void *ctx, short revents, int64_t now_ms);
    void *ctx;
    /* The loop's own: */
    uint32_t index; /* place in its table, plus one; 0 = not added */
    uint32_t
        turn_index; /* place in this turn's poll, plus one; 0 = not in it, or stepped already */
    bool kicked;    /* to be stepped in the next turn */
    bool due;       /* was kicked before this turn */
};

struct loop {
    struct watch **watches;
    struct pollfd *fds;
    struct watch **polled; /* which watch each entry of fds was made from; NULL = removed since */
    uint32_t capacity;
    uint32_t count;
    uint32_t peak;
    int64_t now_ms; /* of the current turn */
    uint64_t turn;  /* its number, from 1 */
};

bool loop_carve(struct loop *l, struct arena *a, uint32_t watches_max);
void watch_init(struct watch *w, void (*step)(void *, short, int64_t), void *ctx);
void loop_add(struct loop *l, struct watch *w);
void loop_remove(struct loop *l, struct watch *w); /* idempotent */
/* Makes the watch due in the next turn without waiting: used to go on after back-pressure eased.
 * Its step then gets whatever is ready, maybe nothing; a step tells that its time is up by
 * comparing its deadline with now_ms, not by revents 0. */
void loop_kick(struct loop *l, struct watch *w);
void loop_turn(struct loop *l);

#endif
