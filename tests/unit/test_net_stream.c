/* Streams on the fake machine: plain ones, and TLS against a real server engine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../sim/fake_net.c"
#include "../sim/fake_sys.c"
#include "../sim/fake_tls.h"
#include "base/pool.h"
#include "net/stream.h"

enum { TLS_SLOTS = 2, MEMORY_BYTES = 131072, TEXT_BYTES = 50000, TURNS_MAX = 400000 };

struct bench {
    struct net_addr addr;
    struct stream stream;
    struct fake_tls server;
    struct pool pool;
    struct arena arena;
    char heard[TEXT_BYTES]; /* by the server */
    size_t heard_len;
    bool echoes;
    struct fake_tls_connection *connection;
    char text[TEXT_BYTES];
    _Alignas(16) char memory[MEMORY_BYTES];
};

static struct tls_chain identity;
static const struct tls_anchors *anchors;

static void on_text(void *ctx, struct fake_tls_connection *c, struct span text)
{
    struct bench *b = ctx;
    assert_true(b->heard_len + text.len <= sizeof b->heard);
    memcpy(b->heard + b->heard_len, text.ptr, text.len);
    b->heard_len += text.len;
    b->connection = c;
    if (b->echoes)
        fake_tls_send(c, text);
}

static int load(void **state)
{
    (void)state;
    tls_chain_load(&identity, "ec-leaf.pem", "ec-inter.pem", "ec-leaf.key", true);
    anchors = tls_peer_anchors("ec-root.pem");
    return 0;
}

static int set_up(void **state)
{
    static struct bench b;
    memset(&b, 0, sizeof b);
    fake_reset(3);
    assert_true(net_addr_scan(SPAN("192.0.2.1:443"), &b.addr));
    arena_wrap(&b.arena, b.memory, sizeof b.memory);
    assert_true(pool_carve(&b.pool, &b.arena, "tls", TLS_SLOTS, tls_client_bytes()));
    stream_init(&b.stream);
    for (size_t i = 0; i < TEXT_BYTES; i++)
        b.text[i] = (char)(i * 31 % 256);
    *state = &b;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *b = *state;
    stream_close(&b->stream);
    stream_close(&b->stream); /* idempotent */
    assert_false(stream_is_open(&b->stream));
    assert_int_equal(fake_open_count(), 0);
    assert_int_equal(b->pool.in_use, 0);
    fake_reset(0);
    return 0;
}

/* Waits as the loop would: for exactly the events that the stream asks for. */
static void wait_for(struct bench *b, bool want_read, bool want_write)
{
    struct pollfd fd = {.fd = b->stream.fd,
                        .events = stream_events(&b->stream, want_read, want_write)};
    assert_int_not_equal(fd.events, 0);
    if (sys_poll(&fd, 1, 1000) == 0)
        fail_msg("the stream waits for what does not come");
}

static void connect_plain(struct bench *b, int *handle)
{
    struct pollfd fd;
    fake_listen(&b->addr);
    fd.fd = sys_connect(&b->addr);
    fd.events = POLLOUT;
    assert_true(fd.fd >= 0);
    assert_int_equal(sys_poll(&fd, 1, 1000), 1);
    assert_int_equal(sys_connect_result(fd.fd), 0);
    stream_plain(&b->stream, fd.fd);
    *handle = fake_accept(&b->addr);
    assert_int_not_equal(*handle, 0);
}

static int shake(struct bench *b)
{
    for (int i = 0; i < TURNS_MAX; i++) {
        int rc = stream_handshake(&b->stream);
        if (rc != STREAM_AGAIN)
            return rc;
        wait_for(b, false, false);
    }
    fail_msg("a handshake without end");
    return STREAM_FAILED;
}

static int open_tls(struct bench *b, const char *host)
{
    struct pollfd fd;
    struct tls_client_options o = {
        .anchors = anchors, .host = host, .unix_s = sys_wall_ms() / 1000};
    fake_tls_start(&b->server, &b->addr, &identity, on_text, b);
    fd.fd = sys_connect(&b->addr);
    fd.events = POLLOUT;
    assert_int_equal(sys_poll(&fd, 1, 1000), 1);
    struct tls_client *slot = pool_take(&b->pool);
    assert_non_null(slot);
    tls_client_start(slot, &o);
    stream_tls(&b->stream, fd.fd, tls_client_session(slot), &b->pool);
    return shake(b);
}

