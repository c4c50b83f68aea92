#include "fake_state.h"

#include <errno.h>
#include <string.h>

enum { SPURIOUS_ONE_IN = 8 };

/* ---- descriptors ---- */

/* A descriptor for the end, the lowest free one; or -EMFILE. */
static int give_fd(int handle)
{
    int open = fake_open_count();
    bool fails = fake_machine.fail_fd_at > 0 && --fake_machine.fail_fd_at == 0;
    if (fails || open >= fake_machine.fd_limit)
        return -EMFILE;
    for (int i = 0; i < FAKE_FDS_MAX; i++) {
        if (fake_machine.fds[i] == 0) {
            fake_machine.fds[i] = handle;
            return FAKE_FD_FIRST + i;
        }
    }
    return -EMFILE;
}

static struct fake_side *end_of_fd(int fd)
{
    int i = fd - FAKE_FD_FIRST;
    if (i < 0 || i >= FAKE_FDS_MAX || fake_machine.fds[i] == 0)
        fake_die("the program used a descriptor that is not open");
    return fake_side(fake_machine.fds[i]);
}

/* As close(2) does: unread bytes turn the FIN into a reset. */
static void close_end(struct fake_side *e)
{
    if (!e->is_open)
        return;
    e->is_open = false;
    if (e->other == 0)
        return;
    struct fake_side *other = fake_side(e->other);
    if (e->kind == FAKE_STREAM && (e->rx.len > 0 || e->reset) && !e->is_unix)
        fake_reset_side(other);
    else
        fake_fin_side(other);
    fake_drop(&e->rx, e->rx.len);
    e->visible = 0;
}

/* ---- clocks and poll ---- */

int64_t sys_mono_ms(void)
{
    return fake_machine.now_ms;
}

int64_t sys_wall_ms(void)
{
    return fake_machine.now_ms + fake_machine.wall_offset_ms;
}

void fake_slow_random(int64_t ms)
{
    fake_machine.random_ms = ms;
}

void fake_slow_turns(int64_t ms)
{
    fake_machine.turn_ms = ms;
}

bool sys_random(void *out, size_t bytes)
{
    fake_machine.now_ms += fake_machine.random_ms;
    uint8_t *at = out;
    for (size_t i = 0; i < bytes; i++)
        at[i] = (uint8_t)(fake_random() >> 32);
    return true;
}

static size_t some_of(size_t len)
{
    switch (fake_machine.chop) {
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
        struct fake_side *e = fake_machine.fds[i] == 0 ? NULL : fake_side(fake_machine.fds[i]);
        if (e != NULL && e->kind == FAKE_STREAM && e->visible == 0 && e->rx.len > 0)
            e->visible = some_of(e->rx.len);
    }
}

static size_t room_to_write(const struct fake_side *e)
{
    const struct fake_side *other = fake_side(e->other);
    size_t waits = other->rx.len + e->unacked;
    if (!other->is_open)
        return SIZE_MAX;
    return waits < other->window ? other->window - waits : 0;
}

static int stream_ready(const struct fake_side *e)
{
    if (e->connecting)
        return 0;
    if (e->connect_error != 0)
        return POLLIN | POLLOUT | POLLERR | POLLHUP;
    int ready = 0;
    bool all_shown = e->rx.len == 0;
    ready |= e->visible > 0 ? POLLIN : 0;
    if (e->reset)
        return ready | POLLIN | POLLOUT | POLLERR | POLLHUP;
    ready |= e->rx_fin && all_shown ? POLLIN : 0;
    ready |= e->is_unix && e->rx_fin && !fake_side(e->other)->is_open ? POLLHUP : 0;
    ready |= room_to_write(e) > 0 ? POLLOUT : 0;
    return ready;
}

