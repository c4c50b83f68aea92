/* utf8 - the well-formed byte sequences of RFC 3629 section 4, as a push automaton.
 *
 * Overlong forms, surrogates (U+D800..DFFF) and anything above U+10FFFF are refused at the first
 * byte that makes them so. State 0 is between characters. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/span.h"

enum { UTF8_START = 0, UTF8_BAD = 255 };

/* The next state after one byte; UTF8_BAD stays bad. */
uint8_t utf8_step(uint8_t state, uint8_t byte);
/* Whole and well-formed. */
bool utf8_valid(struct span s);
/* Writes 1..4 bytes and returns how many; code_point must be a scalar value. */
size_t utf8_encode(uint32_t code_point, char out[4]);

#endif
