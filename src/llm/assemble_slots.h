/* assemble_slots - what assemble.c collects and assemble_body.c writes; of no use to others.
 *
 * A slot's value is a list of pieces in the caller's buffer: the offset of the next piece, the
 * bytes of this one, then these. Offsets count from where the pieces begin, which moves once. */
#ifndef LLM_ASSEMBLE_SLOTS_H
#define LLM_ASSEMBLE_SLOTS_H

#include "llm/assemble.h"

#define PIECE_NONE UINT32_MAX

enum { PIECE_HEAD_BYTES = 8 };

/* Where a value stands in the body. */
enum assemble_group {
    GROUP_TOP,
    GROUP_USAGE, /* Messages: member by member */
    GROUP_CHOICE,
    GROUP_LOGPROBS,
    GROUP_MESSAGE,
    GROUP_CALL, /* function_call, before there were tools */
    GROUP_TOOL,
    GROUP_FUNCTION, /* of a tool call */
    GROUP_BLOCK,
    GROUP_EVENT,       /* Messages: nothing of it is kept by itself */
    GROUP_MESSAGE_TOP, /* Messages: GROUP_TOP with its own rules */
    GROUP_COUNT,
};

/* How the pieces of a value make it. */
enum assemble_kind {
    KIND_NULL,
    KIND_RAW,  /* one piece, the value as written */
    KIND_TEXT, /* a string without its quotes */
    KIND_LIST, /* elements with commas */
    KIND_JSON, /* text that was JSON inside of strings */
};

/* A group, in it a choice, of that a tool call or block: all that is told of where a value stands.
 */
static inline uint32_t place_of(uint32_t group, uint32_t choice, uint32_t part)
{
    return group | choice << 8 | part << 16;
}

static inline uint32_t place_group(uint32_t place)
{
    return place & 255;
}

/* One of the two numbers before a piece. */
uint32_t slot_piece(const char *pieces, uint32_t at);
struct span slot_name(const struct assemble_slot *slot, const char *pieces);
/* The slot of that place with that name, or with any where it is empty; NULL when there is none. */
const struct assemble_slot *slot_at(const struct assemble *a, const char *pieces, uint32_t place,
                                    struct span name);
/* False when an end is missing. */
bool assemble_write(const struct assemble *a, const char *pieces, struct fmt *out);

#endif
