#include "gateway/call.h"

#include <stddef.h>
#include <string.h>

#include "base/check.h"
#include "gateway/vendor.h"
#include "net/sys.h"

static void call_step(void *ctx, short revents, int64_t now_ms);
static void call_connect(struct call *c, int64_t now_ms);

static struct loop *call_loop(const struct call *c)
{
    return c->up->shared->loop;
}

/* ---- places and the queue ---- */

static bool call_place_free(const struct upstream *u)
{
    return (int64_t)u->busy < u->settings->connections;
}

static void call_enqueue(struct call *c)
{
    struct upstream *u = c->up;

    c->queue_next = NULL;
    if (u->queue_last != NULL)
        u->queue_last->queue_next = c;
    else
        u->queue_first = c;
    u->queue_last = c;
    u->queued++;
    c->queued = true;
}

static void call_dequeue(struct call *c)
{
    struct upstream *u = c->up;
    struct call *before = NULL;

    if (!c->queued)
        return;
    for (struct call *at = u->queue_first; at != c; at = at->queue_next)
        before = at;
    if (before != NULL)
        before->queue_next = c->queue_next;
    else
        u->queue_first = c->queue_next;
    if (u->queue_last == c)
        u->queue_last = before;
    u->queued--;
    c->queued = false;
}

static void call_wake_queue(struct upstream *u)
{
    if (u->queue_first != NULL && call_place_free(u))
        loop_kick(u->shared->loop, &u->queue_first->watch);
}

static void call_release(struct call *c)
{
    if (!c->holds_place)
        return;
    c->holds_place = false;
    c->up->busy--;
    call_wake_queue(c->up);
}

/* ---- endings ---- */

static void call_drop_stream(struct call *c, int64_t now_ms)
{
    bool had_slot = c->stream.tls != NULL;

    loop_remove(call_loop(c), &c->watch);
    c->watch.fd = -1;
    stream_close(&c->stream);
    if (had_slot)
        dialer_slot_free(c->up->shared->dialer, now_ms);
}

static void call_fail(struct call *c, enum call_failure why, int64_t now_ms)
{
    struct span what = SPAN_EMPTY;
    /* A full house, a clock that is not set: nothing that the vendor did. */
    bool its_own =
        why != CALL_FAIL_QUEUE &&
        (why != CALL_FAIL_NET || (c->net_err != NET_ERR_SLOTS && c->net_err != NET_ERR_CLOCK));

    if (c->state == CALL_FAILED)
        return;
    c->failure = why;
    c->state = CALL_FAILED;
    dial_cancel(&c->dial);
    call_dequeue(c);
    call_drop_stream(c, now_ms);
    call_release(c);
    switch (why) {
    case CALL_OK:
        break;
    case CALL_FAIL_QUEUE:
        what = SPAN("all connections are busy (key `connections`)");
        break;
    case CALL_FAIL_NET:
        what = span_str(c->detail[0] != '\0' ? c->detail : net_err_text(c->net_err));
        break;
    case CALL_FAIL_HTTP:
        what = span_str(http_err_text(c->http_err));
        break;
    case CALL_FAIL_TRUNCATED:
        what = SPAN("closed the connection before its answer was whole");
        break;
    case CALL_FAIL_TIMEOUT:
        what = SPAN("took too long to answer");
        break;
    }
    if (why == CALL_FAIL_NET || (why == CALL_FAIL_TIMEOUT && c->first_byte_ms == 0))
        c->up->away = true;
    upstream_failed(c->up, what, its_own, now_ms);
}

static void call_fail_stream(struct call *c, int64_t now_ms)
{
    c->net_err = c->stream.err;
    c->tls_err = c->stream.tls_err;
    call_fail(c, CALL_FAIL_NET, now_ms);
}

