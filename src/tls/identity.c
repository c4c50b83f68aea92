#include "tls/identity.h"

#include <string.h>

#include "base/check.h"
#include "tls/certificate.h"
#include "tls/keypair.h"
#include "tls/pem.h"
#include "tls/trust.h"

enum { HASH_BYTES = 32 };

_Static_assert(sizeof(struct tls_identity) <= TLS_IDENTITY_BYTES, "as the header says");

size_t tls_identity_bytes(void)
{
    return sizeof(struct tls_identity);
}

void tls_identity_wipe(struct tls_identity *id)
{
    explicit_bzero(id, sizeof *id);
}

/* The hash's name in a signature (RFC 8017 section 9.2), after its length, as BearSSL has it; NULL:
 * none that is signed with here. By number: the address of a class in a table would be a
 * relocation that a static program has nobody for. */
static const unsigned char *hash_oid(unsigned id)
{
    switch (id) {
    case br_sha256_ID:
        return BR_HASH_OID_SHA256;
    case br_sha384_ID:
        return BR_HASH_OID_SHA384;
    case br_sha512_ID:
        return BR_HASH_OID_SHA512;
    default:
        return NULL;
    }
}

size_t tls_identity_sign(const struct tls_identity *id, const br_hash_class *hash,
                         const void *hash_value, void *out)
{
    const unsigned char *oid = hash_oid(hash->desc >> BR_HASHDESC_ID_OFF & BR_HASHDESC_ID_MASK);
    size_t bytes = hash->desc >> BR_HASHDESC_OUT_OFF & BR_HASHDESC_OUT_MASK;
    if (id->key_type == BR_KEYTYPE_EC)
        return br_ecdsa_i31_sign_asn1(br_ec_get_default(), hash, hash_value, &id->ec, out);
    if (oid == NULL || br_rsa_i31_pkcs1_sign(oid, hash_value, bytes, &id->rsa, out) == 0)
        return 0;
    return (id->rsa.n_bitlen + 7) / 8;
}

/* ---- loading ---- */

static enum tls_identity_fault load_chain(struct tls_identity *id, struct span text)
{
    struct pem_object o;
    bool has_key = false;
    enum pem result;
    while ((result = pem_next(&text, &o, id->der + id->der_bytes,
                              sizeof id->der - id->der_bytes)) != PEM_END) {
        if (!span_equal(o.label, SPAN("CERTIFICATE")) &&
            !span_equal(o.label, SPAN("X509 CERTIFICATE"))) {
            has_key = has_key || span_ends(o.label, SPAN("PRIVATE KEY"));
            explicit_bzero(id->der + id->der_bytes, sizeof id->der - id->der_bytes);
            continue;
        }
        if (id->chain_len == TLS_CHAIN_MAX)
            return TLS_IDENTITY_LONG_CHAIN;
        if (result == PEM_BAD)
            return o.large ? TLS_IDENTITY_LONG_CHAIN : TLS_IDENTITY_BAD_CERTIFICATE;
        id->chain[id->chain_len++] = (br_x509_certificate){id->der + id->der_bytes, o.len};
        id->der_bytes += o.len;
    }
    if (id->chain_len > 0)
        return TLS_IDENTITY_GOOD;
    return has_key ? TLS_IDENTITY_KEY_AS_CERTIFICATE : TLS_IDENTITY_NO_CERTIFICATE;
}

static enum tls_identity_fault load_key(struct tls_identity *id, struct span text)
{
    uint8_t der[TLS_CHAIN_BYTES_MAX];
    struct pem_object o;
    enum tls_identity_fault fault = TLS_IDENTITY_NO_KEY;
    enum pem result;
    while ((result = pem_next(&text, &o, der, sizeof der)) != PEM_END) {
        if (span_equal(o.label, SPAN("CERTIFICATE")))
            fault = TLS_IDENTITY_CERTIFICATE_AS_KEY;
        if (!span_ends(o.label, SPAN("PRIVATE KEY")))
            continue;
        if (o.encrypted)
            fault = TLS_IDENTITY_ENCRYPTED_KEY;
        else if (result == PEM_BAD)
            fault = TLS_IDENTITY_BAD_KEY;
        else
            fault = tls_key_read(id, span_of((const char *)der, o.len));
        break;
    }
    explicit_bzero(der, sizeof der);
    return fault;
}

/* Signs something and verifies that, as a client will. */
static bool key_fits(const struct tls_identity *id, const br_x509_pkey *pkey)
{
    static const unsigned char hash[HASH_BYTES] = {1};
    unsigned char signature[TLS_SIGNATURE_BYTES_MAX];
    unsigned char found[HASH_BYTES];
    size_t len;
    if (pkey->key_type != id->key_type ||
        (id->key_type == BR_KEYTYPE_EC && pkey->key.ec.curve != id->ec.curve) ||
        (id->key_type == BR_KEYTYPE_RSA && pkey->key.rsa.nlen > TLS_SIGNATURE_BYTES_MAX))
        return false;
    len = tls_identity_sign(id, &br_sha256_vtable, hash, signature);
    if (len == 0)
        return false;
    if (id->key_type == BR_KEYTYPE_EC)
        return br_ecdsa_vrfy_asn1_get_default()(br_ec_get_default(), hash, sizeof hash,
                                                &pkey->key.ec, signature, len) != 0;
    return br_rsa_pkcs1_vrfy_get_default()(signature, len, BR_HASH_OID_SHA256, sizeof found,
                                           &pkey->key.rsa, found) != 0 &&
           memcmp(found, hash, sizeof found) == 0;
}

