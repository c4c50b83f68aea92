#include "llm/recording.h"

#include <string.h>

#include "base/check.h"
#include "base/hash.h"

enum {
    RECORDING_HALF = RECORDING_WINDOW_BYTES / 2,
    RECORDING_NIBBLE = 15,
    RECORDING_COPY_ADD = 2,  /* nibble 1 is a copy of 3 bytes */
    RECORDING_COPY_SAME = 3, /* worth it where the copy goes on from the last one: two bytes */
    RECORDING_COPY_MIN = 5,  /* elsewhere: at most four */
    RECORDING_HASHED = 4,    /* bytes */
    RECORDING_VARINT_BYTES = 3,
    RECORDING_HEAD_BYTES = 1 + 3 * RECORDING_VARINT_BYTES, /* of an operation, at most */
    RECORDING_NAME_MAX = 48,                               /* SSE_NAME_BYTES */
    RECORDING_CRC_BYTES = 4,
};

#define RECORDING_EVENT_END '\xff'

/* ---- the window, the same on both sides ---- */

/* Makes room at the back; only for a window that is full. What is not told stays; of the rest as
 * much as leaves half the window free. */
static void window_move(struct recording_window *w)
{
    uint32_t drop = w->event < RECORDING_HALF ? w->event : RECORDING_HALF;

    CHECK(drop > 0);
    memmove(w->bytes, w->bytes + drop, w->len - drop);
    w->len -= drop;
    w->event -= drop;
    w->before += drop;
}

static bool window_is_full(const struct recording_window *w)
{
    return w->len == RECORDING_WINDOW_BYTES;
}

/* ---- writing ---- */

void recording_start(struct recording *r, enum recording_kind kind, struct fmt *out)
{
    memset(r, 0, sizeof(*r));
    r->kind = kind;
    fmt_char(out, (char)kind);
}

size_t recording_bound(const struct recording *r, size_t bytes)
{
    size_t text = r->window.len - r->window.event + bytes + RECORDING_NAME_MAX;

    /* At worst runs of 15 literals, two bytes before each, and copies of 3 bytes that take two. */
    return text + text / 16 + 16;
}

static void put_varint(struct fmt *out, uint32_t value)
{
    for (; value > 127; value >>= 7)
        fmt_char(out, (char)(value | 128));
    fmt_char(out, (char)value);
}

static uint32_t put_nibble(uint32_t value)
{
    return value < RECORDING_NIBBLE ? value : RECORDING_NIBBLE;
}

static void put_operation(struct recording *r, struct span literals, uint32_t copy, uint32_t back,
                          struct fmt *out)
{
    uint32_t run = (uint32_t)literals.len;
    uint32_t size = copy > 0 ? copy - RECORDING_COPY_ADD : 0;

    fmt_char(out, (char)(put_nibble(run) << 4 | put_nibble(size)));
    if (run >= RECORDING_NIBBLE)
        put_varint(out, run - RECORDING_NIBBLE);
    if (size >= RECORDING_NIBBLE)
        put_varint(out, size - RECORDING_NIBBLE);
    if (copy > 0) {
        put_varint(out, back >= r->back ? 2 * (back - r->back) : 2 * (r->back - back) - 1);
        r->back = back;
    }
    fmt_text(out, literals);
}

static uint16_t *hash_place(struct recording *r, uint32_t at)
{
    uint32_t word;

    memcpy(&word, r->window.bytes + at, sizeof(word));
    return &r->places[word * 2654435761u >> 22]; /* Knuth's multiplier; 10 bits */
}

static uint32_t match_length(const struct recording_window *w, uint32_t at, uint32_t back)
{
    uint32_t len = 0;

    if (back == 0 || back > at)
        return 0;
    while (at + len < w->len && w->bytes[at + len] == w->bytes[at + len - back])
        len++;
    return len;
}

