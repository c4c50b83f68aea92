#include "gateway/conn.h"

#include <string.h>

#include "base/check.h"
#include "gateway/conn_inside.h"
#include "net/sys.h"

static void conn_step(void *ctx, short revents, int64_t now_ms);
static void conn_next_request(struct conn *c, int64_t now_ms);

/* ---- life ---- */

void conn_enter(struct conn *c, enum conn_state next, int64_t now_ms)
{
    c->state = next;
    c->state_ms = now_ms;
}

static bool conn_take(struct conn_server *s, int fd, const struct net_addr *peer,
                      bool listener_loopback, bool tls, int64_t now_ms)
{
    struct conn *c = pool_take(s->conns);

    if (c == NULL) {
        sys_close(fd);
        return false;
    }
    c->server = s;
    c->peer = *peer;
    c->listener_loopback = listener_loopback;
    stream_init(&c->stream);
    stream_plain(&c->stream, fd);
    buf_init(&c->in, c->in_storage, sizeof(c->in_storage));
    buf_init(&c->out, c->out_storage, sizeof(c->out_storage));
    watch_init(&c->watch, conn_step, c);
    c->watch.fd = fd;
    c->watch.events = POLLIN;
    conn_enter(c, tls ? CONN_SHAKE : CONN_HEAD, now_ms);
    c->watch.deadline_ms = tls ? conn_shake_deadline(c) : now_ms + s->head_timeout_ms;
    loop_add(s->loop, &c->watch);
    s->accepted++;
    return true;
}

bool conn_adopt(struct conn_server *s, int fd, const struct net_addr *peer, bool listener_loopback,
                int64_t now_ms)
{
    return conn_take(s, fd, peer, listener_loopback, false, now_ms);
}

bool conn_adopt_tls(struct conn_server *s, int fd, const struct net_addr *peer,
                    bool listener_loopback, int64_t now_ms)
{
    return conn_take(s, fd, peer, listener_loopback, true, now_ms);
}

static void conn_free(struct conn *c, int64_t now_ms)
{
    struct conn_server *s = c->server;

    loop_remove(s->loop, &c->watch);
    stream_close(&c->stream);
    lease_give(s->bodies, &c->body);
    pool_give(s->conns, c);
    if (s->freed != NULL)
        s->freed(s->owner, now_ms);
}

void conn_close(struct conn *c)
{
    bool made_room = c->stream.tls != NULL || c->state == CONN_SHAKE;

    if (c->state == CONN_CLOSED)
        return;
    c->state = CONN_CLOSED;
    c->ticket = 0;
    c->identity = NULL;
    stream_close(&c->stream);
    c->watch.fd = -1;
    loop_kick(c->server->loop, &c->watch);
    if (made_room)
        conn_shake_next(c->server);
}

void conn_trouble(struct conn *c, enum conn_trouble what, int64_t now_ms)
{
    if (c->server->handler->trouble != NULL)
        c->server->handler->trouble(c, what, now_ms);
}

void conn_lost(struct conn *c, int64_t now_ms)
{
    bool owed = c->state == CONN_BUSY;

    if (c->state == CONN_CLOSED)
        return;
    conn_close(c);
    if (owed)
        c->server->handler->gone(c, now_ms);
}

void conn_abort(struct conn *c)
{
    conn_close(c);
}

/* ---- what to wait for ---- */

static bool conn_has_output(struct conn *c)
{
    return buf_used(&c->out) > 0 || c->tail.len > 0 || stream_has_unsent(&c->stream);
}

static bool conn_wants_input(const struct conn *c)
{
    if (c->peer_closed)
        return false;
    /* While a response is owed only a departure is of interest; the room behind the head is read
     * for it, and when that is full the kernel's buffer holds the rest. */
    return c->state == CONN_LINGER || c->state == CONN_BODY || buf_space(&c->in) > 0;
}

static int64_t conn_deadline(const struct conn *c)
{
    const struct conn_server *s = c->server;

    switch (c->state) {
    case CONN_SHAKE:
        return conn_shake_deadline(c);
    case CONN_HEAD:
        if (buf_used(&c->in) == 0 && c->served)
            return c->state_ms + s->idle_timeout_ms;
        return c->state_ms + s->head_timeout_ms;
    case CONN_BODY:
        return c->state_ms + s->body_timeout_ms;
    case CONN_BUSY:
    case CONN_FLUSH:
        return c->wait_ms != 0 && c->clear_ms == 0 ? c->wait_ms + s->body_timeout_ms : LOOP_NEVER;
    case CONN_LINGER:
        return c->state_ms + CONN_LINGER_MS;
    case CONN_CLOSED:
        break;
    }
    return 0;
}

