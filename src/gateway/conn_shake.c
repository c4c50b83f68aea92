/* conn_shake - TLS handshakes of clients: who may have one, and when.
 *
 * A connection first gathers its ClientHello, in its own buffer and without a TLS slot, so that
 * silence costs nothing but the connection. Then it takes a ticket. Whoever has the lowest one
 * that may go on does so, one step in a turn of the loop, because a step can be a private key's
 * operation of tens of milliseconds, and streams are to flow between two of them: after a step
 * there is none for as long as it took. A new handshake
 * may begin when there is a slot for it, when not too many are under way, and when its address has
 * not its share of those. All of it, waiting too, ends after CONN_SHAKE_MS; when there is no place
 * for who comes, those that let the gateway wait end after SHAKE_PATIENCE_MS already. */
#include <string.h>

#include "base/check.h"
#include "gateway/conn_inside.h"
#include "net/sys.h"

enum {
    SHAKES_PER_SLOTS = 4, /* under way at once: a quarter of the slots */
    SHAKES_MIN = 2,
    SHAKE_PATIENCE_MS = 1000, /* with a silent peer, while others stand before the door */
    SHAKE_RETRY_MS = 250,     /* how often a slot is looked for when there is none */
    IPV6_NETWORK_BYTES = 8,   /* a /64 is one household */
};

_Static_assert((int)TLS_HELLO_BYTES_MAX <= (int)CONN_IN_BYTES, "a hello fits into the buffer");

static bool shake_under_way(const struct conn *c)
{
    return c != NULL && c->state == CONN_SHAKE && c->stream.tls != NULL;
}

static uint32_t shake_limit(const struct conn_server *s)
{
    uint32_t limit = s->tls.slots.count / SHAKES_PER_SLOTS;

    return limit > SHAKES_MIN ? limit : SHAKES_MIN;
}

static bool shake_same_place(const struct net_addr *a, const struct net_addr *b)
{
    size_t len = a->family == NET_IPV6 ? IPV6_NETWORK_BYTES : sizeof(a->bytes);

    return a->family == b->family && memcmp(a->bytes, b->bytes, len) == 0;
}

/* Handshakes under way; of one address, or with NULL of all. */
static uint32_t shake_count(const struct conn_server *s, const struct net_addr *of)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < s->conns->count; i++) {
        const struct conn *c = pool_at(s->conns, i);

        if (shake_under_way(c) && (of == NULL || shake_same_place(&c->peer, of)))
            count++;
    }
    return count;
}

static bool shake_may_go(const struct conn_server *s, const struct conn *c, bool may_begin)
{
    if (c->stream.tls != NULL)
        return true;
    return may_begin && shake_count(s, &c->peer) < shake_limit(s) / 2;
}

/* The one whose turn it is; NULL when nobody can go on. */
static struct conn *shake_first(struct conn_server *s)
{
    struct conn *first = NULL;
    bool may_begin =
        s->tls.slots.in_use < s->tls.slots.count && shake_count(s, NULL) < shake_limit(s);

    for (uint32_t i = 0; i < s->conns->count; i++) {
        struct conn *c = pool_at(s->conns, i);

        if (c == NULL || c->state != CONN_SHAKE || c->ticket == 0 ||
            (first != NULL && first->ticket < c->ticket))
            continue;
        if (shake_may_go(s, c, may_begin))
            first = c;
    }
    return first;
}

void conn_shake_next(struct conn_server *s)
{
    struct conn *first = shake_first(s);

    if (first != NULL)
        loop_kick(s->loop, &first->watch);
}

short conn_shake_events(const struct conn *c)
{
    if (c->ticket != 0)
        return 0; /* it is kicked when its turn has come */
    return stream_events(&c->stream, true, false);
}

int64_t conn_shake_deadline(const struct conn *c)
{
    const struct conn_server *s = c->server;
    int64_t end_ms = c->state_ms + CONN_SHAKE_MS;
    int64_t retry_ms = end_ms;

    if (c->ticket != 0 && s->loop->now_ms < s->tls.rest_until_ms)
        retry_ms = s->tls.rest_until_ms;
    else if (c->ticket != 0 && c->stream.tls == NULL)
        retry_ms = s->loop->now_ms + SHAKE_RETRY_MS;
    return retry_ms < end_ms ? retry_ms : end_ms;
}

