#include "fake_sys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    ENDS_MAX = 65536,
    PLACES_MAX = 64, /* addresses that a test speaks of */
    EVENTS_MAX = 4096,
    BACKLOG_MAX = 512,
    SIGNALS_MAX = 16,
    START_MONO_MS = 1000000,
    EPHEMERAL_PORT_FIRST = 40000,
    SPURIOUS_ONE_IN = 8,
};

enum kind { KIND_STREAM, KIND_LISTENER, KIND_UDP, KIND_SIGNALS };

enum place_rule { RULE_REFUSE, RULE_SILENT, RULE_UNREACHABLE, RULE_LISTEN };

struct bytes {
    char *data;
    size_t len;
    size_t cap;
};

/* One side of a connection, a listener, or a UDP socket. */
struct end {
    enum kind kind;
    bool is_program; /* it has, or had, a descriptor */
    bool is_open;
    bool is_unix;
    int other; /* handle; 0 = none */
    struct bytes rx;
    size_t visible; /* bytes of rx that the program may read before its next poll */
    bool rx_fin;
    bool reset;
    bool reset_told;
    bool connecting;
    int connect_error;
    bool was_accepted;
    int udp_error;
    size_t window;
    uint64_t read_total;
    uint64_t written_total;
    bool cut_set[2];
    uint64_t cut_at[2];
    enum fake_end cut_how[2];
    struct net_addr local;
    struct net_addr peer;
    struct fake_service service;
    bool has_service;
    bool dirty; /* bytes came: data is to be called */
    bool fin_dirty;
    int backlog[BACKLOG_MAX / 8];
    size_t backlog_count;
};

struct place {
    struct net_addr addr;
    bool udp;
    enum place_rule rule;
    int64_t delay_ms;
    struct fake_service service;
    bool has_service;
    int accepted[BACKLOG_MAX];
    size_t accepted_count;
};

struct event {
    int64_t at_ms;
    uint64_t sequence;
    void (*call)(void *ctx);
    void *ctx;
};

static struct {
    uint64_t random;
    enum fake_chop chop;
    int64_t now_ms;
    int64_t wall_offset_ms;
    bool frozen;
    bool waited;
    bool stuck;
    struct end *ends[ENDS_MAX];
    int end_count; /* handles are 1..end_count */
    int fds[FAKE_FDS_MAX];
    int fd_limit;
    int fail_fd_at;
    struct place places[PLACES_MAX];
    size_t place_count;
    struct event events[EVENTS_MAX];
    size_t event_count;
    uint64_t event_sequence;
    enum sys_signal signals[SIGNALS_MAX];
    size_t signal_count;
    uint16_t next_port;
} net;

static void die(const char *why)
{
    (void)!write(2, "fake_sys: ", 10);
    (void)!write(2, why, strlen(why));
    (void)!write(2, "\n", 1);
    abort();
}

static void *must(void *memory)
{
    if (memory == NULL) {
        die("out of memory");
    }
    return memory;
}

/* ---- chance and time ---- */

