/* calendar - UTC dates from Unix time and back, without libc's time zone code.
 *
 * Proleptic Gregorian, valid for years 1970 to 9999. Pure; no clock is read. The day-number
 * arithmetic counts from 1 March, so that the leap day is the last of its year. */
#ifndef BASE_CALENDAR_H
#define BASE_CALENDAR_H

#include <stdint.h>

struct calendar {
    int year;
    int month; /* 1..12 */
    int day;   /* 1..31 */
    int hour;
    int minute;
    int second;
    int ms;
    int weekday; /* 0 = Monday (ISO 8601 weeks start there) */
};

struct calendar calendar_from_unix_ms(int64_t unix_ms);
int64_t calendar_to_unix_ms(const struct calendar *c);         /* weekday is ignored */
int64_t calendar_days_from_date(int year, int month, int day); /* since 1970-01-01 */

#endif
