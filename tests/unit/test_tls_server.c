/* The TLS server against a real client engine, both in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tls/server.h"
#include "tls/trust.h"
#include "tls_peer.h"

enum { ROUNDS_MAX = 200000, SESSIONS = 4 };

static const uint16_t suites[] = {
    BR_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    BR_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    BR_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    BR_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    BR_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    BR_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
};

struct pair {
    struct tls_server *server;
    struct tls_session *session; /* of the server */
    br_ssl_client_context client;
    br_x509_minimal_context x509;
    unsigned char io[BR_SSL_BUFSIZE_BIDI];
    uint64_t random;
    size_t part_max; /* at most this many bytes move at a time; 0 = as they are */
    int damage_at;   /* the byte of what the client sends that is changed; -1 = none */
    int sent;
};

static struct tls_identity *ec_identity;
static struct tls_identity *rsa_identity;
static struct tls_sessions *sessions;
static const struct tls_anchors *ec_anchors;
static const struct tls_anchors *rsa_anchors;

static struct tls_identity *identity(const char *certificate, const char *issuer, const char *key)
{
    static char texts[2][2 * TLS_PEER_PEM_BYTES];
    struct tls_identity *id = calloc(1, tls_identity_bytes());
    size_t len = tls_peer_file(certificate, texts[0]).len;
    assert_non_null(id);
    if (issuer != NULL)
        len += tls_peer_file(issuer, texts[0] + len).len;
    assert_int_equal(tls_identity_load(id, span_of(texts[0], len), tls_peer_file(key, texts[1])),
                     TLS_IDENTITY_GOOD);
    return id;
}

static int load(void **state)
{
    (void)state;
    ec_identity = identity("ec-leaf.pem", "ec-inter.pem", "ec-leaf.key");
    rsa_identity = identity("rsa-leaf.pem", NULL, "rsa-leaf.key");
    ec_anchors = tls_peer_anchors("ec-root.pem");
    rsa_anchors = tls_peer_anchors("rsa-root.pem");
    sessions = calloc(1, tls_sessions_bytes(SESSIONS));
    assert_non_null(sessions);
    return 0;
}

static int set_up(void **state)
{
    static struct pair p;
    memset(&p, 0, sizeof p);
    p.server = calloc(1, tls_server_bytes());
    assert_non_null(p.server);
    p.session = tls_server_session(p.server);
    p.random = 1;
    p.damage_at = -1;
    tls_sessions_init(sessions, SESSIONS);
    *state = &p;
    return 0;
}

static int tear_down(void **state)
{
    struct pair *p = *state;
    free(p->server);
    return 0;
}

static struct tls_server_options options(const struct tls_identity *id)
{
    static uint8_t calls;
    return (struct tls_server_options){
        .identity = id, .sessions = sessions, .now_ms = 1000, .entropy = {1, calls++}};
}

static void client_init(struct pair *p, const struct tls_anchors *anchors)
{
    size_t count;
    const br_x509_trust_anchor *list = tls_anchors_list(anchors, &count);
    br_ssl_client_init_full(&p->client, &p->x509, list, count);
    br_ssl_engine_set_versions(&p->client.eng, BR_TLS10, BR_TLS12);
    br_x509_minimal_set_time(&p->x509, TLS_PEER_NOW_S / 86400 + 719528, 0);
    br_ssl_engine_set_buffer(&p->client.eng, p->io, sizeof p->io, 1);
}

static void client_start(struct pair *p, const char *host, bool resume)
{
    static uint8_t starts;
    starts++;
    br_ssl_engine_inject_entropy(&p->client.eng, &starts, sizeof starts);
    assert_int_equal(br_ssl_client_reset(&p->client, host, resume), 1);
    p->sent = 0;
}

static size_t part_of(struct pair *p, size_t len)
{
    if (p->part_max == 0 || len == 0)
        return len;
    size_t most = len < p->part_max ? len : p->part_max;
    p->random = p->random * 6364136223846793005u + 1442695040888963407u;
    return p->part_max == 1 ? 1 : 1 + (size_t)((p->random >> 33) % most);
}

static size_t to_server(struct pair *p)
{
    size_t len = 0;
    size_t room_bytes;
    const unsigned char *bytes = br_ssl_engine_sendrec_buf(&p->client.eng, &len);
    char *room = tls_session_in(p->session, &room_bytes);
    if (bytes == NULL || room == NULL)
        return 0;
    size_t part = part_of(p, len < room_bytes ? len : room_bytes);
    memcpy(room, bytes, part);
    if (p->damage_at >= p->sent && p->damage_at < p->sent + (int)part)
        room[p->damage_at - p->sent] ^= 0x20;
    p->sent += (int)part;
    br_ssl_engine_sendrec_ack(&p->client.eng, part);
    tls_session_received(p->session, part);
    return part;
}

