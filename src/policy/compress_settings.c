#include "policy/compress_settings.h"

#include <string.h>

#include "base/check.h"

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

static const struct config_key compress_keys[] = {
    {.name = "phrase",
     .type = CONFIG_CUSTOM,
     .parse = phrase_key,
     .repeatable = true,
     .help = "what the pass boilerplate takes out besides its own list; letters are folded"},
};

const struct config_section compress_section = {
    .name = "compress",
    .keys = compress_keys,
    .key_count = ARRAY_LEN(compress_keys),
    .help = "phrases that say nothing, for the pass boilerplate of [route] compress",
};
