#include "llm/model.h"

#include <stddef.h>

#include "base/scan.h"

/* 1000 USD per million tokens is ten times the dearest price sold: above it a price was written per
 * thousand tokens, or in another unit. */
#define MODEL_PRICE_MAX_PUSD INT64_C(1000000000)

#define AT(member) offsetof(struct model_settings, member)
#define PRICE(key, member, text)                                                                   \
    {                                                                                              \
        .name = key, .type = CONFIG_PRICE, .offset = AT(price.member),                             \
        .max = MODEL_PRICE_MAX_PUSD, .help = text                                                  \
    }

static bool next_from_key(void *section, struct span value, struct fmt *why)
{
    struct model_settings *m = section;
    char text[32];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_text(&f, value);
    fmt_str(&f, "T00:00:00.000Z");
    if (fmt_ok(&f) && scan_time_utc(fmt_span(&f), &m->price.next_unix_ms) &&
        m->price.next_unix_ms > 0)
        return true;
    fmt_str(why, "is no day such as 2026-09-01");
    return false;
}

static const struct config_key model_keys[] = {
    {.name = "upstream",
     .type = CONFIG_TEXT,
     .offset = AT(upstream),
     .place_bytes = CONFIG_NAME_BYTES,
     .required = true,
     .help = "the [upstream] that has it"},
    {.name = "id",
     .type = CONFIG_TEXT,
     .offset = AT(id),
     .place_bytes = MODEL_ID_BYTES,
     .help = "the vendor's name for it (default: this section's name)"},
    PRICE("input", base.input_pusd, "price of input, USD per million tokens"),
    PRICE("cached_input", base.cached_input_pusd,
          "price of input read from the vendor's cache (default: input)"),
    PRICE("cache_write", base.cache_write_pusd,
          "price of input written to the vendor's cache (default: input)"),
    PRICE("cache_write_1h", base.cache_write_1h_pusd,
          "the same, kept for an hour (default: twice input, or cache_write if that is more)"),
    PRICE("output", base.output_pusd, "price of output, reasoning included"),
    {.name = "above",
     .type = CONFIG_COUNT,
     .offset = AT(price.above_tokens),
     .min = 1,
     .max = USAGE_TOKENS_MAX,
     .help = "tokens of input; a longer request costs the *_above prices for all its tokens"},
    PRICE("input_above", above.input_pusd, "input of such a request (default: input)"),
    PRICE("cached_input_above", above.cached_input_pusd,
          "its cached input (default: its input price)"),
    PRICE("cache_write_above", above.cache_write_pusd,
          "its cache writes (default: its input price)"),
    PRICE("cache_write_1h_above", above.cache_write_1h_pusd, "its cache writes for an hour"),
    PRICE("output_above", above.output_pusd, "output of such a request (default: output)"),
    {.name = "next_from",
     .type = CONFIG_CUSTOM,
     .parse = next_from_key,
     .help = "day such as 2026-09-01 (UTC) from which only the *_next prices hold"},
    PRICE("input_next", next.input_pusd, "input from that day on"),
    PRICE("cached_input_next", next.cached_input_pusd,
          "cached input from that day on (default: input_next)"),
    PRICE("cache_write_next", next.cache_write_pusd,
          "cache writes from that day on (default: input_next)"),
    PRICE("cache_write_1h_next", next.cache_write_1h_pusd,
          "cache writes for an hour from that day on"),
    PRICE("output_next", next.output_pusd, "output from that day on"),
    {.name = "free",
     .type = CONFIG_BOOL,
     .offset = AT(free),
     .fallback = "no",
     .help = "a local model that costs nothing"},
    {.name = "context",
     .type = CONFIG_COUNT,
     .offset = AT(context_tokens),
     .fallback = "0",
     .max = 1000000000,
     .help = "tokens of context; 0 = not known"},
    {.name = "max_output",
     .type = CONFIG_COUNT,
     .offset = AT(max_output_tokens),
     .fallback = "0",
     .max = 1000000000,
     .help = "most output tokens of one answer; 0 = not known"},
};

const struct config_section model_section = {
    .name = "model",
    .named = true,
    .keys = model_keys,
    .key_count = sizeof(model_keys) / sizeof(model_keys[0]),
    .help = "a model that clients can ask for, and its price",
};
