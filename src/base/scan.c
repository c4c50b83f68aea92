#include "base/scan.h"

#include <string.h>

#include "base/calendar.h"

enum { SCAN_USD_DECIMALS = 12, SCAN_MILLI_DECIMALS = 3 };

static bool scan_digit(char c, uint64_t *digit)
{
    if (c < '0' || c > '9')
        return false;
    *digit = (uint64_t)(c - '0');
    return true;
}

bool scan_u64(struct span s, uint64_t *out)
{
    uint64_t value = 0;

    if (s.len == 0)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        uint64_t digit;

        if (!scan_digit(s.ptr[i], &digit) || value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

bool scan_i64(struct span s, int64_t *out)
{
    bool negative = s.len > 0 && s.ptr[0] == '-';
    uint64_t magnitude;

    if (!scan_u64(negative ? span_part(s, 1, s.len) : s, &magnitude))
        return false;
    if (magnitude > (uint64_t)INT64_MAX + (negative ? 1 : 0))
        return false;
    if (negative)
        *out = magnitude == 0 ? 0 : -(int64_t)(magnitude - 1) - 1;
    else
        *out = (int64_t)magnitude;
    return true;
}

static bool scan_hex_digit(char c, uint64_t *digit)
{
    if (scan_digit(c, digit))
        return true;
    if (c >= 'a' && c <= 'f')
        *digit = (uint64_t)(c - 'a' + 10);
    else if (c >= 'A' && c <= 'F')
        *digit = (uint64_t)(c - 'A' + 10);
    else
        return false;
    return true;
}

bool scan_hex(struct span s, uint64_t *out)
{
    uint64_t value = 0;

    if (s.len == 0)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        uint64_t digit;

        if (!scan_hex_digit(s.ptr[i], &digit) || value > UINT64_MAX >> 4)
            return false;
        value = value << 4 | digit;
    }
    *out = value;
    return true;
}

bool scan_hex_bytes(struct span s, uint8_t *out, size_t out_bytes)
{
    if (s.len % 2 != 0 || s.len / 2 != out_bytes)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        uint64_t digit;

        if (!scan_hex_digit(s.ptr[i], &digit))
            return false;
    }
    for (size_t i = 0; i < out_bytes; i++) {
        uint64_t value = 0;

        if (!scan_hex(span_part(s, 2 * i, 2), &value))
            return false;
        out[i] = (uint8_t)value;
    }
    return true;
}

/* The digits at the front; false when there is none or they overflow. */
static bool scan_number_unit(struct span s, uint64_t *number, struct span *unit)
{
    size_t digits = 0;
    uint64_t digit;

    while (digits < s.len && scan_digit(s.ptr[digits], &digit))
        digits++;
    *unit = span_part(s, digits, s.len);
    return scan_u64(span_part(s, 0, digits), number);
}

bool scan_size(struct span s, uint64_t *out_bytes)
{
    uint64_t number;
    uint64_t factor = 1;
    struct span unit;

    if (!scan_number_unit(s, &number, &unit))
        return false;
    if (span_equal_fold(unit, SPAN("K")))
        factor = 1024;
    else if (span_equal_fold(unit, SPAN("M")))
        factor = UINT64_C(1024) * 1024;
    else if (unit.len > 0)
        return false;
    if (number > UINT64_MAX / factor)
        return false;
    *out_bytes = number * factor;
    return true;
}

bool scan_duration(struct span s, int64_t *out_ms)
{
    static const struct {
        const char *unit;
        uint64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    uint64_t number;
    struct span unit;

    if (!scan_number_unit(s, &number, &unit))
        return false;
    if (unit.len == 0 && number == 0) {
        *out_ms = 0;
        return true;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (!span_equal(unit, span_str(units[i].unit)))
            continue;
        if (number > (uint64_t)INT64_MAX / units[i].ms)
            return false;
        *out_ms = (int64_t)(number * units[i].ms);
        return true;
    }
    return false;
}

/* "1.25" with at most `decimals` digits behind the dot, as a whole number of 10^-decimals. */
static bool scan_decimal(struct span s, size_t decimals, int64_t *out)
{
    struct span rest = s;
    struct span whole;
    struct span fraction = SPAN_EMPTY;
    uint64_t value = 0;

    if (s.len == 0 || !span_split(&rest, '.', &whole))
        return false;
    if (rest.ptr != NULL)
        fraction = rest;
    if (rest.ptr != NULL && fraction.len == 0)
        return false;
    if ((whole.len == 0 && fraction.len == 0) || fraction.len > decimals)
        return false;
    for (size_t i = 0; i < whole.len + decimals; i++) {
        uint64_t digit = 0;

        if (i < whole.len
                ? !scan_digit(whole.ptr[i], &digit)
                : i - whole.len < fraction.len && !scan_digit(fraction.ptr[i - whole.len], &digit))
            return false;
        if (value > ((uint64_t)INT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = (int64_t)value;
    return true;
}

bool scan_usd(struct span s, int64_t *out_pusd)
{
    return scan_decimal(s, SCAN_USD_DECIMALS, out_pusd);
}

bool scan_milli(struct span s, int64_t *out_milli)
{
    int64_t milli;

    if (!scan_decimal(s, SCAN_MILLI_DECIMALS, &milli) || milli > 1000)
        return false;
    *out_milli = milli;
    return true;
}

bool scan_fraction(struct span s, int64_t *out_milli)
{
    size_t dot = span_find_byte(s, '.');
    struct span rest = span_part(s, dot, s.len);

    for (size_t i = 1; i < rest.len; i++)
        if (rest.ptr[i] < '0' || rest.ptr[i] > '9')
            return false;
    return scan_milli(span_part(s, 0, dot + (rest.len < 4 ? rest.len : 4)), out_milli);
}

static bool scan_field(struct span s, size_t from, size_t len, int *out)
{
    uint64_t value;

    if (!scan_u64(span_part(s, from, len), &value))
        return false;
    *out = (int)value;
    return true;
}

bool scan_time_utc(struct span s, int64_t *out_unix_ms)
{
    static const char form[] = "0000-00-00T00:00:00.000Z";
    struct calendar c = {0};
    struct calendar back;
    int64_t unix_ms;

    if (s.len != sizeof(form) - 1)
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (form[i] != '0' && form[i] != s.ptr[i])
            return false;
    if (!scan_field(s, 0, 4, &c.year) || !scan_field(s, 5, 2, &c.month) ||
        !scan_field(s, 8, 2, &c.day) || !scan_field(s, 11, 2, &c.hour) ||
        !scan_field(s, 14, 2, &c.minute) || !scan_field(s, 17, 2, &c.second) ||
        !scan_field(s, 20, 3, &c.ms))
        return false;
    if (c.year < 1970 || c.month < 1 || c.month > 12 || c.day < 1 || c.hour > 23 || c.minute > 59 ||
        c.second > 59)
        return false;
    unix_ms = calendar_to_unix_ms(&c);
    back = calendar_from_unix_ms(unix_ms);
    if (back.day != c.day || back.month != c.month) /* 31 April */
        return false;
    *out_unix_ms = unix_ms;
    return true;
}

bool scan_bool(struct span s, bool *out)
{
    if (span_equal(s, SPAN("yes")) || span_equal(s, SPAN("true")) || span_equal(s, SPAN("on")))
        *out = true;
    else if (span_equal(s, SPAN("no")) || span_equal(s, SPAN("false")) ||
             span_equal(s, SPAN("off")))
        *out = false;
    else
        return false;
    return true;
}
