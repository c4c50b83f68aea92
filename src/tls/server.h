/* server - the server side of a TLS 1.2 session, and the sessions that can be resumed.
 *
 * One object is a slot of about 23 KB (context, a full 16 KB record in, 2 KB out) with pointers
 * into itself: carve it with tls_server_bytes(), never move it. TLS 1.2 only, forward-secret suites
 * with ChaCha20-Poly1305 or AES-GCM in the server's order, X25519 and P-256/384/521; ALPN
 * "http/1.1" for those who ask; no renegotiation, no compression, no client certificates; SNI is
 * not looked at.
 *
 * The identity has to outlive the handshake, not the session. A full handshake has two expensive
 * steps: the signature, when the ClientHello is whole, and the key exchange, when the client has
 * answered; neither can be sliced. Resumed ones have none.
 *
 * Sessions are resumed by their ID, from a table that the caller carves: the oldest make room, and
 * none lives longer than TLS_SESSION_LIFE_MS.
 *
 * tls_hello_look() judges the first bytes of a connection before a slot is taken for it. */
#ifndef TLS_SERVER_H
#define TLS_SERVER_H

#include "tls/identity.h"
#include "tls/session.h"

enum {
    TLS_SESSION_LIFE_MS = 3600000, /* forward secrecy of what was recorded begins after this */
    TLS_SESSION_KEPT_BYTES = 112,  /* one of the table */
    TLS_HELLO_BYTES_MAX = 8192,    /* with its record's head; post-quantum shares make them 2 KB */
    TLS_ALERT_BYTES = 7,
};

struct tls_server;
struct tls_sessions;

size_t tls_sessions_bytes(uint32_t count);
void tls_sessions_init(struct tls_sessions *s, uint32_t count);
/* After the identity changed: everybody gets to see the new one. */
void tls_sessions_forget(struct tls_sessions *s);

struct tls_server_options {
    const struct tls_identity *identity;
    struct tls_sessions *sessions;
    int64_t now_ms;      /* monotonic */
    bool aes_first;      /* the CPU has AES instructions that BearSSL uses */
    uint8_t entropy[32]; /* from getrandom */
};

size_t tls_server_bytes(void);
void tls_server_start(struct tls_server *t, const struct tls_server_options *o);
struct tls_session *tls_server_session(struct tls_server *t);
bool tls_server_resumed(const struct tls_session *t);

enum tls_hello {
    TLS_HELLO_MORE,    /* *need bytes in all */
    TLS_HELLO_WHOLE,   /* a record of a handshake: the session may judge it */
    TLS_HELLO_OLD,     /* a client that speaks no TLS 1.2 ... */
    TLS_HELLO_NEW,     /* ... or nothing but TLS 1.3: it gets tls_hello_alert */
    TLS_HELLO_HTTP,    /* a request in clear */
    TLS_HELLO_UNKNOWN, /* something else */
};

/* Whether the first byte of a connection is that of TLS. */
bool tls_hello_begins(uint8_t first_byte);
enum tls_hello tls_hello_look(struct span bytes, size_t *need);
/* The fatal alert protocol_version, as a record that every version reads. */
extern const char tls_hello_alert[TLS_ALERT_BYTES];

#endif
