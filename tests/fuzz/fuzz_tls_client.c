/* Any bytes from the peer of a TLS client, in pieces: the handshake messages and certificates of a
 * hostile server. The first byte is the size of the pieces. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "tls/client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void drain(struct tls_session *t)
{
    struct span out = tls_session_out(t);
    while (out.len > 0) {
        tls_session_sent(t, out.len);
        out = tls_session_out(t);
    }
    tls_session_consume(t, tls_session_plain(t).len);
}

static void feed(struct tls_session *t, struct span bytes, size_t piece)
{
    while (bytes.len > 0) {
        size_t room_bytes;
        char *room = tls_session_in(t, &room_bytes);
        if (room == NULL)
            return;
        size_t part = bytes.len < piece ? bytes.len : piece;
        part = part < room_bytes ? part : room_bytes;
        memcpy(room, bytes.ptr, part);
        tls_session_received(t, part);
        bytes = span_part(bytes, part, bytes.len);
        drain(t);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tls_anchors *anchors = malloc(tls_anchors_object_bytes());
    struct tls_client *client = malloc(tls_client_bytes());
    if (size > 0 && anchors != NULL && client != NULL) {
        tls_anchors_start(anchors, NULL, 0);
        struct tls_client_options o = {
            .anchors = anchors, .host = "api.test.example", .unix_s = 1767225600};
        struct tls_session *session = tls_client_session(client);
        tls_client_start(client, &o);
        drain(session);
        feed(session, span_of((const char *)data + 1, size - 1), 1 + (size_t)data[0]);
        tls_session_eof(session);
        /* Without an anchor and the private key nobody gets through. */
        CHECK(tls_session_state(session) == TLS_FAILED);
        CHECK(tls_session_err(session) != TLS_OK);
        CHECK(tls_session_out(session).len == 0);
        tls_session_wipe(session);
    }
    free(anchors);
    free(client);
    return 0;
}
