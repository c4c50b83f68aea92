#include "llm/reply.h"

#include "base/check.h"
#include "json/walk.h"

/* What vendors call each end. */
static const char *const reasons[] = {
    [REPLY_RUNNING] = "in_progress queued",
    [REPLY_STOP] = "stop end_turn stop_sequence completed",
    [REPLY_LENGTH] = "length max_tokens incomplete model_context_window_exceeded",
    [REPLY_TOOLS] = "tool_calls tool_use function_call",
    [REPLY_FILTER] = "content_filter refusal",
};

void reply_start(struct reply *r, enum api api, char *text, size_t text_bytes_max)
{
    *r = (struct reply){.api = api, .text = text, .text_bytes_max = text_bytes_max};
}

struct span reply_text(const struct reply *r)
{
    return span_of(r->text, r->text_len);
}

static void reply_add(struct reply *r, struct span value)
{
    if (!r->cut)
        r->text_len += json_walk_decode(value, r->text + r->text_len,
                                        r->text_bytes_max - r->text_len, &r->cut);
}

static void reply_end(struct reply *r, struct span reason)
{
    struct span name = json_walk_inside(reason);

    if (name.len == 0)
        return;
    r->finish = REPLY_OTHER;
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
        if (json_walk_which(name, reasons[i]) >= 0)
            r->finish = (enum reply_finish)i;
}

static bool is_filled(struct span container)
{
    struct json_walk w;
    struct span name;
    struct span value;

    return json_walk_start(&w, container) && json_walk_next(&w, &name, &value);
}

bool reply_is_usage_event(struct span data)
{
    struct span choices = json_walk_get(data, "choices");

    return json_walk_kind(json_walk_get(data, "usage")) == JSON_OBJECT &&
           (choices.len == 0 || !is_filled(choices));
}

static void reply_usage(struct reply *r, struct span holder)
{
    struct span usage = json_walk_get(holder, "usage");

    if (json_walk_kind(usage) == JSON_OBJECT)
        (void)usage_read(&r->usage, api_is_anthropic(r->api) ? USAGE_ANTHROPIC : USAGE_OPENAI,
                         usage);
}

/* A part of a content, a block, or what a delta adds to one. */
static void reply_part(struct reply *r, struct span part)
{
    reply_add(r, json_walk_get(part, "text"));
    if (json_walk_text(part, "refusal").len > 0)
        r->has_refusal = true;
    if (json_walk_is(json_walk_get(part, "type"), "\"tool_use\""))
        r->has_tools = true;
}

/* A text, or an array of parts. */
static void reply_content(struct reply *r, struct span content)
{
    struct json_walk w;
    struct span name;
    struct span part;

    reply_add(r, content);
    if (json_walk_start(&w, content) && !w.is_object)
        while (json_walk_next(&w, &name, &part))
            reply_part(r, part);
}

static void reply_choice(struct reply *r, struct span choice)
{
    struct span message = json_walk_get(choice, "message");

    if (message.len == 0)
        message = json_walk_get(choice, "delta");
    r->found = true;
    reply_content(r, json_walk_get(message, "content"));
    reply_add(r, json_walk_get(choice, "text"));
    if (is_filled(json_walk_get(message, "tool_calls")) ||
        is_filled(json_walk_get(message, "function_call")))
        r->has_tools = true;
    if (json_walk_text(message, "refusal").len > 0)
        r->has_refusal = true;
    reply_end(r, json_walk_get(choice, "finish_reason"));
}

static void reply_choices(struct reply *r, struct span data)
{
    struct json_walk w;
    struct span name;
    struct span choice;

    if (json_walk_start(&w, json_walk_get(data, "choices")) && !w.is_object)
        while (json_walk_next(&w, &name, &choice)) {
            struct span index = json_walk_get(choice, "index");

            if (index.len == 0 || json_walk_is(index, "0"))
                reply_choice(r, choice);
        }
    reply_usage(r, data);
}

/* A body and the events of a stream have their members at different places, but none in two. */
static void reply_message(struct reply *r, struct span data)
{
    struct span message = json_walk_get(data, "message");
    struct span delta = json_walk_get(data, "delta");

    if (message.len > 0 || json_walk_get(data, "content").len > 0)
        r->found = true;
    reply_content(r, json_walk_get(data, "content"));
    reply_part(r, json_walk_get(data, "content_block"));
    reply_part(r, delta);
    reply_end(r, json_walk_get(data, "stop_reason"));
    reply_end(r, json_walk_get(delta, "stop_reason"));
    reply_usage(r, message);
    reply_usage(r, data);
}

static void reply_response(struct reply *r, struct span response)
{
    struct span details = json_walk_get(response, "incomplete_details");
    bool told = r->text_len > 0; /* by events before */
    struct json_walk w;
    struct span name;
    struct span item;

    if (json_walk_start(&w, json_walk_get(response, "output")) && !w.is_object)
        while (json_walk_next(&w, &name, &item)) {
            r->found = true;
            if (!told && json_walk_is(json_walk_get(item, "type"), "\"message\""))
                reply_content(r, json_walk_get(item, "content"));
            if (json_walk_get(item, "call_id").len > 0)
                r->has_tools = true;
        }
    reply_end(r, json_walk_get(response, "status"));
    if (json_walk_is(json_walk_get(details, "reason"), "\"content_filter\""))
        r->finish = REPLY_FILTER;
    if (r->has_tools && r->finish == REPLY_STOP)
        r->finish = REPLY_TOOLS;
    reply_usage(r, response);
}

static void reply_response_event(struct reply *r, struct span data)
{
    struct span type = json_walk_text(data, "type");
    struct span response = json_walk_get(data, "response");

    if (json_walk_is(type, "response.output_text.delta"))
        reply_add(r, json_walk_get(data, "delta"));
    else if (json_walk_is(type, "response.refusal.delta"))
        r->has_refusal = true;
    else if (response.len > 0)
        reply_response(r, response);
}

void reply_event(struct reply *r, struct span data)
{
    if (r->api == API_MESSAGES)
        reply_message(r, data);
    else if (r->api == API_RESPONSES)
        reply_response_event(r, data);
    else
        reply_choices(r, data);
}

void reply_body(struct reply *r, struct span body)
{
    if (r->api == API_RESPONSES)
        reply_response(r, body);
    else
        reply_event(r, body);
}

bool reply_recording(struct reply *r, struct span recording, struct recording_reader *scratch)
{
    enum recording_result result;
    struct recording_piece piece;

    recording_read(scratch);
    for (;;) {
        /* An event's texts are no longer than the event: they do not reach the second half. */
        size_t half = (r->text_bytes_max - r->text_len) / 2;

        result = recording_next_event(scratch, recording, r->text + r->text_bytes_max - half, half,
                                      &piece);
        if (result != RECORDING_PIECE)
            return result == RECORDING_END;
        if (recording.ptr[0] == RECORDING_BODY)
            reply_body(r, piece.data);
        else if (piece.last)
            reply_event(r, piece.data);
    }
}
