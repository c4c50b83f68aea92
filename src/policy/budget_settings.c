/* The configuration of budgets, and their periods. */
#include <stddef.h>
#include <string.h>

#include "base/calendar.h"
#include "base/check.h"
#include "base/scan.h"
#include "policy/budget_settings.h"

enum { BUDGET_HOUR_MS = 3600000, BUDGET_DAY_MS = 86400000 };

#define AT(member) offsetof(struct budget_settings, member)

static const char *const period_names[] = {"hour", "day", "week", "month", "total", NULL};
static const char *const on_exceed_names = "block, route NAME or cache_only";

/* ---- configuration ---- */

static bool budget_limit_key(void *section, struct span value, struct fmt *why)
{
    struct budget_settings *s = section;

    if (scan_usd(value, &s->limit_pusd))
        return true;
    fmt_str(why, "is no sum in USD such as 5 or 0.50");
    return false;
}

static bool budget_take_name(char out[CONFIG_NAME_BYTES], struct span name)
{
    name = span_trim(name);
    if (name.len == 0 || name.len >= CONFIG_NAME_BYTES)
        return false;
    memcpy(out, name.ptr, name.len);
    out[name.len] = '\0';
    return true;
}

static bool budget_of_key(void *section, struct span value, struct fmt *why)
{
    static const struct {
        const char *text;
        enum budget_of of;
        bool named;
    } forms[] = {
        {"all", BUDGET_OF_ALL, false},
        {"each key", BUDGET_OF_EACH_KEY, false},
        {"each address", BUDGET_OF_EACH_ADDRESS, false},
        {"each session", BUDGET_OF_EACH_SESSION, false},
        {"key ", BUDGET_OF_KEY, true},
        {"route ", BUDGET_OF_ROUTE, true},
        {"model ", BUDGET_OF_MODEL, true},
        {"upstream ", BUDGET_OF_UPSTREAM, true},
    };
    struct budget_settings *s = section;

    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        struct span form = span_str(forms[i].text);

        s->of = forms[i].of;
        if (!forms[i].named && span_equal(value, form))
            return true;
        if (forms[i].named && span_starts(value, form) &&
            budget_take_name(s->of_name, span_part(value, form.len, value.len)))
            return true;
    }
    fmt_str(why, "is none of all, each key, each address, each session, key NAME, route NAME, "
                 "model NAME, upstream NAME");
    return false;
}

static bool budget_exceed_key(void *section, struct span value, struct fmt *why)
{
    struct budget_settings *s = section;

    if (span_equal(value, SPAN("block"))) {
        s->on_exceed = BUDGET_BLOCK;
    } else if (span_equal(value, SPAN("cache_only"))) {
        s->on_exceed = BUDGET_CACHE_ONLY;
    } else if (span_starts(value, SPAN("route ")) &&
               budget_take_name(s->exceed_route, span_part(value, 6, value.len))) {
        s->on_exceed = BUDGET_ROUTE;
    } else {
        fmt_str(why, "is none of ");
        fmt_str(why, on_exceed_names);
        return false;
    }
    return true;
}

static const struct config_key budget_keys[] = {
    {.name = "limit",
     .type = CONFIG_CUSTOM,
     .parse = budget_limit_key,
     .required = true,
     .help = "USD; reserved before a call and never exceeded"},
    {.name = "per",
     .type = CONFIG_ENUM,
     .offset = AT(per),
     .fallback = "month",
     .names = period_names,
     .help = "when it begins anew: at the full hour, midnight, Monday, the first; total: never"},
    {.name = "of",
     .type = CONFIG_CUSTOM,
     .parse = budget_of_key,
     .fallback = "all",
     .help = "all | each key | each address | each session | key NAME | route NAME | model NAME | "
             "upstream NAME"},
    {.name = "on_exceed",
     .type = CONFIG_CUSTOM,
     .parse = budget_exceed_key,
     .fallback = "block",
     .help = "block (402) | route NAME (a cheaper one is tried) | cache_only"},
    {.name = "clamp",
     .type = CONFIG_BOOL,
     .offset = AT(clamp),
     .fallback = "no",
     .help = "lower max_tokens to what is left instead of refusing"},
};

const struct config_section budget_section = {
    .name = "budget",
    .named = true,
    .keys = budget_keys,
    .key_count = ARRAY_LEN(budget_keys),
    .help = "a cap on spending",
};

const char *budget_period_name(enum budget_period per)
{
    return period_names[per];
}

void budget_of_sessions(struct budget_settings *out, const char *key, int64_t limit_pusd)
{
    struct fmt f;

    memset(out, 0, sizeof(*out));
    fmt_init(&f, out->name, sizeof(out->name));
    fmt_str(&f, "session of ");
    fmt_text(&f, span_part(span_str(key), 0, sizeof(out->name) - sizeof("session of ")));
    (void)fmt_cstr(&f);
    memcpy(out->of_key, key, strlen(key) + 1);
    out->limit_pusd = limit_pusd;
    out->per = BUDGET_TOTAL;
    out->of = BUDGET_OF_EACH_SESSION;
}

/* ---- periods ---- */

static int64_t floor_to(int64_t ms, int64_t step_ms)
{
    return ms >= 0 ? ms - ms % step_ms : ms - (step_ms + ms % step_ms) % step_ms;
}

/* Local time at which the period begins; not for hours and `total`. */
static int64_t period_local(enum budget_period per, int64_t local_ms)
{
    int64_t day_ms = floor_to(local_ms, BUDGET_DAY_MS);
    struct calendar c = calendar_from_unix_ms(day_ms);

    if (per == BUDGET_WEEK)
        return day_ms - c.weekday * (int64_t)BUDGET_DAY_MS;
    if (per == BUDGET_MONTH)
        return day_ms - (c.day - 1) * (int64_t)BUDGET_DAY_MS;
    return day_ms;
}

int64_t budget_period_begin(enum budget_period per, int64_t unix_ms, const struct zone *z)
{
    int64_t offset_ms = zone_offset_ms(z, unix_ms);

    if (per == BUDGET_TOTAL)
        return 0;
    if (per == BUDGET_HOUR) /* the hour that comes twice is two hours */
        return floor_to(unix_ms + offset_ms, BUDGET_HOUR_MS) - offset_ms;
    return zone_to_unix_ms(z, period_local(per, unix_ms + offset_ms));
}

int64_t budget_period_end(enum budget_period per, int64_t unix_ms, const struct zone *z)
{
    int64_t local_ms = unix_ms + zone_offset_ms(z, unix_ms);

    switch (per) {
    case BUDGET_HOUR:
        return budget_period_begin(per, unix_ms, z) + BUDGET_HOUR_MS;
    case BUDGET_DAY:
        return zone_to_unix_ms(z, period_local(per, local_ms) + BUDGET_DAY_MS);
    case BUDGET_WEEK:
        return zone_to_unix_ms(z, period_local(per, local_ms) + 7 * (int64_t)BUDGET_DAY_MS);
    case BUDGET_MONTH: /* 31 days after the first is in the next month */
        local_ms = period_local(per, local_ms) + 31 * (int64_t)BUDGET_DAY_MS;
        return zone_to_unix_ms(z, period_local(per, local_ms));
    case BUDGET_TOTAL:
        break;
    }
    return INT64_MAX;
}
