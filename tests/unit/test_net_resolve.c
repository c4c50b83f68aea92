/* Lookups on the fake machine; only resolv.conf and hosts are real files, in a directory of the
 * test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "../sim/fake_dns.h"
#include "../sim/fake_net.c"
#include "../sim/fake_sys.c"
#include "net/resolve.h"

#define HOST        "api.vendor.example"
#define RESOLV_CONF "resolv.conf"
#define HOSTS       "hosts"

enum { MEMORY_BYTES = 65536 };

struct bench {
    struct arena arena;
    struct loop loop;
    struct resolver *resolver;
    struct resolve *lookup;
    struct fake_dns dns;
    struct fake_dns second;
    int done;
    int64_t done_ms;
    enum resolve_result result;
    _Alignas(16) char memory[MEMORY_BYTES];
};

static void write_file(const char *path, const char *text)
{
    (void)unlink(path); /* a new inode: the change is seen, however fast it comes */
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static int enter_directory(void **state)
{
    static char path[] = "/tmp/farthing-resolve-XXXXXX";
    (void)state;
    return mkdtemp(path) != NULL && chdir(path) == 0 ? 0 : -1;
}

static int leave_directory(void **state)
{
    char path[256];
    (void)state;
    (void)unlink(RESOLV_CONF);
    (void)unlink(HOSTS);
    return getcwd(path, sizeof path) != NULL && chdir("/") == 0 ? rmdir(path) : -1;
}

static int set_up(void **state)
{
    static struct bench b;
    memset(&b, 0, sizeof b);
    fake_reset(7);
    write_file(RESOLV_CONF, "nameserver 192.0.2.53\n");
    write_file(HOSTS, "127.0.0.1 localhost\n");
    arena_wrap(&b.arena, b.memory, sizeof b.memory);
    assert_true(loop_carve(&b.loop, &b.arena, 32));
    b.resolver = arena_carve(&b.arena, "resolver", 1, resolver_bytes());
    b.lookup = arena_carve(&b.arena, "lookup", 1, resolve_bytes());
    assert_non_null(b.resolver);
    assert_non_null(b.lookup);
    resolver_init(b.resolver, &b.loop, RESOLV_CONF, HOSTS);
    fake_dns_start(&b.dns, "192.0.2.53");
    *state = &b;
    return 0;
}

/* Whatever happened: nothing is left behind. */
static int tear_down(void **state)
{
    struct bench *b = *state;
    resolve_cancel(b->lookup);
    assert_int_equal(b->loop.count, 0);
    assert_int_equal(fake_open_count(), 0);
    fake_reset(0);
    return 0;
}

static void on_done(void *ctx, int64_t now_ms)
{
    struct bench *b = ctx;
    b->done++;
    b->done_ms = now_ms;
}

static enum resolve_result start(struct bench *b, const char *host)
{
    b->done = 0;
    b->result = resolve_start(b->lookup, b->resolver, host, on_done, b, fake_now_ms());
    return b->result;
}

/* Looks up and waits for the end; returns how long it took, in ms. */
static int64_t look_up(struct bench *b, const char *host)
{
    int64_t start_ms = fake_now_ms();
    if (start(b, host) != RESOLVE_WAIT)
        return 0;
    assert_int_equal(b->done, 0);
    for (int i = 0; i < 1000 && b->done == 0; i++)
        loop_turn(&b->loop);
    assert_int_equal(b->done, 1);
    assert_int_equal(b->loop.count, 0);
    assert_int_equal(fake_open_count(), 0);
    return b->done_ms - start_ms;
}