/* The best copy for what stands at `at`: 0 when none is worth it. Enters the place. */
static uint32_t match_find(struct recording *r, uint32_t at, uint32_t *back)
{
    const struct recording_window *w = &r->window;
    uint32_t same = match_length(w, at, r->back);
    uint32_t other = 0;

    if (w->len - at >= RECORDING_HASHED) {
        uint16_t *place = hash_place(r, at);

        *back = (uint16_t)(w->before + at - *place);
        other = same < w->len - at ? match_length(w, at, *back) : 0;
        *place = (uint16_t)(w->before + at);
    }
    if (same >= RECORDING_COPY_SAME && same + RECORDING_COPY_ADD >= other) {
        *back = r->back;
        return same;
    }
    return other >= RECORDING_COPY_MIN ? other : 0;
}

/* Writes out what the window has of the event. */
static void put_event(struct recording *r, struct fmt *out)
{
    struct recording_window *w = &r->window;
    uint32_t run = w->event;
    uint32_t at = w->event;

    while (at < w->len) {
        uint32_t back = 0;
        uint32_t copy = match_find(r, at, &back);

        if (copy == 0) {
            at++;
            continue;
        }
        put_operation(r, span_of(w->bytes + run, at - run), copy, back, out);
        run = at + copy;
        for (at++; at < run; at++)
            if (w->len - at >= RECORDING_HASHED)
                *hash_place(r, at) = (uint16_t)(w->before + at);
    }
    if (run < w->len)
        put_operation(r, span_of(w->bytes + run, w->len - run), 0, 0, out);
    r->crc = hash_crc32(r->crc, span_of(w->bytes + w->event, w->len - w->event));
    w->event = w->len;
    r->failed = r->failed || !fmt_ok(out);
}

static void put_text(struct recording *r, struct span text, struct fmt *out)
{
    struct recording_window *w = &r->window;

    while (text.len > 0) {
        struct span part;

        if (window_is_full(w)) {
            if (w->event == 0) {
                put_event(r, out);
                r->event_cut = true;
            }
            window_move(w);
        }
        part = span_part(text, 0, RECORDING_WINDOW_BYTES - w->len);
        memcpy(w->bytes + w->len, part.ptr, part.len);
        w->len += (uint32_t)part.len;
        text = span_part(text, part.len, text.len);
    }
}

void recording_put(struct recording *r, struct span name, struct span data, struct fmt *out)
{
    if (r->kind == RECORDING_BODY) {
        r->crc = hash_crc32(r->crc, data);
        fmt_text(out, data);
        r->failed = r->failed || !fmt_ok(out);
        return;
    }
    if (span_find_byte(data, RECORDING_EVENT_END) < data.len ||
        span_find_byte(name, RECORDING_EVENT_END) < name.len || name.len > RECORDING_NAME_MAX)
        r->failed = true;
    if (r->failed)
        return;
    if (!r->in_event) {
        r->in_event = true;
        r->event_cut = false;
        r->name_crc = hash_crc32(0, name);
        put_text(r, name, out);
        put_text(r, SPAN("\n"), out);
    }
    put_text(r, data, out);
}

void recording_event_end(struct recording *r, struct span name, struct fmt *out)
{
    const struct recording_window *w = &r->window;

    if (r->kind == RECORDING_BODY || r->failed || !r->in_event)
        return;
    if (r->name_crc != hash_crc32(0, name)) {
        r->failed = true;
        return;
    }
    put_text(r, SPAN("\xff"), out);
    r->last_at = w->event + (uint32_t)name.len + 1;
    r->last_len = r->event_cut ? 0 : w->len - 1 - r->last_at;
    put_event(r, out);
    r->in_event = false;
}

struct span recording_last_event(const struct recording *r)
{
    if (r->kind == RECORDING_BODY || r->failed || r->in_event || r->last_len == 0)
        return SPAN_EMPTY;
    return span_of(r->window.bytes + r->last_at, r->last_len);
}

bool recording_finish(struct recording *r, struct fmt *out)
{
    if (r->in_event && r->event_cut)
        r->failed = true;
    if (r->kind == RECORDING_EVENTS)
        fmt_char(out, '\0');
    for (unsigned i = 0; i < RECORDING_CRC_BYTES; i++)
        fmt_char(out, (char)(r->crc >> 8 * i));
    r->failed = r->failed || !fmt_ok(out);
    return !r->failed;
}

/* ---- reading ---- */

void recording_read(struct recording_reader *r)
{
    memset(r, 0, sizeof(*r));
}

static enum recording_result read_bad(struct recording_reader *r)
{
    r->bad = true;
    return RECORDING_BAD;
}

