/* A recording that somebody damaged is told within bounds or found bad, the same whether it is
 * there at once or grows; a recording made of any bytes tells the same bytes. */
#include "llm/recording.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PIECES_MAX = 4096 };

struct told {
    enum recording_result result;
    size_t pieces;
    size_t bytes;
    uint32_t sum;
};

static struct told tell(struct span recording, size_t step)
{
    static struct recording_reader r;
    struct told t = {RECORDING_MORE, 0, 0, 0};
    size_t len = step < recording.len ? step : recording.len;

    recording_read(&r);
    while (t.pieces < PIECES_MAX) {
        struct recording_piece piece;
        bool whole = len == recording.len;

        t.result = recording_next(&r, span_part(recording, 0, len), whole, &piece);
        if (t.result == RECORDING_PIECE) {
            t.pieces++;
            t.bytes += piece.data.len;
            for (size_t i = 0; i < piece.data.len; i++)
                t.sum = t.sum * 31 + (uint8_t)piece.data.ptr[i];
            continue;
        }
        if (t.result != RECORDING_MORE)
            break;
        if (whole)
            __builtin_trap();
        len = len + step < recording.len ? len + step : recording.len;
    }
    return t;
}

/* Bytes as events: each of the bytes 0 ends one, a byte 1 after that gives it a name. */
static void record(struct span bytes)
{
    static char out[1 << 20];
    static struct recording w;
    struct span name = SPAN_EMPTY;
    size_t given = 0;
    struct fmt f;
    struct told t;

    fmt_init(&f, out, sizeof(out));
    recording_start(&w, RECORDING_EVENTS, &f);
    for (struct span event; span_split(&bytes, '\0', &event);) {
        name = event.len > 0 && event.ptr[0] == 1 ? SPAN("name") : SPAN_EMPTY;
        if (event.len == 0)
            continue;
        recording_put(&w, name, span_part(event, 0, event.len / 2), &f);
        recording_put(&w, name, span_part(event, event.len / 2, event.len), &f);
        recording_event_end(&w, name, &f);
        given += event.len;
    }
    if (!recording_finish(&w, &f))
        return;
    t = tell(fmt_span(&f), SIZE_MAX / 2);
    if (t.pieces < PIECES_MAX && (t.result != RECORDING_END || t.bytes != given))
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span bytes = span_of((const char *)data, size);
    struct told whole = tell(bytes, SIZE_MAX / 2);
    struct told grown = tell(bytes, 3);

    /* A body is told in other pieces when it grows, and its end is not known. */
    if (size > 0 && data[0] == RECORDING_EVENTS && whole.pieces < PIECES_MAX &&
        (whole.result != grown.result || whole.bytes != grown.bytes || whole.sum != grown.sum))
        __builtin_trap();
    record(bytes);
    return 0;
}