static void shake_take_ticket(struct conn *c)
{
    if (c->ticket == 0)
        c->ticket = ++c->server->tls.tickets;
}

/* A client that speaks another version: it gets an alert, in clear as all is until here. */
static void shake_refuse(struct conn *c, enum tls_err err, int64_t now_ms)
{
    c->stream.tls_err = err;
    conn_trouble(c, CONN_TROUBLE_TLS, now_ms);
    c->server->tls.failed++;
    c->keep_alive = false;
    buf_append(&c->out, span_of(tls_hello_alert, sizeof(tls_hello_alert)));
    conn_enter(c, CONN_FLUSH, now_ms);
}

static void shake_look(struct conn *c, int64_t now_ms)
{
    size_t need;

    switch (tls_hello_look(buf_peek(&c->in), &need)) {
    case TLS_HELLO_MORE:
        return;
    case TLS_HELLO_WHOLE:
        shake_take_ticket(c);
        return;
    case TLS_HELLO_OLD:
        shake_refuse(c, TLS_ERR_CLIENT_OLD, now_ms);
        return;
    case TLS_HELLO_NEW:
        shake_refuse(c, TLS_ERR_CLIENT_NEW, now_ms);
        return;
    case TLS_HELLO_HTTP:
        conn_trouble(c, CONN_TROUBLE_HTTP_TO_TLS, now_ms);
        conn_refuse(c, CONN_FAULT_TLS_PORT, now_ms);
        return;
    case TLS_HELLO_UNKNOWN:
        c->stream.tls_err = TLS_ERR_PROTOCOL;
        conn_trouble(c, CONN_TROUBLE_TLS, now_ms);
        c->server->tls.failed++;
        conn_close(c);
        return;
    }
}

/* Takes of the first record what is missing and nothing behind it. */
static void shake_gather(struct conn *c, int64_t now_ms)
{
    while (c->state == CONN_SHAKE && c->ticket == 0) {
        size_t need;
        size_t room_bytes;
        char *room = buf_room(&c->in, &room_bytes);
        int64_t got;

        (void)tls_hello_look(buf_peek(&c->in), &need);
        CHECK(need > buf_used(&c->in) && need - buf_used(&c->in) <= room_bytes);
        got = stream_read(&c->stream, room, need - buf_used(&c->in));
        if (got == STREAM_AGAIN)
            return;
        if (got < 0) {
            conn_close(c); /* nothing was asked */
            return;
        }
        buf_commit(&c->in, (size_t)got);
        shake_look(c, now_ms);
    }
}

/* Gives the engine what was gathered. */
static bool shake_start(struct conn *c, int64_t now_ms)
{
    struct conn_tls *t = &c->server->tls;
    struct tls_server_options o = {.identity = t->identity,
                                   .sessions = t->sessions,
                                   .now_ms = now_ms,
                                   .aes_first = t->aes_first};
    struct tls_server *slot = pool_take(&t->slots);
    struct tls_session *session;

    if (slot == NULL || !sys_random(o.entropy, sizeof(o.entropy))) {
        if (slot != NULL)
            pool_give(&t->slots, slot);
        conn_close(c);
        return false;
    }
    tls_server_start(slot, &o);
    explicit_bzero(o.entropy, sizeof(o.entropy));
    session = tls_server_session(slot);
    c->identity = t->identity;
    stream_tls(&c->stream, c->stream.fd, session, &t->slots);
    for (struct span in = buf_peek(&c->in); in.len > 0;) {
        size_t room_bytes;
        char *room = tls_session_in(session, &room_bytes);
        size_t part = in.len < room_bytes ? in.len : room_bytes;

        if (room == NULL)
            break; /* it has failed: the handshake's step tells why */
        memcpy(room, in.ptr, part);
        tls_session_received(session, part);
        in = span_part(in, part, in.len);
    }
    buf_reset(&c->in);
    return true;
}

