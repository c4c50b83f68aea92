/* fake_tls - a TLS server on the fake machine, with the certificates of tests/data/certs.
 *
 *   fake_tls_start(&server, &addr, &identity, app);     app sees plain text
 *   app.data(ctx, connection, text)                     and may call fake_tls_send, fake_tls_close
 *
 * One session cache for all connections, so that sessions can be resumed. `mute` makes it take
 * bytes and answer nothing. */
#ifndef SIM_FAKE_TLS_H
#define SIM_FAKE_TLS_H

#include "../unit/tls_peer.h"
#include "fake_sys.h"

enum { FAKE_TLS_CONNECTIONS = 32 };

struct fake_tls;

struct fake_tls_connection {
    struct fake_tls *server;
    int handle; /* 0 = free */
    struct tls_peer peer;
    bool opened;
};

struct fake_tls {
    const struct tls_chain *identity;
    void (*data)(void *ctx, struct fake_tls_connection *c, struct span text);
    void *ctx;
    bool mute;
    int opened; /* handshakes completed */
    int accepted;
    br_ssl_session_cache_lru lru;
    unsigned char sessions[TLS_PEER_SESSIONS_BYTES];
    struct fake_tls_connection connections[FAKE_TLS_CONNECTIONS];
};

static inline struct fake_tls_connection *fake_tls_find(struct fake_tls *s, int handle)
{
    for (size_t i = 0; i < FAKE_TLS_CONNECTIONS; i++)
        if (s->connections[i].handle == handle)
            return &s->connections[i];
    return NULL;
}

/* Moves records both ways, and text to the application, until nothing moves. */
static inline void fake_tls_pump(struct fake_tls_connection *c)
{
    bool moved = true;
    while (moved && c->handle != 0) {
        struct span in = fake_received(c->handle);
        size_t taken = in.len > 0 ? tls_peer_in(&c->peer, in) : 0;
        fake_consume(c->handle, taken);
        struct span out = tls_peer_out(&c->peer);
        if (out.len > 0) {
            fake_send(c->handle, out);
            br_ssl_engine_sendrec_ack(&c->peer.ssl.eng, out.len);
        }
        unsigned state = br_ssl_engine_current_state(&c->peer.ssl.eng);
        if (!c->opened && state != BR_SSL_CLOSED && (state & BR_SSL_SENDAPP) != 0) {
            c->opened = true;
            c->server->opened++;
        }
        struct span text = tls_peer_plain(&c->peer);
        size_t heard = text.len;
        if (heard > 0) {
            c->server->data(c->server->ctx, c, text);
            if (c->handle != 0)
                tls_peer_consume(&c->peer, heard);
        }
        moved = taken > 0 || out.len > 0 || heard > 0;
        if (state == BR_SSL_CLOSED && !moved) {
            fake_close(c->handle);
            c->handle = 0;
        }
    }
}

/* As much as fits into one record; longer texts need several calls. */
static inline void fake_tls_send(struct fake_tls_connection *c, struct span text)
{
    while (text.len > 0) {
        size_t part = tls_peer_write(&c->peer, text);
        CHECK(part > 0);
        text = span_part(text, part, text.len);
        struct span out = tls_peer_out(&c->peer);
        while (out.len > 0) {
            fake_send(c->handle, out);
            br_ssl_engine_sendrec_ack(&c->peer.ssl.eng, out.len);
            out = tls_peer_out(&c->peer);
        }
    }
}

/* With a close_notify; fake_close(c->handle) is the close without. */
static inline void fake_tls_close(struct fake_tls_connection *c)
{
    br_ssl_engine_close(&c->peer.ssl.eng);
    struct span out = tls_peer_out(&c->peer);
    if (out.len > 0) {
        fake_send(c->handle, out);
        br_ssl_engine_sendrec_ack(&c->peer.ssl.eng, out.len);
    }
}

static inline void fake_tls_on_open(void *ctx, int handle)
{
    struct fake_tls *s = ctx;
    struct fake_tls_connection *c = fake_tls_find(s, 0);
    CHECK(c != NULL);
    memset(c, 0, sizeof *c);
    c->server = s;
    c->handle = handle;
    tls_peer_init(&c->peer, s->identity);
    br_ssl_server_set_cache(&c->peer.ssl, &s->lru.vtable);
    tls_peer_accept(&c->peer);
    s->accepted++;
}

static inline void fake_tls_on_data(void *ctx, int handle, struct span unused)
{
    struct fake_tls *s = ctx;
    struct fake_tls_connection *c = fake_tls_find(s, handle);
    (void)unused;
    if (c != NULL && !s->mute)
        fake_tls_pump(c);
}

static inline void fake_tls_on_closed(void *ctx, int handle)
{
    struct fake_tls_connection *c = fake_tls_find(ctx, handle);
    if (c != NULL) {
        fake_close(handle);
        c->handle = 0;
    }
}

static inline void
fake_tls_start(struct fake_tls *s, const struct net_addr *addr, const struct tls_chain *id,
               void (*data)(void *ctx, struct fake_tls_connection *c, struct span text), void *ctx)
{
    memset(s, 0, sizeof *s);
    s->identity = id;
    s->data = data;
    s->ctx = ctx;
    br_ssl_session_cache_lru_init(&s->lru, s->sessions, sizeof s->sessions);
    fake_serve(addr, &(struct fake_service){.open = fake_tls_on_open,
                                            .data = fake_tls_on_data,
                                            .closed = fake_tls_on_closed,
                                            .ctx = s});
}

#endif
