/* body - the payload of an HTTP/1.1 message out of its framing, piece by piece.
 *
 * http_body_next() is given bytes and gives back the next span of payload inside them and how many
 * bytes to consume; it copies nothing and keeps a few words of state. Loop until it gives MORE (all
 * bytes used) or DONE (the message is whole; what follows belongs to the next one).
 *
 * Chunk sizes are 1..15 hex digits, extensions are checked, skipped, and bounded by
 * HTTP_CHUNK_LINE_BYTES_MAX,
 * trailers are checked like fields, skipped, and bounded by HTTP_TRAILER_BYTES_MAX. A chunk of 1
 * byte costs 6 bytes of framing at least, so pathological chunking costs the peer more than us. */
#ifndef HTTP_BODY_H
#define HTTP_BODY_H

#include "http/head.h"

enum {
    HTTP_CHUNK_LINE_BYTES_MAX = 256,
    HTTP_TRAILER_BYTES_MAX = 4096,
};

struct http_body {
    enum http_framing framing;
    uint64_t left_bytes;    /* of the body or of the current chunk */
    uint64_t payload_bytes; /* given out so far */
    uint8_t state;
    uint8_t digits;
    uint32_t line_bytes;
    uint32_t trailer_bytes;
    enum http_err err;
};

void http_body_start(struct http_body *b, const struct http_head *h);
/* *payload may be empty; *used <= bytes.len. */
enum parse http_body_next(struct http_body *b, struct span bytes, struct span *payload,
                          size_t *used);
/* The peer closed: DONE when the message was whole (or is framed by the close), else BAD. */
enum parse http_body_eof(struct http_body *b);

#endif
