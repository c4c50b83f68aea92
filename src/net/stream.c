#include "net/stream.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/check.h"
#include "net/sys.h"

/* Reads of the socket in one call: a record takes two or three. A peer that sends empty records, or
 * warnings, without an end is to have its turns like any other. */
enum { PULLS_MAX = 64 };

void stream_init(struct stream *s)
{
    memset(s, 0, sizeof *s);
    s->fd = -1;
}

void stream_plain(struct stream *s, int fd)
{
    CHECK(fd >= 0);
    stream_init(s);
    s->fd = fd;
}

void stream_tls(struct stream *s, int fd, struct tls_session *tls, struct pool *tls_pool)
{
    CHECK(tls != NULL);
    CHECK(tls_pool != NULL);
    stream_plain(s, fd);
    s->tls = tls;
    s->tls_pool = tls_pool;
}

bool stream_is_open(const struct stream *s)
{
    return s->fd >= 0;
}

/* The first cause wins. */
static int fail(struct stream *s, enum net_err err)
{
    if (s->err == NET_OK)
        s->err = err;
    return STREAM_FAILED;
}

static int fail_tls(struct stream *s)
{
    if (s->err == NET_OK) {
        s->err = NET_ERR_TLS;
        s->tls_err = tls_session_err(s->tls);
        s->tls_code = tls_session_code(s->tls);
    }
    return STREAM_FAILED;
}

static int fail_sys(struct stream *s, int64_t sys_result)
{
    return sys_result == -EAGAIN ? STREAM_AGAIN : fail(s, net_err_from_sys(sys_result));
}

/* Sends the records that the engine has ready: 0 when none is left, else AGAIN or FAILED. */
static int push_records(struct stream *s)
{
    struct span out = tls_session_out(s->tls);
    while (out.len > 0) {
        int64_t put = sys_write(s->fd, out.ptr, out.len);
        if (put < 0)
            return fail_sys(s, put);
        tls_session_sent(s->tls, (size_t)put);
        out = tls_session_out(s->tls);
    }
    return 0;
}

enum pulled {
    PULLED_SOME,     /* bytes or the end: the engine's state may have changed */
    PULLED_AGAIN,    /* the peer has sent nothing */
    PULLED_UNWANTED, /* the engine takes no bytes now */
    PULLED_FAILED,
};

/* Takes at most what the engine asks for, by one read. */
static enum pulled pull_records(struct stream *s)
{
    size_t room_bytes;
    char *room = tls_session_in(s->tls, &room_bytes);
    if (room == NULL)
        return PULLED_UNWANTED;
    int64_t got = sys_read(s->fd, room, room_bytes);
    if (got == 0) {
        tls_session_eof(s->tls);
        return PULLED_SOME;
    }
    if (got < 0)
        return fail_sys(s, got) == STREAM_AGAIN ? PULLED_AGAIN : PULLED_FAILED;
    tls_session_received(s->tls, (size_t)got);
    return PULLED_SOME;
}

int stream_handshake(struct stream *s)
{
    CHECK(stream_is_open(s));
    if (s->tls == NULL)
        return 0;
    for (int pulls = 0; pulls < PULLS_MAX; pulls++) {
        if (push_records(s) == STREAM_FAILED)
            return STREAM_FAILED;
        enum tls_state state = tls_session_state(s->tls);
        if (state == TLS_OPEN)
            return 0;
        if (state != TLS_HANDSHAKE)
            return fail_tls(s);
        enum pulled pulled = pull_records(s);
        if (pulled == PULLED_FAILED)
            return STREAM_FAILED;
        if (pulled != PULLED_SOME)
            return STREAM_AGAIN;
    }
    return STREAM_AGAIN;
}

static int64_t read_plain(struct stream *s, void *out, size_t bytes)
{
    int64_t got = sys_read(s->fd, out, bytes);
    if (got == 0)
        return STREAM_EOF;
    return got > 0 ? got : fail_sys(s, got);
}

