#include "llm/standin.h"
#include <string.h>

#include "http/emit.h"
#include "json/tree.h"
#include "json/write.h"

enum {
    STANDIN_PIECE_BYTES = 1024,
    STANDIN_EMBEDDING_SIZE = 16, /* values of +-1/4: the vector has length 1 */
    STANDIN_TREE_TOKENS = 256,
    STANDIN_INPUTS_MAX = 2048, /* what OpenAI takes in one batch */
};

static const char *const words[] = {
    "This ",    "is ",  "the ",  "stand-in ", "for ",    "a ",       "vendor: ", "it ",
    "speaks ",  "the ", "same ", "API, ",     "costs ",  "nothing ", "and ",     "knows ",
    "nothing ", "but ", "how ",  "to ",       "answer ", "in ",      "good ",    "order. ",
};

static const char *const unsure_words[] = {"I'm ",   "sorry, ", "but ",  "I ",
                                           "can't ", "help ",   "with ", "that. "};

/* ---- the request ---- */

static void standin_tool(struct standin *s, struct span tools)
{
    struct json_token tokens[STANDIN_TREE_TOKENS];
    int next[STANDIN_TREE_TOKENS];
    struct json_tree t;
    size_t len = 0;
    int function;

    if (json_tree_read(&t, tools, tokens, next, STANDIN_TREE_TOKENS) != JSON_TREE_OK)
        return;
    function = json_tree_get(&t, json_tree_first(&t, 0), "function");
    if (json_tree_text(&t, json_tree_get(&t, function, "name"), s->tool, sizeof(s->tool) - 1, &len))
        s->tool[len] = '\0';
}

static int64_t standin_count_inputs(struct span input)
{
    unsigned depth = 0;
    int64_t count = 1;
    bool in_string = false;

    if (input.len == 0 || input.ptr[0] != '[')
        return 1;
    if (input.len > 1 && input.ptr[1] != '"' && input.ptr[1] != '[' && input.ptr[1] != ' ')
        return 1; /* one input, as tokens */
    for (size_t i = 0; i < input.len; i++) {
        char c = input.ptr[i];

        if (in_string && c == '\\')
            i++;
        else if (c == '"')
            in_string = !in_string;
        else if (!in_string && c == '[')
            depth++;
        else if (!in_string && c == ']')
            depth--;
        else if (!in_string && c == ',' && depth == 1)
            count++;
    }
    return count < STANDIN_INPUTS_MAX ? count : STANDIN_INPUTS_MAX;
}

static void standin_shape(struct standin *s, const struct request *r, struct span body,
                          struct json_object *scratch)
{
    const struct json_member *m;

    s->stream = r->stream && s->api != API_EMBEDDINGS && s->api != API_COUNT_TOKENS;
    s->include_usage = r->include_usage;
    s->input_tokens = (int64_t)(r->text_bytes / STANDIN_TOKEN_BYTES) + 1;
    if (r->max_output_tokens > 0 && r->max_output_tokens < s->output_tokens) {
        s->output_tokens = r->max_output_tokens;
        s->limited = true;
    }
    if (s->cached_tokens > s->input_tokens)
        s->cached_tokens = s->input_tokens;
    if (!json_object_read(scratch, body))
        return;
    m = json_object_find(scratch, "tools");
    if (m != NULL && s->api == API_CHAT)
        standin_tool(s, m->value);
    m = json_object_find(scratch, "response_format");
    s->json_output =
        m != NULL && s->api == API_CHAT && span_find(m->value, SPAN("json")) < m->value.len;
    m = json_object_find(scratch, "encoding_format");
    s->base64 = m != NULL && span_equal(m->value, SPAN("\"base64\""));
    m = json_object_find(scratch, "input");
    s->inputs = m != NULL ? standin_count_inputs(m->value) : 1;
    if (s->tool[0] != '\0' || s->json_output)
        s->output_tokens = 1;
    if (s->api == API_EMBEDDINGS)
        s->output_tokens = s->inputs;
    if (s->api == API_COUNT_TOKENS)
        s->output_tokens = 0;
}

static void standin_refuse(struct standin *s, int status)
{
    s->kind = STANDIN_REFUSAL;
    s->status = status;
    s->pieces = 1;
    s->stream = false;
}

void standin_start(struct standin *s, const struct http_head *head, struct span body,
                   struct json_object *scratch, int64_t now_ms)
{
    struct request r;

