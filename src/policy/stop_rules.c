/* Rules as they are written. */
#include "base/check.h"
#include "base/scan.h"
#include "policy/stop.h"

enum stop_value { VALUE_NONE, VALUE_NUMBER, VALUE_TEXT, VALUE_PATTERN };

/* Tokens and bytes of any answer are fewer. */
#define STOP_LIMIT_MAX INT64_C(1000000000)

static const struct {
    const char *name;
    enum stop_value value;
} kinds[STOP_KINDS] = {
    [STOP_SENTINEL] = {"sentinel", VALUE_TEXT}, [STOP_PATTERN] = {"pattern", VALUE_PATTERN},
    [STOP_LABEL] = {"label", VALUE_TEXT},       [STOP_SENTENCES] = {"sentences", VALUE_NUMBER},
    [STOP_JSON] = {"json", VALUE_NONE},         [STOP_CODE] = {"code", VALUE_NONE},
    [STOP_LOOP] = {"loop", VALUE_NONE},         [STOP_TOKENS] = {"tokens", VALUE_NUMBER},
    [STOP_BYTES] = {"bytes", VALUE_NUMBER},
};

const char *stop_kind_name(enum stop_kind kind)
{
    CHECK(kind < STOP_KINDS);
    return kinds[kind].name;
}

struct rules_reader {
    struct stop_rules *r;
    struct span rest;
    char text[PATTERN_TEXT_BYTES]; /* the value, without quotes */
    size_t text_len;
    struct fmt *why;
};

static bool refuse(const struct rules_reader *reader, const char *reason)
{
    fmt_str(reader->why, reason);
    return false;
}

static void skip(struct rules_reader *reader, size_t bytes)
{
    reader->rest = span_part(reader->rest, bytes, reader->rest.len);
}

static char peek(const struct rules_reader *reader)
{
    return reader->rest.len > 0 ? reader->rest.ptr[0] : '\0';
}

static bool keep(struct rules_reader *reader, char c)
{
    if (reader->text_len == sizeof(reader->text))
        return refuse(reader, "has a value longer than 200 bytes");
    reader->text[reader->text_len++] = c;
    return true;
}

static bool unescape(char *c)
{
    if (*c == 'n')
        *c = '\n';
    else if (*c == 't')
        *c = '\t';
    else
        return *c == '"' || *c == '\\';
    return true;
}

/* Up to the closing sign; behind the opening one. A pattern keeps its backslashes. */
static bool read_closed(struct rules_reader *reader, char close)
{
    for (; reader->rest.len > 0; skip(reader, 1)) {
        char c = peek(reader);

        if (c == close) {
            skip(reader, 1);
            return true;
        }
        if (c == '\\' && reader->rest.len > 1) {
            if (close == '/' && !keep(reader, c))
                return false;
            skip(reader, 1);
            c = peek(reader);
            if (close == '"' && !unescape(&c))
                return refuse(reader, "has an escape that is none of \\n \\t \\\" \\\\");
        }
        if (!keep(reader, c))
            return false;
    }
    return refuse(reader,
                  close == '"' ? "has a \" that is not closed" : "has a / that is not closed");
}

static bool read_value(struct rules_reader *reader, enum stop_value value)
{
    size_t end = span_find_byte(reader->rest, ',');
    struct span bare = span_trim(span_part(reader->rest, 0, end));

    reader->text_len = 0;
    if (peek(reader) == '"' || (value == VALUE_PATTERN && peek(reader) == '/')) {
        char close = peek(reader);

        skip(reader, 1);
        return read_closed(reader, close);
    }
    if (value == VALUE_PATTERN)
        return refuse(reader, "has a pattern that does not stand between two /");
    for (size_t i = 0; i < bare.len; i++)
        if (!keep(reader, bare.ptr[i]))
            return false;
    skip(reader, end);
    return true;
}