static int64_t read_tls(struct stream *s, void *out, size_t bytes)
{
    s->read_blocked_on_write = false;
    for (int pulls = 0; pulls < PULLS_MAX; pulls++) {
        struct span plain = tls_session_plain(s->tls);
        if (plain.len > 0) {
            size_t taken = plain.len < bytes ? plain.len : bytes;
            memcpy(out, plain.ptr, taken);
            tls_session_consume(s->tls, taken);
            return (int64_t)taken;
        }
        enum tls_state state = tls_session_state(s->tls);
        if (state == TLS_CLOSED)
            return STREAM_EOF;
        if (state == TLS_FAILED)
            return fail_tls(s);
        /* That a request cannot be sent any more is no reason not to read the answer to it. */
        int pushed = push_records(s);
        switch (pull_records(s)) {
        case PULLED_SOME:
            break;
        case PULLED_AGAIN:
            return STREAM_AGAIN;
        case PULLED_UNWANTED:
            s->read_blocked_on_write = pushed == STREAM_AGAIN;
            return s->read_blocked_on_write ? STREAM_AGAIN : fail(s, NET_ERR_RESET);
        case PULLED_FAILED:
            return STREAM_FAILED;
        }
    }
    return STREAM_AGAIN;
}

int64_t stream_read(struct stream *s, void *out, size_t bytes)
{
    CHECK(stream_is_open(s));
    CHECK(bytes > 0);
    return s->tls == NULL ? read_plain(s, out, bytes) : read_tls(s, out, bytes);
}

/* Fills records with as much as the engine has room for, sending them as they fill. */
static int64_t write_tls(struct stream *s, struct span data)
{
    size_t done = 0;
    while (done < data.len) {
        size_t room_bytes;
        char *room = tls_session_room(s->tls, &room_bytes);
        if (room == NULL) {
            if (tls_session_state(s->tls) == TLS_FAILED)
                return fail_tls(s);
            if (tls_session_state(s->tls) == TLS_CLOSED)
                return fail(s, NET_ERR_CLOSED);
            int pushed = push_records(s);
            if (pushed == STREAM_FAILED)
                return STREAM_FAILED;
            if (pushed == STREAM_AGAIN || tls_session_room(s->tls, &room_bytes) == NULL)
                break;
            continue;
        }
        size_t part = data.len - done < room_bytes ? data.len - done : room_bytes;
        memcpy(room, data.ptr + done, part);
        tls_session_wrote(s->tls, part);
        done += part;
    }
    if (done == 0)
        return STREAM_AGAIN;
    return stream_flush(s) == STREAM_FAILED ? STREAM_FAILED : (int64_t)done;
}

int64_t stream_write(struct stream *s, struct span data)
{
    CHECK(stream_is_open(s));
    if (data.len == 0)
        return 0;
    if (s->tls != NULL)
        return write_tls(s, data);
    int64_t put = sys_write(s->fd, data.ptr, data.len);
    return put >= 0 ? put : fail_sys(s, put);
}

int stream_flush(struct stream *s)
{
    CHECK(stream_is_open(s));
    if (s->tls == NULL)
        return 0;
    tls_session_flush(s->tls);
    return push_records(s);
}

bool stream_has_unsent(struct stream *s)
{
    return s->tls != NULL && tls_session_out(s->tls).len > 0;
}

bool stream_has_unread(const struct stream *s)
{
    return s->tls != NULL && tls_session_plain(s->tls).len > 0;
}

short stream_events(const struct stream *s, bool want_read, bool want_write)
{
    int events = 0;
    if (s->tls != NULL) {
        size_t room_bytes;
        bool takes_records = tls_session_in(s->tls, &room_bytes) != NULL;
        bool shaking = tls_session_state(s->tls) == TLS_HANDSHAKE;
        want_read = (want_read || shaking) && takes_records;
        want_write = (want_write && !shaking) || tls_session_out(s->tls).len > 0;
    }
    events |= want_read ? POLLIN : 0;
    events |= want_write ? POLLOUT : 0;
    return (short)events;
}

/* Says goodbye, and gives the slot back. */
static void leave_tls(struct stream *s)
{
    if (s->tls == NULL)
        return;
    if (s->err == NET_OK) {
        if (tls_session_state(s->tls) == TLS_OPEN)
            tls_session_close(s->tls);
        (void)push_records(s);
    }
    tls_session_wipe(s->tls);
    pool_give(s->tls_pool, s->tls);
    s->tls = NULL;
}

void stream_shutdown(struct stream *s)
{
    CHECK(stream_is_open(s));
    leave_tls(s);
    sys_shutdown_write(s->fd);
}

void stream_close(struct stream *s)
{
    if (!stream_is_open(s))
        return;
    leave_tls(s);
    sys_close(s->fd);
    s->fd = -1;
}
