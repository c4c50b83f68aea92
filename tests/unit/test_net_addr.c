#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/check.h"

static const char *print_host(const struct net_addr *a, char text[NET_ADDR_TEXT_BYTES])
{
    struct fmt f;
    fmt_init(&f, text, NET_ADDR_TEXT_BYTES);
    net_addr_fmt_host(&f, a);
    return fmt_cstr(&f);
}

static const char *print(const struct net_addr *a, char text[NET_ADDR_TEXT_BYTES])
{
    struct fmt f;
    fmt_init(&f, text, NET_ADDR_TEXT_BYTES);
    net_addr_fmt(&f, a);
    return fmt_cstr(&f);
}

static const char *const good_hosts[][2] = {
    {"127.0.0.1", "127.0.0.1"},
    {"0.0.0.0", "0.0.0.0"},
    {"255.255.255.255", "255.255.255.255"},
    {"::", "::"},
    {"::1", "::1"},
    {"[::1]", "::1"},
    {"1::", "1::"},
    {"2001:DB8::1", "2001:db8::1"},
    {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},    /* first of equal runs */
    {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},          /* longest run */
    {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"}, /* a single zero is not shortened */
    {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
    {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
    {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
    {"64:ff9b::1.2.3.4", "64:ff9b::102:304"},
    {"::ffff:10.0.0.1", "10.0.0.1"},
    {"::ffff:a00:1", "10.0.0.1"},
    {"fe80::1%2", "fe80::1%2"},
    {"[fe80::1%4294967295]", "fe80::1%4294967295"},
    {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe"},
};

static void hosts_are_read_and_printed(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good_hosts); i++) {
        char text[NET_ADDR_TEXT_BYTES];
        struct net_addr a;
        memset(&a, 0xff, sizeof a);
        assert_true(net_addr_scan_host(span_str(good_hosts[i][0]), &a));
        assert_string_equal(print_host(&a, text), good_hosts[i][1]);
        assert_int_equal(a.port, 0);
    }
}

static const char *const bad_hosts[] = {
    "",
    "1",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "01.2.3.4",
    "1.2.3.4 ",
    "1.2.3.-4",
    "1..3.4",
    ".1.2.3.4",
    "1.2.3.4.",
    "0x1.2.3.4",
    ":",
    ":::",
    "1:::2",
    "::1::",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "::1:2:3:4:5:6:7:8",
    "12345::",
    "g::",
    "1.2.3.4::",
    "::1.2.3",
    "::1.2.3.4:1",
    "1:2:3:4:5:6:7:1.2.3.4",
    "[::1",
    "::1]",
    "[]",
    "[1.2.3.4]x",
    "fe80::1%",
    "fe80::1%0",
    "fe80::1%eth0",
    "fe80::1%4294967296",
    "1.2.3.4%1",
    "localhost",
    "::ffff:1.2.3.256",
};

static void bad_hosts_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad_hosts); i++) {
        struct net_addr a;
        if (net_addr_scan_host(span_str(bad_hosts[i]), &a))
            fail_msg("taken for an address: %s", bad_hosts[i]);
    }
}

static void ports_are_read_and_printed(void **state)
{
    static const char *const good[][2] = {
        {"127.0.0.1:8080", "127.0.0.1:8080"},
        {"[::1]:8080", "[::1]:8080"},
        {":8080", "0.0.0.0:8080"},
        {"10.0.0.1:0", "10.0.0.1:0"},
        {"[::]:65535", "[::]:65535"},
        {"[fe80::1%3]:1", "[fe80::1%3]:1"},
    };
    static const char *const bad[] = {
        "8080",
        "127.0.0.1",
        "::1:8080",
        "127.0.0.1:",
        "127.0.0.1:65536",
        "127.0.0.1:80a",
        "[::1]8080",
        "[::1]",
        "x:80",
        "",
        ":",
        "127.0.0.1:-1",
        "127.0.0.1: 80",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        char text[NET_ADDR_TEXT_BYTES];
        struct net_addr a;
        assert_true(net_addr_scan(span_str(good[i][0]), &a));
        assert_string_equal(print(&a, text), good[i][1]);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct net_addr a;
        if (net_addr_scan(span_str(bad[i]), &a))
            fail_msg("taken for an address with a port: %s", bad[i]);
    }
}

