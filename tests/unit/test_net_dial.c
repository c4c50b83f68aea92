/* Dialling and idle connections on the fake machine, with real lookups and real TLS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../sim/fake_dns.h"
#include "../sim/fake_net.c"
#include "../sim/fake_sys.c"
#include "../sim/fake_tls.h"
#include "net/idle.h"

enum {
    DIALS_MAX = 6,
    TLS_SLOTS = 4,
    IDLE_ENTRIES = 3,
    MEMORY_BYTES = 512 * 1024,
    TIMEOUT_MS = 10000,
    TURNS_MAX = 100000,
};

struct caller {
    struct dial dial;
    struct stream stream;
    struct net_addr peer;
    struct bench *bench;
    int done;
    int64_t done_ms;
    enum dial_state state;
};

struct bench {
    struct arena arena;
    struct loop loop;
    struct dialer dialer;
    struct pool pool;
    struct idle *idle;
    struct fake_dns dns;
    struct fake_tls server;
    struct net_addr v4;
    struct net_addr v6;
    struct endpoint endpoint;
    int64_t start_ms;
    struct caller callers[DIALS_MAX];
    _Alignas(16) char memory[MEMORY_BYTES];
};

static struct tls_chain identity;
static const struct tls_anchors *anchors;

static int load(void **state)
{
    (void)state;
    tls_chain_load(&identity, "ec-leaf.pem", "ec-inter.pem", "ec-leaf.key", true);
    anchors = tls_peer_anchors("ec-root.pem");
    return 0;
}

static void on_text(void *ctx, struct fake_tls_connection *c, struct span text)
{
    (void)ctx;
    (void)c;
    (void)text;
}

static void on_done(void *ctx, int64_t now_ms)
{
    struct caller *c = ctx;
    c->done++;
    c->done_ms = now_ms;
    c->state = dial_state(&c->dial);
    if (c->state == DIAL_READY)
        dial_take(&c->dial, &c->stream, &c->peer);
}

static int set_up(void **state)
{
    static struct bench b;
    memset(&b, 0, sizeof b);
    fake_reset(11);
    arena_wrap(&b.arena, b.memory, sizeof b.memory);
    assert_true(loop_carve(&b.loop, &b.arena, 64));
    assert_true(pool_carve(&b.pool, &b.arena, "tls", TLS_SLOTS, tls_client_bytes()));
    b.dialer.loop = &b.loop;
    b.dialer.resolver = arena_carve(&b.arena, "resolver", 1, resolver_bytes());
    assert_non_null(b.dialer.resolver);
    resolver_init(b.dialer.resolver, &b.loop, "/nonexistent/resolv.conf", "/nonexistent/hosts");
    b.dialer.tls_pool = &b.pool;
    b.dialer.anchors = anchors;
    assert_true(idle_carve(&b.idle, &b.arena, &b.loop, &b.dialer, IDLE_ENTRIES));
    for (size_t i = 0; i < DIALS_MAX; i++) {
        void *storage = arena_carve(&b.arena, "lookup", 1, resolve_bytes());
        assert_non_null(storage);
        dial_init(&b.callers[i].dial, &b.dialer, storage);
        stream_init(&b.callers[i].stream);
        b.callers[i].bench = &b;
    }
    assert_true(net_addr_scan(SPAN("192.0.2.1:443"), &b.v4));
    assert_true(net_addr_scan(SPAN("[2001:db8::1]:443"), &b.v6));
    fake_dns_start(&b.dns, "127.0.0.1");
    memcpy(b.endpoint.host, TLS_PEER_HOST, sizeof TLS_PEER_HOST);
    b.endpoint.port = 443;
    b.endpoint.connect_timeout_ms = TIMEOUT_MS;
    *state = &b;
    return 0;
}

/* Whatever happened: nothing is left behind. */
static int tear_down(void **state)
{
    struct bench *b = *state;
    for (size_t i = 0; i < DIALS_MAX; i++) {
        dial_cancel(&b->callers[i].dial);
        dial_cancel(&b->callers[i].dial);
        stream_close(&b->callers[i].stream);
    }
    idle_drop_all(b->idle);
    assert_int_equal(idle_count(b->idle, NULL), 0);
    assert_int_equal(b->loop.count, 0);
    assert_int_equal(b->pool.in_use, 0);
    assert_int_equal(fake_open_count(), 0);
    assert_null(b->dialer.handshaking);
    assert_null(b->dialer.waiting_first);
    assert_null(b->dialer.waiting_last);
    fake_reset(0);
    return 0;
}