static void expect(struct bench *b, const char *const *texts)
{
    struct net_addr addrs[RESOLVE_ADDRS_MAX];
    size_t count = resolve_addrs(b->lookup, addrs);
    size_t expected = 0;
    while (texts[expected] != NULL)
        expected++;
    assert_int_equal(count, expected);
    for (size_t i = 0; i < count; i++) {
        char text[NET_ADDR_TEXT_BYTES];
        struct fmt f;
        fmt_init(&f, text, sizeof text);
        net_addr_fmt_host(&f, &addrs[i]);
        assert_string_equal(fmt_cstr(&f), texts[i]);
        assert_int_equal(addrs[i].port, 0);
    }
    assert_int_equal(resolve_err(b->lookup), NET_OK);
}

#define EXPECT(b, ...) expect(b, (const char *const[]){__VA_ARGS__, NULL})

static void expect_failure(struct bench *b, enum net_err err)
{
    struct net_addr addrs[RESOLVE_ADDRS_MAX];
    assert_int_equal(resolve_addrs(b->lookup, addrs), 0);
    assert_int_equal(resolve_err(b->lookup), err);
}

static void expect_servers(struct bench *b, const char *first, size_t expected)
{
    struct net_addr servers[RESOLVE_SERVERS_MAX];
    char text[NET_ADDR_TEXT_BYTES];
    struct fmt f;
    assert_int_equal(resolve_servers(b->lookup, servers), expected);
    fmt_init(&f, text, sizeof text);
    if (expected > 0)
        net_addr_fmt_host(&f, &servers[0]);
    assert_string_equal(fmt_cstr(&f), first);
}

static void both_families_are_asked_and_interleaved(void **state)
{
    struct bench *b = *state;
    fake_dns_add(&b->dns, HOST, "192.0.2.1");
    fake_dns_add(&b->dns, HOST, "192.0.2.2");
    fake_dns_add(&b->dns, HOST, "192.0.2.3");
    fake_dns_add(&b->dns, HOST, "2001:db8::1");
    fake_dns_add(&b->dns, HOST, "2001:db8::2");
    assert_int_equal(look_up(b, HOST), 0);
    EXPECT(b, "2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2", "192.0.2.3");
    assert_int_equal(b->dns.udp_queries, 2);
}

static void what_is_known_is_not_asked(void **state)
{
    struct bench *b = *state;
    write_file(HOSTS, "192.0.2.77 box.lan\n2001:db8::77 box.lan\n");
    assert_int_equal(start(b, "192.0.2.9"), RESOLVE_DONE);
    EXPECT(b, "192.0.2.9");
    expect_servers(b, "", 0);
    assert_int_equal(start(b, "2001:db8::9"), RESOLVE_DONE);
    EXPECT(b, "2001:db8::9");
    assert_int_equal(start(b, "localhost"), RESOLVE_DONE);
    EXPECT(b, "::1", "127.0.0.1");
    assert_int_equal(start(b, "a.LocalHost"), RESOLVE_DONE);
    EXPECT(b, "::1", "127.0.0.1");
    assert_int_equal(start(b, "Box.lan"), RESOLVE_DONE);
    EXPECT(b, "2001:db8::77", "192.0.2.77");
    assert_int_equal(b->dns.udp_queries, 0);
    assert_int_equal(start(b, "no name"), RESOLVE_FAILED);
    expect_failure(b, NET_ERR_NO_NAME);
    assert_int_equal(start(b, ""), RESOLVE_FAILED);
    assert_int_equal(b->done, 0);
}

static void answers_are_kept_for_their_time(void **state)
{
    struct bench *b = *state;
    fake_dns_add(&b->dns, HOST, "192.0.2.1");
    (void)look_up(b, HOST);
    fake_run(&b->loop, FAKE_DNS_TTL_S * 1000 - 1);
    assert_int_equal(start(b, HOST), RESOLVE_DONE);
    EXPECT(b, "192.0.2.1");
    fake_run(&b->loop, 1);
    assert_int_equal(look_up(b, HOST), 0);
    assert_int_equal(b->dns.udp_queries, 4);
}

