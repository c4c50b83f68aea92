#include "policy/compress_passes.h"

#include <string.h>

#include "base/check.h"
#include "base/scan.h"

enum compress_arg { ARG_NONE, ARG_SHARE, ARG_COUNT, ARG_MODEL };

struct compress_pass_kind {
    const char *name;
    enum compress_arg arg;
    bool safe;
};

static const struct compress_pass_kind pass_kinds[] = {
    [COMPRESS_JSON] = {"json", ARG_NONE, true},
    [COMPRESS_HTML] = {"html", ARG_NONE, true},
    [COMPRESS_NOISE] = {"noise", ARG_NONE, true},
    [COMPRESS_BOILERPLATE] = {"boilerplate", ARG_NONE, true},
    [COMPRESS_DEDUP] = {"dedup", ARG_NONE, true},
    [COMPRESS_WHITESPACE] = {"whitespace", ARG_NONE, true},
    [COMPRESS_EXAMPLES] = {"examples", ARG_COUNT, false},
    [COMPRESS_SELECT] = {"select", ARG_SHARE, false},
    [COMPRESS_STOPWORDS] = {"stopwords", ARG_NONE, false},
    [COMPRESS_HISTORY] = {"history", ARG_COUNT, false},
    [COMPRESS_SUMMARIZE] = {"summarize", ARG_MODEL, false},
};

_Static_assert(ARRAY_LEN(pass_kinds) == COMPRESS_PASSES, "one a pass");

const char *compress_pass_name(enum compress_pass pass)
{
    CHECK(pass < COMPRESS_PASSES);
    return pass_kinds[pass].name;
}

bool compress_passes_has(const struct compress_passes *p, enum compress_pass pass)
{
    return (p->on >> pass & 1) != 0;
}

static bool passes_fail(struct fmt *why, const char *before, struct span text, const char *behind)
{
    fmt_str(why, before);
    fmt_visible(why, text, CONFIG_NAME_BYTES);
    fmt_str(why, behind);
    return false;
}

static bool passes_unknown(struct fmt *why, struct span name)
{
    (void)passes_fail(why, "has no pass \"", name, "\"; there are safe");
    for (size_t i = 0; i < ARRAY_LEN(pass_kinds); i++) {
        fmt_str(why, ", ");
        fmt_str(why, pass_kinds[i].name);
    }
    return false;
}

/* "50%" or "2000t". */
static bool passes_share(struct compress_passes *p, struct span arg)
{
    struct span digits = span_part(arg, 0, arg.len > 0 ? arg.len - 1 : 0);
    uint64_t n;

    if (!scan_u64(digits, &n) || n == 0)
        return false;
    if (span_ends(arg, SPAN("%")) && n < 100) {
        p->select_milli = (uint16_t)(n * 10);
        return true;
    }
    if (!span_ends(arg, SPAN("t")) || n > COMPRESS_TOKENS_MAX)
        return false;
    p->select_tokens = (uint32_t)n;
    return true;
}

static bool passes_arg(struct compress_passes *p, enum compress_pass pass, struct span arg,
                       struct fmt *why)
{
    uint64_t n;

    switch (pass_kinds[pass].arg) {
    case ARG_NONE:
        return arg.len == 0 || passes_fail(why, "has an argument \"", arg, "\" that means nothing");
    case ARG_SHARE:
        return passes_share(p, arg) ||
               passes_fail(why, "has \"select:", arg, "\" instead of select:50% or select:2000t");
    case ARG_COUNT:
        if (!scan_u64(arg, &n) || n > COMPRESS_COUNT_MAX || (n == 0 && pass == COMPRESS_HISTORY))
            return passes_fail(why, "needs a count like 8 instead of \"", arg, "\"");
        *(pass == COMPRESS_HISTORY ? &p->history_turns : &p->examples) = (uint16_t)n;
        return true;
    case ARG_MODEL:
        if (arg.len == 0 || arg.len >= sizeof(p->summarize_model))
            return passes_fail(why, "needs a model's name behind summarize: instead of \"", arg,
                               "\"");
        memcpy(p->summarize_model, arg.ptr, arg.len);
        p->summarize_model[arg.len] = '\0';
        return true;
    }
    return false;
}

static bool passes_one(struct compress_passes *p, struct span item, struct fmt *why)
{
    size_t colon = span_find_byte(item, ':');
    struct span name = span_trim(span_part(item, 0, colon));
    struct span arg = span_trim(span_part(item, colon + 1, item.len));

    if (span_equal(item, SPAN("safe"))) {
        for (size_t i = 0; i < ARRAY_LEN(pass_kinds); i++)
            p->on |= pass_kinds[i].safe ? 1u << i : 0;
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(pass_kinds); i++) {
        if (!span_equal(name, span_str(pass_kinds[i].name)))
            continue;
        if (pass_kinds[i].arg != ARG_NONE && (p->on >> i & 1) != 0)
            return passes_fail(why, "has ", name, " twice");
        p->on |= 1u << i;
        return passes_arg(p, (enum compress_pass)i, arg, why);
    }
    return passes_unknown(why, item);
}

bool compress_passes_parse(struct compress_passes *p, struct span text, struct fmt *why)
{
    struct span item;

    *p = (struct compress_passes){0};
    text = span_trim(text);
    if (text.len == 0 || span_equal(text, SPAN("off")))
        return true;
    while (span_split(&text, ',', &item))
        if (!passes_one(p, span_trim(item), why))
            return false;
    return true;
}
