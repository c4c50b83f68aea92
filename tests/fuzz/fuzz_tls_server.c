/* Any bytes from the peer of a TLS server, in pieces. The first byte is the size of the pieces, the
 * second one the kind of key, and whether what comes is judged as first bytes are (1) before. The
 * server's chance is fixed, so that a recorded client gets through its handshake. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "config/file.h"
#include "tls/keypair.h"
#include "tls/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SESSIONS = 2 };

static const struct tls_identity *identity(bool rsa)
{
    static struct tls_identity ids[2];
    static bool loaded[2];
    char texts[2][TLS_PEM_BYTES_MAX];
    size_t len[2];
    if (!loaded[rsa]) {
        int a = config_file_read(rsa ? "tests/data/certs/rsa-leaf.pem"
                                     : "tests/data/certs/ec-chain.pem",
                                 texts[0], sizeof texts[0], &len[0]);
        int b =
            config_file_read(rsa ? "tests/data/certs/rsa-leaf.key" : "tests/data/certs/ec-leaf.key",
                             texts[1], sizeof texts[1], &len[1]);
        CHECK(a == 0 && b == 0);
        enum tls_identity_fault fault =
            tls_identity_load(&ids[rsa], span_of(texts[0], len[0]), span_of(texts[1], len[1]));
        CHECK(fault == TLS_IDENTITY_GOOD);
        loaded[rsa] = true;
    }
    return &ids[rsa];
}

static void drain(struct tls_session *t)
{
    struct span out = tls_session_out(t);
    while (out.len > 0) {
        tls_session_sent(t, out.len);
        out = tls_session_out(t);
    }
    struct span plain = tls_session_plain(t);
    size_t room_bytes;
    char *room = tls_session_room(t, &room_bytes);
    if (plain.len > 0 && room != NULL) { /* an echo */
        size_t part = plain.len < room_bytes ? plain.len : room_bytes;
        memcpy(room, plain.ptr, part);
        tls_session_wrote(t, part);
        tls_session_flush(t);
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
    struct tls_server *server = malloc(tls_server_bytes());
    struct tls_sessions *sessions = malloc(tls_sessions_bytes(SESSIONS));
    if (size > 1 && server != NULL && sessions != NULL) {
        struct span bytes = span_of((const char *)data + 2, size - 2);
        struct tls_session *session = tls_server_session(server);
        size_t need = 0;
        enum tls_hello hello = tls_hello_look(bytes, &need);
        CHECK(hello != TLS_HELLO_MORE || (need > bytes.len && need <= TLS_HELLO_BYTES_MAX));
        tls_sessions_init(sessions, SESSIONS);
        struct tls_server_options o = {
            .identity = identity((data[1] & 1) != 0), .sessions = sessions, .now_ms = 1};
        tls_server_start(server, &o);
        feed(session, bytes, 1 + (size_t)data[0]);
        tls_session_eof(session);
        CHECK(tls_session_state(session) != TLS_HANDSHAKE);
        tls_session_wipe(session);
    }
    free(server);
    free(sessions);
    return 0;
}
