#include "base/base64.h"

#include <stdint.h>

static int digit_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool base64_decode(struct span text, char *out, size_t out_bytes, size_t *len)
{
    uint32_t bits = 0;
    unsigned count = 0;
    size_t at = 0;

    if (text.len % 4 == 0 && span_ends(text, SPAN("==")))
        text.len -= 2;
    else if (text.len % 4 == 0 && span_ends(text, SPAN("=")))
        text.len--;
    for (size_t i = 0; i < text.len; i++) {
        int digit = digit_of(text.ptr[i]);

        if (digit < 0)
            return false;
        bits = (bits << 6 | (uint32_t)digit) & 0xffff;
        count += 6;
        if (count < 8)
            continue;
        count -= 8;
        if (at == out_bytes)
            return false;
        out[at++] = (char)(bits >> count & 0xff);
    }
    /* What is left over carries nothing (section 3.5), and no single digit makes a byte. */
    if (count == 6 || (bits & ((1u << count) - 1)) != 0)
        return false;
    *len = at;
    return true;
}

void base64_fmt(struct fmt *f, struct span bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < bytes.len; i += 3) {
        struct span part = span_part(bytes, i, 3);
        uint32_t bits = 0;

        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (k < part.len ? (uint8_t)part.ptr[k] : 0);
        for (size_t k = 0; k < 4; k++)
            fmt_char(f, k <= part.len ? digits[bits >> (18 - 6 * k) & 63] : '=');
    }
}

void base64_encode(struct fmt *out, struct span bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t at = 0; at < bytes.len; at += 3) {
        uint32_t bits = 0;

        for (size_t i = 0; i < 3; i++)
            bits = bits << 8 | (at + i < bytes.len ? (uint8_t)bytes.ptr[at + i] : 0u);
        for (size_t i = 0; i < 4; i++)
            fmt_char(out, at + i > bytes.len ? '=' : digits[bits >> (18 - 6 * i) & 0x3f]);
    }
}
