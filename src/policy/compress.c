#include "policy/compress.h"

#include <string.h>

#include "base/check.h"
#include "llm/tokens.h"
#include "policy/compress_history.h"
#include "policy/compress_protect.h"
#include "policy/compress_stop.h"

enum {
    ASSISTANT_BYTES_MIN = 1000, /* a shorter answer of an earlier turn stays whole */
    FREE_PASSES = 1 << COMPRESS_JSON | 1 << COMPRESS_HTML | 1 << COMPRESS_NOISE |
                  1 << COMPRESS_BOILERPLATE | 1 << COMPRESS_DEDUP | 1 << COMPRESS_WHITESPACE,
    CONTEXT_PASSES = 1 << COMPRESS_SELECT | 1 << COMPRESS_STOPWORDS,
    /* Passes that may not touch what is protected. */
    GUARDED_PASSES = 1 << COMPRESS_WHITESPACE | 1 << COMPRESS_STOPWORDS,
};

enum context_mode {
    CONTEXT_NONE,
    CONTEXT_FIND,  /* the text holds what is asked, or another request */
    CONTEXT_EVERY, /* as found, or all of it where nothing else is */
    CONTEXT_WHOLE,
};

/* One text on its way through the passes. */
struct compress_run {
    const struct compress_job *job;
    char *text;
    size_t len;
    uint32_t passes; /* that may run */
    enum context_mode mode;
    struct span question; /* given; or empty: as the text has it */
    struct span query;    /* of the conversation, where the text has none of its own */
    bool keep_last_example;
    struct select_target target;
    int64_t tokens; /* of the text, now */
    uint32_t acted;
    struct compress_step steps[COMPRESS_PASSES];
};

static void run_context(struct compress_run *r, struct context *c)
{
    struct span text = span_of(r->text, r->len);

    c->count = 0;
    c->question = SPAN_EMPTY;
    if (r->mode == CONTEXT_NONE)
        return;
    if (r->mode != CONTEXT_WHOLE)
        context_find(c, text, r->question);
    if (r->mode == CONTEXT_WHOLE ||
        (r->mode == CONTEXT_EVERY && c->count == 0 && c->question.len == 0))
        context_whole(c, text, r->question);
    if (r->query.len > 0)
        c->question = r->query;
}

static size_t run_pass(struct compress_run *r, enum compress_pass pass)
{
    struct compress_scratch *scratch = r->job->scratch;

    switch (pass) {
    case COMPRESS_JSON:
        return clean_json(r->text, r->len);
    case COMPRESS_HTML:
        return clean_html(r->text, r->len);
    case COMPRESS_NOISE:
        return repeat_noise(r->text, r->len);
    case COMPRESS_BOILERPLATE:
        return clean_boilerplate(r->text, r->len, r->job->boilerplate);
    case COMPRESS_DEDUP:
        return repeat_paragraphs(&scratch->seen, r->text, r->len);
    case COMPRESS_WHITESPACE:
        return clean_whitespace(r->text, r->len);
    case COMPRESS_EXAMPLES:
        return repeat_examples(r->text, r->len, r->job->passes->examples, r->keep_last_example);
    case COMPRESS_STOPWORDS:
        return stop_words_remove(r->text, r->len, &scratch->context);
    case COMPRESS_SELECT:
        return select_sentences(&scratch->select, r->text, r->len, &scratch->context, &r->target);
    case COMPRESS_HISTORY:
    case COMPRESS_SUMMARIZE:
    case COMPRESS_PASSES:
        break;
    }
    return r->len;
}

static bool run_is_empty(const struct compress_run *r)
{
    for (size_t i = 0; i < r->len; i++)
        if (!protect_is_blank(r->text[i]) && r->text[i] != '\n')
            return false;
    return true;
}

