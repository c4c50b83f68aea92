/* base64 - RFC 4648 section 4, with padding or without it, into the caller's buffer. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/fmt.h"

/* False when it is not base64, or longer than the buffer; *len is then not set. */
bool base64_decode(struct span text, char *out, size_t out_bytes, size_t *len);
/* With padding. */
void base64_encode(struct fmt *out, struct span bytes);
/* With padding, in one line. */
void base64_fmt(struct fmt *f, struct span bytes);

#endif
