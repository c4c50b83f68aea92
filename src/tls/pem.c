#include "tls/pem.h"

#include "base/base64.h"

enum {
    GROUP_CHARS = 4, /* of base64 */
    GROUP_BYTES = 3, /* what they stand for */
    LINE_BYTES = 48, /* 64 characters (RFC 7468 section 2) */
};

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* The base64 of a whole object, white space left out. */
static bool decode(struct span text, uint8_t *out, size_t out_bytes, struct pem_object *o)
{
    char group[GROUP_CHARS];
    size_t count = 0;
    bool ended = false;
    for (size_t i = 0; i < text.len; i++) {
        char bytes[GROUP_BYTES];
        size_t got;
        if (is_space(text.ptr[i]))
            continue;
        group[count++] = text.ptr[i];
        if (count < GROUP_CHARS)
            continue;
        count = 0;
        if (ended || !base64_decode(span_of(group, sizeof group), bytes, sizeof bytes, &got))
            return false;
        o->large = got > out_bytes - o->len;
        if (o->large)
            return false;
        memcpy(out + o->len, bytes, got);
        o->len += got;
        ended = got < GROUP_BYTES;
    }
    return count == 0 && o->len > 0;
}

/* What stands between here and the object's last line; *text is after it. */
static bool take_body(struct span *text, struct span label, struct span *body)
{
    struct span rest = *text;
    *body = rest;
    for (;;) {
        size_t at = span_find(rest, SPAN("-----END "));
        if (at == rest.len)
            return false;
        rest = span_part(rest, at + sizeof("-----END ") - 1, rest.len);
        if (span_starts(rest, label) &&
            span_starts(span_part(rest, label.len, rest.len), SPAN("-----")))
            break;
    }
    body->len = (size_t)(rest.ptr - body->ptr) - (sizeof("-----END ") - 1);
    *text = span_part(rest, label.len + sizeof("-----") - 1, rest.len);
    return true;
}

enum pem pem_next(struct span *text, struct pem_object *o, uint8_t *out, size_t out_bytes)
{
    size_t begin = span_find(*text, SPAN("-----BEGIN "));
    struct span body;
    memset(o, 0, sizeof *o);
    if (begin == text->len)
        return PEM_END;
    *text = span_part(*text, begin + sizeof("-----BEGIN ") - 1, text->len);
    o->label = span_part(*text, 0, span_find(*text, SPAN("-----")));
    *text = span_part(*text, o->label.len + sizeof("-----") - 1, text->len);
    if (!take_body(text, o->label, &body)) {
        *text = SPAN_EMPTY;
        return PEM_BAD;
    }
    o->encrypted =
        span_starts(o->label, SPAN("ENCRYPTED")) || span_find(body, SPAN("Proc-Type:")) < body.len;
    if (o->encrypted)
        return PEM_OBJECT;
    return decode(body, out, out_bytes, o) ? PEM_OBJECT : PEM_BAD;
}

void pem_fmt(struct fmt *f, const char *label, struct span bytes)
{
    fmt_str(f, "-----BEGIN ");
    fmt_str(f, label);
    fmt_str(f, "-----\n");
    for (size_t i = 0; i < bytes.len; i += LINE_BYTES) {
        base64_fmt(f, span_part(bytes, i, LINE_BYTES));
        fmt_char(f, '\n');
    }
    fmt_str(f, "-----END ");
    fmt_str(f, label);
    fmt_str(f, "-----\n");
}