    memset(s, 0, sizeof(*s));
    s->piece = -1;
    s->cut_after = -1;
    s->due_ms = now_ms;
    s->keep_alive = head->keep_alive;
    s->output_tokens = STANDIN_TOKENS_DEFAULT;
    if (span_equal(head->path, SPAN("/v1/models")) && head->method == HTTP_GET) {
        s->kind = STANDIN_MODELS;
        s->pieces = 1;
        return;
    }
    if (head->method != HTTP_POST || !api_from_path(head->path, &s->api)) {
        standin_refuse(s, 404);
        return;
    }
    if (!request_read(&r, s->api, body, scratch)) {
        standin_refuse(s, 400);
        return;
    }
    memcpy(s->model, r.model, sizeof(s->model));
    s->seed = (uint64_t)r.text_bytes;
    standin_knobs(s, now_ms);
    if (s->unsure)
        s->output_tokens = (int64_t)(sizeof(unsure_words) / sizeof(unsure_words[0]));
    if (s->status != 0) {
        standin_refuse(s, s->status);
        return;
    }
    standin_shape(s, &r, body, scratch);
    s->pieces = s->output_tokens + 2; /* what stands before and behind the tokens */
}

/* ---- the pieces of a body ---- */

static const char *standin_word(const struct standin *s, int64_t token)
{
    if (s->json_output)
        return "{\\\"answer\\\":\\\"stand-in\\\"}";
    if (s->unsure)
        return unsure_words[(uint64_t)token % (sizeof(unsure_words) / sizeof(unsure_words[0]))];
    return words[(uint64_t)token % (sizeof(words) / sizeof(words[0]))];
}

static void standin_usage(const struct standin *s, struct fmt *f)
{
    bool new_names = s->api == API_RESPONSES || api_is_anthropic(s->api);
    int64_t output = s->api == API_EMBEDDINGS ? 0 : s->output_tokens;
    struct json_write w;

    json_write_start(&w, f);
    json_write_object(&w);
    json_write_key(&w, new_names ? "input_tokens" : "prompt_tokens");
    json_write_i64(&w,
                   api_is_anthropic(s->api) ? s->input_tokens - s->cached_tokens : s->input_tokens);
    if (api_is_anthropic(s->api)) {
        json_write_key(&w, "cache_read_input_tokens");
        json_write_i64(&w, s->cached_tokens);
    } else {
        json_write_key(&w, new_names ? "input_tokens_details" : "prompt_tokens_details");
        json_write_object(&w);
        json_write_key(&w, "cached_tokens");
        json_write_i64(&w, s->cached_tokens);
        json_write_object_end(&w);
    }
    if (s->api != API_EMBEDDINGS) {
        json_write_key(&w, new_names ? "output_tokens" : "completion_tokens");
        json_write_i64(&w, output);
    }
    if (!api_is_anthropic(s->api)) {
        json_write_key(&w, "total_tokens");
        json_write_i64(&w, s->input_tokens + output);
    }
    json_write_object_end(&w);
}

static const char *standin_finish(const struct standin *s)
{
    return s->tool[0] != '\0' ? "tool_calls" : s->limited ? "length" : "stop";
}

/* The part that all objects of a chat or completion begin with. */
static void standin_begin(const struct standin *s, const char *id, const char *object,
                          struct fmt *f)
{
    fmt_str(f, "{\"id\":\"");
    fmt_str(f, id);
    fmt_hex(f, s->seed, 8);
    fmt_str(f, "\",\"object\":\"");
    fmt_str(f, object);
    fmt_str(f, "\",\"created\":1700000000,\"model\":\"");
    json_escape(f, span_str(s->model));
    fmt_str(f, "\",");
}

static void standin_tool_call(const struct standin *s, struct fmt *f)
{
    fmt_str(f,
            "\"content\":null,\"tool_calls\":[{\"index\":0,\"id\":\"call_1\",\"type\":\"function\","
            "\"function\":{\"name\":\"");
    json_escape(f, span_str(s->tool));
    fmt_str(f, "\",\"arguments\":\"{}\"}}]");
}

