/* sse - events out of a text/event-stream as it arrives (WHATWG HTML, section 9.2).
 *
 * Cuts the stream into events without changing a byte, so that a relay can forward or withhold
 * whole events: sse_next() says how the next bytes divide. Lines may end in LF, CR or CR LF; a BOM
 * at the start is skipped; comments and unknown fields belong to the event they stand in.
 *
 *   SSE_DATA  `data` is a piece of the event's data (the text after "data:" and one space), given
 * in order as it arrives; between two data lines of one event a piece "\n" stands SSE_END   the
 * event is whole: its blank line has been read. `had_data` tells whether it carried any SSE_MORE
 * all bytes are used, the event goes on
 *
 * Each call uses *used bytes of the input; the caller decides whether these raw bytes are relayed.
 * The event's name is kept, cut to SSE_NAME_BYTES. There is no limit on an event's length here. */
#ifndef HTTP_SSE_H
#define HTTP_SSE_H

#include "base/span.h"

enum { SSE_NAME_BYTES = 48 }; /* the longest of the Responses API has 40 */

enum sse_result { SSE_DATA, SSE_END, SSE_MORE };

struct sse {
    uint8_t state;
    uint8_t field; /* which field the current line is */
    bool had_data;
    bool ended; /* the blank line was read: the next byte begins a new event */
    size_t line_len;
    size_t name_len;
    char line_field[8]; /* the field's name while it is read */
    char name[SSE_NAME_BYTES];
};

void sse_start(struct sse *s);
enum sse_result sse_next(struct sse *s, struct span bytes, size_t *used, struct span *data);
struct span sse_event_name(const struct sse *s); /* valid until the bytes after SSE_END are fed */

#endif
