#include "policy/compress_protect.h"

enum { FENCE_SIGNS = 3, FENCE_INDENT_MAX = 3 }; /* CommonMark 0.31, section 4.5 */

const uint8_t protect_classes[256] = {
    [' '] = BYTE_BLANK,
    ['\t'] = BYTE_BLANK,
    ['\r'] = BYTE_BLANK,
    ['0' ... '9'] = BYTE_DIGIT,
    ['A' ... 'Z'] = BYTE_LETTER,
    ['a' ... 'z'] = BYTE_LETTER,
    [0x80 ... 0xe1] = BYTE_LETTER,
    [0xe2] = BYTE_LETTER | BYTE_SIGN, /* curly quotes */
    [0xe3] = BYTE_LETTER | BYTE_STOP, /* the full stop of Chinese and Japanese */
    [0xe4 ... 0xee] = BYTE_LETTER,
    [0xef] = BYTE_LETTER | BYTE_STOP, /* their ! and ? */
    [0xf0 ... 0xff] = BYTE_LETTER,
    ['`'] = BYTE_SIGN,
    ['~'] = BYTE_SIGN,
    ['"'] = BYTE_SIGN,
    ['\''] = BYTE_SIGN,
    ['.'] = BYTE_STOP,
    ['!'] = BYTE_STOP,
    ['?'] = BYTE_STOP,
    ['\n'] = BYTE_STOP,
};

static size_t run_end(struct span text, size_t at)
{
    size_t end = at;

    while (end < text.len && text.ptr[end] == text.ptr[at])
        end++;
    return end;
}

static size_t line_end(struct span text, size_t at)
{
    return at + span_find_byte(span_part(text, at, text.len), '\n');
}

/* At a line's start; the fence's end is behind its closing line, without the line end. */
static size_t fence_end(struct span text, size_t at)
{
    size_t from = at;
    size_t signs;
    char sign;

    while (from < text.len && from - at < FENCE_INDENT_MAX && text.ptr[from] == ' ')
        from++;
    if (from == text.len || (text.ptr[from] != '`' && text.ptr[from] != '~'))
        return at;
    sign = text.ptr[from];
    signs = run_end(text, from) - from;
    if (signs < FENCE_SIGNS)
        return at;
    for (size_t line = line_end(text, from); line < text.len; line = line_end(text, line)) {
        size_t closing;

        line++;
        while (line < text.len && protect_is_blank(text.ptr[line]))
            line++;
        closing = line < text.len && text.ptr[line] == sign ? run_end(text, line) : line;
        if (closing - line >= signs)
            return line_end(text, closing);
    }
    return text.len;
}

static size_t code_end(struct span text, size_t at)
{
    size_t open = run_end(text, at);
    size_t close = open + span_find_byte(span_part(text, open, text.len), '`');
    size_t end = close < text.len ? run_end(text, close) : close;

    return close < text.len && end - close == open - at ? end : at;
}

static size_t url_end(struct span text, size_t at)
{
    size_t end = at;

    while (end < text.len && protect_is_letter(text.ptr[end]))
        end++;
    if (end == at || !span_starts(span_part(text, end, text.len), SPAN("://")))
        return at;
    while (end < text.len && (uint8_t)text.ptr[end] > ' ' && text.ptr[end] != '<' &&
           text.ptr[end] != '>' && text.ptr[end] != '"')
        end++;
    return end;
}

/* A paragraph in quotes, behind a label or not: "Context: "A generation later ..."," */
static bool quote_is_frame(struct span text, size_t at, size_t end)
{
    char before = at > 0 ? text.ptr[at - 1] : '\n';

    while (end < text.len && (text.ptr[end] == ',' || text.ptr[end] == '.' ||
                              text.ptr[end] == ';' || protect_is_blank(text.ptr[end])))
        end++;
    return (before == '\n' || before == ' ') && (end == text.len || text.ptr[end] == '\n');
}

static size_t quote_end(struct span text, size_t at)
{
    char quote = text.ptr[at];
    char before = at > 0 ? text.ptr[at - 1] : ' ';
    size_t max = quote == '"' ? PROTECT_QUOTE_BYTES : PROTECT_SINGLE_BYTES;
    struct span inside = span_part(text, at + 1, max);
    size_t close = span_find_byte(inside, quote);
    size_t end = at + 1 + close + 1;

    if (protect_is_letter(before) || protect_is_digit(before) || close == inside.len || close == 0)
        return at;
    /* The next sign opens another quotation instead of closing this one. */
    if (protect_is_blank(inside.ptr[close - 1]) || inside.ptr[0] == ' ' ||
        (end < text.len && (protect_is_letter(text.ptr[end]) || protect_is_digit(text.ptr[end]))))
        return at;
    if (span_find(span_part(inside, 0, close), SPAN("\n\n")) < close)
        return at;
    return close >= PROTECT_FRAME_BYTES && quote_is_frame(text, at, end) ? at : end;
}

static size_t curly_end(struct span text, size_t at)
{
    struct span inside = span_part(text, at + 3, PROTECT_QUOTE_BYTES);

    if (!span_starts(span_part(text, at, text.len), SPAN("\u201c")))
        return at;
    for (size_t i = 0; i + 3 <= inside.len; i++) {
        if (inside.ptr[i] != '\xe2' || inside.ptr[i + 1] != '\x80')
            continue;
        if (inside.ptr[i + 2] == '\x9d')
            return at + 3 + i + 3;
        if (inside.ptr[i + 2] == '\x9c')
            return at;
    }
    return at;
}

size_t protect_end(struct span text, size_t at, enum protect_kind *kind)
{
    char c = text.ptr[at];
    char before = at > 0 ? text.ptr[at - 1] : '\n';
    size_t end = at;

    *kind = PROTECT_FENCE;
    if (before == '\n' && (c == ' ' || c == '`' || c == '~'))
        end = fence_end(text, at);
    if (end > at)
        return end;
    if (c == '`' && before != '`') {
        *kind = PROTECT_CODE;
        end = code_end(text, at);
    } else if (c == '"' || c == '\'') {
        *kind = PROTECT_QUOTE;
        end = quote_end(text, at);
    } else if (c == '\xe2') {
        *kind = PROTECT_QUOTE;
        end = curly_end(text, at);
    } else if (protect_is_letter(c) && !protect_is_letter(before)) {
        *kind = PROTECT_URL;
        end = url_end(text, at);
    }
    if (end == at)
        *kind = PROTECT_NONE;
    return end;
}

uint64_t protect_hash(struct span text)
{
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a, 64 bits */
    size_t at = 0;

    while (at < text.len) {
        enum protect_kind kind;
        size_t end = protect_may_begin(text, at) ? protect_end(text, at, &kind) : at;

        if (end == at && !protect_is_digit(text.ptr[at])) {
            at = protect_skip(text, at);
            continue;
        }
        for (end += end == at; at < end; at++)
            hash = (hash ^ (uint8_t)text.ptr[at]) * UINT64_C(1099511628211);
    }
    return hash;
}
