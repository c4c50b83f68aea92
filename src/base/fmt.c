#include "base/fmt.h"

#include <string.h>

#include "base/calendar.h"
#include "base/money.h"

enum { FMT_U64_DIGITS = 20, FMT_USD_DECIMALS = 12 };

void fmt_init(struct fmt *f, void *storage, size_t cap_bytes)
{
    *f = (struct fmt){.ptr = storage, .cap_bytes = cap_bytes};
}

bool fmt_ok(const struct fmt *f)
{
    return !f->full;
}

struct span fmt_span(const struct fmt *f)
{
    return span_of(f->ptr, f->len);
}

const char *fmt_cstr(struct fmt *f)
{
    if (f->cap_bytes == 0)
        return "";
    if (f->len == f->cap_bytes)
        f->len--;
    f->ptr[f->len] = '\0';
    return f->ptr;
}

void fmt_text(struct fmt *f, struct span s)
{
    if (f->full || s.len > f->cap_bytes - f->len) {
        f->full = true;
        return;
    }
    if (s.len > 0)
        memcpy(f->ptr + f->len, s.ptr, s.len);
    f->len += s.len;
}

void fmt_str(struct fmt *f, const char *nul_terminated)
{
    fmt_text(f, span_str(nul_terminated));
}

void fmt_char(struct fmt *f, char c)
{
    fmt_text(f, span_of(&c, 1));
}

void fmt_fill(struct fmt *f, char c, size_t count)
{
    if (f->full || count > f->cap_bytes - f->len) {
        f->full = true;
        return;
    }
    if (count > 0)
        memset(f->ptr + f->len, c, count);
    f->len += count;
}

/* Digits right-aligned in a scratch of 20; the span lies in it. */
static struct span fmt_digits(uint64_t value, char scratch[FMT_U64_DIGITS])
{
    size_t at = FMT_U64_DIGITS;