static void serve_tls(struct bench *b)
{
    b->endpoint.tls = true;
    fake_dns_add(&b->dns, TLS_PEER_HOST, "192.0.2.1");
    fake_tls_start(&b->server, &b->v4, &identity, on_text, b);
}

static void start(struct bench *b, size_t i)
{
    struct caller *c = &b->callers[i];
    c->done = 0;
    b->start_ms = fake_now_ms();
    dial_start(&c->dial, &b->endpoint, on_done, c, fake_now_ms());
    assert_int_equal(c->done, 0); /* never from inside */
}

static void wait_for(struct bench *b, size_t i)
{
    struct caller *c = &b->callers[i];
    for (int turn = 0; turn < TURNS_MAX && c->done == 0; turn++) {
        loop_turn(&b->loop);
        assert_false(fake_stuck());
    }
    assert_int_equal(c->done, 1);
}

static int64_t dial(struct bench *b, size_t i)
{
    start(b, i);
    wait_for(b, i);
    return b->callers[i].done_ms - b->start_ms;
}

static void expect_failure(struct bench *b, enum net_err err)
{
    assert_int_equal(b->callers[0].state, DIAL_FAILED);
    assert_string_equal(net_err_text(dial_err(&b->callers[0].dial)), net_err_text(err));
    assert_int_equal(fake_open_count(), 0);
    assert_int_equal(b->loop.count, 0);
}

static void expect_detail(struct bench *b, const char *text)
{
    char detail[512];
    struct fmt f;
    fmt_init(&f, detail, sizeof detail);
    dial_detail(&b->callers[0].dial, &f);
    assert_true(fmt_ok(&f));
    assert_string_equal(fmt_cstr(&f), text);
}

/* ---- connecting ---- */

static void a_plain_dial_gives_a_stream(void **state)
{
    struct bench *b = *state;
    fake_dns_add(&b->dns, TLS_PEER_HOST, "192.0.2.1");
    fake_listen(&b->v4);
    assert_int_equal(dial(b, 0), 0);
    assert_int_equal(b->callers[0].state, DIAL_READY);
    assert_true(net_addr_equal(&b->callers[0].peer, &b->v4));
    assert_int_equal(stream_write(&b->callers[0].stream, SPAN("hello")), 5);
    assert_int_equal(fake_received(fake_accept(&b->v4)).len, 5);
    assert_int_equal(dial_state(&b->callers[0].dial), DIAL_IDLE);
}

static void failures_have_their_names(void **state)
{
    struct bench *b = *state;
    assert_int_equal(dial(b, 0), 0);
    expect_failure(b, NET_ERR_NO_NAME);
    fake_dns_add(&b->dns, TLS_PEER_HOST, "192.0.2.1");
    assert_int_equal(dial(b, 0), 0);
    expect_failure(b, NET_ERR_REFUSED);
    expect_detail(b, TLS_PEER_HOST ": connection refused; nothing listens on that port: check the "
                                   "url and whether the server runs");
    fake_unreachable(&b->v4);
    assert_int_equal(dial(b, 0), 0);
    expect_failure(b, NET_ERR_UNREACHABLE);
    fake_silent(&b->v4);
    assert_int_equal(dial(b, 0), TIMEOUT_MS);
    expect_failure(b, NET_ERR_TIMEOUT);
    b->dns.mode = FAKE_DNS_SILENT;
    b->endpoint.connect_timeout_ms = 1000; /* shorter than the resolver's own */
    assert_int_equal(dial(b, 0), 1000);
    expect_failure(b, NET_ERR_RESOLVER);
}

