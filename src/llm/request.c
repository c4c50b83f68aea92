#include "llm/request.h"

#include <string.h>

#include "base/check.h"
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
                          int64_t *out)
{
    const struct json_member *m = request_member(o, name);
    int64_t value;

    if (m == NULL)
        return true;
    if (m->kind != JSON_NUMBER || !json_value_i64(m->value, &value))
        return request_fail(r, REQUEST_ERR_TYPE, name);
    if (value < 1 || value > USAGE_TOKENS_MAX)
        return request_fail(r, REQUEST_ERR_RANGE, name);
    *out = value;
    return true;
}

static bool request_stream(struct request *r, const struct json_object *o,
                           struct json_object *inner)
{
    const struct json_member *stream = request_member(o, "stream");
    const struct json_member *options = json_object_find(o, "stream_options");
    const struct json_member *usage;

    if (stream != NULL && !json_value_bool(stream->value, &r->stream))
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

struct request_text {
    uint64_t bytes;
};

static void request_text_bytes(void *ctx, unsigned depth, struct span decoded)
{
    struct request_text *text = ctx;

    (void)depth;
    text->bytes += decoded.len;
}

/* All strings that are values: mostly the prompt. What is no text (numbers, names of members) is
 * not counted; the estimate is for calls that end without usage. */
static uint64_t request_count_text(struct span body)
{
    static const struct json_visitor visitor = {.string_bytes = request_text_bytes};
    struct request_text text = {0};
    struct json_scan scan;

    json_scan_start(&scan, &visitor, &text, false);
    (void)json_scan_feed(&scan, body);
    return text.bytes;
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
    if (!request_model(r, scratch) ||
        !request_count(r, scratch, "max_tokens", &r->max_output_tokens) ||
        !request_count(r, scratch, "max_output_tokens", &r->max_output_tokens) ||
        !request_count(r, scratch, "max_completion_tokens", &r->max_output_tokens) ||
        !request_count(r, scratch, "n", &r->choices))
        return false;
    r->insert_at = close_at;
    r->text_bytes = request_count_text(body);
    /* Last: it reads an inner object into the same scratch. */
    {
        const struct json_member *options = json_object_find(scratch, "stream_options");
        const struct json_member *stream = request_member(scratch, "stream");
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

bool request_rewrite(const struct request *r, const struct request_edit *edit, struct splice *out,
                     struct fmt *put)
{
    bool streams_usage = r->api == API_CHAT || r->api == API_COMPLETIONS;

    splice_start(out, r->body);
    if (!request_put_model(r, edit->model_id, out, put))
        return false;
    if (edit->ask_usage && streams_usage && r->stream && !r->include_usage)
        return request_put_usage(r, out);
    return true;
}
