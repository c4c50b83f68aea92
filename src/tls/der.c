#include "tls/der.h"

#include "base/check.h"

enum {
    LENGTH_LONG = 0x80,     /* the low bits count the bytes of the length that follow */
    LENGTH_BYTES_MAX = 4,   /* lengths beyond a file's are refused by what is there */
    TAG_OF_MORE_BYTES = 31, /* in the low bits: the tag goes on */
};

static uint8_t byte_at(struct span s, size_t at)
{
    return (uint8_t)s.ptr[at];
}

bool der_next(struct span *rest, uint8_t *tag, struct span *content)
{
    size_t at = 2;
    size_t len;
    if (rest->len < 2 || (byte_at(*rest, 0) & TAG_OF_MORE_BYTES) == TAG_OF_MORE_BYTES)
        return false;
    *tag = byte_at(*rest, 0);
    len = byte_at(*rest, 1);
    if (len >= LENGTH_LONG) {
        size_t count = len - LENGTH_LONG;
        if (count == 0 || count > LENGTH_BYTES_MAX || rest->len < 2 + count ||
            byte_at(*rest, 2) == 0)
            return false;
        len = 0;
        for (; at < 2 + count; at++)
            len = len << 8 | byte_at(*rest, at);
        if (len < LENGTH_LONG)
            return false; /* has a shorter form */
    }
    if (len > rest->len - at)
        return false;
    *content = span_part(*rest, at, len);
    *rest = span_part(*rest, at + len, rest->len);
    return true;
}

bool der_take(struct span *rest, enum der_tag tag, struct span *content)
{
    struct span after = *rest;
    uint8_t found;
    if (!der_next(&after, &found, content) || found != (uint8_t)tag)
        return false;
    *rest = after;
    return true;
}

bool der_take_unsigned(struct span *rest, struct span *digits)
{
    if (!der_take(rest, DER_INTEGER, digits) || digits->len == 0 || byte_at(*digits, 0) >= 0x80)
        return false;
    while (digits->len > 0 && byte_at(*digits, 0) == 0)
        *digits = span_part(*digits, 1, digits->len);
    return true;
}

/* ---- writing ---- */

void der_begin(struct der_writer *w, void *storage, size_t bytes)
{
    w->storage = storage;
    w->bytes = bytes;
    w->at = bytes;
    w->full = false;
}

void der_put(struct der_writer *w, struct span bytes)
{
    if (w->full || bytes.len > w->at) {
        w->full = true;
        return;
    }
    w->at -= bytes.len;
    if (bytes.len > 0)
        memcpy(w->storage + w->at, bytes.ptr, bytes.len);
}

void der_put_byte(struct der_writer *w, uint8_t byte)
{
    der_put(w, span_of((const char *)&byte, 1));
}

void der_wrap(struct der_writer *w, uint8_t tag, size_t mark)
{
    size_t len = mark - w->at;
    CHECK(w->at <= mark);
    if (len < LENGTH_LONG) {
        der_put_byte(w, (uint8_t)len);
    } else {
        uint8_t count = 0;
        for (size_t left = len; left > 0; left >>= 8, count++)
            der_put_byte(w, (uint8_t)(left & 0xff));
        der_put_byte(w, (uint8_t)(LENGTH_LONG | count));
    }
    der_put_byte(w, tag);
}

void der_element(struct der_writer *w, uint8_t tag, struct span content)
{
    size_t mark = w->at;
    der_put(w, content);
    der_wrap(w, tag, mark);
}

struct span der_written(const struct der_writer *w)
{
    return w->full ? SPAN_EMPTY : span_of((const char *)w->storage + w->at, w->bytes - w->at);
}
