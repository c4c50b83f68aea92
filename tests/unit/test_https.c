/* The https listeners of a whole gateway over time: certificates that are exchanged while it runs,
 * the end of a certificate, and handshakes that take turns. Virtual time, no network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../sim/fake_disk.c"
#include "../sim/fake_net.c"
#include "../sim/fake_sys.c"
#include "../sim/fake_tls_client.h"
#include "../sim/scene.c"
#include "config/file.h"
#include "tls/selfsigned.h"

enum { DAY_MS = 86400000, CLIENTS_MAX = 8 };

static struct bench {
    struct scene scene;
    char folder[64];
    char config[1024];
    struct net_addr https;
    struct fake_tls_client *clients[CLIENTS_MAX];
    size_t client_count;
} bench;

static const char *path(const char *name)
{
    static char text[4][128];
    static int at;
    at = (at + 1) % 4;
    snprintf(text[at], sizeof text[at], "%s/%s", bench.folder, name);
    return text[at];
}

static void write_file(const char *name, struct span text)
{
    int fd = open(path(name), O_WRONLY | O_TRUNC | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text.ptr, text.len), text.len);
    close(fd);
}

static void copy_file(const char *name, const char *of)
{
    static char text[TLS_PEER_PEM_BYTES];
    write_file(name, tls_peer_file(of, text));
}

static void write_config(void)
{
    char whole[SCENE_CONFIG_BYTES];
    struct fmt f;
    fmt_init(&f, whole, sizeof whole);
    compose(&f, span_str(bench.config));
    write_file("conf", fmt_span(&f));
}

static int set_up(void **state)
{
    struct scene_options o = {.seed = 1};
    (void)state;
    memset(&bench, 0, sizeof bench);
    strcpy(bench.folder, "/tmp/farthing-test-XXXXXX");
    assert_non_null(mkdtemp(bench.folder));
    copy_file("crt", "ec-chain.pem");
    copy_file("key", "ec-leaf.key");
    snprintf(bench.config, sizeof bench.config,
             "server.listen = https://127.0.0.1:8443\nserver.tls_cert = %s\nserver.tls_key = %s\n"
             "server.memory = 4M\nserver.connections = 16\nserver.tls_connections = 8\n",
             path("crt"), path("key"));
    write_config();
    assert_true(scene_open(&bench.scene, span_str(bench.config), &o));
    bench.scene.serve.config_path = strdup(path("conf"));
    bench.https = bench.scene.gateway->listeners[0].addr;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scene_end(&bench.scene);
    for (size_t i = 0; i < bench.client_count; i++)
        fake_tls_client_free(bench.clients[i]);
    free((char *)bench.scene.serve.config_path);
    unlink(path("crt"));
    unlink(path("key"));
    unlink(path("conf"));
    rmdir(bench.folder);
    return 0;
}

static void settle(void)
{
    bool moved = true;
    while (moved) {
        scene_settle(&bench.scene);
        moved = false;
        for (size_t i = 0; i < bench.client_count; i++)
            moved = fake_tls_client_pump(bench.clients[i]) || moved;
    }
}

static struct fake_tls_client *greet(const char *from)
{
    struct net_addr addr;
    assert_true(net_addr_scan(span_str(from), &addr));
    struct fake_tls_client *t =
        fake_tls_client_new(fake_client_from(&bench.https, &addr), &(struct tls_resume){0});
    bench.clients[bench.client_count++] = t;
    (void)fake_tls_client_out(t);
    t->mute = true;
    settle();
    return t;
}

static void speak(struct fake_tls_client *t)
{
    t->mute = false;
    settle();
}

static bool is_open(struct fake_tls_client *t)
{
    return tls_session_state(t->session) == TLS_OPEN;
}

static void ask(struct fake_tls_client *t)
{
    fake_tls_client_send(t, SPAN("GET /healthz HTTP/1.1\r\nHost: g\r\n\r\n"));
    settle();
    assert_true(span_starts(span_of(t->plain, t->plain_len), SPAN("HTTP/1.1 200 ")));
    fake_tls_client_consume(t, t->plain_len);
}

static bool said(const char *what)
{
    return strstr(bench.scene.said, what) != NULL;
}

static void reload(void)
{
    bench.scene.said_len = 0;
    bench.scene.said[0] = '\0';
    fake_signal(SYS_SIGNAL_RELOAD);
    settle();
}

static void certificates_are_exchanged(void **state)
{
    (void)state;
    struct fake_tls_client *old = greet("10.0.0.1:1");
    speak(old);
    assert_true(is_open(old));
    /* The same files: nothing to tell, and sessions go on. */
    reload();
    assert_true(said("the new configuration is in use"));
    assert_false(said("certificate is in use"));
    /* Others: who connects now sees the new one (which this client does not trust), who is there
     * goes on. */
    copy_file("crt", "self.pem");
    copy_file("key", "self.key");
    reload();
    assert_true(said("the new certificate is in use: api.test.example"));
    ask(old);
    struct fake_tls_client *next = greet("10.0.0.1:2");
    speak(next);
    assert_int_equal(tls_session_err(next->session), TLS_ERR_UNKNOWN_ISSUER);
    fake_close(next->handle);
    settle();
    assert_true(said("client 10.0.0.1: it left in the middle of the TLS handshake"));
    /* And back. */
    copy_file("crt", "ec-chain.pem");
    copy_file("key", "ec-leaf.key");
    reload();
    next = greet("10.0.0.1:3");
    speak(next);
    assert_true(is_open(next));
    ask(next);
    ask(old);
}

