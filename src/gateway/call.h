/* call - one request to an upstream: a connection, the request out, the answer in.
 *
 * The one way to an upstream. A call waits for its turn when the upstream's connections are all
 * busy, takes a warm connection or dials, sends head and body, and then gives the answer's payload
 * piece by piece, as fast as its owner takes it: back-pressure reaches the vendor through TCP.
 *
 * `notify` is called from the loop whenever the owner can go on; the owner then looks at state:
 *   CALL_ANSWERING  call_head() is valid; call_next() gives payload
 *   CALL_FAILED     call_failure() says why
 * A warm connection that turns out closed before any byte of the response is retried once on a new
 * one, and only then (RFC 9112 section 9.3.1): `retried` tells. Not when the vendor may have heard
 * the request, because it had time to (CALL_STALE_MS, CALL_UNHEARD_MS): it may bill for it.
 *
 * Each state has a deadline that no byte now and then puts off for ever. The request is sent within
 * first_byte_timeout and CALL_SEND_MS a byte that was taken; from then on the head that counts has
 * first_byte_timeout, whatever comes before it. The payload has idle_timeout between two parts, and
 * in all CALL_SLOW_TIMES that and CALL_SLOW_MS for each byte that came.
 *
 * Memory: the struct, with a buffer of CALL_IN_BYTES that holds the request's head while it is
 * sent and the response afterwards. call_close() is legal in every state and idempotent. */
#ifndef GATEWAY_CALL_H
#define GATEWAY_CALL_H

#include "gateway/upstream.h"
#include "http/body.h"
#include "net/sys.h"
#include "json/splice.h"

enum {
    CALL_IN_BYTES = 16384, /* a TLS record's plaintext; twice the largest head */
    CALL_SEND_MS = 1,      /* 1,000 B/s, as clients have for their bodies */
    /* A word a minute is no answer, pings of a few bytes in each quarter of a minute are. */
    CALL_SLOW_TIMES = 4,
    CALL_SLOW_MS = 1000,
    CALL_STALE_MS = 3000, /* a peer that closed before says so within a round trip or two */
    CALL_UNHEARD_MS =
        SYS_USER_TIMEOUT_MS + 10000, /* before keepalive, which follows a word of it */
    CALL_QUEUE_MS = 30000, /* for a free connection; SDKs give up after minutes, people sooner */
};

enum call_state {
    CALL_IDLE,
    CALL_QUEUE,     /* all connections of the upstream are busy */
    CALL_DIAL,      /* name, connect, handshake */
    CALL_SEND,      /* head and body on their way out; an early answer is noticed */
    CALL_WAIT,      /* all sent, no response head yet */
    CALL_ANSWERING, /* the head is there, payload can be taken */
    CALL_ENDED,     /* the answer was whole; the connection is given back */
    CALL_FAILED,
};

enum call_failure {
    CALL_OK,
    CALL_FAIL_QUEUE,     /* no connection in time */
    CALL_FAIL_NET,       /* net_err, tls_err, detail */
    CALL_FAIL_HTTP,      /* the answer is no HTTP: http_err */
    CALL_FAIL_TRUNCATED, /* closed inside the answer, or before it */
    CALL_FAIL_TIMEOUT,   /* first byte or idle */
};

enum call_next { CALL_GOT, CALL_MORE, CALL_END, CALL_BROKEN };

struct call {
    enum call_state state;
    struct upstream *up;
    struct call *queue_next; /* the upstream's queue */
    struct watch watch;
    struct dial dial;
    struct stream stream;
    struct net_addr peer;
    void (*notify)(void *ctx, int64_t now_ms);
    void *ctx;
    /* Writes the request's head into out; called again for a retry. */
    bool (*write_head)(void *ctx, struct fmt *out);
    const struct splice *body;

    /* in_storage: the request's head while it is sent; then the response's head, which stays at the
     * front until the end, and behind it what was read last. Read again only when that is used up.
     */
    size_t in_at;
    size_t in_len;
    size_t sent_bytes; /* of the body */
    struct http_head head;
    size_t head_bytes;
    struct http_body decoder;
    struct span payload; /* decoded, not yet taken */
    bool body_whole;     /* the decoder has seen the end */
    bool queued;         /* in the upstream's queue */
    bool holds_place;    /* counted in up->busy */
    bool reused;         /* the connection was warm */
    bool retried;
    bool request_sent; /* whole: the vendor may bill from here on */
    bool paused;

    enum call_failure failure;
    enum net_err net_err;
    enum tls_err tls_err;
    enum http_err http_err;
    char detail[256]; /* a sentence about net_err, NUL-terminated */
    int64_t started_ms;
    int64_t first_byte_ms; /* 0 = none */
    int64_t sent_ms;       /* once request_sent */
    int64_t deadline_ms;
    int64_t slow_ms; /* when what came of the payload was too little */

    char in_storage[CALL_IN_BYTES];
};

/* call_start may fail at once: look at the state, notify is not called from inside it.
 * `resolve_storage` has resolve_bytes() bytes for the life of the call. */
void call_init(struct call *c, struct upstream *up, void *resolve_storage);
void call_start(struct call *c, bool (*write_head)(void *ctx, struct fmt *out),
                const struct splice *body, void (*notify)(void *ctx, int64_t now_ms), void *ctx,
                int64_t now_ms);
/* The next piece of payload, valid until call_used or call_close. END: whole. BROKEN: see failure.
 */
enum call_next call_next(struct call *c, struct span *payload, int64_t now_ms);
/* Drops that many bytes from the front of the payload that call_next gave. */
void call_used(struct call *c, size_t bytes);
/* While paused nothing is read and the upstream's idle time does not run. */
void call_pause(struct call *c, bool paused, int64_t now_ms);
void call_close(struct call *c, int64_t now_ms);

#endif
