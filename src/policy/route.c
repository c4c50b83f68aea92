#include "policy/route.h"

#include <stddef.h>

#include "base/check.h"
#include "base/scan.h"
#include "policy/keys.h"
#include "policy/stop.h"

#define AT(member) offsetof(struct route_settings, member)

/* ---- configuration ---- */

/* "NAME" or "NAME*WEIGHT". */
static bool route_take_choice(struct route_choice *c, struct span text, struct fmt *why)
{
    size_t star = text.len;
    uint64_t weight = 1;

    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '*')
            star = i;
    if (star < text.len && !scan_u64(span_trim(span_part(text, star + 1, text.len)), &weight)) {
        fmt_str(why, "has no whole number behind '*'");
        return false;
    }
    text = span_trim(span_part(text, 0, star));
    if (text.len == 0 || text.len >= sizeof(c->model)) {
        fmt_str(why, "names no model where one must stand");
        return false;
    }
    if (weight < 1 || weight > ROUTE_WEIGHT_MAX) {
        fmt_str(why, "has a weight that is not 1 to 100");
        return false;
    }
    memcpy(c->model, text.ptr, text.len);
    c->model[text.len] = '\0';
    c->weight = (int64_t)weight;
    return true;
}

/* The last '@', if digits stand behind it: names of models may have one too. */
static bool route_take_bar(struct route_tier *t, struct span *text, struct fmt *why)
{
    size_t at = text->len;
    struct span bar;

    for (size_t i = 0; i < text->len; i++)
        if (text->ptr[i] == '@')
            at = i;
    if (at == text->len)
        return true;
    bar = span_trim(span_part(*text, at + 1, text->len));
    for (size_t i = 0; i < bar.len; i++)
        if (bar.ptr[i] != '.' && (bar.ptr[i] < '0' || bar.ptr[i] > '9'))
            return true;
    if (!scan_milli(bar, &t->bar_milli)) {
        fmt_str(why, "has a bar that is no score of 0 to 1, such as 0.8");
        return false;
    }
    *text = span_part(*text, 0, at);
    return true;
}

static bool route_take_tier(struct route_tier *t, struct span text, struct fmt *why)
{
    struct span choice;

    if (!route_take_bar(t, &text, why))
        return false;
    while (span_split(&text, '|', &choice)) {
        if (t->count == ROUTE_CHOICES_MAX) {
            fmt_str(why, "has more than 3 models in one tier");
            return false;
        }
        if (!route_take_choice(&t->choices[t->count], span_trim(choice), why))
            return false;
        t->count++;
    }
    if (t->count == 0)
        fmt_str(why, "has an empty tier");
    return t->count > 0;
}

static bool route_tiers_key(void *section, struct span value, struct fmt *why)
{
    struct route_settings *r = section;
    struct span tier;

    /* No name of a model that is known has one, and people do write it. */
    if (span_find_byte(value, '>') < value.len) {
        fmt_str(why, "has a '>': tiers stand with commas, the cheapest first: small@0.8, large");
        return false;
    }
    while (span_split(&value, ',', &tier)) {
        if (r->tier_count == ROUTE_TIERS_MAX) {
            fmt_str(why, "has more than 4 tiers");
            return false;
        }
        if (!route_take_tier(&r->tiers[r->tier_count], span_trim(tier), why))
            return false;
        r->tier_count++;
    }
    return true;
}

static bool route_fallback_key(void *section, struct span value, struct fmt *why)
{
    struct route_settings *r = section;
    struct span name;

    while (span_split(&value, ',', &name)) {
        if (r->fallback_count == ROUTE_FALLBACKS_MAX) {
            fmt_str(why, "has more than 4 models");
            return false;
        }
        if (!route_take_choice(&r->fallbacks[r->fallback_count], span_trim(name), why))
            return false;
        r->fallback_count++;
    }
    return true;
}

static bool route_offline_key(void *section, struct span value, struct fmt *why)
{
    struct route_settings *r = section;

    r->offline_stale = span_equal(value, SPAN("stale"));
    return r->offline_stale || route_take_choice(&r->offline, value, why);
}

