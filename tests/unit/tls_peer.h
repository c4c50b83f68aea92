/* tls_peer - the other end for tests of the TLS client: a BearSSL server in memory, with the
 * certificates of tests/data/certs. No sockets: bytes are moved by whoever uses it. */
#ifndef UNIT_TLS_PEER_H
#define UNIT_TLS_PEER_H

#include <bearssl.h>
#include <string.h>

#include "base/check.h"
#include "config/file.h"
#include "tls/client.h"

enum {
    TLS_PEER_CHAIN_MAX = 4,
    TLS_PEER_DER_BYTES = 8192,
    TLS_PEER_PEM_BYTES = 16384,
    TLS_PEER_SESSIONS_BYTES = 4096,
};

#define TLS_PEER_CERTS "tests/data/certs/"
#define TLS_PEER_HOST  "api.test.example"
#define TLS_PEER_NOW_S INT64_C(1767225600) /* 2026-01-01 */

/* A certificate chain with its key. */
struct tls_chain {
    unsigned char der[TLS_PEER_DER_BYTES];
    size_t der_len;
    br_x509_certificate chain[TLS_PEER_CHAIN_MAX];
    size_t chain_len;
    br_skey_decoder_context key;
    bool issuer_is_ec; /* of the first certificate; BearSSL's servers want to know */
};

struct tls_peer {
    br_ssl_server_context ssl;
    br_ssl_session_cache_lru lru;
    unsigned char sessions[TLS_PEER_SESSIONS_BYTES];
    unsigned char io[BR_SSL_BUFSIZE_BIDI];
};

static inline struct span tls_peer_file(const char *name, char text[TLS_PEER_PEM_BYTES])
{
    char path[256] = TLS_PEER_CERTS;
    size_t len;
    strncat(path, name, sizeof path - sizeof TLS_PEER_CERTS);
    int rc = config_file_read(path, text, TLS_PEER_PEM_BYTES, &len);
    CHECK(rc == 0);
    return span_of(text, len);
}

struct tls_peer_der {
    unsigned char *at;
    size_t len;
    size_t cap;
};

static inline void tls_peer_take_der(void *ctx, const void *bytes, size_t len)
{
    struct tls_peer_der *d = ctx;
    CHECK(d->len + len <= d->cap);
    memcpy(d->at + d->len, bytes, len);
    d->len += len;
}

/* The first object of a PEM file. */
static inline size_t tls_peer_decode(const char *name, unsigned char *out, size_t cap)
{
    char text[TLS_PEER_PEM_BYTES];
    struct span pem = tls_peer_file(name, text);
    struct tls_peer_der der = {out, 0, cap};
    br_pem_decoder_context decoder;
    size_t at = 0;
    br_pem_decoder_init(&decoder);
    while (at < pem.len) {
        at += br_pem_decoder_push(&decoder, pem.ptr + at, pem.len - at);
        switch (br_pem_decoder_event(&decoder)) {
        case BR_PEM_BEGIN_OBJ:
            br_pem_decoder_setdest(&decoder, tls_peer_take_der, &der);
            break;
        case BR_PEM_END_OBJ:
            return der.len;
        default:
            break;
        }
    }
    CHECK(false);
}

static inline void tls_chain_add(struct tls_chain *id, const char *file)
{
    unsigned char *at = id->der + id->der_len;
    CHECK(id->chain_len < TLS_PEER_CHAIN_MAX);
    size_t len = tls_peer_decode(file, at, TLS_PEER_DER_BYTES - id->der_len);
    id->chain[id->chain_len++] = (br_x509_certificate){at, len};
    id->der_len += len;
}

/* `issuer` may be NULL; then the leaf stands alone in the chain. */
static inline void tls_chain_load(struct tls_chain *id, const char *leaf, const char *issuer,
                                  const char *key, bool issuer_is_ec)
{
    unsigned char der[TLS_PEER_DER_BYTES];
    memset(id, 0, sizeof *id);
    id->issuer_is_ec = issuer_is_ec;
    tls_chain_add(id, leaf);
    if (issuer != NULL)
        tls_chain_add(id, issuer);
    br_skey_decoder_init(&id->key);
    br_skey_decoder_push(&id->key, der, tls_peer_decode(key, der, sizeof der));
    CHECK(br_skey_decoder_last_error(&id->key) == 0);
}

