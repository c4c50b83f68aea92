/* decimal - a number as JSON writes it, exactly: no spelling is told from another, nothing rounded.
 *
 * The value is 0.DIGITS times ten to the power of `exponent`, where DIGITS are the digits of the
 * text from the first to the last that is not 0. So 1, 1.0, 1e0 and 10e-1 are read alike, and a
 * number of any length is compared without being computed. Zero has no digits and no sign. */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include "base/span.h"

/* Of the exponent's digits without leading zeros. A longer one is refused: no double reaches
 * 1e400, and the sum with the digits of any text still fits an int64_t. */
enum { DECIMAL_EXPONENT_DIGITS = 17 };

struct decimal {
    bool negative;
    struct span digits; /* of the text; one '.' may stand among them. Empty = 0 */
    int64_t exponent;
};

/* `text` is a number by the grammar of RFC 8259 section 6; false when it is none, or its exponent
 * is too long. */
bool decimal_read(struct span text, struct decimal *out);
/* Whether it is above bound_milli / 1000; the bound must not be negative. */
bool decimal_above_milli(const struct decimal *d, int64_t bound_milli);

#endif
