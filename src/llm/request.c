#include "llm/request.h"

#include <string.h>

#include "base/check.h"
#include "llm/messages.h"
#include "llm/tokens.h"
#include "json/write.h"

static const char *const api_paths[API_COUNT] = {
    [API_CHAT] = "/v1/chat/completions",
    [API_COMPLETIONS] = "/v1/completions",
    [API_EMBEDDINGS] = "/v1/embeddings",
    [API_MESSAGES] = "/v1/messages",
    [API_COUNT_TOKENS] = "/v1/messages/count_tokens",
    [API_RESPONSES] = "/v1/responses",
};

enum { API_VERSION_BYTES = 3 }; /* "/v1" */

bool api_from_path(struct span path, enum api *out)
{
    if (path.len > 1 && path.ptr[path.len - 1] == '/')
        path.len--;
    for (int i = 0; i < API_COUNT; i++) {
        struct span known = span_str(api_paths[i]);

        if (span_equal(path, known) ||
            span_equal(path, span_part(known, API_VERSION_BYTES, known.len))) {
            *out = (enum api)i;
            return true;
        }
    }
    return false;
}

struct span api_path(enum api api)
{
    CHECK(api < API_COUNT);
    return span_str(api_paths[api]);
}

bool api_is_anthropic(enum api api)
{
    return api == API_MESSAGES || api == API_COUNT_TOKENS;
}

/* ---- reading ---- */

static bool request_fail(struct request *r, enum request_err err, const char *param)
{
    r->err = err;
    r->param = param;
    return false;
}

/* A member that is there and not null. */
static const struct json_member *request_member(const struct json_object *o, const char *name)
{
    const struct json_member *m = json_object_find(o, name);

    return m != NULL && m->kind != JSON_NULL ? m : NULL;
}

static bool request_model(struct request *r, const struct json_object *o)
{
    const struct json_member *m = json_object_find(o, "model");
    size_t len;

    if (m == NULL || m->kind == JSON_NULL)
        return request_fail(r, REQUEST_ERR_NO_MODEL, "model");
    if (m->kind != JSON_STRING)
        return request_fail(r, REQUEST_ERR_TYPE, "model");
    if (!json_value_text(m->value, r->model, sizeof(r->model) - 1, &len) || len == 0 ||
        memchr(r->model, '\0', len) != NULL)
        return request_fail(r, REQUEST_ERR_RANGE, "model");
    r->model[len] = '\0';
    r->model_value = m->value;
    return true;
}

static bool request_count(struct request *r, const struct json_object *o, const char *name,
                          int64_t *out, struct span *written)
{
    const struct json_member *m = request_member(o, name);
    int64_t value;

    if (m == NULL)
        return true;
    if (m->kind != JSON_NUMBER || !json_value_i64(m->value, &value))
        return request_fail(r, REQUEST_ERR_TYPE, name);
    if (value < 1 || value > USAGE_TOKENS_MAX)
        return request_fail(r, REQUEST_ERR_RANGE, name);
    if (value > *out)
        *out = value;
    if (written != NULL)
        *written = m->value;
    return true;
}

static bool request_counts(struct request *r, const struct json_object *o)
{
    static const char *const limits[REQUEST_LIMITS] = {"max_tokens", "max_output_tokens",
                                                       "max_completion_tokens"};

    for (size_t i = 0; i < REQUEST_LIMITS; i++)
        if (!request_count(r, o, limits[i], &r->max_output_tokens, &r->limit_values[i]))
            return false;
    return request_count(r, o, "n", &r->choices, NULL) &&
           (r->api != API_COMPLETIONS || request_count(r, o, "best_of", &r->choices, NULL));
}

static bool request_stream(struct request *r, const struct json_object *o,
                           struct json_object *inner)
{
    const struct json_member *stream = json_object_find(o, "stream");
    const struct json_member *options = json_object_find(o, "stream_options");
    const struct json_member *usage;