static size_t to_client(struct pair *p)
{
    struct span out = tls_session_out(p->session);
    size_t room_bytes;
    unsigned char *room = br_ssl_engine_recvrec_buf(&p->client.eng, &room_bytes);
    if (out.len == 0 || room == NULL)
        return 0;
    size_t part = part_of(p, out.len < room_bytes ? out.len : room_bytes);
    memcpy(room, out.ptr, part);
    tls_session_sent(p->session, part);
    br_ssl_engine_recvrec_ack(&p->client.eng, part);
    return part;
}

/* Moves records both ways until nothing moves. */
static void pump(struct pair *p)
{
    for (int i = 0; i < ROUNDS_MAX; i++)
        if (to_server(p) + to_client(p) == 0)
            return;
    fail_msg("the engines talk without end");
}

static void shake(struct pair *p, const struct tls_server_options *o)
{
    tls_server_start(p->server, o);
    pump(p);
}

static void expect_open(struct pair *p)
{
    assert_string_equal(tls_err_text(tls_session_err(p->session)), tls_err_text(TLS_OK));
    assert_int_equal(br_ssl_engine_last_error(&p->client.eng), 0);
    assert_int_equal(tls_session_state(p->session), TLS_OPEN);
    assert_true((br_ssl_engine_current_state(&p->client.eng) & BR_SSL_SENDAPP) != 0);
}

static void expect_failure(struct pair *p, enum tls_err err)
{
    size_t room_bytes;
    assert_int_equal(tls_session_state(p->session), TLS_FAILED);
    assert_string_equal(tls_err_text(tls_session_err(p->session)), tls_err_text(err));
    assert_null(tls_session_room(p->session, &room_bytes));
    assert_null(tls_session_in(p->session, &room_bytes));
}

/* A request of any size, and as much back. */
static void exchange(struct pair *p, size_t bytes)
{
    size_t sent = 0;
    size_t echoed = 0;
    size_t got = 0;
    for (int i = 0; i < ROUNDS_MAX && got < bytes; i++) {
        size_t room_bytes;
        unsigned char *room = br_ssl_engine_sendapp_buf(&p->client.eng, &room_bytes);
        if (room != NULL && sent < bytes) {
            size_t part = bytes - sent < room_bytes ? bytes - sent : room_bytes;
            for (size_t k = 0; k < part; k++)
                room[k] = (unsigned char)((sent + k) % 251);
            br_ssl_engine_sendapp_ack(&p->client.eng, part);
            br_ssl_engine_flush(&p->client.eng, 0);
            sent += part;
        }
        pump(p);
        struct span heard = tls_session_plain(p->session);
        char *answer = tls_session_room(p->session, &room_bytes);
        if (heard.len > 0 && answer != NULL) {
            size_t part = heard.len < room_bytes ? heard.len : room_bytes;
            memcpy(answer, heard.ptr, part);
            tls_session_wrote(p->session, part);
            tls_session_flush(p->session);
            tls_session_consume(p->session, part);
            echoed += part;
        }
        pump(p);
        size_t len;
        unsigned char *plain = br_ssl_engine_recvapp_buf(&p->client.eng, &len);
        if (plain != NULL) {
            for (size_t k = 0; k < len; k++)
                assert_int_equal(plain[k], (got + k) % 251);
            got += len;
            br_ssl_engine_recvapp_ack(&p->client.eng, len);
        }
    }
    assert_int_equal(got, bytes);
    assert_int_equal(echoed, bytes);
}

static void every_suite_with_its_key(void **state)
{
    struct pair *p = *state;
    for (size_t i = 0; i < ARRAY_LEN(suites); i++) {
        bool ec = i < 3;
        struct tls_server_options o = options(ec ? ec_identity : rsa_identity);
        client_init(p, ec ? ec_anchors : rsa_anchors);
        br_ssl_engine_set_suites(&p->client.eng, &suites[i], 1);
        client_start(p, TLS_PEER_HOST, false);
        shake(p, &o);
        expect_open(p);
        assert_false(tls_server_resumed(p->session));
        exchange(p, 100000); /* records of 16 KB one way, of 2 KB the other */
    }
}

