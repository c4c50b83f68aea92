/* splice - a text with a few spans replaced, without copying the rest.
 *
 * A request is edited, never re-serialised: only the bytes of the fields that change are replaced
 * (DESIGN section 4), because another key order or white space destroys a vendor's prompt cache.
 * Edits are kept in ascending order and must not overlap; an insertion replaces an empty span. The
 * result is read piece by piece, as spans into the original and the replacements. */
#ifndef JSON_SPLICE_H
#define JSON_SPLICE_H

#include "base/span.h"

enum { SPLICE_EDITS_MAX = 8 }; /* model, max_tokens, stream_options, ...: one a field */

struct splice_edit {
    size_t at;  /* offset in the original */
    size_t cut; /* bytes replaced there */
    struct span put;
};

struct splice {
    struct span text;
    size_t count;
    struct splice_edit edits[SPLICE_EDITS_MAX];
};

void splice_start(struct splice *s, struct span text);
/* False when it overlaps another edit, lies outside, or there are too many. `put` must outlive s.
 */
bool splice_add(struct splice *s, size_t at, size_t cut, struct span put);
size_t splice_bytes(const struct splice *s);
/* The longest contiguous piece of the result that begins at `offset`; empty at the end. */
struct span splice_piece(const struct splice *s, size_t offset);

#endif