/* `yes|not sure` as a pattern that finds one of them as whole words. */
static bool take_labels(struct rules_reader *reader, struct span value)
{
    char text[PATTERN_TEXT_BYTES];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, "(?i)\\b(");
    for (size_t i = 0; i < value.len; i++) {
        if (memchr("\\()[]{}.*+?^$", value.ptr[i], 13) != NULL)
            fmt_char(&f, '\\');
        fmt_char(&f, value.ptr[i]);
    }
    fmt_str(&f, ")\\b");
    if (!fmt_ok(&f))
        return refuse(reader, "has labels that are too long");
    return pattern_compile(&reader->r->pattern, fmt_span(&f), reader->why);
}

static bool take_sentinel(struct rules_reader *reader, struct span value)
{
    struct stop_rules *r = reader->r;

    if (value.len > STOP_SENTINEL_BYTES || r->sentinel_count == STOP_SENTINELS_MAX)
        return refuse(reader, "has more than 4 sentinels, or one longer than 64 bytes");
    r->sentinels[r->sentinel_count].len = (uint8_t)value.len;
    memcpy(r->sentinels[r->sentinel_count++].text, value.ptr, value.len);
    return true;
}

static bool take_value(struct rules_reader *reader, enum stop_kind kind)
{
    struct span value = span_of(reader->text, reader->text_len);
    uint64_t number = 0;

    if (value.len == 0)
        return refuse(reader, "has a rule without its value");
    if (kind == STOP_SENTINEL)
        return take_sentinel(reader, value);
    if (kind == STOP_PATTERN)
        return pattern_compile(&reader->r->pattern, value, reader->why);
    if (kind == STOP_LABEL)
        return take_labels(reader, value);
    if (!scan_u64(value, &number) || number == 0 || number > STOP_LIMIT_MAX)
        return refuse(reader, "has a number that is none, or out of 1 to 1000000000");
    reader->r->limits[kind] = (int64_t)number;
    return true;
}

static bool read_rule(struct rules_reader *reader)
{
    uint32_t one_of = 1u << STOP_PATTERN | 1u << STOP_LABEL;
    struct span rest = span_trim(reader->rest);
    enum stop_kind kind = STOP_SENTINEL;
    size_t len = 0;

    while (len < rest.len && rest.ptr[len] >= 'a' && rest.ptr[len] <= 'z')
        len++;
    while (kind < STOP_KINDS && !span_equal(span_part(rest, 0, len), span_str(kinds[kind].name)))
        kind++;
    if (kind == STOP_KINDS)
        return refuse(reader, "has a rule that is none of sentinel, pattern, label, sentences, "
                              "json, code, loop, tokens, bytes");
    reader->rest = span_part(rest, len, rest.len);
    if ((reader->r->set & 1u << kind) != 0 && kind != STOP_SENTINEL)
        return refuse(reader, "has a rule twice");
    reader->r->set |= 1u << kind;
    if ((reader->r->set & one_of) == one_of)
        return refuse(reader, "has both a pattern and labels");
    if (kinds[kind].value != VALUE_NONE) {
        if (peek(reader) != ':')
            return refuse(reader, "has a rule without its value");
        skip(reader, 1);
        reader->rest = span_trim(reader->rest);
        if (!read_value(reader, kinds[kind].value) || !take_value(reader, kind))
            return false;
    }
    reader->rest = span_trim(reader->rest);
    if (reader->rest.len > 0 && peek(reader) != ',')
        return refuse(reader, "has something behind a rule that is no comma");
    return true;
}

bool stop_rules_read(struct stop_rules *r, struct span text, struct fmt *why)
{
    struct rules_reader reader = {.r = r, .rest = span_trim(text), .why = why};
    bool good = true;

    *r = (struct stop_rules){.set = 0};
    if (span_equal(reader.rest, SPAN("off")))
        return true;
    for (good = read_rule(&reader); good && reader.rest.len > 0; good = read_rule(&reader))
        skip(&reader, 1);
    return good;
}
