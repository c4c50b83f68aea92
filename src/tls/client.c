#include "tls/client.h"

#include <string.h>

#include "base/check.h"
#include "tls/trust.h"

enum {
    RECORD_PLAIN_BYTES_MAX = 16384, /* RFC 5246 section 6.2.1 */
    OUT_PLAIN_BYTES = 4096, /* one record of ours: prompts go out in a few, keys and heads in one */
    OUT_OVERHEAD_BYTES = BR_SSL_BUFSIZE_OUTPUT - RECORD_PLAIN_BYTES_MAX,
    RSA_KEY_BYTES_MIN = 256, /* 2048 bits: CA/Browser Forum baseline requirements, 6.1.5 */
    SECONDS_PER_DAY = 86400,
    DAYS_TO_1970 = 719528, /* BearSSL counts days from 1 January of year 0 */
    HOST_BYTES = 256,      /* br_ssl_engine_context.server_name */
};

/* BearSSL's minimal engine says "expired" for both ends of the validity. This class hands
 * everything on to it and looks at the dates of each certificate on the way. */
struct chain_check {
    const br_x509_class *vtable; /* first: BearSSL hands out a pointer to it */
    br_x509_minimal_context minimal;
    br_x509_decoder_context decoder;
    uint32_t days;
    uint32_t seconds;
    bool started;          /* a full handshake: a resumed one shows no certificates */
    enum tls_err date_err; /* of the first certificate with a wrong date */
};

struct tls_client {
    br_ssl_client_context ssl;
    struct chain_check chain;
    bool opened;      /* the handshake was completed once */
    enum tls_err err; /* found here, not by BearSSL */
    unsigned char in[BR_SSL_BUFSIZE_INPUT];
    unsigned char out[OUT_PLAIN_BYTES + OUT_OVERHEAD_BYTES];
};

_Static_assert(sizeof(br_ssl_session_parameters) <= TLS_RESUME_BYTES, "session fits tls_resume");

static struct chain_check *chain_of(const br_x509_class **ctx)
{
    return (struct chain_check *)(void *)ctx;
}

static void chain_start(const br_x509_class **ctx, const char *server_name)
{
    struct chain_check *c = chain_of(ctx);
    c->started = true;
    c->date_err = TLS_OK;
    c->minimal.vtable->start_chain(&c->minimal.vtable, server_name);
}

static void chain_start_cert(const br_x509_class **ctx, uint32_t length)
{
    struct chain_check *c = chain_of(ctx);
    br_x509_decoder_init(&c->decoder, NULL, NULL);
    c->minimal.vtable->start_cert(&c->minimal.vtable, length);
}

static void chain_append(const br_x509_class **ctx, const unsigned char *bytes, size_t len)
{
    struct chain_check *c = chain_of(ctx);
    (void)tls_decoder_push(&c->decoder, bytes, len); /* the minimal engine judges what is wrong */
    c->minimal.vtable->append(&c->minimal.vtable, bytes, len);
}

static bool is_before(uint32_t days, uint32_t seconds, uint32_t than_days, uint32_t than_seconds)
{
    return days < than_days || (days == than_days && seconds < than_seconds);
}

static void chain_end_cert(const br_x509_class **ctx)
{
    struct chain_check *c = chain_of(ctx);
    const br_x509_decoder_context *d = &c->decoder;
    if (c->date_err == TLS_OK &&
        is_before(c->days, c->seconds, d->notbefore_days, d->notbefore_seconds))
        c->date_err = TLS_ERR_NOT_YET_VALID;
    else if (c->date_err == TLS_OK &&
             is_before(d->notafter_days, d->notafter_seconds, c->days, c->seconds))
        c->date_err = TLS_ERR_EXPIRED;
    c->minimal.vtable->end_cert(&c->minimal.vtable);
}

static unsigned chain_end(const br_x509_class **ctx)
{
    struct chain_check *c = chain_of(ctx);
    return c->minimal.vtable->end_chain(&c->minimal.vtable);
}