static void a_dead_ipv6_does_not_delay(void **state)
{
    struct bench *b = *state;
    fake_dns_add(&b->dns, TLS_PEER_HOST, "2001:db8::1");
    fake_dns_add(&b->dns, TLS_PEER_HOST, "192.0.2.1");
    fake_listen(&b->v4);
    fake_unreachable(&b->v6); /* no route */
    assert_int_equal(dial(b, 0), 0);
    assert_int_equal(b->callers[0].state, DIAL_READY);
    stream_close(&b->callers[0].stream);
    fake_refuse(&b->v6);
    assert_int_equal(dial(b, 0), 0);
    assert_int_equal(b->callers[0].state, DIAL_READY);
    stream_close(&b->callers[0].stream);
    fake_silent(&b->v6); /* a black hole */
    assert_int_equal(dial(b, 0), DIAL_HEAD_START_MS);
    assert_int_equal(b->callers[0].state, DIAL_READY);
    assert_true(net_addr_equal(&b->callers[0].peer, &b->v4));
    assert_int_equal(fake_open_count(), 1); /* the loser is closed */
}

static void the_first_that_answers_wins(void **state)
{
    struct bench *b = *state;
    fake_dns_add(&b->dns, TLS_PEER_HOST, "2001:db8::1");
    fake_dns_add(&b->dns, TLS_PEER_HOST, "192.0.2.1");
    fake_listen(&b->v6);
    fake_delay(&b->v6, DIAL_HEAD_START_MS + 50);
    fake_listen(&b->v4);
    fake_delay(&b->v4, 100);
    assert_int_equal(dial(b, 0), DIAL_HEAD_START_MS + 50);
    assert_true(net_addr_equal(&b->callers[0].peer, &b->v6));
    assert_int_equal(fake_open_count(), 1);
}

static void many_addresses_are_tried_in_turn(void **state)
{
    static const char *const addresses[] = {"192.0.2.11", "192.0.2.12", "192.0.2.13",
                                            "192.0.2.14", "192.0.2.15", "192.0.2.1"};
    struct bench *b = *state;
    for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
        struct net_addr a;
        assert_true(net_addr_scan_host(span_str(addresses[i]), &a));
        a.port = 443;
        fake_silent(&a);
        fake_dns_add(&b->dns, TLS_PEER_HOST, addresses[i]);
    }
    fake_listen(&b->v4);
    /* All attempts are taken by black holes: the time-out is told, not a hang. */
    assert_int_equal(dial(b, 0), TIMEOUT_MS);
    expect_failure(b, NET_ERR_TIMEOUT);
    for (size_t i = 0; i < ARRAY_LEN(addresses) - 1; i++) {
        struct net_addr a;
        assert_true(net_addr_scan_host(span_str(addresses[i]), &a));
        a.port = 443;
        fake_refuse(&a);
    }
    assert_int_equal(dial(b, 0), 0);
    assert_int_equal(b->callers[0].state, DIAL_READY);
}

static void an_unreachable_address_is_asked_for_anew(void **state)
{
    struct bench *b = *state;
    fake_dns_add(&b->dns, TLS_PEER_HOST, "192.0.2.9");
    assert_int_equal(dial(b, 0), 0);
    expect_failure(b, NET_ERR_REFUSED);
    b->dns.count = 0; /* the vendor moved */
    fake_dns_add(&b->dns, TLS_PEER_HOST, "192.0.2.1");
    fake_listen(&b->v4);
    assert_int_equal(dial(b, 0), 0);
    assert_int_equal(b->callers[0].state, DIAL_READY);
}

/* ---- TLS ---- */

static void sessions_are_resumed(void **state)
{
    struct bench *b = *state;
    serve_tls(b);
    for (uint32_t i = 0; i < 4; i++) {
        (void)dial(b, 0);
        assert_int_equal(b->callers[0].state, DIAL_READY);
        assert_int_equal(b->endpoint.handshakes_full, 1);
        assert_int_equal(b->endpoint.handshakes_resumed, i);
        stream_close(&b->callers[0].stream);
    }
}

static void one_full_handshake_at_a_time(void **state)
{
    struct bench *b = *state;
    serve_tls(b);
    for (size_t i = 0; i < TLS_SLOTS; i++)
        start(b, i);
    size_t most = 0;
    for (int turn = 0; turn < TURNS_MAX && b->callers[TLS_SLOTS - 1].done == 0; turn++) {
        size_t shaking = 0;
        loop_turn(&b->loop);
        for (size_t i = 0; i < TLS_SLOTS; i++)
            shaking += b->callers[i].dial.state == DIAL_HANDSHAKE;
        bool full = !b->endpoint.resumes;
        most = full && shaking > most ? shaking : most;
    }
    assert_int_equal(most, 1);
    for (size_t i = 0; i < TLS_SLOTS; i++) {
        wait_for(b, i);
        assert_int_equal(b->callers[i].state, DIAL_READY);
    }
    assert_int_equal(b->endpoint.handshakes_full, 1); /* the others found its session */
    assert_int_equal(b->endpoint.handshakes_resumed, TLS_SLOTS - 1);
}

