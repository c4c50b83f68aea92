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
 * first byte, the body at CONN_PACE_BYTES_PER_S after body_timeout (what came fast pays for no
 * pause to come), a keep-alive connection by idle_timeout. A peer that lets output wait has
 * body_timeout, and CONN_TAKE_MS more for each byte that it takes: the time in which nothing waits
 * for it does not count. */
#ifndef GATEWAY_CONN_H
#define GATEWAY_CONN_H

#include "base/buf.h"
#include "gateway/conn_server.h"
#include "http/body.h"
#include "http/emit.h"
#include "net/stream.h"

enum {
    CONN_IN_BYTES = HTTP_HEAD_BYTES_MAX + 4096, /* a head, and room to read chunks behind it */
    CONN_OUT_BYTES = 8192,
    CONN_PACE_BYTES_PER_S = 1024, /* a slower body is a held slot, not a client */
    CONN_TAKE_MS = 2,         /* for each byte that a peer lets wait: 500 B/s, half of a bad line */
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
    size_t body_paid; /* of body_len, that which has moved state_ms on */
    int64_t state_ms; /* when the state was entered, or last made progress */
    int64_t wait_ms;  /* since when output waits for the peer, less what it took since; 0 = never */
    int64_t clear_ms; /* when the last of it was taken; 0 = some waits */

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
#endif