static bool route_has_key(void *section, struct span value, struct fmt *why)
{
    static const struct {
        const char *name;
        enum route_has has;
    } forms[] = {
        {"tools", ROUTE_HAS_TOOLS},
        {"images", ROUTE_HAS_IMAGES},
        {"json", ROUTE_HAS_JSON},
    };
    struct route_settings *r = section;
    struct span word;

    while (span_split(&value, ',', &word)) {
        uint32_t bit = 0;

        word = span_trim(word);
        for (size_t i = 0; i < ARRAY_LEN(forms); i++)
            if (span_equal(word, span_str(forms[i].name)))
                bit = forms[i].has;
        if (bit == 0) {
            fmt_str(why, "is none of tools, images, json");
            return false;
        }
        r->has |= bit;
    }
    return true;
}

static bool route_difficulty_key(void *section, struct span value, struct fmt *why)
{
    struct route_settings *r = section;

    if (value.len > 1 && (value.ptr[0] == '<' || value.ptr[0] == '>') &&
        scan_milli(span_trim(span_part(value, 1, value.len)), &r->difficulty_milli)) {
        r->difficulty = value.ptr[0];
        return true;
    }
    fmt_str(why, "is no bound such as < 0.4 or > 0.4");
    return false;
}

static bool route_header_key(void *section, struct span value, struct fmt *why)
{
    struct route_settings *r = section;
    size_t colon = span_find_byte(value, ':');

    if (colon == 0 || colon == value.len || value.len >= sizeof(r->header)) {
        fmt_str(why, "is no header field such as X-App: cron*");
        return false;
    }
    memcpy(r->header, value.ptr, value.len);
    r->header[value.len] = '\0';
    return true;
}

static bool route_cache_key(void *section, struct span value, struct fmt *why)
{
    struct route_settings *r = section;

    r->cache_ms = 0;
    if (span_equal(value, SPAN("off")))
        return true;
    if (span_equal(value, SPAN("default"))) {
        r->cache_ms = -1;
        return true;
    }
    if (scan_duration(value, &r->cache_ms) && r->cache_ms >= ROUTE_CACHE_MS_MIN)
        return true;
    fmt_str(why, "is neither off nor a time of at least 1s, such as 10m");
    return false;
}

/* 1 is by the canonical key alone. */
static bool route_near_key(void *section, struct span value, struct fmt *why)
{
    struct route_settings *r = section;

    r->near_milli = 0;
    if (span_equal(value, SPAN("off")) ||
        (scan_milli(value, &r->near_milli) && r->near_milli >= ROUTE_NEAR_MILLI_MIN))
        return true;
    fmt_str(why, "is neither off nor a similarity of 0.6 to 1");
    return false;
}

static bool route_batch_key(void *section, struct span value, struct fmt *why)
{
    struct route_settings *r = section;

    return batch_setting_read(&r->batch, value, why);
}

static bool route_compress_key(void *section, struct span value, struct fmt *why)
{
    struct route_settings *r = section;

    return compress_passes_parse(&r->compress, value, why);
}

static bool route_skip_key(void *section, struct span value, struct fmt *why)
{
    struct route_settings *r = section;

    if (scan_milli(value, &r->skip_above_milli))
        return true;
    fmt_str(why, "is no gain of 0 to 1, such as 0.6");
    return false;
}

/* "2%" as thousandths. */
static bool route_percent(struct span value, uint64_t max, int64_t *milli, struct fmt *why)
{
    uint64_t percent = 0;

    if (span_ends(value, SPAN("%")) &&
        scan_u64(span_trim(span_part(value, 0, value.len - 1)), &percent) && percent <= max) {
        *milli = (int64_t)percent * 10;
        return true;
    }
    fmt_str(why, "is no whole number of percent of 0% to ");
    fmt_u64(why, max);
    fmt_char(why, '%');
    return false;
}

static bool route_shadow_key(void *section, struct span value, struct fmt *why)
{
    struct route_settings *r = section;

    return route_percent(value, 100, &r->shadow_milli, why);
}

static bool route_switch_key(void *section, struct span value, struct fmt *why)
{
    struct route_settings *r = section;

    r->switch_milli = -1;
    return span_equal(value, SPAN("off")) || route_percent(value, 1000, &r->switch_milli, why);
}

static bool route_take_text(char *out, size_t out_bytes, struct span value, struct fmt *why)
{
    if (value.len >= out_bytes) {
        fmt_str(why, "is too long");
        return false;
    }
    if (value.len > 0)
        memcpy(out, value.ptr, value.len);
    out[value.len] = '\0';
    return true;
}

