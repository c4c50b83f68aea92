#include "gateway/player.h"

#include <string.h>

#include "base/check.h"
#include "llm/assemble.h"

enum { PLAYER_OUT_BYTES = 3072, PLAYER_MS_PER_S = 1000 };

struct player_events {
    struct recording_reader reader;
    struct recording_piece piece;
    bool has_piece;
    char out[PLAYER_OUT_BYTES];
};

struct player_pieces {
    struct disassemble d;
    char out[DISASSEMBLE_EVENT_BYTES];
};

_Static_assert(sizeof(struct player_events) <= 2 * LEASE_PAGE_BYTES, "two pages for each");
_Static_assert(sizeof(struct player_pieces) <= 2 * LEASE_PAGE_BYTES, "two pages for each");

static struct player_events *player_events(struct player *p)
{
    return (struct player_events *)(void *)p->state.ptr;
}

static struct player_pieces *player_pieces(struct player *p)
{
    return (struct player_pieces *)(void *)p->state.ptr;
}

static bool player_begin(struct player *p, struct lease_region *memory, enum player_kind kind)
{
    CHECK(p->kind == PLAYER_NONE);
    p->payload = SPAN_EMPTY;
    p->ended = false;
    p->events = 0;
    if (!lease_take(memory, &p->state, 2 * LEASE_PAGE_BYTES))
        return false;
    p->kind = kind;
    if (kind == PLAYER_EVENTS) {
        recording_read(&player_events(p)->reader);
        player_events(p)->has_piece = false;
    }
    return true;
}

static bool player_copy(struct player *p, struct lease_region *memory, struct span bytes)
{
    if (!lease_take(memory, &p->copy, bytes.len)) {
        player_close(p, memory);
        return false;
    }
    memcpy(p->copy.ptr, bytes.ptr, bytes.len);
    p->copy_len = bytes.len;
    return true;
}

bool player_open_events(struct player *p, struct lease_region *memory, struct span recording)
{
    p->tape = NULL;
    return player_begin(p, memory, PLAYER_EVENTS) && player_copy(p, memory, recording);
}

bool player_open_tape(struct player *p, struct lease_region *memory, const struct tape *t)
{
    p->tape = t;
    return player_begin(p, memory, PLAYER_EVENTS);
}

bool player_open_body(struct player *p, struct lease_region *memory, enum api api, struct span body,
                      bool include_usage)
{
    p->tape = NULL;
    if (!player_begin(p, memory, PLAYER_DISASSEMBLE) || !player_copy(p, memory, body))
        return false;
    if (disassemble_start(&player_pieces(p)->d, api, span_of(p->copy.ptr, p->copy_len),
                          include_usage, player_pieces(p)->out))
        return true;
    player_close(p, memory);
    return false;
}

/* ---- a body ---- */

static bool player_body_plain(struct lease_region *memory, struct span body, struct lease *out,
                              size_t *len)
{
    if (body.len == 0 || !lease_take(memory, out, body.len))
        return false;
    memcpy(out->ptr, body.ptr, body.len);
    *len = body.len;
    return true;
}

/* Twice the text of the recording would do; what it was before it was compact is not known, so the
 * room is doubled until it does. */
static bool player_assemble(struct lease_region *memory, enum api api, struct span recording,
                            struct lease *out, size_t *len)
{
    struct lease scratch = {0};
    struct player_assembling {
        struct assemble assemble;
        struct recording_reader reader;
    } * work;
    bool done = false;

    if (!lease_take(memory, &scratch, sizeof(*work)))
        return false;
    work = (struct player_assembling *)(void *)scratch.ptr;
    for (size_t bytes = 4 * recording.len + 4 * LEASE_PAGE_BYTES;
         !done && lease_take(memory, out, bytes); bytes *= 2) {
        struct span body = SPAN_EMPTY;

        done = assemble_recording(&work->assemble, api, recording, &work->reader, out->ptr,
                                  lease_bytes(out), &body);
        *len = body.len;
        if (!done)
            lease_give(memory, out);
        if (bytes > 64 * recording.len + 64 * LEASE_PAGE_BYTES)
            break; /* it is no matter of room */
    }
    lease_give(memory, &scratch);
    return done;
}