static void shake_go(struct conn *c, int64_t now_ms)
{
    struct conn_tls *t = &c->server->tls;
    int result = stream_handshake(&c->stream);

    if (result == STREAM_AGAIN)
        return;
    c->identity = NULL;
    if (result == STREAM_FAILED) {
        t->failed++;
        conn_trouble(c, CONN_TROUBLE_TLS, now_ms);
        conn_close(c);
        return;
    }
    if (tls_server_resumed(c->stream.tls))
        t->resumed++;
    else
        t->full++;
    conn_enter(c, CONN_HEAD, now_ms);
}

/* With a ticket: goes on if it is its turn. */
static void shake_try(struct conn *c, int64_t now_ms)
{
    struct conn_server *s = c->server;
    struct conn *first;
    int64_t began_ms;
    int64_t ended_ms;

    if (s->tls.slots.in_use == s->tls.slots.count)
        (void)conn_server_shed(s, true, now_ms);
    first = shake_first(s);
    if (first == NULL)
        return;
    if (first != c || s->tls.turn == s->loop->turn) {
        loop_kick(s->loop, &first->watch);
        return;
    }
    if (s->loop->now_ms < s->tls.rest_until_ms)
        return; /* its deadline says when to go on */
    s->tls.turn = s->loop->turn;
    c->ticket = 0;
    began_ms = sys_mono_ms();
    if (c->stream.tls != NULL || shake_start(c, now_ms))
        shake_go(c, now_ms);
    ended_ms = sys_mono_ms();
    s->tls.rest_until_ms = ended_ms + (ended_ms - began_ms);
    conn_shake_next(s);
}

static void shake_too_slow(struct conn *c, int64_t now_ms)
{
    bool ready = c->ticket != 0; /* and was not let */

    c->server->tls.failed++;
    conn_trouble(c, ready ? CONN_TROUBLE_TLS_FULL : CONN_TROUBLE_TLS_SLOW, now_ms);
    conn_close(c);
}

void conn_shake_step(struct conn *c, short revents, int64_t now_ms)
{
    if (c->ticket != 0) {
        if ((revents & (POLLHUP | POLLERR)) != 0) {
            conn_close(c);
            return;
        }
        shake_try(c, now_ms);
    } else if (c->stream.tls == NULL && revents != 0) {
        shake_gather(c, now_ms);
        if (c->state == CONN_SHAKE && c->ticket != 0)
            shake_try(c, now_ms);
    } else if (revents != 0) {
        shake_take_ticket(c);
        shake_try(c, now_ms);
    }
    if (c->state == CONN_SHAKE && now_ms >= c->state_ms + CONN_SHAKE_MS)
        shake_too_slow(c, now_ms);
}

/* ---- at the listener ---- */

/* Whoever lets the gateway wait longest makes room for those who stand before the door. */
static bool shake_evict(struct conn_server *s, int64_t now_ms)
{
    struct conn *slowest = NULL;

    for (uint32_t i = 0; i < s->conns->count; i++) {
        struct conn *c = pool_at(s->conns, i);

        if (c == NULL || c->state != CONN_SHAKE || c->ticket != 0 ||
            now_ms - c->state_ms < SHAKE_PATIENCE_MS)
            continue;
        if (slowest == NULL || c->state_ms < slowest->state_ms)
            slowest = c;
    }
    if (slowest == NULL)
        return false;
    shake_too_slow(slowest, now_ms);
    return true;
}

bool conn_server_takes_tls(struct conn_server *s, int64_t now_ms)
{
    uint32_t unfinished = 0;
    uint32_t waiting = 0;

    for (uint32_t i = 0; i < s->conns->count; i++) {
        const struct conn *c = pool_at(s->conns, i);

        if (c == NULL || c->state != CONN_SHAKE)
            continue;
        unfinished++;
        waiting += c->stream.tls == NULL ? 1 : 0;
    }
    if (unfinished <= s->conns->count / 2 && s->tls.slots.in_use + waiting < s->tls.slots.count)
        return true;
    return conn_server_shed(s, true, now_ms) || shake_evict(s, now_ms);
}
