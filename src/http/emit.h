/* emit - message heads and chunk framing, written anew, never copied.
 *
 * A field value that holds CR, LF, NUL or another control (but tab) is refused: the head is marked
 * bad and emit_end gives false, so a value from a peer can never split a response. */
#ifndef HTTP_EMIT_H
#define HTTP_EMIT_H

#include "base/fmt.h"

enum {
    EMIT_CHUNK_HEAD_BYTES = 10, /* 8 hex digits, CR LF */
    EMIT_CHUNK_TAIL_BYTES = 2,
};

struct emit {
    struct fmt *out;
    bool bad;
};

void emit_request(struct emit *e, struct fmt *out, const char *method, struct span target);
/* With the reason phrase of RFC 9110 for statuses it knows, "Unknown" else. */
void emit_response(struct emit *e, struct fmt *out, int status);
void emit_field(struct emit *e, const char *name, struct span value);
void emit_field_span(struct emit *e, struct span name, struct span value);
void emit_field_u64(struct emit *e, const char *name, uint64_t value);
/* "Date: ..." in IMF-fixdate (RFC 9110 section 5.6.7). */
void emit_date(struct emit *e, int64_t unix_ms);
/* The empty line. False when the head did not fit or a value was bad. */
bool emit_end(struct emit *e);
/* One chunk: head, data, tail. False when it does not fit; then nothing was written. */
bool emit_chunk(struct fmt *out, struct span data);
void emit_chunk_last(struct fmt *out);

#endif