static void call_end(struct call *c, int64_t now_ms)
{
    bool reusable = c->head.keep_alive && c->request_sent && c->in_at == c->in_len &&
                    c->decoder.framing != HTTP_BODY_CLOSE;

    c->state = CALL_ENDED;
    upstream_answered(c->up);
    if (reusable) {
        loop_remove(call_loop(c), &c->watch);
        idle_put(c->up->shared->idle, &c->up->endpoint, &c->stream, &c->peer, now_ms);
        stream_init(&c->stream);
    } else {
        call_drop_stream(c, now_ms);
    }
    call_release(c);
}

void call_close(struct call *c, int64_t now_ms)
{
    if (c->state == CALL_IDLE || c->state == CALL_ENDED || c->state == CALL_FAILED)
        return;
    if (c->state != CALL_ANSWERING)
        breaker_untold(&c->up->breaker);
    dial_cancel(&c->dial);
    call_dequeue(c);
    call_drop_stream(c, now_ms);
    call_release(c);
    c->state = CALL_IDLE;
}

static bool call_was_heard(const struct call *c, int64_t now_ms)
{
    int64_t most_ms = c->stream.err == NET_ERR_TIMEOUT ? CALL_UNHEARD_MS : CALL_STALE_MS;

    return c->request_sent && now_ms - c->sent_ms > most_ms;
}

/* A kept-alive connection may have been closed by the vendor while our request was on its way. */
static bool call_retry(struct call *c, int64_t now_ms)
{
    if (!c->reused || c->retried || c->first_byte_ms != 0 || call_was_heard(c, now_ms))
        return false;
    call_drop_stream(c, now_ms);
    idle_drop(c->up->shared->idle, &c->up->endpoint); /* of the same age: likely closed as well */
    c->retried = true;
    c->reused = false;
    call_connect(c, now_ms);
    return true;
}

/* ---- what to wait for ---- */

static void call_rearm(struct call *c)
{
    bool sending = c->state == CALL_SEND;

    if (c->state != CALL_SEND && c->state != CALL_WAIT && c->state != CALL_ANSWERING)
        return;
    c->watch.fd = c->paused ? -1 : c->stream.fd;
    c->watch.events = stream_events(&c->stream, !sending || c->in_at == c->in_len, sending);
    c->watch.deadline_ms = c->paused ? LOOP_NEVER : c->deadline_ms;
}

/* The payload's deadline, after so many bytes of it. */
static void call_extend(struct call *c, int64_t bytes, int64_t now_ms)
{
    int64_t idle_ms = now_ms + c->up->settings->idle_timeout_ms;

    c->slow_ms += bytes * CALL_SLOW_MS;
    c->deadline_ms = idle_ms < c->slow_ms ? idle_ms : c->slow_ms;
}

void call_pause(struct call *c, bool paused, int64_t now_ms)
{
    int64_t idle_ms = now_ms + c->up->settings->idle_timeout_ms;

    if (c->paused && !paused) {
        c->slow_ms = idle_ms > c->slow_ms ? idle_ms : c->slow_ms; /* the client's time, not its */
        call_extend(c, 0, now_ms);
    }
    c->paused = paused;
    call_rearm(c);
}

/* ---- sending ---- */

/* The next bytes to go out: the head, then the edited body. */
static struct span call_unsent(const struct call *c)
{
    if (c->in_at < c->in_len)
        return span_of(c->in_storage + c->in_at, c->in_len - c->in_at);
    return splice_piece(c->body, c->sent_bytes);
}

/* What was taken pays for the time so far, never for a pause to come. */
static void call_sent(struct call *c, size_t bytes, int64_t now_ms)
{
    int64_t most_ms = now_ms + c->up->settings->first_byte_timeout_ms;

    c->deadline_ms += (int64_t)bytes * CALL_SEND_MS;
    if (c->deadline_ms > most_ms)
        c->deadline_ms = most_ms;
    *(c->in_at < c->in_len ? &c->in_at : &c->sent_bytes) += bytes;
}

static void call_lost(struct call *c, int64_t now_ms)
{
    if (!call_retry(c, now_ms))
        call_fail_stream(c, now_ms);
}

