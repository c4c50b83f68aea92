/* trust - what the files of tls/ share; for them only, so that BearSSL's types stay here. */
#ifndef TLS_TRUST_H
#define TLS_TRUST_H

#include <bearssl.h>

#include "tls/anchors.h"

/* The anchors in the form that BearSSL wants. */
const br_x509_trust_anchor *tls_anchors_list(const struct tls_anchors *a, size_t *count);
/* br_x509_decoder_push follows a null pointer when bytes come after the end of the certificate or
 * after an error, as a hostile peer or file may have it; this drops them. False when they came
 * after the end. */
bool tls_decoder_push(br_x509_decoder_context *d, const void *bytes, size_t len);
/* BearSSL counts days from 1 January of year 0. */
enum { TLS_SECONDS_PER_DAY = 86400, TLS_DAYS_TO_1970 = 719528 };

static inline int64_t tls_unix_s(uint32_t days, uint32_t seconds)
{
    return ((int64_t)days - TLS_DAYS_TO_1970) * TLS_SECONDS_PER_DAY + seconds;
}

#endif