static void conn_rearm(struct conn *c)
{
    if (c->state == CONN_CLOSED)
        return;
    c->watch.deadline_ms = conn_deadline(c);
    if (c->state == CONN_SHAKE) {
        c->watch.events = conn_shake_events(c);
        return;
    }
    c->watch.events = stream_events(&c->stream, conn_wants_input(c), conn_has_output(c));
    /* What is decrypted already poll does not know of. */
    if (stream_has_unread(&c->stream) && conn_wants_input(c))
        loop_kick(c->server->loop, &c->watch);
    /* A closed peer with nothing asked for would make poll report a hang-up for ever. */
    c->watch.fd = c->watch.events != 0 || !c->peer_closed ? c->stream.fd : -1;
}

/* ---- reading a request ---- */

void conn_refuse(struct conn *c, enum conn_fault fault, int64_t now_ms)
{
    c->keep_alive = false;
    if (c->state == CONN_HEAD || c->state == CONN_SHAKE)
        memset(&c->head, 0, sizeof(c->head)); /* half a head is no head */
    lease_give(c->server->bodies, &c->body);
    conn_enter(c, CONN_BUSY, now_ms);
    c->server->handler->refuse(c, fault, now_ms);
}

static void conn_bad(struct conn *c, enum http_err err, int64_t now_ms)
{
    c->http_err = err;
    conn_refuse(c, CONN_FAULT_HTTP, now_ms);
}

static void conn_request_whole(struct conn *c, int64_t now_ms)
{
    conn_enter(c, CONN_BUSY, now_ms);
    c->server->requests++;
    c->server->handler->request(c, now_ms);
}

/* Copies payload into the lease, growing it where the length was not known before. */
static bool conn_body_add(struct conn *c, struct span payload, int64_t now_ms)
{
    size_t need = c->body_len + payload.len;

    if ((int64_t)need > c->server->max_body_bytes) {
        conn_refuse(c, CONN_FAULT_BODY_SIZE, now_ms);
        return false;
    }
    if (need > lease_bytes(&c->body)) {
        size_t doubled = 2 * lease_bytes(&c->body);
        size_t ask = doubled > need ? doubled : need;

        if (!lease_grow(c->server->bodies, &c->body, ask) &&
            !lease_grow(c->server->bodies, &c->body, need)) {
            conn_refuse(c, CONN_FAULT_NO_MEMORY, now_ms);
            return false;
        }
    }
    if (payload.len > 0)
        memcpy(c->body.ptr + c->body_len, payload.ptr, payload.len);
    c->body_len = need;
    return true;
}

/* Cuts bytes out of the middle of the input: body bytes between the head and what follows. */
static void conn_cut(struct conn *c, size_t at, size_t bytes)
{
    size_t used = buf_used(&c->in);

    CHECK(at + bytes <= used);
    memmove(c->in.data + c->in.head + at, c->in.data + c->in.head + at + bytes, used - at - bytes);
    c->in.tail -= bytes;
}

/* Decodes what lies behind the head. */
static void conn_decode(struct conn *c, int64_t now_ms)
{
    enum parse verdict = PARSE_MORE;

    while (verdict == PARSE_MORE) {
        struct span live = buf_peek(&c->in);
        struct span payload = SPAN_EMPTY;
        size_t used = 0;

        live = span_part(live, c->head_bytes, live.len);
        if (live.len == 0 && c->decoder.framing != HTTP_BODY_NONE &&
            !(c->decoder.framing == HTTP_BODY_LENGTH && c->decoder.left_bytes == 0))
            return;
        verdict = http_body_next(&c->decoder, live, &payload, &used);
        if (verdict == PARSE_BAD) {
            conn_bad(c, c->decoder.err, now_ms);
            return;
        }
        if (!conn_body_add(c, payload, now_ms))
            return;
        conn_cut(c, c->head_bytes, used);
        if (verdict == PARSE_MORE && used == 0)
            return;
    }
    conn_request_whole(c, now_ms);
}

static bool conn_lease_body(struct conn *c, int64_t now_ms)
{
    const struct http_head *h = &c->head;

    if (h->framing != HTTP_BODY_LENGTH || h->content_length == 0)
        return true;
    if (h->content_length > (uint64_t)c->server->max_body_bytes) {
        conn_refuse(c, CONN_FAULT_BODY_SIZE, now_ms);
        return false;
    }
    if (!lease_take(c->server->bodies, &c->body, (size_t)h->content_length)) {
        conn_refuse(c, CONN_FAULT_NO_MEMORY, now_ms);
        return false;
    }
    return true;
}

