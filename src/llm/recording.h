/* recording - a vendor's answer in compact form, to be told again.
 *
 * Two kinds. RECORDING_BODY holds a body byte for byte. RECORDING_EVENTS holds the events of a
 * stream (http/sse.h), each one's name and data; comments and ids are not kept. An event of a
 * stream is nearly the one before it, so events are stored as copies out of the last few and the
 * bytes that are new: a chat event of 300 bytes takes about 7 bytes besides its text.
 *
 * WRITING. The caller owns the bytes, which may move: a call appends to a fmt over the free part
 * that must have recording_bound() bytes, and only what is behind them counts for the next call.
 *
 *   recording_start()
 *   BODY:   recording_put() ...
 *   EVENTS: for each event recording_put() with each piece of its data, then recording_event_end()
 *   recording_finish()
 *
 * An answer that cannot be kept (bytes 0xff, which no UTF-8 has; a fmt that was too small; an event
 * whose name came behind its data) sets `failed`, and what was written means nothing.
 *
 * READING may begin while the recording still grows, by any number of readers, each with its own
 * struct; it is given all bytes so far and keeps an offset only. What was cut or changed is found:
 * by its form as soon as it makes no sense, by CRC-32 at the end at the latest.
 *
 * FORM. 'B', the body, CRC-32 of the body; or 'E', operations, a zero byte, CRC-32 of the text.
 * CRCs are little-endian. The text of an event is its name, LF, its data, 0xff. An operation adds
 * literals, then a copy, to the text: a byte of two nibbles, their lengths, the copy's less 2, 0
 * for none; a nibble of 15 adds a varint; for a copy a varint, zigzag, how much further back it
 * begins than the copy before; the literals. Copies reach back as far as both sides' windows hold,
 * which move in the same way. */
#ifndef LLM_RECORDING_H
#define LLM_RECORDING_H

#include "base/fmt.h"

enum {
    RECORDING_WINDOW_BYTES = 4096, /* an event up to this size is read in one piece */
    RECORDING_HASHES = 1024,       /* places of a window by their first four bytes; 2 KB */
};

enum recording_kind { RECORDING_BODY = 'B', RECORDING_EVENTS = 'E' };

/* The last bytes of the text: events that are told, then the one under way. */
struct recording_window {
    uint32_t len;
    uint32_t event;  /* where what is not yet told begins */
    uint32_t before; /* bytes of the text before the window; wraps */
    char bytes[RECORDING_WINDOW_BYTES];
};

/* The writer: 6.2 KB. */
struct recording {
    enum recording_kind kind;
    bool failed;
    bool in_event;
    bool event_cut; /* a part of it is written already */
    uint32_t crc;
    uint32_t back;     /* of the last copy */
    uint32_t name_crc; /* of the event under way */
    uint32_t last_at;  /* the last event's data in the window */
    uint32_t last_len;
    struct recording_window window;
    uint16_t places[RECORDING_HASHES];
};

void recording_start(struct recording *r, enum recording_kind kind, struct fmt *out);
/* What a call with that many bytes of data appends at most; with 0 for the other calls. */
size_t recording_bound(const struct recording *r, size_t bytes);
/* `name` counts with the first piece of an event; empty for a body and for events without. */
void recording_put(struct recording *r, struct span name, struct span data, struct fmt *out);
/* The event is whole. One without data is no event. `name` is the name as it is known now. */
void recording_event_end(struct recording *r, struct span name, struct fmt *out);
/* The data of the event that ended last, until the next call; empty when it was longer than the
 * window. */
struct span recording_last_event(const struct recording *r);
/* The answer is whole. An event that did not end is dropped. False when the recording failed. */
bool recording_finish(struct recording *r, struct fmt *out);

enum recording_result {
    RECORDING_PIECE, /* *out holds the next piece */
    RECORDING_MORE,  /* what follows is not written yet */
    RECORDING_END,   /* all was told, and it is what was recorded */
    RECORDING_BAD,   /* cut or changed: stays so */
};

/* A piece of an event or body; spans are valid until the next call. */
struct recording_piece {
    struct span name; /* with every first piece */
    struct span data;
    bool first;
    bool last; /* of the event; a body's last piece does not know */
};

/* The reader: 4.2 KB. */
struct recording_reader {
    size_t at; /* in the recording */
    bool bad;
    bool in_event;
    uint32_t literals; /* left of the operation under way */
    uint32_t copy;
    uint32_t back;
    uint32_t crc;
    struct recording_window window;
};

void recording_read(struct recording_reader *r);
/* `recording`: all bytes so far; `whole`: recording_finish() has been called. Neither may be told
 * of the one without the other. */
enum recording_result recording_next(struct recording_reader *r, struct span recording, bool whole,
                                     struct recording_piece *out);
/* The next event or all of a body that is left, with the pieces of a long one joined in `big`.
 * Where it does not fit there `last` is false and the rest of it is passed over. */
enum recording_result recording_next_event(struct recording_reader *r, struct span recording,
                                           char *big, size_t big_bytes,
                                           struct recording_piece *out);
/* Reads all of a whole recording and tells whether it is sound: for what lay on a disk. */
bool recording_check(struct recording_reader *scratch, struct span recording);
/* The body in a whole recording of one; empty for events. */
struct span recording_body(struct span recording);
/* Appends the piece as it stands in a stream, "event:" and "data:" lines, as far as it fits, and
 * takes that off the piece. True when all of it was written. `out` must have
 * RECORDING_STREAM_BYTES for anything to happen. */
bool recording_stream(struct recording_piece *piece, struct fmt *out);

enum { RECORDING_STREAM_BYTES = 128 }; /* a name (SSE_NAME_BYTES) and what stands around */

#endif
