/* The configuration of checks, and the weights that hold without one. */
#include "policy/check_settings.h"

#include "base/check.h"
#include "base/scan.h"
#include "policy/pattern.h"

enum {
    CHARS_MAX = 1000000,
    CHECK_LOGPROB_LIMIT = 100, /* nats; a token at e^-100 does not happen */
};

#define AT(member) offsetof(struct check_settings, member)

const char *const check_names[CHECK_COUNT + 1] = {
    "empty",  "error",   "loop",    "json",  "schema",  "tools",    "refusal",
    "refuse", "require", "finish",  "cut",   "balance", "language", "hedge",
    "maths",  "length",  "logprob", "judge", "agree",   NULL};

/* What a check takes away when it fails. Broken forms take all; a refusal, a limit and a cut leave
 * less than any sensible bar; the rest lowers the order only. */
static const int16_t defaults[CHECK_COUNT] = {
    [CHECK_EMPTY] = 1000,   [CHECK_ERROR] = 1000, [CHECK_LOOP] = 1000,   [CHECK_JSON] = 1000,
    [CHECK_SCHEMA] = 1000,  [CHECK_TOOLS] = 1000, [CHECK_REFUSAL] = 800, [CHECK_REFUSE] = 800,
    [CHECK_REQUIRE] = 800,  [CHECK_FINISH] = 600, [CHECK_CUT] = 500,     [CHECK_BALANCE] = 500,
    [CHECK_LANGUAGE] = 400, [CHECK_HEDGE] = 200,  [CHECK_MATHS] = 1000,  [CHECK_LENGTH] = 600,
    [CHECK_LOGPROB] = 600,  [CHECK_JUDGE] = 1000, [CHECK_AGREE] = 700,
};

const struct check_settings check_default = {
    .finish = true, .schema = true, .tools = true, .loop = true, .language = true, .refusal = true};

static bool is_off(const struct check_settings *s, enum check check)
{
    switch (check) {
    case CHECK_FINISH:
        return !s->finish;
    case CHECK_SCHEMA:
        return !s->schema;
    case CHECK_TOOLS:
        return !s->tools;
    case CHECK_LOOP:
        return !s->loop;
    case CHECK_LANGUAGE:
        return !s->language;
    case CHECK_REFUSAL:
        return !s->refusal;
    default:
        return false;
    }
}

int check_weight(const struct check_settings *s, enum check check)
{
    if (is_off(s, check))
        return 0;
    return s->weights[check] > 0 ? s->weights[check] - 1 : defaults[check];
}

struct span check_pattern(const struct check_settings *s, size_t at)
{
    CHECK(at < s->pattern_bytes);
    return span_str(s->patterns + at);
}

/* ---- configuration ---- */

static bool check_add_pattern(struct check_settings *s, struct span value, uint16_t *at,
                              struct fmt *why)
{
    struct pattern pattern;

    if (!pattern_compile(&pattern, value, why))
        return false;
    if (s->pattern_bytes + value.len >= sizeof(s->patterns)) {
        fmt_str(why, "is too much: all patterns of a check have room for ");
        fmt_u64(why, sizeof(s->patterns) - 1);
        fmt_str(why, " bytes");
        return false;
    }
    *at = s->pattern_bytes;
    memcpy(s->patterns + s->pattern_bytes, value.ptr, value.len);
    s->pattern_bytes = (uint16_t)(s->pattern_bytes + value.len + 1);
    return true;
}

static bool check_refuse_key(void *section, struct span value, struct fmt *why)
{
    struct check_settings *s = section;

    if (s->refuse_count == CHECK_REFUSE_MAX) {
        fmt_str(why, "is one more than the 8 that a check can have");
        return false;
    }
    if (!check_add_pattern(s, value, &s->refuse_at[s->refuse_count], why))
        return false;
    s->refuse_count++;
    return true;
}

static bool check_require_key(void *section, struct span value, struct fmt *why)
{
    struct check_settings *s = section;

    s->has_require = check_add_pattern(s, value, &s->require_at, why);
    return s->has_require;
}