bool player_body(struct lease_region *memory, enum api api, struct span recording,
                 struct lease *body, size_t *body_len)
{
    if (recording.len > 0 && recording.ptr[0] == (char)RECORDING_BODY)
        return player_body_plain(memory, recording_body(recording), body, body_len);
    return player_assemble(memory, api, recording, body, body_len);
}

/* ---- playing ---- */

void player_pace(struct player *p, int64_t rate, int64_t now_ms)
{
    p->rate = rate;
    p->began_ms = now_ms;
}

int64_t player_due_ms(const struct player *p)
{
    int64_t before = (int64_t)p->events - 1;

    return p->rate > 0 ? p->began_ms + (before * PLAYER_MS_PER_S + p->rate - 1) / p->rate : 0;
}

static enum call_next player_next_event(struct player *p, int64_t now_ms)
{
    struct player_events *e = player_events(p);
    struct span recording =
        p->tape != NULL ? tape_bytes(p->tape) : span_of(p->copy.ptr, p->copy_len);
    bool whole = p->tape == NULL || p->tape->whole;
    struct fmt out;

    fmt_init(&out, e->out, sizeof(e->out));
    for (;;) {
        if (e->has_piece && player_due_ms(p) > now_ms)
            return p->payload.len > 0 ? CALL_GOT : CALL_MORE;
        if (e->has_piece) {
            e->has_piece = !recording_stream(&e->piece, &out);
            p->payload = fmt_span(&out);
            if (e->has_piece || sizeof(e->out) - p->payload.len < RECORDING_STREAM_BYTES)
                return CALL_GOT;
        }
        switch (recording_next(&e->reader, recording, whole, &e->piece)) {
        case RECORDING_PIECE:
            p->events += e->piece.first;
            e->has_piece = p->events != p->skip;
            break;
        case RECORDING_MORE:
            if (p->payload.len > 0)
                return CALL_GOT;
            return p->tape != NULL && p->tape->failed ? CALL_BROKEN : CALL_MORE;
        case RECORDING_END:
            p->ended = true;
            return p->payload.len > 0 ? CALL_GOT : CALL_END;
        case RECORDING_BAD:
            return CALL_BROKEN;
        }
    }
}

static enum call_next player_next_piece(struct player *p)
{
    struct player_pieces *d = player_pieces(p);
    struct fmt out;

    fmt_init(&out, d->out, sizeof(d->out));
    if (disassemble_next(&d->d, &out) == DISASSEMBLE_END) {
        p->ended = true;
        return CALL_END;
    }
    p->events += d->d.has_text;
    p->payload = fmt_span(&out);
    return CALL_GOT;
}

enum call_next player_next(struct player *p, struct span *payload, int64_t now_ms)
{
    enum call_next next = CALL_GOT;

    CHECK(p->kind != PLAYER_NONE);
    if (p->payload.len == 0 && p->ended)
        return CALL_END;
    if (p->payload.len == 0)
        next = p->kind == PLAYER_EVENTS ? player_next_event(p, now_ms) : player_next_piece(p);
    *payload = p->payload;
    if (p->kind == PLAYER_DISASSEMBLE && next == CALL_GOT && player_due_ms(p) > now_ms)
        return CALL_MORE;
    return next;
}

void player_used(struct player *p, size_t bytes)
{
    CHECK(bytes <= p->payload.len);
    p->payload = span_part(p->payload, bytes, p->payload.len);
}

void player_skip(struct player *p, uint32_t nth)
{
    p->skip = nth;
}

void player_close(struct player *p, struct lease_region *memory)
{
    lease_give(memory, &p->state);
    lease_give(memory, &p->copy);
    p->kind = PLAYER_NONE;
    p->tape = NULL;
    p->payload = SPAN_EMPTY;
    p->skip = 0;
    p->rate = 0;
}
