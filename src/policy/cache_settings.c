#include "policy/cache_settings.h"

#include <stddef.h>

#include "base/check.h"
#include "base/decimal.h"
#include "base/scan.h"

enum {
    CACHE_MS_PER_S = 1000,
    CACHE_TEMPERATURE_MAX_MILLI = 2000, /* of the OpenAI API; others end at 1 */
    CACHE_TEMPERATURE_UNSAID_MILLI = 1000,
};

#define CACHE_PUSD_PER_MILLI INT64_C(1000000000) /* scan_usd reads decimals as 10^-12 */
#define AT(member)           offsetof(struct cache_settings, member)

/* ---- configuration ---- */

static bool temperature_key(void *section, struct span value, struct fmt *why)
{
    struct cache_settings *s = section;
    int64_t parts;

    if (scan_usd(value, &parts) && parts % CACHE_PUSD_PER_MILLI == 0 &&
        parts / CACHE_PUSD_PER_MILLI <= CACHE_TEMPERATURE_MAX_MILLI) {
        s->max_temperature_milli = parts / CACHE_PUSD_PER_MILLI;
        return true;
    }
    fmt_str(why, "is no number from 0 to 2 with at most three decimals");
    return false;
}

static const struct config_key cache_keys[] = {
    {.name = "size",
     .type = CONFIG_SIZE,
     .offset = AT(size_bytes),
     .fallback = "0",
     .min = 0,
     .max = 1073741824,
     .help = "memory for kept answers; 0: what is left of [server] memory"},
    {.name = "ttl",
     .type = CONFIG_DURATION,
     .offset = AT(ttl_ms),
     .fallback = "24h",
     .min = 1000,
     .max = INT64_C(31622400000),
     .help = "how long an answer is kept, where the route does not say"},
    {.name = "shared",
     .type = CONFIG_BOOL,
     .offset = AT(shared),
     .fallback = "no",
     .help = "whether all keys share their answers"},
    {.name = "snapshot",
     .type = CONFIG_TEXT,
     .offset = AT(snapshot),
     .place_bytes = CACHE_PATH_BYTES,
     .help = "file that carries the answers over a restart; default none"},
    {.name = "snapshot_every",
     .type = CONFIG_DURATION,
     .offset = AT(snapshot_every_ms),
     .fallback = "1h",
     .min = 60000,
     .max = INT64_C(31622400000),
     .help = "how often it is written, if anything changed, besides at the end"},
    {.name = "retry",
     .type = CONFIG_DURATION,
     .offset = AT(retry_ms),
     .fallback = "30s",
     .min = 0,
     .max = 600000,
     .help = "a request that comes again within it, its client gone, gets the first one's answer"},
    {.name = "tool_calls",
     .type = CONFIG_BOOL,
     .offset = AT(tool_calls),
     .fallback = "no",
     .help = "whether answers that call tools are kept"},
    {.name = "max_temperature",
     .type = CONFIG_CUSTOM,
     .parse = temperature_key,
     .fallback = "1",
     .help = "0 to 2; answers to requests above it are not kept"},
    {.name = "near_entries",
     .type = CONFIG_COUNT,
     .offset = AT(near_entries),
     .fallback = "256",
     .min = 16,
     .max = 16384,
     .help = "questions remembered for routes with near below 1, about 0.5 KB each"},
    {.name = "near_error",
     .type = CONFIG_COUNT,
     .offset = AT(near_error_percent),
     .fallback = "2",
     .min = 1,
     .max = 20,
     .help = "per cent of the answers to what is only alike that may be wrong"},
    {.name = "embeddings",
     .type = CONFIG_TEXT,
     .offset = AT(embeddings),
     .place_bytes = CONFIG_NAME_BYTES,
     .help = "model that tells what a question means, for near below 1; default none, words alone"},
    {.name = "embeddings_cut",
     .type = CONFIG_BOOL,
     .offset = AT(embeddings_cut),
     .fallback = "no",
     .help = "yes for models whose first 256 dimensions are an embedding too"},
    {.name = "rate",
     .type = CONFIG_COUNT,
     .offset = AT(rate),
     .fallback = "0",
     .min = 0,
     .max = 100000,
     .help = "tokens a second at which a kept answer is streamed again; 0: at once"},
};

const struct config_section cache_section = {
    .name = "cache",
    .keys = cache_keys,
    .key_count = ARRAY_LEN(cache_keys),
    .help = "answers kept for who asks the same again",
};

