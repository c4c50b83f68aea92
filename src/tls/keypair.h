/* keypair - the inside of an identity, for tls/ only: BearSSL's forms of chain and key. */
#ifndef TLS_KEYPAIR_H
#define TLS_KEYPAIR_H

#include <bearssl.h>

#include "tls/identity.h"

enum {
    TLS_RSA_FACTOR_BYTES = 256, /* of a modulus of 4096 bits */
    TLS_RSA_PARTS = 5,          /* p, q, dp, dq, 1/q */
    TLS_KEY_BYTES = TLS_RSA_PARTS * TLS_RSA_FACTOR_BYTES,
    TLS_SIGNATURE_BYTES_MAX = 2 * TLS_RSA_FACTOR_BYTES,
};

struct tls_identity {
    br_x509_certificate chain[TLS_CHAIN_MAX];
    size_t chain_len;
    int key_type; /* BR_KEYTYPE_RSA or BR_KEYTYPE_EC; 0: nothing is loaded */
    br_rsa_private_key rsa;
    br_ec_private_key ec;
    int64_t begins_unix_s;
    int64_t ends_unix_s;
    size_t der_bytes;
    size_t key_bytes;
    uint8_t key[TLS_KEY_BYTES]; /* what rsa and ec point to */
    uint8_t der[TLS_CHAIN_BYTES_MAX];
};

/* Signs a hash by the key; the length of the signature, at most TLS_SIGNATURE_BYTES_MAX, or 0. */
size_t tls_identity_sign(const struct tls_identity *id, const br_hash_class *hash,
                         const void *hash_value, void *out);
/* Reads a private key in DER, of any of the three forms. */
enum tls_identity_fault tls_key_read(struct tls_identity *id, struct span der);

#endif