static void call_send(struct call *c, int64_t now_ms)
{
    for (struct span out = call_unsent(c); out.len > 0; out = call_unsent(c)) {
        int64_t sent = stream_write(&c->stream, out);

        if (sent == STREAM_AGAIN)
            return;
        if (sent < 0) {
            call_lost(c, now_ms);
            return;
        }
        call_sent(c, (size_t)sent, now_ms);
    }
    switch (stream_flush(&c->stream)) {
    case 0:
        c->request_sent = true;
        c->sent_ms = now_ms;
        c->state = CALL_WAIT;
        c->in_at = 0;
        c->in_len = 0;
        c->deadline_ms = now_ms + c->up->settings->first_byte_timeout_ms;
        return;
    case STREAM_FAILED:
        call_lost(c, now_ms);
        return;
    }
}

/* A small body leaves in one piece with its head: one packet, one wake-up at the other end. */
static void call_join_body(struct call *c)
{
    struct span piece = splice_piece(c->body, 0);

    if (splice_bytes(c->body) > sizeof(c->in_storage) - c->in_len)
        return;
    for (; piece.len > 0; piece = splice_piece(c->body, c->sent_bytes)) {
        memcpy(c->in_storage + c->in_len, piece.ptr, piece.len);
        c->in_len += piece.len;
        c->sent_bytes += piece.len;
    }
}

static void call_begin_send(struct call *c, int64_t now_ms)
{
    struct fmt head;

    c->state = CALL_SEND;
    c->sent_bytes = 0;
    c->request_sent = false;
    fmt_init(&head, c->in_storage, sizeof(c->in_storage));
    if (!c->write_head(c->ctx, &head)) {
        c->http_err = HTTP_ERR_HEAD_SIZE;
        call_fail(c, CALL_FAIL_HTTP, now_ms);
        return;
    }
    c->in_at = 0;
    c->in_len = fmt_span(&head).len;
    call_join_body(c);
    c->deadline_ms = now_ms + c->up->settings->first_byte_timeout_ms;
    c->watch.fd = c->stream.fd;
    loop_add(call_loop(c), &c->watch);
    call_send(c, now_ms);
    call_rearm(c);
}

/* ---- connecting ---- */

static void call_dialled(void *ctx, int64_t now_ms)
{
    struct call *c = ctx;

    if (dial_state(&c->dial) == DIAL_READY) {
        dial_take(&c->dial, &c->stream, &c->peer);
        call_begin_send(c, now_ms);
    } else {
        struct fmt f;

        c->net_err = dial_err(&c->dial);
        c->tls_err = c->dial.tls_err;
        fmt_init(&f, c->detail, sizeof(c->detail));
        dial_detail(&c->dial, &f);
        (void)fmt_cstr(&f);
        call_fail(c, CALL_FAIL_NET, now_ms);
    }
    if (c->state == CALL_FAILED)
        c->notify(c->ctx, now_ms);
}

static void call_connect_standin(struct call *c, int64_t now_ms)
{
    int fd = c->up->shared->vendor != NULL ? vendor_connect(c->up->shared->vendor, now_ms) : -1;

    if (fd < 0) {
        c->net_err = NET_ERR_SLOTS;
        call_fail(c, CALL_FAIL_NET, now_ms);
        return;
    }
    stream_plain(&c->stream, fd);
    call_begin_send(c, now_ms);
}

static void call_connect(struct call *c, int64_t now_ms)
{
    const struct upstream_shared *shared = c->up->shared;
    struct pool *tls_pool = shared->dialer->tls_pool;

    if (!c->retried && idle_take(shared->idle, &c->up->endpoint, &c->stream, &c->peer)) {
        c->reused = true;
        call_begin_send(c, now_ms);
        return;
    }
    if (c->up->settings->dialect == DIALECT_STANDIN) {
        call_connect_standin(c, now_ms);
        return;
    }
    if (c->up->endpoint.tls && tls_pool->in_use == tls_pool->count)
        (void)idle_shed(shared->idle);
    c->state = CALL_DIAL;
    dial_start(&c->dial, &c->up->endpoint, call_dialled, c, now_ms);
}

