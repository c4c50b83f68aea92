/* distance - how far a misspelt name is from a known one: "did you mean ...?". */
#ifndef BASE_DISTANCE_H
#define BASE_DISTANCE_H

#include "base/span.h"

enum { DISTANCE_BYTES_MAX = 128 }; /* names; the longest of a model has 76 */

/* Bytes to insert, delete or replace (Levenshtein); SIZE_MAX when either is longer than the above.
 */
size_t distance(struct span a, struct span b);

#endif