static void times_to_live_are_clamped(void **state)
{
    struct bench *b = *state;
    fake_dns_add(&b->dns, HOST, "192.0.2.1");
    fake_dns_add(&b->dns, "long.example", "192.0.2.2");
    b->dns.ttl_s = 0;
    (void)look_up(b, HOST);
    fake_run(&b->loop, RESOLVE_TTL_MIN_S * 1000 - 1);
    assert_int_equal(start(b, HOST), RESOLVE_DONE);
    fake_run(&b->loop, 1);
    assert_int_equal(start(b, HOST), RESOLVE_WAIT);
    resolve_cancel(b->lookup);
    b->dns.ttl_s = 1000000;
    (void)look_up(b, "long.example");
    fake_run(&b->loop, INT64_C(1000) * RESOLVE_TTL_MAX_S - 1);
    assert_int_equal(start(b, "long.example"), RESOLVE_DONE);
    fake_run(&b->loop, 1);
    assert_int_equal(start(b, "long.example"), RESOLVE_WAIT);
}

static void names_that_do_not_exist(void **state)
{
    struct bench *b = *state;
    assert_int_equal(look_up(b, "nothing.example"), 0);
    expect_failure(b, NET_ERR_NO_NAME);
    expect_servers(b, "192.0.2.53", 1);
    fake_dns_add(&b->dns, "nothing.example", "192.0.2.1"); /* and that is not remembered */
    (void)look_up(b, "nothing.example");
    EXPECT(b, "192.0.2.1");
}

static void ids_and_ports_change(void **state)
{
    struct bench *b = *state;
    uint16_t seen[8];
    fake_dns_add(&b->dns, HOST, "192.0.2.1");
    for (size_t i = 0; i < ARRAY_LEN(seen); i++) {
        resolver_forget(b->resolver, HOST);
        (void)look_up(b, HOST);
        seen[i] = b->dns.last_id;
        for (size_t k = 0; k < i; k++)
            assert_int_not_equal(seen[i], seen[k]);
    }
}

static void forged_answers_are_not_believed(void **state)
{
    struct bench *b = *state;
    b->dns.mode = FAKE_DNS_LIES;
    fake_dns_add(&b->dns, HOST, "192.0.2.1");
    assert_int_equal(look_up(b, HOST), 0);
    EXPECT(b, "192.0.2.1");
}

static void silence_is_asked_again_and_given_up(void **state)
{
    struct bench *b = *state;
    b->dns.mode = FAKE_DNS_SILENT;
    assert_int_equal(look_up(b, HOST), RESOLVE_TIMEOUT_MS);
    expect_failure(b, NET_ERR_RESOLVER);
    assert_int_equal(b->dns.udp_queries, 2 * (RESOLVE_TIMEOUT_MS / RESOLVE_RETRY_MS));
}

static void answers_now(void *ctx)
{
    ((struct fake_dns *)ctx)->mode = FAKE_DNS_ANSWERS;
}

static void a_lost_datagram_is_sent_again(void **state)
{
    struct bench *b = *state;
    b->dns.mode = FAKE_DNS_SILENT;
    fake_dns_add(&b->dns, HOST, "192.0.2.1");
    fake_after(RESOLVE_RETRY_MS / 2, answers_now, &b->dns);
    assert_int_equal(look_up(b, HOST), RESOLVE_RETRY_MS);
    EXPECT(b, "192.0.2.1");
}

static void failures_are_told_at_once(void **state)
{
    struct bench *b = *state;
    b->dns.mode = FAKE_DNS_FAILS;
    assert_int_equal(look_up(b, HOST), 0);
    expect_failure(b, NET_ERR_RESOLVER);
    fake_refuse(&b->dns.addr); /* ICMP: nobody there */
    assert_int_equal(look_up(b, HOST), 0);
    expect_failure(b, NET_ERR_RESOLVER);
    fake_unreachable(&b->dns.addr); /* the WAN is down: no socket even */
    assert_int_equal(start(b, HOST), RESOLVE_FAILED);
    expect_failure(b, NET_ERR_RESOLVER);
    fake_set_descriptor_limit(0);
    assert_int_equal(start(b, HOST), RESOLVE_FAILED);
    expect_failure(b, NET_ERR_RESOLVER);
}

