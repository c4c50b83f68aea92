/* assemble - the body that a client gets which does not stream, out of a stream's events.
 *
 * Chat and completions: choices by their index; strings of a delta are joined, arrays too, tool
 * calls by their index, log probabilities by token; of all else the last that is not null counts,
 * as the vendors' own client libraries do it. Messages: content blocks with their deltas, tool
 * input as the JSON it is, usage member by member. Responses: the last event holds the response.
 * Texts are joined as they are written, escapes and all, and the result is checked to be JSON.
 *
 *   assemble_start(), assemble_event() for each event's data, assemble_finish()
 *
 * The caller lends one buffer: the body stands at its front in the end, behind it what was
 * collected. Twice the body is enough, and 8 bytes for each event where choices take turns or
 * log probabilities come; for a recording with events longer than RECORDING_WINDOW_BYTES three
 * times the longest on top. Time is linear in the events.
 *
 * False means that the body is not to be had: it does not fit, an event is no JSON or tells an
 * error, a choice has no end, or the stream has a form that is not known here. */
#ifndef LLM_ASSEMBLE_H
#define LLM_ASSEMBLE_H

#include "llm/recording.h"
#include "llm/request.h"

enum {
    ASSEMBLE_CHOICES_MAX = 16, /* vendors allow 8 to 128; more than four are not met */
    ASSEMBLE_PARTS_MAX = 64,   /* tool calls of a choice, blocks of a message */
    ASSEMBLE_SLOTS = 256,      /* values of the body that are collected; a choice has about 6, a
                                * tool call 4 */
};

/* One value of the body, and where it belongs. */
struct assemble_slot {
    uint32_t name_at;
    uint32_t head; /* a list of pieces in the buffer */
    uint32_t tail;
    uint32_t place;
    uint8_t name_len;
    uint8_t kind;
};

/* 5.1 KB. */
struct assemble {
    enum api api;
    bool bad;
    bool full;   /* what was lacking is room in the buffer: a larger one may do */
    char *bytes; /* the caller's */
    uint32_t cap;
    uint32_t len;
    uint32_t last; /* the piece at the end, which may grow */
    uint32_t choice_count;
    uint32_t part_count;
    uint32_t slot_count;
    struct assemble_slot slots[ASSEMBLE_SLOTS];
};

void assemble_start(struct assemble *a, enum api api, char *buffer, size_t buffer_bytes);
void assemble_event(struct assemble *a, struct span data);
/* The body, at the buffer's front. */
bool assemble_finish(struct assemble *a, struct span *body);
/* All three for a whole recording of events. */
bool assemble_recording(struct assemble *a, enum api api, struct span recording,
                        struct recording_reader *scratch, char *buffer, size_t buffer_bytes,
                        struct span *body);

#endif
