/* anchors - the CA certificates that upstreams are verified against, read from a PEM bundle.
 *
 * A bundle of 144 roots is 220 KB of PEM and about 70 KB in the form kept here, so it is streamed:
 *
 *   tls_anchors_start(a, NULL, 0); feed ...; finish    measures: a->used_bytes is what is needed
 *   tls_anchors_start(a, memory, bytes); feed ...; finish    keeps the anchors in `memory`
 *
 * Memory belongs to the caller and must outlive every session. CRLF line ends, text between the
 * certificates and a missing final newline are all right. A certificate that cannot be decoded is
 * skipped and counted (bundles hold some that BearSSL knows no algorithm for), never fatal. */
#ifndef TLS_ANCHORS_H
#define TLS_ANCHORS_H

#include "base/span.h"

enum {
    TLS_CERTIFICATE_BYTES_MAX = 8192, /* decoded; the largest root in use has about 2 KB */
};

struct tls_anchors;

/* Size of the object itself, for the caller to carve. */
size_t tls_anchors_object_bytes(void);
void tls_anchors_start(struct tls_anchors *a, void *memory, size_t memory_bytes);
void tls_anchors_feed(struct tls_anchors *a, struct span pem);
/* False when memory was too small. */
bool tls_anchors_finish(struct tls_anchors *a);
size_t tls_anchors_count(const struct tls_anchors *a);
size_t tls_anchors_skipped(const struct tls_anchors *a);
size_t tls_anchors_used_bytes(const struct tls_anchors *a);
/* Whether there is one of that name (DER, as in tls/certificate), written in the same bytes. */
bool tls_anchors_have(const struct tls_anchors *a, struct span name);

#endif