static bool check_logprob_key(void *section, struct span value, struct fmt *why)
{
    struct check_settings *s = section;
    struct span size = span_part(value, 1, value.len);
    int64_t whole = 0;
    int64_t part = 0;
    size_t point = span_find_byte(size, '.');

    if (span_starts(value, SPAN("-")) &&
        (point == 0 || scan_i64(span_part(size, 0, point), &whole)) && whole >= 0 &&
        whole < CHECK_LOGPROB_LIMIT &&
        (point == size.len || scan_milli(span_part(size, point, size.len), &part)) &&
        whole * 1000 + part > 0) {
        s->logprob_milli = -(whole * 1000 + part);
        return true;
    }
    fmt_str(why, "is no mean log-probability such as -0.8");
    return false;
}

static bool check_weights_key(void *section, struct span value, struct fmt *why)
{
    struct check_settings *s = section;
    struct span part;

    while (span_split(&value, ',', &part)) {
        size_t colon = span_find_byte(part, ':');
        struct span name = span_trim(span_part(part, 0, colon));
        int64_t weight = -1;
        size_t i = 0;

        while (i < CHECK_COUNT && !span_equal(name, span_str(check_names[i])))
            i++;
        if (i < CHECK_COUNT && scan_i64(span_trim(span_part(part, colon + 1, part.len)), &weight) &&
            weight >= 0 && weight <= CHECK_WEIGHT_MAX) {
            s->weights[i] = (int16_t)(weight + 1);
            continue;
        }
        fmt_str(why, "is no list like refusal:400, json:1000 with weights of 0 to 1000; names: ");
        for (i = 0; i < CHECK_COUNT; i++) {
            fmt_str(why, i > 0 ? " " : "");
            fmt_str(why, check_names[i]);
        }
        return false;
    }
    return true;
}

#define SWITCH(member, value, text)                                                                \
    {                                                                                              \
        .name = #member, .type = CONFIG_BOOL, .offset = AT(member), .fallback = (value),           \
        .help = (text)                                                                             \
    }

static const struct config_key check_keys[] = {
    {.name = "min_chars",
     .type = CONFIG_COUNT,
     .offset = AT(min_chars),
     .fallback = "0",
     .min = 0,
     .max = CHARS_MAX,
     .help = "a shorter answer lowers the score"},
    {.name = "max_chars",
     .type = CONFIG_COUNT,
     .offset = AT(max_chars),
     .fallback = "0",
     .min = 0,
     .max = CHARS_MAX,
     .help = "a longer one does; 0: no bound"},
    {.name = "refuse",
     .type = CONFIG_CUSTOM,
     .parse = check_refuse_key,
     .repeatable = true,
     .help = "a pattern that no good answer has; up to 8"},
    {.name = "require",
     .type = CONFIG_CUSTOM,
     .parse = check_require_key,
     .help = "a pattern that every good answer has"},
    SWITCH(finish, "yes", "cut off by a limit that the client did not set, or by a filter"),
    SWITCH(json, "no", "JSON is expected, also when the request does not ask for it"),
    SWITCH(schema, "yes", "JSON is held against the schema of the request"),
    SWITCH(tools, "yes", "calls name a tool of the request, with arguments of its schema"),
    SWITCH(loop, "yes", "text that repeats itself for ever"),
    SWITCH(language, "yes", "the answer is in the question's language"),
    SWITCH(refusal, "yes", "the answer declines, in twelve languages"),
    {.name = "logprob",
     .type = CONFIG_CUSTOM,
     .parse = check_logprob_key,
     .help = "least mean log-probability of a token, like -0.8, where the vendor gives them"},
    {.name = "judge",
     .type = CONFIG_TEXT,
     .offset = AT(judge),
     .place_bytes = CONFIG_NAME_BYTES,
     .help = "a model that is asked for a mark"},
    {.name = "agree",
     .type = CONFIG_TEXT,
     .offset = AT(agree),
     .place_bytes = CONFIG_NAME_BYTES,
     .help = "a model that is asked the same; answers that differ lower the score"},
    {.name = "weights",
     .type = CONFIG_CUSTOM,
     .parse = check_weights_key,
     .help = "what a failed check takes away, in thousandths: refusal:400, json:1000, ..."},
};

const struct config_section check_section = {
    .name = "check",
    .named = true,
    .keys = check_keys,
    .key_count = ARRAY_LEN(check_keys),
    .help = "what an answer must be like",
};
