#include "base/zone.h"

#include "base/calendar.h"
#include "base/scan.h"

#define ZONE_HOUR_MS INT64_C(3600000)
#define ZONE_DAY_MS  INT64_C(86400000)

enum {
    ZONE_HOURS_MAX = 24,
    ZONE_RULE_HOURS_MAX = 167,
    ZONE_RULE_MS = 2 * 3600000, /* where a rule names no time */
};

/* ---- reading: each takes what it knows off the front ---- */

static bool zone_take(struct span *text, char c)
{
    if (text->len == 0 || text->ptr[0] != c)
        return false;
    *text = span_part(*text, 1, text->len);
    return true;
}

static bool zone_number(struct span *text, uint64_t max, int64_t *out)
{
    size_t digits = 0;
    uint64_t value;

    while (digits < text->len && digits < 4 && text->ptr[digits] >= '0' && text->ptr[digits] <= '9')
        digits++;
    if (!scan_u64(span_part(*text, 0, digits), &value) || value > max)
        return false;
    *out = (int64_t)value;
    *text = span_part(*text, digits, text->len);
    return true;
}

/* [+-]hh[:mm[:ss]] */
static bool zone_time(struct span *text, uint64_t hours_max, int64_t *out_ms)
{
    bool negative = zone_take(text, '-');
    int64_t hours = 0;
    int64_t minutes = 0;
    int64_t seconds = 0;

    if (!negative)
        (void)zone_take(text, '+');
    if (!zone_number(text, hours_max, &hours) ||
        (zone_take(text, ':') && (!zone_number(text, 59, &minutes) ||
                                  (zone_take(text, ':') && !zone_number(text, 59, &seconds)))))
        return false;
    *out_ms = hours * ZONE_HOUR_MS + minutes * 60000 + seconds * 1000;
    if (negative)
        *out_ms = -*out_ms;
    return true;
}

static bool zone_name(struct span *text)
{
    size_t len = 0;

    if (zone_take(text, '<')) {
        len = span_find_byte(*text, '>');
        if (len == text->len)
            return false;
        *text = span_part(*text, len + 1, text->len);
        return len >= 3;
    }
    while (len < text->len && ((text->ptr[len] | 0x20) >= 'a' && (text->ptr[len] | 0x20) <= 'z'))
        len++;
    *text = span_part(*text, len, text->len);
    return len >= 3;
}

static bool zone_month_rule(struct zone_rule *r, struct span *text)
{
    int64_t month = 0;
    int64_t week = 0;
    int64_t day = 0;

    if (!zone_number(text, 12, &month) || !zone_take(text, '.') || !zone_number(text, 5, &week) ||
        !zone_take(text, '.') || !zone_number(text, 6, &day))
        return false;
    r->month = (int)month;
    r->week = (int)week;
    r->day = (int)day;
    return month >= 1 && week >= 1;
}

static bool zone_rule(struct zone_rule *r, struct span *text)
{
    int64_t day = 0;

    r->time_ms = ZONE_RULE_MS;
    if (zone_take(text, 'M')) {
        r->kind = 'M';
        if (!zone_month_rule(r, text))
            return false;
    } else {
        r->kind = zone_take(text, 'J') ? 'J' : '0';
        if (!zone_number(text, 365, &day) || (r->kind == 'J' && day == 0))
            return false;
        r->day = (int)day;
    }
    return !zone_take(text, '/') || zone_time(text, ZONE_RULE_HOURS_MAX, &r->time_ms);
}

/* "+02:00" */
static bool zone_read_iso(struct zone *z, struct span text)
{
    if (text.len != 6 || (text.ptr[0] != '+' && text.ptr[0] != '-') || text.ptr[3] != ':' ||
        !zone_time(&text, ZONE_HOURS_MAX, &z->standard_ms))
        return false;
    return text.len == 0;
}

bool zone_read(struct zone *z, struct span text)
{
    *z = (struct zone){0};
    if (span_equal(text, SPAN("UTC")) || zone_read_iso(z, text))
        return true;
    *z = (struct zone){0};
    if (!zone_name(&text) || !zone_time(&text, ZONE_HOURS_MAX, &z->standard_ms))
        return false;
    z->standard_ms = -z->standard_ms;
    z->daylight_ms = z->standard_ms;
    if (text.len == 0)
        return true;
    z->has_daylight = true;
    z->daylight_ms = z->standard_ms + ZONE_HOUR_MS;
    if (!zone_name(&text))
        return false;
    if (text.len > 0 && text.ptr[0] != ',') {
        if (!zone_time(&text, ZONE_HOURS_MAX, &z->daylight_ms))
            return false;
        z->daylight_ms = -z->daylight_ms;
    }
    if (text.len == 0)
        text = SPAN(",M3.2.0,M11.1.0");
    return zone_take(&text, ',') && zone_rule(&z->begin, &text) && zone_take(&text, ',') &&
           zone_rule(&z->end, &text) && text.len == 0;
}

struct span zone_of_file(struct span tzif)
{
    size_t end = tzif.len - (tzif.len > 0 ? 1u : 0u);
    size_t from = end;

    if (!span_starts(tzif, SPAN("TZif")) || tzif.ptr[end] != '\n')
        return SPAN_EMPTY;
    while (from > 0 && tzif.ptr[from - 1] != '\n')
        from--;
    return span_part(tzif, from, end - from);
}

/* ---- asking ---- */

static bool zone_is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days since 1970-01-01 of the rule's day in that year. */
static int64_t zone_rule_day(const struct zone_rule *r, int year)
{
    int64_t first = calendar_days_from_date(year, r->kind == 'M' ? r->month : 1, 1);
    int64_t weekday;
    int64_t day;
    int64_t next;

    if (r->kind == '0')
        return first + r->day;
    if (r->kind == 'J') /* 29 February is not counted */
        return first + r->day - 1 + (zone_is_leap(year) && r->day >= 60 ? 1 : 0);
    weekday = ((first + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday; 0 is Sunday */
    day = first + (r->day - weekday + 7) % 7 + 7 * (int64_t)(r->week - 1);
    next = r->month == 12 ? calendar_days_from_date(year + 1, 1, 1)
                          : calendar_days_from_date(year, r->month + 1, 1);
    return day >= next ? day - 7 : day; /* the fifth is the last */
}

int64_t zone_offset_ms(const struct zone *z, int64_t unix_ms)
{
    int64_t begin_ms;
    int64_t end_ms;
    int year;
    bool daylight;

    if (!z->has_daylight)
        return z->standard_ms;
    year = calendar_from_unix_ms(unix_ms + z->standard_ms).year;
    begin_ms = zone_rule_day(&z->begin, year) * ZONE_DAY_MS + z->begin.time_ms - z->standard_ms;
    end_ms = zone_rule_day(&z->end, year) * ZONE_DAY_MS + z->end.time_ms - z->daylight_ms;
    if (begin_ms < end_ms)
        daylight = unix_ms >= begin_ms && unix_ms < end_ms;
    else
        daylight = unix_ms >= begin_ms || unix_ms < end_ms;
    return daylight ? z->daylight_ms : z->standard_ms;
}

int64_t zone_to_unix_ms(const struct zone *z, int64_t local_ms)
{
    bool ahead = z->has_daylight && z->daylight_ms > z->standard_ms;
    int64_t most_ms = ahead ? z->daylight_ms : z->standard_ms;
    int64_t least_ms = z->has_daylight && !ahead ? z->daylight_ms : z->standard_ms;

    if (zone_offset_ms(z, local_ms - most_ms) == most_ms)
        return local_ms - most_ms;
    return local_ms - least_ms;
}
