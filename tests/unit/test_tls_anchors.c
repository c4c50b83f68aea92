/* Trust anchors out of PEM: well-formed, odd and broken bundles, at once and in pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tls_peer.h"

#define BUNDLE_PATH "/etc/ssl/certs/ca-certificates.crt"

enum { TEXT_BYTES = 65536, MEMORY_BYTES = 16384 };

struct text {
    char bytes[TEXT_BYTES];
    size_t len;
};

struct bench {
    _Alignas(16) char object[4096];
    _Alignas(16) char memory[MEMORY_BYTES];
    struct text text;
};

static struct tls_anchors *anchors_of(struct bench *b)
{
    assert_true(tls_anchors_object_bytes() <= sizeof b->object);
    return (struct tls_anchors *)(void *)b->object;
}

static int set_up(void **state)
{
    static struct bench b;
    memset(&b, 0, sizeof b);
    *state = &b;
    return 0;
}

static void add(struct text *t, struct span s)
{
    assert_true(t->len + s.len <= sizeof t->bytes);
    memcpy(t->bytes + t->len, s.ptr, s.len);
    t->len += s.len;
}

static void add_file(struct text *t, const char *name)
{
    char pem[TLS_PEER_PEM_BYTES];
    add(t, tls_peer_file(name, pem));
}

static bool read_all(struct bench *b, void *memory, size_t bytes, size_t piece)
{
    struct tls_anchors *a = anchors_of(b);
    tls_anchors_start(a, memory, bytes);
    for (size_t at = 0; at < b->text.len; at += piece)
        tls_anchors_feed(a, span_part(span_of(b->text.bytes, b->text.len), at, piece));
    return tls_anchors_finish(a);
}

/* Measured, then kept in exactly that much: for every size of piece the same. */
static void expect(struct bench *b, size_t count, size_t skipped)
{
    static const size_t pieces[] = {1, 2, 3, 64, 1000, TEXT_BYTES};
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        struct tls_anchors *a = anchors_of(b);
        assert_true(read_all(b, NULL, 0, pieces[i]));
        assert_int_equal(tls_anchors_count(a), count);
        assert_int_equal(tls_anchors_skipped(a), skipped);
        size_t bytes = tls_anchors_used_bytes(a);
        assert_true(bytes <= sizeof b->memory);
        memset(b->memory, 0xee, sizeof b->memory);
        assert_true(read_all(b, b->memory, bytes, pieces[i]));
        assert_int_equal(tls_anchors_count(a), count);
        assert_int_equal(tls_anchors_skipped(a), skipped);
        assert_int_equal(tls_anchors_used_bytes(a), bytes);
        for (size_t k = bytes; k < sizeof b->memory; k++)
            assert_int_equal((unsigned char)b->memory[k], 0xee);
        if (count > 0)
            assert_false(read_all(b, b->memory, bytes - sizeof(void *), pieces[i]));
    }
}

static void nothing_gives_no_anchors(void **state)
{
    struct bench *b = *state;
    expect(b, 0, 0);
    add(&b->text, SPAN("just words\nand more words"));
    expect(b, 0, 0);
}

static void roots_of_both_kinds_are_kept(void **state)
{
    struct bench *b = *state;
    add_file(&b->text, "ec-root.pem");
    add_file(&b->text, "rsa-root.pem");
    add_file(&b->text, "self.pem");
    expect(b, 3, 0);
}

static void text_between_and_other_objects_are_no_matter(void **state)
{
    struct bench *b = *state;
    add(&b->text, SPAN("# Test EC Root\n=====\n"));
    add_file(&b->text, "ec-root.pem");
    add(&b->text, SPAN("\n\n-- not a banner --\n"));
    add_file(&b->text, "ec-leaf.key"); /* a key in the wrong file */
    add_file(&b->text, "rsa-root.pem");
    expect(b, 2, 0);
}

static void line_ends_may_be_of_any_kind(void **state)
{
    struct bench *b = *state;
    char pem[TLS_PEER_PEM_BYTES];
    struct span unix_text = tls_peer_file("ec-root.pem", pem);
    for (size_t i = 0; i < unix_text.len; i++) {
        if (unix_text.ptr[i] == '\n')
            add(&b->text, SPAN("\r"));
        add(&b->text, span_of(unix_text.ptr + i, 1));
    }
    expect(b, 1, 0);
    b->text.len -= 2; /* the last line has no end at all */
    expect(b, 1, 0);
}

