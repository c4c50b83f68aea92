/* The TLS client against a real server engine, both in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tls/certificate.h"
#include "tls_peer.h"

enum { ROUNDS_MAX = 100000 };

struct pair {
    struct tls_client *client;
    struct tls_session *session; /* of the client */
    struct tls_peer peer;
    uint64_t random;
    size_t part_max; /* at most this many bytes move at a time; 0 = as they are */
    bool cut;        /* the way to the client is closed */
};

static uint64_t next_random(struct pair *p)
{
    p->random = p->random * 6364136223846793005u + 1442695040888963407u;
    return p->random >> 33;
}

static size_t part_of(struct pair *p, size_t len)
{
    if (p->part_max == 0 || len == 0)
        return len;
    size_t most = len < p->part_max ? len : p->part_max;
    return p->part_max == 1 ? 1 : 1 + (size_t)(next_random(p) % most);
}

static struct tls_chain ec_identity;
static struct tls_chain rsa_identity;
static const struct tls_anchors *ec_anchors;
static const struct tls_anchors *rsa_anchors;

static int load(void **state)
{
    (void)state;
    tls_chain_load(&ec_identity, "ec-leaf.pem", "ec-inter.pem", "ec-leaf.key", true);
    tls_chain_load(&rsa_identity, "rsa-leaf.pem", NULL, "rsa-leaf.key", false);
    ec_anchors = tls_peer_anchors("ec-root.pem");
    rsa_anchors = tls_peer_anchors("rsa-root.pem");
    return 0;
}

static int set_up(void **state)
{
    static struct pair p;
    memset(&p, 0, sizeof p);
    p.client = calloc(1, tls_client_bytes());
    assert_non_null(p.client);
    p.session = tls_client_session(p.client);
    p.random = 1;
    *state = &p;
    return 0;
}

static int tear_down(void **state)
{
    struct pair *p = *state;
    free(p->client);
    return 0;
}

static struct tls_client_options options(const struct tls_anchors *anchors)
{
    return (struct tls_client_options){
        .anchors = anchors,
        .host = TLS_PEER_HOST,
        .unix_s = TLS_PEER_NOW_S,
        .entropy = {1, 2, 3},
    };
}

/* Moves records both ways until nothing moves. */
static void pump(struct pair *p)
{
    for (int i = 0; i < ROUNDS_MAX; i++) {
        struct span out = tls_session_out(p->session);
        size_t moved = tls_peer_in(&p->peer, span_part(out, 0, part_of(p, out.len)));
        tls_session_sent(p->session, moved);
        struct span in = p->cut ? SPAN_EMPTY : tls_peer_out(&p->peer);
        size_t room_bytes;
        char *room = tls_session_in(p->session, &room_bytes);
        if (room != NULL && in.len > 0) {
            size_t part = part_of(p, in.len < room_bytes ? in.len : room_bytes);
            memcpy(room, in.ptr, part);
            br_ssl_engine_sendrec_ack(&p->peer.ssl.eng, part);
            tls_session_received(p->session, part);
            moved += part;
        }
        if (moved == 0)
            return;
    }
    fail_msg("the engines talk without end");
}

static void shake(struct pair *p, const struct tls_chain *id, const struct tls_client_options *o)
{
    tls_peer_init(&p->peer, id);
    tls_peer_accept(&p->peer);
    tls_client_start(p->client, o);
    pump(p);
}

static void expect_open(struct pair *p)
{
    assert_int_equal(tls_session_err(p->session), TLS_OK);
    assert_int_equal(tls_session_state(p->session), TLS_OPEN);
}

static void expect_failure(struct pair *p, enum tls_err err)
{
    size_t room_bytes;
    assert_int_equal(tls_session_state(p->session), TLS_FAILED);
    assert_string_equal(tls_err_text(tls_session_err(p->session)), tls_err_text(err));
    assert_null(tls_session_room(p->session, &room_bytes));
    assert_null(tls_session_in(p->session, &room_bytes));
    assert_int_equal(tls_session_plain(p->session).len, 0);
}