static void write_all(struct bench *b, size_t len)
{
    struct span rest = span_of(b->text, len);
    for (int i = 0; i < TURNS_MAX && rest.len > 0; i++) {
        int64_t put = stream_write(&b->stream, rest);
        assert_true(put == STREAM_AGAIN || put > 0);
        if (put > 0)
            rest = span_part(rest, (size_t)put, rest.len);
        else
            wait_for(b, false, true);
    }
    assert_int_equal(rest.len, 0);
    for (int i = 0; i < TURNS_MAX && stream_flush(&b->stream) == STREAM_AGAIN; i++)
        wait_for(b, false, false);
    assert_int_equal(stream_flush(&b->stream), 0);
}

static void read_all(struct bench *b, size_t len)
{
    size_t got = 0;
    for (int i = 0; i < TURNS_MAX && got < len; i++) {
        char part[1000];
        int64_t n = stream_read(&b->stream, part, sizeof part);
        assert_true(n == STREAM_AGAIN || n > 0);
        if (n > 0) {
            assert_memory_equal(part, b->text + got, (size_t)n);
            got += (size_t)n;
        } else {
            assert_false(stream_has_unread(&b->stream));
            wait_for(b, true, false);
        }
    }
    assert_int_equal(got, len);
}

static void plain_bytes_go_both_ways(void **state)
{
    struct bench *b = *state;
    int handle;
    char byte;
    connect_plain(b, &handle);
    assert_int_equal(stream_handshake(&b->stream), 0);
    assert_int_equal(stream_events(&b->stream, true, false), POLLIN);
    assert_int_equal(stream_events(&b->stream, false, true), POLLOUT);
    assert_int_equal(stream_events(&b->stream, true, true), POLLIN | POLLOUT);
    assert_int_equal(stream_events(&b->stream, false, false), 0);
    assert_int_equal(stream_read(&b->stream, &byte, 1), STREAM_AGAIN);
    assert_int_equal(stream_write(&b->stream, SPAN_EMPTY), 0);
    for (int chop = FAKE_WHOLE; chop <= FAKE_RANDOM; chop++) {
        fake_set_chop((enum fake_chop)chop);
        fake_send(handle, span_of(b->text, 3000));
        read_all(b, 3000);
        write_all(b, 3000);
        assert_int_equal(fake_received(handle).len, 3000);
        assert_memory_equal(fake_received(handle).ptr, b->text, 3000);
        fake_consume(handle, 3000);
    }
}

static void plain_ends_are_told_apart(void **state)
{
    struct bench *b = *state;
    int handle;
    char byte;
    connect_plain(b, &handle);
    fake_shutdown(handle);
    wait_for(b, true, false);
    assert_int_equal(stream_read(&b->stream, &byte, 1), STREAM_EOF);
    assert_int_equal(stream_write(&b->stream, SPAN("x")), 1); /* half-open */
    assert_int_equal(b->stream.err, NET_OK);
    fake_break(handle);
    assert_int_equal(stream_write(&b->stream, SPAN("x")), STREAM_FAILED);
    assert_int_equal(b->stream.err, NET_ERR_RESET);
}

static void a_full_peer_is_waited_for(void **state)
{
    struct bench *b = *state;
    int handle;
    connect_plain(b, &handle);
    fake_window(handle, 10);
    assert_int_equal(stream_write(&b->stream, span_of(b->text, 100)), 10);
    assert_int_equal(stream_write(&b->stream, span_of(b->text + 10, 90)), STREAM_AGAIN);
    fake_consume(handle, 4);
    assert_int_equal(stream_write(&b->stream, span_of(b->text + 10, 90)), 4);
}

static void tls_bytes_go_both_ways(void **state)
{
    struct bench *b = *state;
    for (int chop = FAKE_WHOLE; chop <= FAKE_RANDOM; chop++) {
        size_t len = chop == FAKE_BYTES ? 3000 : TEXT_BYTES;
        fake_set_chop((enum fake_chop)chop);
        assert_int_equal(open_tls(b, TLS_PEER_HOST), 0);
        b->echoes = true;
        b->heard_len = 0;
        write_all(b, len);
        read_all(b, len);
        assert_int_equal(b->heard_len, len);
        assert_memory_equal(b->heard, b->text, len);
        stream_close(&b->stream);
    }
}

/* One record of 16 KB decrypted at once: poll knows nothing of what is left of it. */
static void unread_plain_text_is_known(void **state)
{
    struct bench *b = *state;
    char part[1000];
    assert_int_equal(open_tls(b, TLS_PEER_HOST), 0);
    b->echoes = true;
    write_all(b, 3000);
    wait_for(b, true, false);
    assert_int_equal(stream_read(&b->stream, part, sizeof part), sizeof part);
    assert_true(stream_has_unread(&b->stream));
    assert_int_equal(stream_events(&b->stream, true, false) & POLLIN, 0);
}