    if (stream != NULL)
        r->stream_value = stream->value;
    if (stream != NULL && stream->kind != JSON_NULL && !json_value_bool(stream->value, &r->stream))
        return request_fail(r, REQUEST_ERR_TYPE, "stream");
    if (options == NULL || options->kind == JSON_NULL) {
        r->stream_options = options != NULL ? options->value : SPAN_EMPTY;
        return true;
    }
    if (options->kind != JSON_OBJECT)
        return request_fail(r, REQUEST_ERR_TYPE, "stream_options");
    r->stream_options = options->value;
    if (!json_object_read(inner, options->value)) /* a key twice in there */
        return request_fail(r, REQUEST_ERR_TYPE, "stream_options");
    usage = request_member(inner, "include_usage");
    if (usage != NULL && !json_value_bool(usage->value, &r->include_usage))
        return request_fail(r, REQUEST_ERR_TYPE, "stream_options.include_usage");
    return true;
}

/* ---- what the body is made of ---- */

enum { REQUEST_TYPE_BYTES = 24 };

struct request_text {
    uint64_t bytes;
    bool has_media;
    bool has_images;
    bool in_type; /* the value of a member "type" comes, or is being read */
    size_t type_len;
    char type[REQUEST_TYPE_BYTES];
};

/* Values of "type" behind which there is nothing but the text that stands there: parts and items of
 * the APIs, tools that run at the client, choices of tools, JSON Schema's types. */
static const char *const text_types[] = {
    "text",        "input_text",  "output_text",   "refusal",
    "thinking",    "message",     "function",      "function_call",
    "tool_use",    "tool_result", "custom",        "function_call_output",
    "auto",        "any",         "none",          "tool",
    "ephemeral",   "enabled",     "disabled",      "adaptive",
    "json_object", "json_schema", "object",        "string",
    "number",      "integer",     "boolean",       "array",
    "null",        "grammar",     "allowed_tools", "summary_text",
};

static void request_key(void *ctx, unsigned depth, struct span name, bool cut)
{
    struct request_text *text = ctx;

    text->in_type = !cut && span_equal(name, SPAN("type"));
    text->type_len = 0;
    /* Responses: what is stored at the vendor comes on top of this body. */
    if (depth == 1 &&
        (span_equal(name, SPAN("previous_response_id")) || span_equal(name, SPAN("conversation")) ||
         span_equal(name, SPAN("web_search_options")) || span_equal(name, SPAN("plugins")) ||
         span_equal(name, SPAN("container"))))
        text->has_media = true;
}

static void request_value(void *ctx, unsigned depth, enum json_kind kind, uint64_t offset)
{
    struct request_text *text = ctx;

    (void)depth;
    (void)offset;
    if (kind != JSON_STRING)
        text->in_type = false;
}

static void request_text_bytes(void *ctx, unsigned depth, struct span decoded)
{
    struct request_text *text = ctx;

    (void)depth;
    text->bytes += decoded.len;
    if (!text->in_type)
        return;
    for (size_t i = 0; i < decoded.len && text->type_len < sizeof(text->type); i++)
        text->type[text->type_len++] = decoded.ptr[i];
}

static void request_value_end(void *ctx, unsigned depth, enum json_kind kind, uint64_t end_offset)
{
    struct request_text *text = ctx;
    struct span type = span_of(text->type, text->type_len);

    (void)depth;
    (void)end_offset;
    if (!text->in_type || kind != JSON_STRING)
        return;
    text->in_type = false;
    for (size_t i = 0; i < ARRAY_LEN(text_types); i++)
        if (span_equal(type, span_str(text_types[i])))
            return;
    text->has_media = true;
    text->has_images = text->has_images || span_find(type, SPAN("image")) < type.len;
}

/* All strings that are values: mostly the prompt. What is no text (numbers, names of members) is
 * not counted; the estimate is for calls that end without usage. */
static void request_weigh(struct request *r)
{
    static const struct json_visitor visitor = {
        .key = request_key,
        .value_begin = request_value,
        .string_bytes = request_text_bytes,
        .value_end = request_value_end,
    };
    struct request_text text = {0};
    struct json_scan scan;

    json_scan_start(&scan, &visitor, &text, false);
    (void)json_scan_feed(&scan, r->body);
    r->text_bytes = text.bytes;
    r->has_media = text.has_media;
    r->has_images = text.has_images;
}

static void estimate_string(void *ctx, unsigned depth, struct span decoded)
{
    (void)depth;
    token_counter_feed(ctx, decoded);
}