static void standin_chat_whole(const struct standin *s, int64_t piece, struct fmt *f)
{
    bool chat = s->api == API_CHAT;

    if (piece == 0) {
        standin_begin(s, chat ? "chatcmpl-" : "cmpl-", chat ? "chat.completion" : "text_completion",
                      f);
        fmt_str(f, "\"choices\":[{\"index\":0,");
        fmt_str(f, chat ? "\"message\":{\"role\":\"assistant\"," : "\"text\":\"");
        if (chat && s->tool[0] == '\0')
            fmt_str(f, "\"content\":\"");
    } else if (piece <= s->output_tokens) {
        if (s->tool[0] != '\0')
            standin_tool_call(s, f);
        else
            fmt_str(f, standin_word(s, piece - 1));
    } else {
        fmt_str(f, s->tool[0] != '\0' ? "" : "\"");
        fmt_str(f, chat ? "}," : ",");
        fmt_str(f, "\"logprobs\":null,\"finish_reason\":\"");
        fmt_str(f, standin_finish(s));
        fmt_str(f, "\"}]");
        if (!s->no_usage) {
            fmt_str(f, ",\"usage\":");
            standin_usage(s, f);
        }
        fmt_char(f, '}');
    }
}

static void standin_chat_event(const struct standin *s, int64_t piece, struct fmt *f)
{
    bool chat = s->api == API_CHAT;
    bool last = piece > s->output_tokens;

    fmt_str(f, "data: ");
    standin_begin(s, chat ? "chatcmpl-" : "cmpl-",
                  chat ? "chat.completion.chunk" : "text_completion", f);
    fmt_str(f, "\"choices\":[{\"index\":0,");
    fmt_str(f, chat ? "\"delta\":{" : "\"text\":\"");
    if (piece == 0 && chat)
        fmt_str(f, "\"role\":\"assistant\",\"content\":\"\"");
    if (piece > 0 && !last && s->tool[0] != '\0') {
        standin_tool_call(s, f);
    } else if (piece > 0 && !last) {
        fmt_str(f, chat ? "\"content\":\"" : "");
        fmt_str(f, standin_word(s, piece - 1));
        fmt_str(f, chat ? "\"" : "");
    }
    fmt_str(f, chat ? "}," : "\",");
    fmt_str(f, "\"finish_reason\":");
    fmt_str(f, last ? "\"" : "null");
    fmt_str(f, last ? standin_finish(s) : "");
    fmt_str(f, last ? "\"}]}\n\n" : "}]}\n\n");
    if (!last)
        return;
    if (s->include_usage && !s->no_usage) {
        fmt_str(f, "data: ");
        standin_begin(s, "chatcmpl-", "chat.completion.chunk", f);
        fmt_str(f, "\"choices\":[],\"usage\":");
        standin_usage(s, f);
        fmt_str(f, "}\n\n");
    }
    fmt_str(f, "data: [DONE]\n\n");
}

