/* compress - fewer tokens for the same request: passes over a text, or over a whole request's body.
 *
 *   compress_text()      one text, in place; with a question it is context
 *   compress_request()   a body into a caller's buffer of the same size: a new body in which only
 *                        the JSON strings that changed and the messages that history drops differ;
 *                        every other byte is copied
 *
 * Which texts of a request which pass may change:
 *   the free passes    all texts but those of the last user message and a begun answer behind it
 *   examples           system prompts and user messages; in the last one all but what is asked
 *   select, stopwords  context (compress_context.h) in user messages, and results of tools that
 *                      are no JSON; select also long answers of earlier turns, and a system prompt
 *                      of at least COMPRESS_SYSTEM_TOKENS_MIN tokens, whose duties and
 *                      prohibitions stay. What is asked comes from the last user message
 *   history            whole messages: the system's stay, and the last N turns. A turn begins
 *                      with a user's message that is no result of a tool: calls and their results
 *                      stay together
 *   summarize          what a model said of the system prompt's longest text, and of what history
 *                      drops, in their places (policy/summary.h); without that the text stays, and
 *                      the turns too. Where nobody summarises (`said` is NULL) history drops
 * Tool definitions, calls and their arguments, images: never. With keep_prefix nothing changes
 * that begins before prefix_bytes: what a vendor may hold in its prompt cache (policy/prefix.h). A
 * gateway asks without it first, gives prefix_tokens_cut to prefix_keep(), and asks again with it
 * if that says so.
 *
 * Guards, each for a text: a pass that may not touch them leaves the protected spans as they were
 * (compress_protect.h), else the text stays; a text that would become empty stays. For all of it:
 * what is not smaller, in bytes and in estimated tokens, is not used (`changed` is false, and the
 * original goes out).
 *
 * Time is linear in the body. No other memory than the caller's: the scratch (about 87 KB) and, for
 * a request, the output. The passes work in place inside the output: a JSON string decoded is never
 * longer than as written, and an edited text escaped never longer than the original. */
#ifndef POLICY_COMPRESS_H
#define POLICY_COMPRESS_H

#include "llm/messages.h"
#include "policy/compress_clean.h"
#include "policy/compress_passes.h"
#include "policy/compress_repeat.h"
#include "policy/compress_select.h"

enum {
    COMPRESS_SYSTEM_TOKENS_MIN = 2000, /* shorter system prompts are instructions from end to end */
    COMPRESS_DROPS_MAX = 32, /* runs of messages between system messages that history drops */
};

struct compress_cut {
    size_t from; /* in the original body */
    size_t end;
};

struct compress_step {
    int64_t bytes_cut;
    int64_t tokens_cut; /* estimated */
};

struct compress_result {
    bool changed;
    uint32_t acted; /* bit 1 << enum compress_pass; 0 unless changed */
    size_t bytes_before;
    size_t bytes_after;
    int64_t tokens_before; /* estimates (llm/tokens.h); of a request: of all strings in the body */
    int64_t tokens_after;
    int64_t prefix_tokens_cut; /* of all that, what was cut before prefix_bytes */
    struct compress_step steps[COMPRESS_PASSES];
    size_t drop_count; /* messages that history dropped, as spans of the original body */
    struct compress_cut drops[COMPRESS_DROPS_MAX];
};

struct compress_scratch {
    struct repeat_seen seen;
    struct context context;
    struct select select;
    struct messages messages;
    char question[CONTEXT_QUESTION_BYTES];
};

/* Summaries, as texts; empty = there is none. */
struct compress_said {
    const char *system_at; /* where in the body the string stands that goes */
    struct span system;
    struct span history; /* becomes two messages, said and understood: some models insist on
                          * speakers that take turns */
};

struct compress_job {
    const struct compress_passes *passes;
    const struct clean_phrases *boilerplate; /* the owner's; may be NULL */
    struct compress_scratch *scratch;
    size_t prefix_bytes; /* of a request's body; 0 = none was seen before */
    bool keep_prefix;
    const struct compress_said *said; /* NULL: nobody summarises */
};

/* A text of at most len bytes, in place; gives the new length (len when nothing changed). A text
 * that holds its question (`question` empty, or given and found in it) is taken apart first;
 * another one is context as a whole. `original` is a copy for the guards, of the same length. */
size_t compress_text(const struct compress_job *job, char *text, size_t len, struct span original,
                     struct span question, struct compress_result *result);

/* `out` has room for body.len bytes; after it `out` holds result->bytes_after bytes if changed. The
 * body has been validated (request_read). */
void compress_request(const struct compress_job *job, enum api api, struct span body, char *out,
                      struct compress_result *result);

#endif
