/* span - a view of bytes that somebody else owns.
 *
 * Never NUL-terminated, never freed; valid as long as the owner says. An empty span may have a
 * null pointer. The functions are pure. Case folding is ASCII only: HTTP field names and hosts
 * need no more (RFC 9110 section 5.1). */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
    const char *ptr;
    size_t len;
};

/* A span over a string literal, without its NUL. */
#define SPAN(literal) ((struct span){(literal), sizeof(literal) - 1})
#define SPAN_EMPTY    ((struct span){NULL, 0})

static inline struct span span_of(const char *ptr, size_t len)
{
    return (struct span){ptr, len};
}

static inline struct span span_str(const char *nul_terminated)
{
    return (struct span){nul_terminated, strlen(nul_terminated)};
}

bool span_equal(struct span a, struct span b);
bool span_equal_fold(struct span a, struct span b);
bool span_starts(struct span s, struct span prefix);
bool span_ends(struct span s, struct span suffix);
/* Index of the first such byte, or s.len. */
size_t span_find_byte(struct span s, char byte);
/* Index of the first occurrence of a non-empty needle, or s.len. */
size_t span_find(struct span s, struct span needle);
/* The part from..from+len, cut to what is there. */
struct span span_part(struct span s, size_t from, size_t len);
/* Without spaces and tabs at both ends (OWS of RFC 9110 section 5.6.3). */
struct span span_trim(struct span s);
/* Takes the part before `separator` off the front of *rest; false once *rest is used up.
 * "a,b" gives "a" and "b"; "a," gives "a" and "". */
bool span_split(struct span *rest, char separator, struct span *part);
/* Same length and same bytes, in time that depends on the lengths only: for secrets. */
bool span_equal_secret(struct span a, struct span b);

#endif
