/* Where sentences end: the part of compress_select.h that knows no scores. */
#include "base/ascii.h"
#include "policy/compress_protect.h"
#include "policy/compress_select.h"
#include "policy/compress_words.h"

enum {
    ABBREVIATION_BYTES_MAX = 5,
    STOP_SIGNS_MAX = 8, /* .?!" and the like in a row; longer rows end nothing before their end */
};

static const char abbreviations[] =
    "mr mrs ms dr prof sr jr st vs etc no fig inc ltd co col gen lt sgt capt rev hon gov sen rep ";

static bool is_space(char c)
{
    return protect_is_blank(c) || c == '\n';
}

static char byte_at(struct span text, size_t at)
{
    return at < text.len ? text.ptr[at] : '\0';
}

static size_t space_end(struct span text, size_t at)
{
    while (at < text.len && is_space(text.ptr[at]))
        at++;
    return at;
}

/* The full stop at `dot` belongs to the word before it: "Mr.", "U.S.", "J." */
static bool is_abbreviation(struct span text, size_t from, size_t dot)
{
    size_t at = dot;
    size_t len;

    while (at > from && protect_is_letter(text.ptr[at - 1]) && dot - at <= ABBREVIATION_BYTES_MAX)
        at--;
    len = dot - at;
    if (len == 0 || len > ABBREVIATION_BYTES_MAX)
        return false;
    if (len == 1)
        return ascii_is_upper(text.ptr[at]) || (at > from && text.ptr[at - 1] == '.');
    return words_in(abbreviations, span_part(text, at, len));
}

/* "... became stronger.The cops left": no blank, but a word of its own follows. */
static bool is_glued(struct span text, size_t dot)
{
    size_t at = dot + 1;

    if (dot < 2 || !ascii_is_lower(text.ptr[dot - 1]) || !ascii_is_lower(text.ptr[dot - 2]) ||
        !ascii_is_upper(byte_at(text, at)))
        return false;
    for (at++; ascii_is_lower(byte_at(text, at)); at++)
        ;
    return byte_at(text, at) == ' ';
}

/* The sentence's end when one of . ! ? stands at `at`; `at` when it goes on. */
static size_t stop_end(struct span text, size_t from, size_t at)
{
    size_t end = at + 1;
    size_t next;

    while (end < text.len && end - at < STOP_SIGNS_MAX && text.ptr[end] != '\0' &&
           strchr(".!?\"')]", text.ptr[end]) != NULL)
        end++;
    if (text.ptr[at] == '.' && end == at + 1 && is_abbreviation(text, from, at))
        return at;
    if (end < text.len && !is_space(text.ptr[end]))
        return text.ptr[at] == '.' && end == at + 1 && is_glued(text, at) ? end : at;
    next = space_end(text, end);
    return next < text.len && (ascii_is_lower(text.ptr[next]) || text.ptr[next] == ',') ? at : next;
}

/* Likewise at a line end: lines that were only broken to fit go on. */
static size_t line_end(struct span text, size_t from, size_t at)
{
    size_t next = space_end(text, at);
    size_t last = at;

    while (last > from && is_space(text.ptr[last - 1]))
        last--;
    if (span_find_byte(span_part(text, at + 1, next - at - 1), '\n') == next - at - 1 &&
        next < text.len && ascii_is_lower(text.ptr[next]) && last > from &&
        strchr(".!?:;\"", text.ptr[last - 1]) == NULL)
        return at;
    return next;
}

/* Full stops of Chinese and Japanese. */
static bool is_wide_stop(struct span text, size_t at)
{
    struct span here = span_part(text, at, 3);

    return span_equal(here, SPAN("\u3002")) || span_equal(here, SPAN("\uff01")) ||
           span_equal(here, SPAN("\uff1f"));
}

/* What ends at or behind `at`; `at` when nothing does. */
static size_t sentence_try(struct span text, size_t from, size_t at)
{
    switch (text.ptr[at]) {
    case '\n':
        return line_end(text, from, at);
    case '.':
    case '!':
    case '?':
        return stop_end(text, from, at);
    case '\xe3':
    case '\xef':
        return is_wide_stop(text, at) ? space_end(text, at + 3) : at;
    default:
        return at;
    }
}

size_t select_sentence_end(struct span text, size_t from, bool *fence)
{
    size_t at = from;

    *fence = false;
    while (at < text.len) {
        enum protect_kind kind = PROTECT_NONE;
        size_t end = at;

        if (protect_may_begin(text, at))
            end = protect_end(text, at, &kind);
        if (kind == PROTECT_FENCE) {
            *fence = at == from;
            return at == from ? space_end(text, end) : at;
        }
        if (end == at) {
            if (protect_is(text.ptr[at], BYTE_STOP))
                end = sentence_try(text, from, at);
            if (end > at)
                return end;
            at = protect_skip(text, at);
            continue;
        }
        at = end;
        /* "He said so." with its full stop inside */
        if (kind == PROTECT_QUOTE && at < text.len && is_space(text.ptr[at]) &&
            strchr(".!?", text.ptr[at - 2]) != NULL) {
            end = stop_end(text, from, at - 2);
            if (end > at)
                return end;
        }
    }
    return text.len;
}
