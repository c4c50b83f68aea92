/* zone - where local days begin: offsets from UTC and their daylight saving, by POSIX TZ rules.
 *
 * The text is that of the TZ variable (IEEE Std 1003.1-2017, section 8.3), which routers keep in
 * /etc/TZ and which ends each file of a zoneinfo database: "CET-1CEST,M3.5.0,M10.5.0/3". Names are
 * letters or <...>; offsets count west, as they do there; a rule is Mm.w.d, Jn or n with an
 * optional /time of -167 to 167 hours (RFC 8536 section 3.3.1); daylight saving without rules has
 * those of the United States. "UTC" and "+02:00" (which counts east, as ISO 8601 does) are taken as
 * well.
 *
 * Pure; times are Unix ms, local times are ms since 1970-01-01 00:00 of the wall there. */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include "base/span.h"

struct zone_rule {
    char kind; /* 'M', 'J', or '0' for the day that counts from 0 with 29 February */
    int month;
    int week;
    int day;
    int64_t time_ms; /* of that day, by the wall as it is until then */
};

/* All zero: UTC. */
struct zone {
    int64_t standard_ms; /* ahead of UTC */
    int64_t daylight_ms;
    bool has_daylight;
    struct zone_rule begin;
    struct zone_rule end;
};

bool zone_read(struct zone *z, struct span text);
/* The TZ text at the end of a TZif file (RFC 8536 section 3.3); empty when there is none. */
struct span zone_of_file(struct span tzif);
int64_t zone_offset_ms(const struct zone *z, int64_t unix_ms);
/* Of a local time that comes twice the first; of one that is left out the moment of the change. */
int64_t zone_to_unix_ms(const struct zone *z, int64_t local_ms);

#endif
