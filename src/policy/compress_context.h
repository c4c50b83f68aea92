/* compress_context - in a prompt that holds both: what is asked, and the text that is asked about.
 *
 * A prompt is cut into blocks at empty lines and at lines that begin with a label ("Question: ",
 * "Movie plot: "). What is asked is the last block labelled as a question, else the last short one
 * that ends with "?"; a caller who knows the question gives it. The long blocks are context (from
 * a quarter of the longest on), unless they begin like an instruction; a label and the quotes
 * around a block are not part of it. Everything else is instruction, and stays. A single block
 * whose last sentence asks is context up to there. Linear. */
#ifndef POLICY_COMPRESS_CONTEXT_H
#define POLICY_COMPRESS_CONTEXT_H

#include "base/span.h"

enum {
    CONTEXT_BLOCKS_MAX = 64,      /* of a prompt; the last one takes what is beyond */
    CONTEXT_BYTES_MIN = 120,      /* shorter blocks are instructions */
    CONTEXT_QUESTION_BYTES = 600, /* a longer block is no question */
    CONTEXT_SPLIT_BYTES = 600,    /* a shorter one that ends with a question is one request */
};

struct context_block {
    uint32_t from;
    uint32_t end;
};

struct context {
    size_t count;
    struct context_block blocks[CONTEXT_BLOCKS_MAX]; /* ascending */
    struct span question; /* in the text, or the one given; may be empty */
};

/* Data that would be none any more without a part of it. */
bool context_is_json(struct span text);
/* A text that is context from end to end, asked about by `question`; JSON is none. */
void context_whole(struct context *c, struct span text, struct span question);
/* `question` may be empty. No block is found (count 0) where nothing tells context from request. */
void context_find(struct context *c, struct span text, struct span question);
/* text[from..end), none of it context, is moved to `to`, in front of it; the question too, where it
 * stands there. Gives the place behind it. */
size_t context_move(struct context *c, char *text, size_t from, size_t end, size_t to);

#endif
