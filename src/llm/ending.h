/* ending - a well-formed end for a stream that we cut short.
 *
 * The client's library is to believe that the vendor ended the answer: choices that are open get a
 * finish_reason, an open block is closed, the usage event comes when it was asked for, then the
 * stream's own last event. Id, model and the like are those of the events before.
 *
 *   ending_start(), ending_event() for each event that was relayed, ending_write() between two
 *   events when the stream is to end
 *
 * A tool call that was cut stays cut: its arguments are no JSON, and the reason should be
 * ENDING_LENGTH, which clients know to mean that. */
#ifndef LLM_ENDING_H
#define LLM_ENDING_H

#include "base/fmt.h"
#include "llm/request.h"

enum {
    ENDING_HEAD_BYTES = 512, /* id, model and the like: about 200 */
    ENDING_ITEM_BYTES = 96,  /* the id of an output item of Responses: about 60 */
    ENDING_CHOICES_MAX = 32,
    ENDING_BYTES = 1536, /* of an end with one open choice, without text; a choice more adds
                          * ENDING_HEAD_BYTES at most */
};

enum ending_reason {
    ENDING_STOP,   /* the answer had all that was wanted */
    ENDING_LENGTH, /* a limit was reached */
};

/* 0.7 KB. */
struct ending {
    enum api api;
    bool begun; /* an event of the answer was seen */
    bool ended; /* the stream's own last event was seen: nothing is due */
    bool block_open;
    bool reason_told;
    bool usage_told;  /* the usage event was the last one */
    uint32_t choices; /* bit i: choice i was seen */
    uint32_t finished;
    int64_t block;
    int64_t sequence; /* of Responses' last event */
    size_t head_len;
    size_t item_len;
    char head[ENDING_HEAD_BYTES]; /* members as written, each with a comma before it */
    char item[ENDING_ITEM_BYTES];
};

struct ending_last_words {
    enum ending_reason reason;
    bool include_usage; /* chat, completions; the others always tell it */
    struct usage usage;
    struct span text; /* the answer so far, for Responses, whose last event repeats it */
};

void ending_start(struct ending *e, enum api api);
void ending_event(struct ending *e, struct span data);
/* Appends the end as it stands in the stream. False when there is no such end: nothing of the
 * answer was relayed, or an API that does not stream. */
bool ending_write(const struct ending *e, const struct ending_last_words *words, struct fmt *out);

#endif
