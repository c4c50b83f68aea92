#include "policy/batch.h"

#include "base/ascii.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/scan.h"
#include "json/write.h"

/* ---- configuration ---- */

bool batch_setting_read(struct batch_setting *s, struct span value, struct fmt *why)
{
    struct span rest = value;
    struct span count_text = SPAN_EMPTY;
    uint64_t count = 0;
    int64_t window_ms = 0;

    if (span_equal(value, SPAN("off"))) {
        *s = (struct batch_setting){.count = 0};
        return true;
    }
    if (!span_split(&rest, 'x', &count_text) || !scan_u64(span_trim(count_text), &count) ||
        !scan_duration(span_trim(rest), &window_ms)) {
        fmt_str(why, "is neither off nor of the form `8 x 40ms`: how many questions, and how long "
                     "the first waits for others");
        return false;
    }
    if (count < 2 || count > BATCH_COUNT_MAX || window_ms < 1 || window_ms > BATCH_WINDOW_MS_MAX) {
        fmt_str(why, "is not 2 to 32 questions within 1ms to 10s");
        return false;
    }
    *s = (struct batch_setting){.count = (int64_t)count, .window_ms = window_ms};
    return true;
}

/* ---- which requests ---- */

/* Members that ask for what a part of a joint answer cannot give. */
static const char *const unbatched[] = {
    "logprobs", "top_logprobs", "response_format", "stop", "modalities", "audio", "prediction",
};

static const char *batch_refusal_texts(const struct messages *m)
{
    const struct message_text *last = messages_last(m, ROLE_USER);

    if (m->cut || m->count == 0 || last != &m->texts[m->count - 1] ||
        last->message + 1 != m->message_count)
        return "its last message is no question";
    for (size_t i = 0; i + 1 < m->count; i++)
        if (m->texts[i].role != ROLE_SYSTEM)
            return "it is a conversation";
    if (m->has_images || m->has_tool_turns)
        return "it has images or results of tools";
    return last->value.len > BATCH_QUESTION_BYTES ? "its question is too long" : NULL;
}

const char *batch_refusal(const struct request *r, const struct messages *m,
                          struct json_object *scratch)
{
    if (r->api != API_CHAT)
        return "it is no chat";
    if (r->stream)
        return "its answer is to be streamed";
    if (r->has_tools || r->has_media)
        return "it has tools or media";
    if (r->choices != 1)
        return "it asks for several choices";
    if (!json_object_read(scratch, r->body))
        return "it is no JSON object";
    for (size_t i = 0; i < ARRAY_LEN(unbatched); i++) {
        const struct json_member *member = json_object_find(scratch, unbatched[i]);

        if (member != NULL && member->kind != JSON_NULL && member->kind != JSON_FALSE)
            return "it asks for what one answer of several cannot have (logprobs, stop, a format)";
    }
    return batch_refusal_texts(m);
}

struct batch_key batch_key(const uint8_t sip_key[16], struct span body, struct span question)
{
    size_t at = (size_t)(question.ptr - body.ptr);

    CHECK(at <= body.len && question.len <= body.len - at);
    return (struct batch_key){
        .before = hash_sip64(sip_key, span_part(body, 0, at)),
        .behind = hash_sip64(sip_key, span_part(body, at + question.len, body.len)),
    };
}

/* ---- nonce ---- */

static bool holds_mark(struct span s)
{
    for (size_t i = 1; i + 1 < s.len; i++)
        if (s.ptr[i] == '[' && ascii_is_digit(s.ptr[i + 1]) &&
            memchr("AQaq", s.ptr[i - 1], 4) != NULL)
            return true;
    return false;
}

bool batch_needs_nonce(const struct span *questions, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (holds_mark(questions[i]))
            return true;
    return false;
}

