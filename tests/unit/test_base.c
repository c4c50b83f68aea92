#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/calendar.h"
#include "base/decimal.h"
#include "base/fmt.h"
#include "base/hash.h"
#include "base/lease.h"
#include "base/money.h"
#include "base/pool.h"
#include "base/scan.h"
#include "base/utf8.h"
#include "cm.h"

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void test_scan(void **state)
{
    uint64_t u = 7;
    int64_t i = 7;
    bool b;

    (void)state;
    assert_true(scan_u64(SPAN("18446744073709551615"), &u) && u == UINT64_MAX);
    assert_false(scan_u64(SPAN("18446744073709551616"), &u) || scan_u64(SPAN(""), &u) ||
                 scan_u64(SPAN(" 1"), &u));
    assert_true(scan_i64(SPAN("-9223372036854775808"), &i) && i == INT64_MIN);
    assert_false(scan_i64(SPAN("-9223372036854775809"), &i) || scan_i64(SPAN("-"), &i));
    assert_true(scan_size(SPAN("8M"), &u) && u == 8388608);
    assert_false(scan_size(SPAN("8MB"), &u) || scan_size(SPAN("17592186044416M"), &u));
    assert_true(scan_duration(SPAN("2h"), &i) && i == 7200000);
    assert_false(scan_duration(SPAN("5"), &i) || scan_duration(SPAN("5 s"), &i));
    assert_true(scan_usd(SPAN("0.000000000001"), &i) && i == 1);
    assert_true(scan_usd(SPAN("9223372.036854775807"), &i) && i == INT64_MAX);
    assert_false(scan_usd(SPAN("9223372.036854775808"), &i) || scan_usd(SPAN("1."), &i) ||
                 scan_usd(SPAN("."), &i));
    assert_false(scan_usd(SPAN("0.0000000000001"), &i) || scan_usd(SPAN("-1"), &i) ||
                 scan_usd(SPAN("1e3"), &i));
    assert_true(scan_milli(SPAN(".25"), &i) && i == 250);
    assert_false(scan_milli(SPAN("1.001"), &i));
    assert_true(scan_bool(SPAN("off"), &b) && !b);
    assert_false(scan_time_utc(SPAN("2026-02-29T00:00:00.000Z"), &i));
    assert_true(scan_time_utc(SPAN("2024-02-29T23:59:59.999Z"), &i) && i == INT64_C(1709251199999));
}

static void test_calendar_every_day(void **state)
{
    struct calendar c = {.year = 1970, .month = 1, .day = 1};

    (void)state;
    for (int64_t day = 0; day < 157000; day++) {
        struct calendar got = calendar_from_unix_ms(day * 86400000 + 5);

        assert_int_equal(calendar_to_unix_ms(&got), day * 86400000 + 5);
        assert_int_equal(got.weekday, (day + 3) % 7);
        assert_true(day == 0 || got.day == c.day + 1 || got.day == 1);
        c = got;
    }
    assert_int_equal(c.year, 2399);
}

static void test_fmt(void **state)
{
    char text[64];
    struct fmt f;

    (void)state;
    fmt_init(&f, text, sizeof(text));
    fmt_usd(&f, -1);
    fmt_char(&f, ' ');
    fmt_usd_short(&f, INT64_C(1999999999999), 2);
    fmt_char(&f, ' ');
    fmt_i64(&f, INT64_MIN);
    assert_string_equal(fmt_cstr(&f), "-0.000000000001 2.00 -9223372036854775808");
    fmt_init(&f, text, sizeof(text));
    fmt_size(&f, 8388608 + 524288);
    fmt_hex(&f, 0xab, 4);
    fmt_visible(&f,
                SPAN("a\n\xff"
                     "bc"),
                4);
    assert_string_equal(fmt_cstr(&f), "8.5M00aba\\x0a\\xffb...");
    fmt_init(&f, text, 3);
    fmt_str(&f, "abcd");
    fmt_str(&f, "e");
    assert_false(fmt_ok(&f));
    assert_int_equal(fmt_span(&f).len, 0);
}

static void test_hashes(void **state)
{
    uint8_t key[16];
    char input[15];
    uint8_t out[32];
    char hex[64];
    struct fmt f;

    (void)state;
    for (int i = 0; i < 16; i++)
        key[i] = (uint8_t)i;
    for (int i = 0; i < 15; i++)
        input[i] = (char)i;
    assert_true(hash_sip64(key, span_of(input, 15)) == UINT64_C(0xa129ca6149be45e5));
    assert_int_equal(hash_crc32(0, SPAN("123456789")), 0xcbf43926);
    hash_sha256(SPAN("abc"), out);
    fmt_init(&f, hex, sizeof(hex));
    fmt_hex_bytes(&f, out, sizeof(out));
    assert_true(span_equal(
        fmt_span(&f), SPAN("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")));
}