static void one_good_server_is_enough(void **state)
{
    static const enum fake_dns_mode bad[] = {FAKE_DNS_SILENT, FAKE_DNS_FAILS};
    struct bench *b = *state;
    write_file(RESOLV_CONF, "nameserver 192.0.2.52\nnameserver 192.0.2.53\n"
                            "nameserver 192.0.2.54\n");
    fake_dns_start(&b->second, "192.0.2.52"); /* and nobody at .54 */
    fake_dns_add(&b->dns, HOST, "192.0.2.1");
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        b->second.mode = bad[i];
        resolver_forget(b->resolver, HOST);
        assert_int_equal(look_up(b, HOST), 0);
        EXPECT(b, "192.0.2.1");
        expect_servers(b, "192.0.2.53", 1); /* the one that answered */
    }
    b->dns.mode = FAKE_DNS_FAILS;
    (void)look_up(b, "other.example");
    expect_failure(b, NET_ERR_RESOLVER);
    expect_servers(b, "192.0.2.52", 3);
}

static void truncated_answers_are_asked_for_over_tcp(void **state)
{
    static const enum fake_dns_mode modes[] = {FAKE_DNS_TRUNCATES, FAKE_DNS_TRUNCATES_EMPTY};
    static const enum fake_chop chops[] = {FAKE_WHOLE, FAKE_BYTES, FAKE_RANDOM};
    struct bench *b = *state;
    fake_dns_add(&b->dns, HOST, "192.0.2.1");
    fake_dns_add(&b->dns, HOST, "192.0.2.2");
    fake_dns_add(&b->dns, HOST, "2001:db8::1");
    fake_dns_add(&b->dns, HOST, "2001:db8::2");
    for (size_t i = 0; i < ARRAY_LEN(modes) * ARRAY_LEN(chops); i++) {
        b->dns.mode = modes[i % ARRAY_LEN(modes)];
        fake_set_chop(chops[i / ARRAY_LEN(modes)]);
        b->dns.tcp_queries = 0;
        resolver_forget(b->resolver, HOST);
        assert_int_equal(look_up(b, HOST), 0);
        EXPECT(b, "2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2");
        assert_int_equal(b->dns.tcp_queries, 2);
    }
}

static void without_tcp_what_fitted_must_do(void **state)
{
    struct bench *b = *state;
    fake_dns_add(&b->dns, HOST, "192.0.2.1");
    fake_dns_add(&b->dns, HOST, "192.0.2.2");
    b->dns.mode = FAKE_DNS_TRUNCATES;
    b->dns.tcp_breaks = true;
    assert_int_equal(look_up(b, HOST), 0);
    EXPECT(b, "192.0.2.1");
    resolver_forget(b->resolver, HOST);
    struct net_addr tcp = b->dns.addr;
    fake_dns_start(&b->second, "192.0.2.99"); /* leave .53 with UDP only */
    fake_refuse(&tcp);
    fake_serve_udp(&tcp, &(struct fake_service){.data = fake_dns_on_udp, .ctx = &b->dns});
    assert_int_equal(look_up(b, HOST), 0);
    EXPECT(b, "192.0.2.1");
    b->dns.mode = FAKE_DNS_TRUNCATES_EMPTY;
    b->dns.count = 0;
    fake_dns_add(&b->dns, "empty.example", "192.0.2.1");
    (void)look_up(b, "empty.example");
    expect_failure(b, NET_ERR_RESOLVER);
}