/* False when the text must stay as it was: what is in its place now is no use. */
static bool run_passes(struct compress_run *r)
{
    bool context = false;

    for (unsigned pass = 0; pass < COMPRESS_HISTORY; pass++) {
        bool guarded = (GUARDED_PASSES >> pass & 1) != 0;
        uint64_t hash = 0;
        size_t len;
        int64_t left;

        if ((r->passes >> pass & 1) == 0)
            continue;
        if ((CONTEXT_PASSES >> pass & 1) != 0 && !context) {
            run_context(r, &r->job->scratch->context);
            context = true;
        }
        if (guarded)
            hash = protect_hash(span_of(r->text, r->len));
        len = run_pass(r, (enum compress_pass)pass);
        CHECK(len <= r->len);
        if (len == r->len)
            continue;
        r->steps[pass].bytes_cut = (int64_t)(r->len - len);
        r->len = len;
        if (guarded && protect_hash(span_of(r->text, r->len)) != hash)
            return false;
        left = tokens_estimate(span_of(r->text, r->len));
        r->steps[pass].tokens_cut = r->tokens - left;
        r->tokens = left;
        r->acted |= 1u << pass;
    }
    return !run_is_empty(r);
}

static void result_add(struct compress_result *result, const struct compress_run *r)
{
    result->acted |= r->acted;
    for (size_t i = 0; i < COMPRESS_PASSES; i++) {
        result->steps[i].bytes_cut += r->steps[i].bytes_cut;
        result->steps[i].tokens_cut += r->steps[i].tokens_cut;
    }
}

/* ---- a text ---- */

/* As span_find(), for a long text: only where the first byte is. */
static bool text_holds(struct span text, struct span part)
{
    while (part.len > 0 && text.len >= part.len) {
        size_t at = span_find_byte(text, part.ptr[0]);

        text = span_part(text, at, text.len);
        if (span_starts(text, part))
            return true;
        text = span_part(text, 1, text.len);
    }
    return part.len == 0;
}

size_t compress_text(const struct compress_job *job, char *text, size_t len, struct span original,
                     struct span question, struct compress_result *result)
{
    const struct compress_passes *passes = job->passes;
    bool holds = text_holds(original, question);
    struct compress_run r = {
        .job = job,
        .text = text,
        .len = len,
        .passes = passes->on,
        .mode = holds ? CONTEXT_EVERY : CONTEXT_WHOLE,
        .question = question,
        .keep_last_example = holds,
        .target = {passes->select_milli, passes->select_tokens, false},
    };

    CHECK(original.len == len);
    r.tokens = tokens_estimate(original);
    *result = (struct compress_result){
        .bytes_before = len,
        .bytes_after = len,
        .tokens_before = r.tokens,
        .tokens_after = r.tokens,
    };
    memset(&job->scratch->seen, 0, sizeof(job->scratch->seen));
    if (run_passes(&r) && r.len < len && r.tokens <= result->tokens_before) {
        result->changed = true;
        result->tokens_after = r.tokens;
        result->bytes_after = r.len;
        result_add(result, &r);
        return r.len;
    }
    memcpy(text, original.ptr, len);
    return len;
}

/* ---- a request ---- */

struct compress_body {
    const struct compress_job *job;
    struct span body;
    size_t keep_bytes;               /* of the body's beginning */
    const struct message_text *last; /* what the user asks; NULL = nobody does */
    int64_t context_tokens;          /* of all texts, where a number of tokens is the target */
    struct span question;
    char *out;
    size_t from; /* in the body */
    size_t to;   /* in out */
    size_t drops_done;
    struct compress_result *result;
};

static size_t text_at(const struct compress_body *b, const struct message_text *t)
{
    return (size_t)(t->value.ptr - b->body.ptr);
}

/* ---- what was said in place of texts ---- */

/* The escaped bytes of a byte of text: as short as JSON has them (RFC 8259, section 7). */
static size_t escape(char c, char out[6])
{
    static const char named[] = "\"\\\b\f\n\r\t";
    static const char names[] = "\"\\bfnrt";
    static const char digits[] = "0123456789abcdef";
    const char *at = c != '\0' ? strchr(named, c) : NULL;

    out[0] = '\\';
    if (at != NULL) {
        out[1] = names[at - named];
        return 2;
    }
    if ((uint8_t)c < 0x20) {
        memcpy(out + 1, "u00", 3);
        out[4] = digits[(uint8_t)c >> 4];
        out[5] = digits[(uint8_t)c & 0xf];
        return 6;
    }
    out[0] = c;
    return 1;
}