static const br_x509_pkey *chain_get_key(const br_x509_class *const *ctx, unsigned *usages)
{
    const struct chain_check *c = (const struct chain_check *)(const void *)ctx;
    return c->minimal.vtable->get_pkey(&c->minimal.vtable, usages);
}

static const br_x509_class chain_class = {
    .context_size = sizeof(struct chain_check),
    .start_chain = chain_start,
    .start_cert = chain_start_cert,
    .append = chain_append,
    .end_cert = chain_end_cert,
    .end_chain = chain_end,
    .get_pkey = chain_get_key,
};

static void set_hashes(struct tls_client *t)
{
    /* SHA-1 is left out: no certificate that is still valid is signed with it. */
    static const struct {
        int id;
        const br_hash_class *hash;
    } hashes[] = {
        {br_sha256_ID, &br_sha256_vtable},
        {br_sha384_ID, &br_sha384_vtable},
        {br_sha512_ID, &br_sha512_vtable},
    };
    for (size_t i = 0; i < ARRAY_LEN(hashes); i++) {
        br_ssl_engine_set_hash(&t->ssl.eng, hashes[i].id, hashes[i].hash);
        br_x509_minimal_set_hash(&t->chain.minimal, hashes[i].id, hashes[i].hash);
    }
}

/* Forward secrecy and authenticated encryption only; faster first. */
static void set_suites(struct tls_client *t, bool aes_first)
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
    br_ssl_engine_set_suites(&t->ssl.eng, aes_first ? aes_then_chacha : chacha_then_aes,
                             ARRAY_LEN(chacha_then_aes));
}

static void set_engine(struct tls_client *t, bool aes_first)
{
    br_ssl_engine_context *eng = &t->ssl.eng;
    static const char *protocols[] = {"http/1.1"};
    br_ssl_client_zero(&t->ssl);
    br_ssl_engine_set_versions(eng, BR_TLS12, BR_TLS12);
    br_ssl_engine_add_flags(eng, BR_OPT_NO_RENEGOTIATION);
    set_suites(t, aes_first);
    br_ssl_engine_set_default_rsavrfy(eng);
    br_ssl_engine_set_default_ecdsa(eng);
    br_ssl_engine_set_prf_sha256(eng, &br_tls12_sha256_prf);
    br_ssl_engine_set_prf_sha384(eng, &br_tls12_sha384_prf);
    br_ssl_engine_set_default_aes_gcm(eng);
    br_ssl_engine_set_default_chapol(eng);
    br_ssl_engine_set_protocol_names(eng, protocols, ARRAY_LEN(protocols));
    br_ssl_engine_set_buffers_bidi(eng, t->in, sizeof t->in, t->out, sizeof t->out);
}

static void set_chain(struct tls_client *t, const struct tls_anchors *anchors, int64_t unix_s)
{
    struct chain_check *c = &t->chain;
    size_t count;
    const br_x509_trust_anchor *list = tls_anchors_list(anchors, &count);
    memset(c, 0, sizeof *c);
    c->vtable = &chain_class;
    c->days = (uint32_t)(unix_s / SECONDS_PER_DAY + DAYS_TO_1970);
    c->seconds = (uint32_t)(unix_s % SECONDS_PER_DAY);
    br_x509_minimal_init(&c->minimal, &br_sha256_vtable, list, count);
    br_x509_minimal_set_rsa(&c->minimal, br_ssl_engine_get_rsavrfy(&t->ssl.eng));
    br_x509_minimal_set_ecdsa(&c->minimal, br_ssl_engine_get_ec(&t->ssl.eng),
                              br_ssl_engine_get_ecdsa(&t->ssl.eng));
    br_x509_minimal_set_time(&c->minimal, c->days, c->seconds);
    br_x509_minimal_set_minrsa(&c->minimal, RSA_KEY_BYTES_MIN);
    br_ssl_engine_set_x509(&t->ssl.eng, &c->vtable);
}

