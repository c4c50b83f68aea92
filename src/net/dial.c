#include "net/dial.h"

#include <string.h>

#include "base/check.h"
#include "net/idle.h"
#include "net/sys.h"

enum {
    MS_PER_S = 1000,
    ALERT_CODE_FIRST = 256,
    ALERT_CODE_END = 512,
    TUNNEL_HEAR_BYTES = 512, /* a proxy's answer has about a hundred */
};

static void step_dial(void *ctx, short revents, int64_t now_ms);
static void step_attempt(void *ctx, short revents, int64_t now_ms);

void dial_init(struct dial *d, struct dialer *dialer, void *resolve_storage)
{
    memset(d, 0, sizeof *d);
    d->dialer = dialer;
    d->resolve = resolve_storage;
    stream_init(&d->stream);
    watch_init(&d->watch, step_dial, d);
    for (size_t i = 0; i < DIAL_ATTEMPTS_MAX; i++) {
        watch_init(&d->attempts[i].watch, step_attempt, &d->attempts[i]);
        d->attempts[i].dial = d;
        d->attempts[i].fd = -1;
    }
}

enum dial_state dial_state(const struct dial *d)
{
    return d->state;
}

enum net_err dial_err(const struct dial *d)
{
    return d->err;
}

/* What is looked up and connected to. */
static const char *first_host(const struct endpoint *e)
{
    return e->proxy != NULL ? e->proxy->text : e->host;
}

/* ---- the turn and the TLS slots ---- */

static void wake_waiting(struct dialer *dialer)
{
    for (struct dial *d = dialer->waiting_first; d != NULL; d = d->waiting_next)
        loop_kick(dialer->loop, &d->watch);
}

void dialer_slot_free(struct dialer *dialer, int64_t now_ms)
{
    (void)now_ms;
    wake_waiting(dialer);
}

static void enqueue(struct dial *d)
{
    struct dialer *dialer = d->dialer;
    if (d->waiting)
        return;
    d->waiting = true;
    d->waiting_next = NULL;
    if (dialer->waiting_last == NULL)
        dialer->waiting_first = d;
    else
        dialer->waiting_last->waiting_next = d;
    dialer->waiting_last = d;
}

static void dequeue(struct dial *d)
{
    struct dialer *dialer = d->dialer;
    struct dial *before = NULL;
    if (!d->waiting)
        return;
    for (struct dial *at = dialer->waiting_first; at != d; at = at->waiting_next)
        before = at;
    if (before == NULL)
        dialer->waiting_first = d->waiting_next;
    else
        before->waiting_next = d->waiting_next;
    if (dialer->waiting_last == d)
        dialer->waiting_last = before;
    d->waiting = false;
}

static void release_turn(struct dial *d)
{
    if (d->dialer->handshaking == d) {
        d->dialer->handshaking = NULL;
        wake_waiting(d->dialer);
    }
}

static bool needs_turn(const struct dial *d)
{
    return !(d->endpoint->resume.valid && d->endpoint->resumes);
}

static bool may_take_turn(const struct dial *d)
{
    const struct dialer *dialer = d->dialer;
    bool is_next = dialer->waiting_first == NULL || dialer->waiting_first == d;
    return !needs_turn(d) || (dialer->handshaking == NULL && is_next);
}

static struct tls_client *take_slot(struct dialer *dialer)
{
    struct tls_client *slot = pool_take(dialer->tls_pool);
    if (slot == NULL && dialer->idle != NULL && idle_shed(dialer->idle))
        slot = pool_take(dialer->tls_pool);
    return slot;
}

/* ---- endings ---- */

static void close_attempt(struct dial_attempt *a)
{
    if (a->fd >= 0) {
        loop_remove(a->dial->dialer->loop, &a->watch);
        sys_close(a->fd);
        a->fd = -1;
    }
}

static void close_stream(struct dial *d)
{
    bool had_slot = d->stream.tls != NULL;
    stream_close(&d->stream);
    if (had_slot)
        wake_waiting(d->dialer);
}