static int end_ready(const struct fake_side *e)
{
    switch (e->kind) {
    case FAKE_STREAM:
        return stream_ready(e);
    case FAKE_LISTENER:
        return e->backlog_count > 0 ? POLLIN : 0;
    case FAKE_UDP:
        return POLLOUT | (e->rx.len > 0 ? POLLIN : 0) | (e->udp_error != 0 ? POLLIN | POLLERR : 0);
    case FAKE_SIGNALS:
        return fake_machine.signal_count > 0 ? POLLIN : 0;
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
    fake_machine.now_ms += fake_machine.turn_ms;
    int64_t until_ms = timeout_ms < 0 ? INT64_MAX : fake_machine.now_ms + timeout_ms;
    int64_t stop_ms = fake_machine.stop_ms < until_ms ? fake_machine.stop_ms : until_ms;
    for (;;) {
        fake_run_due_events();
        while (fake_run_services()) {
        }
        show_bytes();
        int ready = count_ready(fds, count);
        if (ready > 0 || fake_machine.now_ms >= stop_ms)
            return ready;
        int64_t next_ms = fake_next_event_ms();
        if (fake_machine.frozen) {
            fake_machine.waited = true;
            return 0;
        }
        if (next_ms == INT64_MAX && stop_ms == INT64_MAX) {
            fake_machine.stuck = true;
            return 0;
        }
        fake_machine.now_ms = next_ms < stop_ms ? next_ms : stop_ms;
    }
}

/* ---- making descriptors ---- */

int sys_listen(const struct net_addr *addr, int backlog)
{
    (void)backlog;
    struct net_addr local = *addr;
    if (local.port == 0)
        local.port = fake_machine.next_port++;
    for (int i = 0; i < fake_machine.side_count; i++) {
        const struct fake_side *e = fake_machine.sides[i];
        if (e->kind == FAKE_LISTENER && e->is_open && net_addr_equal(&e->local, &local))
            return -EADDRINUSE;
    }
    int handle = fake_new_side(FAKE_LISTENER, true);
    int fd = give_fd(handle);
    fake_side(handle)->local = local;
    fake_side(handle)->is_open = fd >= 0;
    return fd;
}

int sys_accept(int fd, struct net_addr *peer)
{
    struct fake_side *l = end_of_fd(fd);
    if (l->kind != FAKE_LISTENER)
        fake_die("accept on what is no listener");
    if (l->backlog_count == 0)
        return -EAGAIN;
    int handle = l->backlog[0];
    int client = give_fd(handle);
    if (client < 0)
        return client;
    l->backlog_count--;
    memmove(l->backlog, l->backlog + 1, l->backlog_count * sizeof l->backlog[0]);
    fake_side(handle)->was_accepted = true;
    *peer = fake_side(handle)->peer;
    return client;
}

static void finish_connect(void *ctx)
{
    int ours = (int)(intptr_t)ctx;
    struct fake_side *e = fake_side(ours);
    struct fake_place *p = fake_find_place(&e->peer, false);
    enum fake_rule rule = p != NULL ? p->rule : FAKE_RULE_REFUSE;
    if (e->is_open && rule == FAKE_RULE_SILENT)
        return; /* the line went dead meanwhile */
    e->connecting = false;
    if (!e->is_open)
        return; /* the program gave up before */
    if (rule != FAKE_RULE_LISTEN) {
        e->connect_error = rule == FAKE_RULE_UNREACHABLE ? EHOSTUNREACH : ECONNREFUSED;
        return;
    }
    int theirs = fake_new_side(FAKE_STREAM, false);
    fake_link(ours, theirs);
    struct fake_side *t = fake_side(theirs);
    t->service = p->service;
    t->has_service = p->has_service;
    if (p->has_service && p->service.open != NULL) {
        p->service.open(p->service.ctx, theirs);
    } else if (!p->has_service) {
        if (p->accepted_count == FAKE_ACCEPTED_MAX)
            fake_die("nobody accepts");
        p->accepted[p->accepted_count++] = theirs;
    }
}

int sys_connect(const struct net_addr *addr)
{
    struct fake_place *p = fake_find_place(addr, false);
    if (p != NULL && p->rule == FAKE_RULE_UNREACHABLE)
        return -ENETUNREACH;
    int handle = fake_new_side(FAKE_STREAM, true);
    int fd = give_fd(handle);
    struct fake_side *e = fake_side(handle);
    e->is_open = fd >= 0;
    if (fd < 0)
        return fd;
    e->connecting = true;
    e->peer = *addr;
    if (p == NULL || p->rule != FAKE_RULE_SILENT)
        fake_after(p == NULL ? 0 : p->delay_ms, finish_connect, (void *)(intptr_t)handle);
    return fd;
}

int sys_connect_result(int fd)
{
    struct fake_side *e = end_of_fd(fd);
    if (e->connecting)
        fake_die("the program asked for the result of a connect that is under way");
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
    int a = fake_new_side(FAKE_STREAM, true);
    int b = fake_new_side(FAKE_STREAM, true);
    fake_link(a, b);
    fake_side(a)->is_unix = true;
    fake_side(b)->is_unix = true;
    fds[0] = give_fd(a);
    fds[1] = fds[0] < 0 ? fds[0] : give_fd(b);
    if (fds[1] >= 0)
        return 0;
    fake_side(a)->is_open = false;
    fake_side(b)->is_open = false;
    if (fds[0] >= 0)
        fake_machine.fds[fds[0] - FAKE_FD_FIRST] = 0;
    return -EMFILE;
}

int sys_udp(const struct net_addr *server)
{
    struct fake_place *p = fake_find_place(server, true);
    if (p != NULL && p->rule == FAKE_RULE_UNREACHABLE)
        return -ENETUNREACH;
    int ours = fake_new_side(FAKE_UDP, true);
    int theirs = fake_new_side(FAKE_UDP, false);
    int fd = give_fd(ours);
    fake_link(ours, theirs);
    fake_side(ours)->is_open = fd >= 0;
    fake_side(ours)->peer = *server;
    fake_side(ours)->local =
        (struct net_addr){.family = server->family, .port = fake_machine.next_port++};
    if (p != NULL) {
        fake_side(theirs)->service = p->service;
        fake_side(theirs)->has_service = p->has_service;
    }
    return fd;
}

/* The file system of sockets is empty. */
int sys_unix_datagram(const char *path)
{
    (void)path;
    return -ENOENT;
}

void sys_host_name(char *out, size_t out_bytes)
{
    (void)out_bytes;
    memcpy(out, "board", sizeof "board");
}

int64_t sys_process(void)
{
    return 77;
}

/* ---- bytes ---- */

static int64_t read_datagram(struct fake_side *e, void *out, size_t bytes)
{
    if (e->udp_error != 0) {
        int error = e->udp_error;
        e->udp_error = 0;
        return -error;
    }
    if (e->rx.len == 0)
        return -EAGAIN;
    uint32_t len;
    memcpy(&len, e->rx.data, sizeof len);
    size_t taken = len < bytes ? len : bytes; /* the rest is lost, as recv(2) has it */
    memcpy(out, e->rx.data + sizeof len, taken);
    fake_drop(&e->rx, sizeof len + len);
    return (int64_t)taken;
}

static int64_t read_stream(struct fake_side *e, void *out, size_t bytes)
{
    if (e->connecting)
        return -EAGAIN;
    if (e->connect_error != 0)
        return -e->connect_error;
    size_t len = e->visible < bytes ? e->visible : bytes;
    if (len > 0) {
        memcpy(out, e->rx.data, len);
        fake_drop(&e->rx, len);
        e->visible -= len;
        return (int64_t)len;
    }
    if (e->rx.len > 0)
        return -EAGAIN;
    if (e->reset) {
        int64_t result = e->reset_told ? 0 : -(e->reset_error != 0 ? e->reset_error : ECONNRESET);
        e->reset_told = true;
        return result;
    }
    return e->rx_fin ? 0 : -EAGAIN;
}

int64_t sys_read(int fd, void *out, size_t bytes)
{
    struct fake_side *e = end_of_fd(fd);
    if (e->kind == FAKE_LISTENER || e->kind == FAKE_SIGNALS)
        fake_die("read on what is no connection");
    return e->kind == FAKE_UDP ? read_datagram(e, out, bytes) : read_stream(e, out, bytes);
}

static int64_t write_datagram(struct fake_side *e, const void *data, size_t bytes)
{
    struct fake_side *other = fake_side(e->other);
    const struct fake_place *p = fake_find_place(&e->peer, true);
    uint32_t len = (uint32_t)bytes;
    if (e->udp_error != 0) { /* of an earlier datagram; this one does not go, as udp(7) has it */
        int error = e->udp_error;
        e->udp_error = 0;
        return -error;
    }
    if (p == NULL || p->rule == FAKE_RULE_REFUSE) {
        e->udp_error = ECONNREFUSED;
    } else if (other->has_service) {
        fake_put(&other->rx, &len, sizeof len);
        fake_put(&other->rx, data, bytes);
        fake_tell_data(other);
    }
    return (int64_t)bytes;
}

static int64_t write_into_nothing(struct fake_side *e, size_t len)
{
    len = some_of(len);
    if (e->unacked == 0)
        fake_after(SYS_USER_TIMEOUT_MS, fake_time_out, (void *)(intptr_t)e->handle);
    e->unacked += len;
    return (int64_t)len;
}

static int64_t write_stream(struct fake_side *e, const void *data, size_t bytes)
{
    if (e->connecting)
        return -EAGAIN;
    if (e->connect_error != 0 || e->reset || e->other == 0)
        return -EPIPE;
    struct fake_side *other = fake_side(e->other);
    size_t len = bytes < room_to_write(e) ? bytes : room_to_write(e);
    if (fake_machine.chop == FAKE_RANDOM && fake_random() % SPURIOUS_ONE_IN == 0)
        return -EAGAIN;
    if (len == 0)
        return -EAGAIN;
    if (e->vanished)
        return write_into_nothing(e, len);
    if (!other->is_open) {
        if (e->is_unix)
            return -EPIPE;
        fake_reset_side(e); /* the answer to what was sent into the void */
        return (int64_t)len;
    }
    len = fake_before_cut(e, FAKE_FROM_PROGRAM, some_of(len));
    fake_put(&other->rx, data, len);
    fake_tell_data(other);
    fake_passed(e, FAKE_FROM_PROGRAM, len);
    return (int64_t)len;
}

int64_t sys_write(int fd, const void *data, size_t bytes)
{
    struct fake_side *e = end_of_fd(fd);
    if (e->kind == FAKE_LISTENER || e->kind == FAKE_SIGNALS)
        fake_die("write on what is no connection");
    return e->kind == FAKE_UDP ? write_datagram(e, data, bytes) : write_stream(e, data, bytes);
}

void sys_shutdown_write(int fd)
{
    struct fake_side *e = end_of_fd(fd);
    if (e->kind == FAKE_STREAM && e->other != 0)
        fake_fin_side(fake_side(e->other));
}

void sys_close(int fd)
{
    close_end(end_of_fd(fd));
    fake_machine.fds[fd - FAKE_FD_FIRST] = 0;
}

/* ---- the rest ---- */

int sys_descriptors(int wanted)
{
    return wanted < fake_machine.fd_limit ? wanted : fake_machine.fd_limit;
}

int sys_signals_open(void)
{
    return give_fd(fake_new_side(FAKE_SIGNALS, true));
}

enum sys_signal sys_signals_read(int fd)
{
    if (end_of_fd(fd)->kind != FAKE_SIGNALS || fake_machine.signal_count == 0)
        return SYS_SIGNAL_NONE;
    enum sys_signal first = fake_machine.signals[0];
    fake_machine.signal_count--;
    memmove(fake_machine.signals, fake_machine.signals + 1,
            fake_machine.signal_count * sizeof fake_machine.signals[0]);
    return first;
}

void sys_harden(void)
{
}

void sys_protect_relro(void)
{
}
