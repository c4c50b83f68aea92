#include "base/calendar.h"

enum {
    MS_PER_SECOND = 1000,
    SECONDS_PER_DAY = 86400,
    DAYS_PER_ERA = 146097, /* 400 Gregorian years */
    DAYS_TO_1970 = 719468, /* from 0000-03-01 to 1970-01-01 */
    WEEKDAY_OF_1970 = 3,   /* a Thursday, counted from Monday */
};

int64_t calendar_days_from_date(int year, int month, int day)
{
    int64_t y = month <= 2 ? (int64_t)year - 1 : year;
    int64_t era = y / 400;
    int64_t year_of_era = y % 400;
    int64_t month_from_march = month > 2 ? month - 3 : month + 9;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * DAYS_PER_ERA + day_of_era - DAYS_TO_1970;
}

static void calendar_set_date(struct calendar *c, int64_t days)
{
    int64_t from_march_0 = days + DAYS_TO_1970;
    int64_t era = from_march_0 / DAYS_PER_ERA;
    int64_t day_of_era = from_march_0 % DAYS_PER_ERA;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;

    c->day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    c->month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    c->year = (int)(year_of_era + era * 400 + (c->month <= 2 ? 1 : 0));
}

struct calendar calendar_from_unix_ms(int64_t unix_ms)
{
    int64_t ms = unix_ms < 0 ? 0 : unix_ms;
    int64_t seconds = ms / MS_PER_SECOND;
    int64_t days = seconds / SECONDS_PER_DAY;
    int of_day = (int)(seconds % SECONDS_PER_DAY);
    struct calendar c;

    calendar_set_date(&c, days);
    c.hour = of_day / 3600;
    c.minute = of_day / 60 % 60;
    c.second = of_day % 60;
    c.ms = (int)(ms % MS_PER_SECOND);
    c.weekday = (int)((days + WEEKDAY_OF_1970) % 7);
    return c;
}

int64_t calendar_to_unix_ms(const struct calendar *c)
{
    int64_t days = calendar_days_from_date(c->year, c->month, c->day);
    int64_t seconds = days * SECONDS_PER_DAY + c->hour * 3600 + c->minute * 60 + c->second;

    return seconds * MS_PER_SECOND + c->ms;
}
