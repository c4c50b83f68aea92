/* conn - the server side of one HTTP/1.1 connection: a whole request in, a response out.
 *
 * Used for clients (gateway/client) and for the embedded stand-in (gateway/vendor). A connection
 * holds one request at a time; pipelined ones wait in its buffer. The head stays at the front of
 * the buffer, and the body in a lease, until the response has been sent, so spans into both are
 * valid as long as the request is.
 *
 *   request()  the head and the whole body are there; from now on the handler owns the response:
 *              conn_head_begin() and _end(), conn_put() or conn_send_lease(), conn_finish()
 *   room()     something was sent, or conn_wake() was called: go on with the response
 *   gone()     the peer left, or was too slow, before the response was finished. The conn closes
 *              itself after this; the handler must forget it
 *   refuse()   the request is malformed, too large or too slow: write a whole response; the
 *              connection is closed after it
 * None of them may close the conn itself: they call conn_finish() or conn_abort().
 *
 * A client of a TLS listener is in CONN_SHAKE first (conn_shake.c); its requests are as any
 * other's. trouble() is told of connections that never came to a request.
 *
 * Output is bounded: conn_space() tells how much conn_put() takes. A held body is sent from
 * where it lies (conn_send_lease), without a copy. Deadlines: the head by head_timeout after its
 * first byte, the body at CONN_PACE_BYTES_PER_S after body_timeout, a keep-alive connection by
 * idle_timeout, a peer that takes no output by body_timeout. */
#ifndef GATEWAY_CONN_H
#define GATEWAY_CONN_H

#include "base/addr.h"
#include "base/buf.h"
#include "base/lease.h"
#include "http/body.h"
#include "http/emit.h"
#include "net/loop.h"
#include "net/stream.h"
#include "tls/server.h"

enum {
    CONN_IN_BYTES = HTTP_HEAD_BYTES_MAX + 4096, /* a head, and room to read chunks behind it */
    CONN_OUT_BYTES = 8192,
    CONN_PACE_BYTES_PER_S = 1024, /* a slower body is a held slot, not a client */
    CONN_SHED_IDLE_MS = 1000, /* idle for less, a peer may be sending its next request already */
    CONN_SHAKE_MS = 10000, /* for a TLS handshake, waiting for a slot and for its turn included */
    CONN_LINGER_MS = 2000, /* after a refusal, so that the peer reads it before the reset */
};

enum conn_state {
    CONN_SHAKE,  /* its TLS handshake, or before it */
    CONN_HEAD,   /* waiting for, or inside, a request head */
    CONN_BODY,   /* the body goes into the lease */
    CONN_BUSY,   /* the handler owns the response */
    CONN_FLUSH,  /* the response is complete and on its way out */
    CONN_LINGER, /* all sent, our side shut: reading until the peer closes */
    CONN_CLOSED, /* given back at the end of this step */
};

/* What went wrong with a request that never reached the handler. */
enum conn_fault {
    CONN_FAULT_HTTP,
    CONN_FAULT_BODY_SIZE,
    CONN_FAULT_NO_MEMORY,
    CONN_FAULT_SLOW,
    CONN_FAULT_TLS_PORT, /* a request in clear where TLS is spoken */
};

/* Why a connection ended, or will, before its first request. */
enum conn_trouble {
    CONN_TROUBLE_TLS, /* stream.tls_err and .tls_code say what */
    CONN_TROUBLE_TLS_SLOW,
    CONN_TROUBLE_HTTP_TO_TLS,
    CONN_TROUBLE_TLS_TO_HTTP,
};

struct conn;

struct conn_handler {
    void (*request)(struct conn *c, int64_t now_ms);
    void (*room)(struct conn *c, int64_t now_ms);
    void (*gone)(struct conn *c, int64_t now_ms);
    void (*refuse)(struct conn *c, enum conn_fault fault, int64_t now_ms);
    void (*trouble)(struct conn *c, enum conn_trouble what, int64_t now_ms); /* may be NULL */
};

/* What TLS listeners need; without one, all zero. */
struct conn_tls {
    struct pool slots;                   /* tls_server_bytes() each */
    const struct tls_identity *identity; /* for handshakes that begin */
    struct tls_sessions *sessions;
    bool aes_first;
    uint64_t tickets; /* given out */
    uint64_t turn;    /* of the loop, in which the last step was made */
    uint64_t full;    /* handshakes by how they ended */
    uint64_t resumed;
    uint64_t failed;
};

