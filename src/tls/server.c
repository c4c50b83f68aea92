#include "tls/server.h"

#include <string.h>

#include "base/check.h"
#include "tls/engine.h"
#include "tls/keypair.h"

enum {
    OUT_PLAIN_BYTES =
        2048, /* a record of ours: events of a stream are shorter, bodies go in some */
    ECDSA_HASHES_SHIFT = 8, /* in BearSSL's bits of what the client verifies */
    ALGORITHM_IS_HASH = 0xff00,
    KEY_EXCHANGE_SHIFT = 12, /* in BearSSL's elements of a suite */
};

/* One that can be resumed. */
struct kept {
    br_ssl_session_parameters session;
    int64_t until_ms; /* 0: there is none */
};

struct tls_sessions {
    const br_ssl_session_cache_class *vtable; /* first: BearSSL hands out a pointer to it */
    uint32_t count;
    uint32_t next; /* to be taken, the oldest */
    struct kept kept[];
};

_Static_assert(sizeof(struct kept) <= TLS_SESSION_KEPT_BYTES, "the header says how large one is");

/* What the server answers with. */
struct policy {
    const br_ssl_server_policy_class *vtable; /* first, likewise */
    const struct tls_identity *identity;
    const br_multihash_context *hashes;
    bool signed_once;
};

struct tls_server {
    struct tls_session session; /* first */
    br_ssl_server_context ssl;
    struct policy policy;
    struct tls_sessions *sessions;
    int64_t now_ms;
    unsigned char in[BR_SSL_BUFSIZE_INPUT];
    unsigned char out[OUT_PLAIN_BYTES + TLS_OUT_OVERHEAD_BYTES];
};

/* ---- sessions ---- */

static struct tls_sessions *sessions_of(const br_ssl_session_cache_class **ctx)
{
    return (struct tls_sessions *)(void *)ctx;
}

/* The server that BearSSL's context is a part of. */
static const struct tls_server *server_of(const br_ssl_server_context *ssl)
{
    return (const struct tls_server *)(const void *)((const char *)ssl -
                                                     offsetof(struct tls_server, ssl));
}

static void sessions_save(const br_ssl_session_cache_class **ctx, br_ssl_server_context *ssl,
                          const br_ssl_session_parameters *params)
{
    struct tls_sessions *s = sessions_of(ctx);
    struct kept *k = &s->kept[s->next];
    s->next = (s->next + 1) % s->count;
    k->session = *params;
    k->until_ms = server_of(ssl)->now_ms + TLS_SESSION_LIFE_MS;
}

static int sessions_load(const br_ssl_session_cache_class **ctx, br_ssl_server_context *ssl,
                         br_ssl_session_parameters *params)
{
    struct tls_sessions *s = sessions_of(ctx);
    struct span id = span_of((const char *)params->session_id, sizeof params->session_id);
    int found = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        const struct kept *k = &s->kept[i];
        if (k->until_ms <= server_of(ssl)->now_ms ||
            !span_equal_secret(id, span_of((const char *)k->session.session_id, id.len)))
            continue;
        *params = k->session;
        found = 1;
    }
    return found;
}

static const br_ssl_session_cache_class sessions_class = {
    .context_size = sizeof(struct tls_sessions),
    .save = sessions_save,
    .load = sessions_load,
};

size_t tls_sessions_bytes(uint32_t count)
{
    return sizeof(struct tls_sessions) + count * sizeof(struct kept);
}

void tls_sessions_init(struct tls_sessions *s, uint32_t count)
{
    CHECK(count > 0);
    s->vtable = &sessions_class;
    s->count = count;
    tls_sessions_forget(s);
}

void tls_sessions_forget(struct tls_sessions *s)
{
    s->next = 0;
    explicit_bzero(s->kept, s->count * sizeof(struct kept));
}

/* ---- the policy ---- */

/* The hash for a signature: SHA-256 where the client knows it. */
static unsigned choose_hash(uint32_t known)
{
    static const unsigned by_preference[] = {br_sha256_ID, br_sha384_ID, br_sha512_ID};
    for (size_t i = 0; i < ARRAY_LEN(by_preference); i++)
        if ((known >> by_preference[i] & 1) != 0)
            return by_preference[i];
    return 0;
}