static void a_full_peer_blocks_tls_as_well(void **state)
{
    struct bench *b = *state;
    size_t done = 0;
    assert_int_equal(open_tls(b, TLS_PEER_HOST), 0);
    b->server.mute = true;
    fake_window(b->server.connections[0].handle, 6000);
    for (int i = 0; i < 100; i++) {
        int64_t put = stream_write(&b->stream, span_of(b->text + done, TEXT_BYTES - done));
        if (put == STREAM_AGAIN)
            break;
        assert_true(put > 0);
        done += (size_t)put;
    }
    /* The window and one record of ours, no more: memory stays bounded. */
    assert_true(done <= 6000 + 4096);
    assert_int_equal(stream_flush(&b->stream), STREAM_AGAIN);
    assert_int_equal(stream_events(&b->stream, false, false), POLLOUT);
    b->server.mute = false;
    fake_tls_pump(&b->server.connections[0]);
    fake_window(b->server.connections[0].handle, FAKE_WINDOW_BYTES);
    struct pollfd none = {.fd = -1};
    while (stream_flush(&b->stream) == STREAM_AGAIN)
        wait_for(b, false, false);
    (void)sys_poll(&none, 1, 0);
    assert_int_equal(b->heard_len, done);
}

static void an_orderly_end_of_tls_is_eof(void **state)
{
    struct bench *b = *state;
    char part[100];
    assert_int_equal(open_tls(b, TLS_PEER_HOST), 0);
    write_all(b, 10);
    wait_for(b, false, true);
    fake_tls_send(b->connection, SPAN("last words"));
    fake_tls_close(b->connection);
    fake_close(b->connection->handle); /* so that our own goodbye meets a closed door */
    wait_for(b, true, false);
    assert_int_equal(stream_read(&b->stream, part, sizeof part), 10);
    assert_int_equal(stream_read(&b->stream, part, sizeof part), STREAM_EOF);
    assert_int_equal(b->stream.err, NET_OK);
}

static void a_cut_stream_is_truncated(void **state)
{
    struct bench *b = *state;
    char part[100];
    assert_int_equal(open_tls(b, TLS_PEER_HOST), 0);
    write_all(b, 10);
    wait_for(b, false, true);
    fake_tls_send(b->connection, SPAN("half of an answ"));
    fake_close(b->connection->handle);
    wait_for(b, true, false);
    assert_int_equal(stream_read(&b->stream, part, sizeof part), 15);
    assert_int_equal(stream_read(&b->stream, part, sizeof part), STREAM_FAILED);
    assert_int_equal(b->stream.err, NET_ERR_TLS);
    assert_int_equal(b->stream.tls_err, TLS_ERR_TRUNCATED);
}

static void an_early_answer_can_be_read_though_writing_fails(void **state)
{
    struct bench *b = *state;
    char part[100];
    assert_int_equal(open_tls(b, TLS_PEER_HOST), 0);
    write_all(b, 10);
    wait_for(b, false, true);
    fake_tls_send(b->connection, SPAN("413"));
    fake_tls_close(b->connection);
    fake_close(b->connection->handle);
    int64_t put = 0;
    for (int i = 0; i < 10 && put >= 0; i++)
        put = stream_write(&b->stream, span_of(b->text, 1000));
    assert_int_equal(put, STREAM_FAILED);
    wait_for(b, true, false);
    assert_int_equal(stream_read(&b->stream, part, sizeof part), 3);
    assert_int_equal(stream_read(&b->stream, part, sizeof part), STREAM_EOF);
}

static void a_failed_handshake_says_why(void **state)
{
    struct bench *b = *state;
    assert_int_equal(open_tls(b, "wrong.test.example"), STREAM_FAILED);
    assert_int_equal(b->stream.err, NET_ERR_TLS);
    assert_int_equal(b->stream.tls_err, TLS_ERR_WRONG_HOST);
    stream_close(&b->stream);
    fake_set_wall_ms(0);
    assert_int_equal(open_tls(b, TLS_PEER_HOST), STREAM_FAILED);
    assert_int_equal(b->stream.tls_err, TLS_ERR_NOT_YET_VALID);
}

