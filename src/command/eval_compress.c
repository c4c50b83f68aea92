/* eval compress: a text or a whole request through the passes of a route. */
#include <string.h>

#include "base/check.h"
#include "command/eval.h"
#include "policy/compress.h"

enum { MILLION = 1000000 };

struct compress_state {
    struct compress_scratch scratch;
    struct json_object object;
    char out[EVAL_LINE_BYTES];
    uint64_t texts;
    uint64_t changed;
    int64_t share_sum; /* of tokens after per tokens before, millionths */
    uint64_t bytes_before;
    uint64_t bytes_after;
    int64_t tokens_before;
    int64_t tokens_after;
    struct compress_step steps[COMPRESS_PASSES];
};

static void compress_count(struct compress_state *s, const struct compress_result *r)
{
    s->texts++;
    s->changed += r->changed;
    s->share_sum += r->tokens_before > 0 ? r->tokens_after * MILLION / r->tokens_before : MILLION;
    s->bytes_before += r->bytes_before;
    s->bytes_after += r->bytes_after;
    s->tokens_before += r->tokens_before;
    s->tokens_after += r->tokens_after;
    for (size_t i = 0; i < COMPRESS_PASSES; i++) {
        s->steps[i].bytes_cut += r->steps[i].bytes_cut;
        s->steps[i].tokens_cut += r->steps[i].tokens_cut;
    }
}

static bool compress_passes_of(struct eval *e, struct compress_passes *p)
{
    struct span text;

    if (!eval_text(e, "passes", &text, NULL))
        return false;
    fmt_str(&e->reason, "\"passes\" ");
    if (!compress_passes_parse(p, text, &e->reason))
        return false;
    fmt_init(&e->reason, e->reason_text, sizeof(e->reason_text));
    return true;
}

/* The API is told by what only one of them has. */
static enum api compress_api(const struct json_object *o)
{
    if (json_object_find(o, "input") != NULL)
        return API_RESPONSES;
    if (json_object_find(o, "messages") == NULL)
        return API_COMPLETIONS;
    return json_object_find(o, "system") != NULL || json_object_find(o, "max_tokens") != NULL
               ? API_MESSAGES
               : API_CHAT;
}

static bool compress_line(struct eval *e)
{
    struct compress_state *s = e->state;
    struct compress_passes passes;
    struct compress_job job = {.passes = &passes, .scratch = &s->scratch};
    struct compress_result r;
    struct span text = SPAN_EMPTY;
    struct span request = SPAN_EMPTY;
    struct span question = SPAN_EMPTY;
    struct span out;
    bool is_text;
    bool is_request = false;
    bool found;

    if (!eval_text(e, "text", &text, &is_text) ||
        (!is_text && !eval_object(e, "request", &request, NULL)) ||
        !eval_text(e, "question", &question, &found) || !compress_passes_of(e, &passes))
        return false;
    is_request = !is_text;
    if (is_request) {
        CHECK(json_object_read(&s->object, request));
        compress_request(&job, compress_api(&s->object), request, s->out, &r);
        out = r.changed ? span_of(s->out, r.bytes_after) : request;
        json_write_key(&e->out, "request");
        json_write_raw(&e->out, out);
    } else {
        memcpy(s->out, text.ptr, text.len);
        out = span_of(s->out, compress_text(&job, s->out, text.len, text, question, &r));
        json_write_key(&e->out, "text");
        json_write_text(&e->out, out);
    }
    json_write_key(&e->out, "tokens_before");
    json_write_i64(&e->out, r.tokens_before);
    json_write_key(&e->out, "tokens_after");
    json_write_i64(&e->out, r.tokens_after);
    json_write_key(&e->out, "passes");
    json_write_array(&e->out);
    for (unsigned i = 0; i < COMPRESS_PASSES; i++)
        if ((r.acted >> i & 1) != 0)
            json_write_str(&e->out, compress_pass_name((enum compress_pass)i));
    json_write_array_end(&e->out);
    compress_count(s, &r);
    return true;
}

static void compress_summary(const struct eval *e, struct fmt *out)
{
    const struct compress_state *s = e->state;

    if (s->texts == 0)
        return;
    fmt_u64(out, s->changed);
    fmt_str(out, " of ");
    fmt_u64(out, s->texts);
    fmt_str(out, " changed: tokens ");
    fmt_i64(out, s->tokens_before);
    fmt_str(out, " to ");
    fmt_i64(out, s->tokens_after);
    fmt_str(out, ", bytes ");
    fmt_u64(out, s->bytes_before);
    fmt_str(out, " to ");
    fmt_u64(out, s->bytes_after);
    fmt_str(out, "; mean share of tokens left ");
    eval_percent(out, s->share_sum / (int64_t)s->texts);
    fmt_char(out, '\n');
    for (unsigned i = 0; i < COMPRESS_PASSES; i++) {
        if (s->steps[i].bytes_cut == 0)
            continue;
        fmt_str(out, "  ");
        fmt_left(out, span_str(compress_pass_name((enum compress_pass)i)), 12);
        fmt_i64(out, s->steps[i].tokens_cut);
        fmt_str(out, " tokens, ");
        fmt_i64(out, s->steps[i].bytes_cut);
        fmt_str(out, " bytes\n");
    }
}

const struct eval_kind eval_compress = {
    .name = "compress",
    .in = "text or request; passes; optional question",
    .out = "text or request, tokens_before, tokens_after, passes that acted; shares by pass",
    .state_bytes = sizeof(struct compress_state),
    .line = compress_line,
    .summary = compress_summary,
};