    do {
        scratch[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    return span_of(scratch + at, FMT_U64_DIGITS - at);
}

void fmt_u64(struct fmt *f, uint64_t value)
{
    char scratch[FMT_U64_DIGITS];

    fmt_text(f, fmt_digits(value, scratch));
}

/* The magnitude of any int64_t, the lowest included. */
static uint64_t fmt_magnitude(int64_t value)
{
    return value < 0 ? (uint64_t)0 - (uint64_t)value : (uint64_t)value;
}

void fmt_i64(struct fmt *f, int64_t value)
{
    char text[FMT_U64_DIGITS + 1];
    struct fmt number;

    fmt_init(&number, text, sizeof(text));
    if (value < 0)
        fmt_char(&number, '-');
    fmt_u64(&number, fmt_magnitude(value));
    fmt_text(f, fmt_span(&number));
}

void fmt_hex(struct fmt *f, uint64_t value, unsigned digits)
{
    char text[16];
    size_t at = sizeof(text);

    while (at > 0 && (value > 0 || sizeof(text) - at < digits)) {
        text[--at] = "0123456789abcdef"[value & 15];
        value >>= 4;
    }
    if (at == sizeof(text))
        text[--at] = '0';
    fmt_text(f, span_of(text + at, sizeof(text) - at));
}

void fmt_hex_bytes(struct fmt *f, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;

    if (len > (f->cap_bytes - f->len) / 2) {
        f->full = true;
        return;
    }
    for (size_t i = 0; i < len; i++)
        fmt_hex(f, p[i], 2);
}

void fmt_right(struct fmt *f, struct span s, size_t width)
{
    if (s.len < width)
        fmt_fill(f, ' ', width - s.len);
    fmt_text(f, s);
}

void fmt_left(struct fmt *f, struct span s, size_t width)
{
    fmt_text(f, s);
    if (s.len < width)
        fmt_fill(f, ' ', width - s.len);
}

void fmt_right_u64(struct fmt *f, uint64_t value, size_t width)
{
    char scratch[FMT_U64_DIGITS];

    fmt_right(f, fmt_digits(value, scratch), width);
}

static uint64_t fmt_power_of_ten(unsigned exponent)
{
    uint64_t power = 1;

    while (exponent-- > 0)
        power *= 10;
    return power;
}

/* sign, whole, dot and `decimals` digits of value / 10^decimals. */
static void fmt_decimal(struct fmt *f, bool negative, uint64_t value, unsigned decimals)
{
    uint64_t unit = fmt_power_of_ten(decimals);
    char scratch[FMT_U64_DIGITS];
    char text[2 * FMT_U64_DIGITS + 2];
    struct fmt number;
    struct span fraction;

    fmt_init(&number, text, sizeof(text));
    if (negative)
        fmt_char(&number, '-');
    fmt_u64(&number, value / unit);
    if (decimals > 0) {
        fraction = fmt_digits(value % unit, scratch);
        fmt_char(&number, '.');
        fmt_fill(&number, '0', decimals - fraction.len);
        fmt_text(&number, fraction);
    }
    fmt_text(f, fmt_span(&number));
}

void fmt_usd(struct fmt *f, int64_t pusd)
{
    fmt_decimal(f, pusd < 0, fmt_magnitude(pusd), FMT_USD_DECIMALS);
}

void fmt_usd_short(struct fmt *f, int64_t pusd, unsigned decimals)
{
    uint64_t unit;
    uint64_t rounded;

    if (decimals > FMT_USD_DECIMALS)
        decimals = FMT_USD_DECIMALS;
    unit = fmt_power_of_ten(FMT_USD_DECIMALS - decimals);
    rounded = (fmt_magnitude(pusd) + unit / 2) / unit;
    fmt_decimal(f, pusd < 0 && rounded > 0, rounded, decimals);
}

void fmt_milli(struct fmt *f, int64_t milli)
{
    fmt_decimal(f, milli < 0, fmt_magnitude(milli), 3);
}

void fmt_size(struct fmt *f, uint64_t bytes)
{
    static const char units[] = {'K', 'M', 'G', 'T'};
    uint64_t unit = 1024;
    size_t at = 0;
    uint64_t tenths;

    if (bytes < unit) {
        fmt_u64(f, bytes);
        return;
    }
    while (at + 1 < sizeof(units) && bytes / unit >= 1024) {
        unit *= 1024;
        at++;
    }
    tenths = bytes / unit * 10 + bytes % unit * 10 / unit;
    fmt_u64(f, tenths / 10);
    if (tenths % 10 > 0) {
        fmt_char(f, '.');
        fmt_u64(f, tenths % 10);
    }
    fmt_char(f, units[at]);
}

static void fmt_padded(struct fmt *f, int value, size_t digits)
{
    char scratch[FMT_U64_DIGITS];
    struct span s = fmt_digits((uint64_t)value, scratch);

    if (s.len < digits)
        fmt_fill(f, '0', digits - s.len);
    fmt_text(f, s);
}

void fmt_time_utc(struct fmt *f, int64_t unix_ms)
{
    struct calendar c = calendar_from_unix_ms(unix_ms);
    char text[32];
    struct fmt time;

    fmt_init(&time, text, sizeof(text));
    fmt_padded(&time, c.year, 4);
    fmt_char(&time, '-');
    fmt_padded(&time, c.month, 2);
    fmt_char(&time, '-');
    fmt_padded(&time, c.day, 2);
    fmt_char(&time, 'T');
    fmt_padded(&time, c.hour, 2);
    fmt_char(&time, ':');
    fmt_padded(&time, c.minute, 2);
    fmt_char(&time, ':');
    fmt_padded(&time, c.second, 2);
    fmt_char(&time, '.');
    fmt_padded(&time, c.ms, 3);
    fmt_char(&time, 'Z');
    fmt_text(f, fmt_span(&time));
}

void fmt_visible(struct fmt *f, struct span s, size_t max_bytes)
{
    for (size_t i = 0; i < s.len && i < max_bytes; i++) {
        uint8_t byte = (uint8_t)s.ptr[i];

        if (byte >= ' ' && byte < 0x7f) {
            fmt_char(f, s.ptr[i]);
        } else {
            fmt_str(f, "\\x");
            fmt_hex(f, byte, 2);
        }
    }
    if (s.len > max_bytes)
        fmt_str(f, "...");
}