/* Gives up all that is held, but for the watch. */
static void let_go(struct dial *d)
{
    if (d->state == DIAL_RESOLVE)
        resolve_cancel(d->resolve);
    for (size_t i = 0; i < DIAL_ATTEMPTS_MAX; i++)
        close_attempt(&d->attempts[i]);
    dequeue(d);
    close_stream(d);
    release_turn(d);
    d->watch.fd = -1;
}

void dial_cancel(struct dial *d)
{
    if (d->state == DIAL_IDLE)
        return;
    let_go(d);
    loop_remove(d->dialer->loop, &d->watch);
    d->state = DIAL_IDLE;
}

/* `done` is called by the watch in the next turn, so that it is never called from inside anything.
 */
static void finish(struct dial *d, enum dial_state state)
{
    d->state = state;
    d->watch.fd = -1;
    d->watch.deadline_ms = LOOP_NEVER;
    loop_kick(d->dialer->loop, &d->watch);
}

static void fail(struct dial *d, enum net_err err)
{
    d->err = err;
    let_go(d);
    finish(d, DIAL_FAILED);
}

static void fail_stream(struct dial *d)
{
    d->tls_err = d->stream.tls_err;
    d->tls_code = d->stream.tls_code;
    fail(d, d->stream.err);
}

/* ---- the handshake ---- */

static void save_session(struct dial *d)
{
    struct endpoint *e = d->endpoint;
    e->resumes = tls_client_resumed(d->stream.tls);
    if (e->resumes) {
        e->handshakes_resumed++;
    } else {
        e->handshakes_full++;
        tls_client_save(d->stream.tls, &e->resume);
    }
}

static void wait_for_peer(struct dial *d, int64_t now_ms)
{
    bool has_turn = d->dialer->handshaking == d;
    if (has_turn && now_ms >= d->turn_until_ms) {
        release_turn(d);
        has_turn = false;
    }
    d->watch.fd = d->stream.fd;
    d->watch.events = stream_events(&d->stream, false, false);
    d->watch.deadline_ms =
        has_turn && d->turn_until_ms < d->deadline_ms ? d->turn_until_ms : d->deadline_ms;
}

static void shake(struct dial *d, int64_t now_ms)
{
    switch (stream_handshake(&d->stream)) {
    case 0:
        save_session(d);
        release_turn(d);
        finish(d, DIAL_READY);
        break;
    case STREAM_AGAIN:
        wait_for_peer(d, now_ms);
        break;
    default:
        /* The session may be what the server did not like. */
        tls_resume_forget(&d->endpoint->resume);
        d->endpoint->resumes = false;
        fail_stream(d);
        break;
    }
}

static void start_tls(struct dial *d, struct tls_client *slot)
{
    struct tls_client_options o = {
        .anchors = d->dialer->anchors,
        .host = d->endpoint->host,
        .resume = &d->endpoint->resume,
        .unix_s = sys_wall_ms() / MS_PER_S,
        .aes_first = d->dialer->aes_first,
        .shown = d->dialer->shown,
    };
    bool random = sys_random(o.entropy, sizeof o.entropy);
    CHECK(random); /* a kernel without getrandom is refused at start */
    tls_client_start(slot, &o);
    explicit_bzero(o.entropy, sizeof o.entropy);
    stream_tls(&d->stream, d->stream.fd, tls_client_session(slot), d->dialer->tls_pool);
}

static void try_turn(struct dial *d, int64_t now_ms)
{
    struct tls_client *slot = may_take_turn(d) ? take_slot(d->dialer) : NULL;
    if (slot == NULL) {
        enqueue(d);
        return;
    }
    if (needs_turn(d)) {
        d->dialer->handshaking = d;
        d->turn_until_ms = now_ms + DIAL_TURN_MS;
    }
    dequeue(d);
    d->state = DIAL_HANDSHAKE;
    start_tls(d, slot);
    shake(d, now_ms);
}