/* A request there and an answer back, of any size. */
static void exchange(struct pair *p, size_t bytes)
{
    size_t sent = 0;
    size_t echoed = 0;
    size_t got = 0;
    for (int i = 0; i < ROUNDS_MAX && got < bytes; i++) {
        size_t room_bytes;
        char *room = tls_session_room(p->session, &room_bytes);
        if (room != NULL && sent < bytes) {
            size_t part = bytes - sent < room_bytes ? bytes - sent : room_bytes;
            for (size_t k = 0; k < part; k++)
                room[k] = (char)((sent + k) % 251);
            tls_session_wrote(p->session, part);
            tls_session_flush(p->session);
            sent += part;
        }
        pump(p);
        struct span heard = tls_peer_plain(&p->peer);
        size_t taken = heard.len > 0 ? tls_peer_write(&p->peer, heard) : 0;
        if (taken > 0) {
            tls_peer_consume(&p->peer, taken);
            echoed += taken;
        }
        pump(p);
        struct span plain = tls_session_plain(p->session);
        for (size_t k = 0; k < plain.len; k++)
            assert_int_equal((unsigned char)plain.ptr[k], (got + k) % 251);
        got += plain.len;
        tls_session_consume(p->session, plain.len);
    }
    assert_int_equal(sent, bytes);
    assert_int_equal(echoed, bytes);
    assert_int_equal(got, bytes);
}

static void an_ec_chain_is_verified(void **state)
{
    struct pair *p = *state;
    struct tls_client_options o = options(ec_anchors);
    shake(p, &ec_identity, &o);
    expect_open(p);
    assert_false(tls_client_resumed(p->session));
    exchange(p, 100);
    exchange(p, 100000);
}

static struct span written(struct fmt *f, void (*write)(struct span, struct fmt *),
                           struct span what)
{
    f->len = 0;
    write(what, f);
    return fmt_span(f);
}

/* What is shown is kept, whether it is liked or not, and says whose it is. */
static void a_chain_is_shown(void **state)
{
    static struct tls_shown shown;
    struct pair *p = *state;
    struct tls_client_options o = options(ec_anchors);
    struct tls_certificate c;
    char text[256];
    struct fmt f;
    fmt_init(&f, text, sizeof text);
    o.shown = &shown;
    for (int i = 0; i < 2; i++) {
        shake(p, &ec_identity, &o);
        assert_int_equal(shown.count, 2);
        assert_true(tls_certificate_read(shown.certificates[0].der, &c));
        assert_true(
            span_equal(written(&f, tls_certificate_fmt_name, c.subject), SPAN("api.test.example")));
        assert_true(span_equal(written(&f, tls_certificate_fmt_name, c.issuer),
                               SPAN("Test EC Intermediate")));
        assert_true(span_equal(written(&f, tls_certificate_fmt_hosts, c.hosts),
                               SPAN("api.test.example, *.wild.test.example")));
        assert_int_equal(shown.certificates[0].begins_unix_s, INT64_C(1577836800)); /* 2020-01-01 */
        assert_int_equal(shown.certificates[0].ends_unix_s, INT64_C(2524607999));
        assert_false(tls_anchors_have(o.anchors, c.subject));
        assert_false(tls_anchors_have(o.anchors, c.issuer));
        assert_true(tls_certificate_read(shown.certificates[1].der, &c));
        assert_int_equal(tls_anchors_have(o.anchors, c.issuer), i == 0);
        if (i == 0) {
            expect_open(p);
            f.len = 0;
            tls_session_fmt_suite(p->session, &f);
            assert_true(span_equal(fmt_span(&f), SPAN("ECDHE-ECDSA-CHACHA20-POLY1305")));
        }
        o.anchors = rsa_anchors;
    }
    expect_failure(p, TLS_ERR_UNKNOWN_ISSUER);
    for (size_t i = 0; i < shown.certificates[0].der.len;
         i++) /* of a part there is nothing to say */
        assert_false(tls_certificate_read(span_part(shown.certificates[0].der, 0, i), &c));
}

static void an_rsa_chain_is_verified(void **state)
{
    struct pair *p = *state;
    struct tls_client_options o = options(rsa_anchors);
    o.aes_first = true;
    shake(p, &rsa_identity, &o);
    expect_open(p);
    exchange(p, 100);
}