static void the_longest_text_fits(void **state)
{
    char text[NET_ADDR_TEXT_BYTES];
    struct net_addr a;
    (void)state;
    assert_true(
        net_addr_scan(SPAN("[ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe%4294967295]:65535"), &a));
    assert_int_equal(strlen(print(&a, text)), NET_ADDR_TEXT_BYTES - 1);
}

static void classes_of_addresses(void **state)
{
    static const struct {
        const char *text;
        bool loopback;
        bool is_private;
    } cases[] = {
        {"127.0.0.1", true, true},
        {"127.255.255.255", true, true},
        {"126.255.255.255", false, false},
        {"128.0.0.1", false, false},
        {"::1", true, true},
        {"::2", false, false},
        {"10.0.0.0", false, true},
        {"10.255.255.255", false, true},
        {"11.0.0.0", false, false},
        {"172.15.255.255", false, false},
        {"172.16.0.0", false, true},
        {"172.31.255.255", false, true},
        {"172.32.0.0", false, false},
        {"192.168.0.1", false, true},
        {"192.167.255.255", false, false},
        {"169.254.1.1", false, true},
        {"100.63.255.255", false, false},
        {"100.64.0.0", false, true},
        {"100.127.255.255", false, true},
        {"100.128.0.0", false, false},
        {"8.8.8.8", false, false},
        {"fc00::1", false, true},
        {"fdff::1", false, true},
        {"fbff::1", false, false},
        {"fe80::1", false, true},
        {"febf::1", false, true},
        {"fec0::1", false, false},
        {"2001:db8::1", false, false},
        {"::ffff:127.0.0.1", true, true},
        {"::ffff:8.8.8.8", false, false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct net_addr a;
        assert_true(net_addr_scan_host(span_str(cases[i].text), &a));
        if (net_addr_is_loopback(&a) != cases[i].loopback ||
            net_addr_is_private(&a) != cases[i].is_private)
            fail_msg("wrong class: %s", cases[i].text);
        assert_false(net_addr_is_any(&a));
    }
}

static void equality_and_any(void **state)
{
    struct net_addr a;
    struct net_addr b;
    (void)state;
    assert_true(net_addr_scan(SPAN("1.2.3.4:5"), &a));
    assert_true(net_addr_scan(SPAN("[::ffff:1.2.3.4]:5"), &b));
    memset(b.bytes + 4, 0xaa, 12); /* not part of an IPv4 address */
    assert_true(net_addr_equal(&a, &b));
    b.port = 6;
    assert_false(net_addr_equal(&a, &b));
    assert_true(net_addr_scan(SPAN("[fe80::1%1]:5"), &a));
    assert_true(net_addr_scan(SPAN("[fe80::1%2]:5"), &b));
    assert_false(net_addr_equal(&a, &b));
    assert_true(net_addr_scan(SPAN(":1"), &a));
    assert_true(net_addr_is_any(&a));
    assert_true(net_addr_scan(SPAN("[::]:1"), &b));
    assert_true(net_addr_is_any(&b));
    assert_false(net_addr_equal(&a, &b));
    memset(&a, 0, sizeof a);
    assert_false(net_addr_is_any(&a));
    assert_false(net_addr_is_private(&a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_are_read_and_printed), cmocka_unit_test(bad_hosts_are_refused),
        cmocka_unit_test(ports_are_read_and_printed), cmocka_unit_test(the_longest_text_fits),
        cmocka_unit_test(classes_of_addresses),       cmocka_unit_test(equality_and_any),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