#define SAID_SYSTEM  "[Shortened]\n"
#define SAID_HISTORY "{\"role\":\"user\",\"content\":\"[Summary of the conversation so far]\\n"
#define SAID_BEHIND  "\"},{\"role\":\"assistant\",\"content\":\"Understood.\"},"

static size_t text_put(char *out, const char *text, size_t len)
{
    size_t to = 0;

    for (size_t i = 0; i < len; i++) {
        char bytes[6];
        size_t put = escape(text[i], bytes);

        if (out != NULL)
            memcpy(out + to, bytes, put);
        to += put;
    }
    return to;
}

static size_t said_history_bytes(const struct compress_said *said)
{
    return sizeof(SAID_HISTORY) + sizeof(SAID_BEHIND) - 2 +
           text_put(NULL, said->history.ptr, said->history.len);
}

static void body_say_history(struct compress_body *b)
{
    struct span said = b->job->said->history;

    memcpy(b->out + b->to, SAID_HISTORY, sizeof(SAID_HISTORY) - 1);
    b->to += sizeof(SAID_HISTORY) - 1;
    b->to += text_put(b->out + b->to, said.ptr, said.len);
    memcpy(b->out + b->to, SAID_BEHIND, sizeof(SAID_BEHIND) - 1);
    b->to += sizeof(SAID_BEHIND) - 1;
    b->result->acted |= 1u << COMPRESS_SUMMARIZE;
}

/* The text at the output's end becomes the summary; false when that is not shorter. */
static bool run_say(struct compress_run *r, struct span said, size_t window)
{
    int64_t bytes = (int64_t)r->len;

    if (text_put(NULL, said.ptr, said.len) + sizeof("\"\"" SAID_SYSTEM) > window ||
        sizeof(SAID_SYSTEM) + said.len > r->len)
        return false;
    memcpy(r->text, SAID_SYSTEM, sizeof(SAID_SYSTEM) - 1);
    memcpy(r->text + sizeof(SAID_SYSTEM) - 1, said.ptr, said.len);
    r->len = sizeof(SAID_SYSTEM) - 1 + said.len;
    r->acted = 1u << COMPRESS_SUMMARIZE;
    r->steps[COMPRESS_SUMMARIZE].bytes_cut = bytes - (int64_t)r->len;
    r->steps[COMPRESS_SUMMARIZE].tokens_cut = r->tokens - tokens_estimate(span_of(r->text, r->len));
    return true;
}

/* ---- writing the body ---- */

/* Copies the body up to `end`, but for what history drops. */
static void body_copy(struct compress_body *b, size_t end)
{
    struct compress_result *r = b->result;

    while (b->from < end) {
        const struct compress_cut *drop =
            b->drops_done < r->drop_count ? &r->drops[b->drops_done] : NULL;
        bool drops = drop != NULL && drop->from < end;
        size_t stop = drops ? drop->from : end;

        memcpy(b->out + b->to, b->body.ptr + b->from, stop - b->from);
        b->to += stop - b->from;
        if (drops && b->drops_done == 0 && b->job->said != NULL)
            body_say_history(b);
        b->from = drops ? drop->end : stop;
        b->drops_done += drops;
    }
}

static bool text_is_dropped(const struct compress_body *b, size_t at)
{
    for (size_t i = 0; i < b->result->drop_count; i++)
        if (at >= b->result->drops[i].from && at < b->result->drops[i].end)
            return true;
    return false;
}