static void what_cannot_be_used_is_skipped_and_counted(void **state)
{
    struct bench *b = *state;
    add_file(&b->text, "ec-root.pem");
    add_file(&b->text, "ed-root.pem");
    add(&b->text, SPAN("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"));
    add(&b->text, SPAN("-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n"));
    add(&b->text, SPAN("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"));
    add_file(&b->text, "rsa-root.pem");
    expect(b, 2, 4);
    size_t whole = b->text.len;
    b->text.len = whole - 200; /* the download was cut */
    expect(b, 1, 5);
}

/* What the decoder held of the broken one must not get into the next. */
static void an_error_in_the_middle_costs_one_certificate(void **state)
{
    struct bench *b = *state;
    char pem[TLS_PEER_PEM_BYTES];
    struct span text = tls_peer_file("rsa-root.pem", pem);
    for (size_t at = 40; at < 400; at += 40) {
        b->text.len = 0;
        add(&b->text, span_part(text, 0, at));
        add(&b->text, SPAN("!"));
        add(&b->text, span_part(text, at, text.len));
        add_file(&b->text, "ec-root.pem");
        expect(b, 1, 1);
    }
}

static void bytes_after_a_certificate_do_no_harm(void **state)
{
    struct bench *b = *state;
    char pem[TLS_PEER_PEM_BYTES];
    struct span text = tls_peer_file("rsa-root.pem", pem);
    size_t end = span_find(text, SPAN("-----END"));
    add(&b->text, span_part(text, 0, end - 9)); /* the last line ends in "==" */
    for (int i = 0; i < 20; i++)
        add(&b->text, SPAN("MIIFMIIFMIIFMIIFMIIFMIIFMIIFMIIFMIIFMIIFMIIFMIIFMIIFMIIFMIIFMIIF\n"));
    add(&b->text, span_part(text, end, text.len));
    add_file(&b->text, "ec-root.pem");
    expect(b, 1, 1);
}

static void a_certificate_larger_than_the_limit_is_skipped(void **state)
{
    struct bench *b = *state;
    add(&b->text, SPAN("-----BEGIN CERTIFICATE-----\n"));
    for (int i = 0; i < TLS_CERTIFICATE_BYTES_MAX / 45; i++)
        add(&b->text, SPAN("MIIFMIIFMIIFMIIFMIIFMIIFMIIFMIIFMIIFMIIFMIIFMIIFMIIFMIIFMIIFMIIF\n"));
    add(&b->text, SPAN("-----END CERTIFICATE-----\n"));
    add_file(&b->text, "rsa-root.pem");
    expect(b, 1, 1);
}

struct tally {
    struct tls_anchors *anchors;
};

static void feed(void *ctx, struct span chunk)
{
    tls_anchors_feed(((struct tally *)ctx)->anchors, chunk);
}

/* The bundle of this machine, where it has one. */
static void a_real_bundle_is_read(void **state)
{
    struct bench *b = *state;
    struct tally t = {anchors_of(b)};
    tls_anchors_start(t.anchors, NULL, 0);
    if (config_file_each(BUNDLE_PATH, feed, &t) != 0) {
        print_message("no %s here\n", BUNDLE_PATH);
        skip();
    }
    assert_true(tls_anchors_finish(t.anchors));
    size_t count = tls_anchors_count(t.anchors);
    size_t bytes = tls_anchors_used_bytes(t.anchors);
    assert_true(count > 50);
    assert_true(tls_anchors_skipped(t.anchors) <= count / 10);
    print_message("%zu anchors in %zu bytes, %zu skipped\n", count, bytes,
                  tls_anchors_skipped(t.anchors));
    assert_true(bytes < count * 700); /* about 480 each: name, key and struct */
    void *memory = malloc(bytes);
    assert_non_null(memory);
    tls_anchors_start(t.anchors, memory, bytes);
    assert_int_equal(config_file_each(BUNDLE_PATH, feed, &t), 0);
    assert_true(tls_anchors_finish(t.anchors));
    assert_int_equal(tls_anchors_count(t.anchors), count);
    free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nothing_gives_no_anchors, set_up),
        cmocka_unit_test_setup(roots_of_both_kinds_are_kept, set_up),
        cmocka_unit_test_setup(text_between_and_other_objects_are_no_matter, set_up),
        cmocka_unit_test_setup(line_ends_may_be_of_any_kind, set_up),
        cmocka_unit_test_setup(what_cannot_be_used_is_skipped_and_counted, set_up),
        cmocka_unit_test_setup(an_error_in_the_middle_costs_one_certificate, set_up),
        cmocka_unit_test_setup(bytes_after_a_certificate_do_no_harm, set_up),
        cmocka_unit_test_setup(a_certificate_larger_than_the_limit_is_skipped, set_up),
        cmocka_unit_test_setup(a_real_bundle_is_read, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
