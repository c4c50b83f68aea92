#include "tls/session.h"

#include <string.h>

#include "base/check.h"
#include "tls/engine.h"

void tls_engine_begin(struct tls_session *t, br_ssl_engine_context *engine, size_t slot_bytes)
{
    t->engine = engine;
    t->slot_bytes = slot_bytes;
    t->opened = false;
    t->err = TLS_OK;
    t->err_of = NULL;
}

/* Forward secrecy and authenticated encryption only; faster first. */
static void set_suites(br_ssl_engine_context *eng, bool aes_first)
{
    static const uint16_t chacha_then_aes[] = {
        BR_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        BR_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        BR_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        BR_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        BR_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        BR_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    };
    static const uint16_t aes_then_chacha[] = {
        BR_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        BR_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        BR_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        BR_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        BR_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        BR_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    };
    _Static_assert(sizeof chacha_then_aes == sizeof aes_then_chacha, "same suites, other order");
    br_ssl_engine_set_suites(eng, aes_first ? aes_then_chacha : chacha_then_aes,
                             ARRAY_LEN(chacha_then_aes));
}

void tls_engine_suites(struct tls_session *t, bool aes_first)
{
    br_ssl_engine_context *eng = t->engine;
    static const char *protocols[] = {"http/1.1"};
    br_ssl_engine_set_versions(eng, BR_TLS12, BR_TLS12);
    br_ssl_engine_add_flags(eng, BR_OPT_NO_RENEGOTIATION);
    set_suites(eng, aes_first);
    /* SHA-1 is left out: no certificate that is still valid is signed with it. */
    br_ssl_engine_set_hash(eng, br_sha256_ID, &br_sha256_vtable);
    br_ssl_engine_set_hash(eng, br_sha384_ID, &br_sha384_vtable);
    br_ssl_engine_set_hash(eng, br_sha512_ID, &br_sha512_vtable);
    br_ssl_engine_set_prf_sha256(eng, &br_tls12_sha256_prf);
    br_ssl_engine_set_prf_sha384(eng, &br_tls12_sha384_prf);
    br_ssl_engine_set_default_aes_gcm(eng);
    br_ssl_engine_set_default_chapol(eng);
    br_ssl_engine_set_protocol_names(eng, protocols, ARRAY_LEN(protocols));
}

void tls_engine_fail(struct tls_session *t, enum tls_err err)
{
    if (t->err == TLS_OK)
        t->err = err;
}

/* After every step of the engine: the state in which data can flow is not left again. */
static void note_progress(struct tls_session *t)
{
    unsigned open_flags = BR_SSL_SENDAPP | BR_SSL_RECVAPP;
    unsigned state = br_ssl_engine_current_state(t->engine);
    if ((state & BR_SSL_CLOSED) == 0 && (state & open_flags) != 0)
        t->opened = true;
}

enum tls_state tls_session_state(const struct tls_session *t)
{
    const br_ssl_engine_context *eng = t->engine;
    if (t->err != TLS_OK)
        return TLS_FAILED;
    bool closed = br_ssl_engine_current_state(eng) == BR_SSL_CLOSED;
    if (closed && (br_ssl_engine_last_error(eng) != BR_ERR_OK || !t->opened))
        return TLS_FAILED;
    /* After the peer's close_notify our own may still wait to be sent; there is nothing to read. */
    if (closed || (t->opened && eng->shutdown_recv != 0))
        return TLS_CLOSED;
    return t->opened ? TLS_OPEN : TLS_HANDSHAKE;
}

static enum tls_err err_of_alert(int alert)
{
    switch (alert) {
    case BR_ALERT_PROTOCOL_VERSION:
        return TLS_ERR_VERSION;
    case BR_ALERT_HANDSHAKE_FAILURE:
    case BR_ALERT_INSUFFICIENT_SECURITY:
        return TLS_ERR_NO_SUITE;
    default:
        return TLS_ERR_ALERT;
    }
}

static enum tls_err err_of_engine(const struct tls_session *t, int code)
{
    enum tls_err known = t->err_of != NULL ? t->err_of(t, code) : TLS_OK;
    if (known != TLS_OK)
        return known;
    if (code >= BR_ERR_RECV_FATAL_ALERT && code < BR_ERR_SEND_FATAL_ALERT)
        return err_of_alert(code - BR_ERR_RECV_FATAL_ALERT);
    return TLS_ERR_PROTOCOL;
}