/* The bytes ended where there must be more. */
static enum recording_result read_short(struct recording_reader *r, bool whole)
{
    return whole ? read_bad(r) : RECORDING_MORE;
}

static uint32_t read_crc(struct span s)
{
    uint32_t crc = 0;

    for (unsigned i = 0; i < RECORDING_CRC_BYTES; i++)
        crc |= (uint32_t)(uint8_t)s.ptr[i] << 8 * i;
    return crc;
}

struct span recording_body(struct span recording)
{
    if (recording.len < 1 + RECORDING_CRC_BYTES || recording.ptr[0] != RECORDING_BODY)
        return SPAN_EMPTY;
    return span_part(recording, 1, recording.len - 1 - RECORDING_CRC_BYTES);
}

static enum recording_result read_body(struct recording_reader *r, struct span recording,
                                       bool whole, struct recording_piece *out)
{
    struct span body = whole ? recording_body(recording) : span_part(recording, 1, recording.len);

    if (whole && recording.len < 1 + RECORDING_CRC_BYTES)
        return read_bad(r);
    *out = (struct recording_piece){.data = span_part(body, r->at, body.len), .first = r->at == 0};
    if (out->data.len > 0) {
        r->crc = hash_crc32(r->crc, out->data);
        r->at += out->data.len;
        return RECORDING_PIECE;
    }
    if (!whole)
        return RECORDING_MORE;
    if (r->at != body.len || r->crc != read_crc(span_part(recording, 1 + body.len, recording.len)))
        return read_bad(r);
    return RECORDING_END;
}

static bool read_varint(struct span s, size_t *at, uint32_t *value)
{
    *value = 0;
    for (unsigned i = 0; i < RECORDING_VARINT_BYTES && *at < s.len; i++) {
        uint8_t byte = (uint8_t)s.ptr[(*at)++];

        *value |= (uint32_t)(byte & 127) << 7 * i;
        if (byte < 128)
            return true;
    }
    return false;
}

/* The next operation's head. PIECE: it was read. */
static enum recording_result read_operation(struct recording_reader *r, struct span recording,
                                            bool whole)
{
    struct span s = span_part(recording, r->at, RECORDING_HEAD_BYTES);
    uint8_t head = s.len > 0 ? (uint8_t)s.ptr[0] : 0;
    uint32_t literals = head >> 4;
    uint32_t copy = head & RECORDING_NIBBLE;
    uint32_t more = 0;
    uint32_t move = 0;
    size_t at = 1;

    if (s.len == 0)
        return read_short(r, whole);
    if (head == 0) {
        struct span end = span_part(recording, r->at + 1, recording.len);

        if (!whole)
            return RECORDING_MORE;
        if (end.len != RECORDING_CRC_BYTES || r->in_event || read_crc(end) != r->crc)
            return read_bad(r);
        return RECORDING_END;
    }
    if ((literals == RECORDING_NIBBLE && !read_varint(s, &at, &more)) ||
        (copy == RECORDING_NIBBLE && !read_varint(s, &at, &move)))
        return s.len < RECORDING_HEAD_BYTES ? read_short(r, whole) : read_bad(r);
    literals += more;
    if (copy > 0) {
        copy += RECORDING_COPY_ADD + move;
        if (!read_varint(s, &at, &move))
            return s.len < RECORDING_HEAD_BYTES ? read_short(r, whole) : read_bad(r);
        r->back += (move & 1) != 0 ? 0 - (move + 1) / 2 : move / 2;
    }
    r->literals = literals;
    r->copy = copy;
    r->at += at;
    return RECORDING_PIECE;
}

/* One byte of the text by the operation under way; false when the recording has no more yet or the
 * copy leads out of the window (then bad). */
static bool read_byte(struct recording_reader *r, struct span recording, char *out)
{
    struct recording_window *w = &r->window;

    if (r->literals > 0) {
        if (r->at >= recording.len)
            return false;
        r->literals--;
        *out = recording.ptr[r->at++];
    } else {
        if (r->back == 0 || r->back > w->len) {
            r->bad = true;
            return false;
        }
        r->copy--;
        *out = w->bytes[w->len - r->back];
    }
    w->bytes[w->len++] = *out;
    return true;
}