/* What may be done to a text, by whose it is. */
static void run_by_role(struct compress_run *r, const struct compress_body *b,
                        const struct message_text *t)
{
    bool last = b->last != NULL && t->message == b->last->message && t->role == ROLE_USER;

    r->query = b->question;
    switch (t->role) {
    case ROLE_USER:
        r->mode = CONTEXT_FIND;
        r->keep_last_example = true;
        if (last)
            r->passes &= ~(uint32_t)FREE_PASSES;
        /* A part of its own beside the one that asks. */
        if (last && t != b->last && r->len >= CONTEXT_BYTES_MIN)
            r->mode = CONTEXT_EVERY;
        break;
    case ROLE_TOOL:
        r->passes &= ~(1u << COMPRESS_EXAMPLES);
        r->mode = r->len < CONTEXT_BYTES_MIN ? CONTEXT_NONE : CONTEXT_WHOLE;
        break;
    case ROLE_SYSTEM:
        r->passes &= ~(1u << COMPRESS_STOPWORDS);
        r->target.rules = true;
        if (r->tokens >= COMPRESS_SYSTEM_TOKENS_MIN)
            r->mode = CONTEXT_WHOLE;
        break;
    case ROLE_ASSISTANT:
        r->passes &= ~(1u << COMPRESS_STOPWORDS | 1u << COMPRESS_EXAMPLES);
        /* The beginning of the answer that is asked for. */
        if (b->last != NULL && t->message > b->last->message)
            r->passes = 0;
        if (r->len >= ASSISTANT_BYTES_MIN)
            r->mode = CONTEXT_WHOLE;
        break;
    case ROLE_OTHER:
        r->passes = 0;
        break;
    }
}

/* A text, decoded into the output's free part, and what may be done to it. */
static struct compress_run body_run(const struct compress_body *b, const struct message_text *t)
{
    const struct compress_passes *passes = b->job->passes;
    struct compress_run r = {
        .job = b->job,
        .text = b->out + b->to,
        .passes = passes->on & ((1u << COMPRESS_HISTORY) - 1),
        .target = {passes->select_milli, passes->select_tokens, false},
    };

    r.len = message_text_decode(t, r.text, t->value.len);
    r.tokens = tokens_estimate(span_of(r.text, r.len));
    run_by_role(&r, b, t);
    return r;
}

/* Escapes the text at the output's end into its place: its last byte is moved to where the original
 * string ended, so that what is written never meets what is still to be read. */
static void body_put(struct compress_body *b, struct compress_run *r, size_t window)
{
    char *at = b->out + b->to + window - r->len;

    CHECK(text_put(NULL, r->text, r->len) + 2 <= window);
    memmove(at, r->text, r->len);
    b->out[b->to++] = '"';
    b->to += text_put(b->out + b->to, at, r->len);
    b->out[b->to++] = '"';
}

static void body_text(struct compress_body *b, const struct message_text *t)
{
    struct repeat_seen *seen = &b->job->scratch->seen;
    size_t at = text_at(b, t);
    struct compress_run r;

    if (text_is_dropped(b, at))
        return;
    body_copy(b, at);
    r = body_run(b, t);
    seen->text++;
    if (at < b->keep_bytes) {
        /* What stands there is known when it comes again. */
        if (compress_passes_has(b->job->passes, COMPRESS_DEDUP))
            (void)repeat_paragraphs(seen, r.text, r.len);
        return;
    }
    if (b->job->passes->select_tokens > 0) {
        r.passes &= b->context_tokens > b->job->passes->select_tokens ? UINT32_MAX
                                                                      : ~(1u << COMPRESS_SELECT);
        if ((r.passes >> COMPRESS_SELECT & 1) != 0) {
            run_context(&r, &b->job->scratch->context);
            r.target.tokens = (uint32_t)(select_context_tokens(span_of(r.text, r.len),
                                                               &b->job->scratch->context) *
                                         b->job->passes->select_tokens / b->context_tokens);
        }
    }
    if (b->job->said != NULL && b->job->said->system.len > 0 &&
        t->value.ptr == b->job->said->system_at) {
        if (!run_say(&r, b->job->said->system, t->value.len))
            return;
    } else if (r.passes == 0 || !run_passes(&r) || r.acted == 0) {
        return;
    }
    body_put(b, &r, t->value.len);
    b->from = at + t->value.len;
    result_add(b->result, &r);
    for (size_t i = 0; at < b->job->prefix_bytes && i < COMPRESS_PASSES; i++)
        b->result->prefix_tokens_cut += r.steps[i].tokens_cut;
}

/* What the user asks, out of the last text of the last message; kept beside, because texts move. */
static void body_question(struct compress_body *b)
{
    struct compress_scratch *s = b->job->scratch;
    size_t len;

    if (b->last == NULL)
        return;
    len = message_text_decode(b->last, b->out, b->last->value.len);
    context_find(&s->context, span_of(b->out, len), SPAN_EMPTY);
    if (s->context.question.len == 0 && len <= sizeof(s->question))
        s->context.question = span_of(b->out, len);
    len = s->context.question.len < sizeof(s->question) ? s->context.question.len
                                                        : sizeof(s->question);
    if (len > 0)
        memcpy(s->question, s->context.question.ptr, len);
    b->question = span_of(s->question, len);
}

