/* budget_settings - [budget NAME]: how much, for how long, of what, and what then; and the periods.
 *
 * A budget holds for a period of the wall clock in the zone of [server] timezone: full hours,
 * midnights, Mondays (ISO 8601), firsts of the month; `total` has one period without end. Days that
 * daylight saving makes shorter or longer are (base/zone.h). */
#ifndef POLICY_BUDGET_SETTINGS_H
#define POLICY_BUDGET_SETTINGS_H

#include "base/zone.h"
#include "config/table.h"

enum { BUDGET_MAX = 32 }; /* with those that keys' session_limit adds */

enum budget_period { BUDGET_HOUR, BUDGET_DAY, BUDGET_WEEK, BUDGET_MONTH, BUDGET_TOTAL };

enum budget_of {
    BUDGET_OF_ALL,
    BUDGET_OF_EACH_KEY,
    BUDGET_OF_EACH_ADDRESS,
    BUDGET_OF_EACH_SESSION,
    BUDGET_OF_KEY,
    BUDGET_OF_ROUTE,
    BUDGET_OF_MODEL,
    BUDGET_OF_UPSTREAM,
};

enum budget_on_exceed { BUDGET_BLOCK, BUDGET_ROUTE, BUDGET_CACHE_ONLY };

struct budget_settings {
    char name[CONFIG_NAME_BYTES];
    int64_t limit_pusd;
    int per; /* enum budget_period */
    enum budget_of of;
    char of_name[CONFIG_NAME_BYTES]; /* of key, route, model, upstream NAME */
    char of_key[CONFIG_NAME_BYTES];  /* only requests of this key; "" = of all */
    enum budget_on_exceed on_exceed;
    char exceed_route[CONFIG_NAME_BYTES];
    bool clamp; /* lower the request's output limit to what is left */
};

extern const struct config_section budget_section;

/* A key's session_limit: a budget in all for each session of that key. */
void budget_of_sessions(struct budget_settings *out, const char *key, int64_t limit_pusd);
/* Begin and end of the period that a time is in; 0 and INT64_MAX for `total`. */
int64_t budget_period_begin(enum budget_period per, int64_t unix_ms, const struct zone *z);
int64_t budget_period_end(enum budget_period per, int64_t unix_ms, const struct zone *z);
const char *budget_period_name(enum budget_period per);

#endif
