#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../sim/dns_builder.h"

#define HOST "api.vendor.example"

static uint8_t query_bytes[DNS_QUERY_BYTES_MAX];

static struct span query_for(const char *host, enum dns_type type, uint16_t id)
{
    size_t len = dns_build_query(host, type, id, query_bytes);
    assert_true(len > 0);
    return span_of((const char *)query_bytes, len);
}

static struct span query(void)
{
    return query_for(HOST, DNS_TYPE_A, 0xbeef);
}

/* Parses a copy that ends where the message ends, so that a sanitizer sees a read beyond it. */
static enum dns_verdict parse(struct span message, struct span asked, struct dns_answer *out)
{
    char *copy = malloc(message.len + 1);
    assert_non_null(copy);
    if (message.len > 0)
        memcpy(copy + 1, message.ptr, message.len);
    enum dns_verdict verdict = dns_parse_answer(span_of(copy + 1, message.len), asked, out);
    free(copy);
    return verdict;
}

static void expect_address(const struct dns_answer *a, size_t i, const char *text)
{
    struct net_addr expected;
    assert_true(i < a->count);
    assert_true(net_addr_scan_host(span_str(text), &expected));
    assert_true(net_addr_equal(&a->addrs[i], &expected));
}

static void a_query_is_what_the_rfc_says(void **state)
{
    static const uint8_t expected[] = {0xbe, 0xef, 1,   0,   0,   1,   0,   0,   0,   0,   0,   0,
                                       3,    'a',  'p', 'i', 6,   'v', 'e', 'n', 'd', 'o', 'r', 7,
                                       'e',  'x',  'a', 'm', 'p', 'l', 'e', 0,   0,   1,   0,   1};
    struct span q = query();
    (void)state;
    assert_int_equal(q.len, sizeof expected);
    /* musl asks for the AD bit (RFC 6840 section 5.7), other libcs do not. */
    assert_int_equal(q.ptr[3] & ~0x20, expected[3]);
    assert_memory_equal(q.ptr, expected, 3);
    assert_memory_equal(q.ptr + 4, expected + 4, sizeof expected - 4);
    q = query_for(HOST ".", DNS_TYPE_AAAA, 1);
    assert_int_equal(q.len, sizeof expected);
    assert_int_equal(q.ptr[q.len - 3], DNS_TYPE_AAAA);
}

