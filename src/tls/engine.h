/* engine - what the two sides of a session share; for tls/ only, so that BearSSL's types stay here.
 *
 * A slot begins with a struct tls_session, and its context of BearSSL, whichever side's, begins
 * with an engine. Call order: tls_engine_begin(), tls_engine_suites() and the side's own settings,
 * BearSSL's reset. */
#ifndef TLS_ENGINE_H
#define TLS_ENGINE_H

#include <bearssl.h>

#include "tls/session.h"

enum {
    TLS_RECORD_PLAIN_BYTES_MAX = 16384, /* RFC 5246 section 6.2.1 */
    TLS_OUT_OVERHEAD_BYTES = BR_SSL_BUFSIZE_OUTPUT - TLS_RECORD_PLAIN_BYTES_MAX,
};

struct tls_session {
    br_ssl_engine_context *engine;
    size_t slot_bytes; /* of all that begins here */
    bool opened;       /* the handshake was completed once */
    enum tls_err err;  /* found here, not by BearSSL */
    /* What a failure of the engine means, as far as only this side knows; TLS_OK: the usual. */
    enum tls_err (*err_of)(const struct tls_session *t, int code);
};

void tls_engine_begin(struct tls_session *t, br_ssl_engine_context *engine, size_t slot_bytes);
/* TLS 1.2, the suites, hashes and primitives of both sides, ALPN, no renegotiation. The caller has
 * zeroed the context. */
void tls_engine_suites(struct tls_session *t, bool aes_first);
/* The first cause wins. */
void tls_engine_fail(struct tls_session *t, enum tls_err err);

#endif