/* The server's own certificate, and whether the key is its. */
static enum tls_identity_fault check_pair(struct tls_identity *id)
{
    br_x509_decoder_context d;
    const br_x509_pkey *pkey;
    br_x509_decoder_init(&d, NULL, NULL);
    if (!tls_decoder_push(&d, id->chain[0].data, id->chain[0].data_len))
        return TLS_IDENTITY_BAD_CERTIFICATE;
    if (br_x509_decoder_last_error(&d) == BR_ERR_X509_UNSUPPORTED ||
        br_x509_decoder_last_error(&d) == BR_ERR_X509_WRONG_KEY_TYPE)
        return TLS_IDENTITY_CERTIFICATE_TYPE;
    pkey = br_x509_decoder_get_pkey(&d);
    if (pkey == NULL)
        return TLS_IDENTITY_BAD_CERTIFICATE;
    id->begins_unix_s = tls_unix_s(d.notbefore_days, d.notbefore_seconds);
    id->ends_unix_s = tls_unix_s(d.notafter_days, d.notafter_seconds);
    return key_fits(id, pkey) ? TLS_IDENTITY_GOOD : TLS_IDENTITY_MISMATCH;
}

enum tls_identity_fault tls_identity_load(struct tls_identity *id, struct span certificates,
                                          struct span key)
{
    enum tls_identity_fault fault;
    memset(id, 0, sizeof *id);
    fault = load_chain(id, certificates);
    if (fault == TLS_IDENTITY_GOOD)
        fault = load_key(id, key);
    if (fault == TLS_IDENTITY_GOOD)
        fault = check_pair(id);
    if (fault != TLS_IDENTITY_GOOD)
        tls_identity_wipe(id);
    return fault;
}

bool tls_identity_same(const struct tls_identity *a, const struct tls_identity *b)
{
    return a->key_type == b->key_type && a->der_bytes == b->der_bytes &&
           a->chain_len == b->chain_len && a->key_bytes == b->key_bytes &&
           memcmp(a->der, b->der, a->der_bytes) == 0 && memcmp(a->key, b->key, a->key_bytes) == 0;
}

const char *tls_identity_fault_text(enum tls_identity_fault fault)
{
    static const char *const texts[] = {
        [TLS_IDENTITY_GOOD] = "it is good",
        [TLS_IDENTITY_NO_CERTIFICATE] = "holds no certificate in PEM form (-----BEGIN CERTIFICATE)",
        [TLS_IDENTITY_KEY_AS_CERTIFICATE] =
            "holds a private key and no certificate: are tls_cert and tls_key exchanged?",
        [TLS_IDENTITY_BAD_CERTIFICATE] = "holds a certificate that cannot be read",
        [TLS_IDENTITY_LONG_CHAIN] =
            "holds too many certificates (6, or 8 KB in all): the server's own and those between "
            "it and a root are enough, without the root",
        [TLS_IDENTITY_CERTIFICATE_TYPE] =
            "holds a certificate whose key is neither RSA nor EC on P-256, P-384 or P-521; Ed25519 "
            "is not supported",
        [TLS_IDENTITY_NO_KEY] = "holds no private key in PEM form (-----BEGIN PRIVATE KEY)",
        [TLS_IDENTITY_CERTIFICATE_AS_KEY] =
            "holds a certificate and no private key: are tls_cert and tls_key exchanged?",
        [TLS_IDENTITY_ENCRYPTED_KEY] =
            "holds an encrypted key, whose pass phrase nobody could type at a start: write it "
            "without one by `openssl pkey -in KEY -out NEW`, mode 0600",
        [TLS_IDENTITY_BAD_KEY] = "holds a private key that cannot be read",
        [TLS_IDENTITY_KEY_TYPE] =
            "holds a key that is neither RSA nor EC on a named curve; Ed25519 is not supported",
        [TLS_IDENTITY_KEY_SIZE] = "holds a key of a size that is not supported: RSA of 2048 to "
                                  "4096 bits, or EC on P-256, "
                                  "P-384 or P-521",
        [TLS_IDENTITY_MISMATCH] = "holds a key that is not the one of the first certificate in "
                                  "tls_cert",
    };
    CHECK(fault < TLS_IDENTITY_FAULTS);
    return texts[fault];
}

bool tls_identity_fault_is_of_key(enum tls_identity_fault fault)
{
    return fault >= TLS_IDENTITY_NO_KEY;
}

/* ---- what it says ---- */

int64_t tls_identity_begins(const struct tls_identity *id)
{
    return id->begins_unix_s;
}

int64_t tls_identity_ends(const struct tls_identity *id)
{
    return id->ends_unix_s;
}

void tls_identity_fmt_key(const struct tls_identity *id, struct fmt *f)
{
    if (id->key_type == BR_KEYTYPE_RSA) {
        fmt_str(f, "RSA ");
        fmt_u64(f, id->rsa.n_bitlen);
        return;
    }
    fmt_str(f, id->ec.curve == BR_EC_secp256r1   ? "EC P-256"
               : id->ec.curve == BR_EC_secp384r1 ? "EC P-384"
                                                 : "EC P-521");
}

void tls_identity_fmt_names(const struct tls_identity *id, struct fmt *f)
{
    struct tls_certificate own;
    CHECK(id->chain_len > 0);
    if (tls_certificate_read(span_of((const char *)id->chain[0].data, id->chain[0].data_len), &own))
        tls_certificate_fmt_hosts(own.hosts, f);
}