static void the_order_of_suites_is_as_told(void **state)
{
    struct pair *p = *state;
    br_ssl_session_parameters session;
    struct tls_client_options o = options(ec_anchors);
    shake(p, &ec_identity, &o);
    br_ssl_engine_get_session_parameters(&p->peer.ssl.eng, &session);
    assert_int_equal(session.version, BR_TLS12);
    assert_int_equal(session.cipher_suite, BR_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256);
    o.aes_first = true;
    shake(p, &ec_identity, &o);
    br_ssl_engine_get_session_parameters(&p->peer.ssl.eng, &session);
    assert_int_equal(session.cipher_suite, BR_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256);
    expect_open(p);
}

static void records_may_come_in_any_pieces(void **state)
{
    static const size_t parts[] = {1, 2, 7, 100, 5000};
    struct pair *p = *state;
    struct tls_client_options o = options(ec_anchors);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        p->part_max = parts[i];
        p->random = i;
        shake(p, &ec_identity, &o);
        expect_open(p);
        exchange(p, 20000);
    }
}

static void names_are_checked(void **state)
{
    static const struct {
        const char *host;
        enum tls_err err;
    } cases[] = {
        {"api.test.example", TLS_OK},
        {"API.Test.Example", TLS_OK},
        {"api.test.example.", TLS_OK},
        {"a.wild.test.example", TLS_OK},
        {"a.b.wild.test.example", TLS_ERR_WRONG_HOST},
        {"wild.test.example", TLS_ERR_WRONG_HOST},
        {"test.example", TLS_ERR_WRONG_HOST},
        {"api.test.example.org", TLS_ERR_WRONG_HOST},
        {"xapi.test.example", TLS_ERR_WRONG_HOST},
        {"localhost", TLS_ERR_WRONG_HOST},
    };
    struct pair *p = *state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct tls_client_options o = options(ec_anchors);
        o.host = cases[i].host;
        shake(p, &ec_identity, &o);
        if (cases[i].err == TLS_OK)
            expect_open(p);
        else
            expect_failure(p, cases[i].err);
    }
}

static void addresses_and_nonsense_are_no_names(void **state)
{
    static const char *const hosts[] = {"127.0.0.1", "::1", "fe80::1%2", "1.2.3.4.", "", "."};
    struct pair *p = *state;
    for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
        struct tls_client_options o = options(ec_anchors);
        o.host = hosts[i];
        tls_client_start(p->client, &o);
        expect_failure(p, TLS_ERR_HOST_IS_ADDRESS);
        assert_int_equal(tls_session_out(p->session).len, 0); /* nothing is even begun */
    }
}

static void dates_are_told_apart(void **state)
{
    static const struct {
        int64_t unix_s;
        enum tls_err err;
    } cases[] = {
        {0, TLS_ERR_NOT_YET_VALID},
        {1577836799, TLS_ERR_NOT_YET_VALID}, /* 2019-12-31T23:59:59 */
        {1577836800, TLS_OK}, /* 2020-01-01T00:00:00, the certificates' first second */
        {2524607999, TLS_OK}, /* 2049-12-31T23:59:59, their last */
        {2524608000, TLS_ERR_EXPIRED},
        {4102444800, TLS_ERR_EXPIRED}, /* 2100 */
    };
    struct pair *p = *state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct tls_client_options o = options(ec_anchors);
        o.unix_s = cases[i].unix_s;
        shake(p, &ec_identity, &o);
        if (cases[i].err == TLS_OK)
            expect_open(p);
        else
            expect_failure(p, cases[i].err);
    }
}

static void unknown_issuers_are_refused(void **state)
{
    struct pair *p = *state;
    struct tls_client_options o = options(rsa_anchors);
    struct tls_chain self;
    shake(p, &ec_identity, &o);
    expect_failure(p, TLS_ERR_UNKNOWN_ISSUER);
    tls_chain_load(&self, "self.pem", NULL, "self.key", true);
    shake(p, &self, &o);
    expect_failure(p, TLS_ERR_UNKNOWN_ISSUER);
    struct tls_anchors *none = calloc(1, tls_anchors_object_bytes());
    assert_non_null(none);
    tls_anchors_start(none, NULL, 0);
    assert_true(tls_anchors_finish(none));
    o.anchors = none;
    shake(p, &ec_identity, &o);
    expect_failure(p, TLS_ERR_UNKNOWN_ISSUER);
    free(none);
}

