/* selfsigned - a certificate that vouches for itself, for a gateway on a LAN, and its key.
 *
 * EC on P-256, signed with SHA-256, for a server only (CA:FALSE, serverAuth): who trusts it trusts
 * this one gateway and nobody else. Pure but for the arithmetic: names, dates and randomness come
 * in, PEM goes out; the key in PKCS#8. The same input gives the same certificate. */
#ifndef TLS_SELFSIGNED_H
#define TLS_SELFSIGNED_H

#include "base/addr.h"

enum {
    TLS_SELFSIGNED_NAMES_MAX = 16,   /* DNS names and addresses together */
    TLS_NAME_BYTES_MAX = 253,        /* RFC 1035 */
    TLS_SELFSIGNED_DER_BYTES = 6144, /* sixteen longest names, twice the rest */
    TLS_SELFSIGNED_PEM_BYTES = 9216,
    TLS_SELFSIGNED_KEY_BYTES = 512, /* of its PEM */
};

struct tls_selfsigned {
    const char *names[TLS_SELFSIGNED_NAMES_MAX];
    size_t name_count;
    struct net_addr addresses[TLS_SELFSIGNED_NAMES_MAX];
    size_t address_count;
    int64_t begins_unix_s;
    int64_t ends_unix_s;
    uint8_t entropy[64]; /* from getrandom: serial number and key come from it */
};

/* Whether it may stand in a certificate: letters, digits, '-', dots, and "*." in front. */
bool tls_name_is_good(struct span name);
/* False when there is no name at all or the texts do not fit. */
bool tls_selfsigned_make(const struct tls_selfsigned *o, struct fmt *certificate, struct fmt *key);

#endif