void call_init(struct call *c, struct upstream *up, void *resolve_storage)
{
    memset(c, 0, offsetof(struct call, in_storage));
    c->up = up;
    stream_init(&c->stream);
    watch_init(&c->watch, call_step, c);
    dial_init(&c->dial, up->shared->dialer, resolve_storage);
}

void call_start(struct call *c, bool (*write_head)(void *ctx, struct fmt *out),
                const struct splice *body, void (*notify)(void *ctx, int64_t now_ms), void *ctx,
                int64_t now_ms)
{
    CHECK(c->state == CALL_IDLE);
    c->write_head = write_head;
    c->body = body;
    c->notify = notify;
    c->ctx = ctx;
    c->started_ms = now_ms;
    c->up->calls++;
    breaker_call(&c->up->breaker, now_ms);
    if (call_place_free(c->up) && c->up->queue_first == NULL) {
        c->holds_place = true;
        c->up->busy++;
        call_connect(c, now_ms);
        return;
    }
    c->state = CALL_QUEUE;
    call_enqueue(c);
    c->watch.fd = -1;
    c->watch.deadline_ms = now_ms + CALL_QUEUE_MS;
    loop_add(call_loop(c), &c->watch);
}

static void call_turn(struct call *c, int64_t now_ms)
{
    if (c->up->queue_first == c && call_place_free(c->up)) {
        call_dequeue(c);
        loop_remove(call_loop(c), &c->watch);
        c->holds_place = true;
        c->up->busy++;
        call_connect(c, now_ms);
        call_wake_queue(c->up);
    } else if (now_ms >= c->watch.deadline_ms) {
        call_fail(c, CALL_FAIL_QUEUE, now_ms);
    }
}

/* ---- the answer ---- */

static int64_t call_read(struct call *c, int64_t now_ms)
{
    size_t room = sizeof(c->in_storage) - c->in_len;
    int64_t got = stream_read(&c->stream, c->in_storage + c->in_len, room);

    if (got > 0) {
        c->in_len += (size_t)got;
        if (c->first_byte_ms == 0)
            c->first_byte_ms = now_ms;
    }
    return got;
}

/* Interim responses (RFC 9110 section 15.2) are dropped; the head that counts stays in place. */
static void call_parse_head(struct call *c, size_t seen, int64_t now_ms)
{
    for (;;) {
        size_t used = 0;
        struct span live = span_of(c->in_storage, c->in_len);

        switch (http_head_response(&c->head, live, seen, false, &used)) {
        case PARSE_MORE:
            return;
        case PARSE_BAD:
            c->http_err = c->head.err;
            call_fail(c, CALL_FAIL_HTTP, now_ms);
            return;
        case PARSE_DONE:
            break;
        }
        if (c->head.status >= 200) {
            c->head_bytes = used;
            c->in_at = used;
            break;
        }
        memmove(c->in_storage, c->in_storage + used, c->in_len - used);
        c->in_len -= used;
        seen = 0;
    }
    upstream_heard(c->up, &c->head, now_ms);
    http_body_start(&c->decoder, &c->head);
    c->body_whole = c->head.framing == HTTP_BODY_NONE ||
                    (c->head.framing == HTTP_BODY_LENGTH && c->head.content_length == 0);
    c->slow_ms = now_ms + CALL_SLOW_TIMES * c->up->settings->idle_timeout_ms;
    call_extend(c, 0, now_ms);
    c->state = CALL_ANSWERING;
}

static void call_read_head(struct call *c, int64_t now_ms)
{
    size_t seen = c->in_len;
    int64_t got;

    if (seen == sizeof(c->in_storage)) {
        c->http_err = HTTP_ERR_HEAD_SIZE;
        call_fail(c, CALL_FAIL_HTTP, now_ms);
        return;
    }
    got = call_read(c, now_ms);
    if (got > 0)
        call_parse_head(c, seen, now_ms);
    else if (got == STREAM_FAILED)
        call_lost(c, now_ms);
    else if (got == STREAM_EOF && !call_retry(c, now_ms))
        call_fail(c, CALL_FAIL_TRUNCATED, now_ms);
}

