/* compress_select - the sentences of a context that matter to a question.
 *
 * Extractive: sentences stay whole and in their order, the others go. Okapi BM25 (Robertson and
 * Walker, 1994) of each sentence against the question's words, with what is known to help on
 * reading questions: a little of the neighbours' score, of the first sentence, of digits where a
 * number is asked for and of capitals where somebody is. Without a question the sum of the words'
 * inverse document frequencies and the place count. In order of the score, sentences are taken
 * until the target is reached; those that say what was said (7 of 8 words) wait for the end.
 *
 * Always kept, whatever the target: fences of code; sentences with a number that the question
 * names, or with a name of it (unless more than half of all sentences have that name: it picks
 * nothing out), and with a negation where the question has one; with `rules`, those that deny or
 * oblige (a system prompt's); and one sentence. Where these alone are more than the target, they
 * are all that stays.
 *
 * Whole numbers only: logarithms of base 2 in 1/SELECT_UNIT. Linear but for the sorting of at most
 * SELECT_SENTENCES_MAX scores: 100 KB take under 4 ms on a PC. */
#ifndef POLICY_COMPRESS_SELECT_H
#define POLICY_COMPRESS_SELECT_H

#include "policy/compress_context.h"

enum {
    SELECT_SENTENCES_MAX = 2048, /* of a longer text, sentences of so many parts are the units */
    SELECT_TERMS_MAX = 64,       /* different words of a question; a bit each */
    SELECT_UNIT = 256,
    SELECT_FREQUENCIES = 4096, /* counters of words, by hash */
    SELECT_COVERED_BITS = 8192,
};

struct select_sentence {
    uint64_t terms; /* of the question */
    uint32_t from;
    uint32_t end;
    int32_t score;
    uint16_t tokens;
    uint8_t words; /* at most 255 count */
    uint8_t flags;
};

struct select {
    size_t count;
    struct select_sentence sentences[SELECT_SENTENCES_MAX];
    uint16_t order[SELECT_SENTENCES_MAX];
    uint16_t frequency[SELECT_FREQUENCIES]; /* sentences with that word */
    uint16_t stamp[SELECT_FREQUENCIES];     /* the sentence that was last counted there */
    uint8_t covered[SELECT_COVERED_BITS / 8];
    uint64_t term_filter[4]; /* bit of a term's low byte */
    uint32_t terms[SELECT_TERMS_MAX];
    uint16_t term_sentences[SELECT_TERMS_MAX];
    size_t term_count;
    uint64_t names;
    uint64_t numbers;
    bool watch_denials; /* the question has a negation, or it is about rules */
    bool watch_duties;
    bool asks_number;
    bool asks_name;
    int64_t tokens; /* of the context */
};

struct select_target {
    uint32_t milli;  /* of the context's tokens; reached to the nearest sentence */
    uint32_t tokens; /* where milli is 0; never passed but by what is always kept */
    bool rules;
};

/* In place; gives the new length, and the blocks of c where they are then. `s` is scratch of about
 * 85 KB; nothing in it need be set. */
size_t select_sentences(struct select *s, char *text, size_t len, struct context *c,
                        const struct select_target *target);
/* Estimated tokens of a context's blocks, as the target counts them. */
int64_t select_context_tokens(struct span text, const struct context *c);

/* Where the sentence that begins at `at` ends, with the white space behind it. */
size_t select_sentence_end(struct span text, size_t at, bool *fence);

#endif