/* Digits and dots only, or a colon: no DNS name (a top-level domain is never all digits). */
static bool is_ip_literal(const char *host)
{
    bool digits_only = true;
    for (const char *p = host; *p != '\0'; p++) {
        if (*p == ':')
            return true;
        digits_only = digits_only && ((*p >= '0' && *p <= '9') || *p == '.');
    }
    return digits_only;
}

/* The name as it stands in certificates: without the dot that makes it absolute. */
static bool copy_host(const char *host, char out[HOST_BYTES])
{
    size_t len = strlen(host);
    if (len > 0 && host[len - 1] == '.')
        len--;
    if (len == 0 || len >= HOST_BYTES)
        return false;
    memcpy(out, host, len);
    out[len] = '\0';
    return !is_ip_literal(out);
}

/* After every step of the engine: the state in which data can flow is not left again. */
static void note_progress(struct tls_client *t)
{
    unsigned open_flags = BR_SSL_SENDAPP | BR_SSL_RECVAPP;
    unsigned state = br_ssl_engine_current_state(&t->ssl.eng);
    if ((state & BR_SSL_CLOSED) == 0 && (state & open_flags) != 0)
        t->opened = true;
}

static void fail(struct tls_client *t, enum tls_err err)
{
    if (t->err == TLS_OK)
        t->err = err;
}

size_t tls_client_bytes(void)
{
    return sizeof(struct tls_client);
}

void tls_client_start(struct tls_client *t, const struct tls_client_options *o)
{
    CHECK(o->anchors != NULL);
    CHECK(o->unix_s >= 0);
    char host[HOST_BYTES];
    t->opened = false;
    t->err = TLS_OK;
    set_engine(t, o->aes_first);
    set_chain(t, o->anchors, o->unix_s);
    set_hashes(t);
    if (!copy_host(o->host, host)) {
        fail(t, TLS_ERR_HOST_IS_ADDRESS);
        return;
    }
    br_ssl_engine_inject_entropy(&t->ssl.eng, o->entropy, sizeof o->entropy);
    bool resumes = o->resume != NULL && o->resume->valid;
    if (resumes) {
        br_ssl_session_parameters session;
        memcpy(&session, o->resume->data, sizeof session);
        br_ssl_engine_set_session_parameters(&t->ssl.eng, &session);
        explicit_bzero(&session, sizeof session);
    }
    if (br_ssl_client_reset(&t->ssl, host, resumes ? 1 : 0) == 0)
        fail(t, TLS_ERR_PROTOCOL);
}

