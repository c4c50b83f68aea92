/* fold - text as phrases are looked for in it: one case, no accents, one space between words.
 *
 * Letters become small (Latin, Cyrillic) and lose their accents (U+00C0..017F), apostrophes and
 * emphasis marks vanish ("can't" and "can’t" give "cant"), what ends a sentence or a line becomes
 * the word ".", all other signs become a space. Digits and letters of other scripts stay. The
 * result begins and ends with a space and never has two in a row. Bytes that are no UTF-8 count as
 * signs. */
#ifndef POLICY_FOLD_H
#define POLICY_FOLD_H

#include "base/span.h"

/* Folds as much of the text as fits; whole characters only. out_bytes is at least 8. */
struct span fold_text(struct span text, char *out, size_t out_bytes);
/* Takes one character off the front of a text that is not empty: its code point, 0xFFFD for a byte
 * that is no UTF-8. */
uint32_t fold_next(struct span *text);
/* Chinese, Japanese and Korean letters: words may begin at each of them. */
bool fold_is_wide(uint32_t code_point);

#endif