static void standin_message(const struct standin *s, int64_t piece, struct fmt *f)
{
    if (s->api == API_COUNT_TOKENS) {
        if (piece == 0) {
            fmt_str(f, "{\"input_tokens\":");
            fmt_i64(f, s->input_tokens);
            fmt_char(f, '}');
        }
    } else if (piece == 0) {
        fmt_str(f, "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"");
        json_escape(f, span_str(s->model));
        fmt_str(f, "\",\"content\":[{\"type\":\"text\",\"text\":\"");
    } else if (piece <= s->output_tokens) {
        fmt_str(f, standin_word(s, piece - 1));
    } else {
        fmt_str(f, "\"}],\"stop_reason\":\"");
        fmt_str(f, s->limited ? "max_tokens" : "end_turn");
        fmt_str(f, "\",\"usage\":");
        standin_usage(s, f);
        fmt_char(f, '}');
    }
}

static void standin_message_event(const struct standin *s, int64_t piece, struct fmt *f)
{
    if (piece == 0) {
        fmt_str(
            f,
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\","
            "\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"model\":\"");
        json_escape(f, span_str(s->model));
        fmt_str(f, "\",\"usage\":{\"input_tokens\":");
        fmt_i64(f, s->input_tokens - s->cached_tokens);
        fmt_str(f, ",\"cache_read_input_tokens\":");
        fmt_i64(f, s->cached_tokens);
        fmt_str(f, ",\"output_tokens\":1}}}\n\nevent: content_block_start\ndata: "
                   "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":"
                   "\"text\",\"text\":\"\"}}\n\n");
    } else if (piece <= s->output_tokens) {
        fmt_str(f,
                "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
                "\"delta\":{\"type\":\"text_delta\",\"text\":\"");
        fmt_str(f, standin_word(s, piece - 1));
        fmt_str(f, "\"}}\n\n");
    } else {
        fmt_str(
            f, "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
               "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
               "\"end_turn\"},\"usage\":{\"output_tokens\":");
        fmt_i64(f, s->output_tokens);
        fmt_str(f, "}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
    }
}

static void standin_response_object(const struct standin *s, bool whole, struct fmt *f)
{
    fmt_str(f,
            "{\"id\":\"resp_1\",\"object\":\"response\",\"created_at\":1700000000,\"status\":\"");
    fmt_str(f, whole ? "completed" : "in_progress");
    fmt_str(f, "\",\"error\":null,\"model\":\"");
    json_escape(f, span_str(s->model));
    fmt_str(f, "\",");
}

static void standin_response(const struct standin *s, int64_t piece, struct fmt *f)
{
    if (piece == 0) {
        standin_response_object(s, true, f);
        fmt_str(f,
                "\"output\":[{\"type\":\"message\",\"id\":\"msg_1\",\"status\":\"completed\","
                "\"role\":\"assistant\",\"content\":[{\"type\":\"output_text\",\"annotations\":[],"
                "\"text\":\"");
    } else if (piece <= s->output_tokens) {
        fmt_str(f, standin_word(s, piece - 1));
    } else {
        fmt_str(f, "\"}]}],\"usage\":");
        standin_usage(s, f);
        fmt_char(f, '}');
    }
}

static void standin_response_event(const struct standin *s, int64_t piece, struct fmt *f)
{
    if (piece == 0 || piece > s->output_tokens) {
        const char *type = piece == 0 ? "response.created" : "response.completed";

        fmt_str(f, "event: ");
        fmt_str(f, type);
        fmt_str(f, "\ndata: {\"type\":\"");
        fmt_str(f, type);
        fmt_str(f, "\",\"response\":");
        standin_response_object(s, piece != 0, f);
        fmt_str(f, "\"output\":[],\"usage\":");
        if (piece == 0)
            fmt_str(f, "null");
        else
            standin_usage(s, f);
        fmt_str(f, "}}\n\n");
    } else {
        fmt_str(f,
                "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\","
                "\"item_id\":\"msg_1\",\"output_index\":0,\"content_index\":0,\"delta\":\"");
        fmt_str(f, standin_word(s, piece - 1));
        fmt_str(f, "\"}\n\n");
    }
}

/* A vector of +-0.25, from the bits of a hash of the input's place. */
static uint32_t standin_signs(const struct standin *s, int64_t input)
{
    uint64_t x = (s->seed + (uint64_t)input + 1) * UINT64_C(0x9e3779b97f4a7c15);

    return (uint32_t)(x >> 32);
}

/* 0.25 and -0.25 as IEEE 754 single precision, little-endian, in base64 as the SDKs ask for. */
static void standin_base64(uint32_t signs, struct fmt *f)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t bytes[4 * STANDIN_EMBEDDING_SIZE + 2] = {0};
    size_t len = 4 * STANDIN_EMBEDDING_SIZE;

    for (size_t i = 0; i < STANDIN_EMBEDDING_SIZE; i++) {
        bytes[4 * i + 2] = 0x80;
        bytes[4 * i + 3] = (uint8_t)(0x3e | (signs >> i & 1) << 7);
    }
    for (size_t i = 0; i < len; i += 3) {
        uint32_t group = (uint32_t)bytes[i] << 16 | (uint32_t)bytes[i + 1] << 8 | bytes[i + 2];

        fmt_char(f, alphabet[group >> 18 & 63]);
        fmt_char(f, alphabet[group >> 12 & 63]);
        fmt_char(f, i + 1 < len ? alphabet[group >> 6 & 63] : '=');
        fmt_char(f, i + 2 < len ? alphabet[group & 63] : '=');
    }
}

static void standin_embedding(const struct standin *s, int64_t piece, struct fmt *f)
{
    uint32_t signs = standin_signs(s, piece);

    if (piece == 0) {
        fmt_str(f, "{\"object\":\"list\",\"data\":[");
    } else if (piece <= s->inputs) {
        fmt_str(f, piece > 1 ? "," : "");
        fmt_str(f, "{\"object\":\"embedding\",\"index\":");
        fmt_i64(f, piece - 1);
        fmt_str(f, s->base64 ? ",\"embedding\":\"" : ",\"embedding\":[");
        for (size_t i = 0; i < STANDIN_EMBEDDING_SIZE && !s->base64; i++) {
            fmt_str(f, i > 0 ? "," : "");
            fmt_str(f, (signs >> i & 1) != 0 ? "-0.25" : "0.25");
        }
        if (s->base64)
            standin_base64(signs, f);
        fmt_str(f, s->base64 ? "\"}" : "]}");
    } else {
        fmt_str(f, "],\"model\":\"");
        json_escape(f, span_str(s->model));
        fmt_str(f, "\",\"usage\":");
        standin_usage(s, f);
        fmt_char(f, '}');
    }
}

static void standin_error(const struct standin *s, struct fmt *f)
{
    if (api_is_anthropic(s->api))
        fmt_str(f, "{\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"");
    else
        fmt_str(f, "{\"error\":{\"message\":\"");
    fmt_str(f, "The stand-in was asked to fail with ");
    fmt_i64(f, s->status);
    fmt_str(f, api_is_anthropic(s->api)
                   ? ".\"}}"
                   : ".\",\"type\":\"standin_error\",\"param\":null,\"code\":null}}");
}

static void standin_piece(const struct standin *s, int64_t piece, struct fmt *f)
{
    if (s->kind == STANDIN_REFUSAL)
        standin_error(s, f);
    else if (s->kind == STANDIN_MODELS)
        fmt_str(f, "{\"object\":\"list\",\"data\":[{\"id\":\"standin-small\",\"object\":\"model\","
                   "\"created\":1700000000,\"owned_by\":\"standin\"}]}");
    else if (s->api == API_EMBEDDINGS)
        standin_embedding(s, piece, f);
    else if (api_is_anthropic(s->api))
        (s->stream ? standin_message_event : standin_message)(s, piece, f);
    else if (s->api == API_RESPONSES)
        (s->stream ? standin_response_event : standin_response)(s, piece, f);
    else
        (s->stream ? standin_chat_event : standin_chat_whole)(s, piece, f);
}

/* ---- the response ---- */

static uint64_t standin_body_bytes(const struct standin *s)
{
    uint64_t bytes = 0;

    for (int64_t i = 0; i < s->pieces; i++) {
        char text[STANDIN_PIECE_BYTES];
        struct fmt f;

        fmt_init(&f, text, sizeof(text));
        standin_piece(s, i, &f);
        bytes += fmt_span(&f).len;
    }
    return bytes;
}

static void standin_head(const struct standin *s, struct fmt *out)
{
    struct emit e;

    emit_response(&e, out, s->status != 0 ? s->status : 200);
    emit_field(&e, "Content-Type",
               s->stream ? SPAN("text/event-stream") : SPAN("application/json"));
    emit_field(&e, "x-standin", SPAN("yes"));
    if (s->status == 429)
        emit_field(&e, "Retry-After", SPAN("1"));
    if (s->stream)
        emit_field(&e, "Transfer-Encoding", SPAN("chunked"));
    else
        emit_field_u64(&e, "Content-Length", standin_body_bytes(s));
    if (!s->keep_alive)
        emit_field(&e, "Connection", SPAN("close"));
    (void)emit_end(&e);
}

static enum standin_step standin_go_on(struct standin *s, int64_t now_ms)
{
    bool token = s->piece > 0 && s->piece <= s->output_tokens;

    if (s->piece == s->pieces)
        return STANDIN_DONE;
    if (token && s->gap_ms > 0) {
        s->due_ms = now_ms + s->gap_ms;
        return STANDIN_WAIT;
    }
    return STANDIN_MORE;
}

enum standin_step standin_next(struct standin *s, int64_t now_ms, struct fmt *out)
{
    char text[STANDIN_PIECE_BYTES];
    struct fmt f;

    if (s->hang)
        return STANDIN_HANG;
    if (now_ms < s->due_ms)
        return STANDIN_WAIT;
    if (s->garbage) {
        fmt_str(out, "this is not HTTP\r\n\r\n");
        return STANDIN_CLOSE;
    }
    if (s->piece < 0) {
        standin_head(s, out);
        s->piece = 0;
        return STANDIN_MORE;
    }
    if (s->cut_after >= 0 && s->piece > s->cut_after)
        return STANDIN_CLOSE;
    fmt_init(&f, text, sizeof(text));
    standin_piece(s, s->piece, &f);
    s->piece++;
    if (s->stream)
        (void)emit_chunk(out, fmt_span(&f));
    else
        fmt_text(out, fmt_span(&f));
    if (s->stream && s->piece == s->pieces)
        emit_chunk_last(out);
    return standin_go_on(s, now_ms);
}

int64_t standin_due_ms(const struct standin *s)
{
    return s->due_ms;
}
