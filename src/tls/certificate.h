/* certificate - what stands in an X.509 certificate, for people: whose it is, who vouches for it
 * and for which hosts. Pure; nothing is verified. */
#ifndef TLS_CERTIFICATE_H
#define TLS_CERTIFICATE_H

#include "base/fmt.h"

/* Spans into its DER. */
struct tls_certificate {
    struct span issuer; /* names in DER, with tag and length */
    struct span subject;
    struct span hosts; /* what subjectAltName holds; empty: it has none */
};

/* False for what is no certificate. */
bool tls_certificate_read(struct span der, struct tls_certificate *out);
/* The common name, else the organisation; nothing when there is neither. */
void tls_certificate_fmt_name(struct span name, struct fmt *f);
/* DNS names and addresses, ", " between them: "router.lan, 192.168.1.1". */
void tls_certificate_fmt_hosts(struct span hosts, struct fmt *f);

#endif
