/* near_words - what near.c knows of words: four languages, in one table of text.
 *
 * Every word has its tags, pairs of a language and a class, because a stop word of one language is
 * a content word of another ("die"). '*' stands for any language. */
#ifndef POLICY_NEAR_WORDS_H
#define POLICY_NEAR_WORDS_H

#include "base/span.h"

enum {
    NEAR_LANGUAGES = 4,
    NEAR_STEM_LETTERS_MIN = 4, /* "gas", "bus", "yes", "his" are no plurals */
};

enum near_class {
    NEAR_CONTENT = 0,
    NEAR_DROP = '-',     /* says nothing: articles, "is" */
    NEAR_PLACE = ':',    /* drops out too, but not everywhere: in, at, of, for */
    NEAR_FUNCTION = '+', /* stays, but is no content: pronouns, negations, prepositions */
    NEAR_ASKS = 'w',     /* the same, and asks: what, how */
    NEAR_REQUEST = 'v',  /* content; behind "can you" it is a request: explain, translate */
    NEAR_WHOLE = '=',    /* content that is not stemmed */
    NEAR_SHORT = '.',    /* an abbreviation: its full stop ends no sentence */
    NEAR_TIME = '!',     /* the answer changes with the day */
};

/* The letter of each language: e, d, f, s. */
extern const char near_languages[NEAR_LANGUAGES + 1];
/* Phrases, separated by '|', in words as canonical text has them. A '/' separates words that may
 * stand for one another; a last word "+?" wants a word that asks behind the phrase, "+!" a request,
 * neither of which belongs to it. */
extern const char near_leading[];  /* courtesies before a question */
extern const char near_trailing[]; /* after it, behind a comma or the end of a sentence */
extern const char near_please[];   /* before or after it */
extern const char near_times[];    /* what has no key, besides words of class NEAR_TIME */
/* "phrase>what stands for it", English, of the text as it was written, in lower case; a line for
 * each first letter. */
extern const char near_rewrites[];
/* Time words of scripts that have no blanks or no table, separated by '|'. */
extern const char near_times_other[];

/* The line of a table of lines, each with its end, that begins with this byte, or empty. */
struct span near_line(const char *table, char first);
/* The tags of a word in lower case, and the class that they give it in a language. */
struct span near_tags(struct span word);
enum near_class near_class(struct span tags, char language);
/* How long the word is without the -s of a plural or of a verb, and what its last letter is then:
 * "cities" is 4 letters and a 'y'. */
size_t near_stem(struct span word, char *last);

#endif
