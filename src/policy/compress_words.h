/* compress_words - words of English text, as selection and the removal of stop words see them. */
#ifndef POLICY_COMPRESS_WORDS_H
#define POLICY_COMPRESS_WORDS_H

#include "base/span.h"

/* Whether a list has the word, in any case: "of to in ", lower case, a blank behind each. */
bool words_in(const char *list, struct span word);
/* Articles, prepositions, pronouns, auxiliaries, light adverbs: words that a reader can fill in, in
 * any case. None that denies, compares, limits or obliges (not, than, more, only, or, if, must). */
bool words_is_stop(struct span word);
/* not, no, never, without ...; the "t" of "isn't" too. */
bool words_is_negation(struct span word);
/* what, who, when, please, answer ...: words of questions that say nothing of what is asked. */
bool words_is_asking(struct span word);

/* The next word at or behind `at`: letters and digits (a character of a script that puts no blanks
 * between words is one of its own). Empty at the end. */
struct span words_next(struct span text, size_t at);
/* A hash of the word's stem: case folded, plural and verb endings off, cut to WORDS_STEM_BYTES.
 * Never 0. The word must not be empty. */
uint32_t words_stem(struct span word);

enum { WORDS_STEM_BYTES = 6 }; /* measured on compress-qa: 5 and 6 are alike, 4 and 8 worse */

#endif