static int policy_choose(const br_ssl_server_policy_class **ctx, const br_ssl_server_context *ssl,
                         br_ssl_server_choices *choices)
{
    const struct policy *p = (const struct policy *)(const void *)ctx;
    bool is_ec = p->identity->key_type == BR_KEYTYPE_EC;
    unsigned wanted = is_ec ? BR_SSLKEYX_ECDHE_ECDSA : BR_SSLKEYX_ECDHE_RSA;
    uint32_t known = br_ssl_server_get_client_hashes(ssl);
    unsigned hash = choose_hash(is_ec ? known >> ECDSA_HASHES_SHIFT : known);
    size_t count;
    const br_suite_translated *suites = br_ssl_server_get_client_suites(ssl, &count);
    for (size_t i = 0; i < count && hash != 0; i++) {
        if (suites[i][1] >> KEY_EXCHANGE_SHIFT != wanted)
            continue;
        choices->cipher_suite = suites[i][0];
        choices->algo_id = hash + ALGORITHM_IS_HASH;
        choices->chain = p->identity->chain;
        choices->chain_len = p->identity->chain_len;
        return 1;
    }
    return 0;
}

/* No suite that is offered has a key exchange by the certificate's key. */
static uint32_t policy_exchange(const br_ssl_server_policy_class **ctx, unsigned char *data,
                                size_t *len)
{
    (void)ctx;
    (void)data;
    (void)len;
    return 0;
}

static size_t policy_sign(const br_ssl_server_policy_class **ctx, unsigned algorithm,
                          unsigned char *data, size_t hash_bytes, size_t room_bytes)
{
    struct policy *p = (struct policy *)(void *)ctx;
    unsigned char hash[br_sha512_SIZE];
    const br_hash_class *of = br_multihash_getimpl(p->hashes, (int)(algorithm & 0xff));
    p->signed_once = true;
    if (of == NULL || hash_bytes > sizeof hash || room_bytes < TLS_SIGNATURE_BYTES_MAX)
        return 0;
    memcpy(hash, data, hash_bytes);
    return tls_identity_sign(p->identity, of, hash, data);
}

static const br_ssl_server_policy_class policy_class = {
    .context_size = sizeof(struct policy),
    .choose = policy_choose,
    .do_keyx = policy_exchange,
    .do_sign = policy_sign,
};

/* ---- the session ---- */

static enum tls_err err_of_client(const struct tls_session *t, int code)
{
    (void)t;
    switch (code) {
    case BR_ERR_SEND_FATAL_ALERT + BR_ALERT_HANDSHAKE_FAILURE:
        return TLS_ERR_CLIENT_SUITES;
    case BR_ERR_SEND_FATAL_ALERT + BR_ALERT_PROTOCOL_VERSION:
        return TLS_ERR_CLIENT_OLD;
    case BR_ERR_RECV_FATAL_ALERT + BR_ALERT_BAD_CERTIFICATE:
    case BR_ERR_RECV_FATAL_ALERT + BR_ALERT_CERTIFICATE_EXPIRED:
    case BR_ERR_RECV_FATAL_ALERT + BR_ALERT_CERTIFICATE_UNKNOWN:
    case BR_ERR_RECV_FATAL_ALERT + BR_ALERT_UNKNOWN_CA:
        return TLS_ERR_CLIENT_DISTRUSTS;
    default:
        break;
    }
    bool is_alert = code >= BR_ERR_RECV_FATAL_ALERT && code < BR_ERR_SEND_FATAL_ALERT;
    return is_alert ? TLS_ERR_ALERT : TLS_OK;
}

size_t tls_server_bytes(void)
{
    return sizeof(struct tls_server);
}

void tls_server_start(struct tls_server *t, const struct tls_server_options *o)
{
    br_ssl_engine_context *eng = &t->ssl.eng;
    CHECK(o->identity->key_type != 0);
    br_ssl_server_zero(&t->ssl);
    tls_engine_begin(&t->session, eng, sizeof *t);
    t->session.err_of = err_of_client;
    tls_engine_suites(&t->session, o->aes_first);
    br_ssl_engine_add_flags(eng, BR_OPT_ENFORCE_SERVER_PREFERENCES);
    br_ssl_engine_set_ec(eng, br_ec_get_default());
    t->policy = (struct policy){&policy_class, o->identity, &eng->mhash, false};
    br_ssl_server_set_policy(&t->ssl, &t->policy.vtable);
    t->sessions = o->sessions;
    t->now_ms = o->now_ms;
    br_ssl_server_set_cache(&t->ssl, &t->sessions->vtable);
    br_ssl_engine_set_buffers_bidi(eng, t->in, sizeof t->in, t->out, sizeof t->out);
    br_ssl_engine_inject_entropy(eng, o->entropy, sizeof o->entropy);
    if (br_ssl_server_reset(&t->ssl) == 0)
        tls_engine_fail(&t->session, TLS_ERR_PROTOCOL);
}

struct tls_session *tls_server_session(struct tls_server *t)
{
    return &t->session;
}

bool tls_server_resumed(const struct tls_session *t)
{
    const struct tls_server *server = (const struct tls_server *)(const void *)t;
    return t->opened && !server->policy.signed_once;
}