/* A box on the LAN: its own certificate is in the owner's CA file. */
static void a_self_signed_server_can_be_trusted_by_itself(void **state)
{
    struct pair *p = *state;
    struct tls_client_options o = options(tls_peer_anchors("self.pem"));
    struct tls_chain self;
    tls_chain_load(&self, "self.pem", NULL, "self.key", true);
    shake(p, &self, &o);
    expect_open(p);
    shake(p, &ec_identity, &o); /* and is no CA for others */
    expect_failure(p, TLS_ERR_UNKNOWN_ISSUER);
}

static void bad_chains_are_refused(void **state)
{
    struct pair *p = *state;
    struct tls_chain id;
    struct tls_client_options o = options(ec_anchors);
    tls_chain_load(&id, "ec-leaf.pem", NULL, "ec-leaf.key", true); /* the link is missing */
    shake(p, &id, &o);
    expect_failure(p, TLS_ERR_UNKNOWN_ISSUER);
    tls_chain_load(&id, "ec-leaf.pem", "ec-leaf.pem", "ec-leaf.key", true);
    shake(p, &id, &o);
    expect_failure(p, TLS_ERR_BAD_CHAIN);
    tls_chain_load(&id, "nc-leaf.pem", "nc-inter.pem", "nc-leaf.key", true);
    shake(p, &id, &o);
    expect_failure(p, TLS_ERR_CONSTRAINTS);
    o.anchors = rsa_anchors;
    tls_chain_load(&id, "rsa-weak.pem", NULL, "rsa-weak.key", false);
    shake(p, &id, &o);
    expect_failure(p, TLS_ERR_BAD_CHAIN);
    tls_chain_load(&id, "rsa-leaf.pem", NULL, "rsa-leaf.key", false);
    id.der[id.der_len - 20] ^= 1; /* a bit of the signature: not by that root, then */
    shake(p, &id, &o);
    expect_failure(p, TLS_ERR_UNKNOWN_ISSUER);
    o.anchors = ec_anchors;
    tls_chain_load(&id, "ec-leaf.pem", "ec-inter.pem", "ec-leaf.key", true);
    id.der[id.chain[0].data_len - 5] ^= 1; /* its issuer is there, and did not sign this */
    shake(p, &id, &o);
    expect_failure(p, TLS_ERR_BAD_CHAIN);
}

/* A hostile peer's certificate that goes on after its end, in pieces of every kind. */
static void bytes_after_a_certificate_do_no_harm(void **state)
{
    struct pair *p = *state;
    struct tls_client_options o = options(ec_anchors);
    for (size_t extra = 1; extra <= 3000; extra += 333) {
        struct tls_chain id;
        tls_chain_load(&id, "ec-leaf.pem", NULL, "ec-leaf.key", true);
        id.chain[0].data_len += extra;
        p->part_max = extra % 2 == 0 ? 1 : 700;
        shake(p, &id, &o);
        expect_failure(p, TLS_ERR_BAD_CHAIN);
    }
}

static void feed(struct pair *p, const void *bytes, size_t len)
{
    const char *at = bytes;
    while (len > 0) {
        size_t room_bytes;
        char *room = tls_session_in(p->session, &room_bytes);
        if (room == NULL)
            return;
        size_t part = len < room_bytes ? len : room_bytes;
        memcpy(room, at, part);
        tls_session_received(p->session, part);
        at += part;
        len -= part;
    }
}

static void alerts_are_told_apart(void **state)
{
    static const struct {
        unsigned char alert;
        enum tls_err err;
    } cases[] = {
        {70, TLS_ERR_VERSION}, {40, TLS_ERR_NO_SUITE}, {71, TLS_ERR_NO_SUITE},
        {112, TLS_ERR_ALERT},  {80, TLS_ERR_ALERT},    {48, TLS_ERR_ALERT},
    };
    struct pair *p = *state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct tls_client_options o = options(ec_anchors);
        unsigned char record[] = {21, 3, 3, 0, 2, 2, cases[i].alert};
        tls_client_start(p->client, &o);
        feed(p, record, sizeof record);
        expect_failure(p, cases[i].err);
        assert_int_equal(tls_session_code(p->session), 256 + cases[i].alert);
    }
}

