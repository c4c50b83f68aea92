/* inflate - a deflated stream (RFC 1951) into the caller's buffer.
 *
 * For what was packed when the binary was built, so small before fast: codes are decoded a bit at a
 * time by their counts (section 3.2.2). Every bit and every distance is checked: any bytes at all
 * give a result or false, in time bounded by their number and the buffer's. Pure; about 1.3 KB of
 * stack. */
#ifndef BASE_INFLATE_H
#define BASE_INFLATE_H

#include "base/span.h"

/* The whole stream; bytes behind its last block are not looked at. False when it is broken, or
 * gives more than out_bytes. */
bool inflate_all(struct span packed, char *out, size_t out_bytes, size_t *len);
/* The stream inside a gzip file (RFC 1952) of one member without optional fields; its CRC-32 and
 * length are checked. */
bool inflate_gzip(struct span file, char *out, size_t out_bytes, size_t *len);

#endif