/* ---- connecting ---- */

static void reached(struct dial *d, int64_t now_ms)
{
    if (!d->endpoint->tls) {
        finish(d, DIAL_READY);
        return;
    }
    d->state = DIAL_TURN;
    d->watch.fd = -1;
    d->watch.deadline_ms = d->deadline_ms;
    try_turn(d, now_ms);
}

/* Sends what there is to say: false when the proxy is to be waited for. */
static int64_t tunnel_say(struct dial *d)
{
    char storage[TUNNEL_OUT_BYTES];
    struct span out = tunnel_out(&d->tunnel, storage);
    int64_t sent = out.len > 0 ? stream_write(&d->stream, out) : STREAM_AGAIN;
    d->watch.events = out.len > 0 ? POLLOUT : POLLIN;
    explicit_bzero(storage, sizeof storage);
    if (sent > 0)
        tunnel_sent(&d->tunnel, (size_t)sent);
    return sent;
}

static int64_t tunnel_hear(struct dial *d, enum parse *verdict)
{
    char bytes[TUNNEL_HEAR_BYTES];
    size_t used;
    int64_t got = stream_read(&d->stream, bytes, sizeof bytes);
    *verdict = PARSE_MORE;
    if (got <= 0)
        return got;
    *verdict = tunnel_in(&d->tunnel, span_of(bytes, (size_t)got), &used);
    if (*verdict == PARSE_DONE && used < (size_t)got) {
        d->tunnel.err = TUNNEL_ERR_NOT_PROXY; /* no endpoint of ours speaks first */
        *verdict = PARSE_BAD;
    }
    return got;
}

static void talk(struct dial *d, int64_t now_ms)
{
    enum parse verdict = PARSE_MORE;
    int64_t moved = 1;
    while (moved > 0 && verdict == PARSE_MORE) {
        do
            moved = tunnel_say(d);
        while (moved > 0);
        if (moved == STREAM_AGAIN && d->watch.events == POLLIN)
            moved = tunnel_hear(d, &verdict);
    }
    if (verdict == PARSE_BAD)
        fail(d, NET_ERR_PROXY);
    else if (verdict == PARSE_DONE)
        reached(d, now_ms);
    else if (moved == STREAM_EOF)
        fail(d, NET_ERR_CLOSED);
    else if (moved == STREAM_FAILED)
        fail_stream(d);
}

static void connected(struct dial *d, int fd, int64_t now_ms)
{
    const struct endpoint *e = d->endpoint;
    stream_plain(&d->stream, fd);
    if (e->proxy == NULL) {
        reached(d, now_ms);
        return;
    }
    d->state = DIAL_TUNNEL;
    d->watch.fd = fd;
    d->watch.deadline_ms = d->deadline_ms;
    tunnel_start(&d->tunnel, e->proxy, e->host, e->port);
    talk(d, now_ms);
}

/* "No route" is what every IPv6 address gives where there is only IPv4: the least telling error. */
static void note_connect_error(struct dial *d, int64_t sys_result)
{
    if (d->err == NET_OK || d->err == NET_ERR_UNREACHABLE)
        d->err = net_err_from_sys(sys_result);
}

static struct dial_attempt *free_attempt(struct dial *d, bool *any_busy)
{
    struct dial_attempt *found = NULL;
    *any_busy = false;
    for (size_t i = 0; i < DIAL_ATTEMPTS_MAX; i++)
        if (d->attempts[i].fd < 0)
            found = &d->attempts[i];
        else
            *any_busy = true;
    return found;
}

/* Starts on the next address that can be started on; fails when there is none and none under way.
 */
