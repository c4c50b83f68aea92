/* messages - where the texts of a conversation stand in a request's body.
 *
 * One pass over the body (json/scan.h), nothing copied: each text is the JSON string as it is
 * written, quotes and escapes included, so that it can be replaced in place (json/splice.h) and
 * everything else stays. message_text_decode() gives the text itself. Texts stand in the order of
 * the body, each part of a message for itself, with the role of its message:
 *
 *   chat         messages[].content, a string or parts of type "text"
 *   messages     the same, and `system`; the texts inside tool results
 *   responses    `instructions`; `input`, a string or items with content, parts "input_text"
 *   completions  `prompt`, embeddings `input`: a string, or each string of an array
 *
 * At most MESSAGES_TEXTS_MAX are kept: of more, the last one found takes the last place and `cut`
 * is set, so the first ones and the very last are always there. The body has been validated
 * (request_read): a body that is not what the API asks for just has fewer texts. */
#ifndef LLM_MESSAGES_H
#define LLM_MESSAGES_H

#include "llm/request.h"

enum { MESSAGES_TEXTS_MAX = 256 };

enum message_role {
    ROLE_OTHER,
    ROLE_SYSTEM, /* system and developer messages, `system`, `instructions` */
    ROLE_USER,
    ROLE_ASSISTANT,
    ROLE_TOOL, /* results of tools, also as parts of a user's message */
};

struct message_text {
    enum message_role role;
    uint32_t message;  /* which of the messages, from 0; system of its own counts as one */
    struct span value; /* the JSON string in the body, with its quotes */
};

struct messages {
    size_t count;
    struct message_text texts[MESSAGES_TEXTS_MAX];
    bool cut;               /* there were more */
    uint32_t message_count; /* all of them */
    uint32_t user_messages; /* of these; what only carries results of tools does not count */
    bool has_images;
    bool has_tool_turns; /* calls of tools or their results */
};

void messages_read(struct messages *m, enum api api, struct span body);
/* The last text of that role, or NULL. */
const struct message_text *messages_last(const struct messages *m, enum message_role role);
/* Decodes as much of the text as fits into out, whole characters only; gives the bytes written. */
size_t message_text_decode(const struct message_text *t, char *out, size_t out_bytes);

#endif
