/* batch - several questions as one numbered prompt, and the answer split again.
 *
 * The form is that of "Batch prompting" (Cheng, Kasai, Yu, EMNLP 2023): an instruction, then
 *
 *   Q[1]: first question                       A[1]: first answer
 *                               and back comes
 *   Q[2]: second question                      A[2]: second answer
 *
 * so that what stands before the questions (system prompt, examples) is paid for once. When a
 * question itself holds such a mark, or its answer is likely to, a NONCE makes the marks
 * unmistakable: `Q[1-k3x9]: `, `A[1-k3x9]: `. Whoever wrote a question cannot know it.
 *
 * SPLITTING. A mark stands at the start of a line. Behind it one blank, or else one line end, is
 * the mark's; before the next one, one or two line ends are: two when there are two before every
 * mark, and as many are taken off the end of the text, if they are there. All other bytes are the
 * answer's, as they came. What stands before the first mark is no answer.
 *
 * Without a nonce an answer may hold a line that looks like a mark. Those marks count that are part
 * of every longest series of growing numbers: with A[1] A[3] A[2] A[3] the first A[3] is text.
 * Where several could be the real one, those are out that stand behind fewer line ends than the
 * undoubted ones do, or inside a code fence. If there is still doubt, what they begin and what they
 * end is not found, rather than guessed: those questions are to be asked again, each for itself.
 * So is an answer that goes on behind the last question (A[4] of three) or repeats the next one.
 *
 * An empty answer is found like any other. One is `beside` a gap when the one after it was not
 * found: it may hold that one's text, and must not go to somebody else than who asked both. The
 * last one found is such a one when some are missing behind it. Time is linear in the text, for
 * BATCH_MARKS_MAX bounds the rest; spans point into the text. */
#ifndef POLICY_BATCH_H
#define POLICY_BATCH_H

#include "llm/messages.h"

enum {
    BATCH_QUESTIONS_MAX = 64,    /* joined or split at all */
    BATCH_COUNT_MAX = 32,        /* configured: published up to 32 (Lin et al., ICLR 2024) */
    BATCH_WINDOW_MS_MAX = 10000, /* a client waits that long at most for others to come */
    BATCH_QUESTION_BYTES = 4096, /* longer ones have little to gain from a shared prefix */
    BATCH_MARKS_MAX = 256,       /* looked at in one answer; with more, nothing is found */
    BATCH_NONCE_BYTES = 16,
    BATCH_NONCE_LETTERS = 5, /* of those made here: 25 bits */
    BATCH_MARK_TOKENS = 12,  /* that a mark and its line ends cost at most, in the answer */
};

/* ---- configuration ---- */

struct batch_setting {
    int64_t count; /* 0 = off */
    int64_t window_ms;
};

/* "8 x 40ms", "off". False with a reason in *why, which begins like "is no ...". */
bool batch_setting_read(struct batch_setting *s, struct span value, struct fmt *why);

/* ---- which requests ---- */

/* NULL when it may be joined with others, else why not, for people. The last text of m is the
 * question. `scratch` is free to use during the call. */
const char *batch_refusal(const struct request *r, const struct messages *m,
                          struct json_object *scratch);

/* Two requests can share a call when their keys are equal (and so are route and client key, which
 * are not part of it): all of their bodies but the question is the same, byte for byte. */
struct batch_key {
    uint64_t before; /* of the bytes before the question */
    uint64_t behind;
};

struct batch_key batch_key(const uint8_t sip_key[16], struct span body, struct span question);

/* ---- joining ---- */

/* Whether a question holds something like a mark, so that a nonce is needed. */
bool batch_needs_nonce(const struct span *questions, size_t count);
/* Out of a random number: letters and digits that stand in none of the questions; empty when there
 * was none to be found. `out` holds it. */
struct span batch_nonce(uint64_t random, const struct span *questions, size_t count,
                        char out[BATCH_NONCE_BYTES]);
/* Appends the prompt. A nonce has at most BATCH_NONCE_BYTES letters and digits; empty = none. */
void batch_join(struct fmt *out, const struct span *questions, size_t count, struct span nonce);
bool batch_nonce_good(struct span nonce);
/* The body of the joint request: r's own, with the joined prompt for its question, and limits of
 * the output for all of them. It is read again like any request. False when `out` is too small. */
bool batch_body(struct fmt *out, const struct request *r, struct span question_value,
                const struct span *questions, size_t count, struct span nonce);

/* ---- splitting ---- */

struct batch_part {
    bool found;
    bool beside; /* a gap */
    struct span text;
};

/* Fills parts[0..count-1]; gives how many were found. `whole` is false when the answer was cut off
 * (a limit, a broken stream): then the last part is not found. */
size_t batch_split(struct batch_part *parts, size_t count, struct span text, struct span nonce,
                   bool whole);

/* ---- sharing ---- */

/* Splits a total by weights, so that the shares sum up to it exactly: largest remainder, the first
 * of equals. Weights are 0 or more; all 0 counts as all equal. The fair weight of input is the
 * question's own tokens, times the count, plus what is shared; of output the answer's tokens. */
void batch_share(int64_t total, const int64_t *weights, size_t count, int64_t *out);

struct batch_answer {
    struct span text;
    struct span id; /* "chatcmpl-..." */
    struct span model;
    int64_t created_s;         /* Unix time */
    const struct usage *usage; /* its share */
};

/* One client's chat.completion. False when `out` is too small. */
bool batch_answer(struct fmt *out, const struct batch_answer *a);

#endif