static void conn_head_whole(struct conn *c, int64_t now_ms)
{
    c->keep_alive = c->head.keep_alive && !c->server->stopping;
    c->no_payload = c->head.method == HTTP_HEAD;
    http_body_start(&c->decoder, &c->head);
    conn_enter(c, CONN_BODY, now_ms);
    if (!conn_lease_body(c, now_ms))
        return;
    if (c->head.expect_continue && c->head.framing != HTTP_BODY_NONE)
        buf_append(&c->out, SPAN("HTTP/1.1 100 Continue\r\n\r\n"));
    conn_decode(c, now_ms);
}

static void conn_parse_head(struct conn *c, int64_t now_ms)
{
    struct span live = buf_peek(&c->in);
    size_t used = 0;

    if (tls_hello_begins((uint8_t)live.ptr[0])) {
        conn_trouble(c, CONN_TROUBLE_TLS_TO_HTTP, now_ms);
        conn_close(c);
        return;
    }
    switch (http_head_request(&c->head, live, c->head_seen, &used)) {
    case PARSE_MORE:
        c->head_seen = live.len;
        return;
    case PARSE_BAD:
        conn_bad(c, c->head.err, now_ms);
        return;
    case PARSE_DONE:
        c->head_bytes = used;
        conn_head_whole(c, now_ms);
        return;
    }
}

/* Reads a body of known length straight into its lease once the buffer is used up. */
static int64_t conn_read_body(struct conn *c)
{
    uint64_t left = c->decoder.left_bytes;
    int64_t got = stream_read(&c->stream, c->body.ptr + c->body_len, (size_t)left);

    if (got > 0) {
        struct span payload;
        size_t used = 0;

        /* The decoder keeps the count; the bytes are already where they belong. */
        (void)http_body_next(&c->decoder, span_of(c->body.ptr + c->body_len, (size_t)got), &payload,
                             &used);
        CHECK(used == (size_t)got);
        c->body_len += (size_t)got;
    }
    return got;
}

static int64_t conn_read(struct conn *c)
{
    size_t room_bytes;
    char *room;
    int64_t got;

    if (c->state == CONN_BODY && c->decoder.framing == HTTP_BODY_LENGTH)
        return conn_read_body(c);
    if (c->state == CONN_LINGER)
        buf_reset(&c->in);
    room = buf_room(&c->in, &room_bytes);
    if (room_bytes == 0)
        return STREAM_AGAIN;
    got = stream_read(&c->stream, room, room_bytes);
    if (got > 0)
        buf_commit(&c->in, (size_t)got);
    return got;
}

/* The bytes of a body pay for the time so far, never for one to come: who sends a megabyte at once
 * and then stops has body_timeout as anyone. */
static void conn_pays(struct conn *c, int64_t now_ms)
{
    const int64_t second_ms = 1000;
    int64_t paid_ms = (int64_t)(c->body_len - c->body_paid) * second_ms / CONN_PACE_BYTES_PER_S;

    if (c->state != CONN_BODY)
        return;
    c->state_ms += paid_ms;
    c->body_paid += (size_t)(paid_ms * CONN_PACE_BYTES_PER_S / second_ms);
    if (c->state_ms >= now_ms) {
        c->state_ms = now_ms;
        c->body_paid = c->body_len;
    }
}

/* What newly read bytes mean in this state. */
static void conn_progress(struct conn *c, int64_t now_ms)
{
    switch (c->state) {
    case CONN_HEAD:
        if (c->head_seen == 0)
            c->state_ms = now_ms; /* the head's own deadline begins with its first byte */
        conn_parse_head(c, now_ms);
        return;
    case CONN_BODY:
        if (c->decoder.framing != HTTP_BODY_LENGTH)
            conn_decode(c, now_ms);
        else if (c->decoder.left_bytes == 0)
            conn_request_whole(c, now_ms);
        conn_pays(c, now_ms);
        return;
    case CONN_SHAKE:
    case CONN_BUSY:
    case CONN_FLUSH:
    case CONN_LINGER:
    case CONN_CLOSED:
        return;
    }
}

static void conn_input(struct conn *c, int64_t now_ms)
{
    int64_t got = conn_read(c);

    if (got > 0) {
        conn_progress(c, now_ms);
        return;
    }
    if (got == STREAM_AGAIN)
        return;
    c->peer_closed = true;
    /* In CONN_FLUSH the response may still be read by a peer that shut only its own side. */
    if (got == STREAM_FAILED || c->state != CONN_FLUSH)
        conn_lost(c, now_ms);
}

/* ---- writing a response ---- */

static int64_t conn_write_some(struct conn *c)
{
    struct span queued = buf_peek(&c->out);
    int64_t sent;

    if (queued.len > 0) {
        sent = stream_write(&c->stream, queued);
        if (sent > 0)
            buf_consume(&c->out, (size_t)sent);
        return sent;
    }
    if (c->tail.len == 0)
        return stream_flush(&c->stream);
    sent = stream_write(&c->stream, c->tail);
    if (sent > 0)
        c->tail = span_part(c->tail, (size_t)sent, c->tail.len);
    return sent;
}