static void estimate_end(void *ctx, unsigned depth, enum json_kind kind, uint64_t end_offset)
{
    (void)depth;
    (void)end_offset;
    if (kind == JSON_STRING) /* texts do not run into each other */
        token_counter_feed(ctx, SPAN("\n"));
}

int64_t request_estimate_tokens(const struct request *r)
{
    static const struct json_visitor visitor = {
        .string_bytes = estimate_string,
        .value_end = estimate_end,
    };
    struct token_counter counter;
    struct json_scan scan;

    token_counter_start(&counter);
    json_scan_start(&scan, &visitor, &counter, false);
    (void)json_scan_feed(&scan, r->body);
    return token_counter_estimate(&counter);
}

static bool request_not_json(struct request *r, const struct json_object *o)
{
    r->json_err = o->err;
    r->err_offset = o->err_offset;
    if (o->err == JSON_ERR_SYNTAX && o->count == 0 && o->err_offset == 0 &&
        o->open_at == SIZE_MAX && r->body.len > 0 &&
        span_find_byte(SPAN("[\"tfn-0123456789 \t\r\n"), r->body.ptr[0]) < 20)
        return request_fail(r, REQUEST_ERR_NOT_OBJECT, NULL);
    return request_fail(
        r, o->err == JSON_ERR_DUPLICATE_KEY ? REQUEST_ERR_DUPLICATE : REQUEST_ERR_JSON, NULL);
}

/* Types json_object and json_schema, wherever they stand in it. */
static bool request_wants_json(const struct json_member *m)
{
    return m != NULL && m->kind == JSON_OBJECT &&
           span_find(m->value, SPAN("\"json_")) < m->value.len;
}

bool request_read(struct request *r, enum api api, struct span body, struct json_object *scratch)
{
    size_t close_at;

    memset(r, 0, sizeof(*r));
    r->api = api;
    r->body = body;
    r->choices = 1;
    if (!json_object_read(scratch, body))
        return request_not_json(r, scratch);
    close_at = scratch->close_at;
    r->is_empty = scratch->count == 0;
    if (!request_model(r, scratch) || !request_counts(r, scratch))
        return false;
    r->insert_at = close_at;
    r->has_tools =
        request_member(scratch, "tools") != NULL || request_member(scratch, "functions") != NULL;
    r->has_logprobs = json_object_find(scratch, "logprobs") != NULL;
    r->wants_json = request_wants_json(request_member(scratch, "response_format")) ||
                    request_wants_json(request_member(scratch, "text"));
    request_weigh(r);
    /* Last: it reads an inner object into the same scratch. */
    {
        const struct json_member *options = json_object_find(scratch, "stream_options");
        const struct json_member *stream = json_object_find(scratch, "stream");
        struct json_object outer_two; /* only the members that are needed */

        outer_two.count = 0;
        if (stream != NULL)
            outer_two.members[outer_two.count++] = *stream;
        if (options != NULL)
            outer_two.members[outer_two.count++] = *options;
        return request_stream(r, &outer_two, scratch);
    }
}

/* ---- rewriting ---- */

static bool request_put_model(const struct request *r, const char *model_id, struct splice *out,
                              struct fmt *put)
{
    size_t from = fmt_span(put).len;
    struct json_write w;

    if (strcmp(model_id, r->model) == 0)
        return true;
    json_write_start(&w, put);
    json_write_str(&w, model_id);
    return fmt_ok(put) &&
           splice_add(out, (size_t)(r->model_value.ptr - r->body.ptr), r->model_value.len,
                      span_part(fmt_span(put), from, put->cap_bytes));
}

/* New members go to the end, so that the front of the body, which holds the prompt, stays what a
 * vendor may have cached. */