/* Keys of the other sizes; the certificate is its own anchor. */
static void every_size_of_key(void **state)
{
    struct pair *p = *state;
    static const char *const files[][2] = {{"big.pem", "big.key"}, {"p384.pem", "p384-sec1.key"}};
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct tls_identity *id = identity(files[i][0], NULL, files[i][1]);
        struct tls_server_options o = options(id);
        client_init(p, tls_peer_anchors(files[i][0]));
        client_start(p, TLS_PEER_HOST, false);
        shake(p, &o);
        expect_open(p);
        exchange(p, 1000);
        free(id);
    }
}

static void at_any_split(void **state)
{
    struct pair *p = *state;
    static const size_t parts[] = {1, 3, 17, 500, 5000};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        struct tls_server_options o = options(i % 2 == 0 ? ec_identity : rsa_identity);
        p->part_max = parts[i];
        client_init(p, i % 2 == 0 ? ec_anchors : rsa_anchors);
        client_start(p, TLS_PEER_HOST, false);
        shake(p, &o);
        expect_open(p);
        exchange(p, 3000);
    }
}

static void the_board_orders_the_suites(void **state)
{
    struct pair *p = *state;
    for (int aes_first = 0; aes_first < 2; aes_first++) {
        br_ssl_session_parameters session;
        struct tls_server_options o = options(ec_identity);
        o.aes_first = aes_first;
        client_init(p, ec_anchors);
        client_start(p, TLS_PEER_HOST, false);
        shake(p, &o);
        expect_open(p);
        br_ssl_engine_get_session_parameters(&p->client.eng, &session);
        assert_int_equal(session.cipher_suite,
                         aes_first ? BR_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
                                   : BR_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256);
    }
}

static void clients_without_a_common_suite(void **state)
{
    struct pair *p = *state;
    static const uint16_t old[] = {BR_TLS_RSA_WITH_AES_128_GCM_SHA256,
                                   BR_TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA};
    struct tls_server_options o = options(rsa_identity);
    client_init(p, rsa_anchors);
    br_ssl_engine_set_suites(&p->client.eng, old, ARRAY_LEN(old));
    client_start(p, TLS_PEER_HOST, false);
    shake(p, &o);
    expect_failure(p, TLS_ERR_CLIENT_SUITES);
    assert_int_equal(br_ssl_engine_last_error(&p->client.eng), 256 + BR_ALERT_HANDSHAKE_FAILURE);
    /* A client for RSA keys only, and a server with an EC key. */
    o = options(ec_identity);
    client_init(p, ec_anchors);
    br_ssl_engine_set_suites(&p->client.eng, suites + 3, 3);
    client_start(p, TLS_PEER_HOST, false);
    shake(p, &o);
    expect_failure(p, TLS_ERR_CLIENT_SUITES);
}

/* BearSSL's own alert has no version yet, so that no old client understands it: the first bytes are
 * judged before, and answered with ours. */
static void old_clients_are_told(void **state)
{
    struct pair *p = *state;
    struct tls_server_options o = options(rsa_identity);
    size_t len;
    size_t room_bytes;
    size_t need;
    client_init(p, rsa_anchors);
    br_ssl_engine_set_versions(&p->client.eng, BR_TLS10, BR_TLS11);
    client_start(p, TLS_PEER_HOST, false);
    const unsigned char *hello = br_ssl_engine_sendrec_buf(&p->client.eng, &len);
    assert_int_equal(tls_hello_look(span_of((const char *)hello, len), &need), TLS_HELLO_OLD);
    tls_server_start(p->server, &o);
    while (to_server(p) > 0)
        ;
    tls_session_sent(p->session, tls_session_out(p->session).len);
    expect_failure(p, TLS_ERR_CLIENT_OLD);
    unsigned char *room = br_ssl_engine_recvrec_buf(&p->client.eng, &room_bytes);
    for (size_t i = 0; i < TLS_ALERT_BYTES;
         room = br_ssl_engine_recvrec_buf(&p->client.eng, &len)) {
        *room = (unsigned char)tls_hello_alert[i++];
        br_ssl_engine_recvrec_ack(&p->client.eng, 1);
    }
    assert_int_equal(br_ssl_engine_last_error(&p->client.eng), 256 + BR_ALERT_PROTOCOL_VERSION);
}

static void a_client_that_does_not_trust(void **state)
{
    struct pair *p = *state;
    struct tls_server_options o = options(ec_identity);
    client_init(p, rsa_anchors);
    client_start(p, TLS_PEER_HOST, false);
    tls_server_start(p->server, &o);
    pump(p);
    assert_int_equal(br_ssl_engine_last_error(&p->client.eng), BR_ERR_X509_NOT_TRUSTED);
    tls_session_eof(p->session); /* BearSSL's client leaves without a word */
    expect_failure(p, TLS_ERR_TRUNCATED);
}

