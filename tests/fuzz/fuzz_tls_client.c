/* Any bytes from the peer of a TLS client, in pieces: the handshake messages and certificates of a
 * hostile server. The first byte is the size of the pieces. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "tls/client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void drain(struct tls_client *t)
{
    struct span out = tls_client_out(t);
    while (out.len > 0) {
        tls_client_sent(t, out.len);
        out = tls_client_out(t);
    }
    tls_client_consume(t, tls_client_plain(t).len);
}

static void feed(struct tls_client *t, struct span bytes, size_t piece)
{
    while (bytes.len > 0) {
        size_t room_bytes;
        char *room = tls_client_in(t, &room_bytes);
        if (room == NULL)
            return;
        size_t part = bytes.len < piece ? bytes.len : piece;
        part = part < room_bytes ? part : room_bytes;
        memcpy(room, bytes.ptr, part);
        tls_client_received(t, part);
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
        tls_client_start(client, &o);
        drain(client);
        feed(client, span_of((const char *)data + 1, size - 1), 1 + (size_t)data[0]);
        tls_client_eof(client);
        /* Without an anchor and the private key nobody gets through. */
        CHECK(tls_client_state(client) == TLS_FAILED);
        CHECK(tls_client_err(client) != TLS_OK);
        CHECK(tls_client_out(client).len == 0);
        tls_client_wipe(client);
    }
    free(anchors);
    free(client);
    return 0;
}
