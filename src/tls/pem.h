/* pem - objects of a PEM text (RFC 7468), one after another.
 *
 * Lines may end in LF or CRLF and be of any length; text between objects is passed over. Old keys
 * have fields such as "Proc-Type: 4,ENCRYPTED" before their base64: those are only noted. */
#ifndef TLS_PEM_H
#define TLS_PEM_H

#include "base/fmt.h"

enum pem { PEM_OBJECT, PEM_BAD, PEM_END };

struct pem_object {
    struct span label; /* "CERTIFICATE"; in the text */
    bool encrypted;    /* by its label or its fields */
    bool large;        /* PEM_BAD because it did not fit */
    size_t len;        /* decoded */
};

/* Takes the next object off *text and decodes it into `out`. PEM_BAD: it has no end, is no base64,
 * or is larger than out_bytes (*text is then after it as far as it has an end). An encrypted object
 * is not decoded. */
enum pem pem_next(struct span *text, struct pem_object *o, uint8_t *out, size_t out_bytes);
void pem_fmt(struct fmt *f, const char *label, struct span bytes);

#endif