/* Any name is answered; what it is worth is for the client to judge. */
static void another_name_is_fine(void **state)
{
    struct pair *p = *state;
    struct tls_server_options o = options(ec_identity);
    client_init(p, ec_anchors);
    client_start(p, NULL, false); /* neither asked for nor verified */
    shake(p, &o);
    expect_open(p);
    o = options(ec_identity);
    client_start(p, "elsewhere.example", false);
    tls_server_start(p->server, &o);
    pump(p);
    assert_int_equal(br_ssl_engine_last_error(&p->client.eng), BR_ERR_X509_BAD_SERVER_NAME);
}

static void sessions_are_resumed(void **state)
{
    struct pair *p = *state;
    br_ssl_session_parameters kept[SESSIONS + 1];
    struct tls_server_options o;
    client_init(p, ec_anchors);
    for (size_t i = 0; i < SESSIONS + 1; i++) {
        o = options(ec_identity);
        client_start(p, TLS_PEER_HOST, false);
        shake(p, &o);
        expect_open(p);
        br_ssl_engine_get_session_parameters(&p->client.eng, &kept[i]);
        assert_int_equal(kept[i].session_id_len, 32);
    }
    for (size_t i = 1; i < SESSIONS + 1; i++) {
        o = options(ec_identity);
        br_ssl_engine_set_session_parameters(&p->client.eng, &kept[i]);
        client_start(p, TLS_PEER_HOST, true);
        shake(p, &o);
        expect_open(p);
        assert_true(tls_server_resumed(p->session));
        exchange(p, 5000);
    }
    /* The oldest made room; one of another day and one from before the certificate changed. */
    for (int way = 0; way < 3; way++) {
        o = options(ec_identity);
        o.now_ms += way == 1 ? TLS_SESSION_LIFE_MS + 1 : 0;
        if (way == 2)
            tls_sessions_forget(sessions);
        br_ssl_engine_set_session_parameters(&p->client.eng, &kept[way == 0 ? 0 : SESSIONS]);
        client_start(p, TLS_PEER_HOST, true);
        shake(p, &o);
        expect_open(p);
        assert_false(tls_server_resumed(p->session));
    }
}

static void an_orderly_end_of_either_side(void **state)
{
    struct pair *p = *state;
    for (int by_server = 0; by_server < 2; by_server++) {
        struct tls_server_options o = options(ec_identity);
        client_init(p, ec_anchors);
        client_start(p, TLS_PEER_HOST, false);
        shake(p, &o);
        expect_open(p);
        if (by_server)
            tls_session_close(p->session);
        else
            br_ssl_engine_close(&p->client.eng);
        pump(p);
        assert_int_equal(tls_session_state(p->session), TLS_CLOSED);
        assert_int_equal(tls_session_err(p->session), TLS_OK);
        assert_int_equal(br_ssl_engine_last_error(&p->client.eng), 0);
    }
}

static void no_renegotiation(void **state)
{
    struct pair *p = *state;
    struct tls_server_options o = options(ec_identity);
    client_init(p, ec_anchors);
    client_start(p, TLS_PEER_HOST, false);
    shake(p, &o);
    expect_open(p);
    (void)br_ssl_engine_renegotiate(&p->client.eng);
    pump(p);
    assert_int_equal(tls_session_state(p->session), TLS_OPEN);
    assert_false(tls_server_resumed(p->session));
}

/* Every byte of a client's handshake once another one, and every cut: it fails, and nothing else.
 */
static void damaged_handshakes(void **state)
{
    struct pair *p = *state;
    int whole;
    struct tls_server_options o = options(ec_identity);
    client_init(p, ec_anchors);
    client_start(p, TLS_PEER_HOST, false);
    shake(p, &o);
    expect_open(p);
    whole = p->sent;
    for (int at = 0; at < whole; at += at < 160 ? 1 : 3) {
        client_init(p, ec_anchors);
        p->damage_at = at;
        client_start(p, TLS_PEER_HOST, false);
        o = options(ec_identity);
        shake(p, &o);
        tls_session_eof(p->session);
        assert_int_equal(tls_session_state(p->session), TLS_FAILED);
    }
}

static void wiped_slots_hold_nothing(void **state)
{
    struct pair *p = *state;
    struct tls_server_options o = options(rsa_identity);
    client_init(p, rsa_anchors);
    client_start(p, TLS_PEER_HOST, false);
    shake(p, &o);
    tls_session_wipe(p->session);
    for (size_t i = 0; i < tls_server_bytes(); i++)
        assert_int_equal(((const char *)p->server)[i], 0);
    assert_true(tls_server_bytes() < 24 * 1024);
}