static void a_slow_peer_loses_its_turn(void **state)
{
    struct bench *b = *state;
    serve_tls(b);
    b->server.mute = true;
    start(b, 0);
    fake_settle(&b->loop);
    assert_ptr_equal(b->dialer.handshaking, &b->callers[0].dial);
    start(b, 1);
    fake_settle(&b->loop);
    assert_int_equal(b->callers[1].dial.state, DIAL_TURN);
    fake_run(&b->loop, DIAL_TURN_MS - 1);
    assert_int_equal(b->callers[1].dial.state, DIAL_TURN);
    b->server.mute = false; /* for the next one, that is */
    fake_run(&b->loop, 1);
    wait_for(b, 1);
    assert_int_equal(b->callers[1].state, DIAL_READY);
    assert_int_equal(b->callers[0].dial.state, DIAL_HANDSHAKE); /* it goes on beside */
    fake_tls_pump(&b->server.connections[0]);
    wait_for(b, 0);
    assert_int_equal(b->callers[0].state, DIAL_READY);
}

static void a_handshake_without_answer_times_out(void **state)
{
    struct bench *b = *state;
    serve_tls(b);
    b->server.mute = true;
    assert_int_equal(dial(b, 0), TIMEOUT_MS);
    expect_failure(b, NET_ERR_TIMEOUT);
    assert_int_equal(b->pool.in_use, 0);
}

static void without_a_slot_a_dial_waits(void **state)
{
    struct bench *b = *state;
    serve_tls(b);
    for (size_t i = 0; i < TLS_SLOTS; i++)
        (void)dial(b, i);
    assert_int_equal(b->pool.in_use, TLS_SLOTS);
    start(b, TLS_SLOTS);
    fake_run(&b->loop, 1000);
    assert_int_equal(b->callers[TLS_SLOTS].done, 0);
    stream_close(&b->callers[1].stream);
    dialer_slot_free(&b->dialer, fake_now_ms());
    wait_for(b, TLS_SLOTS);
    assert_int_equal(b->callers[TLS_SLOTS].state, DIAL_READY);
    start(b, 1);
    wait_for(b, 1); /* nobody gives one back: the deadline does */
    assert_int_equal(b->callers[1].state, DIAL_FAILED);
    assert_int_equal(dial_err(&b->callers[1].dial), NET_ERR_SLOTS);
    assert_int_equal(b->callers[1].done_ms - b->start_ms, TIMEOUT_MS);
}

static void an_idle_connection_gives_up_its_slot(void **state)
{
    struct bench *b = *state;
    serve_tls(b);
    for (size_t i = 0; i < TLS_SLOTS; i++)
        (void)dial(b, i);
    idle_put(b->idle, &b->endpoint, &b->callers[0].stream, &b->v4, fake_now_ms());
    assert_int_equal(idle_count(b->idle, &b->endpoint), 1);
    (void)dial(b, TLS_SLOTS);
    assert_int_equal(b->callers[TLS_SLOTS].state, DIAL_READY);
    assert_int_equal(idle_count(b->idle, NULL), 0);
}

static void certificate_errors_tell_the_owner_what_to_do(void **state)
{
    struct bench *b = *state;
    serve_tls(b);
    (void)dial(b, 0);
    stream_close(&b->callers[0].stream);
    assert_true(b->endpoint.resume.valid);
    fake_dns_add(&b->dns, "wrong.test.example", "192.0.2.1");
    memcpy(b->endpoint.host, "wrong.test.example", sizeof "wrong.test.example");
    memset(&b->server.lru, 0, sizeof b->server.lru);
    br_ssl_session_cache_lru_init(&b->server.lru, b->server.sessions, sizeof b->server.sessions);
    (void)dial(b, 0);
    expect_failure(b, NET_ERR_TLS);
    assert_int_equal(b->callers[0].dial.tls_err, TLS_ERR_WRONG_HOST);
    assert_false(b->endpoint.resume.valid); /* a failed handshake forgets the session */
    expect_detail(b, "wrong.test.example: its certificate is for another host; check the url; a "
                     "captive portal or a rewriting DNS gives this too");
}

