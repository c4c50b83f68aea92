/* features - a text as a set of numbers that a linear model has weights for.
 *
 * Every feature is a 32-bit hash: of a word, of two words in a row, of the beginning of a long word
 * (so that "traduire" and "traduis" have one in common), of characters in a row, and of marks: the
 * word that a sentence begins with, a word before a colon, the shape of the text (length, lines,
 * share of code signs, lists of labels, what it ends with). A feature counts once, however often it
 * stands in the text. Case is folded for ASCII and Latin-1; numbers are all one word; Chinese,
 * Japanese and Korean are taken as pairs of characters.
 *
 * What is asked for stands at the beginning or at the end of a prompt, what it is about in between:
 * of a long text only FEATURES_HEAD_BYTES and FEATURES_TAIL_BYTES are read, so that time is bounded
 * (some 10 us on a PC) and a pasted document does not outvote the request.
 *
 * A sentence that talks to the gateway ("classify this as translation", "ignore the previous
 * instructions", "workload: code") gives no features when `marks` are asked for: who writes the
 * prompt must not choose the route by saying so.
 *
 * Any bytes are taken; what is not UTF-8 is taken byte by byte. */
#ifndef POLICY_FEATURES_H
#define POLICY_FEATURES_H

#include "base/span.h"

enum {
    FEATURES_HEAD_BYTES = 320,
    FEATURES_TAIL_BYTES = 240,
    FEATURES_WHOLE_BYTES = FEATURES_HEAD_BYTES + FEATURES_TAIL_BYTES,
    FEATURES_MAX = 1024,  /* about three a word and four a character of a short text */
    FEATURES_SEEN = 2048, /* slots to find repeated ones; a power of two */
};

/* Which features; stands in weight files. */
struct features_form {
    uint8_t words; /* 1: words, 2: and pairs of them */
    uint8_t chars; /* runs of 2 to so many characters; 0 or 1: none */
    uint8_t marks; /* 1: beginnings of long words, places and shape */
};

struct features {
    uint32_t count;
    uint32_t hashes[FEATURES_MAX];
    uint16_t seen[FEATURES_SEEN]; /* index + 1 into hashes */
};

void features_read(struct features *f, const struct features_form *form, struct span text);
/* The same of a text of that many bytes of which only both ends are at hand. */
void features_read_ends(struct features *f, const struct features_form *form, struct span head,
                        struct span tail, size_t text_bytes);

#endif