struct span batch_nonce(uint64_t random, const struct span *questions, size_t count,
                        char out[BATCH_NONCE_BYTES])
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789"; /* none like another */
    const unsigned letter_bits = 5;
    struct span nonce = span_of(out, BATCH_NONCE_LETTERS);

    for (unsigned at = 0; at + BATCH_NONCE_LETTERS * letter_bits <= 64; at += letter_bits) {
        bool used = false;

        for (unsigned i = 0; i < BATCH_NONCE_LETTERS; i++)
            out[i] = letters[random >> (at + i * letter_bits) & (sizeof(letters) - 2)];
        for (size_t i = 0; i < count && !used; i++)
            used = span_find(questions[i], nonce) < questions[i].len;
        if (!used)
            return nonce;
    }
    return SPAN_EMPTY;
}

bool batch_nonce_good(struct span nonce)
{
    for (size_t i = 0; i < nonce.len; i++)
        if (!ascii_is_digit(nonce.ptr[i]) &&
            ((nonce.ptr[i] | 0x20) < 'a' || (nonce.ptr[i] | 0x20) > 'z'))
            return false;
    return nonce.len <= BATCH_NONCE_BYTES;
}

/* ---- joining ---- */

struct joiner {
    struct fmt *out;
    struct span nonce;
    bool in_json; /* inside a JSON string */
};

static void put(const struct joiner *j, struct span s)
{
    if (j->in_json)
        json_escape(j->out, s);
    else
        fmt_text(j->out, s);
}

static void put_mark(const struct joiner *j, const char *letter, size_t number)
{
    put(j, span_str(letter));
    fmt_char(j->out, '[');
    fmt_u64(j->out, number);
    if (j->nonce.len > 0)
        fmt_char(j->out, '-');
    fmt_text(j->out, j->nonce);
    fmt_char(j->out, ']');
}

static void join(const struct joiner *j, const struct span *questions, size_t count)
{
    CHECK(count > 0 && count <= BATCH_QUESTIONS_MAX && batch_nonce_good(j->nonce));
    put(j, SPAN("Answer each question below as if it were the only one. Begin the answer to "));
    put_mark(j, "Q", 1);
    put(j, SPAN(" on a new line with \""));
    put_mark(j, "A", 1);
    put(j, SPAN(": \", the answer to "));
    put_mark(j, "Q", 2);
    put(j, SPAN(" with \""));
    put_mark(j, "A", 2);
    put(j, SPAN(": \", and so on: all answers, in this order, and nothing else."));
    for (size_t i = 0; i < count; i++) {
        put(j, SPAN("\n\n"));
        put_mark(j, "Q", i + 1);
        put(j, SPAN(": "));
        put(j, questions[i]);
    }
}

void batch_join(struct fmt *out, const struct span *questions, size_t count, struct span nonce)
{
    struct joiner j = {.out = out, .nonce = nonce};

    join(&j, questions, count);
}

/* A limit for one answer as written, for all of them. */
static struct span batch_limit(struct span value, size_t count, struct fmt *text)
{
    size_t from = fmt_span(text).len;
    int64_t tokens = 0;

    (void)json_value_i64(value, &tokens); /* request_read took it */
    tokens = (tokens + BATCH_MARK_TOKENS) * (int64_t)count;
    fmt_i64(text, tokens < USAGE_TOKENS_MAX ? tokens : USAGE_TOKENS_MAX);
    return span_part(fmt_span(text), from, text->cap_bytes);
}

