#include "tls/selfsigned.h"

#include <bearssl.h>
#include <string.h>

#include "base/calendar.h"
#include "base/hash.h"
#include "tls/der.h"
#include "tls/pem.h"

enum {
    KEY_BYTES = 32,
    POINT_BYTES = 65, /* uncompressed */
    SIGNATURE_BYTES_MAX = 72,
    SERIAL_BYTES = 16,         /* 127 bits of chance: RFC 5280 allows 20 bytes */
    COMMON_NAME_BYTES = 64,    /* RFC 5280, ub-common-name */
    YEAR_OF_LONG_DATES = 2050, /* RFC 5280 section 4.1.2.5 */
    LABEL_BYTES_MAX = 63,      /* RFC 1035 */
    KEY_DER_BYTES = 256,
};

#define OID_EC_KEY       SPAN("\x2a\x86\x48\xce\x3d\x02\x01")
#define OID_P256         SPAN("\x2a\x86\x48\xce\x3d\x03\x01\x07")
#define OID_ECDSA_SHA256 SPAN("\x2a\x86\x48\xce\x3d\x04\x03\x02")
#define OID_COMMON_NAME  SPAN("\x55\x04\x03")
#define OID_KEY_USAGE    SPAN("\x55\x1d\x0f")
#define OID_ALT_NAME     SPAN("\x55\x1d\x11")
#define OID_CONSTRAINTS  SPAN("\x55\x1d\x13")
#define OID_EXT_USAGE    SPAN("\x55\x1d\x25")

struct made_key {
    br_ec_private_key key;
    unsigned char x[KEY_BYTES];
    unsigned char point[POINT_BYTES];
    uint8_t serial[SERIAL_BYTES];
};

bool tls_name_is_good(struct span name)
{
    struct span label;
    if (span_starts(name, SPAN("*.")))
        name = span_part(name, 2, name.len);
    if (name.len == 0 || name.len > TLS_NAME_BYTES_MAX)
        return false;
    while (span_split(&name, '.', &label)) {
        if (label.len == 0 || label.len > LABEL_BYTES_MAX || label.ptr[0] == '-' ||
            label.ptr[label.len - 1] == '-')
            return false;
        for (size_t i = 0; i < label.len; i++) {
            char c = label.ptr[i];
            if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_'))
                return false;
        }
    }
    return true;
}

static bool make_key(const struct tls_selfsigned *o, struct made_key *k)
{
    const br_ec_impl *ec = br_ec_get_default();
    br_hmac_drbg_context rng;
    br_hmac_drbg_init(&rng, &br_sha256_vtable, o->entropy, sizeof o->entropy);
    br_hmac_drbg_generate(&rng, k->serial, sizeof k->serial);
    k->serial[0] = (uint8_t)((k->serial[0] & 0x7f) | 0x40); /* positive, and of full length */
    bool made = br_ec_keygen(&rng.vtable, ec, &k->key, k->x, BR_EC_secp256r1) == KEY_BYTES &&
                br_ec_compute_pub(ec, NULL, k->point, &k->key) == POINT_BYTES;
    explicit_bzero(&rng, sizeof rng);
    return made;
}

/* ---- from the back to the front ---- */

static struct span bytes_of(const void *bytes, size_t len)
{
    return span_of(bytes, len);
}

/* { OID } or { OID, OID }: an algorithm. */
static void put_algorithm(struct der_writer *w, struct span oid, struct span parameter)
{
    size_t mark = w->at;
    if (parameter.len > 0)
        der_element(w, DER_OID, parameter);
    der_element(w, DER_OID, oid);
    der_wrap(w, DER_SEQUENCE, mark);
}

static void put_bits(struct der_writer *w, struct span bytes)
{
    size_t mark = w->at;
    der_put(w, bytes);
    der_put_byte(w, 0); /* bits that are not used */
    der_wrap(w, DER_BITS, mark);
}

/* Wraps what was put since `mark`, the value, as an extension. */
static void wrap_extension(struct der_writer *w, struct span oid, bool critical, size_t mark)
{
    der_wrap(w, DER_OCTETS, mark);
    if (critical)
        der_element(w, DER_BOOLEAN, SPAN("\xff"));
    der_element(w, DER_OID, oid);
    der_wrap(w, DER_SEQUENCE, mark);
}

static void put_extensions(struct der_writer *w, const struct tls_selfsigned *o)
{
    size_t mark = w->at;
    size_t inner = w->at;
    der_element(w, DER_OID, SPAN("\x2b\x06\x01\x05\x05\x07\x03\x01")); /* serverAuth */
    der_wrap(w, DER_SEQUENCE, inner);
    wrap_extension(w, OID_EXT_USAGE, false, inner);
    inner = w->at;
    der_element(w, DER_BITS, SPAN("\x07\x80")); /* digitalSignature */
    wrap_extension(w, OID_KEY_USAGE, true, inner);
    inner = w->at;
    der_element(w, DER_SEQUENCE, SPAN_EMPTY); /* CA:FALSE is the default */
    wrap_extension(w, OID_CONSTRAINTS, true, inner);
    inner = w->at;
    for (size_t i = o->address_count; i > 0; i--) {
        const struct net_addr *a = &o->addresses[i - 1];
        der_element(w, DER_IP_ADDRESS, bytes_of(a->bytes, a->family == NET_IPV4 ? 4 : 16));
    }
    for (size_t i = o->name_count; i > 0; i--)
        der_element(w, DER_DNS_NAME, span_str(o->names[i - 1]));
    der_wrap(w, DER_SEQUENCE, inner);
    wrap_extension(w, OID_ALT_NAME, false, inner);
    der_wrap(w, DER_SEQUENCE, mark);
    der_wrap(w, DER_CONTEXT_3, mark);
}

