#include "policy/compress_stop.h"

#include <string.h>

#include "base/check.h"
#include "policy/compress_protect.h"
#include "policy/compress_words.h"

enum { STOP_INDENT_CODE = 4 };

static bool is_capital(char c)
{
    return (c >= 'A' && c <= 'Z') || (uint8_t)c == 0xc3; /* most accented capitals begin so */
}

static bool ends_sentence(char c)
{
    return c == '.' || c == '!' || c == '?' || c == ':' || c == '"';
}

static bool is_space(char c)
{
    return protect_is_blank(c) || c == '\n';
}

/* A digit, behind a sign or a currency's or not. */
static bool stop_is_number(struct span s)
{
    static const char *const signs[] = {"$", "#", "-", "+", ".", "\u00a3", "\u20ac"};

    for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
        struct span sign = span_str(signs[i]);

        if (span_starts(s, sign))
            return s.len > sign.len && protect_is_digit(s.ptr[sign.len]);
    }
    return s.len > 0 && protect_is_digit(s.ptr[0]);
}

/* Without these before it, a number says something else: "from 5 to 10", "by 3", "about 100". */
static const char before_numbers[] =
    "to from by about over under up down off around between after before against ";

static bool stop_goes(struct span text, struct span word, size_t end, bool begins)
{
    size_t next = end;

    if (!words_is_stop(word))
        return false;
    while (next < text.len && protect_is_blank(text.ptr[next]))
        next++;
    if (stop_is_number(span_part(text, next, text.len)) && words_in(before_numbers, word))
        return false;
    if (!is_capital(word.ptr[0]))
        return true;
    return begins && next < text.len &&
           (word.len == 1 ? word.ptr[0] == 'A' : !is_capital(word.ptr[1]));
}

/* A line's indentation; the whole line when it is indented like code. */
static size_t stop_indent(struct span text, size_t at)
{
    size_t end = at;

    while (end < text.len && protect_is_blank(text.ptr[end]))
        end++;
    if (end - at < STOP_INDENT_CODE &&
        span_find_byte(span_part(text, at, end - at), '\t') == end - at)
        return end;
    return end + span_find_byte(span_part(text, end, text.len), '\n');
}

struct stop {
    char *text;
    size_t from;
    size_t to;
    bool removed; /* the blanks before are those of a word that went */
};

static void stop_keep(struct stop *s, size_t end)
{
    memmove(s->text + s->to, s->text + s->from, end - s->from);
    s->to += end - s->from;
    s->from = end;
}

/* Blanks between words, or up to a line's end. */
static void stop_space(struct stop *s, size_t len)
{
    size_t end = s->from;

    while (end < len && protect_is_blank(s->text[end]))
        end++;
    if (end == len || s->text[end] != '\n') {
        if (s->removed)
            s->from = end;
        else
            stop_keep(s, end);
        return;
    }
    if (s->removed && s->to > 0 && s->text[s->to - 1] == ' ')
        s->to--;
    stop_keep(s, end + 1);
}

/* "... became stronger.The cops": the word ends behind the full stop. */
static bool stop_is_glued(struct span text, size_t at)
{
    return at > 0 && at < text.len && is_capital(text.ptr[at]) && ends_sentence(text.ptr[at - 1]) &&
           at > 1 && protect_is_letter(text.ptr[at - 2]) && !is_capital(text.ptr[at - 2]);
}

/* The end of a word with its signs; of a protected span that is a part of it, too. */
static size_t stop_word_end(struct span text, size_t from, bool *protected)
{
    size_t at = from;

    *protected = false;
    while (at < text.len && !is_space(text.ptr[at]) && (at == from || !stop_is_glued(text, at))) {
        enum protect_kind kind;
        size_t end = protect_may_begin(text, at) ? protect_end(text, at, &kind) : at;

        *protected = *protected || end > at;
        at = end > at ? end : protect_skip(text, at);
    }
    return at;
}

/* A word without the comma or full stop behind it; `from` when other signs stand there. */
static size_t stop_core_end(struct span text, size_t from, size_t end)
{
    size_t core = end;

    if (strchr(",.;:!?)", text.ptr[end - 1]) != NULL && text.ptr[end - 1] != '\0')
        core--;
    for (size_t i = from; i < core; i++)
        if (!protect_is_letter(text.ptr[i]) && text.ptr[i] != '\'')
            return from;
    return core;
}

/* A word that goes, up to `core`; a sign behind it moves to the word before. */
static void stop_drop(struct stop *s, size_t core, size_t end)
{
    char before = s->to > 0 ? s->text[s->to - 1] : '\n';

    if (core < end && before == ' ')
        s->to--;
    s->removed = core == end && !ends_sentence(before);
    s->from = core;
    stop_keep(s, end);
}

/* White space; the indentation of a line. */
static void stop_blanks(struct stop *s, struct span all, bool line_start)
{
    if (line_start && s->text[s->from] != '\n')
        stop_keep(s, stop_indent(all, s->from));
    else
        stop_space(s, all.len);
    s->removed = false;
}

/* One block; what it becomes is moved to s->to. */
static void stop_block(struct stop *s, size_t end_of_block)
{
    struct span all = span_of(s->text, end_of_block);
    bool begins = true; /* a sentence does, here */

    s->removed = false;
    while (s->from < all.len) {
        bool line_start = s->from == 0 || s->text[s->from - 1] == '\n';
        bool protected;
        size_t core;
        size_t end;

        begins = begins || line_start;
        if (is_space(s->text[s->from])) {
            stop_blanks(s, all, line_start);
            continue;
        }
        if (s->text[s->from] == '(') {
            stop_keep(s, s->from + 1);
            continue;
        }
        end = stop_word_end(all, s->from, &protected);
        core = protected ? s->from : stop_core_end(all, s->from, end);
        begins = begins || stop_is_glued(all, s->from);
        if (core > s->from &&
            stop_goes(all, span_part(all, s->from, core - s->from), end, begins)) {
            stop_drop(s, core, end);
            begins = begins || ends_sentence(all.ptr[end - 1]);
            continue;
        }
        begins = ends_sentence(s->text[end - 1]);
        stop_keep(s, end);
    }
}

size_t stop_words_remove(char *text, size_t len, struct context *c)
{
    struct stop s = {.text = text};

    for (size_t i = 0; i < c->count; i++) {
        struct context_block *b = &c->blocks[i];
        size_t end = b->end;

        s.to = context_move(c, text, s.from, b->from, s.to);
        s.from = b->from;
        b->from = (uint32_t)s.to;
        stop_block(&s, end);
        b->end = (uint32_t)s.to;
    }
    return context_move(c, text, s.from, len, s.to);
}