static int64_t body_context_tokens(struct compress_body *b)
{
    struct compress_scratch *s = b->job->scratch;
    int64_t tokens = 0;

    for (size_t i = 0; i < s->messages.count; i++) {
        struct compress_run r;

        if (text_is_dropped(b, text_at(b, &s->messages.texts[i])))
            continue;
        r = body_run(b, &s->messages.texts[i]);
        run_context(&r, &s->context);
        tokens += select_context_tokens(span_of(r.text, r.len), &s->context);
    }
    return tokens;
}

/* Turns that are to be summarised go for a summary only, and only where it is shorter. */
static void body_history(struct compress_body *b, enum api api)
{
    const struct compress_said *said = b->job->said;
    struct compress_result *r = b->result;

    if (said != NULL && (said->history.len == 0 || b->job->keep_prefix))
        return;
    compress_history(api, b->body, b->job->passes->history_turns, said != NULL, b->keep_bytes, r);
    if (said != NULL && r->drop_count > 0 &&
        said_history_bytes(said) >= r->drops[0].end - r->drops[0].from)
        r->drop_count = 0;
}

static int64_t body_tokens(enum api api, struct span body)
{
    struct request r = {.api = api, .body = body};

    return request_estimate_tokens(&r);
}

static void body_measure(struct compress_body *b, enum api api)
{
    struct compress_result *r = b->result;
    struct compress_step *history = &r->steps[COMPRESS_HISTORY];
    int64_t others = 0;

    r->tokens_after = body_tokens(api, span_of(b->out, b->to));
    r->bytes_after = b->to;
    for (size_t i = 0; i < r->drop_count; i++)
        history->bytes_cut += (int64_t)(r->drops[i].end - r->drops[i].from);
    for (size_t i = 0; i < COMPRESS_PASSES; i++)
        others += r->steps[i].tokens_cut;
    if (r->drop_count > 0) {
        r->acted |= 1u << COMPRESS_HISTORY;
        history->tokens_cut = r->tokens_before - r->tokens_after - others;
        /* A turn that goes from its middle leaves of the prefix what is before it. */
        if (r->drops[0].from < b->job->prefix_bytes)
            r->prefix_tokens_cut += history->tokens_cut;
    }
    r->changed = r->bytes_after < r->bytes_before && r->tokens_after <= r->tokens_before;
}

void compress_request(const struct compress_job *job, enum api api, struct span body, char *out,
                      struct compress_result *result)
{
    struct compress_scratch *s = job->scratch;
    struct compress_body b = {
        .job = job,
        .body = body,
        .keep_bytes = job->keep_prefix ? job->prefix_bytes : 0,
        .out = out,
        .result = result,
    };

    *result = (struct compress_result){.bytes_before = body.len, .bytes_after = body.len};
    result->tokens_before = body_tokens(api, body);
    result->tokens_after = result->tokens_before;
    /* Vectors stand for every byte; a count is of what the client sent. */
    if (job->passes->on == 0 || api == API_EMBEDDINGS || api == API_COUNT_TOKENS)
        return;
    memset(&s->seen, 0, sizeof(s->seen));
    messages_read(&s->messages, api, body);
    b.last = messages_last(&s->messages, ROLE_USER);
    if (compress_passes_has(job->passes, COMPRESS_HISTORY))
        body_history(&b, api);
    body_question(&b);
    if (job->passes->select_tokens > 0)
        b.context_tokens = body_context_tokens(&b);
    for (size_t i = 0; i < s->messages.count; i++)
        body_text(&b, &s->messages.texts[i]);
    body_copy(&b, body.len);
    body_measure(&b, api);
    if (!result->changed)
        *result = (struct compress_result){
            .bytes_before = result->bytes_before,
            .bytes_after = result->bytes_before,
            .tokens_before = result->tokens_before,
            .tokens_after = result->tokens_before,
        };
}