static void connect_next(struct dial *d, int64_t now_ms)
{
    bool any_busy;
    struct dial_attempt *a = free_attempt(d, &any_busy);
    bool started = false;
    while (a != NULL && !started && d->addr_next < d->addr_count) {
        const struct net_addr *addr = &d->addrs[d->addr_next++];
        int fd = sys_connect(addr);
        if (fd < 0) {
            note_connect_error(d, fd);
            continue;
        }
        a->fd = fd;
        a->addr = *addr;
        a->watch.fd = fd;
        a->watch.events = POLLOUT;
        loop_add(d->dialer->loop, &a->watch);
        started = true;
    }
    if (!started && !any_busy) {
        resolver_forget(d->dialer->resolver, first_host(d->endpoint));
        fail(d, d->err);
        return;
    }
    bool more = d->addr_next < d->addr_count;
    d->head_start_ms = more ? now_ms + DIAL_HEAD_START_MS : LOOP_NEVER;
    d->watch.deadline_ms = d->head_start_ms < d->deadline_ms ? d->head_start_ms : d->deadline_ms;
}

static void step_attempt(void *ctx, short revents, int64_t now_ms)
{
    struct dial_attempt *a = ctx;
    struct dial *d = a->dial;
    CHECK(d->state == DIAL_CONNECT);
    if (revents == 0)
        return;
    int result = sys_connect_result(a->fd);
    if (result < 0) {
        note_connect_error(d, result);
        close_attempt(a);
        connect_next(d, now_ms); /* the next address need not wait for its head start */
        return;
    }
    int fd = a->fd;
    loop_remove(d->dialer->loop, &a->watch);
    a->fd = -1;
    d->peer = a->addr;
    d->err = NET_OK;
    for (size_t i = 0; i < DIAL_ATTEMPTS_MAX; i++)
        close_attempt(&d->attempts[i]);
    connected(d, fd, now_ms);
}

static void resolved(void *ctx, int64_t now_ms)
{
    struct dial *d = ctx;
    d->addr_count = resolve_addrs(d->resolve, d->addrs);
    if (d->addr_count == 0) {
        fail(d, resolve_err(d->resolve));
        return;
    }
    for (size_t i = 0; i < d->addr_count; i++)
        d->addrs[i].port =
            d->endpoint->proxy != NULL ? d->endpoint->proxy->port : d->endpoint->port;
    d->addr_next = 0;
    d->state = DIAL_CONNECT;
    connect_next(d, now_ms);
}

static bool clock_is_set(const struct dialer *dialer, int64_t now_ms)
{
    int64_t wall_ms = sys_wall_ms();
    return wall_ms >= dialer->clock_floor_unix_ms &&
           (wall_ms >= dialer->clock_seen_unix_ms || now_ms >= dialer->clock_doubt_until_ms);
}

void dial_start(struct dial *d, struct endpoint *e, void (*done)(void *ctx, int64_t now_ms),
                void *ctx, int64_t now_ms)
{
    CHECK(d->state == DIAL_IDLE || d->state == DIAL_FAILED);
    CHECK(done != NULL);
    d->state = DIAL_RESOLVE;
    d->endpoint = e;
    d->done = done;
    d->ctx = ctx;
    d->err = NET_OK;
    d->tls_err = TLS_OK;
    d->tls_code = 0;
    d->tunnel.step = TUNNEL_CONNECT;
    d->deadline_ms = now_ms + e->connect_timeout_ms;
    d->watch.fd = -1;
    d->watch.deadline_ms = d->deadline_ms;
    loop_add(d->dialer->loop, &d->watch);
    if (e->tls && !clock_is_set(d->dialer, now_ms)) {
        fail(d, NET_ERR_CLOCK);
        return;
    }
    if (resolve_start(d->resolve, d->dialer->resolver, first_host(e), resolved, d, now_ms) !=
        RESOLVE_WAIT)
        resolved(d, now_ms);
}

/* ---- steps ---- */