/* Against another implementation (OpenSSL's SIPHASH with size:16), in one piece and in all others.
 */
static void test_sip128(void **state)
{
    struct hash_sip sip;
    struct hash128 h;
    uint8_t key[16];
    char input[15];

    (void)state;
    for (int i = 0; i < 16; i++)
        key[i] = (uint8_t)i;
    for (int i = 0; i < 15; i++)
        input[i] = (char)i;
    hash_sip128_start(&sip, key);
    h = hash_sip128_end(&sip);
    assert_true(h.word[0] == UINT64_C(0xe6a825ba047f81a3) &&
                h.word[1] == UINT64_C(0x930255c71472f66d));
    for (size_t a = 0; a <= 15; a++)
        for (size_t b = a; b <= 15; b++) {
            hash_sip128_start(&sip, key);
            hash_sip_add(&sip, span_of(input, a));
            hash_sip_add(&sip, span_of(input + a, b - a));
            hash_sip_add(&sip, span_of(input + b, 15 - b));
            h = hash_sip128_end(&sip);
            assert_true(h.word[0] == UINT64_C(0x11a8b03399e99354) &&
                        h.word[1] == UINT64_C(0xd9c3cf970fec087e));
        }
}

static bool decimal_is(const char *text, bool negative, const char *digits, int64_t exponent)
{
    struct decimal d;

    return decimal_read(span_str(text), &d) && d.negative == negative &&
           span_equal(d.digits, span_str(digits)) && d.exponent == exponent;
}

static bool above(const char *text, int64_t milli)
{
    struct decimal d;

    assert_true(decimal_read(span_str(text), &d));
    return decimal_above_milli(&d, milli);
}

static void test_decimal(void **state)
{
    static const char *const bad[] = {"",
                                      "-",
                                      "+1",
                                      "01",
                                      "1.",
                                      ".5",
                                      "1e",
                                      "1e+",
                                      "1e-",
                                      "1 ",
                                      "0x1",
                                      "--1",
                                      "1e1.",
                                      "1ee1",
                                      "-e1",
                                      "NaN",
                                      "1e100000000000000000"};
    struct decimal d;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(decimal_read(span_str(bad[i]), &d));
    assert_true(decimal_is("1", false, "1", 1) && decimal_is("1.0", false, "1", 1));
    assert_true(decimal_is("10e-1", false, "1", 1) && decimal_is("0.1E+01", false, "1", 1));
    assert_true(decimal_is("-0.050", true, "5", -1) && decimal_is("-5e-2", true, "5", -1));
    assert_true(decimal_is("120.50", false, "120.5", 3) && decimal_is("-0.0e7", false, "", 0));
    assert_true(decimal_is("0.1e99999999999999999", false, "1", 99999999999999999));
    assert_false(above("1", 1000) || above("1.000", 1000) || above("10e-1", 1000) ||
                 above("-5", 0) || above("0e9", 0) || above("0.7", 700) || above("0.7", 701));
    assert_true(above("1.0000000000000000000001", 1000) && above("1e0", 999) && above("2", 1000));
    assert_true(above("0.7", 699) && above("0.0001", 0) && above("1e-300", 0));
    assert_true(above("1e16", INT64_MAX - 1) && !above("9e14", INT64_C(900000000000000000)));
    assert_false(above("0.00099", 1) || above("1e-300", 1));
    assert_true(above("123456.789", 123456788) && !above("123456.789", 123456789));
}

static void test_money_saturates(void **state)
{
    (void)state;
    assert_true(money_add(INT64_MAX, 1) == INT64_MAX && money_add(INT64_MIN, -1) == INT64_MIN);
    assert_true(money_times(INT64_MAX, 2) == INT64_MAX && money_times(0, INT64_MAX) == 0);
    assert_int_equal(money_times(3, 10000), 30000);
}

static void test_utf8_round_trip(void **state)
{
    (void)state;
    for (uint32_t c = 0; c < 0x110000; c++) {
        char bytes[4];
        size_t len;

        if (c >= 0xd800 && c < 0xe000)
            continue;
        len = utf8_encode(c, bytes);
        assert_true(utf8_valid(span_of(bytes, len)));
        assert_true(len == 1 || !utf8_valid(span_of(bytes, len - 1)));
    }
    assert_false(utf8_valid(SPAN("\xed\xa0\x80")) || utf8_valid(SPAN("\xf4\x90\x80\x80")) ||
                 utf8_valid(SPAN("\xc1\xbf")));
}