static void on_hello_alert(void *ctx, int handle, struct span unused)
{
    (void)ctx;
    (void)unused;
    fake_send(handle, SPAN("\x15\x03\x03\x00\x02\x02\x46")); /* fatal, protocol_version */
    fake_close(handle);
}

static void a_server_of_tls_13_only_is_said_so(void **state)
{
    struct bench *b = *state;
    serve_tls(b);
    fake_serve(&b->v4, &(struct fake_service){.data = on_hello_alert});
    (void)dial(b, 0);
    expect_failure(b, NET_ERR_TLS);
    expect_detail(b,
                  TLS_PEER_HOST ": it does not speak TLS 1.2 (alert 70); it wants TLS 1.3, which "
                                "is not supported yet: reach it through a local proxy that "
                                "speaks it");
}

static void an_unset_clock_is_not_a_bad_certificate(void **state)
{
    struct bench *b = *state;
    serve_tls(b);
    b->dialer.clock_floor_unix_ms = FAKE_START_WALL_MS;
    fake_set_wall_ms(0);
    (void)dial(b, 0);
    expect_failure(b, NET_ERR_CLOCK);
    b->endpoint.tls = false; /* plain text needs no clock */
    (void)dial(b, 0);
    assert_int_equal(b->callers[0].state, DIAL_READY);
    stream_close(&b->callers[0].stream);
    b->endpoint.tls = true;
    fake_set_wall_ms(FAKE_START_WALL_MS); /* NTP came */
    (void)dial(b, 0);
    assert_int_equal(b->callers[0].state, DIAL_READY);
}

static void a_dial_can_be_cancelled_at_any_turn(void **state)
{
    struct bench *b = *state;
    serve_tls(b);
    fake_set_chop(FAKE_RANDOM);
    fake_dns_add(&b->dns, TLS_PEER_HOST, "2001:db8::1");
    fake_silent(&b->v6);
    for (int turns = 0; turns < 400; turns++) {
        start(b, 0);
        start(b, 1);
        for (int i = 0; i < turns && b->callers[0].done + b->callers[1].done < 2; i++)
            loop_turn(&b->loop);
        for (size_t i = 0; i < 2; i++) {
            dial_cancel(&b->callers[turns % 2 == 0 ? i : 1 - i].dial);
            stream_close(&b->callers[i].stream);
        }
        assert_int_equal(b->loop.count, 0);
        assert_int_equal(fake_open_count(), 0);
        assert_int_equal(b->pool.in_use, 0);
        assert_null(b->dialer.handshaking);
        assert_null(b->dialer.waiting_first);
    }
    assert_true(b->endpoint.handshakes_full > 0);
}

static void cancelling_passes_the_turn_on(void **state)
{
    struct bench *b = *state;
    serve_tls(b);
    b->server.mute = true;
    for (size_t i = 0; i < 4; i++)
        start(b, i);
    fake_settle(&b->loop);
    struct dial *first = b->dialer.handshaking;
    assert_non_null(first);
    struct dial *second = b->dialer.waiting_first;
    struct dial *third = second->waiting_next;
    dial_cancel(third); /* out of the middle of the queue */
    dial_cancel(first);
    b->server.mute = false;
    fake_settle(&b->loop);
    int ready = 0;
    for (size_t i = 0; i < 4; i++)
        ready += b->callers[i].done == 1 && b->callers[i].state == DIAL_READY;
    assert_int_equal(ready, 2);
}

static void any_resource_may_be_missing(void **state)
{
    struct bench *b = *state;
    serve_tls(b);
    for (int nth = 1; nth <= 2; nth++) {
        resolver_forget(b->dialer.resolver, TLS_PEER_HOST);
        fake_fail_descriptor_at(nth);
        (void)dial(b, 0);
        expect_failure(b, nth == 1 ? NET_ERR_RESOLVER : NET_ERR_SLOTS);
        fake_fail_descriptor_at(0);
    }
    b->pool.fail_at = 1;
    start(b, 0);
    fake_settle(&b->loop);
    assert_int_equal(b->callers[0].dial.state, DIAL_TURN);
    dialer_slot_free(&b->dialer, fake_now_ms());
    wait_for(b, 0);
    assert_int_equal(b->callers[0].state, DIAL_READY);
}

