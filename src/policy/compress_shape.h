/* compress_shape - where the messages of a conversation stand in a body, and where turns begin.
 *
 * One pass (json/scan.h) over `messages`, or over `input` of responses. Messages are the elements
 * of that list: for prefix.h, which knows prefixes by their ends, and for history, which drops
 * whole turns. Constant memory. */
#ifndef POLICY_COMPRESS_SHAPE_H
#define POLICY_COMPRESS_SHAPE_H

#include "llm/messages.h"

struct shape_message {
    size_t from;
    size_t end;
    bool is_system;
    bool begins_turn; /* a user's message that is no result of a tool */
};

struct shape_hear {
    void (*message)(void *ctx, const struct shape_message *m);
    void *ctx;
};

void shape_walk(enum api api, struct span body, const struct shape_hear *hear);

#endif