static void what_is_no_tls_is_said_so(void **state)
{
    static const char *const answers[] = {
        "HTTP/1.1 400 Bad Request\r\n\r\nplain HTTP",
        "SSH-2.0-OpenSSH_9\r\n",
        "\x16\x03",
        "220 mail ready\r\n",
        "\x15\x03\x03\x00\x07 nonsense",
    };
    struct pair *p = *state;
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        struct tls_client_options o = options(ec_anchors);
        tls_client_start(p->client, &o);
        feed(p, answers[i], strlen(answers[i]));
        tls_session_eof(p->session);
        assert_int_equal(tls_session_state(p->session), TLS_FAILED);
        assert_int_not_equal(tls_session_err(p->session), TLS_OK);
    }
}

static void a_session_is_resumed(void **state)
{
    struct pair *p = *state;
    struct tls_client_options o = options(ec_anchors);
    struct tls_resume resume;
    memset(&resume, 0, sizeof resume);
    o.resume = &resume; /* not valid yet */
    shake(p, &ec_identity, &o);
    expect_open(p);
    assert_false(tls_client_resumed(p->session));
    tls_client_save(p->session, &resume);
    assert_true(resume.valid);
    for (int i = 0; i < 3; i++) {
        tls_peer_accept(&p->peer);
        tls_client_start(p->client, &o);
        pump(p);
        expect_open(p);
        assert_true(tls_client_resumed(p->session));
        exchange(p, 1000);
    }
    tls_resume_forget(&resume);
    assert_false(resume.valid);
    tls_peer_accept(&p->peer);
    tls_client_start(p->client, &o);
    pump(p);
    expect_open(p);
    assert_false(tls_client_resumed(p->session));
}

static void a_server_that_forgot_the_session_is_verified_anew(void **state)
{
    struct pair *p = *state;
    struct tls_client_options o = options(ec_anchors);
    struct tls_resume resume;
    shake(p, &ec_identity, &o);
    tls_client_save(p->session, &resume);
    o.resume = &resume;
    shake(p, &ec_identity, &o); /* a server that was started again */
    expect_open(p);
    assert_false(tls_client_resumed(p->session));
    o.anchors = rsa_anchors; /* and verified in earnest */
    shake(p, &ec_identity, &o);
    expect_failure(p, TLS_ERR_UNKNOWN_ISSUER);
}

static void the_end_is_orderly_or_truncated(void **state)
{
    struct pair *p = *state;
    struct tls_client_options o = options(ec_anchors);
    shake(p, &ec_identity, &o);
    assert_int_equal(tls_peer_write(&p->peer, SPAN("last words")), 10);
    pump(p);
    br_ssl_engine_close(&p->peer.ssl.eng);
    pump(p);
    assert_int_equal(tls_session_plain(p->session).len,
                     10); /* before the end comes what was said */
    assert_int_equal(tls_session_state(p->session), TLS_OPEN);
    tls_session_consume(p->session, 10);
    pump(p);
    assert_int_equal(tls_session_state(p->session), TLS_CLOSED);
    tls_session_eof(p->session);
    assert_int_equal(tls_session_state(p->session), TLS_CLOSED);
    assert_int_equal(tls_session_err(p->session), TLS_OK);

    shake(p, &ec_identity, &o);
    tls_session_eof(p->session);
    expect_failure(p, TLS_ERR_TRUNCATED);
}

/* The peer's goodbye was read while ours cannot be sent: that is the end all the same. */
static void an_orderly_end_does_not_need_our_goodbye(void **state)
{
    struct pair *p = *state;
    struct tls_client_options o = options(ec_anchors);
    shake(p, &ec_identity, &o);
    br_ssl_engine_close(&p->peer.ssl.eng);
    struct span bye = tls_peer_out(&p->peer);
    feed(p, bye.ptr, bye.len);
    assert_true(tls_session_out(p->session).len > 0);
    assert_int_equal(tls_session_state(p->session), TLS_CLOSED);
    tls_session_eof(p->session);
    assert_int_equal(tls_session_err(p->session), TLS_OK);
}

