#include <stdint.h>
#include <string.h>

#include "base/check.h"
#include "tls/trust.h"

/* Names and keys grow from the front of the memory; the anchors, which must be one array, grow from
 * the back towards them. Without memory the same code only counts. */
struct tls_anchors {
    char *memory; /* NULL: measuring */
    size_t memory_bytes;
    size_t front_bytes; /* names and keys */
    size_t back_bytes;  /* anchors */
    size_t peak_bytes;  /* of both: a certificate that is skipped at its end had its name here */
    size_t count;
    size_t skipped;
    bool too_small;
    /* The certificate being read: */
    bool inside;
    bool wanted;   /* inside a certificate, not a key or a CRL */
    bool overlong; /* bytes came after its end */
    size_t certificate_bytes;
    size_t name_start; /* front_bytes at its beginning, to go back to when it is skipped */
    br_pem_decoder_context pem;
    br_x509_decoder_context x509;
};

size_t tls_anchors_object_bytes(void)
{
    return sizeof(struct tls_anchors);
}

void tls_anchors_start(struct tls_anchors *a, void *memory, size_t memory_bytes)
{
    CHECK((uintptr_t)memory % sizeof(void *) == 0);
    memset(a, 0, sizeof *a);
    a->memory = memory;
    /* The array at the end must be aligned, too. */
    a->memory_bytes = memory_bytes - memory_bytes % sizeof(void *);
    br_pem_decoder_init(&a->pem);
}

static bool fits(const struct tls_anchors *a, size_t front_bytes, size_t back_bytes)
{
    return a->memory == NULL || front_bytes + back_bytes <= a->memory_bytes;
}

static void note_peak(struct tls_anchors *a)
{
    size_t bytes = a->front_bytes + a->back_bytes;
    a->peak_bytes = bytes > a->peak_bytes ? bytes : a->peak_bytes;
}

/* Appends to the front; the place it was put is front_bytes before the call. */
static void keep_bytes(struct tls_anchors *a, const void *bytes, size_t len)
{
    if (!fits(a, a->front_bytes + len, a->back_bytes)) {
        a->too_small = true;
        return;
    }
    if (a->memory != NULL)
        memcpy(a->memory + a->front_bytes, bytes, len);
    a->front_bytes += len;
    note_peak(a);
}

static void on_name(void *ctx, const void *bytes, size_t len)
{
    keep_bytes(ctx, bytes, len);
}

bool tls_decoder_push(br_x509_decoder_context *d, const void *bytes, size_t len)
{
    int state = br_x509_decoder_last_error(d);
    /* "Truncated" is how it says that it is not at the end yet. */
    if (state == BR_ERR_X509_TRUNCATED)
        br_x509_decoder_push(d, bytes, len);
    return state != BR_ERR_OK;
}

static void on_certificate_bytes(void *ctx, const void *bytes, size_t len)
{
    struct tls_anchors *a = ctx;
    a->certificate_bytes += len;
    if (a->certificate_bytes <= TLS_CERTIFICATE_BYTES_MAX)
        a->overlong |= !tls_decoder_push(&a->x509, bytes, len);
}

/* A copy of len bytes at the front, as BearSSL's pointer into it. */
static unsigned char *keep_part(struct tls_anchors *a, const unsigned char *bytes, size_t len)
{
    size_t at = a->front_bytes;
    keep_bytes(a, bytes, len);
    return a->memory == NULL ? NULL : (unsigned char *)a->memory + at;
}

static bool keep_key(struct tls_anchors *a, const br_x509_pkey *key, br_x509_pkey *out)
{
    out->key_type = key->key_type;
    switch (key->key_type) {
    case BR_KEYTYPE_RSA:
        out->key.rsa.n = keep_part(a, key->key.rsa.n, key->key.rsa.nlen);
        out->key.rsa.nlen = key->key.rsa.nlen;
        out->key.rsa.e = keep_part(a, key->key.rsa.e, key->key.rsa.elen);
        out->key.rsa.elen = key->key.rsa.elen;
        return true;
    case BR_KEYTYPE_EC:
        out->key.ec.curve = key->key.ec.curve;
        out->key.ec.q = keep_part(a, key->key.ec.q, key->key.ec.qlen);
        out->key.ec.qlen = key->key.ec.qlen;
        return true;
    default:
        return false;
    }
}

