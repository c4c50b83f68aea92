/* token_table - the numbers behind tokens.h: 729 digits and 35 weights, 826 bytes with their NULs.
 *
 * Written by tests/tools/fit-tokens.mjs, whose head says how they were fitted. */
#ifndef LLM_TOKEN_TABLE_H
#define LLM_TOKEN_TABLE_H

#include "llm/tokens.h"

enum {
    TOKEN_PAIR_LETTERS = 27,  /* a to z without case, and one place for all other Latin letters */
    TOKEN_PAIR_FREE = 6,      /* a word's first units of unusualness that cost nothing */
    TOKEN_VOWELS_USUAL = 300, /* words in a thousand that may end in a vowel at no cost */
};

/* How unusual one letter is behind another: '0' to '9' in 1/TOKEN_PAIR_UNIT tokens. */
extern const char token_pairs[TOKEN_PAIR_LETTERS][TOKEN_PAIR_LETTERS + 1];
/* 1/TOKEN_WEIGHT_UNIT tokens for each count. */
extern const int16_t token_weights[TOKEN_COUNTS];

#endif