bool batch_body(struct fmt *out, const struct request *r, struct span question_value,
                const struct span *questions, size_t count, struct span nonce)
{
    struct joiner j = {.out = out, .nonce = nonce, .in_json = true};
    char limits_text[64]; /* REQUEST_LIMITS numbers of up to ten digits */
    struct fmt limits;
    struct splice s;
    size_t at = 0;

    splice_start(&s, r->body);
    fmt_init(&limits, limits_text, sizeof(limits_text));
    CHECK(
        splice_add(&s, (size_t)(question_value.ptr - r->body.ptr), question_value.len, SPAN_EMPTY));
    for (size_t i = 0; i < REQUEST_LIMITS; i++)
        if (r->limit_values[i].len > 0)
            CHECK(splice_add(&s, (size_t)(r->limit_values[i].ptr - r->body.ptr),
                             r->limit_values[i].len,
                             batch_limit(r->limit_values[i], count, &limits)));
    for (size_t i = 0; i < s.count; i++) {
        fmt_text(out, span_part(r->body, at, s.edits[i].at - at));
        at = s.edits[i].at + s.edits[i].cut;
        if (s.edits[i].put.len > 0) {
            fmt_text(out, s.edits[i].put);
            continue;
        }
        fmt_char(out, '"');
        join(&j, questions, count);
        fmt_char(out, '"');
    }
    fmt_text(out, span_part(r->body, at, r->body.len));
    return fmt_ok(out);
}

/* ---- sharing ---- */

#define BATCH_WEIGHT_MAX (INT64_C(1) << 25) /* so that the products below fit: 2^25 * 2^31 */

static int64_t batch_weight(const int64_t *weights, size_t i, bool equal)
{
    if (equal)
        return 1;
    return weights[i] < 0 ? 0 : weights[i] < BATCH_WEIGHT_MAX ? weights[i] : BATCH_WEIGHT_MAX;
}

void batch_share(int64_t total, const int64_t *weights, size_t count, int64_t *out)
{
    int64_t lost[BATCH_QUESTIONS_MAX]; /* by rounding down, in parts of the sum */
    int64_t sum = 0;
    int64_t left = total;
    bool equal;

    CHECK(total >= 0 && count > 0 && count <= BATCH_QUESTIONS_MAX);
    for (size_t i = 0; i < count; i++)
        sum += batch_weight(weights, i, false);
    equal = sum == 0;
    sum = equal ? (int64_t)count : sum;
    for (size_t i = 0; i < count; i++) {
        int64_t weight = batch_weight(weights, i, equal);
        int64_t part = total % sum * weight;

        out[i] = total / sum * weight + part / sum;
        lost[i] = part % sum;
        left -= out[i];
    }
    for (; left > 0; left--) {
        size_t most = 0;

        for (size_t i = 1; i < count; i++)
            if (lost[i] > lost[most])
                most = i;
        out[most]++;
        lost[most] = -1;
    }
}

static void write_count(struct json_write *w, const char *name, int64_t count)
{
    json_write_key(w, name);
    json_write_i64(w, count);
}

static void write_usage(struct json_write *w, const struct usage *u)
{
    json_write_key(w, "usage");
    json_write_object(w);
    write_count(w, "prompt_tokens", u->input);
    write_count(w, "completion_tokens", u->output);
    write_count(w, "total_tokens", u->input + u->output);
    json_write_key(w, "prompt_tokens_details");
    json_write_object(w);
    write_count(w, "cached_tokens", u->cached);
    json_write_object_end(w);
    json_write_object_end(w);
}

bool batch_answer(struct fmt *out, const struct batch_answer *a)
{
    struct json_write w;

    json_write_start(&w, out);
    json_write_object(&w);
    json_write_key(&w, "id");
    json_write_text(&w, a->id);
    json_write_key(&w, "object");
    json_write_str(&w, "chat.completion");
    write_count(&w, "created", a->created_s);
    json_write_key(&w, "model");
    json_write_text(&w, a->model);
    json_write_key(&w, "choices");
    json_write_array(&w);
    json_write_object(&w);
    write_count(&w, "index", 0);
    json_write_key(&w, "message");
    json_write_object(&w);
    json_write_key(&w, "role");
    json_write_str(&w, "assistant");
    json_write_key(&w, "content");
    json_write_text(&w, a->text);
    json_write_object_end(&w);
    json_write_key(&w, "finish_reason");
    json_write_str(&w, "stop");
    json_write_object_end(&w);
    json_write_array_end(&w);
    write_usage(&w, a->usage);
    json_write_object_end(&w);
    json_write_done(&w);
    return fmt_ok(out);
}