static void a_silent_tcp_server_ends_with_the_deadline(void **state)
{
    struct bench *b = *state;
    fake_dns_add(&b->dns, HOST, "192.0.2.1");
    b->dns.mode = FAKE_DNS_TRUNCATES;
    fake_silent(&b->dns.addr);
    fake_serve_udp(&b->dns.addr, &(struct fake_service){.data = fake_dns_on_udp, .ctx = &b->dns});
    /* IPv4 was not decisive as long as TCP may say more. */
    assert_int_equal(look_up(b, HOST), RESOLVE_TIMEOUT_MS);
    EXPECT(b, "192.0.2.1");
}

static void one_family_does_not_wait_long_for_the_other(void **state)
{
    struct bench *b = *state;
    fake_dns_add(&b->dns, HOST, "192.0.2.1");
    fake_dns_add(&b->dns, HOST, "2001:db8::1");
    b->dns.mode = FAKE_DNS_ONLY_A;
    assert_int_equal(look_up(b, HOST), 50);
    EXPECT(b, "192.0.2.1");
    fake_run(&b->loop, RESOLVE_TTL_MIN_S * 1000); /* half an answer is kept for the least time */
    assert_int_equal(start(b, HOST), RESOLVE_WAIT);
    resolve_cancel(b->lookup);
    fake_dns_add(&b->dns, "six.example", "2001:db8::1");
    b->dns.mode = FAKE_DNS_ONLY_AAAA;
    assert_int_equal(look_up(b, "six.example"), 2000);
    EXPECT(b, "2001:db8::1");
}

static void an_expired_answer_serves_while_nobody_answers(void **state)
{
    static const enum fake_dns_mode modes[] = {FAKE_DNS_SILENT, FAKE_DNS_FAILS};
    static const int64_t waits_ms[] = {1800, 0};
    struct bench *b = *state;
    fake_dns_add(&b->dns, HOST, "192.0.2.1");
    (void)look_up(b, HOST);
    fake_run(&b->loop, FAKE_DNS_TTL_S * 1000);
    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        b->dns.mode = modes[i];
        assert_int_equal(look_up(b, HOST), waits_ms[i]);
        EXPECT(b, "192.0.2.1");
    }
    fake_unreachable(&b->dns.addr);
    assert_int_equal(start(b, HOST), RESOLVE_DONE);
    EXPECT(b, "192.0.2.1");
    fake_run(&b->loop, INT64_C(86400000)); /* but not for ever */
    assert_int_equal(start(b, HOST), RESOLVE_FAILED);
}

static void a_name_that_is_gone_is_not_served_from_memory(void **state)
{
    struct bench *b = *state;
    fake_dns_add(&b->dns, HOST, "192.0.2.1");
    (void)look_up(b, HOST);
    resolver_forget(b->resolver, HOST);
    b->dns.count = 0;
    (void)look_up(b, HOST);
    expect_failure(b, NET_ERR_NO_NAME);
}

static void changed_files_are_read_anew(void **state)
{
    struct bench *b = *state;
    fake_dns_add(&b->dns, HOST, "192.0.2.1");
    fake_dns_start(&b->second, "192.0.2.52");
    fake_dns_add(&b->second, HOST, "192.0.2.2");
    (void)look_up(b, HOST);
    EXPECT(b, "192.0.2.1");
    write_file(RESOLV_CONF, "nameserver 192.0.2.52\n");
    (void)look_up(b, HOST);
    EXPECT(b, "192.0.2.2");
    write_file(HOSTS, "192.0.2.3 " HOST "\n");
    assert_int_equal(start(b, HOST), RESOLVE_DONE);
    EXPECT(b, "192.0.2.3");
    write_file(HOSTS, "");
    (void)look_up(b, HOST);
    EXPECT(b, "192.0.2.2");
    (void)unlink(RESOLV_CONF); /* then it is this machine, where nobody answers */
    (void)look_up(b, HOST);
    EXPECT(b, "192.0.2.2"); /* stale */
}