struct conn_server {
    struct loop *loop;
    struct pool *conns; /* of struct conn */
    struct lease_region *bodies;
    const struct conn_handler *handler;
    void *owner;
    int64_t max_body_bytes;
    int64_t head_timeout_ms;
    int64_t body_timeout_ms;
    int64_t idle_timeout_ms;
    bool stopping;                              /* no connection is kept alive any more */
    void (*freed)(void *owner, int64_t now_ms); /* a slot was given back; may be NULL */
    struct conn_tls tls;
    uint64_t accepted;
    uint64_t requests;
};

struct conn {
    struct watch watch;
    struct stream stream;
    struct conn_server *server;
    enum conn_state state;
    struct net_addr peer;
    void *user; /* the handler's: NULL between requests */
    bool listener_loopback;
    uint64_t ticket; /* for a step of the handshake; 0 = it waits for its peer */
    const struct tls_identity *identity; /* in use until the handshake ends */

    struct buf in;
    size_t head_seen;  /* bytes a head was looked for in */
    size_t head_bytes; /* of the current request's head */
    struct http_head head;
    struct http_body decoder;
    enum http_err http_err;
    struct lease body;
    size_t body_len;
    int64_t state_ms; /* when the state was entered, or last made progress */
    int64_t wait_ms;  /* since when output waits for the peer; 0 = it does not */

    struct buf out;
    struct span tail; /* sent after `out`, from where it lies */
    bool chunked;     /* the response's framing */
    bool no_payload;  /* HEAD request: heads only */
    bool head_sent;   /* conn_head was called */
    bool keep_alive;
    bool served;      /* at least one response went out */
    bool peer_closed; /* its side; nothing more will come */

    char in_storage[CONN_IN_BYTES];
    char out_storage[CONN_OUT_BYTES];
};

/* Takes over a connected descriptor; false (and closed) when no slot is free. */
bool conn_adopt(struct conn_server *s, int fd, const struct net_addr *peer, bool listener_loopback,
                int64_t now_ms);
/* The same for one of a TLS listener; false also when its address has too many unfinished. */
bool conn_adopt_tls(struct conn_server *s, int fd, const struct net_addr *peer,
                    bool listener_loopback, int64_t now_ms);
struct span conn_body(const struct conn *c);
/* Moves the body's lease to the caller, who gives it back. */
void conn_take_body(struct conn *c, struct lease *out);

enum { CONN_LENGTH_UNKNOWN = -1 };

/* Begins a response: status line, Date, framing and Connection fields are the conn's own. */
void conn_head_begin(struct conn *c, struct emit *e, struct fmt *f, int status,
                     int64_t content_length, int64_t wall_ms);
/* False when the head did not fit or a field was bad: nothing was queued. */
bool conn_head_end(struct conn *c, struct emit *e);
/* How much payload conn_put takes now, framing allowed for. */
size_t conn_space(const struct conn *c);
/* Queues payload; all of it or, beyond conn_space(), nothing (false). */
bool conn_put(struct conn *c, struct span payload);
/* Sends the payload from where it lies and takes its lease over. Only with a known length. */
void conn_send_lease(struct conn *c, struct lease *held, size_t bytes);
/* The response is complete. */
void conn_finish(struct conn *c, int64_t now_ms);
/* The same for a handler that wrote its own head and framing into `out`; not whole: the connection
 * is closed after what was queued. */
void conn_finish_raw(struct conn *c, bool whole, int64_t now_ms);
/* Breaks the connection off, because the response cannot be completed. */
void conn_abort(struct conn *c);
/* Sends what is queued without waiting for the loop. */
void conn_flush(struct conn *c, int64_t now_ms);
/* Closes connections without a request, marks the others to close after theirs. */
void conn_server_stop(struct conn_server *s, int64_t now_ms);
/* Closes the connection, or that of TLS, that has been idle longest to make room; false when none
 * has been idle for CONN_SHED_IDLE_MS. */
bool conn_server_shed(struct conn_server *s, bool tls, int64_t now_ms);
/* Whether a TLS listener may accept: a slot is left for who comes, or was made free. */
bool conn_server_takes_tls(struct conn_server *s, int64_t now_ms);

#endif
