/* loop - notices that a text has begun to repeat itself for ever, while it streams by.
 *
 * A hash of every LOOP_GRAM_BYTES bytes is kept where it is the least of LOOP_WINDOW in a row
 * (winnowing: Schleimer, Wilkerson, Aiken, SIGMOD 2003), with its place; the last LOOP_KEPT of them
 * are remembered, which reach back about LOOP_KEPT * LOOP_WINDOW / 2 bytes. When hash after hash
 * comes again at the same distance, the text has that period, byte for
 * byte. It is a loop when it has repeated for long enough (loop.c, loop_is_long): a short period
 * for LOOP_SHORT_BYTES, so that rulers and rows of zeros pass, others for LOOP_BYTES and several
 * turns. Loops with a counter in them have no period, but nearly all of their hashes come again:
 * loop_repeated() tells how many, for those who judge a text when it is there as a whole.
 *
 *   loop_start(); loop_feed() ...      true from the byte on where the loop is certain
 *   loop_repeated()                    at the end
 *
 * Any split into pieces gives the same. The verdict stays. Memory: the struct, about 650 bytes.
 * Work: at most LOOP_KEPT comparisons a byte, and that only for a text made to cause it.
 *
 * Measured on 38,000 texts that nobody here wrote (answers, prompts, code, tables; 28 MB): all 25
 * that were found do loop, so false alarms are below 1 in 12,000 (95 %, rule of three). Of 252
 * outputs of an untuned model 147 loop exactly, 231 are found by either sign. */
#ifndef POLICY_LOOP_H
#define POLICY_LOOP_H

#include "base/span.h"

enum {
    LOOP_GRAM_BYTES = 16, /* not below LOOP_WINDOW: then each byte that differs shows */
    LOOP_WINDOW = 16,
    LOOP_KEPT = 128,
    LOOP_BYTES = 320, /* of a repeating stretch, and at least LOOP_TURNS periods */
    LOOP_TURNS = 4,
    LOOP_LONG_PERIOD = 200, /* from here on LOOP_LONG_TURNS are enough: paragraphs */
    LOOP_LONG_TURNS = 3,
    LOOP_SHORT_PERIOD = 8, /* up to here LOOP_SHORT_BYTES are needed */
    LOOP_SHORT_BYTES = 800,
    LOOP_JUDGED_LEAST = 64,   /* hashes below which nothing is said of a share; 600 bytes */
    LOOP_REPEATED_MOST = 800, /* thousandths; good texts had up to 600, tables included */
};

struct text_loop {
    uint64_t offset;      /* bytes fed */
    uint64_t gram;        /* the last 8 bytes */
    uint64_t gram_before; /* the 8 before them */
    uint32_t window[LOOP_WINDOW];
    uint64_t kept_at; /* place of the hash last kept */
    uint16_t hashes[LOOP_KEPT];
    uint16_t places[LOOP_KEPT]; /* modulo 65536 */
    uint32_t judged;            /* hashes that are not of rulers and blanks, */
    uint32_t again;             /* and those of them that were kept before */
    uint32_t kept;              /* so far */
    uint32_t period;            /* of the run under way; 0 = none */
    uint64_t run_from;          /* where it began, the first turn included */
    bool found;
    uint32_t found_period;
    uint64_t found_at; /* offset of the first byte of the second turn: all before it is text */
};

void loop_start(struct text_loop *l);
bool loop_feed(struct text_loop *l, struct span text);
/* Thousandths of the text that stood there shortly before; 0 of a short text. */
int loop_repeated(const struct text_loop *l);
/* All at once, by either sign. */
bool loop_found(struct span text);

#endif