static bool route_stop_key(void *section, struct span value, struct fmt *why)
{
    struct route_settings *r = section;
    struct stop_rules rules;

    if (!stop_rules_read(&rules, value, why))
        return false;
    return route_take_text(r->stop, sizeof(r->stop), rules.set != 0 ? value : SPAN_EMPTY, why);
}

static bool route_conciseness_key(void *section, struct span value, struct fmt *why)
{
    struct route_settings *r = section;

    if (span_equal(value, SPAN("yes")))
        value = SPAN("Answer as briefly as you can: no preamble, no repetition, no summary.");
    else if (span_equal(value, SPAN("no")))
        value = SPAN_EMPTY;
    return route_take_text(r->conciseness, sizeof(r->conciseness), value, why);
}

static const struct config_key route_keys[] = {
    {.name = "model",
     .type = CONFIG_TEXT,
     .offset = AT(models),
     .place_bytes = ROUTE_LIST_BYTES,
     .help = "the model asked for, as in auto, gpt-*; default any"},
    {.name = "workload",
     .type = CONFIG_TEXT,
     .offset = AT(workloads),
     .place_bytes = ROUTE_LIST_BYTES,
     .help = "chat, classification, code, summarization, translation, unknown; default any"},
    {.name = "min_tokens",
     .type = CONFIG_COUNT,
     .offset = AT(min_tokens),
     .fallback = "0",
     .max = 1000000000,
     .help = "of input, by estimate, at least"},
    {.name = "max_tokens",
     .type = CONFIG_COUNT,
     .offset = AT(max_tokens),
     .fallback = "0",
     .max = 1000000000,
     .help = "of input at most; 0 = no bound"},
    {.name = "has",
     .type = CONFIG_CUSTOM,
     .parse = route_has_key,
     .help = "what the request must have: tools, images, json (asks for JSON)"},
    {.name = "key",
     .type = CONFIG_TEXT,
     .offset = AT(keys),
     .place_bytes = ROUTE_LIST_BYTES,
     .help = "names of client keys; default any"},
    {.name = "header",
     .type = CONFIG_CUSTOM,
     .parse = route_header_key,
     .help = "a field of the request, as in X-App: cron*"},
    {.name = "difficulty",
     .type = CONFIG_CUSTOM,
     .parse = route_difficulty_key,
     .help = "< 0.4 or > 0.4: the score of [classify] difficulty; default any"},
    {.name = "tiers",
     .type = CONFIG_CUSTOM,
     .parse = route_tiers_key,
     .help = "models, cheap first, each with the score its answer needs: m1@0.8, a*2|b@0.9, m3; "
             "default the model asked for"},
    {.name = "fallback",
     .type = CONFIG_CUSTOM,
     .parse = route_fallback_key,
     .help = "models that are asked when those of a tier cannot answer"},
    {.name = "offline",
     .type = CONFIG_CUSTOM,
     .parse = route_offline_key,
     .help = "a model, on the LAN for one, that is asked when none of the others can be reached; "
             "stale: kept answers serve then, for a week past their time"},
    {.name = "cache",
     .type = CONFIG_CUSTOM,
     .parse = route_cache_key,
     .fallback = "default",
     .help = "off | how long answers are kept, at whatever temperature; default as [cache] says"},
    {.name = "near",
     .type = CONFIG_CUSTOM,
     .parse = route_near_key,
     .fallback = "off",
     .help = "off | 1: a kept answer serves the same question in other words, single-turn only | "
             "0.6 to 1: also one so much alike, once checks have shown that it may"},
    {.name = "stale_if_error",
     .type = CONFIG_DURATION,
     .offset = AT(stale_if_error_ms),
     .fallback = "0",
     .max = INT64_C(31622400000),
     .help = "how long after its time a kept answer is better than an error; default 0"},
    {.name = "check",
     .type = CONFIG_TEXT,
     .offset = AT(check),
     .place_bytes = CONFIG_NAME_BYTES,
     .help = "the [check] that scores answers; default what every answer must be like"},
    {.name = "commit_after",
     .type = CONFIG_COUNT,
     .offset = AT(commit_after_tokens),
     .fallback = "64",
     .min = 1,
     .max = 1000000000,
     .help = "tokens of a judged stream after which it is delivered, if they pass"},
    {.name = "switch",
     .type = CONFIG_CUSTOM,
     .parse = route_switch_key,
     .fallback = "off",
     .help = "20%: a conversation that a later tier's vendor holds in its cache stays there when "
             "leaving costs more than that over staying; off"},
    {.name = "learn",
     .type = CONFIG_BOOL,
     .offset = AT(learn),
     .fallback = "no",
     .help = "learn which questions need the second tier; kept beside the ledger"},
    {.name = "skip_above",
     .type = CONFIG_CUSTOM,
     .parse = route_skip_key,
     .fallback = "0.6",
     .help = "learned gain of score above which the first tier is not asked; 1 = it always is"},
    {.name = "shadow",
     .type = CONFIG_CUSTOM,
     .parse = route_shadow_key,
     .fallback = "0%",
     .help = "share of the first tier's answers for which the second is asked too, to learn"},
    {.name = "compress",
     .type = CONFIG_CUSTOM,
     .parse = route_compress_key,
     .help = "passes over the prompt: safe (whitespace, dedup, html, json, noise, boilerplate), "
             "stopwords, select:50% or select:2000t, examples:3, history:8, "
             "summarize:MODEL; default off"},
    {.name = "batch",
     .type = CONFIG_CUSTOM,
     .parse = route_batch_key,
     .fallback = "off",
     .help = "8 x 40ms: so many like questions within that time share one call; off"},
    {.name = "max_output",
     .type = CONFIG_COUNT,
     .offset = AT(max_output_tokens),
     .fallback = "0",
     .max = 1000000000,
     .help = "most output tokens of an answer, whatever the request says; 0 = no bound"},
    {.name = "stop",
     .type = CONFIG_CUSTOM,
     .parse = route_stop_key,
     .help = "what ends an answer early: sentinel:\"###\", pattern:/re/, label:a|b, tokens:N, "
             "sentences:N, bytes:N, json, code, loop; default off"},
    {.name = "conciseness",
     .type = CONFIG_CUSTOM,
     .parse = route_conciseness_key,
     .help = "no | yes | TEXT, which is appended to the system prompt; answers get shorter, in "
             "conversations also worse; default no"},
};

