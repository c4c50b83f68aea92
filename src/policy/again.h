/* again - who asks the same again was not served well by the cheap answer: which repeats say so.
 *
 * Most repeats do not: libraries that try again, programs that ask by the clock, agents whose last
 * user message stays while results of tools come in. So a repeat counts when
 *   - it is the client's next question: same key, session and address, nothing else in between;
 *   - the first was answered whole by a cheap model, and it comes AGAIN_LEAST_MS to AGAIN_MOST_MS
 *     after that: not as fast as a library, and while somebody still sits there;
 *   - the client does not do that always: the AGAIN_FRESH_MIN questions before, the first of these
 *     two among them, were each another one. Any repeat begins that count anew, so one in five
 *     questions of a client counts at most, and none of a program that repeats itself.
 * The same is asked when the last user message is the same by policy/near, or to the byte where
 * that gives no key, and so is all that was said before but for the answers (and the question
 * itself, asked twice in one conversation). Requests with tools' results or images are no
 * questions, and of a conversation of more than MESSAGES_TEXTS_MAX texts nothing is known.
 *
 * No text is kept: 64-bit hashes of the AGAIN_CLIENTS clients that asked last. Pure. */
#ifndef POLICY_AGAIN_H
#define POLICY_AGAIN_H

#include "base/hash.h"
#include "llm/messages.h"

enum {
    AGAIN_CLIENTS = 64,
    AGAIN_LEAST_MS = 2000,
    AGAIN_MOST_MS = 180000,
    AGAIN_FRESH_MIN = 4,
};

/* All zero at the start. */
struct again {
    struct again_client {
        uint64_t client; /* 0 = free */
        uint64_t question;
        int64_t cheap_ms; /* when a cheap answer was whole; 0 = there was none */
        int64_t used_ms;
        uint32_t fresh; /* questions in a row that were each another one */
    } clients[AGAIN_CLIENTS];
};

/* What is asked; 0 = no question. `last`: the last user message, decoded. */
uint64_t again_question(const struct messages *m, struct span last,
                        const uint8_t key[HASH_SIP_KEY_BYTES]);
/* A question that came at asked_ms was answered at answered_ms, whole; neither hash is 0. True when
 * the answer that the client had before did not do. Monotonic times. */
bool again_answered(struct again *a, uint64_t client, uint64_t question, bool cheap,
                    int64_t asked_ms, int64_t answered_ms);

#endif