/* At every byte of the handshake and of the first answer, both ways, cut or reset. */
static void a_connection_may_break_at_any_byte(void **state)
{
    struct bench *b = *state;
    fake_set_chop(FAKE_RANDOM);
    for (uint64_t at = 0; at < 1600; at += 13) {
        for (int way = 0; way < 4; way++) {
            struct pollfd fd = {.events = POLLOUT};
            struct tls_client_options o = {
                .anchors = anchors, .host = TLS_PEER_HOST, .unix_s = sys_wall_ms() / 1000};
            fake_tls_start(&b->server, &b->addr, &identity, on_text, b);
            fd.fd = sys_connect(&b->addr);
            assert_int_equal(sys_poll(&fd, 1, 1000), 1);
            fake_cut(b->server.connections[0].handle,
                     way % 2 == 0 ? FAKE_TO_PROGRAM : FAKE_FROM_PROGRAM, at,
                     way / 2 == 0 ? FAKE_FIN : FAKE_RST);
            struct tls_client *slot = pool_take(&b->pool);
            tls_client_start(slot, &o);
            stream_tls(&b->stream, fd.fd, tls_client_session(slot), &b->pool);
            b->heard_len = 0;
            if (shake(b) == 0) {
                char part[100];
                int64_t n = stream_write(&b->stream, span_of(b->text, 100));
                for (int i = 0; i < 100 && n != STREAM_FAILED && n != STREAM_EOF; i++) {
                    struct pollfd p = {.fd = b->stream.fd,
                                       .events = stream_events(&b->stream, true, false)};
                    (void)sys_poll(&p, 1, 10);
                    n = stream_flush(&b->stream) == STREAM_FAILED
                            ? STREAM_FAILED
                            : stream_read(&b->stream, part, sizeof part);
                }
            } else {
                assert_int_not_equal(b->stream.err, NET_OK);
            }
            stream_close(&b->stream);
            assert_int_equal(b->pool.in_use, 0);
        }
    }
}

static void closing_says_goodbye(void **state)
{
    struct bench *b = *state;
    struct pollfd none = {.fd = -1};
    assert_int_equal(open_tls(b, TLS_PEER_HOST), 0);
    br_ssl_server_context *peer = &b->server.connections[0].peer.ssl;
    stream_close(&b->stream);
    (void)sys_poll(&none, 1, 0);
    assert_int_equal(br_ssl_engine_current_state(&peer->eng), BR_SSL_CLOSED);
    assert_int_equal(br_ssl_engine_last_error(&peer->eng), BR_ERR_OK);
}

/* Empty records without an end keep nobody in stream_read: there are other streams. */
static void empty_records_take_turns(void **state)
{
    struct bench *b = *state;
    char part[10];
    int turns = 0;
    assert_int_equal(open_tls(b, TLS_PEER_HOST), 0);
    struct fake_tls_connection *c = &b->server.connections[0];
    for (int i = 0; i < 300; i++) {
        br_ssl_engine_flush(&c->peer.ssl.eng, 1);
        struct span out = tls_peer_out(&c->peer);
        assert_true(out.len > 0);
        fake_send(c->handle, out);
        br_ssl_engine_sendrec_ack(&c->peer.ssl.eng, out.len);
    }
    fake_tls_send(c, SPAN("end"));
    for (;; turns++) {
        wait_for(b, true, false); /* what was left in the socket is told again */
        int64_t n = stream_read(&b->stream, part, sizeof part);
        if (n == 3)
            break;
        assert_int_equal(n, STREAM_AGAIN);
    }
    assert_memory_equal(part, "end", 3);
    assert_true(turns >= 4 && turns < 20);
}

#define STREAM_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STREAM_TEST(plain_bytes_go_both_ways),
        STREAM_TEST(plain_ends_are_told_apart),
        STREAM_TEST(a_full_peer_is_waited_for),
        STREAM_TEST(tls_bytes_go_both_ways),
        STREAM_TEST(unread_plain_text_is_known),
        STREAM_TEST(a_full_peer_blocks_tls_as_well),
        STREAM_TEST(an_orderly_end_of_tls_is_eof),
        STREAM_TEST(a_cut_stream_is_truncated),
        STREAM_TEST(an_early_answer_can_be_read_though_writing_fails),
        STREAM_TEST(a_failed_handshake_says_why),
        STREAM_TEST(a_connection_may_break_at_any_byte),
        STREAM_TEST(closing_says_goodbye),
        STREAM_TEST(empty_records_take_turns),
    };
    return cmocka_run_group_tests(tests, load, NULL);
}
