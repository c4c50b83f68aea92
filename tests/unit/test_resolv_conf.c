#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/check.h"
#include "net/resolv_conf.h"

static void expect(const struct net_addr *a, const char *text)
{
    char printed[NET_ADDR_TEXT_BYTES];
    struct fmt f;
    fmt_init(&f, printed, sizeof printed);
    net_addr_fmt(&f, a);
    assert_string_equal(fmt_cstr(&f), text);
}

static void servers_are_read(void **state)
{
    struct resolv_conf c;
    (void)state;
    resolv_conf_parse(SPAN("# made by hand\n"
                           "; and so\n"
                           "search lan example.org\n"
                           "nameserver 192.0.2.53\n"
                           "  nameserver\t2001:db8::53   # trailing words\r\n"
                           "nameserverx 192.0.2.54\n"
                           "#nameserver 192.0.2.55\n"
                           "nameserver not-an-address\n"
                           "nameserver\n"
                           "options timeout:1 rotate\n"
                           "nameserver 192.0.2.56"),
                      &c);
    assert_int_equal(c.count, 3);
    expect(&c.servers[0], "192.0.2.53:53");
    expect(&c.servers[1], "[2001:db8::53]:53");
    expect(&c.servers[2], "192.0.2.56:53");
}

static void only_the_first_three_count(void **state)
{
    struct resolv_conf c;
    (void)state;
    resolv_conf_parse(SPAN("nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n"
                           "nameserver 192.0.2.4\n"),
                      &c);
    assert_int_equal(c.count, RESOLV_CONF_SERVERS_MAX);
    expect(&c.servers[2], "192.0.2.3:53");
}

static void without_servers_it_is_this_machine(void **state)
{
    static const char *const texts[] = {"", "\n\n", "search lan\n", "nameserver ::g\n"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct resolv_conf c;
        resolv_conf_parse(span_str(texts[i]), &c);
        assert_int_equal(c.count, 1);
        expect(&c.servers[0], "127.0.0.1:53");
    }
}

static const char hosts_text[] = "127.0.0.1 localhost\n"
                                 "# 192.0.2.1 ollama.lan\n"
                                 "192.0.2.2\tollama.lan ollama # the box\n"
                                 "  192.0.2.3   OLLAMA.LAN.\r\n"
                                 "2001:db8::3 x ollama.lan\n"
                                 "192.0.2.4 ollama.lan.example xollama.lan\n"
                                 "not-an-address ollama.lan\n"
                                 "192.0.2.5 # ollama.lan\n"
                                 "\n"
                                 "192.0.2.6 last.lan";

static void search(struct hosts_search *h, const char *host, size_t piece)
{
    struct span text = span_str(hosts_text);
    hosts_search_start(h, span_str(host));
    for (size_t at = 0; at < text.len; at += piece)
        hosts_search_feed(h, span_part(text, at, piece));
    hosts_search_finish(h);
}

static void names_are_found_in_hosts(void **state)
{
    static const size_t pieces[] = {1, 2, 7, 64, sizeof hosts_text};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        struct hosts_search h;
        search(&h, "ollama.lan", pieces[i]);
        assert_int_equal(h.count, 3);
        expect(&h.addrs[0], "192.0.2.2:0");
        expect(&h.addrs[1], "192.0.2.3:0");
        expect(&h.addrs[2], "[2001:db8::3]:0");
        search(&h, "Ollama.", pieces[i]);
        assert_int_equal(h.count, 1);
        search(&h, "last.lan", pieces[i]);
        assert_int_equal(h.count, 1);
        expect(&h.addrs[0], "192.0.2.6:0");
        search(&h, "lan", pieces[i]);
        assert_int_equal(h.count, 0);
    }
}

static void many_and_long_lines_are_no_matter(void **state)
{
    struct hosts_search h;
    (void)state;
    hosts_search_start(&h, SPAN("a"));
    for (int i = 0; i < 2 * HOSTS_ADDRS_MAX; i++)
        hosts_search_feed(&h, SPAN("192.0.2.1 a\n"));
    assert_int_equal(h.count, HOSTS_ADDRS_MAX);
    hosts_search_start(&h, SPAN("target"));
    hosts_search_feed(&h, SPAN("192.0.2.1 "));
    for (int i = 0; i < HOSTS_LINE_BYTES_MAX; i++)
        hosts_search_feed(&h, SPAN("xx "));
    hosts_search_feed(&h, SPAN("\n192.0.2.2 target\n"));
    hosts_search_finish(&h);
    assert_int_equal(h.count, 1);
    expect(&h.addrs[0], "192.0.2.2:0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(servers_are_read),
        cmocka_unit_test(only_the_first_three_count),
        cmocka_unit_test(without_servers_it_is_this_machine),
        cmocka_unit_test(names_are_found_in_hosts),
        cmocka_unit_test(many_and_long_lines_are_no_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