/* splitmix64: one word of state, any seed is good. */
uint64_t fake_random(void)
{
    uint64_t z = net.random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void fake_reset(uint64_t seed)
{
    for (int i = 0; i < net.end_count; i++) {
        free(net.ends[i]->rx.data);
        free(net.ends[i]);
    }
    memset(&net, 0, sizeof net);
    net.random = seed;
    net.now_ms = START_MONO_MS;
    net.wall_offset_ms = FAKE_START_WALL_MS - START_MONO_MS;
    net.fd_limit = FAKE_FDS_MAX;
    net.next_port = EPHEMERAL_PORT_FIRST;
}

void fake_set_chop(enum fake_chop chop)
{
    net.chop = chop;
}

int64_t fake_now_ms(void)
{
    return net.now_ms;
}

void fake_set_wall_ms(int64_t unix_ms)
{
    net.wall_offset_ms = unix_ms - net.now_ms;
}

bool fake_stuck(void)
{
    return net.stuck;
}

void fake_after(int64_t delay_ms, void (*event)(void *ctx), void *ctx)
{
    if (net.event_count == EVENTS_MAX) {
        die("too many events");
    }
    net.events[net.event_count++] =
        (struct event){net.now_ms + delay_ms, net.event_sequence++, event, ctx};
}

/* The index of the next event; event_count when there is none. */
static size_t next_event(void)
{
    size_t best = net.event_count;
    for (size_t i = 0; i < net.event_count; i++) {
        const struct event *e = &net.events[i];
        const struct event *b = &net.events[best];
        if (best == net.event_count || e->at_ms < b->at_ms ||
            (e->at_ms == b->at_ms && e->sequence < b->sequence)) {
            best = i;
        }
    }
    return best;
}

static void run_due_events(void)
{
    for (;;) {
        size_t i = next_event();
        if (i == net.event_count || net.events[i].at_ms > net.now_ms) {
            return;
        }
        struct event e = net.events[i];
        net.events[i] = net.events[--net.event_count];
        e.call(e.ctx);
    }
}

static void nothing(void *ctx)
{
    (void)ctx;
}

void fake_run(struct loop *l, int64_t ms)
{
    int64_t until_ms = net.now_ms + ms;
    fake_after(ms, nothing, NULL);
    while (net.now_ms < until_ms) {
        loop_turn(l);
    }
    fake_settle(l);
}

void fake_settle(struct loop *l)
{
    net.frozen = true;
    do {
        net.waited = false;
        loop_turn(l);
    } while (!net.waited);
    net.frozen = false;
}

/* ---- ends ---- */

static struct end *end_of(int handle)
{
    if (handle < 1 || handle > net.end_count) {
        die("no such handle");
    }
    return net.ends[handle - 1];
}

static int new_end(enum kind kind, bool is_program)
{
    if (net.end_count == ENDS_MAX) {
        die("too many connections in one test");
    }
    struct end *e = must(calloc(1, sizeof *e));
    e->kind = kind;
    e->is_program = is_program;
    e->is_open = true;
    e->window = FAKE_WINDOW_BYTES;
    net.ends[net.end_count++] = e;
    return net.end_count;
}

static void put_bytes(struct bytes *b, const void *from, size_t len)
{
    if (b->cap - b->len < len) {
        b->cap = 2 * (b->len + len);
        b->data = must(realloc(b->data, b->cap));
    }
    if (len > 0) {
        memcpy(b->data + b->len, from, len);
    }
    b->len += len;
}

static void drop_bytes(struct bytes *b, size_t len)
{
    memmove(b->data, b->data + len, b->len - len);
    b->len -= len;
}

/* A descriptor for the end, the lowest free one; or -EMFILE. */
static int give_fd(int handle)
{
    int open = fake_open_count();
    bool fails = net.fail_fd_at > 0 && --net.fail_fd_at == 0;
    if (fails || open >= net.fd_limit) {
        return -EMFILE;
    }
    for (int i = 0; i < FAKE_FDS_MAX; i++) {
        if (net.fds[i] == 0) {
            net.fds[i] = handle;
            return FAKE_FD_FIRST + i;
        }
    }
    return -EMFILE;
}

static struct end *end_of_fd(int fd)
{
    int i = fd - FAKE_FD_FIRST;
    if (i < 0 || i >= FAKE_FDS_MAX || net.fds[i] == 0) {
        die("the program used a descriptor that is not open");
    }
    return end_of(net.fds[i]);
}

int fake_open_count(void)
{
    int count = 0;
    for (int i = 0; i < FAKE_FDS_MAX; i++) {
        count += net.fds[i] != 0;
    }
    return count;
}

void fake_set_descriptor_limit(int most)
{
    net.fd_limit = most;
}

void fake_fail_descriptor_at(int nth)
{
    net.fail_fd_at = nth;
}

static void link_ends(int a, int b)
{
    end_of(a)->other = b;
    end_of(b)->other = a;
}

static void reset_end(struct end *e)
{
    if (e->is_open && !e->reset) {
        e->reset = true;
        e->dirty = true;
        e->fin_dirty = true;
    }
}

static void fin_end(struct end *e)
{
    e->rx_fin = true;
    e->fin_dirty = true;
}

/* As close(2) does: unread bytes turn the FIN into a reset. */
static void close_end(struct end *e)
{
    if (!e->is_open) {
        return;
    }
    e->is_open = false;
    if (e->other == 0) {
        return;
    }
    struct end *other = end_of(e->other);
    if (e->kind == KIND_STREAM && (e->rx.len > 0 || e->reset) && !e->is_unix) {
        reset_end(other);
    } else {
        fin_end(other);
    }
    drop_bytes(&e->rx, e->rx.len);
}

/* ---- places ---- */

static struct place *find_place(const struct net_addr *addr, bool udp)
{
    for (size_t i = 0; i < net.place_count; i++) {
        if (net.places[i].udp == udp && net_addr_equal(&net.places[i].addr, addr)) {
            return &net.places[i];
        }
    }
    return NULL;
}

static struct place *set_place(const struct net_addr *addr, bool udp, enum place_rule rule)
{
    struct place *p = find_place(addr, udp);
    if (p == NULL) {
        if (net.place_count == PLACES_MAX) {
            die("too many addresses");
        }
        p = &net.places[net.place_count++];
        p->addr = *addr;
        p->udp = udp;
    }
    p->rule = rule;
    p->delay_ms = 0;
    p->has_service = false;
    return p;
}

static void set_both(const struct net_addr *addr, enum place_rule rule)
{
    set_place(addr, false, rule);
    set_place(addr, true, rule);
}

void fake_listen(const struct net_addr *addr)
{
    set_place(addr, false, RULE_LISTEN);
}

void fake_serve(const struct net_addr *addr, const struct fake_service *s)
{
    struct place *p = set_place(addr, false, RULE_LISTEN);
    p->service = *s;
    p->has_service = true;
}

void fake_serve_udp(const struct net_addr *addr, const struct fake_service *s)
{
    struct place *p = set_place(addr, true, RULE_LISTEN);
    p->service = *s;
    p->has_service = true;
}

void fake_refuse(const struct net_addr *addr)
{
    set_both(addr, RULE_REFUSE);
}

void fake_silent(const struct net_addr *addr)
{
    set_both(addr, RULE_SILENT);
}

void fake_unreachable(const struct net_addr *addr)
{
    set_both(addr, RULE_UNREACHABLE);
}

void fake_delay(const struct net_addr *addr, int64_t connect_ms)
{
    struct place *p = find_place(addr, false);
    if (p == NULL) {
        die("fake_delay: nobody listens there");
    }
    p->delay_ms = connect_ms;
}

int fake_accept(const struct net_addr *addr)
{
    struct place *p = find_place(addr, false);
    if (p == NULL || p->accepted_count == 0) {
        return 0;
    }
    int handle = p->accepted[0];
    p->accepted_count--;
    memmove(p->accepted, p->accepted + 1, p->accepted_count * sizeof p->accepted[0]);
    return handle;
}

/* ---- what peers do ---- */

int fake_client_from(const struct net_addr *listener, const struct net_addr *from)
{
    for (int i = 0; i < net.end_count; i++) {
        struct end *l = net.ends[i];
        bool any = net_addr_is_any(&l->local) && l->local.port == listener->port &&
                   l->local.family == listener->family;
        if (l->kind != KIND_LISTENER || !l->is_open ||
            !(any || net_addr_equal(&l->local, listener))) {
            continue;
        }
        if (l->backlog_count == ARRAY_LEN(l->backlog)) {
            return 0;
        }
        int ours = new_end(KIND_STREAM, true);
        int theirs = new_end(KIND_STREAM, false);
        link_ends(ours, theirs);
        end_of(ours)->peer = *from;
        end_of(ours)->local = *listener;
        l->backlog[l->backlog_count++] = ours;
        return theirs;
    }
    return 0;
}

int fake_client(const struct net_addr *listener)
{
    struct net_addr from = *listener;
    from.port = net.next_port++;
    return fake_client_from(listener, &from);
}

/* The program's end of a peer's handle. */
static struct end *program_end(int handle)
{
    struct end *e = end_of(handle);
    if (e->is_program) {
        die("not a peer's handle");
    }
    return end_of(e->other);
}

void fake_send(int handle, struct span bytes)
{
    struct end *e = end_of(handle);
    struct end *to = program_end(handle);
    if (!e->is_open || e->reset) {
        return; /* lost on the way, like a real peer's bytes */
    }
    if (to->kind == KIND_UDP) {
        uint32_t len = (uint32_t)bytes.len;
        put_bytes(&to->rx, &len, sizeof len);
        put_bytes(&to->rx, bytes.ptr, bytes.len);
    } else if (!to->is_open) {
        reset_end(e);
    } else if (!to->reset && !to->rx_fin) {
        put_bytes(&to->rx, bytes.ptr, bytes.len);
    }
}

struct span fake_received(int handle)
{
    struct end *e = end_of(handle);
    return span_of(e->rx.data, e->rx.len);
}

void fake_consume(int handle, size_t bytes)
{
    struct end *e = end_of(handle);
    if (bytes > e->rx.len) {
        die("fake_consume: more than was received");
    }
    drop_bytes(&e->rx, bytes);
}

void fake_window(int handle, size_t bytes)
{
    end_of(handle)->window = bytes;
}

void fake_shutdown(int handle)
{
    fin_end(program_end(handle));
}

void fake_close(int handle)
{
    close_end(end_of(handle));
}

void fake_break(int handle)
{
    struct end *e = end_of(handle);
    reset_end(program_end(handle));
    e->is_open = false;
}

void fake_cut(int handle, enum fake_direction direction, uint64_t at_byte, enum fake_end how)
{
    struct end *e = program_end(handle);
    e->cut_set[direction] = true;
    e->cut_at[direction] = at_byte;
    e->cut_how[direction] = how;
}

bool fake_saw_fin(int handle)
{
    return end_of(handle)->rx_fin;
}

bool fake_saw_reset(int handle)
{
    return end_of(handle)->reset;
}

bool fake_is_accepted(int handle)
{
    return program_end(handle)->was_accepted;
}

uint64_t fake_sent_total(int handle)
{
    return program_end(handle)->written_total;
}

void fake_signal(enum sys_signal signal)
{
    if (net.signal_count == SIGNALS_MAX) {
        die("too many signals");
    }
    net.signals[net.signal_count++] = signal;
}

/* Calls the scripts of peers for which something happened; true when any was. */
static bool run_services(void)
{
    bool any = false;
    for (int handle = 1; handle <= net.end_count; handle++) {
        struct end *e = end_of(handle);
        if (!e->has_service || !(e->dirty || e->fin_dirty)) {
            continue;
        }
        bool data = e->dirty && e->rx.len > 0 && e->kind == KIND_STREAM;
        bool closed = e->fin_dirty;
        e->dirty = false;
        e->fin_dirty = false;
        any = true;
        if (data && e->service.data != NULL) {
            e->service.data(e->service.ctx, handle, SPAN_EMPTY);
        }
        while (e->kind == KIND_UDP && e->rx.len > 0) {
            uint32_t len;
            memcpy(&len, e->rx.data, sizeof len);
            char *copy = must(malloc(len + 1));
            memcpy(copy, e->rx.data + sizeof len, len);
            drop_bytes(&e->rx, sizeof len + len);
            if (e->service.data != NULL) {
                e->service.data(e->service.ctx, handle, span_of(copy, len));
            }
            free(copy);
        }
        if (closed && e->service.closed != NULL) {
            e->service.closed(e->service.ctx, handle);
        }
    }
    return any;
}

/* ---- sys.h: clocks and poll ---- */

int64_t sys_mono_ms(void)
{
    return net.now_ms;
}

int64_t sys_wall_ms(void)
{
    return net.now_ms + net.wall_offset_ms;
}

bool sys_random(void *out, size_t bytes)
{
    uint8_t *at = out;
    for (size_t i = 0; i < bytes; i++) {
        at[i] = (uint8_t)(fake_random() >> 32);
    }
    return true;
}

static size_t some_of(size_t len)
{
    switch (net.chop) {
    case FAKE_WHOLE:
        return len;
    case FAKE_BYTES:
        return 1;
    case FAKE_RANDOM:
        break;
    }
    /* Mostly little, so that edges inside tokens and heads are met often. */
    size_t most = fake_random() % 4 == 0 ? len : (len < 32 ? len : 32);
    return 1 + (size_t)(fake_random() % most);
}

static void show_bytes(void)
{
    for (int i = 0; i < FAKE_FDS_MAX; i++) {
        struct end *e = net.fds[i] == 0 ? NULL : end_of(net.fds[i]);
        if (e != NULL && e->kind == KIND_STREAM && e->visible == 0 && e->rx.len > 0) {
            e->visible = some_of(e->rx.len);
        }
    }
}

static size_t room_to_write(const struct end *e)
{
    const struct end *other = end_of(e->other);
    if (!other->is_open) {
        return SIZE_MAX;
    }
    return other->rx.len < other->window ? other->window - other->rx.len : 0;
}

static int stream_ready(const struct end *e)
{
    if (e->connecting) {
        return 0;
    }
    if (e->connect_error != 0) {
        return POLLIN | POLLOUT | POLLERR | POLLHUP;
    }
    int ready = 0;
    bool all_shown = e->rx.len == 0;
    ready |= e->visible > 0 ? POLLIN : 0;
    if (e->reset) {
        return ready | POLLIN | POLLOUT | POLLERR | POLLHUP;
    }
    ready |= e->rx_fin && all_shown ? POLLIN : 0;
    ready |= e->is_unix && e->rx_fin && !end_of(e->other)->is_open ? POLLHUP : 0;
    ready |= room_to_write(e) > 0 ? POLLOUT : 0;
    return ready;
}

static int end_ready(const struct end *e)
{
    switch (e->kind) {
    case KIND_STREAM:
        return stream_ready(e);
    case KIND_LISTENER:
        return e->backlog_count > 0 ? POLLIN : 0;
    case KIND_UDP:
        return POLLOUT | (e->rx.len > 0 ? POLLIN : 0) | (e->udp_error != 0 ? POLLIN | POLLERR : 0);
    case KIND_SIGNALS:
        return net.signal_count > 0 ? POLLIN : 0;
    }
    return 0;
}

static int count_ready(struct pollfd *fds, size_t count)
{
    int ready = 0;
    for (size_t i = 0; i < count; i++) {
        fds[i].revents = 0;
        if (fds[i].fd >= 0) {
            int told = end_ready(end_of_fd(fds[i].fd)) & (fds[i].events | POLLERR | POLLHUP);
            fds[i].revents = (short)told;
            ready += told != 0;
        }
    }
    return ready;
}

int sys_poll(struct pollfd *fds, size_t count, int timeout_ms)
{
    int64_t until_ms = timeout_ms < 0 ? INT64_MAX : net.now_ms + timeout_ms;
    for (;;) {
        run_due_events();
        while (run_services()) {
        }
        show_bytes();
        int ready = count_ready(fds, count);
        if (ready > 0 || net.now_ms >= until_ms) {
            return ready;
        }
        size_t next = next_event();
        int64_t next_ms = next == net.event_count ? INT64_MAX : net.events[next].at_ms;
        if (net.frozen) {
            net.waited = true;
            return 0;
        }
        if (next_ms == INT64_MAX && until_ms == INT64_MAX) {
            net.stuck = true;
            return 0;
        }
        net.now_ms = next_ms < until_ms ? next_ms : until_ms;
    }
}

/* ---- sys.h: making descriptors ---- */

int sys_listen(const struct net_addr *addr, int backlog)
{
    (void)backlog;
    struct net_addr local = *addr;
    if (local.port == 0) {
        local.port = net.next_port++;
    }
    for (int i = 0; i < net.end_count; i++) {
        const struct end *e = net.ends[i];
        if (e->kind == KIND_LISTENER && e->is_open && net_addr_equal(&e->local, &local)) {
            return -EADDRINUSE;
        }
    }
    int handle = new_end(KIND_LISTENER, true);
    int fd = give_fd(handle);
    end_of(handle)->local = local;
    end_of(handle)->is_open = fd >= 0;
    return fd;
}

int sys_accept(int fd, struct net_addr *peer)
{
    struct end *l = end_of_fd(fd);
    if (l->kind != KIND_LISTENER) {
        die("accept on what is no listener");
    }
    if (l->backlog_count == 0) {
        return -EAGAIN;
    }
    int handle = l->backlog[0];
    int client = give_fd(handle);
    if (client < 0) {
        return client;
    }
    l->backlog_count--;
    memmove(l->backlog, l->backlog + 1, l->backlog_count * sizeof l->backlog[0]);
    end_of(handle)->was_accepted = true;
    *peer = end_of(handle)->peer;
    return client;
}

struct pending_connect {
    int ours;
    struct net_addr addr;
};

static void finish_connect(void *ctx)
{
    struct pending_connect pending = *(struct pending_connect *)ctx;
    struct place *p = find_place(&pending.addr, false);
    struct end *e = end_of(pending.ours);
    free(ctx);
    e->connecting = false;
    if (p == NULL || p->rule != RULE_LISTEN) {
        e->connect_error = ECONNREFUSED;
        return;
    }
    int theirs = new_end(KIND_STREAM, false);
    link_ends(pending.ours, theirs);
    struct end *t = end_of(theirs);
    t->service = p->service;
    t->has_service = p->has_service;
    if (!e->is_open) {
        t->rx_fin = true;
        t->fin_dirty = true;
    }
    if (p->has_service && p->service.open != NULL) {
        p->service.open(p->service.ctx, theirs);
    } else if (!p->has_service) {
        if (p->accepted_count == BACKLOG_MAX) {
            die("nobody accepts");
        }
        p->accepted[p->accepted_count++] = theirs;
    }
}

int sys_connect(const struct net_addr *addr)
{
    struct place *p = find_place(addr, false);
    if (p != NULL && p->rule == RULE_UNREACHABLE) {
        return -ENETUNREACH;
    }
    int handle = new_end(KIND_STREAM, true);
    int fd = give_fd(handle);
    struct end *e = end_of(handle);
    e->is_open = fd >= 0;
    if (fd < 0) {
        return fd;
    }
    e->connecting = true;
    e->peer = *addr;
    if (p == NULL || p->rule != RULE_SILENT) {
        struct pending_connect *pending = must(malloc(sizeof *pending));
        *pending = (struct pending_connect){handle, *addr};
        fake_after(p == NULL ? 0 : p->delay_ms, finish_connect, pending);
    }
    return fd;
}

int sys_connect_result(int fd)
{
    struct end *e = end_of_fd(fd);
    if (e->connecting) {
        die("the program asked for the result of a connect that is under way");
    }
    int error = e->connect_error != 0 ? e->connect_error : (e->reset ? ECONNRESET : 0);
    return -error;
}

int sys_local_addr(int fd, struct net_addr *out)
{
    *out = end_of_fd(fd)->local;
    return 0;
}

int sys_pair(int fds[2])
{
    int a = new_end(KIND_STREAM, true);
    int b = new_end(KIND_STREAM, true);
    link_ends(a, b);
    end_of(a)->is_unix = true;
    end_of(b)->is_unix = true;
    fds[0] = give_fd(a);
    fds[1] = fds[0] < 0 ? fds[0] : give_fd(b);
    if (fds[1] >= 0) {
        return 0;
    }
    end_of(a)->is_open = false;
    end_of(b)->is_open = false;
    if (fds[0] >= 0) {
        net.fds[fds[0] - FAKE_FD_FIRST] = 0;
    }
    return -EMFILE;
}

int sys_udp(const struct net_addr *server)
{
    struct place *p = find_place(server, true);
    if (p != NULL && p->rule == RULE_UNREACHABLE) {
        return -ENETUNREACH;
    }
    int ours = new_end(KIND_UDP, true);
    int theirs = new_end(KIND_UDP, false);
    int fd = give_fd(ours);
    link_ends(ours, theirs);
    end_of(ours)->is_open = fd >= 0;
    end_of(ours)->peer = *server;
    end_of(ours)->local = (struct net_addr){.family = server->family, .port = net.next_port++};
    if (p != NULL) {
        end_of(theirs)->service = p->service;
        end_of(theirs)->has_service = p->has_service;
    }
    return fd;
}

/* ---- sys.h: bytes ---- */

static int64_t read_datagram(struct end *e, void *out, size_t bytes)
{
    if (e->udp_error != 0) {
        int error = e->udp_error;
        e->udp_error = 0;
        return -error;
    }
    if (e->rx.len == 0) {
        return -EAGAIN;
    }
    uint32_t len;
    memcpy(&len, e->rx.data, sizeof len);
    size_t taken = len < bytes ? len : bytes; /* the rest is lost, as recv(2) has it */
    memcpy(out, e->rx.data + sizeof len, taken);
    drop_bytes(&e->rx, sizeof len + len);
    return (int64_t)taken;
}

static void cut_now(struct end *e, enum fake_end how)
{
    struct end *other = end_of(e->other);
    drop_bytes(&e->rx, e->rx.len);
    e->visible = 0;
    if (how == FAKE_RST) {
        reset_end(e);
    } else {
        e->rx_fin = true;
    }
    other->is_open = false;
}

/* How many bytes of a direction may still pass; cuts when none may. */
static size_t before_cut(struct end *e, enum fake_direction direction, size_t len)
{
    if (!e->cut_set[direction]) {
        return len;
    }
    uint64_t total = direction == FAKE_TO_PROGRAM ? e->read_total : e->written_total;
    uint64_t left = e->cut_at[direction] - total;
    if (left == 0) {
        e->cut_set[direction] = false;
        cut_now(e, e->cut_how[direction]);
        return 0;
    }
    return left < len ? (size_t)left : len;
}

static int64_t read_stream(struct end *e, void *out, size_t bytes)
{
    if (e->connecting) {
        return -EAGAIN;
    }
    if (e->connect_error != 0) {
        return -e->connect_error;
    }
    size_t len = e->visible < bytes ? e->visible : bytes;
    if (e->rx.len > 0 || (e->cut_set[FAKE_TO_PROGRAM] && e->cut_at[FAKE_TO_PROGRAM] == 0)) {
        len = before_cut(e, FAKE_TO_PROGRAM, len);
    }
    if (len > 0) {
        memcpy(out, e->rx.data, len);
        drop_bytes(&e->rx, len);
        e->visible -= len;
        e->read_total += len;
        return (int64_t)len;
    }
    if (e->rx.len > 0) {
        return -EAGAIN;
    }
    if (e->reset) {
        int64_t result = e->reset_told ? 0 : -ECONNRESET;
        e->reset_told = true;
        return result;
    }
    return e->rx_fin ? 0 : -EAGAIN;
}

int64_t sys_read(int fd, void *out, size_t bytes)
{
    struct end *e = end_of_fd(fd);
    if (e->kind == KIND_LISTENER || e->kind == KIND_SIGNALS) {
        die("read on what is no connection");
    }
    return e->kind == KIND_UDP ? read_datagram(e, out, bytes) : read_stream(e, out, bytes);
}

static int64_t write_datagram(struct end *e, const void *data, size_t bytes)
{
    struct end *other = end_of(e->other);
    const struct place *p = find_place(&e->peer, true);
    uint32_t len = (uint32_t)bytes;
    if (p == NULL || p->rule == RULE_REFUSE) {
        e->udp_error = ECONNREFUSED;
    } else if (other->has_service) {
        put_bytes(&other->rx, &len, sizeof len);
        put_bytes(&other->rx, data, bytes);
        other->dirty = true;
    }
    return (int64_t)bytes;
}

static int64_t write_stream(struct end *e, const void *data, size_t bytes)
{
    if (e->connecting) {
        return -EAGAIN;
    }
    if (e->connect_error != 0 || e->reset || e->other == 0) {
        return -EPIPE;
    }
    struct end *other = end_of(e->other);
    size_t len = bytes < room_to_write(e) ? bytes : room_to_write(e);
    if (net.chop == FAKE_RANDOM && fake_random() % SPURIOUS_ONE_IN == 0) {
        return -EAGAIN;
    }
    len = len > 0 ? some_of(len) : 0;
    len = len > 0 ? before_cut(e, FAKE_FROM_PROGRAM, len) : 0;
    if (e->reset) {
        return -EPIPE;
    }
    if (len == 0) {
        return -EAGAIN;
    }
    e->written_total += len;
    if (!other->is_open) {
        if (e->is_unix) {
            return -EPIPE;
        }
        reset_end(e); /* the answer to what was sent into the void */
        return (int64_t)len;
    }
    put_bytes(&other->rx, data, len);
    other->dirty = true;
    return (int64_t)len;
}

int64_t sys_write(int fd, const void *data, size_t bytes)
{
    struct end *e = end_of_fd(fd);
    if (e->kind == KIND_LISTENER || e->kind == KIND_SIGNALS) {
        die("write on what is no connection");
    }
    return e->kind == KIND_UDP ? write_datagram(e, data, bytes) : write_stream(e, data, bytes);
}

void sys_shutdown_write(int fd)
{
    struct end *e = end_of_fd(fd);
    if (e->kind == KIND_STREAM && e->other != 0) {
        fin_end(end_of(e->other));
    }
}

void sys_close(int fd)
{
    close_end(end_of_fd(fd));
    net.fds[fd - FAKE_FD_FIRST] = 0;
}

/* ---- sys.h: the rest ---- */

int sys_descriptors(int wanted)
{
    return wanted < net.fd_limit ? wanted : net.fd_limit;
}

int sys_signals_open(void)
{
    return give_fd(new_end(KIND_SIGNALS, true));
}

enum sys_signal sys_signals_read(int fd)
{
    if (end_of_fd(fd)->kind != KIND_SIGNALS || net.signal_count == 0) {
        return SYS_SIGNAL_NONE;
    }
    enum sys_signal first = net.signals[0];
    net.signal_count--;
    memmove(net.signals, net.signals + 1, net.signal_count * sizeof net.signals[0]);
    return first;
}

void sys_harden(void)
{
}
