#include "base/decimal.h"

#include "base/ascii.h"
#include "base/check.h"

enum {
    DECIMAL_MILLI_DIGITS = 3,
    DECIMAL_WORD_DIGITS = 18, /* 10^18 fits an int64_t */
};

static size_t digits_from(struct span text, size_t at)
{
    size_t count = 0;

    while (at + count < text.len && ascii_is_digit(text.ptr[at + count]))
        count++;
    return count;
}

/* "e+05" and the like, or nothing. */
static bool read_exponent(struct span text, int64_t *out)
{
    bool negative = text.len > 1 && text.ptr[1] == '-';
    size_t at = text.len > 1 && (negative || text.ptr[1] == '+') ? 2 : 1;
    size_t zeros = 0;

    *out = 0;
    if (text.len == 0)
        return true;
    if ((text.ptr[0] != 'e' && text.ptr[0] != 'E') || at >= text.len ||
        digits_from(text, at) != text.len - at)
        return false;
    while (at + zeros < text.len && text.ptr[at + zeros] == '0')
        zeros++;
    if (text.len - at - zeros > DECIMAL_EXPONENT_DIGITS)
        return false;
    for (at += zeros; at < text.len; at++)
        *out = *out * 10 + (text.ptr[at] - '0');
    *out = negative ? -*out : *out;
    return true;
}

bool decimal_read(struct span text, struct decimal *out)
{
    size_t begin = text.len > 0 && text.ptr[0] == '-' ? 1 : 0;
    size_t whole = digits_from(text, begin);
    size_t point = begin + whole; /* where it stands, or would */
    bool has_point = point < text.len && text.ptr[point] == '.';
    size_t fraction = has_point ? digits_from(text, point + 1) : 0;
    size_t end = point + (has_point ? 1 + fraction : 0);
    int64_t exponent;

    if (whole == 0 || (whole > 1 && text.ptr[begin] == '0') || (has_point && fraction == 0) ||
        !read_exponent(span_part(text, end, text.len), &exponent))
        return false;
    while (begin < end && (text.ptr[begin] == '0' || text.ptr[begin] == '.'))
        begin++;
    while (end > begin && (text.ptr[end - 1] == '0' || text.ptr[end - 1] == '.'))
        end--;
    out->negative = begin < end && text.ptr[0] == '-';
    out->digits = span_part(text, begin, end - begin);
    out->exponent = 0;
    if (begin < end) /* behind the point, zeros that were passed over count down */
        out->exponent =
            exponent + (begin <= point ? (int64_t)(point - begin) : -(int64_t)(begin - point - 1));
    return true;
}

bool decimal_above_milli(const struct decimal *d, int64_t bound_milli)
{
    int64_t places = d->exponent + DECIMAL_MILLI_DIGITS; /* digits that make thousandths */
    int64_t value = 0;
    size_t at = 0;

    CHECK(bound_milli >= 0);
    if (d->negative || d->digits.len == 0)
        return false;
    if (places > DECIMAL_WORD_DIGITS)
        return true;
    for (; places > 0; places--) {
        if (at < d->digits.len && d->digits.ptr[at] == '.')
            at++;
        value = value * 10 + (at < d->digits.len ? d->digits.ptr[at++] - '0' : 0);
    }
    /* What is left is not 0: the last digit is not. */
    return value > bound_milli || (value == bound_milli && at < d->digits.len);
}