enum tls_state tls_client_state(const struct tls_client *t)
{
    const br_ssl_engine_context *eng = &t->ssl.eng;
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

static enum tls_err err_of_engine(const struct tls_client *t, int code)
{
    if (code >= BR_ERR_RECV_FATAL_ALERT && code < BR_ERR_SEND_FATAL_ALERT)
        return err_of_alert(code - BR_ERR_RECV_FATAL_ALERT);
    switch (code) {
    case BR_ERR_X509_EXPIRED:
        return t->chain.date_err != TLS_OK ? t->chain.date_err : TLS_ERR_EXPIRED;
    case BR_ERR_X509_TIME_UNKNOWN:
        return TLS_ERR_CLOCK;
    case BR_ERR_X509_BAD_SERVER_NAME:
        return TLS_ERR_WRONG_HOST;
    case BR_ERR_X509_NOT_TRUSTED:
        return TLS_ERR_UNKNOWN_ISSUER;
    case BR_ERR_X509_CRITICAL_EXTENSION:
        return TLS_ERR_CONSTRAINTS;
    default:
        break;
    }
    bool of_chain = code > BR_ERR_X509_OK && code <= BR_ERR_X509_NOT_TRUSTED;
    return of_chain ? TLS_ERR_BAD_CHAIN : TLS_ERR_PROTOCOL;
}

enum tls_err tls_client_err(const struct tls_client *t)
{
    if (t->err != TLS_OK)
        return t->err;
    int code = br_ssl_engine_last_error(&t->ssl.eng);
    if (code != BR_ERR_OK)
        return err_of_engine(t, code);
    /* A close_notify in place of a handshake. */
    return tls_client_state(t) == TLS_FAILED ? TLS_ERR_TRUNCATED : TLS_OK;
}

int tls_client_code(const struct tls_client *t)
{
    return br_ssl_engine_last_error(&t->ssl.eng);
}

bool tls_client_resumed(const struct tls_client *t)
{
    return t->opened && !t->chain.started;
}

struct span tls_client_out(struct tls_client *t)
{
    size_t len = 0;
    const void *bytes = NULL;
    if (t->err == TLS_OK)
        bytes = br_ssl_engine_sendrec_buf(&t->ssl.eng, &len);
    return bytes == NULL ? SPAN_EMPTY : span_of(bytes, len);
}

void tls_client_sent(struct tls_client *t, size_t bytes)
{
    CHECK(bytes <= tls_client_out(t).len);
    if (bytes > 0) {
        br_ssl_engine_sendrec_ack(&t->ssl.eng, bytes);
        note_progress(t);
    }
}

char *tls_client_in(struct tls_client *t, size_t *room_bytes)
{
    *room_bytes = 0;
    if (t->err != TLS_OK)
        return NULL;
    return (char *)br_ssl_engine_recvrec_buf(&t->ssl.eng, room_bytes);
}

void tls_client_received(struct tls_client *t, size_t bytes)
{
    size_t room_bytes;
    CHECK(tls_client_in(t, &room_bytes) != NULL);
    CHECK(bytes <= room_bytes);
    if (bytes > 0) {
        br_ssl_engine_recvrec_ack(&t->ssl.eng, bytes);
        note_progress(t);
    }
}

void tls_client_eof(struct tls_client *t)
{
    enum tls_state state = tls_client_state(t);
    if (state == TLS_HANDSHAKE || state == TLS_OPEN)
        fail(t, TLS_ERR_TRUNCATED);
}

struct span tls_client_plain(struct tls_client *t)
{
    size_t len = 0;
    const void *bytes = NULL;
    if (t->err == TLS_OK)
        bytes = br_ssl_engine_recvapp_buf(&t->ssl.eng, &len);
    return bytes == NULL ? SPAN_EMPTY : span_of(bytes, len);
}

void tls_client_consume(struct tls_client *t, size_t bytes)
{
    CHECK(bytes <= tls_client_plain(t).len);
    if (bytes > 0)
        br_ssl_engine_recvapp_ack(&t->ssl.eng, bytes);
}

char *tls_client_room(struct tls_client *t, size_t *room_bytes)
{
    *room_bytes = 0;
    if (tls_client_state(t) != TLS_OPEN)
        return NULL;
    return (char *)br_ssl_engine_sendapp_buf(&t->ssl.eng, room_bytes);
}

void tls_client_wrote(struct tls_client *t, size_t bytes)
{
    size_t room_bytes;
    CHECK(tls_client_room(t, &room_bytes) != NULL);
    CHECK(bytes <= room_bytes);
    if (bytes > 0)
        br_ssl_engine_sendapp_ack(&t->ssl.eng, bytes);
}

void tls_client_flush(struct tls_client *t)
{
    if (tls_client_state(t) == TLS_OPEN)
        br_ssl_engine_flush(&t->ssl.eng, 0);
}

void tls_client_close(struct tls_client *t)
{
    if (t->err == TLS_OK)
        br_ssl_engine_close(&t->ssl.eng);
}

void tls_client_save(const struct tls_client *t, struct tls_resume *out)
{
    br_ssl_session_parameters session;
    tls_resume_forget(out);
    br_ssl_engine_get_session_parameters(&t->ssl.eng, &session);
    if (t->opened && session.session_id_len > 0) {
        memcpy(out->data, &session, sizeof session);
        out->valid = true;
    }
    explicit_bzero(&session, sizeof session);
}

void tls_resume_forget(struct tls_resume *r)
{
    explicit_bzero(r, sizeof *r);
}

void tls_client_wipe(struct tls_client *t)
{
    explicit_bzero(t, sizeof *t);
}