enum tls_err tls_session_err(const struct tls_session *t)
{
    if (t->err != TLS_OK)
        return t->err;
    int code = br_ssl_engine_last_error(t->engine);
    if (code != BR_ERR_OK)
        return err_of_engine(t, code);
    /* A close_notify in place of a handshake. */
    return tls_session_state(t) == TLS_FAILED ? TLS_ERR_TRUNCATED : TLS_OK;
}

int tls_session_code(const struct tls_session *t)
{
    return br_ssl_engine_last_error(t->engine);
}

void tls_session_fmt_suite(const struct tls_session *t, struct fmt *f)
{
    bool rsa = false;
    const char *cipher = "CHACHA20-POLY1305";
    switch (t->engine->session.cipher_suite) {
    case BR_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256:
        rsa = true;
        break;
    case BR_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256:
        rsa = true;
        cipher = "AES128-GCM";
        break;
    case BR_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256:
        cipher = "AES128-GCM";
        break;
    case BR_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384:
        rsa = true;
        cipher = "AES256-GCM";
        break;
    case BR_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384:
        cipher = "AES256-GCM";
        break;
    default:
        break;
    }
    fmt_str(f, rsa ? "ECDHE-RSA-" : "ECDHE-ECDSA-");
    fmt_str(f, cipher);
}

struct span tls_session_out(struct tls_session *t)
{
    size_t len = 0;
    const void *bytes = NULL;
    if (t->err == TLS_OK)
        bytes = br_ssl_engine_sendrec_buf(t->engine, &len);
    return bytes == NULL ? SPAN_EMPTY : span_of(bytes, len);
}

void tls_session_sent(struct tls_session *t, size_t bytes)
{
    CHECK(bytes <= tls_session_out(t).len);
    if (bytes > 0) {
        br_ssl_engine_sendrec_ack(t->engine, bytes);
        note_progress(t);
    }
}

char *tls_session_in(struct tls_session *t, size_t *room_bytes)
{
    *room_bytes = 0;
    if (t->err != TLS_OK)
        return NULL;
    return (char *)br_ssl_engine_recvrec_buf(t->engine, room_bytes);
}

void tls_session_received(struct tls_session *t, size_t bytes)
{
    size_t room_bytes;
    CHECK(tls_session_in(t, &room_bytes) != NULL);
    CHECK(bytes <= room_bytes);
    if (bytes > 0) {
        br_ssl_engine_recvrec_ack(t->engine, bytes);
        note_progress(t);
    }
}

void tls_session_eof(struct tls_session *t)
{
    enum tls_state state = tls_session_state(t);
    if (state == TLS_HANDSHAKE || state == TLS_OPEN)
        tls_engine_fail(t, TLS_ERR_TRUNCATED);
}

struct span tls_session_plain(struct tls_session *t)
{
    size_t len = 0;
    const void *bytes = NULL;
    if (t->err == TLS_OK)
        bytes = br_ssl_engine_recvapp_buf(t->engine, &len);
    return bytes == NULL ? SPAN_EMPTY : span_of(bytes, len);
}

void tls_session_consume(struct tls_session *t, size_t bytes)
{
    CHECK(bytes <= tls_session_plain(t).len);
    if (bytes > 0)
        br_ssl_engine_recvapp_ack(t->engine, bytes);
}

char *tls_session_room(struct tls_session *t, size_t *room_bytes)
{
    *room_bytes = 0;
    if (tls_session_state(t) != TLS_OPEN)
        return NULL;
    return (char *)br_ssl_engine_sendapp_buf(t->engine, room_bytes);
}

void tls_session_wrote(struct tls_session *t, size_t bytes)
{
    size_t room_bytes;
    CHECK(tls_session_room(t, &room_bytes) != NULL);
    CHECK(bytes <= room_bytes);
    if (bytes > 0)
        br_ssl_engine_sendapp_ack(t->engine, bytes);
}

void tls_session_flush(struct tls_session *t)
{
    if (tls_session_state(t) == TLS_OPEN)
        br_ssl_engine_flush(t->engine, 0);
}

void tls_session_close(struct tls_session *t)
{
    if (t->err == TLS_OK)
        br_ssl_engine_close(t->engine);
}

void tls_session_wipe(struct tls_session *t)
{
    explicit_bzero(t, t->slot_bytes);
}
