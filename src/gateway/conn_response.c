/* conn_response - what handlers say of their responses: head, payload, end. */
#include <string.h>

#include "base/check.h"
#include "gateway/conn_inside.h"

void conn_head_begin(struct conn *c, struct emit *e, struct fmt *f, int status,
                     int64_t content_length, int64_t wall_ms)
{
    size_t room_bytes;
    char *room = buf_room(&c->out, &room_bytes);

    CHECK(c->state == CONN_BUSY);
    CHECK(!c->head_sent);
    fmt_init(f, room, room_bytes);
    emit_response(e, f, status);
    emit_date(e, wall_ms);
    if (content_length != CONN_LENGTH_UNKNOWN) {
        emit_field_u64(e, "Content-Length", (uint64_t)content_length);
    } else if (c->head.minor_version >= 1) {
        c->chunked = true;
        emit_field(e, "Transfer-Encoding", SPAN("chunked"));
    } else {
        c->keep_alive = false; /* HTTP/1.0: the close is the end */
    }
    if (!c->keep_alive || c->server->stopping)
        emit_field(e, "Connection", SPAN("close"));
}

bool conn_head_end(struct conn *c, struct emit *e)
{
    if (!emit_end(e)) {
        c->chunked = false;
        return false;
    }
    buf_commit(&c->out, fmt_span(e->out).len);
    c->head_sent = true;
    return true;
}

size_t conn_space(const struct conn *c)
{
    size_t space = buf_space(&c->out);
    size_t framing = EMIT_CHUNK_HEAD_BYTES + EMIT_CHUNK_TAIL_BYTES + sizeof("0\r\n\r\n");

    if (c->state != CONN_BUSY)
        return 0;
    return space > framing ? space - framing : 0;
}

bool conn_put(struct conn *c, struct span payload)
{
    size_t room_bytes;
    char *room;
    struct fmt f;

    CHECK(c->head_sent);
    if (payload.len == 0 || c->no_payload || c->state != CONN_BUSY)
        return true;
    if (payload.len > conn_space(c))
        return false;
    buf_compact(&c->out); /* all of the space is room */
    room = buf_room(&c->out, &room_bytes);
    fmt_init(&f, room, room_bytes);
    if (c->chunked)
        CHECK(emit_chunk(&f, payload));
    else
        fmt_text(&f, payload);
    CHECK(fmt_ok(&f));
    buf_commit(&c->out, fmt_span(&f).len);
    return true;
}

void conn_send_lease(struct conn *c, struct lease *held, size_t bytes)
{
    CHECK(c->head_sent && !c->chunked);
    CHECK(c->tail.len == 0 && bytes <= lease_bytes(held));
    lease_give(c->server->bodies, &c->body);
    c->body = *held;
    memset(held, 0, sizeof(*held));
    if (!c->no_payload)
        c->tail = span_of(c->body.ptr, bytes);
}

void conn_finish(struct conn *c, int64_t now_ms)
{
    if (c->state != CONN_BUSY)
        return;
    CHECK(c->head_sent);
    c->user = NULL;
    if (c->chunked && !c->no_payload)
        CHECK(buf_append(&c->out, SPAN("0\r\n\r\n")) == 5);
    conn_enter(c, CONN_FLUSH, now_ms);
    conn_flush(c, now_ms);
}

void conn_finish_raw(struct conn *c, bool whole, int64_t now_ms)
{
    if (c->state != CONN_BUSY)
        return;
    c->user = NULL;
    c->keep_alive = c->keep_alive && whole;
    conn_enter(c, CONN_FLUSH, now_ms);
    conn_flush(c, now_ms);
}

struct span conn_body(const struct conn *c)
{
    return span_of(c->body.ptr, c->body_len);
}

void conn_take_body(struct conn *c, struct lease *out)
{
    *out = c->body;
    memset(&c->body, 0, sizeof(c->body));
}
