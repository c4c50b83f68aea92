#include "tls/client.h"

#include <string.h>

#include "base/check.h"
#include "tls/engine.h"
#include "tls/trust.h"

enum {
    OUT_PLAIN_BYTES = 4096, /* one record of ours: prompts go out in a few, keys and heads in one */
    RSA_KEY_BYTES_MIN = 256, /* 2048 bits: CA/Browser Forum baseline requirements, 6.1.5 */
    HOST_BYTES = 256,        /* br_ssl_engine_context.server_name */
};

/* BearSSL's minimal engine says "expired" for both ends of the validity. This class hands
 * everything on to it and looks at the dates of each certificate on the way. */
struct chain_check {
    const br_x509_class *vtable; /* first: BearSSL hands out a pointer to it */
    br_x509_minimal_context minimal;
    br_x509_decoder_context decoder;
    uint32_t days;
    uint32_t seconds;
    struct tls_shown *shown; /* NULL: nobody looks */
    struct tls_shown_certificate *showing;
    bool started;          /* a full handshake: a resumed one shows no certificates */
    enum tls_err date_err; /* of the first certificate with a wrong date */
};

struct tls_client {
    struct tls_session session; /* first */
    br_ssl_client_context ssl;
    struct chain_check chain;
    unsigned char in[BR_SSL_BUFSIZE_INPUT];
    unsigned char out[OUT_PLAIN_BYTES + TLS_OUT_OVERHEAD_BYTES];
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
    if (c->shown != NULL)
        c->shown->count = c->shown->bytes = 0;
    c->minimal.vtable->start_chain(&c->minimal.vtable, server_name);
}

static void chain_start_cert(const br_x509_class **ctx, uint32_t length)
{
    struct chain_check *c = chain_of(ctx);
    br_x509_decoder_init(&c->decoder, NULL, NULL);
    c->showing = NULL;
    if (c->shown != NULL && c->shown->count < TLS_SHOWN_MAX) {
        c->showing = &c->shown->certificates[c->shown->count++];
        c->showing->der = span_of(c->shown->der + c->shown->bytes, 0);
    }
    c->minimal.vtable->start_cert(&c->minimal.vtable, length);
}

static void chain_append(const br_x509_class **ctx, const unsigned char *bytes, size_t len)
{
    struct chain_check *c = chain_of(ctx);
    (void)tls_decoder_push(&c->decoder, bytes, len); /* the minimal engine judges what is wrong */
    if (c->showing != NULL && len <= sizeof c->shown->der - c->shown->bytes) {
        memcpy(c->shown->der + c->shown->bytes, bytes, len);
        c->shown->bytes += len;
        c->showing->der.len += len;
    }
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
    if (c->showing != NULL) {
        c->showing->begins_unix_s = tls_unix_s(d->notbefore_days, d->notbefore_seconds);
        c->showing->ends_unix_s = tls_unix_s(d->notafter_days, d->notafter_seconds);
    }
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

static void set_engine(struct tls_client *t, bool aes_first)
{
    br_ssl_engine_context *eng = &t->ssl.eng;
    br_ssl_client_zero(&t->ssl);
    tls_engine_begin(&t->session, eng, sizeof *t);
    tls_engine_suites(&t->session, aes_first);
    br_ssl_engine_set_default_rsavrfy(eng);
    br_ssl_engine_set_default_ecdsa(eng);
    br_ssl_engine_set_buffers_bidi(eng, t->in, sizeof t->in, t->out, sizeof t->out);
}

static void set_chain(struct tls_client *t, const struct tls_client_options *o)
{
    struct chain_check *c = &t->chain;
    int64_t unix_s = o->unix_s;
    size_t count;
    const br_x509_trust_anchor *list = tls_anchors_list(o->anchors, &count);
    memset(c, 0, sizeof *c);
    c->vtable = &chain_class;
    c->shown = o->shown;
    c->days = (uint32_t)(unix_s / TLS_SECONDS_PER_DAY + TLS_DAYS_TO_1970);
    c->seconds = (uint32_t)(unix_s % TLS_SECONDS_PER_DAY);
    br_x509_minimal_init(&c->minimal, &br_sha256_vtable, list, count);
    br_x509_minimal_set_rsa(&c->minimal, br_ssl_engine_get_rsavrfy(&t->ssl.eng));
    br_x509_minimal_set_ecdsa(&c->minimal, br_ssl_engine_get_ec(&t->ssl.eng),
                              br_ssl_engine_get_ecdsa(&t->ssl.eng));
    br_x509_minimal_set_hash(&c->minimal, br_sha256_ID, &br_sha256_vtable);
    br_x509_minimal_set_hash(&c->minimal, br_sha384_ID, &br_sha384_vtable);
    br_x509_minimal_set_hash(&c->minimal, br_sha512_ID, &br_sha512_vtable);
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

/* What its certificate is refused for. */
static enum tls_err err_of_chain(const struct tls_session *t, int code)
{
    const struct tls_client *client = (const struct tls_client *)(const void *)t;
    switch (code) {
    case BR_ERR_X509_EXPIRED:
        return client->chain.date_err != TLS_OK ? client->chain.date_err : TLS_ERR_EXPIRED;
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
    return of_chain ? TLS_ERR_BAD_CHAIN : TLS_OK;
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
    set_engine(t, o->aes_first);
    t->session.err_of = err_of_chain;
    set_chain(t, o);
    if (!copy_host(o->host, host)) {
        tls_engine_fail(&t->session, TLS_ERR_HOST_IS_ADDRESS);
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
        tls_engine_fail(&t->session, TLS_ERR_PROTOCOL);
}

struct tls_session *tls_client_session(struct tls_client *t)
{
    return &t->session;
}

bool tls_client_resumed(const struct tls_session *t)
{
    const struct tls_client *client = (const struct tls_client *)(const void *)t;
    return t->opened && !client->chain.started;
}

void tls_client_save(const struct tls_session *t, struct tls_resume *out)
{
    br_ssl_session_parameters session;
    tls_resume_forget(out);
    br_ssl_engine_get_session_parameters(t->engine, &session);
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
