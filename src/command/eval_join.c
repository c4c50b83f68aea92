/* eval join: questions as one numbered prompt. */
#include "base/hash.h"
#include "command/eval.h"
#include "llm/tokens.h"
#include "policy/batch.h"

struct join_state {
    char *prompt; /* as large as a line can be, and the marks */
    uint64_t questions;
    uint64_t with_nonce;
    int64_t question_tokens;
    int64_t prompt_tokens;
};

enum { JOIN_PROMPT_BYTES = EVAL_LINE_BYTES + BATCH_QUESTIONS_MAX * 64 + 1024 };

_Static_assert((int)BATCH_QUESTIONS_MAX <= (int)EVAL_TEXTS_MAX,
               "all that can be joined can be read");

static bool join_start(struct eval *e)
{
    struct join_state *s = e->state;

    s->prompt = arena_carve(e->arena, "prompt", 1, JOIN_PROMPT_BYTES);
    return s->prompt != NULL || eval_refuse(e, "there is too little memory");
}

/* The same questions give the same nonce here; the gateway's are random. */
static struct span join_nonce(const struct span *questions, size_t count,
                              char out[BATCH_NONCE_BYTES])
{
    static const uint8_t key[HASH_SIP_KEY_BYTES] = {0};
    uint64_t sum = 0;

    if (!batch_needs_nonce(questions, count))
        return SPAN_EMPTY;
    for (size_t i = 0; i < count; i++)
        sum = sum * 31 + hash_sip64(key, questions[i]);
    return batch_nonce(sum, questions, count, out);
}

static bool join_line(struct eval *e)
{
    struct join_state *s = e->state;
    struct span questions[BATCH_QUESTIONS_MAX];
    char letters[BATCH_NONCE_BYTES];
    struct span nonce = SPAN_EMPTY;
    size_t count = 0;
    bool found = false;
    struct fmt prompt;

    if (!eval_texts(e, "questions", questions, BATCH_QUESTIONS_MAX, &count) ||
        !eval_text(e, "nonce", &nonce, &found))
        return false;
    if (!found)
        nonce = join_nonce(questions, count, letters);
    if (!batch_nonce_good(nonce))
        return eval_refuse(e, "\"nonce\" is not up to 16 letters and digits");
    fmt_init(&prompt, s->prompt, JOIN_PROMPT_BYTES);
    batch_join(&prompt, questions, count, nonce);
    json_write_key(&e->out, "prompt");
    json_write_text(&e->out, fmt_span(&prompt));
    if (nonce.len > 0) {
        json_write_key(&e->out, "nonce");
        json_write_text(&e->out, nonce);
    }
    s->questions += count;
    s->with_nonce += nonce.len > 0;
    for (size_t i = 0; i < count; i++)
        s->question_tokens += tokens_estimate(questions[i]);
    s->prompt_tokens += tokens_estimate(fmt_span(&prompt));
    return true;
}

static void join_summary(const struct eval *e, struct fmt *out)
{
    const struct join_state *s = e->state;

    fmt_u64(out, s->questions);
    fmt_str(out, " questions of ");
    fmt_i64(out, s->question_tokens);
    fmt_str(out, " tokens became prompts of ");
    fmt_i64(out, s->prompt_tokens);
    fmt_str(out, ", ");
    fmt_u64(out, s->with_nonce);
    fmt_str(out, " with a nonce\n");
}

const struct eval_kind eval_join = {
    .name = "join",
    .in = "questions (array); optional nonce",
    .out = "prompt; nonce where the marks have one",
    .state_bytes = sizeof(struct join_state),
    .extra_bytes = JOIN_PROMPT_BYTES,
    .start = join_start,
    .line = join_line,
    .summary = join_summary,
};
