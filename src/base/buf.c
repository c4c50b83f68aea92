#include "base/buf.h"

#include <string.h>

#include "base/check.h"

void buf_init(struct buf *b, void *storage, size_t cap_bytes)
{
    CHECK(storage != NULL);
    *b = (struct buf){.data = storage, .cap_bytes = cap_bytes};
}

void buf_reset(struct buf *b)
{
    b->head = 0;
    b->tail = 0;
}

size_t buf_used(const struct buf *b)
{
    return b->tail - b->head;
}

size_t buf_space(const struct buf *b)
{
    return b->cap_bytes - buf_used(b);
}

struct span buf_peek(const struct buf *b)
{
    return span_of(b->data + b->head, buf_used(b));
}

void buf_compact(struct buf *b)
{
    size_t used = buf_used(b);

    if (b->head > 0 && used > 0)
        memmove(b->data, b->data + b->head, used);
    b->head = 0;
    b->tail = used;
}

char *buf_room(struct buf *b, size_t *room_bytes)
{
    if (b->head == b->tail || b->tail == b->cap_bytes)
        buf_compact(b);
    *room_bytes = b->cap_bytes - b->tail;
    return b->data + b->tail;
}

void buf_commit(struct buf *b, size_t bytes)
{
    CHECK(bytes <= b->cap_bytes - b->tail);
    b->tail += bytes;
}

void buf_consume(struct buf *b, size_t bytes)
{
    CHECK(bytes <= buf_used(b));
    b->head += bytes;
}

size_t buf_append(struct buf *b, struct span s)
{
    size_t put = 0;

    while (put < s.len) {
        size_t room_bytes;
        char *room = buf_room(b, &room_bytes);
        size_t n = s.len - put < room_bytes ? s.len - put : room_bytes;

        if (n == 0)
            break;
        memcpy(room, s.ptr + put, n);
        buf_commit(b, n);
        put += n;
    }
    return put;
}
