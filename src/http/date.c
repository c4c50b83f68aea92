#include "http/date.h"

#include "base/calendar.h"
#include "base/scan.h"

static const char days[] = "MonTueWedThuFriSatSun";
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

static void date_two(struct fmt *out, int value)
{
    fmt_char(out, (char)('0' + value / 10));
    fmt_char(out, (char)('0' + value % 10));
}

void http_date_write(struct fmt *out, int64_t unix_ms)
{
    struct calendar c = calendar_from_unix_ms(unix_ms);

    fmt_text(out, span_of(days + 3 * c.weekday, 3));
    fmt_str(out, ", ");
    date_two(out, c.day);
    fmt_char(out, ' ');
    fmt_text(out, span_of(months + 3 * (c.month - 1), 3));
    fmt_char(out, ' ');
    fmt_u64(out, (uint64_t)c.year);
    fmt_char(out, ' ');
    date_two(out, c.hour);
    fmt_char(out, ':');
    date_two(out, c.minute);
    fmt_char(out, ':');
    date_two(out, c.second);
    fmt_str(out, " GMT");
}

static bool date_number(struct span s, size_t from, size_t len, uint64_t least, uint64_t most,
                        int *out)
{
    uint64_t value;

    if (!scan_u64(span_part(s, from, len), &value) || value < least || value > most)
        return false;
    *out = (int)value;
    return true;
}

bool http_date_read(struct span s, int64_t *out_unix_ms)
{
    struct calendar c = {0};
    char text[HTTP_DATE_BYTES + 1];
    struct fmt again;
    int64_t unix_ms;

    if (s.len != HTTP_DATE_BYTES || !date_number(s, 5, 2, 1, 31, &c.day) ||
        !date_number(s, 12, 4, 1970, 9999, &c.year) || !date_number(s, 17, 2, 0, 23, &c.hour) ||
        !date_number(s, 20, 2, 0, 59, &c.minute) || !date_number(s, 23, 2, 0, 59, &c.second))
        return false;
    for (c.month = 1; c.month <= 12; c.month++)
        if (span_equal(span_part(s, 8, 3), span_of(months + 3 * (c.month - 1), 3)))
            break;
    if (c.month > 12)
        return false;
    unix_ms = calendar_to_unix_ms(&c);
    /* What was not looked at, and days that a month has not, show when it is written again. */
    fmt_init(&again, text, sizeof(text));
    http_date_write(&again, unix_ms);
    if (!span_equal(fmt_span(&again), s))
        return false;
    *out_unix_ms = unix_ms;
    return true;
}