/* ---- behind a proxy ---- */

/* A proxy of HTTP in front of the TLS server: the first head is its own. */
static void on_proxy_data(void *ctx, int handle, struct span unused)
{
    struct bench *b = ctx;
    struct span in = fake_received(handle);
    if (!span_starts(in, SPAN("CONNECT "))) {
        fake_tls_on_data(&b->server, handle, unused);
        return;
    }
    if (!span_ends(in, SPAN("\r\n\r\n")))
        return;
    assert_true(span_starts(in, SPAN("CONNECT " TLS_PEER_HOST ":443 HTTP/1.1\r\n")));
    fake_consume(handle, in.len);
    fake_send(handle, SPAN("HTTP/1.1 200 Go on\r\n\r\n"));
}

static void on_proxy_open(void *ctx, int handle)
{
    fake_tls_on_open(&((struct bench *)ctx)->server, handle);
}

static void on_proxy_closed(void *ctx, int handle)
{
    fake_tls_on_closed(&((struct bench *)ctx)->server, handle);
}

static void tls_runs_through_a_proxy(void **state)
{
    static struct proxy proxy;
    struct bench *b = *state;
    char text[128];
    struct fmt why;
    fmt_init(&why, text, sizeof text);
    serve_tls(b);
    b->dns.count = 0; /* the proxy alone is looked up here */
    fake_dns_add(&b->dns, "proxy.test.example", "192.0.2.1");
    fake_serve(&b->v4, &(struct fake_service){.open = on_proxy_open,
                                              .data = on_proxy_data,
                                              .closed = on_proxy_closed,
                                              .ctx = b});
    assert_true(proxy_parse(&proxy, SPAN("http://proxy.test.example:443"), &why));
    b->endpoint.proxy = &proxy;
    for (enum fake_chop chop = FAKE_WHOLE; chop <= FAKE_RANDOM; chop++) {
        fake_set_chop(chop);
        (void)dial(b, 0);
        assert_int_equal(b->callers[0].state, DIAL_READY);
        stream_close(&b->callers[0].stream);
    }
    assert_int_equal(b->endpoint.handshakes_full, 1);
    assert_int_equal(b->endpoint.handshakes_resumed, 2);
    fake_refuse(&b->v4);
    (void)dial(b, 0);
    expect_failure(b, NET_ERR_REFUSED);
    expect_detail(b, TLS_PEER_HOST ": the proxy proxy.test.example:443: connection refused; "
                                   "nothing listens on that port: check the url and whether the "
                                   "server runs");
    b->dns.count = 0;
    (void)dial(b, 0);
    expect_failure(b, NET_ERR_NO_NAME);
}

/* ---- idle connections ---- */

static int keep(struct bench *b, size_t i)
{
    (void)dial(b, i);
    assert_int_equal(b->callers[i].state, DIAL_READY);
    int handle = fake_accept(&b->v4);
    idle_put(b->idle, &b->endpoint, &b->callers[i].stream, &b->callers[i].peer, fake_now_ms());
    assert_false(stream_is_open(&b->callers[i].stream));
    return handle;
}

static void serve_plain(struct bench *b)
{
    fake_dns_add(&b->dns, TLS_PEER_HOST, "192.0.2.1");
    fake_listen(&b->v4);
}

static void the_newest_is_taken_first(void **state)
{
    struct bench *b = *state;
    struct stream s;
    struct net_addr peer;
    struct endpoint other = b->endpoint;
    serve_plain(b);
    int first = keep(b, 0);
    int second = keep(b, 1);
    assert_false(idle_take(b->idle, &other, &s, &peer));
    assert_true(idle_take(b->idle, &b->endpoint, &s, &peer));
    assert_true(net_addr_equal(&peer, &b->v4));
    assert_int_equal(stream_write(&s, SPAN("x")), 1);
    assert_int_equal(fake_received(second).len, 1);
    assert_int_equal(fake_received(first).len, 0);
    stream_close(&s);
    assert_int_equal(idle_count(b->idle, &b->endpoint), 1);
}

