/* der - ASN.1 in DER (X.690): what certificates and keys are read from, and written as.
 *
 * Reading takes elements off the front of a span: der_next() any, der_take() one of a tag. Only
 * what certificates have is known: tags of one byte, definite lengths in their shortest form.
 * Nothing is copied; false means that it is no such DER.
 *
 * Writing goes from the back to the front, because a length stands before what it counts:
 *
 *   der_begin(&w, storage, bytes);
 *   mark = w.at; der_put(what comes last) ... der_put(what comes first); der_wrap(&w, tag, mark);
 *   der_written(&w) is the whole, empty when it did not fit. */
#ifndef TLS_DER_H
#define TLS_DER_H

#include "base/span.h"

enum der_tag {
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_BITS = 0x03,
    DER_OCTETS = 0x04,
    DER_OID = 0x06,
    DER_UTF8 = 0x0c,
    DER_UTC_TIME = 0x17,
    DER_TIME = 0x18, /* GeneralizedTime */
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
    DER_DNS_NAME = 0x82,   /* of a GeneralName */
    DER_IP_ADDRESS = 0x87, /* likewise */
    DER_CONTEXT_0 = 0xa0,
    DER_CONTEXT_1 = 0xa1,
    DER_CONTEXT_3 = 0xa3,
};

bool der_next(struct span *rest, uint8_t *tag, struct span *content);
bool der_take(struct span *rest, enum der_tag tag, struct span *content);
/* A positive integer without its leading zeros; false for a negative one. */
bool der_take_unsigned(struct span *rest, struct span *digits);

struct der_writer {
    uint8_t *storage;
    size_t bytes;
    size_t at; /* where the last thing put begins */
    bool full;
};

void der_begin(struct der_writer *w, void *storage, size_t bytes);
void der_put(struct der_writer *w, struct span bytes);
void der_put_byte(struct der_writer *w, uint8_t byte);
/* Length and tag in front of all that was put since w->at was `mark`. */
void der_wrap(struct der_writer *w, uint8_t tag, size_t mark);
/* An element of its own. */
void der_element(struct der_writer *w, uint8_t tag, struct span content);
struct span der_written(const struct der_writer *w);

#endif
