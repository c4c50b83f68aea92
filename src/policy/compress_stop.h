/* compress_stop - stop words out of blocks of context.
 *
 * In place, linear, never longer. A word goes when it is a stop word (compress_words.h), between
 * blanks or with one sign behind it, which then moves to the word before. It stays where it may be
 * more than that: in protected spans (compress_protect.h) and in lines that are indented like code;
 * in upper case (IT, US, WHO) and with a capital inside a sentence (Will, The Hague); and those
 * that say how much before a number ("from 5 to 10", "by 3"). Negations are no stop words, nor are
 * words with capitals or digits, so that numbers and names stay. */
#ifndef POLICY_COMPRESS_STOP_H
#define POLICY_COMPRESS_STOP_H

#include "policy/compress_context.h"

/* Of the blocks of c, which are then where they have moved to. The question of c, where it stands
 * in the text, moves too. */
size_t stop_words_remove(char *text, size_t len, struct context *c);

#endif