const struct config_section route_section = {
    .name = "route",
    .named = true,
    .keys = route_keys,
    .key_count = ARRAY_LEN(route_keys),
    .help = "what is done with which requests; the first that matches, in file order",
};

/* ---- matching ---- */

static bool route_header_matches(const struct route_settings *r, const struct http_head *head)
{
    struct span pattern = span_str(r->header);
    char name[ROUTE_LIST_BYTES];
    struct span field;

    if (pattern.len == 0)
        return true;
    if (head == NULL || !span_split(&pattern, ':', &field))
        return false;
    field = span_trim(field);
    memcpy(name, field.ptr, field.len);
    name[field.len] = '\0';
    field = http_head_field(head, name);
    return field.ptr != NULL && key_glob(span_trim(pattern), field);
}

static bool route_difficulty_matches(const struct route_settings *r, int64_t milli)
{
    if (r->difficulty == '\0')
        return true;
    return milli >= 0 &&
           (r->difficulty == '<' ? milli < r->difficulty_milli : milli > r->difficulty_milli);
}

bool route_matches(const struct route_settings *r, const struct route_facts *f)
{
    CHECK(r->tier_count <= ROUTE_TIERS_MAX);
    return key_list_has(r->models, f->model) && key_list_has(r->workloads, f->workload) &&
           key_list_has(r->keys, f->key) && (r->has & ~f->has) == 0 &&
           f->input_tokens >= r->min_tokens &&
           (r->max_tokens == 0 || f->input_tokens <= r->max_tokens) &&
           route_difficulty_matches(r, f->difficulty_milli) && route_header_matches(r, f->head);
}

bool route_any_counts_tokens(const struct route_settings *routes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (routes[i].min_tokens > 0 || routes[i].max_tokens > 0)
            return true;
    return false;
}

bool route_judges(const struct route_settings *r, size_t tier)
{
    return tier + 1 < r->tier_count && r->tiers[tier].bar_milli > 0;
}
