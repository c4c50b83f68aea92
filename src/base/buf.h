/* buf - a fixed-capacity byte queue: written at the back, consumed at the front.
 *
 * The storage belongs to whoever called buf_init and is never moved or freed. Live bytes are always
 * contiguous, at buf_peek(); buf_room() compacts (memmove) only when the back has no room, so a
 * parser can hold one message in place. Peak use is kept for the memory map.
 * Back-pressure is arithmetic: read from a peer only if buf_space() is not 0. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/span.h"

struct buf {
    char *data;
    size_t cap_bytes;
    size_t head; /* first live byte */
    size_t tail; /* one past the last live byte */
};

void buf_init(struct buf *b, void *storage, size_t cap_bytes);
void buf_reset(struct buf *b);
size_t buf_used(const struct buf *b);
size_t buf_space(const struct buf *b); /* after compaction */
struct span buf_peek(const struct buf *b);
/* Where up to *room_bytes may be written; compacts when the back is full. Spans into the buffer are
 * invalid after this. Then buf_commit what was written. */
char *buf_room(struct buf *b, size_t *room_bytes);
void buf_commit(struct buf *b, size_t bytes);
/* Moves the live bytes to the front, so that all of buf_space() is room at the back. */
void buf_compact(struct buf *b);
void buf_consume(struct buf *b, size_t bytes);
/* Appends as much as fits and returns how much that was. */
size_t buf_append(struct buf *b, struct span s);

#endif
