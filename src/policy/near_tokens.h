/* near_tokens - a question's text cut into words: the first half of near.c.
 *
 * Words are folded to lower case (Latin letters with their marks too) but for quoted text and code,
 * which stay as they were written. Typographic quotes, dashes and blanks count as the plain ones.
 * Contractions are spelt out. All memory is the struct (about 2.5 KiB, for the stack). */
#ifndef POLICY_NEAR_TOKENS_H
#define POLICY_NEAR_TOKENS_H

#include "policy/near.h"

enum {
    /* A text's words, and what contractions and rewriting add to them. */
    NEAR_POOL_BYTES = 2 * NEAR_QUESTION_BYTES_MAX,
};

enum near_token_kind {
    NEAR_WORD,
    NEAR_NAME,     /* a word that its capitals make one; set by near.c */
    NEAR_VERBATIM, /* quoted text, code, numbers and all with digits or signs in it */
    NEAR_STOP,     /* the end of a sentence inside the text */
};

struct near_token {
    uint16_t at; /* in the pool */
    uint16_t len;
    uint8_t kind;
    bool has_lower; /* as it was written */
    bool capital;   /* begins with a capital */
    bool acronym;   /* two or more letters, all capitals, or one with more behind the first */
    bool first;     /* of a sentence */
    bool comma;     /* stands behind a comma or the end of a sentence */
};

struct near_tokens {
    size_t count;
    size_t used;
    bool full;    /* too many words, or too much text */
    bool open;    /* a quotation has no end */
    bool foreign; /* letters of a script without words here */
    bool first;   /* the next word's */
    bool comma;
    struct near_token list[NEAR_WORDS_MAX];
    char pool[NEAR_POOL_BYTES];
};

/* A character of UTF-8 text, folded and made plain. */
struct near_char {
    uint32_t plain; /* a typographic sign as its plain one: ' " - . or a blank */
    uint8_t bytes;  /* it had in the text */
    bool letter;
    bool digit;
    bool foreign;
    bool upper;
};

/* The character at the front of non-empty, well-formed text. */
struct near_char near_char(struct span text);
void near_tokens_read(struct near_tokens *t, struct span text);
struct span near_token_text(const struct near_tokens *t, size_t index);
/* Puts a token at `index` over what is there (index < count) or behind all (index == count). */
void near_token_put(struct near_tokens *t, size_t index, struct span text,
                    enum near_token_kind kind);

#endif
