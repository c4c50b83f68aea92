#include "net/loop.h"

#include <limits.h>
#include <string.h>

#include "base/check.h"
#include "net/sys.h"

bool loop_carve(struct loop *l, struct arena *a, uint32_t watches_max)
{
    size_t slot_bytes = 2 * sizeof(struct watch *) + sizeof(struct pollfd);
    memset(l, 0, sizeof *l);
    char *memory = arena_carve(a, "watches", watches_max, slot_bytes);
    if (memory == NULL)
        return false;
    /* Pointers first: they have the stricter alignment. */
    l->watches = (struct watch **)(void *)memory;
    l->polled = l->watches + watches_max;
    l->fds = (struct pollfd *)(void *)(l->polled + watches_max);
    l->capacity = watches_max;
    l->now_ms = sys_mono_ms();
    struct arena_row *row = arena_last_row(a);
    row->in_use = &l->count;
    row->peak = &l->peak;
    return true;
}

void watch_init(struct watch *w, void (*step)(void *, short, int64_t), void *ctx)
{
    memset(w, 0, sizeof *w);
    w->fd = -1;
    w->deadline_ms = LOOP_NEVER;
    w->step = step;
    w->ctx = ctx;
}

void loop_add(struct loop *l, struct watch *w)
{
    CHECK(w->step != NULL);
    CHECK(w->index == 0);
    CHECK(l->count < l->capacity);
    l->watches[l->count++] = w;
    w->index = l->count;
    w->turn_index = 0;
    w->kicked = false;
    w->due = false;
    if (l->count > l->peak)
        l->peak = l->count;
}

void loop_remove(struct loop *l, struct watch *w)
{
    if (w->index == 0)
        return;
    uint32_t at = w->index - 1;
    CHECK(at < l->count && l->watches[at] == w);
    struct watch *last = l->watches[--l->count];
    l->watches[at] = last;
    last->index = at + 1;
    w->index = 0;
    if (w->turn_index != 0) {
        l->polled[w->turn_index - 1] = NULL;
        w->turn_index = 0;
    }
}

void loop_kick(struct loop *l, struct watch *w)
{
    CHECK(w->index != 0);
    (void)l;
    w->kicked = true;
}

/* Fills fds and polled from the watches; returns how long poll may wait. */
static int prepare(struct loop *l)
{
    int64_t first_ms = LOOP_NEVER;
    bool any_due = false;
    for (uint32_t i = 0; i < l->count; i++) {
        struct watch *w = l->watches[i];
        l->fds[i] = (struct pollfd){.fd = w->fd, .events = w->events};
        l->polled[i] = w;
        w->turn_index = i + 1;
        w->due = w->kicked;
        w->kicked = false;
        any_due |= w->due;
        first_ms = w->deadline_ms < first_ms ? w->deadline_ms : first_ms;
    }
    if (any_due)
        return 0;
    if (first_ms == LOOP_NEVER)
        return -1;
    int64_t wait_ms = first_ms - sys_mono_ms();
    if (wait_ms <= 0)
        return 0;
    return wait_ms > INT_MAX ? INT_MAX : (int)wait_ms;
}

/* What poll said, as far as it still concerns the watch: a step before it in this turn may have
 * given it another descriptor, or taken away its wish to read. */
static short still_ready(const struct watch *w, const struct pollfd *told)
{
    if (told->revents == 0 || told->fd != w->fd)
        return 0;
    return (short)(told->revents & (w->events | POLLERR | POLLHUP | POLLNVAL));
}

void loop_turn(struct loop *l)
{
    int timeout_ms = prepare(l);
    uint32_t polled = l->count;
    int ready = sys_poll(l->fds, polled, timeout_ms);
    l->now_ms = sys_mono_ms();
    l->turn++;
    if (ready < 0) {
        /* Out of kernel memory: revents are not filled, timers still run. */
        for (uint32_t i = 0; i < polled; i++)
            l->fds[i].revents = 0;
    }
    for (uint32_t i = 0; i < polled; i++) {
        struct watch *w = l->polled[i];
        if (w == NULL)
            continue;
        w->turn_index = 0;
        short revents = still_ready(w, &l->fds[i]);
        if (revents != 0 || w->due || w->deadline_ms <= l->now_ms)
            w->step(w->ctx, revents, l->now_ms);
    }
}
