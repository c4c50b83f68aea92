/* delta - the text that one event of a stream adds to the answer's first choice.
 *
 * For whoever looks at an answer's text while it streams by, and cuts it: chat, completions and
 * messages. Reasoning and arguments of tools are no text; of a content in parts the first text
 * counts. Nothing is copied; of bytes that are no JSON nothing is found. */
#ifndef LLM_DELTA_H
#define LLM_DELTA_H

#include "llm/request.h"

/* The JSON string as it is written, with its quotes; empty when the event adds none. */
struct span delta_text(enum api api, struct span data);
/* The event begins a tool call, or goes on with one. */
bool delta_calls(enum api api, struct span data);
/* Shortens the event's text, in place, to that many decoded bytes, whole characters; what would
 * tell the rest all the same (log probabilities) becomes null. Gives the event's new length. */
size_t delta_cut(enum api api, char *data, size_t len, uint64_t text_bytes);

#endif
