/* client - the client side of one TLS 1.2 session, as bytes in and bytes out (BearSSL).
 *
 * No sockets here: net/stream moves the bytes. One object is a slot of about 28 KB (contexts, a
 * full 16 KB record in, 4 KB out) with pointers into itself: carve it with tls_client_bytes(),
 * never move it. Only TLS 1.2 is offered, only forward-secret suites with ChaCha20-Poly1305 or
 * AES-GCM, curves X25519 and P-256/384/521; ALPN is "http/1.1". The hostname is verified and sent
 * as SNI.
 *
 * Records:  tls_client_out() / _sent() give what is to go to the peer, tls_client_in() /
 * _received() take what came. Both may be possible at once. Data:     tls_client_plain() /
 * _consume() read, tls_client_room() / _wrote() write, _flush() after a whole message. Nothing can
 * be written before TLS_OPEN. A full handshake costs 60-300 ms of CPU on a small board and cannot
 * be sliced: the caller lets one at a time run (net/dial). A peer that closes without close_notify
 * gives TLS_ERR_TRUNCATED. */
#ifndef TLS_CLIENT_H
#define TLS_CLIENT_H

#include "tls/anchors.h"

enum tls_state { TLS_HANDSHAKE, TLS_OPEN, TLS_CLOSED, TLS_FAILED };

enum tls_err {
    TLS_OK,
    TLS_ERR_EXPIRED,       /* certificate past its notAfter */
    TLS_ERR_NOT_YET_VALID, /* before notBefore: often our own clock */
    TLS_ERR_CLOCK,         /* our clock is not set: nothing was validated */
    TLS_ERR_WRONG_HOST,
    TLS_ERR_HOST_IS_ADDRESS, /* an IP literal: BearSSL checks DNS names only */
    TLS_ERR_UNKNOWN_ISSUER,  /* chain ends in no anchor; self-signed too */
    TLS_ERR_BAD_CHAIN,       /* order, signature, weak key, undecodable */
    TLS_ERR_CONSTRAINTS,     /* critical name constraints, which BearSSL does not do */
    TLS_ERR_VERSION,         /* the peer speaks TLS 1.3 only (alert 70) */
    TLS_ERR_NO_SUITE,        /* no cipher suite in common (alert 40, 71) */
    TLS_ERR_ALERT,           /* another fatal alert from the peer */
    TLS_ERR_PROTOCOL,        /* malformed records or messages, or the peer does not speak TLS */
    TLS_ERR_TRUNCATED,       /* closed without close_notify */
    TLS_ERR_COUNT,
};

enum { TLS_RESUME_BYTES = 96 }; /* version, suite, session id and master secret (BearSSL: 86) */

/* What is needed to resume a session with the same host. Secret: wipe with tls_resume_forget. */
struct tls_resume {
    bool valid;
    uint8_t data[TLS_RESUME_BYTES];
};

struct tls_client;

size_t tls_client_bytes(void);

struct tls_client_options {
    const struct tls_anchors *anchors;
    const char *host;                /* NUL-terminated DNS name; copied by BearSSL's context */
    const struct tls_resume *resume; /* NULL or not valid: full handshake */
    int64_t unix_s;                  /* the wall clock, never below the clock floor */
    bool aes_first;                  /* the CPU has AES instructions that BearSSL uses */
    uint8_t entropy[32];             /* from getrandom */
};

void tls_client_start(struct tls_client *t, const struct tls_client_options *o);
enum tls_state tls_client_state(const struct tls_client *t);
enum tls_err tls_client_err(const struct tls_client *t);
/* BearSSL's own number for it, 256 + the number of an alert from the peer; for logs. */
int tls_client_code(const struct tls_client *t);
bool tls_client_resumed(const struct tls_client *t);

struct span tls_client_out(struct tls_client *t);
void tls_client_sent(struct tls_client *t, size_t bytes);
char *tls_client_in(struct tls_client *t, size_t *room_bytes); /* NULL: does not want bytes now */
void tls_client_received(struct tls_client *t, size_t bytes);
void tls_client_eof(struct tls_client *t);

struct span tls_client_plain(struct tls_client *t);
void tls_client_consume(struct tls_client *t, size_t bytes);
char *tls_client_room(struct tls_client *t, size_t *room_bytes); /* NULL: not now */
void tls_client_wrote(struct tls_client *t, size_t bytes);
void tls_client_flush(struct tls_client *t);

/* Begins an orderly close: a close_notify stands in tls_client_out(). */
void tls_client_close(struct tls_client *t);
void tls_client_save(const struct tls_client *t, struct tls_resume *out);
void tls_resume_forget(struct tls_resume *r);
/* Wipes the session's secrets; the slot can be given back. */
void tls_client_wipe(struct tls_client *t);

/* What went wrong, and what the owner can do about it, as sentences without the host's name. */
const char *tls_err_text(enum tls_err err);
const char *tls_err_advice(enum tls_err err);

#endif