bool cache_temperature_fits(const struct cache_settings *s, struct span temperature)
{
    struct decimal d;

    if (temperature.len == 0 || span_equal(temperature, SPAN("null")))
        return s->max_temperature_milli >= CACHE_TEMPERATURE_UNSAID_MILLI;
    return decimal_read(temperature, &d) && !decimal_above_milli(&d, s->max_temperature_milli);
}

/* ---- Cache-Control ---- */

void cache_control_start(struct cache_control *cc)
{
    *cc = (struct cache_control){.max_age_ms = CACHE_AGE_ANY};
}

/* Takes a list's element off the front; commas in a quoted string are none. */
static struct span take_element(struct span *rest)
{
    bool quoted = false;
    struct span element;
    size_t at = 0;

    for (; at < rest->len && (quoted || rest->ptr[at] != ','); at++)
        if (rest->ptr[at] == '"')
            quoted = !quoted;
        else if (quoted && rest->ptr[at] == '\\' && at + 1 < rest->len)
            at++;
    element = span_trim(span_part(*rest, 0, at));
    *rest = span_part(*rest, at + 1, rest->len);
    return element;
}

static int64_t read_age_ms(struct span argument)
{
    uint64_t seconds = 0;

    if (argument.len >= 2 && argument.ptr[0] == '"' && argument.ptr[argument.len - 1] == '"')
        argument = span_part(argument, 1, argument.len - 2);
    for (size_t i = 0; i < argument.len; i++) {
        if (argument.ptr[i] < '0' || argument.ptr[i] > '9')
            return 0;
        seconds = seconds * 10 + (uint64_t)(argument.ptr[i] - '0');
        if (seconds > CACHE_AGE_MAX_S)
            seconds = CACHE_AGE_MAX_S;
    }
    return (int64_t)seconds * CACHE_MS_PER_S;
}

static void read_directive(struct cache_control *cc, struct span element)
{
    size_t at = span_find_byte(element, '=');
    struct span name = span_trim(span_part(element, 0, at));

    if (span_equal_fold(name, SPAN("no-cache"))) {
        cc->no_cache = true;
    } else if (span_equal_fold(name, SPAN("no-store"))) {
        cc->no_store = true;
    } else if (span_equal_fold(name, SPAN("only-if-cached"))) {
        cc->only_if_cached = true;
    } else if (span_equal_fold(name, SPAN("max-age"))) {
        int64_t age_ms = read_age_ms(span_trim(span_part(element, at + 1, element.len)));

        if (age_ms < cc->max_age_ms)
            cc->max_age_ms = age_ms;
    }
}

void cache_control_read(struct cache_control *cc, struct span value)
{
    while (value.len > 0)
        read_directive(cc, take_element(&value));
}

bool cache_control_takes(const struct cache_control *cc, int64_t age_ms)
{
    return !cc->no_cache && age_ms <= cc->max_age_ms;
}

/* ---- Cache-Status ---- */

static const char *const outcomes[CACHE_OUTCOMES] = {
    [CACHE_OUTCOME_HIT] = "; hit",
    [CACHE_OUTCOME_BYPASS] = "; fwd=bypass",
    [CACHE_OUTCOME_REQUEST] = "; fwd=request",
    [CACHE_OUTCOME_MISS] = "; fwd=miss",
    [CACHE_OUTCOME_STALE] = "; fwd=stale",
    [CACHE_OUTCOME_PARTIAL] = "; fwd=partial",
};

void cache_status_write(const struct cache_status *s, struct fmt *out)
{
    CHECK(s->outcome < CACHE_OUTCOMES);
    fmt_str(out, "farthing");
    fmt_str(out, outcomes[s->outcome]);
    if (s->outcome == CACHE_OUTCOME_HIT) {
        fmt_str(out, "; ttl=");
        fmt_i64(out, s->ttl_ms / CACHE_MS_PER_S);
    } else {
        fmt_str(out, s->stored ? "; stored" : "");
        fmt_str(out, s->collapsed ? "; collapsed" : "");
    }
    if (s->detail != NULL) {
        fmt_str(out, "; detail=");
        fmt_str(out, s->detail);
    }
}

int64_t cache_age_s(int64_t stored_unix_ms, int64_t now_unix_ms)
{
    return now_unix_ms > stored_unix_ms ? (now_unix_ms - stored_unix_ms) / CACHE_MS_PER_S : 0;
}
