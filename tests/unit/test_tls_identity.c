/* A server's certificate and key out of files of every form, and the ones that are refused; DER and
 * PEM themselves; certificates of our own making. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tls/der.h"
#include "tls/identity.h"
#include "tls/pem.h"
#include "tls/selfsigned.h"
#include "tls_peer.h"

enum { TEXT_BYTES = 2 * TLS_PEER_PEM_BYTES };

static struct tls_identity *id;

static int set_up(void **state)
{
    (void)state;
    id = calloc(1, tls_identity_bytes());
    return id == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    free(id);
    return 0;
}

static struct span file(const char *name, char *text)
{
    return name == NULL ? SPAN_EMPTY : tls_peer_file(name, text);
}

static void expect(const char *certificate, const char *key, enum tls_identity_fault fault)
{
    static char texts[2][TLS_PEER_PEM_BYTES];
    enum tls_identity_fault got =
        tls_identity_load(id, file(certificate, texts[0]), file(key, texts[1]));
    assert_string_equal(tls_identity_fault_text(got), tls_identity_fault_text(fault));
    if (fault == TLS_IDENTITY_GOOD)
        return;
    /* Nothing of a key stays behind. */
    for (size_t i = 0; i < tls_identity_bytes(); i++)
        assert_int_equal(((const char *)id)[i], 0);
}

static void expect_key(const char *text)
{
    char storage[64];
    struct fmt f;
    fmt_init(&f, storage, sizeof storage);
    tls_identity_fmt_key(id, &f);
    assert_string_equal(fmt_cstr(&f), text);
}

static void every_form_is_read(void **state)
{
    (void)state;
    expect("rsa-leaf.pem", "rsa-leaf.key", TLS_IDENTITY_GOOD);
    expect_key("RSA 2048");
    expect("rsa-leaf.pem", "rsa-leaf-pkcs1.key", TLS_IDENTITY_GOOD);
    expect_key("RSA 2048");
    expect("big.pem", "big.key", TLS_IDENTITY_GOOD);
    expect_key("RSA 4096");
    expect("ec-leaf.pem", "ec-leaf.key", TLS_IDENTITY_GOOD);
    expect_key("EC P-256");
    expect("ec-leaf.pem", "ec-leaf-sec1.key", TLS_IDENTITY_GOOD);
    expect("p384.pem", "p384-sec1.key", TLS_IDENTITY_GOOD);
    expect_key("EC P-384");
}

static void what_is_wrong_is_told(void **state)
{
    (void)state;
    expect(NULL, "rsa-leaf.key", TLS_IDENTITY_NO_CERTIFICATE);
    expect("rsa-leaf.pem", NULL, TLS_IDENTITY_NO_KEY);
    expect("rsa-leaf.key", "rsa-leaf.pem", TLS_IDENTITY_KEY_AS_CERTIFICATE);
    expect("rsa-leaf.pem", "rsa-leaf.pem", TLS_IDENTITY_CERTIFICATE_AS_KEY);
    expect("rsa-leaf.pem", "rsa-leaf-locked.key", TLS_IDENTITY_ENCRYPTED_KEY);
    expect("rsa-leaf.pem", "rsa-leaf-locked-old.key", TLS_IDENTITY_ENCRYPTED_KEY);
    expect("rsa-leaf.pem", "big.key", TLS_IDENTITY_MISMATCH);
    expect("rsa-leaf.pem", "ec-leaf.key", TLS_IDENTITY_MISMATCH);
    expect("ec-leaf.pem", "nc-leaf.key", TLS_IDENTITY_MISMATCH);
    expect("ec-leaf.pem", "p384-sec1.key", TLS_IDENTITY_MISMATCH);
    expect("rsa-weak.pem", "rsa-weak.key", TLS_IDENTITY_KEY_SIZE);
    expect("ec-leaf.pem", "ed-root.key", TLS_IDENTITY_KEY_TYPE);
    expect("ed-root.pem", "ec-leaf.key", TLS_IDENTITY_CERTIFICATE_TYPE);
    assert_true(tls_identity_fault_is_of_key(TLS_IDENTITY_MISMATCH));
    assert_false(tls_identity_fault_is_of_key(TLS_IDENTITY_LONG_CHAIN));
}

/* One file with both, a chain behind the leaf, CRLF, text between, no last newline. */
static void a_file_may_hold_it_all(void **state)
{
    static char part[TLS_PEER_PEM_BYTES];
    static char text[TEXT_BYTES];
    static const char *const files[] = {"ec-leaf-sec1.key", "ec-leaf.pem", "ec-inter.pem"};
    size_t len = 0;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct span one = tls_peer_file(files[i], part);
        for (size_t k = 0; k < one.len; k++) {
            if (one.ptr[k] == '\n')
                text[len++] = '\r';
            text[len++] = one.ptr[k];
        }
        memcpy(text + len, "subject: CN=x\r\n", 15);
        len += 15;
    }
    len -= 17;
    assert_int_equal(tls_identity_load(id, span_of(text, len), span_of(text, len)),
                     TLS_IDENTITY_GOOD);
    {
        char storage[128];
        struct fmt f;
        fmt_init(&f, storage, sizeof storage);
        tls_identity_fmt_names(id, &f);
        assert_string_equal(fmt_cstr(&f), "api.test.example, *.wild.test.example");
    }
    assert_int_equal(tls_identity_begins(id), 1577836800); /* 2020-01-01 */
    assert_int_equal(tls_identity_ends(id), 2524607999);   /* 2049-12-31 23:59:59 */
}

