/* compress_protect - what keeps every byte: code, URLs, quotations, and the digits of numbers.
 *
 * Code is a fence of three or more ` or ~ at a line's start up to its closing fence (or the text's
 * end), or a run of ` up to the next run of the same length. A URL is a word with "://" in it. A
 * quotation stands between "" or their curly forms, or between single quotes of at most
 * PROTECT_SINGLE_BYTES; longer ones than PROTECT_QUOTE_BYTES, and those that are a paragraph as a
 * whole, are blocks that somebody put into quotes, not quotations.
 *
 * Bounded: a search for an end stops at the next sign of its kind, so that a walk over a whole text
 * is linear. */
#ifndef POLICY_COMPRESS_PROTECT_H
#define POLICY_COMPRESS_PROTECT_H

#include "base/span.h"

enum {
    PROTECT_QUOTE_BYTES = 1000, /* a long sentence or two; a passage has more */
    PROTECT_FRAME_BYTES = 120,  /* from here on a paragraph in quotes is a block */
    PROTECT_SINGLE_BYTES = 80,  /* apostrophes are many, quotations between them short */
};

enum protect_kind { PROTECT_NONE, PROTECT_FENCE, PROTECT_CODE, PROTECT_URL, PROTECT_QUOTE };

/* Where the protected span that begins at `at` ends; `at` when none does. Looks one byte back. */
size_t protect_end(struct span text, size_t at, enum protect_kind *kind);

/* A hash over all protected spans and all digits, in order: equal before and after a pass that may
 * not change them. */
uint64_t protect_hash(struct span text);

/* Classes of bytes. Every byte of a character beyond ASCII counts as a letter. */
enum {
    BYTE_LETTER = 1,
    BYTE_DIGIT = 2,
    BYTE_BLANK = 4, /* space, tab, CR */
    BYTE_SIGN = 8,  /* may begin a protected span anywhere */
    BYTE_STOP = 16, /* may end a sentence */
};

extern const uint8_t protect_classes[256];

static inline bool protect_is(char c, unsigned classes)
{
    return (protect_classes[(uint8_t)c] & classes) != 0;
}

static inline bool protect_is_letter(char c)
{
    return protect_is(c, BYTE_LETTER);
}

static inline bool protect_is_digit(char c)
{
    return protect_is(c, BYTE_DIGIT);
}

static inline bool protect_is_blank(char c)
{
    return protect_is(c, BYTE_BLANK);
}

/* Past the byte at `at` and all plain letters behind it: nothing begins or ends among them. */
static inline size_t protect_skip(struct span text, size_t at)
{
    bool word = protect_is_letter(text.ptr[at]);

    at++;
    while (word && at < text.len && protect_classes[(uint8_t)text.ptr[at]] == BYTE_LETTER)
        at++;
    return at;
}

/* False where protect_end() need not be asked, which is most of a text: inside words. */
static inline bool protect_may_begin(struct span text, size_t at)
{
    char c = text.ptr[at];
    char before = at > 0 ? text.ptr[at - 1] : '\n';

    if (protect_is(c, BYTE_SIGN))
        return true;
    return protect_is_letter(c) ? !protect_is_letter(before) : c == ' ' && before == '\n';
}

#endif