static void idle_connections_end_by_themselves(void **state)
{
    struct bench *b = *state;
    serve_plain(b);
    fake_close(keep(b, 0));
    fake_settle(&b->loop);
    assert_int_equal(idle_count(b->idle, NULL), 0);
    fake_break(keep(b, 0));
    fake_settle(&b->loop);
    assert_int_equal(idle_count(b->idle, NULL), 0);
    fake_send(keep(b, 0), SPAN("HTTP/1.1 408 Request Timeout\r\n\r\n"));
    fake_settle(&b->loop);
    assert_int_equal(idle_count(b->idle, NULL), 0);
    (void)keep(b, 0);
    fake_run(&b->loop, IDLE_TIMEOUT_MS - 1);
    assert_int_equal(idle_count(b->idle, NULL), 1);
    fake_run(&b->loop, 1);
    assert_int_equal(idle_count(b->idle, NULL), 0);
    assert_int_equal(fake_open_count(), 0);
}

static void a_full_table_drops_the_oldest(void **state)
{
    struct bench *b = *state;
    int handles[IDLE_ENTRIES + 1];
    serve_plain(b);
    for (size_t i = 0; i < ARRAY_LEN(handles); i++)
        handles[i] = keep(b, i);
    assert_int_equal(idle_count(b->idle, NULL), IDLE_ENTRIES);
    assert_true(fake_saw_fin(handles[0]));
    assert_false(fake_saw_fin(handles[1]));
    assert_false(idle_shed(b->idle)); /* none of them holds a TLS slot */
}

static void all_of_one_endpoint_are_dropped(void **state)
{
    struct bench *b = *state;
    struct endpoint other = b->endpoint;
    serve_plain(b);
    (void)keep(b, 0);
    (void)keep(b, 1);
    (void)dial(b, 2);
    idle_put(b->idle, &other, &b->callers[2].stream, &b->v4, fake_now_ms());
    idle_drop(b->idle, &b->endpoint);
    assert_int_equal(idle_count(b->idle, NULL), 1);
    assert_int_equal(idle_count(b->idle, &other), 1);
    idle_drop_all(b->idle);
    assert_int_equal(fake_open_count(), 0);
}

static void every_error_has_words(void **state)
{
    (void)state;
    for (int i = NET_OK + 1; i < NET_ERR_COUNT; i++) {
        assert_true(strlen(net_err_text((enum net_err)i)) > 0);
        assert_true(strlen(net_err_advice((enum net_err)i)) > 0);
    }
}

#define DIAL_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        DIAL_TEST(a_plain_dial_gives_a_stream),
        DIAL_TEST(failures_have_their_names),
        DIAL_TEST(a_dead_ipv6_does_not_delay),
        DIAL_TEST(the_first_that_answers_wins),
        DIAL_TEST(many_addresses_are_tried_in_turn),
        DIAL_TEST(an_unreachable_address_is_asked_for_anew),
        DIAL_TEST(sessions_are_resumed),
        DIAL_TEST(one_full_handshake_at_a_time),
        DIAL_TEST(a_slow_peer_loses_its_turn),
        DIAL_TEST(a_handshake_without_answer_times_out),
        DIAL_TEST(without_a_slot_a_dial_waits),
        DIAL_TEST(an_idle_connection_gives_up_its_slot),
        DIAL_TEST(certificate_errors_tell_the_owner_what_to_do),
        DIAL_TEST(a_server_of_tls_13_only_is_said_so),
        DIAL_TEST(tls_runs_through_a_proxy),
        DIAL_TEST(an_unset_clock_is_not_a_bad_certificate),
        DIAL_TEST(a_dial_can_be_cancelled_at_any_turn),
        DIAL_TEST(cancelling_passes_the_turn_on),
        DIAL_TEST(any_resource_may_be_missing),
        DIAL_TEST(the_newest_is_taken_first),
        DIAL_TEST(idle_connections_end_by_themselves),
        DIAL_TEST(a_full_table_drops_the_oldest),
        DIAL_TEST(all_of_one_endpoint_are_dropped),
        DIAL_TEST(every_error_has_words),
    };
    return cmocka_run_group_tests(tests, load, NULL);
}
