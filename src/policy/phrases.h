/* phrases - how much a text says what a table of phrases says, in points.
 *
 * A table is one text, a phrase a line, each with its points first: "9i N *V" is worth 9, "-4here
 * are" takes 4 away. Phrases are compared with folded text (policy/fold.h), at the beginnings of
 * words only, and may end inside a word, so that "provid" is "provide" and "providing" too:
 *
 *   [a|b c]  either, the first that fits; a capital letter is such a list that has a name
 *   *        up to PHRASES_GAP_BYTES of whole words of the same sentence, or none; what follows is
 *            looked for at the first place where it fits, and nowhere else
 *
 * Each phrase counts once, half when it begins behind `near_bytes`. Time: at each beginning of a
 * word every phrase is looked at, but for a few only its first letter. */
#ifndef POLICY_PHRASES_H
#define POLICY_PHRASES_H

#include "base/span.h"

enum {
    PHRASES_GAP_BYTES = 44, /* about eight words of English, fifteen letters of Chinese */
    PHRASES_MAX = 192,      /* of one table: 32 bytes of stack each */
};

struct phrases {
    const char *table;
    const char *const *lists; /* of 'A' and so on: "a|b c"; list_count of them */
    unsigned list_count;
};

/* The sum of points; not below 0. */
int phrases_points(const struct phrases *p, struct span folded, size_t near_bytes);
/* Only whether any phrase stands there. */
bool phrases_any(const struct phrases *p, struct span folded);

#endif
