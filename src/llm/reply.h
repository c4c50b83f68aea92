/* reply - what an answer says to a person: the text of its first choice and how it ended.
 *
 * For whoever judges, splits or keeps an answer's text. Out of a body or out of a stream's events,
 * of chat, completions, messages and responses; the two must give the same. The text is decoded
 * into the caller's buffer as far as it fits; reasoning and tool arguments are not text.
 *
 *   reply_start(), then reply_body() or reply_event() for each event's data, or reply_recording()
 *
 * The JSON should have been validated while it arrived (llm/answer): of bytes that are none, what
 * can be found is found, and nothing breaks. */
#ifndef LLM_REPLY_H
#define LLM_REPLY_H

#include "llm/recording.h"
#include "llm/request.h"

enum reply_finish {
    REPLY_RUNNING, /* no end is known */
    REPLY_STOP,    /* the model had finished, or a stop sequence came */
    REPLY_LENGTH,  /* a limit of tokens or of the context cut it */
    REPLY_TOOLS,   /* it waits for results of tools */
    REPLY_FILTER,  /* the vendor or the model declined */
    REPLY_OTHER,   /* a reason that is not known here */
};

struct reply {
    enum api api;
    bool found; /* there was a first choice, a message or a response */
    enum reply_finish finish;
    bool has_tools;   /* calls of tools for the client to make */
    bool has_refusal; /* a `refusal` in place of the text */
    struct usage usage;
    char *text; /* the caller's */
    size_t text_bytes_max;
    size_t text_len;
    bool cut; /* the text is longer */
};

void reply_start(struct reply *r, enum api api, char *text, size_t text_bytes_max);
void reply_body(struct reply *r, struct span body);
void reply_event(struct reply *r, struct span data);
/* All of a whole recording of either kind. An event that is longer than RECORDING_WINDOW_BYTES is
 * read where half of the text buffer's free part takes it, or missed. False when the recording is
 * damaged. */
bool reply_recording(struct reply *r, struct span recording, struct recording_reader *scratch);
struct span reply_text(const struct reply *r);
/* A stream's event of chat or completions that tells the usage and nothing else: a client that did
 * not ask for it is not to get it, though it may stand in a recording. */
bool reply_is_usage_event(struct span data);

#endif