/* ---- the first bytes ---- */

static size_t hello_of(struct pair *p, char *out, const uint16_t *versions, size_t count)
{
    size_t len;
    client_init(p, ec_anchors);
    client_start(p, TLS_PEER_HOST, false);
    const unsigned char *bytes = br_ssl_engine_sendrec_buf(&p->client.eng, &len);
    memcpy(out, bytes, len);
    if (count == 0)
        return len;
    /* supported_versions behind the other extensions; three lengths grow with it. */
    size_t more = 5 + 2 * count;
    uint8_t *at = (uint8_t *)out;
    size_t extensions = 5 + 4 + 2 + 32 + 1;
    extensions += 2 + (size_t)(at[extensions] << 8 | at[extensions + 1]) + 2;
    for (size_t i = 0; i < 3; i++) {
        size_t where = i == 0 ? 3 : i == 1 ? 7 : extensions;
        size_t value = (size_t)(at[where] << 8 | at[where + 1]) + more;
        at[where] = (uint8_t)(value >> 8);
        at[where + 1] = (uint8_t)value;
    }
    at[len++] = 0;
    at[len++] = 43;
    at[len++] = 0;
    at[len++] = (uint8_t)(1 + 2 * count);
    at[len++] = (uint8_t)(2 * count);
    for (size_t i = 0; i < count; i++) {
        at[len++] = (uint8_t)(versions[i] >> 8);
        at[len++] = (uint8_t)versions[i];
    }
    return len;
}

static void first_bytes_are_judged(void **state)
{
    struct pair *p = *state;
    static const struct {
        uint16_t versions[3];
        size_t count;
        enum tls_hello is;
    } cases[] = {
        {{0}, 0, TLS_HELLO_WHOLE},
        {{0x0304, 0x0303}, 2, TLS_HELLO_WHOLE},
        {{0x3a3a, 0x0304, 0x0303}, 3, TLS_HELLO_WHOLE}, /* GREASE */
        {{0x0304}, 1, TLS_HELLO_NEW},
        {{0x3a3a, 0x0304}, 2, TLS_HELLO_NEW},
        {{0x0302, 0x0301}, 2, TLS_HELLO_OLD},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char bytes[2048];
        size_t need = 0;
        size_t len = hello_of(p, bytes, cases[i].versions, cases[i].count);
        for (size_t part = 0; part < len; part++) {
            assert_int_equal(tls_hello_look(span_of(bytes, part), &need), TLS_HELLO_MORE);
            assert_int_equal(need, part < 5 ? 5 : len);
        }
        assert_int_equal(tls_hello_look(span_of(bytes, len), &need), cases[i].is);
    }
    {
        char bytes[2048];
        size_t need;
        size_t len = hello_of(p, bytes, NULL, 0);
        bytes[10] = 2; /* TLS 1.1 */
        assert_int_equal(tls_hello_look(span_of(bytes, len), &need), TLS_HELLO_OLD);
        assert_int_equal(tls_hello_look(SPAN("G"), &need), TLS_HELLO_HTTP);
        assert_int_equal(tls_hello_look(SPAN("POST / HTTP/1.1\r\n"), &need), TLS_HELLO_HTTP);
        assert_int_equal(tls_hello_look(SPAN("\x80\x2e\x01\x03\x01"), &need), TLS_HELLO_UNKNOWN);
        assert_int_equal(tls_hello_look(SPAN("\x16\x03\x01\x1f\xfc"), &need), TLS_HELLO_UNKNOWN);
        assert_int_equal(tls_hello_look(SPAN("\x16\x03\x01\x1f\xfb"), &need), TLS_HELLO_MORE);
        assert_int_equal(need, TLS_HELLO_BYTES_MAX);
        assert_int_equal(tls_hello_look(SPAN("\x16\x03\x01\x00\x00"), &need), TLS_HELLO_UNKNOWN);
        /* A record with a part of a message: the session puts it together. */
        assert_int_equal(tls_hello_look(SPAN("\x16\x03\x01\x00\x02\x01\x00"), &need),
                         TLS_HELLO_WHOLE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_suite_with_its_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_size_of_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(at_any_split, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_board_orders_the_suites, set_up, tear_down),
        cmocka_unit_test_setup_teardown(clients_without_a_common_suite, set_up, tear_down),
        cmocka_unit_test_setup_teardown(old_clients_are_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_client_that_does_not_trust, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_name_is_fine, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sessions_are_resumed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_orderly_end_of_either_side, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_renegotiation, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damaged_handshakes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(wiped_slots_hold_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(first_bytes_are_judged, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, load, NULL);
}