static void put_two_digits(struct fmt *f, int value)
{
    fmt_u64(f, (uint64_t)value / 10);
    fmt_u64(f, (uint64_t)value % 10);
}

static void put_time(struct der_writer *w, int64_t unix_s)
{
    struct calendar c = calendar_from_unix_ms(unix_s * 1000);
    char text[sizeof("YYYYMMDDhhmmssZ")];
    struct fmt f;
    fmt_init(&f, text, sizeof text);
    if (c.year >= YEAR_OF_LONG_DATES)
        put_two_digits(&f, c.year / 100);
    put_two_digits(&f, c.year % 100);
    put_two_digits(&f, c.month);
    put_two_digits(&f, c.day);
    put_two_digits(&f, c.hour);
    put_two_digits(&f, c.minute);
    put_two_digits(&f, c.second);
    fmt_char(&f, 'Z');
    der_element(w, c.year >= YEAR_OF_LONG_DATES ? DER_TIME : DER_UTC_TIME, fmt_span(&f));
}

/* CN, the first of the names. */
static void put_name(struct der_writer *w, const struct tls_selfsigned *o)
{
    char text[NET_ADDR_TEXT_BYTES];
    struct span name = o->name_count > 0 ? span_str(o->names[0]) : SPAN_EMPTY;
    size_t mark = w->at;
    if (name.len == 0) {
        struct fmt f;
        fmt_init(&f, text, sizeof text);
        net_addr_fmt_host(&f, &o->addresses[0]);
        name = fmt_span(&f);
    }
    der_element(w, DER_UTF8, name.len <= COMMON_NAME_BYTES ? name : SPAN("farthing"));
    der_element(w, DER_OID, OID_COMMON_NAME);
    der_wrap(w, DER_SEQUENCE, mark);
    der_wrap(w, DER_SET, mark);
    der_wrap(w, DER_SEQUENCE, mark);
}

/* What is signed. */
static void put_body(struct der_writer *w, const struct tls_selfsigned *o, const struct made_key *k)
{
    size_t mark = w->at;
    size_t inner;
    put_extensions(w, o);
    inner = w->at;
    put_bits(w, bytes_of(k->point, sizeof k->point));
    put_algorithm(w, OID_EC_KEY, OID_P256);
    der_wrap(w, DER_SEQUENCE, inner);
    put_name(w, o);
    inner = w->at;
    put_time(w, o->ends_unix_s);
    put_time(w, o->begins_unix_s);
    der_wrap(w, DER_SEQUENCE, inner);
    put_name(w, o);
    put_algorithm(w, OID_ECDSA_SHA256, SPAN_EMPTY);
    der_element(w, DER_INTEGER, bytes_of(k->serial, sizeof k->serial));
    inner = w->at;
    der_element(w, DER_INTEGER, SPAN("\x02")); /* version 3 */
    der_wrap(w, DER_CONTEXT_0, inner);
    der_wrap(w, DER_SEQUENCE, mark);
}

static bool write_certificate(const struct tls_selfsigned *o, const struct made_key *k,
                              struct fmt *out)
{
    uint8_t body[TLS_SELFSIGNED_DER_BYTES];
    uint8_t whole[TLS_SELFSIGNED_DER_BYTES];
    uint8_t hash[HASH_SHA256_BYTES];
    unsigned char signature[SIGNATURE_BYTES_MAX];
    struct der_writer w;
    struct span signed_part;
    size_t len;
    der_begin(&w, body, sizeof body);
    put_body(&w, o, k);
    signed_part = der_written(&w);
    hash_sha256(signed_part, hash);
    len = br_ecdsa_i31_sign_asn1(br_ec_get_default(), &br_sha256_vtable, hash, &k->key, signature);
    der_begin(&w, whole, sizeof whole);
    put_bits(&w, bytes_of(signature, len));
    put_algorithm(&w, OID_ECDSA_SHA256, SPAN_EMPTY);
    der_put(&w, signed_part);
    der_wrap(&w, DER_SEQUENCE, sizeof whole);
    pem_fmt(out, "CERTIFICATE", der_written(&w));
    return signed_part.len > 0 && len > 0 && der_written(&w).len > 0 && fmt_ok(out);
}

static bool write_key(const struct made_key *k, struct fmt *out)
{
    uint8_t der[KEY_DER_BYTES];
    struct der_writer w;
    der_begin(&w, der, sizeof der);
    put_bits(&w, bytes_of(k->point, sizeof k->point));
    der_wrap(&w, DER_CONTEXT_1, sizeof der);
    der_element(&w, DER_OCTETS, bytes_of(k->x, sizeof k->x));
    der_element(&w, DER_INTEGER, SPAN("\x01"));
    der_wrap(&w, DER_SEQUENCE, sizeof der);
    der_wrap(&w, DER_OCTETS, sizeof der);
    put_algorithm(&w, OID_EC_KEY, OID_P256);
    der_element(&w, DER_INTEGER, span_of("", 1)); /* version 0 */
    der_wrap(&w, DER_SEQUENCE, sizeof der);
    pem_fmt(out, "PRIVATE KEY", der_written(&w));
    explicit_bzero(der, sizeof der);
    return fmt_ok(out);
}

bool tls_selfsigned_make(const struct tls_selfsigned *o, struct fmt *certificate, struct fmt *key)
{
    struct made_key k;
    bool made = o->name_count + o->address_count > 0 && make_key(o, &k) &&
                write_certificate(o, &k, certificate) && write_key(&k, key);
    explicit_bzero(&k, sizeof k);
    return made;
}
