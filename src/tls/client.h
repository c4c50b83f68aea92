/* client - the client side of a TLS 1.2 session.
 *
 * One object is a slot of about 28 KB (contexts, a full 16 KB record in, 4 KB out) with pointers
 * into itself: carve it with tls_client_bytes(), never move it. Only TLS 1.2 is offered, only
 * forward-secret suites with ChaCha20-Poly1305 or AES-GCM, curves X25519 and P-256/384/521; ALPN is
 * "http/1.1". The hostname is verified and sent as SNI. A full handshake costs 60-300 ms of CPU on
 * a small board and cannot be sliced: the caller lets one at a time run (net/dial). */
#ifndef TLS_CLIENT_H
#define TLS_CLIENT_H

#include "tls/anchors.h"
#include "tls/session.h"

enum {
    TLS_RESUME_BYTES = 96, /* version, suite, session id and master secret (BearSSL: 86) */
    TLS_SHOWN_MAX = 6,     /* certificates; public chains have two to four */
    TLS_SHOWN_BYTES = 12288,
};

/* What is needed to resume a session with the same host. Secret: wipe with tls_resume_forget. */
struct tls_resume {
    bool valid;
    uint8_t data[TLS_RESUME_BYTES];
};

/* The certificates that a server showed, its own first, whatever came of them; must not move. */
struct tls_shown {
    size_t count;
    size_t bytes;
    struct tls_shown_certificate {
        struct span der;
        int64_t begins_unix_s;
        int64_t ends_unix_s;
    } certificates[TLS_SHOWN_MAX];
    char der[TLS_SHOWN_BYTES];
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
    struct tls_shown *shown;         /* NULL: nobody looks */
};

void tls_client_start(struct tls_client *t, const struct tls_client_options *o);
/* What data goes through, and what the slot is given back as. */
struct tls_session *tls_client_session(struct tls_client *t);
/* Of a client's session. */
bool tls_client_resumed(const struct tls_session *t);
void tls_client_save(const struct tls_session *t, struct tls_resume *out);
void tls_resume_forget(struct tls_resume *r);

#endif