/* Reads when all is decoded that was there: true when there is more to decode. */
static enum call_next call_refill(struct call *c, int64_t now_ms)
{
    int64_t got;

    c->in_at = c->head_bytes;
    c->in_len = c->head_bytes;
    got = call_read(c, now_ms);
    if (got > 0)
        call_extend(c, got, now_ms);
    if ((got > 0 || got == STREAM_AGAIN) && now_ms >= c->deadline_ms) {
        call_fail(c, CALL_FAIL_TIMEOUT, now_ms); /* even of who sends without a pause */
        return CALL_BROKEN;
    }
    if (got > 0)
        return CALL_GOT;
    if (got == STREAM_AGAIN) {
        call_rearm(c);
        return CALL_MORE;
    }
    if (got == STREAM_EOF && http_body_eof(&c->decoder) == PARSE_DONE) {
        call_end(c, now_ms);
        return CALL_END;
    }
    if (got == STREAM_EOF)
        call_fail(c, CALL_FAIL_TRUNCATED, now_ms);
    else
        call_fail_stream(c, now_ms);
    return CALL_BROKEN;
}

enum call_next call_next(struct call *c, struct span *payload, int64_t now_ms)
{
    while (c->state == CALL_ANSWERING) {
        size_t used = 0;
        enum parse verdict;

        if (c->payload.len > 0) {
            *payload = c->payload;
            return CALL_GOT;
        }
        if (c->body_whole) {
            call_end(c, now_ms);
            break;
        }
        if (c->in_at == c->in_len) {
            enum call_next more = call_refill(c, now_ms);

            if (more != CALL_GOT)
                return more;
        }
        verdict =
            http_body_next(&c->decoder, span_of(c->in_storage + c->in_at, c->in_len - c->in_at),
                           &c->payload, &used);
        c->in_at += used;
        c->body_whole = verdict == PARSE_DONE;
        if (verdict == PARSE_BAD) {
            c->http_err = c->decoder.err;
            call_fail(c, CALL_FAIL_HTTP, now_ms);
        }
    }
    if (c->state == CALL_ENDED)
        return CALL_END;
    return c->state == CALL_FAILED ? CALL_BROKEN : CALL_MORE;
}

void call_used(struct call *c, size_t bytes)
{
    CHECK(bytes <= c->payload.len);
    c->payload = span_part(c->payload, bytes, c->payload.len);
}

/* ---- the loop's side ---- */

/* What came of an answer is looked at by call_next, which tells the time as well. */
static bool call_is_late(const struct call *c, bool ready, int64_t now_ms)
{
    if (c->state == CALL_SEND || c->state == CALL_WAIT)
        return now_ms >= c->deadline_ms;
    return c->state == CALL_ANSWERING && !ready && now_ms >= c->watch.deadline_ms;
}

static void call_step(void *ctx, short revents, int64_t now_ms)
{
    struct call *c = ctx;
    bool ready = revents != 0;

    switch (c->state) {
    case CALL_QUEUE:
        call_turn(c, now_ms);
        break;
    case CALL_SEND:
        if (ready)
            call_send(c, now_ms);
        /* A vendor may refuse a body before all of it is there: the rest is not sent any more. */
        if (c->state == CALL_SEND && (revents & POLLIN) != 0 && c->in_at == c->in_len) {
            c->state = CALL_WAIT;
            c->in_at = 0;
            c->in_len = 0;
            call_read_head(c, now_ms);
        }
        break;
    case CALL_WAIT:
        if (ready)
            call_read_head(c, now_ms);
        break;
    case CALL_ANSWERING:
    case CALL_IDLE:
    case CALL_DIAL:
    case CALL_ENDED:
    case CALL_FAILED:
        break;
    }
    if (call_is_late(c, ready, now_ms))
        call_fail(c, CALL_FAIL_TIMEOUT, now_ms);
    call_rearm(c);
    if (c->state == CALL_ANSWERING || c->state == CALL_FAILED)
        c->notify(c->ctx, now_ms);
}