static void fail_late(struct dial *d)
{
    switch (d->state) {
    case DIAL_RESOLVE:
        fail(d, NET_ERR_RESOLVER);
        break;
    case DIAL_TURN:
        fail(d, NET_ERR_SLOTS);
        break;
    case DIAL_CONNECT:
        resolver_forget(d->dialer->resolver, first_host(d->endpoint));
        fail(d, NET_ERR_TIMEOUT);
        break;
    case DIAL_TUNNEL:
    case DIAL_HANDSHAKE:
    case DIAL_IDLE:
    case DIAL_READY:
    case DIAL_FAILED:
        fail(d, NET_ERR_TIMEOUT);
        break;
    }
}

static void step_dial(void *ctx, short revents, int64_t now_ms)
{
    struct dial *d = ctx;
    (void)revents;
    if (d->state == DIAL_READY || d->state == DIAL_FAILED) {
        loop_remove(d->dialer->loop, &d->watch);
        d->done(d->ctx, now_ms);
        return;
    }
    if (now_ms >= d->deadline_ms) {
        fail_late(d);
        return;
    }
    switch (d->state) {
    case DIAL_CONNECT:
        if (now_ms >= d->head_start_ms)
            connect_next(d, now_ms);
        break;
    case DIAL_TUNNEL:
        talk(d, now_ms);
        break;
    case DIAL_TURN:
        try_turn(d, now_ms);
        break;
    case DIAL_HANDSHAKE:
        shake(d, now_ms);
        break;
    case DIAL_RESOLVE:
    case DIAL_IDLE:
    case DIAL_READY:
    case DIAL_FAILED:
        break;
    }
}

void dial_take(struct dial *d, struct stream *out, struct net_addr *peer)
{
    CHECK(d->state == DIAL_READY);
    *out = d->stream;
    *peer = d->peer;
    stream_init(&d->stream);
    loop_remove(d->dialer->loop, &d->watch);
    d->state = DIAL_IDLE;
}

static void detail_proxy(const struct dial *d, struct fmt *out)
{
    const struct proxy *p = d->endpoint->proxy;
    if (p == NULL)
        return;
    fmt_str(out, d->tunnel.step == TUNNEL_OPEN ? " through the proxy " : ": the proxy ");
    fmt_str(out, p->text);
    fmt_char(out, ':');
    fmt_u64(out, p->port);
}

static void detail_code(const struct dial *d, struct fmt *out)
{
    if (d->err == NET_ERR_PROXY && d->tunnel.code != 0) {
        fmt_str(out, d->endpoint->proxy->kind == PROXY_HTTP ? " (status " : " (SOCKS reply ");
        fmt_i64(out, d->tunnel.code);
    } else if (d->err != NET_ERR_TLS) {
        return;
    } else if (d->tls_code >= ALERT_CODE_FIRST && d->tls_code < ALERT_CODE_END) {
        fmt_str(out, " (alert ");
        fmt_i64(out, d->tls_code - ALERT_CODE_FIRST);
    } else if (d->tls_err == TLS_ERR_BAD_CHAIN || d->tls_err == TLS_ERR_PROTOCOL) {
        fmt_str(out, " (BearSSL error ");
        fmt_i64(out, d->tls_code);
    } else {
        return;
    }
    fmt_char(out, ')');
}

void dial_why(const struct dial *d, struct fmt *out)
{
    const char *text = net_err_text(d->err);
    const char *advice = net_err_advice(d->err);
    if (d->err == NET_ERR_TLS) {
        text = tls_err_text(d->tls_err);
        advice = tls_err_advice(d->tls_err);
    } else if (d->err == NET_ERR_PROXY) {
        text = tunnel_err_text(d->tunnel.err);
        advice = tunnel_err_advice(d->tunnel.err);
    }
    fmt_str(out, text);
    detail_code(d, out);
    if (advice[0] != '\0') {
        fmt_str(out, "; ");
        fmt_str(out, advice);
    }
}

void dial_detail(const struct dial *d, struct fmt *out)
{
    fmt_str(out, d->endpoint->host);
    detail_proxy(d, out);
    fmt_str(out, d->err == NET_ERR_PROXY ? " " : ": ");
    dial_why(d, out);
}
