/* session - one TLS 1.2 session of either side, as bytes in and bytes out (BearSSL).
 *
 * No sockets here: net/stream moves the bytes. tls/client and tls/server start a session in a slot
 * of their own, whose first member it is; all that follows is the same for both.
 *
 * Records:  tls_session_out() / _sent() give what is to go to the peer, tls_session_in() /
 * _received() take what came. Both may be possible at once. Data:     tls_session_plain() /
 * _consume() read, tls_session_room() / _wrote() write, _flush() after a whole message. Nothing can
 * be written before TLS_OPEN. A peer that closes without close_notify gives TLS_ERR_TRUNCATED.
 * A failed session may still have an alert to send in tls_session_out(). */
#ifndef TLS_SESSION_H
#define TLS_SESSION_H

#include "base/fmt.h"

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
    /* Of a client, as its server sees it: */
    TLS_ERR_CLIENT_OLD,       /* it speaks nothing newer than TLS 1.1 */
    TLS_ERR_CLIENT_NEW,       /* TLS 1.3 only */
    TLS_ERR_CLIENT_SUITES,    /* no forward-secret suite in common */
    TLS_ERR_CLIENT_DISTRUSTS, /* it did not accept the certificate */
    TLS_ERR_COUNT,
};

struct tls_session;

enum tls_state tls_session_state(const struct tls_session *t);
enum tls_err tls_session_err(const struct tls_session *t);
/* BearSSL's own number for it, 256 + the number of an alert from the peer, 512 + that of one of
 * ours; for logs. */
int tls_session_code(const struct tls_session *t);
/* What was agreed on, by OpenSSL's name for it up to its hash. */
void tls_session_fmt_suite(const struct tls_session *t, struct fmt *f);

struct span tls_session_out(struct tls_session *t);
void tls_session_sent(struct tls_session *t, size_t bytes);
char *tls_session_in(struct tls_session *t, size_t *room_bytes); /* NULL: does not want bytes now */
void tls_session_received(struct tls_session *t, size_t bytes);
void tls_session_eof(struct tls_session *t);

struct span tls_session_plain(struct tls_session *t);
void tls_session_consume(struct tls_session *t, size_t bytes);
char *tls_session_room(struct tls_session *t, size_t *room_bytes); /* NULL: not now */
void tls_session_wrote(struct tls_session *t, size_t bytes);
void tls_session_flush(struct tls_session *t);

/* Begins an orderly close: a close_notify stands in tls_session_out(). */
void tls_session_close(struct tls_session *t);
/* Wipes the whole slot with its secrets; it can be given back. */
void tls_session_wipe(struct tls_session *t);

/* What went wrong, and what the owner can do about it, as sentences without the peer's name. */
const char *tls_err_text(enum tls_err err);
const char *tls_err_advice(enum tls_err err);

#endif
