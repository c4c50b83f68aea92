#include "llm/ending.h"

#include "base/check.h"
#include "json/walk.h"
#include "json/write.h"

void ending_start(struct ending *e, enum api api)
{
    *e = (struct ending){.api = api, .sequence = -1};
}

/* ---- what was relayed ---- */

/* What every event of the answer says of the whole. */
static void ending_head(struct ending *e, struct span holder)
{
    static const char names[][20] = {"id",    "created",      "created_at",
                                     "model", "service_tier", "system_fingerprint"};
    struct fmt f;

    if (e->head_len > 0)
        return;
    fmt_init(&f, e->head, sizeof(e->head));
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct span value = json_walk_get(holder, names[i]);

        /* What does not fit is left out: an end with less is still an end. */
        if (value.len == 0 || f.len + value.len + sizeof(names[i]) + 4 > sizeof(e->head))
            continue;
        fmt_str(&f, ",\"");
        fmt_str(&f, names[i]);
        fmt_str(&f, "\":");
        fmt_text(&f, value);
    }
    e->head_len = f.len;
}

static void ending_choices(struct ending *e, struct span data)
{
    struct json_walk w;
    struct span name;
    struct span choice;

    if (!json_walk_start(&w, json_walk_get(data, "choices")))
        return;
    ending_head(e, data);
    e->begun = true;
    e->usage_told = json_walk_kind(json_walk_get(data, "usage")) == JSON_OBJECT;
    while (json_walk_next(&w, &name, &choice)) {
        int64_t index = 0;

        e->usage_told = false;
        (void)json_value_i64(json_walk_get(choice, "index"), &index);
        if (index < 0 || index >= ENDING_CHOICES_MAX)
            continue;
        e->choices |= UINT32_C(1) << index;
        if (json_walk_inside(json_walk_get(choice, "finish_reason")).len > 0)
            e->finished |= UINT32_C(1) << index;
    }
}

static void ending_message(struct ending *e, struct span type, struct span data)
{
    if (json_walk_is(type, "message_start"))
        e->begun = true;
    else if (json_walk_is(type, "content_block_start"))
        e->block_open = json_value_i64(json_walk_get(data, "index"), &e->block);
    else if (json_walk_is(type, "content_block_stop"))
        e->block_open = false;
    else if (json_walk_is(type, "message_delta"))
        e->reason_told = true;
}

static void ending_response(struct ending *e, struct span type, struct span data)
{
    struct span response = json_walk_get(data, "response");
    struct span item = json_walk_get(data, "item_id");
    struct fmt f;

    (void)json_value_i64(json_walk_get(data, "sequence_number"), &e->sequence);
    if (response.len > 0) {
        ending_head(e, response);
        e->begun = true;
    }
    if (json_walk_is(type, "response.output_text.delta") && item.len <= sizeof(e->item)) {
        fmt_init(&f, e->item, sizeof(e->item));
        fmt_text(&f, item);
        e->item_len = item.len;
    }
}

void ending_event(struct ending *e, struct span data)
{
    struct span type = json_walk_inside(json_walk_get(data, "type"));

    if (json_walk_is(data, "[DONE]") || json_walk_is(type, "message_stop") ||
        json_walk_is(type, "response.completed") || json_walk_is(type, "response.incomplete") ||
        json_walk_is(type, "response.failed"))
        e->ended = true;
    else if (e->api == API_MESSAGES)
        ending_message(e, type, data);
    else if (e->api == API_RESPONSES)
        ending_response(e, type, data);
    else
        ending_choices(e, data);
}

/* ---- the end ---- */

static void count(struct fmt *out, const char *before, int64_t value)
{
    fmt_str(out, before);
    fmt_i64(out, value);
}

static void write_usage(struct fmt *out, const struct usage *u, bool is_response)
{
    const char *parts = is_response ? "put_tokens_details\":{\"" : "_tokens_details\":{\"";

    count(out, is_response ? "{\"input_tokens\":" : "{\"prompt_tokens\":", u->input);
    count(out, is_response ? ",\"output_tokens\":" : ",\"completion_tokens\":", u->output);
    count(out, ",\"total_tokens\":", u->input + u->output);
    fmt_str(out, is_response ? ",\"in" : ",\"prompt");
    fmt_str(out, parts);
    count(out, "cached_tokens\":", u->cached);
    fmt_str(out, is_response ? "},\"out" : "},\"completion");
    fmt_str(out, parts);
    count(out, "reasoning_tokens\":", u->reasoning);
    fmt_str(out, "}}");
}

