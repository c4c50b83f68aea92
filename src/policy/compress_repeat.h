/* compress_repeat - passes over one text that take out what it says again.
 *
 * In place, linear, never longer, as compress_clean.h. A paragraph is what stands between empty
 * lines.
 *
 *   repeat_paragraphs  paragraphs of at least REPEAT_BYTES_MIN that stood before, byte for byte: in
 *                      this text they go, from another text of the conversation "[as above]" stays
 *                      in their place. The first one stays, so that a conversation's beginning, and
 *                      with it a vendor's prompt cache, is always the same. Fences stay.
 *   repeat_noise       base64 and other runs without a blank of at least REPEAT_NOISE_BYTES, also
 *                      over several lines, down to their first REPEAT_NOISE_KEPT bytes; and lines
 *                      that equal the one before (a time in front apart), down to a marker that
 *                      says how many they were
 *   repeat_examples    in a text of labelled paragraphs ("Question: ...", "Example 3:", "Q:"), all
 *                      that begin with the first such label that is repeated, but for the first
 *                      `kept`; the last one stays too where it is what is asked (`keep_last`) */
#ifndef POLICY_COMPRESS_REPEAT_H
#define POLICY_COMPRESS_REPEAT_H

#include "base/span.h"

enum {
    REPEAT_BYTES_MIN = 64,    /* a line of text: shorter ones repeat for a reason */
    REPEAT_NOISE_BYTES = 160, /* longer than any hash in hexadecimal (SHA-512: 128) */
    REPEAT_NOISE_KEPT = 32,   /* enough to tell what it was */
    REPEAT_SLOTS = 1024,      /* paragraphs remembered; a power of 2 */
};

/* Paragraphs of a conversation, zeroed at its start. */
struct repeat_seen {
    uint64_t slots[REPEAT_SLOTS]; /* hash with the text's number in the low 8 bits; 0 = free */
    uint32_t used;
    uint32_t text; /* of the conversation; the caller counts it up */
};

size_t repeat_paragraphs(struct repeat_seen *seen, char *text, size_t len);
size_t repeat_noise(char *text, size_t len);
size_t repeat_examples(char *text, size_t len, size_t kept, bool keep_last);

#endif