static void conn_done(struct conn *c, int64_t now_ms)
{
    c->served = true;
    if (c->keep_alive && !c->peer_closed && !c->server->stopping) {
        conn_next_request(c, now_ms);
        return;
    }
    stream_shutdown(&c->stream);
    conn_shake_next(c->server);
    if (c->peer_closed)
        conn_close(c);
    else
        conn_enter(c, CONN_LINGER, now_ms);
}

/* What is put into a conn in the moment in which it was cleared is of the same wait: else each
 * buffer of a long answer would have a whole body_timeout. */
static void conn_waits(struct conn *c, int64_t now_ms)
{
    if (c->wait_ms == 0 || (c->clear_ms != 0 && c->clear_ms != now_ms))
        c->wait_ms = now_ms;
    c->clear_ms = 0;
}

/* Pays for the wait so far, never for one to come. */
static void conn_took(struct conn *c, int64_t bytes, int64_t now_ms)
{
    c->wait_ms += bytes * CONN_TAKE_MS;
    if (c->wait_ms > now_ms)
        c->wait_ms = now_ms;
}

void conn_flush(struct conn *c, int64_t now_ms)
{
    while (c->state != CONN_CLOSED && conn_has_output(c)) {
        int64_t sent = conn_write_some(c);

        if (sent == STREAM_AGAIN) {
            conn_waits(c, now_ms);
            break;
        }
        if (sent < 0) {
            conn_lost(c, now_ms);
            return;
        }
        if (c->wait_ms != 0)
            conn_took(c, sent, now_ms);
    }
    if (c->clear_ms == 0 && c->state != CONN_CLOSED && !conn_has_output(c))
        c->clear_ms = now_ms;
    if (c->state == CONN_FLUSH && !conn_has_output(c))
        conn_done(c, now_ms);
    conn_rearm(c);
}

static void conn_next_request(struct conn *c, int64_t now_ms)
{
    lease_give(c->server->bodies, &c->body);
    c->body_len = 0;
    c->body_paid = 0;
    buf_consume(&c->in, c->head_bytes);
    c->head_bytes = 0;
    c->head_seen = 0;
    c->http_err = HTTP_OK;
    c->user = NULL;
    c->chunked = false;
    c->no_payload = false;
    c->head_sent = false;
    conn_enter(c, CONN_HEAD, now_ms);
    /* A pipelined request may already be here: look at it in a step of its own, so that a peer
     * with many of them takes turns with the others. */
    if (buf_used(&c->in) > 0)
        loop_kick(c->server->loop, &c->watch);
}

/* ---- the loop's side ---- */

static void conn_deadline_passed(struct conn *c, int64_t now_ms)
{
    switch (c->state) {
    case CONN_SHAKE:
        return; /* its own step looks at the time */
    case CONN_HEAD:
        if (buf_used(&c->in) == 0)
            conn_close(c); /* nothing was asked: nothing is answered */
        else
            conn_refuse(c, CONN_FAULT_SLOW, now_ms);
        return;
    case CONN_BODY:
        conn_refuse(c, CONN_FAULT_SLOW, now_ms);
        return;
    case CONN_BUSY:
    case CONN_FLUSH:
        conn_lost(c, now_ms);
        return;
    case CONN_LINGER:
        conn_close(c);
        return;
    case CONN_CLOSED:
        return;
    }
}

static void conn_step(void *ctx, short revents, int64_t now_ms)
{
    struct conn *c = ctx;

    if (c->state == CONN_CLOSED) {
        conn_free(c, now_ms);
        return;
    }
    if (c->state == CONN_SHAKE)
        conn_shake_step(c, revents, now_ms);
    else if (((revents & (POLLIN | POLLHUP | POLLERR)) != 0 || stream_has_unread(&c->stream)) &&
             conn_wants_input(c))
        conn_input(c, now_ms);
    else if ((revents & (POLLHUP | POLLERR)) != 0)
        conn_lost(c, now_ms);
    else if (c->state == CONN_HEAD && buf_used(&c->in) > c->head_seen)
        conn_progress(c, now_ms); /* pipelined */
    if (c->state != CONN_CLOSED && c->state != CONN_SHAKE && conn_has_output(c))
        conn_flush(c, now_ms);
    if (c->state == CONN_BUSY && !conn_has_output(c) && c->user != NULL && (revents & POLLOUT) != 0)
        c->server->handler->room(c, now_ms);
    if (c->state != CONN_CLOSED && now_ms >= conn_deadline(c))
        conn_deadline_passed(c, now_ms);
    if (c->state != CONN_CLOSED)
        conn_rearm(c);
}
