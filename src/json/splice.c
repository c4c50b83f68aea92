#include "json/splice.h"

#include "base/check.h"

void splice_start(struct splice *s, struct span text)
{
    s->text = text;
    s->count = 0;
}

bool splice_add(struct splice *s, size_t at, size_t cut, struct span put)
{
    size_t place = s->count;

    if (s->count == SPLICE_EDITS_MAX || at > s->text.len || cut > s->text.len - at)
        return false;
    while (place > 0 && s->edits[place - 1].at > at)
        place--;
    if (place > 0 && s->edits[place - 1].at + s->edits[place - 1].cut > at)
        return false;
    if (place < s->count && at + cut > s->edits[place].at)
        return false;
    for (size_t i = s->count; i > place; i--)
        s->edits[i] = s->edits[i - 1];
    s->edits[place] = (struct splice_edit){at, cut, put};
    s->count++;
    return true;
}

size_t splice_bytes(const struct splice *s)
{
    size_t bytes = s->text.len;

    for (size_t i = 0; i < s->count; i++)
        bytes = bytes - s->edits[i].cut + s->edits[i].put.len;
    return bytes;
}

struct span splice_piece(const struct splice *s, size_t offset)
{
    size_t from = 0; /* in the original */

    for (size_t i = 0; i < s->count; i++) {
        const struct splice_edit *e = &s->edits[i];
        size_t kept = e->at - from;

        if (offset < kept)
            return span_part(s->text, from + offset, kept - offset);
        offset -= kept;
        if (offset < e->put.len)
            return span_part(e->put, offset, e->put.len);
        offset -= e->put.len;
        from = e->at + e->cut;
    }
    return span_part(s->text, from + offset, s->text.len);
}