static void test_buf(void **state)
{
    char storage[16];
    struct buf b;
    uint32_t seed = 1;
    uint8_t in = 0;
    uint8_t out = 0;

    (void)state;
    buf_init(&b, storage, sizeof(storage));
    for (int i = 0; i < 100000; i++) {
        size_t room_bytes;
        char *room = buf_room(&b, &room_bytes);
        size_t put = next_random(&seed) % (room_bytes + 1);
        size_t take;

        for (size_t k = 0; k < put; k++)
            room[k] = (char)in++;
        buf_commit(&b, put);
        assert_int_equal(buf_used(&b) + buf_space(&b), sizeof(storage));
        take = next_random(&seed) % (buf_used(&b) + 1);
        for (size_t k = 0; k < take; k++)
            assert_int_equal((uint8_t)buf_peek(&b).ptr[k], out++);
        buf_consume(&b, take);
    }
}

static void test_pool_against_a_model(void **state)
{
    enum { COUNT = 7 };
    static char memory[4096];
    void *held[COUNT] = {0};
    struct pool_ref refs[COUNT];
    struct arena a;
    struct pool p;
    uint32_t seed = 2;
    uint32_t in_use = 0;

    (void)state;
    arena_wrap(&a, memory, sizeof(memory));
    assert_true(pool_carve(&p, &a, "things", COUNT, 40));
    for (int i = 0; i < 100000; i++) {
        uint32_t at = next_random(&seed) % COUNT;

        if (held[at] == NULL) {
            held[at] = pool_take(&p);
            assert_non_null(held[at]);
            assert_int_equal(*(char *)held[at], 0);
            memset(held[at], 0xff, 40);
            refs[at] = pool_ref(&p, held[at]);
            in_use++;
        } else {
            pool_give(&p, held[at]);
            assert_null(pool_find(&p, refs[at]));
            held[at] = NULL;
            in_use--;
        }
        assert_int_equal(p.in_use, in_use);
        for (int k = 0; k < COUNT; k++)
            if (held[k] != NULL)
                assert_ptr_equal(pool_find(&p, refs[k]), held[k]);
    }
    p.fail_at = in_use < COUNT ? 1 : 0;
    if (p.fail_at)
        assert_null(pool_take(&p));
}

static void test_lease_against_a_model(void **state)
{
    enum { PAGES = 32, LEASES = 6 };
    char *memory = malloc((PAGES + 1) * (LEASE_PAGE_BYTES + 1) + 64);
    struct lease leases[LEASES] = {0};
    struct lease_region r;
    struct arena a;
    uint32_t seed = 3;

    (void)state;
    arena_wrap(&a, memory, (PAGES + 1) * (LEASE_PAGE_BYTES + 1) + 64);
    assert_true(lease_carve(&r, &a, "bodies", PAGES * (LEASE_PAGE_BYTES + 1)));
    assert_int_equal(r.page_count, PAGES);
    for (int i = 0; i < 50000; i++) {
        struct lease *l = &leases[next_random(&seed) % LEASES];
        size_t bytes = next_random(&seed) % (10 * LEASE_PAGE_BYTES) + 1;
        uint32_t pages = 0;

        if (next_random(&seed) % 3 == 0)
            lease_give(&r, l);
        else if (lease_grow(&r, l, bytes))
            memset(l->ptr, (int)(l - leases) + 1, lease_bytes(l));
        for (int k = 0; k < LEASES; k++) {
            pages += leases[k].page_count;
            for (size_t at = 0; leases[k].ptr != NULL && at < lease_bytes(&leases[k]); at += 1024)
                assert_int_equal(leases[k].ptr[at], k + 1);
        }
        assert_int_equal(r.in_use, pages);
        assert_true(lease_largest(&r) <= (PAGES - pages) * (size_t)LEASE_PAGE_BYTES);
    }
    free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scan),
        cmocka_unit_test(test_calendar_every_day),
        cmocka_unit_test(test_fmt),
        cmocka_unit_test(test_hashes),
        cmocka_unit_test(test_sip128),
        cmocka_unit_test(test_decimal),
        cmocka_unit_test(test_money_saturates),
        cmocka_unit_test(test_utf8_round_trip),
        cmocka_unit_test(test_buf),
        cmocka_unit_test(test_pool_against_a_model),
        cmocka_unit_test(test_lease_against_a_model),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