static void our_own_close_says_goodbye(void **state)
{
    struct pair *p = *state;
    struct tls_client_options o = options(ec_anchors);
    shake(p, &ec_identity, &o);
    tls_session_close(p->session);
    assert_true(tls_session_out(p->session).len > 0);
    pump(p);
    assert_int_equal(br_ssl_engine_last_error(&p->peer.ssl.eng), BR_ERR_OK);
    assert_int_equal(br_ssl_engine_current_state(&p->peer.ssl.eng), BR_SSL_CLOSED);
}

static void cut_off_anywhere_in_the_handshake_is_an_error(void **state)
{
    struct pair *p = *state;
    struct tls_client_options o = options(ec_anchors);
    for (size_t keep = 0; keep < 2000; keep += 61) {
        tls_peer_init(&p->peer, &ec_identity);
        tls_peer_accept(&p->peer);
        tls_client_start(p->client, &o);
        p->cut = true;
        pump(p); /* the ClientHello goes out, nothing comes in */
        struct span flight = tls_peer_out(&p->peer);
        if (keep >= flight.len)
            return;
        feed(p, flight.ptr, keep);
        tls_session_eof(p->session);
        expect_failure(p, TLS_ERR_TRUNCATED);
        p->cut = false;
    }
    fail_msg("the server's flight was never reached in full");
}

static void a_damaged_record_is_refused(void **state)
{
    struct pair *p = *state;
    struct tls_client_options o = options(ec_anchors);
    char record[256];
    shake(p, &ec_identity, &o);
    assert_int_equal(tls_peer_write(&p->peer, SPAN("pay 10 to Bob")), 13);
    struct span out = tls_peer_out(&p->peer);
    assert_true(out.len <= sizeof record);
    memcpy(record, out.ptr, out.len);
    record[8] ^= 1;
    feed(p, record, out.len);
    expect_failure(p, TLS_ERR_PROTOCOL);
}

static void every_error_has_words(void **state)
{
    (void)state;
    for (int i = TLS_OK + 1; i < TLS_ERR_COUNT; i++) {
        assert_true(strlen(tls_err_text((enum tls_err)i)) > 0);
        assert_true(strlen(tls_err_advice((enum tls_err)i)) > 0);
    }
}

static void wiping_leaves_nothing(void **state)
{
    struct pair *p = *state;
    struct tls_client_options o = options(ec_anchors);
    shake(p, &ec_identity, &o);
    tls_session_wipe(p->session);
    const unsigned char *bytes = (const unsigned char *)p->client;
    for (size_t i = 0; i < tls_client_bytes(); i++)
        assert_int_equal(bytes[i], 0);
}

#define TLS_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TLS_TEST(an_ec_chain_is_verified),
        TLS_TEST(a_chain_is_shown),
        TLS_TEST(an_rsa_chain_is_verified),
        TLS_TEST(the_order_of_suites_is_as_told),
        TLS_TEST(records_may_come_in_any_pieces),
        TLS_TEST(names_are_checked),
        TLS_TEST(addresses_and_nonsense_are_no_names),
        TLS_TEST(dates_are_told_apart),
        TLS_TEST(unknown_issuers_are_refused),
        TLS_TEST(a_self_signed_server_can_be_trusted_by_itself),
        TLS_TEST(bad_chains_are_refused),
        TLS_TEST(bytes_after_a_certificate_do_no_harm),
        TLS_TEST(alerts_are_told_apart),
        TLS_TEST(what_is_no_tls_is_said_so),
        TLS_TEST(a_session_is_resumed),
        TLS_TEST(a_server_that_forgot_the_session_is_verified_anew),
        TLS_TEST(the_end_is_orderly_or_truncated),
        TLS_TEST(an_orderly_end_does_not_need_our_goodbye),
        TLS_TEST(our_own_close_says_goodbye),
        TLS_TEST(cut_off_anywhere_in_the_handshake_is_an_error),
        TLS_TEST(a_damaged_record_is_refused),
        TLS_TEST(every_error_has_words),
        TLS_TEST(wiping_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, load, NULL);
}
