/* trust - the anchors in the form that BearSSL wants; for tls/ only, so that its types stay here.
 */
#ifndef TLS_TRUST_H
#define TLS_TRUST_H

#include <bearssl.h>

#include "tls/anchors.h"

const br_x509_trust_anchor *tls_anchors_list(const struct tls_anchors *a, size_t *count);

#endif
