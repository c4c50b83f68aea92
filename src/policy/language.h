/* language - which language a text is written in, as far as that can be told for free.
 *
 * By script, and for those in Latin letters by their commonest words; text inside code fences does
 * not count. LANGUAGE_NONE when there is too little to tell or nothing stands out. The first
 * LANGUAGE_READ_BYTES are read. */
#ifndef POLICY_LANGUAGE_H
#define POLICY_LANGUAGE_H

#include "base/span.h"

enum { LANGUAGE_READ_BYTES = 1024 };

enum language {
    LANGUAGE_ENGLISH, /* in Latin letters up to here: LANGUAGE_LATIN of them */
    LANGUAGE_GERMAN,
    LANGUAGE_FRENCH,
    LANGUAGE_SPANISH,
    LANGUAGE_ITALIAN,
    LANGUAGE_PORTUGUESE,
    LANGUAGE_DUTCH,
    LANGUAGE_POLISH,
    LANGUAGE_LATIN,    /* one of those or of the others: letters only */
    LANGUAGE_CYRILLIC, /* scripts from here on */
    LANGUAGE_GREEK,
    LANGUAGE_HEBREW,
    LANGUAGE_ARABIC,
    LANGUAGE_INDIC,
    LANGUAGE_THAI,
    LANGUAGE_CHINESE,
    LANGUAGE_JAPANESE,
    LANGUAGE_KOREAN,
    LANGUAGE_NONE,
};

struct language_facts {
    enum language best;
    uint16_t letters;              /* read; a Chinese one counts as LANGUAGE_WIDE_LETTERS */
    uint8_t words[LANGUAGE_LATIN]; /* common words of each */
};

enum { LANGUAGE_WIDE_LETTERS = 3 };

void language_read(struct language_facts *l, struct span text);
/* The answer is surely in another language than the question, and the question does not speak of
 * languages ("translate", "auf Englisch"). */
bool language_differs(struct span question, struct span answer);

#endif