static void names_that_cannot_be_asked_for(void **state)
{
    char label_64[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.y";
    char long_name[256];
    uint8_t out[DNS_QUERY_BYTES_MAX];
    const char *const bad[] = {"",    ".",   "a..b",     ".a",    "a b",   "a/b",   "a\tb",
                               "a..", "a:b", "\xc3\xa4", "[::1]", "a\\.b", label_64};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(dns_build_query(bad[i], DNS_TYPE_A, 1, out), 0);
    for (size_t i = 0; i < sizeof long_name; i++)
        long_name[i] = i % 2 == 0 ? 'a' : '.';
    long_name[DNS_NAME_CHARS_MAX] = '\0';
    assert_int_equal(dns_build_query(long_name, DNS_TYPE_A, 1, out), DNS_NAME_CHARS_MAX + 2 + 16);
    memcpy(long_name + DNS_NAME_CHARS_MAX, ".a", 3);
    assert_int_equal(dns_build_query(long_name, DNS_TYPE_A, 1, out), 0);
    label_64[63] = '.';
    label_64[64] = 'y';
    assert_true(dns_build_query("_dns.x-1", DNS_TYPE_A, 1, out) > 0);
}

static void addresses_are_read(void **state)
{
    struct dns_builder b;
    struct dns_answer a;
    struct span q = query();
    (void)state;
    dns_answer_to(&b, q, DNS_RESPONSE);
    dns_put_address(&b, NULL, "192.0.2.1", 300);
    dns_put_address(&b, "API.vendor.EXAMPLE", "192.0.2.2", 60);
    dns_put_address(&b, "other.example", "192.0.2.3", 1); /* not asked for */
    dns_put_address(&b, NULL, "2001:db8::1", 1);          /* of the other kind */
    assert_int_equal(parse(dns_message(&b), q, &a), DNS_ADDRESSES);
    assert_int_equal(a.count, 2);
    assert_int_equal(a.ttl_s, 60);
    expect_address(&a, 0, "192.0.2.1");
    expect_address(&a, 1, "192.0.2.2");
    q = query_for(HOST, DNS_TYPE_AAAA, 7);
    dns_answer_to(&b, q, DNS_RESPONSE);
    dns_put_address(&b, NULL, "2001:db8::1", 5);
    assert_int_equal(parse(dns_message(&b), q, &a), DNS_ADDRESSES);
    expect_address(&a, 0, "2001:db8::1");
}

static void more_addresses_than_are_kept(void **state)
{
    struct dns_builder b;
    struct dns_answer a;
    struct span q = query();
    (void)state;
    dns_answer_to(&b, q, DNS_RESPONSE);
    for (int i = 0; i < 30; i++)
        dns_put_address(&b, NULL, "192.0.2.1", 300);
    assert_int_equal(parse(dns_message(&b), q, &a), DNS_ADDRESSES);
    assert_int_equal(a.count, DNS_ADDRS_MAX);
}

static void aliases_are_followed_in_any_order(void **state)
{
    struct dns_builder b;
    struct dns_answer a;
    struct span q = query();
    (void)state;
    dns_answer_to(&b, q, DNS_RESPONSE);
    dns_put_address(&b, "edge.cdn.example", "192.0.2.9", 20);
    dns_put_cname(&b, "vendor.cdn.example", "edge.cdn.example", 600);
    dns_put_cname(&b, NULL, "vendor.cdn.example", 15);
    assert_int_equal(parse(dns_message(&b), q, &a), DNS_ADDRESSES);
    assert_int_equal(a.count, 1);
    assert_int_equal(a.ttl_s, 15); /* the shortest of the chain */
    expect_address(&a, 0, "192.0.2.9");
}

static void aliases_without_end_have_no_address(void **state)
{
    struct dns_builder b;
    struct dns_answer a;
    struct span q = query();
    (void)state;
    dns_answer_to(&b, q, DNS_RESPONSE);
    dns_put_cname(&b, NULL, "b.example", 60);
    dns_put_cname(&b, "b.example", HOST, 60);
    assert_int_equal(parse(dns_message(&b), q, &a), DNS_EMPTY);
    dns_answer_to(&b, q, DNS_RESPONSE);
    dns_put_cname(&b, NULL, HOST, 60);
    assert_int_equal(parse(dns_message(&b), q, &a), DNS_EMPTY);
    dns_answer_to(&b, q, DNS_RESPONSE); /* a chain longer than is followed */
    for (char c = 'a'; c < 'l'; c++) {
        const char owner[] = {c, '.', 'x', '\0'};
        const char target[] = {(char)(c + 1), '.', 'x', '\0'};
        dns_put_cname(&b, c == 'a' ? NULL : owner, target, 60);
    }
    dns_put_address(&b, "l.x", "192.0.2.1", 60);
    assert_int_equal(parse(dns_message(&b), q, &a), DNS_EMPTY);
}

static void verdicts_by_code(void **state)
{
    static const struct {
        unsigned flags;
        enum dns_verdict verdict;
    } cases[] = {
        {DNS_RESPONSE, DNS_EMPTY},
        {DNS_RESPONSE | 1, DNS_SERVER_FAILED},
        {DNS_RESPONSE | 2, DNS_SERVER_FAILED},
        {DNS_RESPONSE | 3, DNS_NO_NAME},
        {DNS_RESPONSE | 5, DNS_SERVER_FAILED},
        {DNS_RESPONSE | DNS_TC, DNS_TRUNCATED},
        {0x0100, DNS_NOT_OURS},
        {DNS_RESPONSE | 0x2000, DNS_NOT_OURS},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct dns_builder b;
        struct dns_answer a;
        struct span q = query();
        dns_answer_to(&b, q, cases[i].flags);
        assert_int_equal(parse(dns_message(&b), q, &a), cases[i].verdict);
        assert_int_equal(a.count, 0);
    }
}

static void answers_to_other_questions_are_ignored(void **state)
{
    struct dns_builder b;
    struct dns_answer a;
    struct span q = query();
    (void)state;
    dns_answer_to(&b, q, DNS_RESPONSE);
    dns_put_address(&b, NULL, "192.0.2.1", 300);
    b.bytes[1] ^= 1; /* id */
    assert_int_equal(parse(dns_message(&b), q, &a), DNS_NOT_OURS);
    b.bytes[1] ^= 1;
    b.bytes[14] ^= 1; /* name */
    assert_int_equal(parse(dns_message(&b), q, &a), DNS_NOT_OURS);
    b.bytes[14] ^= 1;
    b.bytes[14] ^= 0x20; /* its case is no matter */
    assert_int_equal(parse(dns_message(&b), q, &a), DNS_ADDRESSES);
    b.bytes[q.len - 3] = DNS_TYPE_AAAA;
    assert_int_equal(parse(dns_message(&b), q, &a), DNS_NOT_OURS);
    b.bytes[q.len - 3] = DNS_TYPE_A;
    b.bytes[q.len - 1] = 3; /* class */
    assert_int_equal(parse(dns_message(&b), q, &a), DNS_NOT_OURS);
    b.bytes[q.len - 1] = 1;
    b.bytes[5] = 2; /* two questions */
    assert_int_equal(parse(dns_message(&b), q, &a), DNS_NOT_OURS);
}

static void a_time_to_live_with_the_top_bit_is_none(void **state)
{
    struct dns_builder b;
    struct dns_answer a;
    struct span q = query();
    (void)state;
    dns_answer_to(&b, q, DNS_RESPONSE);
    dns_put_address(&b, NULL, "192.0.2.1", 0x80000001);
    assert_int_equal(parse(dns_message(&b), q, &a), DNS_ADDRESSES);
    assert_int_equal(a.ttl_s, 0);
}

/* Every prefix of a message is no answer; with TC set, it is what fitted. */
static void a_message_may_end_anywhere(void **state)
{
    struct dns_builder b;
    struct dns_answer a;
    struct span q = query();
    (void)state;
    dns_answer_to(&b, q, DNS_RESPONSE);
    dns_put_cname(&b, NULL, "b.example", 60);
    dns_put_address(&b, "b.example", "192.0.2.1", 60);
    dns_put_address(&b, "b.example", "192.0.2.2", 60);
    for (size_t len = 0; len < b.len; len++) {
        assert_int_equal(parse(span_part(dns_message(&b), 0, len), q, &a), DNS_NOT_OURS);
        assert_int_equal(a.count, 0);
    }
    b.bytes[2] |= DNS_TC >> 8;
    for (size_t len = q.len; len <= b.len; len++)
        assert_int_equal(parse(span_part(dns_message(&b), 0, len), q, &a), DNS_TRUNCATED);
    assert_int_equal(a.count, 2);
}

static void bad_names_and_lengths_are_no_answers(void **state)
{
    struct dns_builder b;
    struct dns_answer a;
    struct span q = query();
    (void)state;
    dns_answer_to(&b, q, DNS_RESPONSE);
    size_t record_at = b.len;
    dns_put_address(&b, NULL, "192.0.2.1", 60);
    b.bytes[record_at + 1] = (uint8_t)record_at; /* a pointer to itself */
    assert_int_equal(parse(dns_message(&b), q, &a), DNS_NOT_OURS);
    b.bytes[record_at] = 0xff; /* and one beyond the end */
    assert_int_equal(parse(dns_message(&b), q, &a), DNS_NOT_OURS);
    b.bytes[record_at] = 0x80; /* a label of a kind that does not exist */
    assert_int_equal(parse(dns_message(&b), q, &a), DNS_NOT_OURS);
    b.bytes[record_at] = 0xc0;
    b.bytes[record_at + 1] = DNS_OWNER_AT_QUESTION;
    assert_int_equal(parse(dns_message(&b), q, &a), DNS_ADDRESSES);
    b.bytes[record_at + 11] = 3; /* an address of three bytes: not used, and what follows is junk */
    assert_int_equal(parse(dns_message(&b), q, &a), DNS_EMPTY);
    b.bytes[record_at + 11] = 5;
    assert_int_equal(parse(dns_message(&b), q, &a), DNS_NOT_OURS);
    b.bytes[6] = 0xff; /* 65,281 records announced */
    b.bytes[record_at + 11] = 4;
    assert_int_equal(parse(dns_message(&b), q, &a), DNS_NOT_OURS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_query_is_what_the_rfc_says),
        cmocka_unit_test(names_that_cannot_be_asked_for),
        cmocka_unit_test(addresses_are_read),
        cmocka_unit_test(more_addresses_than_are_kept),
        cmocka_unit_test(aliases_are_followed_in_any_order),
        cmocka_unit_test(aliases_without_end_have_no_address),
        cmocka_unit_test(verdicts_by_code),
        cmocka_unit_test(answers_to_other_questions_are_ignored),
        cmocka_unit_test(a_time_to_live_with_the_top_bit_is_none),
        cmocka_unit_test(a_message_may_end_anywhere),
        cmocka_unit_test(bad_names_and_lengths_are_no_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