static void chunk_open(const struct ending *e, struct fmt *out)
{
    fmt_str(out, e->api == API_CHAT ? "data: {\"object\":\"chat.completion.chunk\""
                                    : "data: {\"object\":\"text_completion\"");
    fmt_text(out, span_of(e->head, e->head_len));
    fmt_str(out, ",\"choices\":[");
}

static void write_choices(const struct ending *e, const struct ending_last_words *words,
                          struct fmt *out)
{
    for (unsigned i = 0; i < ENDING_CHOICES_MAX; i++) {
        if ((e->choices & ~e->finished & UINT32_C(1) << i) == 0)
            continue;
        chunk_open(e, out);
        count(out, "{\"index\":", i);
        fmt_str(out, e->api == API_CHAT ? ",\"delta\":{}" : ",\"text\":\"\"");
        fmt_str(out, ",\"logprobs\":null,\"finish_reason\":\"");
        fmt_str(out, words->reason == ENDING_STOP ? "stop" : "length");
        fmt_str(out, "\"}]}\n\n");
    }
    if (words->include_usage && !e->usage_told) {
        chunk_open(e, out);
        fmt_str(out, "],\"usage\":");
        write_usage(out, &words->usage, false);
        fmt_str(out, "}\n\n");
    }
    fmt_str(out, "data: [DONE]\n\n");
}

static void write_message(const struct ending *e, const struct ending_last_words *words,
                          struct fmt *out)
{
    if (e->block_open) {
        count(out, "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":",
              e->block);
        fmt_str(out, "}\n\n");
    }
    if (!e->reason_told) {
        fmt_str(out, "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{"
                     "\"stop_reason\":\"");
        fmt_str(out, words->reason == ENDING_STOP ? "end_turn" : "max_tokens");
        count(out, "\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":", words->usage.output);
        fmt_str(out, "}}\n\n");
    }
    fmt_str(out, "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
}

static void write_response(const struct ending *e, const struct ending_last_words *words,
                           struct fmt *out)
{
    bool is_stop = words->reason == ENDING_STOP;
    const char *status = is_stop ? "completed" : "incomplete";

    fmt_str(out, "event: response.");
    fmt_str(out, status);
    fmt_str(out, "\ndata: {\"type\":\"response.");
    fmt_str(out, status);
    count(out, "\",\"sequence_number\":", e->sequence + 1);
    fmt_str(out, ",\"response\":{\"object\":\"response\"");
    fmt_text(out, span_of(e->head, e->head_len));
    fmt_str(out, ",\"status\":\"");
    fmt_str(out, status);
    fmt_str(out, is_stop ? "\",\"incomplete_details\":null"
                         : "\",\"incomplete_details\":{\"reason\":\"max_output_tokens\"}");
    fmt_str(out, ",\"error\":null,\"output\":[");
    if (e->item_len > 0) {
        fmt_str(out, "{\"type\":\"message\",\"id\":");
        fmt_text(out, span_of(e->item, e->item_len));
        fmt_str(out, ",\"status\":\"");
        fmt_str(out, status);
        fmt_str(out, "\",\"role\":\"assistant\",\"content\":[{\"type\":\"output_text\","
                     "\"annotations\":[],\"text\":\"");
        json_escape(out, words->text);
        fmt_str(out, "\"}]}");
    }
    fmt_str(out, "],\"usage\":");
    write_usage(out, &words->usage, true);
    fmt_str(out, "}}\n\n");
}

bool ending_write(const struct ending *e, const struct ending_last_words *words, struct fmt *out)
{
    if (e->ended)
        return true;
    if (!e->begun)
        return false;
    if (e->api == API_MESSAGES)
        write_message(e, words, out);
    else if (e->api == API_RESPONSES)
        write_response(e, words, out);
    else
        write_choices(e, words, out);
    return true;
}