static void long_chains_are_refused(void **state)
{
    static char part[TLS_PEER_PEM_BYTES];
    static char text[TEXT_BYTES];
    static const struct {
        const char *certificate;
        const char *key;
        int most;
    } cases[] = {{"ec-leaf.pem", "ec-leaf.key", TLS_CHAIN_MAX}, {"big.pem", "big.key", 6}};
    (void)state;
    for (size_t c = 0; c < ARRAY_LEN(cases); c++) {
        struct span one = tls_peer_file(cases[c].certificate, part);
        char key[TLS_PEER_PEM_BYTES];
        struct span secret = tls_peer_file(cases[c].key, key);
        enum tls_identity_fault fault = TLS_IDENTITY_GOOD;
        size_t len = 0;
        int count = 0;
        while (fault == TLS_IDENTITY_GOOD) {
            memcpy(text + len, one.ptr, one.len);
            len += one.len;
            fault = tls_identity_load(id, span_of(text, len), secret);
            count++;
        }
        assert_int_equal(fault, TLS_IDENTITY_LONG_CHAIN);
        assert_true(count - 1 <= cases[c].most && count - 1 >= 4);
    }
}

/* Every cut and every flipped byte of a key: no crash, and never a wrong key that is taken. */
static void damaged_keys_are_refused(void **state)
{
    static char texts[2][TLS_PEER_PEM_BYTES];
    static const char *const pairs[][2] = {{"rsa-leaf.pem", "rsa-leaf-pkcs1.key"},
                                           {"ec-leaf.pem", "ec-leaf-sec1.key"}};
    (void)state;
    for (size_t p = 0; p < ARRAY_LEN(pairs); p++) {
        struct span certificate = tls_peer_file(pairs[p][0], texts[0]);
        struct span key = tls_peer_file(pairs[p][1], texts[1]);
        for (size_t len = 0; len < key.len - 30; len += 7)
            assert_int_not_equal(tls_identity_load(id, certificate, span_of(key.ptr, len)),
                                 TLS_IDENTITY_GOOD);
        for (size_t at = 0; at < key.len; at += 5) {
            texts[1][at] ^= 2;
            /* The public part may be damaged: it is not used. */
            (void)tls_identity_load(id, certificate, key);
            texts[1][at] ^= 2;
        }
    }
}

/* ---- DER ---- */

static void der_is_strict(void **state)
{
    static const struct {
        struct span bytes;
        bool good;
    } cases[] = {
        {{"\x04\x00", 2}, true},
        {{"\x04\x01x", 3}, true},
        {{"\x04\x02x", 3}, false},          /* cut off */
        {{"\x04\x81\x01x", 4}, false},      /* a length of two bytes that fits into one */
        {{"\x04\x80xx\x00\x00", 6}, false}, /* indefinite */
        {{"\x1f\x01\x00", 3}, false},       /* a long tag */
        {{"\x04\x85\x01\x00\x00\x00\x00", 7}, false},
        {{"\x04\x84\xff\xff\xff\xff", 6}, false},
        {{"\x04", 1}, false},
        {{"", 0}, false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct span rest = cases[i].bytes;
        struct span content;
        uint8_t tag;
        assert_int_equal(der_next(&rest, &tag, &content), cases[i].good);
    }
    {
        struct span rest = SPAN("\x02\x03\x00\x00\x05\x02\x01\x85");
        struct span digits;
        assert_true(der_take_unsigned(&rest, &digits));
        assert_true(span_equal(digits, SPAN("\x05")));
        assert_false(der_take_unsigned(&rest, &digits)); /* negative */
    }
}

static void der_reads_what_it_wrote(void **state)
{
    static uint8_t storage[70000];
    static char content[66000];
    static const size_t lens[] = {0, 1, 127, 128, 255, 256, 65535, 65536, 66000};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
        struct der_writer w;
        struct span rest;
        struct span outer;
        struct span inner;
        der_begin(&w, storage, sizeof storage);
        der_element(&w, DER_OCTETS, span_of(content, lens[i]));
        der_wrap(&w, DER_SEQUENCE, sizeof storage);
        rest = der_written(&w);
        assert_true(der_take(&rest, DER_SEQUENCE, &outer) && rest.len == 0);
        assert_true(der_take(&outer, DER_OCTETS, &inner) && outer.len == 0);
        assert_int_equal(inner.len, lens[i]);
        for (size_t room = 0; room < 8 && lens[i] > 100; room++) {
            der_begin(&w, storage, lens[i] + room);
            der_element(&w, DER_OCTETS, span_of(content, lens[i]));
            assert_int_equal(der_written(&w).len > 0, room >= (lens[i] < 128     ? 2u
                                                               : lens[i] < 256   ? 3u
                                                               : lens[i] < 65536 ? 4u
                                                                                 : 5u));
        }
    }
}

