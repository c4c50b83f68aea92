/* ascii - classes of ASCII bytes, whatever the locale; bytes beyond 0x7F are in none of them.
 *
 * They take a char as well as a uint8_t. */
#ifndef BASE_ASCII_H
#define BASE_ASCII_H

#include <stdbool.h>

static inline bool ascii_is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static inline bool ascii_is_upper(int c)
{
    return c >= 'A' && c <= 'Z';
}

static inline bool ascii_is_lower(int c)
{
    return c >= 'a' && c <= 'z';
}

/* Blanks within a line. */
static inline bool ascii_is_blank(int c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

#endif