static inline void tls_peer_init(struct tls_peer *p, const struct tls_chain *id)
{
    if (br_skey_decoder_key_type(&id->key) == BR_KEYTYPE_RSA) {
        br_ssl_server_init_full_rsa(&p->ssl, id->chain, id->chain_len,
                                    br_skey_decoder_get_rsa(&id->key));
    } else {
        br_ssl_server_init_full_ec(&p->ssl, id->chain, id->chain_len,
                                   id->issuer_is_ec ? BR_KEYTYPE_EC : BR_KEYTYPE_RSA,
                                   br_skey_decoder_get_ec(&id->key));
    }
    br_ssl_session_cache_lru_init(&p->lru, p->sessions, sizeof p->sessions);
    br_ssl_server_set_cache(&p->ssl, &p->lru.vtable);
    br_ssl_engine_set_buffer(&p->ssl.eng, p->io, sizeof p->io, 1);
}

/* Ready for a connection; remembers the sessions of those before. */
static inline void tls_peer_accept(struct tls_peer *p)
{
    /* No secrets here, but other session ids than the server before: it may be another one. */
    static unsigned accepted;
    accepted++;
    br_ssl_engine_inject_entropy(&p->ssl.eng, &accepted, sizeof accepted);
    int ok = br_ssl_server_reset(&p->ssl);
    CHECK(ok == 1);
}

static inline struct span tls_peer_out(struct tls_peer *p)
{
    size_t len = 0;
    const void *bytes = br_ssl_engine_sendrec_buf(&p->ssl.eng, &len);
    return bytes == NULL ? SPAN_EMPTY : span_of(bytes, len);
}

/* Takes as much as the server wants; returns how much that was. */
static inline size_t tls_peer_in(struct tls_peer *p, struct span bytes)
{
    size_t done = 0;
    size_t room_bytes;
    unsigned char *room;
    while (done < bytes.len &&
           (room = br_ssl_engine_recvrec_buf(&p->ssl.eng, &room_bytes)) != NULL) {
        size_t part = bytes.len - done < room_bytes ? bytes.len - done : room_bytes;
        memcpy(room, bytes.ptr + done, part);
        br_ssl_engine_recvrec_ack(&p->ssl.eng, part);
        done += part;
    }
    return done;
}

/* Sends plain text, as far as there is room now; returns how much that was. */
static inline size_t tls_peer_write(struct tls_peer *p, struct span text)
{
    size_t room_bytes;
    unsigned char *room = br_ssl_engine_sendapp_buf(&p->ssl.eng, &room_bytes);
    size_t part = text.len < room_bytes ? text.len : room_bytes;
    if (room == NULL)
        return 0;
    memcpy(room, text.ptr, part);
    br_ssl_engine_sendapp_ack(&p->ssl.eng, part);
    br_ssl_engine_flush(&p->ssl.eng, 0);
    return part;
}

static inline struct span tls_peer_plain(struct tls_peer *p)
{
    size_t len = 0;
    const void *bytes = br_ssl_engine_recvapp_buf(&p->ssl.eng, &len);
    return bytes == NULL ? SPAN_EMPTY : span_of(bytes, len);
}

static inline void tls_peer_consume(struct tls_peer *p, size_t bytes)
{
    br_ssl_engine_recvapp_ack(&p->ssl.eng, bytes);
}

/* Anchors out of one PEM file; they last as long as the test program. */
static inline struct tls_anchors *tls_peer_anchors(const char *file)
{
    static struct {
        _Alignas(16) char object[4096];
        _Alignas(16) char memory[4096];
    } storage[16];
    static size_t used;
    char text[TLS_PEER_PEM_BYTES];
    struct span pem = tls_peer_file(file, text);
    CHECK(used < ARRAY_LEN(storage));
    CHECK(tls_anchors_object_bytes() <= sizeof storage[0].object);
    struct tls_anchors *a = (struct tls_anchors *)(void *)storage[used].object;
    tls_anchors_start(a, storage[used].memory, sizeof storage[0].memory);
    tls_anchors_feed(a, pem);
    bool fits = tls_anchors_finish(a);
    CHECK(fits);
    used++;
    return a;
}

#endif