/* ---- certificates of our own ---- */

static void make(struct tls_selfsigned *o, char *certificate, char *key, struct span out[2])
{
    struct fmt f[2];
    fmt_init(&f[0], certificate, TLS_SELFSIGNED_PEM_BYTES);
    fmt_init(&f[1], key, TLS_SELFSIGNED_KEY_BYTES);
    assert_true(tls_selfsigned_make(o, &f[0], &f[1]));
    out[0] = fmt_span(&f[0]);
    out[1] = fmt_span(&f[1]);
}

static void a_made_certificate_is_an_identity(void **state)
{
    static char certificate[TLS_SELFSIGNED_PEM_BYTES];
    static char key[TLS_SELFSIGNED_KEY_BYTES];
    struct tls_selfsigned o = {
        .names = {"router.lan", "*.router.lan"},
        .name_count = 2,
        .address_count = 2,
        .begins_unix_s = TLS_PEER_NOW_S,
        .ends_unix_s = INT64_C(2524608000), /* 2050-01-01: the long form of a date */
        .entropy = {7},
    };
    struct span pem[2];
    char storage[128];
    struct fmt f;
    (void)state;
    assert_true(net_addr_scan_host(SPAN("192.168.1.1"), &o.addresses[0]));
    assert_true(net_addr_scan_host(SPAN("fd00::1"), &o.addresses[1]));
    for (int i = 0; i < 40; i++) { /* signatures and points of different lengths */
        o.entropy[1] = (uint8_t)i;
        make(&o, certificate, key, pem);
        assert_int_equal(tls_identity_load(id, pem[0], pem[1]), TLS_IDENTITY_GOOD);
        assert_int_equal(tls_identity_begins(id), o.begins_unix_s);
        assert_int_equal(tls_identity_ends(id), o.ends_unix_s);
    }
    expect_key("EC P-256");
    fmt_init(&f, storage, sizeof storage);
    tls_identity_fmt_names(id, &f);
    assert_string_equal(fmt_cstr(&f), "router.lan, *.router.lan, 192.168.1.1, fd00::1");
    /* Of addresses only; and of nothing. */
    o.name_count = 0;
    make(&o, certificate, key, pem);
    assert_int_equal(tls_identity_load(id, pem[0], pem[1]), TLS_IDENTITY_GOOD);
    o.address_count = 0;
    fmt_init(&f, certificate, sizeof certificate);
    assert_false(tls_selfsigned_make(&o, &f, &f));
}

static void the_longest_names_fit(void **state)
{
    static char certificate[TLS_SELFSIGNED_PEM_BYTES];
    static char key[TLS_SELFSIGNED_KEY_BYTES];
    static char name[TLS_NAME_BYTES_MAX + 1];
    struct tls_selfsigned o = {.name_count = TLS_SELFSIGNED_NAMES_MAX,
                               .begins_unix_s = TLS_PEER_NOW_S,
                               .ends_unix_s = TLS_PEER_NOW_S + 1};
    struct span pem[2];
    (void)state;
    for (size_t i = 0; i < TLS_NAME_BYTES_MAX; i++)
        name[i] = i % 60 == 59 ? '.' : 'a';
    assert_true(tls_name_is_good(span_str(name)));
    for (size_t i = 0; i < TLS_SELFSIGNED_NAMES_MAX; i++)
        o.names[i] = name;
    make(&o, certificate, key, pem);
    assert_int_equal(tls_identity_load(id, pem[0], pem[1]), TLS_IDENTITY_GOOD);
}

static void names_are_names(void **state)
{
    static const char *const bad[] = {"",  ".",   "a.",  ".a",  "a..b",     "-a",  "a-",
                                      "*", "a.*", "a b", "a/b", "\xc3\xa4", "**.a"};
    static const char *const good[] = {"a", "a.b", "*.a", "A-1.b", "_x.y", "1.example"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(tls_name_is_good(span_str(bad[i])));
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_true(tls_name_is_good(span_str(good[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_form_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_wrong_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_may_hold_it_all, set_up, tear_down),
        cmocka_unit_test_setup_teardown(long_chains_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damaged_keys_are_refused, set_up, tear_down),
        cmocka_unit_test(der_is_strict),
        cmocka_unit_test(der_reads_what_it_wrote),
        cmocka_unit_test_setup_teardown(a_made_certificate_is_an_identity, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_longest_names_fit, set_up, tear_down),
        cmocka_unit_test(names_are_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
