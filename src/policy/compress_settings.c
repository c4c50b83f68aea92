#include "policy/compress_settings.h"

#include <stddef.h>
#include <string.h>

#include "base/check.h"
#include "base/scan.h"

#define AT(member) offsetof(struct compress_settings, member)

/* Below it a text is lost, above it nothing is won: a summary may become twice as long. */
enum { SUMMARIZE_PERCENT_MIN = 5, SUMMARIZE_PERCENT_MAX = 45 };

static bool phrase_key(void *section, struct span value, struct fmt *why)
{
    struct compress_settings *s = section;

    if (s->count == COMPRESS_PHRASES_MAX) {
        fmt_str(why, "is one phrase too many (16 are allowed)");
        return false;
    }
    if (value.len == 0 || value.len >= COMPRESS_PHRASE_BYTES) {
        fmt_str(why, "is no phrase of 1 to 95 bytes");
        return false;
    }
    memcpy(s->phrases[s->count], value.ptr, value.len);
    s->phrases[s->count++][value.len] = '\0';
    return true;
}

static bool ratio_key(void *section, struct span value, struct fmt *why)
{
    struct compress_settings *s = section;
    uint64_t percent;

    if (span_ends(value, SPAN("%")) && scan_u64(span_part(value, 0, value.len - 1), &percent) &&
        percent >= SUMMARIZE_PERCENT_MIN && percent <= SUMMARIZE_PERCENT_MAX) {
        s->summarize_milli = (int64_t)percent * 10;
        return true;
    }
    fmt_str(why, "is no share from 5% to 45%");
    return false;
}

static const struct config_key compress_keys[] = {
    {.name = "phrase",
     .type = CONFIG_CUSTOM,
     .parse = phrase_key,
     .repeatable = true,
     .help = "what the pass boilerplate takes out besides its own list; letters are folded"},
    {.name = "summarize_min_tokens",
     .type = CONFIG_COUNT,
     .offset = AT(summarize_min_tokens),
     .fallback = "1000",
     .min = 50,
     .max = 1000000000,
     .help = "by estimate; a shorter text is not summarised"},
    {.name = "summarize_ratio",
     .type = CONFIG_CUSTOM,
     .parse = ratio_key,
     .fallback = "30%",
     .help = "what is to be left of a text; a summary of more than twice that is not used"},
    {.name = "summarize_prompt",
     .type = CONFIG_TEXT,
     .offset = AT(summarize_prompt),
     .place_bytes = COMPRESS_PROMPT_BYTES,
     .help = "what the model of summarize is told to do with the text; default a fixed text"},
};

const struct config_section compress_section = {
    .name = "compress",
    .keys = compress_keys,
    .key_count = ARRAY_LEN(compress_keys),
    .help = "phrases for the pass boilerplate, and how summarize does, of [route] compress",
};