static void more_names_than_the_cache_holds(void **state)
{
    static char names[RESOLVE_CACHE_MAX + 4][16];
    struct bench *b = *state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        memcpy(names[i], "name-a.example", 15);
        names[i][5] = (char)('a' + i);
        fake_dns_add(&b->dns, names[i], "192.0.2.1");
        (void)look_up(b, names[i]);
        EXPECT(b, "192.0.2.1");
        fake_run(&b->loop, 1);
    }
    assert_int_equal(start(b, names[ARRAY_LEN(names) - 1]), RESOLVE_DONE);
    assert_int_equal(start(b, names[0]), RESOLVE_WAIT); /* the oldest went */
}

static void a_lookup_can_be_cancelled_at_any_time(void **state)
{
    struct bench *b = *state;
    fake_dns_add(&b->dns, HOST, "192.0.2.1");
    b->dns.mode = FAKE_DNS_TRUNCATES;
    fake_set_chop(FAKE_BYTES);
    for (int turns = 0; turns < 600; turns += 3) {
        resolver_forget(b->resolver, HOST);
        if (start(b, HOST) == RESOLVE_WAIT)
            for (int i = 0; i < turns && b->done == 0; i++)
                loop_turn(&b->loop);
        resolve_cancel(b->lookup);
        resolve_cancel(b->lookup);
        assert_int_equal(b->loop.count, 0);
        assert_int_equal(fake_open_count(), 0);
    }
    assert_int_equal(b->done, 1); /* the last one came to its end */
}

/* Any one of the sockets may not be had. */
static void descriptors_may_run_out_at_any_of_them(void **state)
{
    struct bench *b = *state;
    write_file(RESOLV_CONF, "nameserver 192.0.2.52\nnameserver 192.0.2.53\n");
    fake_dns_start(&b->second, "192.0.2.52");
    fake_dns_add(&b->second, HOST, "192.0.2.1");
    fake_dns_add(&b->dns, HOST, "192.0.2.1");
    b->dns.mode = FAKE_DNS_TRUNCATES;
    b->second.mode = FAKE_DNS_TRUNCATES;
    for (int nth = 1; nth <= 4; nth++) {
        resolver_forget(b->resolver, HOST);
        fake_fail_descriptor_at(nth);
        (void)look_up(b, HOST);
        EXPECT(b, "192.0.2.1");
    }
}

#define LOOKUP_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOOKUP_TEST(both_families_are_asked_and_interleaved),
        LOOKUP_TEST(what_is_known_is_not_asked),
        LOOKUP_TEST(answers_are_kept_for_their_time),
        LOOKUP_TEST(times_to_live_are_clamped),
        LOOKUP_TEST(names_that_do_not_exist),
        LOOKUP_TEST(ids_and_ports_change),
        LOOKUP_TEST(forged_answers_are_not_believed),
        LOOKUP_TEST(silence_is_asked_again_and_given_up),
        LOOKUP_TEST(a_lost_datagram_is_sent_again),
        LOOKUP_TEST(failures_are_told_at_once),
        LOOKUP_TEST(one_good_server_is_enough),
        LOOKUP_TEST(truncated_answers_are_asked_for_over_tcp),
        LOOKUP_TEST(without_tcp_what_fitted_must_do),
        LOOKUP_TEST(a_silent_tcp_server_ends_with_the_deadline),
        LOOKUP_TEST(one_family_does_not_wait_long_for_the_other),
        LOOKUP_TEST(an_expired_answer_serves_while_nobody_answers),
        LOOKUP_TEST(a_name_that_is_gone_is_not_served_from_memory),
        LOOKUP_TEST(changed_files_are_read_anew),
        LOOKUP_TEST(more_names_than_the_cache_holds),
        LOOKUP_TEST(a_lookup_can_be_cancelled_at_any_time),
        LOOKUP_TEST(descriptors_may_run_out_at_any_of_them),
    };
    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
