#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>

#include "base/base64.h"
#include "base/inflate.h"
#include "gateway/page.h"

/* `printf 'a\n' | gzip -n9`, and so on. */
static const uint8_t one_line[] = {0x1f, 0x8b, 8, 0, 0,    0,    0,    0, 2, 3, 0x4b,
                                   0xe4, 2,    0, 7, 0xa1, 0xea, 0xdd, 2, 0, 0, 0};

static bool unpack(const void *bytes, size_t count, char *out, size_t room, size_t *len)
{
    return inflate_gzip(span_of((const char *)bytes, count), out, room, len);
}

static void a_line_comes_back(void **state)
{
    char out[16];
    size_t len;
    (void)state;
    assert_true(unpack(one_line, sizeof one_line, out, sizeof out, &len));
    assert_int_equal(len, 2);
    assert_memory_equal(out, "a\n", 2);
    assert_true(unpack(one_line, sizeof one_line, out, 2, &len));
    assert_false(unpack(one_line, sizeof one_line, out, 1, &len));
}

/* A block of each kind (RFC 1951 section 3.2.3), as zlib writes them without a head. */
static void every_kind_of_block(void **state)
{
    static const uint8_t stored[] = {1, 3, 0, 0xfc, 0xff, 'a', 'b', 'c'};
    static const uint8_t fixed[] = {0x4b, 0x4b, 0x2c, 0x2a, 0xc9, 0xc8, 0xcc,
                                    0x4b, 0x57, 0x48, 0xa3, 0x36, 3,    0};
    static const uint8_t dynamic[] = {
        0xcd, 0x8c, 0xc1, 9,    0xc0, 0x30, 12,   0xc4, 0x56, 0xb9, 0xd5, 0x42, 0x73,
        0xad, 13,   0xae, 0x5d, 0x62, 0x83, 0xd7, 0x2f, 0xe9, 0x14, 0xfd, 0xe8, 0x21,
        0x84, 0x4a, 0x88, 0x43, 0x38, 0x1e, 0xdc, 0x31, 0x69, 0x38, 0x75, 0x65, 0xa1,
        0x84, 0xbe, 0x81, 0xac, 0x15, 0x7e, 0x21, 0x9c, 0xe8, 0xed, 0xb4, 0x12, 0xc3,
        0xb3, 0xb9, 0xd0, 0x6a, 6,    0x8f, 0xc2, 0x8c, 0x2f, 0xfd, 0xcb, 0xe5, 5};
    static const char words[] =
        "the cheap model first then the strong one when its answer will not do ";
    char out[512];
    size_t len;
    (void)state;
    assert_true(inflate_all(span_of((const char *)stored, sizeof stored), out, sizeof out, &len));
    assert_int_equal(len, 3);
    assert_memory_equal(out, "abc", 3);
    assert_true(inflate_all(span_of((const char *)fixed, sizeof fixed), out, sizeof out, &len));
    assert_int_equal(len, 90);
    for (size_t i = 0; i < 10; i++)
        assert_memory_equal(out + 9 * i, "farthing ", 9);
    assert_true(inflate_all(span_of((const char *)dynamic, sizeof dynamic), out, sizeof out, &len));
    assert_int_equal(len, 3 * (sizeof words - 1));
    for (size_t i = 0; i < 3; i++)
        assert_memory_equal(out + (sizeof words - 1) * i, words, sizeof words - 1);
}

static void broken_blocks_are_refused(void **state)
{
    static const uint8_t before[] = {3, 2, 0}; /* 3 bytes from before the begin */
    static const uint8_t reserved[] = {7, 0};  /* a fourth kind */
    static const uint8_t length[] = {1, 3, 0, 0xfd, 0xff, 'a', 'b', 'c'}; /* both lengths differ */
    static const uint8_t short_one[] = {1, 4, 0, 0xfb, 0xff, 'a', 'b', 'c'};
    const struct span all[] = {
        span_of((const char *)before, sizeof before),
        span_of((const char *)reserved, sizeof reserved),
        span_of((const char *)length, sizeof length),
        span_of((const char *)short_one, sizeof short_one),
        SPAN_EMPTY,
    };
    char out[16];
    size_t len;
    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        assert_false(inflate_all(all[i], out, sizeof out, &len));
}

/* The page itself has dynamic blocks. Cut anywhere it does not come back; changed anywhere it does
 * not come back as another. */
static void the_page_comes_back_only_whole(void **state)
{
    static uint8_t packed[PAGE_BYTES_MAX];
    static char page[PAGE_BYTES_MAX];
    static char out[PAGE_BYTES_MAX];
    size_t len;
    (void)state;
    assert_true(page_bytes <= PAGE_BYTES_MAX && page_gzip_bytes < sizeof packed);
    assert_true(unpack(page_gzip, page_gzip_bytes, out, page_bytes, &len));
    assert_int_equal(len, page_bytes);
    assert_memory_equal(out, "<!doctype html>", 15);
    memcpy(page, out, page_bytes);
    assert_false(unpack(page_gzip, page_gzip_bytes, out, page_bytes - 1, &len));
    for (size_t cut = 0; cut < page_gzip_bytes; cut += 7)
        assert_false(unpack(page_gzip, cut, out, page_bytes, &len));
    memcpy(packed, page_gzip, page_gzip_bytes);
    for (size_t i = 10; i < page_gzip_bytes; i += 5) {
        packed[i] ^= (uint8_t)(1 << i % 8);
        bool whole = unpack(packed, page_gzip_bytes, out, sizeof out, &len);
        packed[i] ^= (uint8_t)(1 << i % 8);
        /* Some bits mean nothing, as those of a code without a symbol. */
        if (whole) {
            assert_int_equal(len, page_bytes);
            assert_memory_equal(out, page, page_bytes);
        }
    }
}

static void base64_is_strict(void **state)
{
    static const struct {
        const char *text;
        const char *plain; /* NULL: refused */
    } cases[] = {
        {"", ""},       {"Zg==", "f"},   {"Zm8=", "fo"},     {"Zm9v", "foo"},
        {"Zg", "f"},    {"Zm8", "fo"},   {"Zm9vYg", "foob"}, {"dXNlcjprZXk=", "user:key"},
        {"Z", NULL},    {"Zm9vY", NULL}, {"Zh==", NULL},     {"Zm9=", NULL},
        {"Zm 9", NULL}, {"Zg=", NULL},   {"====", NULL},     {"Zm9v====", NULL},
        {"Zm-v", NULL},
    };
    char out[16];
    size_t len;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool good = base64_decode(span_str(cases[i].text), out, sizeof out, &len);
        if (good != (cases[i].plain != NULL))
            fail_msg("%s", cases[i].text);
        if (!good)
            continue;
        assert_int_equal(len, strlen(cases[i].plain));
        assert_memory_equal(out, cases[i].plain, len);
    }
    assert_true(base64_decode(SPAN("Zm9v"), out, 3, &len));
    assert_false(base64_decode(SPAN("Zm9v"), out, 2, &len));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_comes_back),
        cmocka_unit_test(every_kind_of_block),
        cmocka_unit_test(broken_blocks_are_refused),
        cmocka_unit_test(the_page_comes_back_only_whole),
        cmocka_unit_test(base64_is_strict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