static void a_bad_pair_changes_nothing(void **state)
{
    static const struct {
        const char *crt;
        const char *key;
        const char *why;
    } cases[] = {
        {"ec-chain.pem", "rsa-leaf.key", "not the one of the first certificate"},
        {"ec-chain.pem", "rsa-leaf-locked.key", "encrypted"},
        {"ec-leaf.key", "ec-chain.pem", "exchanged"},
        {"ec-chain.pem", "rsa-weak.key", "size"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        copy_file("crt", cases[i].crt);
        copy_file("key", cases[i].key);
        reload();
        assert_true(said(cases[i].why));
        assert_true(said("the old configuration stays"));
        struct fake_tls_client *t = greet("10.0.0.1:4");
        speak(t);
        assert_true(is_open(t));
    }
    unlink(path("key"));
    reload();
    assert_true(said("cannot be read"));
}

/* A handshake keeps the identity that it began with, over one reload and over two. */
static void handshakes_outlive_reloads(void **state)
{
    (void)state;
    struct fake_tls_client *slow = greet("10.0.0.1:5");
    copy_file("crt", "self.pem");
    copy_file("key", "self.key");
    reload();
    assert_true(said("the new certificate is in use"));
    copy_file("crt", "p384.pem");
    copy_file("key", "p384-sec1.key");
    reload();
    assert_true(said("reload: waits"));
    speak(slow);
    assert_true(is_open(slow));
    assert_true(
        said("the new certificate is in use: api.test.example, *.wild.test.example (EC P-384)"));
    ask(slow);
    /* One that never goes on is in the way for ten seconds. */
    slow = greet("10.0.0.1:6");
    copy_file("crt", "ec-chain.pem");
    copy_file("key", "ec-leaf.key");
    reload();
    copy_file("crt", "self.pem");
    copy_file("key", "self.key");
    reload();
    assert_true(said("reload: waits"));
    scene_run(&bench.scene, CONN_SHAKE_MS + 1);
    assert_true(
        said("the new certificate is in use: api.test.example, *.wild.test.example (EC P-256)"));
    assert_false(is_open(slow));
}

/* Two weeks before its end, and every day from then on. */
static void the_end_is_told_in_time(void **state)
{
    static char certificate[TLS_SELFSIGNED_PEM_BYTES];
    static char key[TLS_SELFSIGNED_KEY_BYTES];
    struct tls_selfsigned o = {.names = {"router.lan"},
                               .name_count = 1,
                               .begins_unix_s = SCENE_WALL_MS / 1000 - 86400,
                               .ends_unix_s = SCENE_WALL_MS / 1000 + 20 * 86400};
    struct fmt f[2];
    (void)state;
    fmt_init(&f[0], certificate, sizeof certificate);
    fmt_init(&f[1], key, sizeof key);
    assert_true(tls_selfsigned_make(&o, &f[0], &f[1]));
    write_file("crt", fmt_span(&f[0]));
    write_file("key", fmt_span(&f[1]));
    reload();
    assert_true(
        said("the new certificate is in use: router.lan (EC P-256), valid until 2100-01-21"));
    assert_false(said("expires soon"));
    int told = 0;
    for (int day = 1; day <= 22; day++) {
        bench.scene.said_len = 0;
        bench.scene.said[0] = '\0';
        scene_run(&bench.scene, DAY_MS);
        assert_int_equal(said("expires soon"), day > 6 && day < 20);
        assert_int_equal(said("has expired"), day >= 20);
        told += said("the certificate for router.lan") ? 1 : 0;
    }
    assert_int_equal(told, 16);
}

/* However many come at once: one step of a handshake in each turn of the loop. */
static void handshakes_take_turns(void **state)
{
    (void)state;
    for (int i = 0; i < CLIENTS_MAX; i++) {
        char from[32];
        snprintf(from, sizeof from, "10.0.0.%d:1", i + 1);
        struct net_addr addr;
        assert_true(net_addr_scan(span_str(from), &addr));
        bench.clients[bench.client_count++] =
            fake_tls_client_new(fake_client_from(&bench.https, &addr), &(struct tls_resume){0});
        (void)fake_tls_client_out(bench.clients[i]);
    }
    uint64_t answered = 0;
    for (int turn = 0; turn < 200; turn++) {
        uint64_t before = answered;
        assert_true(gateway_turn(bench.scene.gateway));
        answered = 0;
        for (int i = 0; i < CLIENTS_MAX; i++)
            answered += fake_sent_total(bench.clients[i]->handle) > 0 ? 1 : 0;
        assert_true(answered <= before + 1);
        if (answered == 2)
            break;
    }
    assert_int_equal(answered, 2); /* a quarter of the slots */
    settle();
    for (int i = 0; i < CLIENTS_MAX; i++)
        assert_true(is_open(bench.clients[i]));
    assert_int_equal(bench.scene.gateway->server.tls.full, CLIENTS_MAX);
}

/* A step that takes long is followed by as long a rest: half of the time belongs to the streams. */
static void half_of_the_time_is_for_others(void **state)
{
    enum { STEP_MS = 100 };
    (void)state;
    for (int i = 0; i < CLIENTS_MAX; i++) {
        char from[32];
        snprintf(from, sizeof from, "10.0.0.%d:1", i + 1);
        (void)greet(from);
        bench.clients[i]->mute = false;
    }
    settle();
    for (int i = 0; i < CLIENTS_MAX; i++)
        assert_true(is_open(bench.clients[i]));
    fake_slow_random(STEP_MS);
    int64_t began_ms = fake_now_ms();
    for (int i = 0; i < 4; i++) {
        fake_close(bench.clients[i]->handle);
        settle();
        fake_tls_client_free(bench.clients[i]);
        struct net_addr addr;
        assert_true(net_addr_scan(SPAN("10.0.1.1:1"), &addr));
        addr.bytes[3] = (uint8_t)(i + 1);
        bench.clients[i] =
            fake_tls_client_new(fake_client_from(&bench.https, &addr), &(struct tls_resume){0});
    }
    int opened = 0;
    while (opened < 4 && fake_now_ms() - began_ms < 100 * STEP_MS) {
        settle();
        scene_run(&bench.scene, 10);
        opened = 0;
        for (int i = 0; i < 4; i++)
            opened += is_open(bench.clients[i]) ? 1 : 0;
    }
    assert_int_equal(opened, 4);
    fake_slow_random(0);
    assert_true(fake_now_ms() - began_ms >= (4 * 2 - 1) * STEP_MS);
    assert_true(fake_now_ms() - began_ms < 4 * 3 * STEP_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(certificates_are_exchanged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_bad_pair_changes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(handshakes_outlive_reloads, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_end_is_told_in_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(handshakes_take_turns, set_up, tear_down),
        cmocka_unit_test_setup_teardown(half_of_the_time_is_for_others, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