static bool request_put_usage(const struct request *r, struct splice *out)
{
    size_t options_at;
    struct json_object inner;
    const struct json_member *usage;

    if (r->stream_options.len == 0)
        return splice_add(out, r->insert_at, 0,
                          r->is_empty ? SPAN("\"stream_options\":{\"include_usage\":true}")
                                      : SPAN(",\"stream_options\":{\"include_usage\":true}"));
    options_at = (size_t)(r->stream_options.ptr - r->body.ptr);
    if (span_equal(r->stream_options, SPAN("null")))
        return splice_add(out, options_at, r->stream_options.len, SPAN("{\"include_usage\":true}"));
    if (!json_object_read(&inner, r->stream_options))
        return false;
    usage = json_object_find(&inner, "include_usage");
    if (usage != NULL)
        return splice_add(out, (size_t)(usage->value.ptr - r->body.ptr), usage->value.len,
                          SPAN("true"));
    return splice_add(out, options_at + inner.close_at, 0,
                      inner.count == 0 ? SPAN("\"include_usage\":true")
                                       : SPAN(",\"include_usage\":true"));
}

static struct span request_limit_name(const struct request *r, const struct request_edit *edit)
{
    if (r->api == API_RESPONSES)
        return SPAN("\"max_output_tokens\":");
    if (r->api == API_CHAT && edit->limit_is_completion_tokens)
        return SPAN("\"max_completion_tokens\":");
    return SPAN("\"max_tokens\":");
}

/* Lowers what allows more than the limit; adds a limit where there is none. */
static bool request_put_limit(const struct request *r, const struct request_edit *edit,
                              struct splice *out, struct fmt *put)
{
    size_t from = fmt_span(put).len;
    size_t number_at;
    struct span text;
    bool fits = true;

    if (!r->is_empty)
        fmt_char(put, ',');
    fmt_text(put, request_limit_name(r, edit));
    number_at = fmt_span(put).len;
    fmt_i64(put, edit->output_limit_tokens);
    if (!fmt_ok(put))
        return false;
    text = fmt_span(put);
    if (r->max_output_tokens == 0)
        return splice_add(out, r->insert_at, 0, span_part(text, from, text.len));
    for (size_t i = 0; i < REQUEST_LIMITS && fits; i++) {
        int64_t value;

        if (r->limit_values[i].len == 0 || !json_value_i64(r->limit_values[i], &value) ||
            value <= edit->output_limit_tokens)
            continue;
        fits = splice_add(out, (size_t)(r->limit_values[i].ptr - r->body.ptr),
                          r->limit_values[i].len, span_part(text, number_at, text.len));
    }
    return fits;
}

static bool request_put_stream(const struct request *r, struct splice *out)
{
    if (r->stream_value.len > 0)
        return splice_add(out, (size_t)(r->stream_value.ptr - r->body.ptr), r->stream_value.len,
                          SPAN("true"));
    return splice_add(out, r->insert_at, 0, SPAN(",\"stream\":true"));
}

/* The prompt's last text of a kind: what stands in front of it, a vendor may have cached. */
static bool request_put_hint(const struct request *r, const char *hint, struct splice *out,
                             struct fmt *put)
{
    size_t from = fmt_span(put).len;
    const struct message_text *t;
    struct messages m;

    messages_read(&m, r->api, r->body);
    t = messages_last(&m, ROLE_SYSTEM);
    if (t == NULL)
        t = messages_last(&m, ROLE_USER);
    if (t == NULL)
        return true;
    fmt_str(put, "\\n\\n");
    json_escape(put, span_str(hint));
    return fmt_ok(put) && splice_add(out, (size_t)(t->value.ptr - r->body.ptr) + t->value.len - 1,
                                     0, span_part(fmt_span(put), from, put->cap_bytes));
}

bool request_rewrite(const struct request *r, const struct request_edit *edit, struct splice *out,
                     struct fmt *put)
{
    bool streams_usage = r->api == API_CHAT || r->api == API_COMPLETIONS;

    splice_start(out, r->body);
    if (!request_put_model(r, edit->model_id, out, put))
        return false;
    if (edit->output_limit_tokens > 0 && !request_put_limit(r, edit, out, put))
        return false;
    if (edit->hint != NULL && (r->api == API_CHAT || r->api == API_MESSAGES) &&
        !request_put_hint(r, edit->hint, out, put))
        return false;
    if (edit->logprobs && !splice_add(out, r->insert_at, 0, SPAN(",\"logprobs\":true")))
        return false;
    if (edit->stream && !r->stream && !request_put_stream(r, out))
        return false;
    if (edit->ask_usage && streams_usage && (r->stream || edit->stream) && !r->include_usage)
        return request_put_usage(r, out);
    return true;
}
