/* fake_tls_client - a client of the gateway that speaks TLS, on the fake machine.
 *
 * The bytes of a handle of fake_sys.h, through the product's own client engine; it trusts
 * tests/data/certs/ec-root.pem and asks for TLS_PEER_HOST. fake_tls_client_pump() moves what can be
 * moved and gathers the plain text; `mute` makes it send and read nothing. */
#ifndef SIM_FAKE_TLS_CLIENT_H
#define SIM_FAKE_TLS_CLIENT_H

#include <stdlib.h>

#include "../unit/tls_peer.h"
#include "fake_sys.h"
#include "tls/client.h"

enum { FAKE_TLS_PLAIN_BYTES = 1 << 18 };

struct fake_tls_client {
    int handle;
    bool mute;
    struct tls_client *client;
    struct tls_session *session;
    size_t plain_len;
    char plain[FAKE_TLS_PLAIN_BYTES];
};

static inline const struct tls_anchors *fake_tls_client_anchors(void)
{
    static const struct tls_anchors *anchors;
    if (anchors == NULL)
        anchors = tls_peer_anchors("ec-root.pem");
    return anchors;
}

static inline struct fake_tls_client *fake_tls_client_new(int handle,
                                                          const struct tls_resume *resume)
{
    struct fake_tls_client *t = calloc(1, sizeof *t);
    struct tls_client_options o = {.anchors = fake_tls_client_anchors(),
                                   .host = TLS_PEER_HOST,
                                   .unix_s = TLS_PEER_NOW_S,
                                   .resume = resume};
    CHECK(t != NULL);
    t->client = calloc(1, tls_client_bytes());
    CHECK(t->client != NULL);
    t->handle = handle;
    t->session = tls_client_session(t->client);
    for (size_t i = 0; i < sizeof o.entropy; i++)
        o.entropy[i] = (uint8_t)fake_random();
    tls_client_start(t->client, &o);
    return t;
}

static inline void fake_tls_client_free(struct fake_tls_client *t)
{
    free(t->client);
    free(t);
}

static inline bool fake_tls_client_out(struct fake_tls_client *t)
{
    struct span out = tls_session_out(t->session);
    if (out.len == 0)
        return false;
    fake_send(t->handle, out);
    tls_session_sent(t->session, out.len);
    return true;
}

static inline bool fake_tls_client_in(struct fake_tls_client *t)
{
    size_t room_bytes;
    char *room = tls_session_in(t->session, &room_bytes);
    struct span in = fake_received(t->handle);
    size_t part = in.len < room_bytes ? in.len : room_bytes;
    if (room == NULL || part == 0)
        return false;
    memcpy(room, in.ptr, part);
    tls_session_received(t->session, part);
    fake_consume(t->handle, part);
    return true;
}

/* True when something moved. */
static inline bool fake_tls_client_pump(struct fake_tls_client *t)
{
    bool moved = false;
    bool again = !t->mute;
    while (again) {
        struct span plain = tls_session_plain(t->session);
        CHECK(plain.len <= sizeof t->plain - t->plain_len);
        if (plain.len > 0)
            memcpy(t->plain + t->plain_len, plain.ptr, plain.len);
        t->plain_len += plain.len;
        tls_session_consume(t->session, plain.len);
        again = plain.len > 0;
        again = fake_tls_client_out(t) || again;
        again = fake_tls_client_in(t) || again;
        moved = moved || again;
    }
    return moved;
}

/* In records of one write each; before the handshake's end it is lost. */
static inline void fake_tls_client_send(struct fake_tls_client *t, struct span text)
{
    while (text.len > 0) {
        size_t room_bytes;
        char *room = tls_session_room(t->session, &room_bytes);
        size_t part = text.len < room_bytes ? text.len : room_bytes;
        if (room == NULL)
            return;
        memcpy(room, text.ptr, part);
        tls_session_wrote(t->session, part);
        tls_session_flush(t->session);
        text = span_part(text, part, text.len);
        while (fake_tls_client_out(t))
            ;
    }
}

static inline void fake_tls_client_consume(struct fake_tls_client *t, size_t bytes)
{
    CHECK(bytes <= t->plain_len);
    memmove(t->plain, t->plain + bytes, t->plain_len - bytes);
    t->plain_len -= bytes;
}

#endif
