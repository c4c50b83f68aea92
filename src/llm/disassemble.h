/* disassemble - the events that a client gets which streams, out of a body that came whole.
 *
 * Of chat, completions and messages, in the form their vendors stream: texts in pieces of a word
 * with the blanks before it, never inside a character, an escape or a surrogate pair; tool calls
 * with their arguments in pieces; log probabilities; an end for each choice; the usage event when
 * the client asked for it; "[DONE]". What a vendor adds to a body goes along. Responses have no
 * such form here: false.
 *
 *   disassemble_start(); disassemble_next() until DISASSEMBLE_END
 *
 * The caller sends the events as fast as the client takes them, or at a rate of words: has_text
 * tells which events carry one. The body must stay where it is meanwhile. The first call rehearses
 * with the caller's buffer, so that a body with a part that fits into no event (a long signature,
 * say) is refused before the client has got anything; texts are no such parts. Time is linear in
 * the body. */
#ifndef LLM_DISASSEMBLE_H
#define LLM_DISASSEMBLE_H

#include "base/fmt.h"
#include "llm/request.h"
#include "json/walk.h"

enum {
    DISASSEMBLE_EVENT_BYTES =
        4096,                     /* room that an event may take: the caller's buffer has it free */
    DISASSEMBLE_HEAD_BYTES = 512, /* id, model and the like, repeated in each event: about 200 */
    DISASSEMBLE_PIECE_BYTES = 48, /* longest piece of a text; scripts without blanks get these */
};

enum disassemble_result {
    DISASSEMBLE_EVENT, /* one event was appended, "data:" and blank line included */
    DISASSEMBLE_END,
};

/* 0.8 KB. */
struct disassemble {
    enum api api;
    bool include_usage;
    bool has_text;  /* the last event carried a piece of text, reasoning or arguments */
    bool rehearsal; /* texts are passed over */
    uint8_t step;
    uint8_t text;   /* what `rest` is part of */
    bool begun;     /* members of the whole have been told */
    uint32_t index; /* of the choice or block */
    uint32_t part;  /* of the tool call; events of log probabilities */
    struct span body;
    struct span usage;
    struct span item;          /* choice or block */
    struct json_walk items;    /* choices or blocks */
    struct json_walk members;  /* of the message, block or log probabilities */
    struct json_walk elements; /* tool calls, citations, log probabilities */
    struct span name;          /* of the member under way */
    struct span rest;          /* of the text under way, as written */
    size_t head_len;
    char head[DISASSEMBLE_HEAD_BYTES];
};

/* `scratch` has DISASSEMBLE_EVENT_BYTES and is free again afterwards. False when the body is not
 * JSON, has not the form of the API, or does not fit into events. */
bool disassemble_start(struct disassemble *d, enum api api, struct span body, bool include_usage,
                       char *scratch);
enum disassemble_result disassemble_next(struct disassemble *d, struct fmt *out);

#endif
