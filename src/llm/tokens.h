/* tokens - how many tokens a text has, without a vocabulary.
 *
 * ESTIMATE. Byte-pair tokenizers first cut a text into pieces (words with the blank before them,
 * groups of three digits, runs of signs, line ends) and most pieces are one token. token_counter
 * cuts in nearly the same way while the text streams by, and counts what it sees (enum
 * token_count): pieces by kind, letters by script, and how unusual the letter pairs of a word are
 * (token_pairs). The estimate is a weighted sum of the counts, in whole numbers.
 *
 *   token_counter_start(); token_counter_feed() ...; token_counter_estimate()
 *
 * Any split into pieces gives the same result, the estimate may be asked for at any time, and bytes
 * that are not UTF-8 are taken one by one. The tables (token_table.c) were fitted to o200k_base by
 * tests/tools/fit-tokens.mjs, whose head says from which texts and with which error.
 *
 * BOUND. A token of a byte-level tokenizer is at least one byte, so bytes bound tokens strictly,
 * whatever the text: only the bound may hold money back, never the estimate.
 *
 * CALIBRATION. Other vocabularies cut the same text into more or fewer tokens. token_calibration
 * learns one ratio for an upstream out of pairs of estimate and true count. */
#ifndef LLM_TOKENS_H
#define LLM_TOKENS_H

#include "base/span.h"

/* Counts over a text; the word kinds are those of Latin letters. */
enum token_count {
    TOKEN_WORDS_AFTER_BLANK, /* "the" of " the" */
    TOKEN_WORDS_BARE,        /* at a line's start, after digits, "Case" of "camelCase" */
    TOKEN_WORDS_JOINED,      /* behind a single sign: ".name", "(x" */
    TOKEN_WORDS_SCORED,      /* behind a single underscore or dot, which code is full of */
    TOKEN_WORDS_UPPER,       /* two letters or more, all upper case; counted besides the above */
    TOKEN_SUFFIXES,          /* 's, 't, 're ... */
    TOKEN_UPPER_LONG,        /* letters of an upper-case word beyond the sixth */
    TOKEN_PAIRS_AFTER_BLANK, /* unusualness of words after a blank, in 1/TOKEN_PAIR_UNIT */
    TOKEN_PAIRS_BARE,
    TOKEN_PAIRS_UPPER,
    TOKEN_LETTERS_MARKED, /* Latin letters beyond ASCII */
    TOKEN_WORDS_VOWEL,    /* words of three letters or more that end in a, i, o or u */
    TOKEN_VOWELS_UNUSUAL, /* those beyond TOKEN_VOWELS_USUAL; known at the end of the text */
    TOKEN_WORDS_OTHER,    /* words in scripts that put blanks between words */
    TOKEN_RUNS_OTHER,     /* runs of letters in scripts that do not: Chinese, Japanese, Thai */
    TOKEN_GREEK,          /* letters by script, from here */
    TOKEN_CYRILLIC,
    TOKEN_HEBREW,
    TOKEN_ARABIC,
    TOKEN_INDIC,
    TOKEN_THAI,
    TOKEN_HANGUL,
    TOKEN_KANA,
    TOKEN_HAN,
    TOKEN_CAUCASIAN,    /* Armenian and Georgian */
    TOKEN_RARE,         /* letters of all other scripts */
    TOKEN_DIGITS,       /* groups of up to three */
    TOKEN_SIGNS,        /* runs of punctuation and symbols */
    TOKEN_SIGNS_LONG,   /* signs of a run beyond the first */
    TOKEN_SIGNS_CHANGE, /* those of them that differ from the sign before */
    TOKEN_SIGNS_WIDE,   /* signs beyond ASCII */
    TOKEN_EMOJI,        /* signs beyond U+FFFF; counted besides as wide */
    TOKEN_LINES,        /* runs of line ends */
    TOKEN_BLANKS,       /* runs of blanks that belong to no word */
    TOKEN_BYTES_BAD,    /* bytes that are no UTF-8, and control characters */
    TOKEN_COUNTS,
};

enum { TOKEN_PAIR_UNIT = 8, TOKEN_WEIGHT_UNIT = 1024 };

struct token_counter {
    uint64_t counts[TOKEN_COUNTS];
    uint32_t code_point; /* of a character under way */
    uint8_t utf8;        /* state of base/utf8.h */
    uint8_t bytes_read;  /* of that character */
    uint8_t run;         /* kind of the run under way: enum in tokens.c */
    uint8_t before;      /* what stood directly before a word */
    bool after_line;     /* a run of blanks that follows line ends */
    bool all_upper;
    uint8_t last;     /* letter of the pair table, or the last sign's low byte */
    uint32_t length;  /* characters of the run */
    uint32_t unusual; /* sum over the word's pairs */
};

void token_counter_start(struct token_counter *c);
void token_counter_feed(struct token_counter *c, struct span text);
/* The text has ended: counts what is still open. Only the estimate and those who fit need it. */
void token_counter_finish(struct token_counter *c);
int64_t token_counter_estimate(const struct token_counter *c);
/* Of a text that is there as a whole. */
int64_t tokens_estimate(struct span text);

enum { TOKENS_FRAMING_BOUND = 64 }; /* what vendors put around a request's text */

/* Never below the true count of a text of that many bytes with its framing. */
int64_t tokens_bound(uint64_t text_bytes);

/* The ratio of true counts to estimates, from sums that forget: about the last
 * TOKEN_CALIBRATION_SPAN tokens count, of which one call gives at most an eighth. Starts as if a
 * few thousand tokens had been estimated exactly. Bounded to 1/4 .. 4: beyond that something else
 * is wrong. */
struct token_calibration {
    int64_t estimated;
    int64_t actual;
};

enum { TOKEN_CALIBRATION_SPAN = 65536, TOKEN_CALIBRATION_BOUND = 4 };

void token_calibration_start(struct token_calibration *k);
/* Pairs without tokens, or with absurdly many, are passed over. */
void token_calibration_feed(struct token_calibration *k, int64_t estimate, int64_t actual);
int64_t token_calibration_apply(const struct token_calibration *k, int64_t estimate);

#endif