/* The certificate is whole: makes an anchor of it; false when it is to be skipped. */
static bool keep_anchor(struct tls_anchors *a)
{
    if (a->overlong || a->certificate_bytes > TLS_CERTIFICATE_BYTES_MAX)
        return false;
    const br_x509_pkey *key = br_x509_decoder_get_pkey(&a->x509);
    if (key == NULL)
        return false;
    br_x509_trust_anchor anchor;
    memset(&anchor, 0, sizeof anchor);
    anchor.dn.data = a->memory == NULL ? NULL : (unsigned char *)a->memory + a->name_start;
    anchor.dn.len = a->front_bytes - a->name_start;
    /* Without the flag it is trusted as that one server's certificate (a box on the LAN). */
    anchor.flags = br_x509_decoder_isCA(&a->x509) != 0 ? BR_X509_TA_CA : 0;
    if (!keep_key(a, key, &anchor.pkey))
        return false;
    if (!fits(a, a->front_bytes, a->back_bytes + sizeof anchor))
        a->too_small = true;
    if (a->too_small)
        return false;
    a->back_bytes += sizeof anchor;
    note_peak(a);
    if (a->memory != NULL)
        memcpy(a->memory + a->memory_bytes - a->back_bytes, &anchor, sizeof anchor);
    a->count++;
    return true;
}

static bool is_certificate(const char *name)
{
    return strcmp(name, "CERTIFICATE") == 0 || strcmp(name, "X509 CERTIFICATE") == 0;
}

static void begin_object(struct tls_anchors *a)
{
    a->inside = true;
    a->wanted = is_certificate(br_pem_decoder_name(&a->pem));
    a->overlong = false;
    a->certificate_bytes = 0;
    a->name_start = a->front_bytes;
    if (a->wanted) {
        br_x509_decoder_init(&a->x509, on_name, a);
        br_pem_decoder_setdest(&a->pem, on_certificate_bytes, a);
    } else {
        br_pem_decoder_setdest(&a->pem, NULL, NULL);
    }
}

static void end_object(struct tls_anchors *a, bool is_whole)
{
    if (a->inside && a->wanted && !(is_whole && keep_anchor(a))) {
        a->front_bytes = a->name_start;
        a->skipped += a->too_small ? 0 : 1;
    }
    a->inside = false;
}

static void push(struct tls_anchors *a, struct span pem)
{
    size_t at = 0;
    while (at < pem.len && !a->too_small) {
        at += br_pem_decoder_push(&a->pem, pem.ptr + at, pem.len - at);
        switch (br_pem_decoder_event(&a->pem)) {
        case BR_PEM_BEGIN_OBJ:
            begin_object(a);
            break;
        case BR_PEM_END_OBJ:
            end_object(a, true);
            break;
        case BR_PEM_ERROR:
            end_object(a, false);
            /* It would give the bytes that it still holds to the next object. */
            br_pem_decoder_init(&a->pem);
            break;
        default:
            break;
        }
    }
}

/* Without the carriage returns: BearSSL 0.6 takes the one of a banner's line for a part of its
 * name. */
void tls_anchors_feed(struct tls_anchors *a, struct span pem)
{
    while (pem.len > 0) {
        size_t len = span_find_byte(pem, '\r');
        push(a, span_part(pem, 0, len));
        pem = span_part(pem, len + 1, pem.len);
    }
}

bool tls_anchors_finish(struct tls_anchors *a)
{
    /* The decoder sees the last banner only with its line end, which editors leave out. */
    tls_anchors_feed(a, SPAN("\n"));
    end_object(a, false);
    return !a->too_small;
}

size_t tls_anchors_count(const struct tls_anchors *a)
{
    return a->count;
}

size_t tls_anchors_skipped(const struct tls_anchors *a)
{
    return a->skipped;
}

size_t tls_anchors_used_bytes(const struct tls_anchors *a)
{
    size_t bytes = a->peak_bytes + sizeof(void *) - 1;
    return bytes - bytes % sizeof(void *);
}

const br_x509_trust_anchor *tls_anchors_list(const struct tls_anchors *a, size_t *count)
{
    *count = a->memory == NULL ? 0 : a->count;
    if (*count == 0)
        return NULL;
    return (const br_x509_trust_anchor *)(const void *)(a->memory + a->memory_bytes -
                                                        a->back_bytes);
}

bool tls_anchors_have(const struct tls_anchors *a, struct span name)
{
    size_t count;
    const br_x509_trust_anchor *list = tls_anchors_list(a, &count);
    for (size_t i = 0; i < count; i++)
        if (span_equal(span_of((const char *)list[i].dn.data, list[i].dn.len), name))
            return true;
    return false;
}
