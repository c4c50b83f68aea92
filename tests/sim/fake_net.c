#include "fake_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct fake_machine fake_machine;

_Noreturn void fake_die(const char *why)
{
    (void)!write(2, "fake_sys: ", 10);
    (void)!write(2, why, strlen(why));
    (void)!write(2, "\n", 1);
    abort();
}

void *fake_must(void *memory)
{
    if (memory == NULL)
        fake_die("out of memory");
    return memory;
}

/* ---- chance and time ---- */

/* splitmix64: one word of state, any seed is good. */
uint64_t fake_random(void)
{
    uint64_t z = fake_machine.random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void fake_reset(uint64_t seed)
{
    for (int i = 0; i < fake_machine.side_count; i++) {
        free(fake_machine.sides[i]->rx.data);
        free(fake_machine.sides[i]);
    }
    memset(&fake_machine, 0, sizeof fake_machine);
    fake_machine.random = seed;
    fake_machine.now_ms = FAKE_START_MONO_MS;
    fake_machine.stop_ms = INT64_MAX;
    fake_machine.wall_offset_ms = FAKE_START_WALL_MS - FAKE_START_MONO_MS;
    fake_machine.fd_limit = FAKE_FDS_MAX;
    fake_machine.next_port = FAKE_EPHEMERAL_PORT_FIRST;
}

void fake_set_chop(enum fake_chop chop)
{
    fake_machine.chop = chop;
}

int64_t fake_now_ms(void)
{
    return fake_machine.now_ms;
}

void fake_set_wall_ms(int64_t unix_ms)
{
    fake_machine.wall_offset_ms = unix_ms - fake_machine.now_ms;
}

bool fake_stuck(void)
{
    return fake_machine.stuck;
}

void fake_after(int64_t delay_ms, void (*event)(void *ctx), void *ctx)
{
    if (fake_machine.event_count == FAKE_EVENTS_MAX)
        fake_die("too many events");
    fake_machine.events[fake_machine.event_count++] = (struct fake_event){
        fake_machine.now_ms + delay_ms, fake_machine.event_sequence++, event, ctx};
}

/* The index of the next event; event_count when there is none. */
static size_t next_event(void)
{
    size_t best = fake_machine.event_count;
    for (size_t i = 0; i < fake_machine.event_count; i++) {
        const struct fake_event *e = &fake_machine.events[i];
        const struct fake_event *b = &fake_machine.events[best];
        if (best == fake_machine.event_count || e->at_ms < b->at_ms ||
            (e->at_ms == b->at_ms && e->sequence < b->sequence))
            best = i;
    }
    return best;
}

void fake_run_due_events(void)
{
    for (;;) {
        size_t i = next_event();
        if (i == fake_machine.event_count || fake_machine.events[i].at_ms > fake_machine.now_ms)
            return;
        struct fake_event e = fake_machine.events[i];
        fake_machine.events[i] = fake_machine.events[--fake_machine.event_count];
        e.call(e.ctx);
    }
}

int64_t fake_next_event_ms(void)
{
    size_t i = next_event();
    return i == fake_machine.event_count ? INT64_MAX : fake_machine.events[i].at_ms;
}

void fake_run(struct loop *l, int64_t ms)
{
    fake_machine.stop_ms = fake_machine.now_ms + ms;
    while (fake_machine.now_ms < fake_machine.stop_ms)
        loop_turn(l);
    fake_machine.stop_ms = INT64_MAX;
    fake_settle(l);
}

void fake_settle(struct loop *l)
{
    fake_machine.frozen = true;
    do {
        fake_machine.waited = false;
        loop_turn(l);
    } while (!fake_machine.waited);
    fake_machine.frozen = false;
}

/* ---- sides ---- */

struct fake_side *fake_side(int handle)
{
    if (handle < 1 || handle > fake_machine.side_count)
        fake_die("no such handle");
    return fake_machine.sides[handle - 1];
}

int fake_new_side(enum fake_kind kind, bool is_program)
{
    if (fake_machine.side_count == FAKE_ENDS_MAX)
        fake_die("too many connections in one test");
    struct fake_side *e = fake_must(calloc(1, sizeof *e));
    e->kind = kind;
    e->is_program = is_program;
    e->is_open = true;
    e->window = FAKE_WINDOW_BYTES;
    fake_machine.sides[fake_machine.side_count++] = e;
    e->handle = fake_machine.side_count;
    return fake_machine.side_count;
}

void fake_put(struct fake_bytes *b, const void *from, size_t len)
{
    if (b->cap - b->len < len) {
        b->cap = 2 * (b->len + len);
        b->data = fake_must(realloc(b->data, b->cap));
    }
    if (len > 0)
        memcpy(b->data + b->len, from, len);
    b->len += len;
}

void fake_drop(struct fake_bytes *b, size_t len)
{
    if (len > 0) {
        memmove(b->data, b->data + len, b->len - len);
        b->len -= len;
    }
}

int fake_open_count(void)
{
    int count = 0;
    for (int i = 0; i < FAKE_FDS_MAX; i++)
        count += fake_machine.fds[i] != 0;
    return count;
}

void fake_set_descriptor_limit(int most)
{
    fake_machine.fd_limit = most;
}

void fake_fail_descriptor_at(int nth)
{
    fake_machine.fail_fd_at = nth;
}

void fake_link(int a, int b)
{
    fake_side(a)->other = b;
    fake_side(b)->other = a;
}

static void service_is_due(const struct fake_side *s)
{
    if (!fake_machine.service_due || s->handle < fake_machine.service_first)
        fake_machine.service_first = s->handle;
    fake_machine.service_due = true;
}

void fake_tell_data(struct fake_side *s)
{
    s->data_due = true;
    service_is_due(s);
}

static void tell_closed(struct fake_side *s)
{
    s->closed_due = true;
    service_is_due(s);
}

void fake_reset_side(struct fake_side *e)
{
    if (e->is_open && !e->reset) {
        e->reset = true;
        tell_closed(e);
    }
}

void fake_fin_side(struct fake_side *e)
{
    e->rx_fin = true;
    tell_closed(e);
}

void fake_cut_now(struct fake_side *program, enum fake_end how)
{
    struct fake_side *peer = fake_side(program->other);
    if (how == FAKE_RST)
        fake_reset_side(program);
    else
        fake_fin_side(program);
    peer->is_open = false;
}

size_t fake_before_cut(const struct fake_side *program, enum fake_direction direction, size_t len)
{
    uint64_t left = program->cut_at[direction] - program->total[direction];
    return program->cut_set[direction] && left < len ? (size_t)left : len;
}

void fake_passed(struct fake_side *program, enum fake_direction direction, size_t len)
{
    program->total[direction] += len;
    if (program->cut_set[direction] && program->total[direction] >= program->cut_at[direction]) {
        program->cut_set[direction] = false;
        fake_cut_now(program, program->cut_how[direction]);
    }
}

/* ---- places ---- */

struct fake_place *fake_find_place(const struct net_addr *addr, bool udp)
{
    for (size_t i = 0; i < fake_machine.place_count; i++)
        if (fake_machine.places[i].udp == udp && net_addr_equal(&fake_machine.places[i].addr, addr))
            return &fake_machine.places[i];
    return NULL;
}

static struct fake_place *set_place(const struct net_addr *addr, bool udp, enum fake_rule rule)
{
    struct fake_place *p = fake_find_place(addr, udp);
    if (p == NULL) {
        if (fake_machine.place_count == FAKE_PLACES_MAX)
            fake_die("too many addresses");
        p = &fake_machine.places[fake_machine.place_count++];
        p->addr = *addr;
        p->udp = udp;
    }
    p->rule = rule;
    p->delay_ms = 0;
    p->has_service = false;
    return p;
}

static void set_both(const struct net_addr *addr, enum fake_rule rule)
{
    set_place(addr, false, rule);
    set_place(addr, true, rule);
}

void fake_listen(const struct net_addr *addr)
{
    set_place(addr, false, FAKE_RULE_LISTEN);
}

void fake_serve(const struct net_addr *addr, const struct fake_service *s)
{
    struct fake_place *p = set_place(addr, false, FAKE_RULE_LISTEN);
    p->service = *s;
    p->has_service = true;
}

void fake_serve_udp(const struct net_addr *addr, const struct fake_service *s)
{
    struct fake_place *p = set_place(addr, true, FAKE_RULE_LISTEN);
    p->service = *s;
    p->has_service = true;
}

void fake_refuse(const struct net_addr *addr)
{
    set_both(addr, FAKE_RULE_REFUSE);
}

void fake_silent(const struct net_addr *addr)
{
    set_both(addr, FAKE_RULE_SILENT);
}

void fake_unreachable(const struct net_addr *addr)
{
    set_both(addr, FAKE_RULE_UNREACHABLE);
}

void fake_delay(const struct net_addr *addr, int64_t connect_ms)
{
    struct fake_place *p = fake_find_place(addr, false);
    if (p == NULL)
        fake_die("fake_delay: nobody listens there");
    p->delay_ms = connect_ms;
}

int fake_accept(const struct net_addr *addr)
{
    struct fake_place *p = fake_find_place(addr, false);
    if (p == NULL || p->accepted_count == 0)
        return 0;
    int handle = p->accepted[0];
    p->accepted_count--;
    memmove(p->accepted, p->accepted + 1, p->accepted_count * sizeof p->accepted[0]);
    return handle;
}

/* ---- what peers do ---- */

int fake_client_from(const struct net_addr *listener, const struct net_addr *from)
{
    for (int i = 0; i < FAKE_FDS_MAX; i++) {
        struct fake_side *l = fake_machine.fds[i] != 0 ? fake_side(fake_machine.fds[i]) : NULL;
        if (l == NULL || l->kind != FAKE_LISTENER || !l->is_open)
            continue;
        bool any = net_addr_is_any(&l->local) && l->local.port == listener->port &&
                   l->local.family == listener->family;
        if (!any && !net_addr_equal(&l->local, listener))
            continue;
        if (l->backlog_count == FAKE_BACKLOG_MAX)
            return 0;
        int ours = fake_new_side(FAKE_STREAM, true);
        int theirs = fake_new_side(FAKE_STREAM, false);
        fake_link(ours, theirs);
        fake_side(ours)->peer = *from;
        fake_side(ours)->local = *listener;
        l->backlog[l->backlog_count++] = ours;
        return theirs;
    }
    return 0;
}

int fake_client(const struct net_addr *listener)
{
    struct net_addr from = *listener;
    from.port = fake_machine.next_port++;
    return fake_client_from(listener, &from);
}

/* The program's side of a peer's handle. */
static struct fake_side *program_side(int handle)
{
    struct fake_side *e = fake_side(handle);
    if (e->is_program)
        fake_die("not a peer's handle");
    return fake_side(e->other);
}

void fake_send(int handle, struct span bytes)
{
    struct fake_side *from = fake_side(handle);
    struct fake_side *to = program_side(handle);
    if (!from->is_open || from->reset || to->vanished)
        return; /* lost on the way, like a real peer's bytes */
    if (to->kind == FAKE_UDP) {
        uint32_t len = (uint32_t)bytes.len;
        fake_put(&to->rx, &len, sizeof len);
        fake_put(&to->rx, bytes.ptr, bytes.len);
    } else if (!to->is_open) {
        fake_reset_side(from);
    } else if (!to->reset && !to->rx_fin) {
        size_t len = fake_before_cut(to, FAKE_TO_PROGRAM, bytes.len);
        fake_put(&to->rx, bytes.ptr, len);
        fake_passed(to, FAKE_TO_PROGRAM, len);
    }
}

struct span fake_received(int handle)
{
    struct fake_side *e = fake_side(handle);
    return span_of(e->rx.data, e->rx.len);
}

void fake_consume(int handle, size_t bytes)
{
    struct fake_side *e = fake_side(handle);
    if (bytes > e->rx.len)
        fake_die("fake_consume: more than was received");
    fake_drop(&e->rx, bytes);
}

void fake_window(int handle, size_t bytes)
{
    fake_side(handle)->window = bytes;
}

void fake_shutdown(int handle)
{
    fake_fin_side(program_side(handle));
}

void fake_close(int handle)
{
    struct fake_side *e = fake_side(handle);
    if (e->is_open) {
        e->is_open = false;
        fake_fin_side(program_side(handle));
    }
}

void fake_break(int handle)
{
    struct fake_side *e = fake_side(handle);
    if (e->is_open) {
        e->is_open = false;
        fake_reset_side(program_side(handle));
    }
}

void fake_time_out(void *ctx)
{
    struct fake_side *program = fake_side((int)(intptr_t)ctx);
    if (!program->is_open || program->reset)
        return;
    program->reset_error = ETIMEDOUT;
    fake_reset_side(program);
}

void fake_vanish(int handle)
{
    struct fake_side *program = program_side(handle);
    program->vanished = true;
    fake_after(FAKE_KEEPALIVE_MS, fake_time_out, (void *)(intptr_t)program->handle);
}

void fake_cut(int handle, enum fake_direction direction, uint64_t at_byte, enum fake_end how)
{
    struct fake_side *e = program_side(handle);
    e->cut_set[direction] = true;
    e->cut_at[direction] = at_byte;
    e->cut_how[direction] = how;
    fake_passed(e, direction, 0);
}

bool fake_saw_fin(int handle)
{
    return fake_side(handle)->rx_fin;
}

bool fake_saw_reset(int handle)
{
    return fake_side(handle)->reset;
}

bool fake_is_accepted(int handle)
{
    return program_side(handle)->was_accepted;
}

uint64_t fake_sent_total(int handle)
{
    return program_side(handle)->total[FAKE_FROM_PROGRAM];
}

void fake_signal(enum sys_signal signal)
{
    if (fake_machine.signal_count == FAKE_SIGNALS_MAX)
        fake_die("too many signals");
    fake_machine.signals[fake_machine.signal_count++] = signal;
}

static void serve_datagrams(int handle)
{
    struct fake_side *e = fake_side(handle);
    while (e->rx.len > 0) {
        uint32_t len;
        memcpy(&len, e->rx.data, sizeof len);
        char *copy = fake_must(malloc(len + 1));
        memcpy(copy, e->rx.data + sizeof len, len);
        fake_drop(&e->rx, sizeof len + len);
        if (e->service.data != NULL)
            e->service.data(e->service.ctx, handle, span_of(copy, len));
        free(copy);
    }
}

bool fake_run_services(void)
{
    if (!fake_machine.service_due)
        return false;
    fake_machine.service_due = false;
    for (int handle = fake_machine.service_first; handle <= fake_machine.side_count; handle++) {
        struct fake_side *e = fake_side(handle);
        bool data = e->data_due && e->rx.len > 0;
        bool closed = e->closed_due;
        e->data_due = false;
        e->closed_due = false;
        if (!e->has_service)
            continue;
        if (e->kind == FAKE_UDP)
            serve_datagrams(handle);
        else if (data && e->service.data != NULL)
            e->service.data(e->service.ctx, handle, SPAN_EMPTY);
        if (closed && e->service.closed != NULL)
            e->service.closed(e->service.ctx, handle);
    }
    return true;
}
