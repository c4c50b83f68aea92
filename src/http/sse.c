#include "http/sse.h"

#include <string.h>

enum sse_state {
    SSE_BOM,   /* at the very start */
    SSE_LINE,  /* at a line's start */
    SSE_FIELD, /* in a field's name */
    SSE_SPACE, /* behind the colon: one space is dropped */
    SSE_VALUE,
    SSE_CR,     /* a CR ended the line; an LF behind it belongs to it */
    SSE_END_CR, /* the same for the blank line that ended an event */
};

enum sse_field { SSE_OTHER, SSE_FIELD_DATA, SSE_FIELD_EVENT };

void sse_start(struct sse *s)
{
    memset(s, 0, sizeof(*s));
    s->state = SSE_BOM;
}

struct span sse_event_name(const struct sse *s)
{
    return span_of(s->name, s->name_len);
}

static void sse_field_known(struct sse *s)
{
    struct span field = span_of(
        s->line_field, s->line_len < sizeof(s->line_field) ? s->line_len : sizeof(s->line_field));

    s->field = SSE_OTHER;
    if (s->line_len == 4 && span_equal(field, SPAN("data"))) {
        s->field = SSE_FIELD_DATA;
    } else if (s->line_len == 5 && span_equal(field, SPAN("event"))) {
        s->field = SSE_FIELD_EVENT;
        s->name_len = 0;
    }
}

static void sse_new_event(struct sse *s)
{
    s->had_data = false;
    s->ended = false;
    s->name_len = 0;
}

/* What the end of a line means: the event's end, or a further line of data. */
static bool sse_line_end(struct sse *s, bool blank, char c)
{
    s->ended = blank;
    if (c == '\r')
        s->state = blank ? SSE_END_CR : SSE_CR;
    else
        s->state = SSE_LINE;
    s->line_len = 0;
    return blank;
}

/* In a value: the run up to the line's end. */
static struct span sse_run(struct span bytes, size_t from)
{
    size_t at = from;

    while (at < bytes.len && bytes.ptr[at] != '\n' && bytes.ptr[at] != '\r')
        at++;
    return span_part(bytes, from, at - from);
}

static void sse_name(struct sse *s, struct span run)
{
    for (size_t i = 0; i < run.len && s->name_len < sizeof(s->name); i++)
        s->name[s->name_len++] = run.ptr[i];
}

/* One byte outside of a value. True when an event ended with it. */
static bool sse_byte(struct sse *s, char c)
{
    bool line_end = c == '\n' || c == '\r';

    if (s->state == SSE_CR || s->state == SSE_END_CR) {
        s->state = SSE_LINE;
        if (c == '\n')
            return false;
    }
    if (s->state == SSE_BOM) {
        /* Up to three bytes of U+FEFF; what follows begins a line. */
        if ((uint8_t)c == 0xef || (uint8_t)c == 0xbb || (uint8_t)c == 0xbf)
            return false;
        s->state = SSE_LINE;
    }
    if (s->state == SSE_LINE) {
        if (line_end)
            return sse_line_end(s, true, c);
        s->state = SSE_FIELD;
        s->line_len = 0;
    }
    if (s->state == SSE_FIELD) {
        if (line_end || c == ':') {
            sse_field_known(s);
            if (line_end)
                return sse_line_end(s, false, c);
            s->state = SSE_SPACE;
            return false;
        }
        if (s->line_len < sizeof(s->line_field))
            s->line_field[s->line_len] = c;
        s->line_len++;
    }
    return false;
}

enum sse_result sse_next(struct sse *s, struct span bytes, size_t *used, struct span *data)
{
    size_t at = 0;

    *data = SPAN_EMPTY;
    while (at < bytes.len) {
        char c = bytes.ptr[at];

        /* The LF of a CR LF that ended an event belongs to that event's bytes. */
        if (s->ended && !(s->state == SSE_END_CR && c == '\n'))
            sse_new_event(s);
        if (s->state == SSE_SPACE) {
            s->state = SSE_VALUE;
            if (s->field == SSE_FIELD_DATA && s->had_data) {
                *data = SPAN("\n");
                *used = at + (c == ' ' ? 1 : 0);
                return SSE_DATA;
            }
            if (s->field == SSE_FIELD_DATA)
                s->had_data = true;
            at += c == ' ' ? 1 : 0;
            continue;
        }
        if (s->state == SSE_VALUE) {
            struct span run = sse_run(bytes, at);

            at += run.len;
            if (at < bytes.len)
                (void)sse_line_end(s, false, bytes.ptr[at++]);
            if (s->field == SSE_FIELD_EVENT)
                sse_name(s, run);
            if (s->field == SSE_FIELD_DATA && run.len > 0) {
                *data = run;
                *used = at;
                return SSE_DATA;
            }
            continue;
        }
        at++;
        if (sse_byte(s, c)) {
            *used = at;
            return SSE_END;
        }
    }
    *used = at;
    return SSE_MORE;
}