/* What the window has of the event, told. */
static enum recording_result read_told(struct recording_reader *r, bool last,
                                       struct recording_piece *out)
{
    struct recording_window *w = &r->window;
    struct span text = span_of(w->bytes + w->event, w->len - w->event);

    r->crc = hash_crc32(r->crc, text);
    w->event = w->len;
    text.len -= last ? 1 : 0;
    *out = (struct recording_piece){.first = !r->in_event, .last = last, .data = text};
    r->in_event = !last;
    if (out->first) {
        out->name = span_part(text, 0, span_find_byte(text, '\n'));
        if (out->name.len > RECORDING_NAME_MAX || out->name.len == text.len)
            return read_bad(r);
        out->data = span_part(text, out->name.len + 1, text.len);
    }
    return RECORDING_PIECE;
}

enum recording_result recording_next(struct recording_reader *r, struct span recording, bool whole,
                                     struct recording_piece *out)
{
    *out = (struct recording_piece){0};
    if (r->bad)
        return RECORDING_BAD;
    if (recording.len == 0)
        return read_short(r, whole);
    if (recording.ptr[0] == RECORDING_BODY)
        return read_body(r, recording, whole, out);
    if (recording.ptr[0] != RECORDING_EVENTS)
        return read_bad(r);
    r->at += r->at == 0 ? 1 : 0;
    for (;;) {
        enum recording_result result;
        char c;

        if (window_is_full(&r->window)) {
            if (r->window.event == 0)
                return read_told(r, false, out);
            window_move(&r->window);
        }
        if (r->literals == 0 && r->copy == 0) {
            result = read_operation(r, recording, whole);
            if (result != RECORDING_PIECE)
                return result;
            continue;
        }
        if (!read_byte(r, recording, &c))
            return r->bad ? RECORDING_BAD : read_short(r, whole);
        if (c == RECORDING_EVENT_END)
            return read_told(r, true, out);
    }
}

enum recording_result recording_next_event(struct recording_reader *r, struct span recording,
                                           char *big, size_t big_bytes, struct recording_piece *out)
{
    enum recording_result result = recording_next(r, recording, true, out);
    struct recording_piece piece = *out;
    size_t len = 0;

    if (result != RECORDING_PIECE || out->last || recording.ptr[0] == RECORDING_BODY)
        return result;
    out->last = true;
    for (;;) {
        if (out->last && piece.data.len <= big_bytes - len) {
            memcpy(big + len, piece.data.ptr, piece.data.len);
            len += piece.data.len;
        } else {
            out->last = false;
        }
        if (piece.last)
            break;
        result = recording_next(r, recording, true, &piece);
        if (result != RECORDING_PIECE)
            return result;
    }
    out->name = SPAN_EMPTY;
    out->data = span_of(big, len);
    return RECORDING_PIECE;
}

bool recording_check(struct recording_reader *scratch, struct span recording)
{
    struct recording_piece piece;
    enum recording_result result;

    recording_read(scratch);
    do
        result = recording_next(scratch, recording, true, &piece);
    while (result == RECORDING_PIECE);
    return result == RECORDING_END;
}

bool recording_stream(struct recording_piece *piece, struct fmt *out)
{
    while (out->cap_bytes - out->len >= RECORDING_STREAM_BYTES) {
        struct span line = span_part(piece->data, 0, span_find_byte(piece->data, '\n'));

        if (piece->first) {
            if (piece->name.len > 0) {
                fmt_str(out, "event: ");
                fmt_text(out, piece->name);
                fmt_char(out, '\n');
            }
            fmt_str(out, "data: ");
            piece->first = false;
            continue;
        }
        if (piece->data.len == 0) {
            if (piece->last)
                fmt_str(out, "\n\n");
            return true;
        }
        line = span_part(line, 0, out->cap_bytes - out->len - RECORDING_STREAM_BYTES + 1);
        fmt_text(out, line);
        piece->data = span_part(piece->data, line.len, piece->data.len);
        if (piece->data.len > 0 && piece->data.ptr[0] == '\n') {
            fmt_str(out, "\ndata: ");
            piece->data = span_part(piece->data, 1, piece->data.len);
        }
    }
    return false;
}
