/* key - private keys in DER: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017), SEC1 (RFC 5915). */
#include <string.h>

#include "base/check.h"
#include "tls/der.h"
#include "tls/keypair.h"

enum {
    RSA_BYTES_MIN = 256, /* 2048 bits: CA/Browser Forum baseline requirements, 6.1.5 */
    RSA_BYTES_MAX = 512,
    EC_BYTES_MAX = 66, /* P-521 */
};

static const struct {
    struct span oid;
    int curve;
    size_t bytes;
} curves[] = {
    {{"\x2a\x86\x48\xce\x3d\x03\x01\x07", 8}, BR_EC_secp256r1, 32},
    {{"\x2b\x81\x04\x00\x22", 5}, BR_EC_secp384r1, 48},
    {{"\x2b\x81\x04\x00\x23", 5}, BR_EC_secp521r1, 66},
};

#define OID_RSA SPAN("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01")
#define OID_EC  SPAN("\x2a\x86\x48\xce\x3d\x02\x01")

static unsigned char *keep(struct tls_identity *id, struct span bytes)
{
    unsigned char *at = id->key + id->key_bytes;
    CHECK(bytes.len <= sizeof id->key - id->key_bytes);
    memcpy(at, bytes.ptr, bytes.len);
    id->key_bytes += bytes.len;
    return at;
}

static bool is_small(struct span version, unsigned value)
{
    return value == 0 ? version.len == 0 : version.len == 1 && (uint8_t)version.ptr[0] == value;
}

static bool is_odd(struct span digits)
{
    return digits.len > 0 && ((uint8_t)digits.ptr[digits.len - 1] & 1) != 0;
}

static uint32_t bits_of(struct span digits)
{
    uint32_t bits = (uint32_t)digits.len * 8;
    for (unsigned top = (uint8_t)digits.ptr[0]; top < 0x80; top <<= 1)
        bits--;
    return bits;
}

/* RSAPrivateKey; whether its numbers belong together is told by a signature later. */
static enum tls_identity_fault read_rsa(struct tls_identity *id, struct span der)
{
    struct span all;
    struct span number[9]; /* version, n, e, d, p, q, dp, dq, 1/q */
    struct span *const p = &number[4];
    struct span *const q = &number[5];
    if (!der_take(&der, DER_SEQUENCE, &all) || der.len > 0)
        return TLS_IDENTITY_BAD_KEY;
    for (size_t i = 0; i < ARRAY_LEN(number); i++)
        if (!der_take_unsigned(&all, &number[i]))
            return TLS_IDENTITY_BAD_KEY;
    if (!is_small(number[0], 0) || all.len > 0 || !is_odd(*p) || !is_odd(*q))
        return TLS_IDENTITY_BAD_KEY;
    if (number[1].len < RSA_BYTES_MIN || number[1].len > RSA_BYTES_MAX)
        return TLS_IDENTITY_KEY_SIZE;
    for (size_t i = 4; i < ARRAY_LEN(number); i++)
        if (number[i].len == 0 || number[i].len > TLS_RSA_FACTOR_BYTES)
            return TLS_IDENTITY_KEY_SIZE;
    /* A product has as many bits as its factors, or one less. */
    if (bits_of(*p) + bits_of(*q) - bits_of(number[1]) > 1)
        return TLS_IDENTITY_BAD_KEY;
    id->key_type = BR_KEYTYPE_RSA;
    id->rsa.n_bitlen = bits_of(number[1]);
    id->rsa.plen = p->len;
    id->rsa.p = keep(id, *p);
    id->rsa.qlen = q->len;
    id->rsa.q = keep(id, *q);
    id->rsa.dplen = number[6].len;
    id->rsa.dp = keep(id, number[6]);
    id->rsa.dqlen = number[7].len;
    id->rsa.dq = keep(id, number[7]);
    id->rsa.iqlen = number[8].len;
    id->rsa.iq = keep(id, number[8]);
    return TLS_IDENTITY_GOOD;
}

/* ECPrivateKey; `curve` is the OID of the wrapping, empty when there is none. */
static enum tls_identity_fault read_ec(struct tls_identity *id, struct span der, struct span curve)
{
    struct span all;
    struct span version;
    struct span x;
    struct span parameters;
    if (!der_take(&der, DER_SEQUENCE, &all) || der.len > 0 || !der_take_unsigned(&all, &version) ||
        !is_small(version, 1) || !der_take(&all, DER_OCTETS, &x))
        return TLS_IDENTITY_BAD_KEY;
    if (der_take(&all, DER_CONTEXT_0, &parameters) && !der_take(&parameters, DER_OID, &curve))
        return TLS_IDENTITY_KEY_TYPE; /* a curve by its numbers, not its name */
    for (size_t i = 0; i < ARRAY_LEN(curves); i++) {
        if (!span_equal(curve, curves[i].oid))
            continue;
        if (x.len == 0 || x.len > curves[i].bytes)
            return TLS_IDENTITY_BAD_KEY;
        id->key_type = BR_KEYTYPE_EC;
        id->ec.curve = curves[i].curve;
        id->ec.xlen = x.len;
        id->ec.x = keep(id, x);
        return TLS_IDENTITY_GOOD;
    }
    return curve.len == 0 ? TLS_IDENTITY_BAD_KEY : TLS_IDENTITY_KEY_SIZE;
}

/* PrivateKeyInfo, of which the other forms are a part. */
static enum tls_identity_fault read_wrapped(struct tls_identity *id, struct span all)
{
    struct span algorithm;
    struct span oid;
    struct span inner;
    struct span curve = SPAN_EMPTY;
    if (!der_take(&all, DER_SEQUENCE, &algorithm) || !der_take(&algorithm, DER_OID, &oid) ||
        !der_take(&all, DER_OCTETS, &inner))
        return TLS_IDENTITY_BAD_KEY;
    if (span_equal(oid, OID_RSA))
        return read_rsa(id, inner);
    if (!span_equal(oid, OID_EC))
        return TLS_IDENTITY_KEY_TYPE;
    if (!der_take(&algorithm, DER_OID, &curve))
        return TLS_IDENTITY_KEY_TYPE;
    return read_ec(id, inner, curve);
}

enum tls_identity_fault tls_key_read(struct tls_identity *id, struct span der)
{
    struct span whole = der;
    struct span all;
    struct span version;
    struct span after;
    struct span ignored;
    if (!der_take(&whole, DER_SEQUENCE, &all) || whole.len > 0 ||
        !der_take_unsigned(&all, &version))
        return TLS_IDENTITY_BAD_KEY;
    after = all;
    if (der_take(&after, DER_SEQUENCE, &ignored))
        return read_wrapped(id, all);
    if (der_take(&after, DER_OCTETS, &ignored))
        return read_ec(id, der, SPAN_EMPTY);
    return read_rsa(id, der);
}
