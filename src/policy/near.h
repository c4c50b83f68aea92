/* near - one key for the many ways to write one question.
 *
 * Pure: bytes in, canonical text and key out, no state, no clock. For the last message of a
 * single-turn request only; the caller adds what else an answer depends on (model, system prompt,
 * parameters, key scope) to the secrets or to a key of its own.
 *
 * The canonical text keeps the ORDER of the words and every word that can turn an answer: pronouns,
 * words that ask, negations, antonyms, prepositions, auxiliaries that tell a tense, numbers with
 * their units, names, quoted text and code. Out go case, spaces, punctuation inside a sentence,
 * courtesies before and after the question, articles, "is" and "are", the -s of plurals;
 * contractions are spelt out, "how do I", "how can I" and "how to" are one. English, German, French
 * and Spanish by the words that are found; text of other scripts is only folded (case, spaces,
 * the last sign), which makes a key as good as an exact one.
 *
 * A text has no key (NEAR_NONE) when it has fewer than NEAR_CONTENT_WORDS_MIN words of content,
 * more than NEAR_QUESTION_BYTES_MAX bytes, a code fence, an open quotation, or a word that makes
 * its answer a matter of the day (today, latest, price ...).
 *
 * Measured: of half of QQP (40,313 pairs, 37 % of which ask the same) 2.7 % share a key, 92.8 % of
 * these rightly by its labels, which are wrong in about a tenth of cases: identical texts are right
 * in 88.9 %. Of PAWS, 200 pairs made to deceive, 6 share a key and none wrongly. What a similarity
 * adds and costs: policy/similarity.h.
 *
 * near_canonical(near_canonical(x)) is near_canonical(x). Time is linear in the text, with a factor
 * for the table of words; about 3 KiB of stack. */
#ifndef POLICY_NEAR_H
#define POLICY_NEAR_H

#include "base/hash.h"

enum {
    /* What is longer is a task with material, not a question that somebody else asks too: 3 of the
     * 80,626 questions of half of QQP are. */
    NEAR_QUESTION_BYTES_MAX = 400,
    NEAR_WORDS_MAX = 128,
    /* "Python lists" is no question yet. With words that ask, fewer than this say too little of
     * what is wanted; of content at least: */
    NEAR_WORDS_MIN = 3,
    NEAR_CONTENT_WORDS_MIN = 2,
    /* Canonical text that changes when it is read again is read again this often at most. */
    NEAR_PASSES_MAX = 4,
};

enum near_kind {
    NEAR_NONE,   /* exact matches only */
    NEAR_WORDS,  /* by its words */
    NEAR_FOLDED, /* case, spaces and the last sign only */
};

/* Begins with a mark of the language, "~e " for English, and then has a blank between words. */
struct near_text {
    size_t len;
    /* Bit i: word i (the mark is none) was written as a name, a number, code or a quotation; all
     * ones where that is not known. For similarity.h; no part of the key. */
    uint64_t fixed;
    char bytes[NEAR_QUESTION_BYTES_MAX];
};

struct near_key {
    uint64_t a;
    uint64_t b;
};

/* *out is empty for NEAR_NONE. */
enum near_kind near_canonical(struct near_text *out, struct span question);
/* SipHash of a canonical text under two different secrets, so that nobody outside can aim for a
 * collision. */
struct near_key near_hash(const struct near_text *text,
                          const uint8_t secrets[2][HASH_SIP_KEY_BYTES]);
/* Both at once; false for NEAR_NONE. */
bool near_key(struct near_key *out, struct span question,
              const uint8_t secrets[2][HASH_SIP_KEY_BYTES]);

#endif
