#include "llm/model.h"

#include <stddef.h>

/* 1000 USD per million tokens is ten times the dearest price sold: above it a price was written per
 * thousand tokens, or in another unit. */
#define MODEL_PRICE_MAX_PUSD INT64_C(1000000000)

#define AT(member) offsetof(struct model_settings, member)

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
    {.name = "input",
     .type = CONFIG_PRICE,
     .offset = AT(price.input_pusd),
     .max = MODEL_PRICE_MAX_PUSD,
     .help = "price of input, USD per million tokens"},
    {.name = "cached_input",
     .type = CONFIG_PRICE,
     .offset = AT(price.cached_input_pusd),
     .max = MODEL_PRICE_MAX_PUSD,
     .help = "price of input read from the vendor's cache "
             "(default: the input price)"},
    {.name = "cache_write",
     .type = CONFIG_PRICE,
     .offset = AT(price.cache_write_pusd),
     .max = MODEL_PRICE_MAX_PUSD,
     .help = "price of input written to the vendor's cache "
             "(default: the input price)"},
    {.name = "output",
     .type = CONFIG_PRICE,
     .offset = AT(price.output_pusd),
     .max = MODEL_PRICE_MAX_PUSD,
     .help = "price of output, reasoning included"},
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
