#include "llm/answer.h"

#include <string.h>

#include "llm/tokens.h"

/* One table for all APIs: paths that an API does not have just never match. */
enum {
    AT_USAGE,
    AT_RESPONSE_USAGE, /* Responses: in response.completed */
    AT_MESSAGE_USAGE,  /* Messages: in message_start */
    AT_TYPE,
    AT_MODEL,
    AT_CHOICES,
    AT_FINISH,
    AT_ERROR,
    AT_TEXT_FIRST,
};

static const struct json_pick_path paths[] = {
    [AT_USAGE] = {"usage", PICK_RAW},
    [AT_RESPONSE_USAGE] = {"response.usage", PICK_RAW},
    [AT_MESSAGE_USAGE] = {"message.usage", PICK_RAW},
    [AT_TYPE] = {"type", PICK_TEXT},
    [AT_MODEL] = {"model", PICK_TEXT},
    [AT_CHOICES] = {"choices", PICK_SIZE},
    [AT_FINISH] = {"choices.*.finish_reason", PICK_TEXT},
    [AT_ERROR] = {"error", PICK_SIZE},
    [AT_TEXT_FIRST] = {"choices.*.delta", PICK_SIZE}, /* content, reasoning, tool calls */
    {"choices.*.message", PICK_SIZE},
    {"choices.*.text", PICK_SIZE},
    {"delta", PICK_SIZE},   /* Responses: a string; Messages: an object with one */
    {"content", PICK_SIZE}, /* Messages, not streaming */
    {"output", PICK_SIZE},  /* Responses, not streaming */
};

enum { PATH_COUNT = sizeof(paths) / sizeof(paths[0]) };
_Static_assert((int)PATH_COUNT <= (int)ANSWER_PICKS, "a result for each path");

static void answer_give(struct answer *a, size_t path, char *data, size_t bytes)
{
    a->picked[path].data = data;
    a->picked[path].cap_bytes = bytes;
}

static void answer_hear(void *ctx, struct span decoded)
{
    struct answer *a = ctx;

    token_counter_feed(&a->text, decoded);
}

static void answer_again(struct answer *a)
{
    json_pick_again(&a->pick);
    a->done_len = 0;
    a->event_bytes = 0;
}

void answer_start(struct answer *a, const struct request *r, bool withhold_usage)
{
    memset(a, 0, sizeof(*a));
    a->api = r->api;
    a->stream = r->stream;
    a->withhold_usage = withhold_usage && (r->api == API_CHAT || r->api == API_COMPLETIONS);
    answer_give(a, AT_USAGE, a->usage_json, sizeof(a->usage_json));
    answer_give(a, AT_RESPONSE_USAGE, a->usage_json, sizeof(a->usage_json));
    answer_give(a, AT_MESSAGE_USAGE, a->usage_json, sizeof(a->usage_json));
    answer_give(a, AT_TYPE, a->small[0], sizeof(a->small[0]));
    answer_give(a, AT_MODEL, a->small[1], sizeof(a->small[1]));
    answer_give(a, AT_FINISH, a->small[2], sizeof(a->small[2]));
    for (size_t i = AT_TEXT_FIRST; i < PATH_COUNT; i++) {
        a->picked[i].hear = answer_hear;
        a->picked[i].ctx = a;
    }
    token_counter_start(&a->text);
    json_pick_start(&a->pick, paths, a->picked, PATH_COUNT);
}

static void answer_learn_usage(struct answer *a)
{
    static const int places[] = {AT_USAGE, AT_RESPONSE_USAGE, AT_MESSAGE_USAGE};
    enum usage_dialect dialect = api_is_anthropic(a->api) ? USAGE_ANTHROPIC : USAGE_OPENAI;

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        const struct json_picked *p = &a->picked[places[i]];

        if (p->value_kind == JSON_OBJECT && !p->cut &&
            usage_read(&a->usage, dialect, json_picked_span(p)))
            a->usage_begun = places[i] == AT_MESSAGE_USAGE;
    }
}

static void answer_learn_finish(struct answer *a, struct span reason)
{
    bool tools = span_equal(reason, SPAN("tool_calls")) || span_equal(reason, SPAN("tool_use")) ||
                 span_equal(reason, SPAN("function_call"));

    a->finish_seen = true;
    a->finish_tools += tools;
    if (tools || span_equal(reason, SPAN("stop")) || span_equal(reason, SPAN("end_turn")) ||
        span_equal(reason, SPAN("stop_sequence")))
        a->finish_stop++;
    else
        a->finish_other++;
}

/* What one JSON text, an event's data or a whole body, has told. */
static void answer_learn(struct answer *a)
{
    const struct json_picked *model = &a->picked[AT_MODEL];

    answer_learn_usage(a);
    if (a->picked[AT_FINISH].value_kind == JSON_STRING)
        answer_learn_finish(a, json_picked_span(&a->picked[AT_FINISH]));
    if (a->picked[AT_ERROR].value_kind == JSON_OBJECT)
        a->end = ANSWER_ERROR;
    if (model->value_kind == JSON_STRING && model->len < sizeof(a->model)) {
        memcpy(a->model, model->data, model->len);
        a->model[model->len] = '\0';
    }
}

void answer_feed(struct answer *a, struct span payload)
{
    if (!a->bad_json && json_pick_feed(&a->pick, payload) == PARSE_BAD)
        a->bad_json = true;
}

void answer_finish(struct answer *a)
{
    if (json_pick_finish(&a->pick) != PARSE_DONE)
        a->bad_json = true;
    answer_learn(a);
    if (a->end == ANSWER_RUNNING && !a->bad_json)
        a->end = ANSWER_WHOLE;
}

void answer_event_data(struct answer *a, struct span data)
{
    for (size_t i = 0; i < data.len && a->done_len < sizeof(a->done_text); i++)
        a->done_text[a->done_len++] = data.ptr[i];
    a->event_bytes += data.len;
    if (!a->event_bad && json_pick_feed(&a->pick, data) == PARSE_BAD)
        a->event_bad = true;
}

static bool answer_event_is_last(const struct answer *a)
{
    struct span type = json_picked_span(&a->picked[AT_TYPE]);

    return span_equal(type, SPAN("message_stop")) || span_equal(type, SPAN("response.completed")) ||
           span_equal(type, SPAN("response.incomplete"));
}

static enum answer_verdict answer_event_learn(struct answer *a)
{
    const struct json_picked *choices = &a->picked[AT_CHOICES];
    bool has_usage = a->picked[AT_USAGE].value_kind == JSON_OBJECT;
    bool no_choice = choices->value_kind == JSON_NONE || choices->elements == 0;

    answer_learn(a);
    if (a->end == ANSWER_RUNNING && answer_event_is_last(a))
        a->end = ANSWER_WHOLE;
    return a->withhold_usage && has_usage && no_choice ? ANSWER_WITHHOLD : ANSWER_RELAY;
}

enum answer_verdict answer_event_end(struct answer *a, struct span event_name)
{
    enum answer_verdict verdict = ANSWER_RELAY;
    bool done = span_equal(span_of(a->done_text, a->done_len), SPAN("[DONE]"));

    (void)event_name;
    a->events += a->event_bytes > 0;
    if (done && a->event_bytes == 6)
        a->end = a->end == ANSWER_RUNNING ? ANSWER_WHOLE : a->end;
    else if (!a->event_bad && a->event_bytes > 0 && json_pick_finish(&a->pick) == PARSE_DONE)
        verdict = answer_event_learn(a);
    a->event_bad = false;
    answer_again(a);
    return verdict;
}

int64_t answer_output_estimate(const struct answer *a)
{
    return token_counter_estimate(&a->text);
}

bool answer_knows_usage(const struct answer *a)
{
    return a->usage.known && !a->usage_begun;
}

struct usage answer_usage(const struct answer *a, int64_t input_estimate, int64_t output_estimate)
{
    struct usage u = a->usage;

    if (answer_knows_usage(a))
        return u;
    u.estimated = true;
    if (u.input == 0)
        u.input = input_estimate;
    if (u.output < output_estimate)
        u.output = output_estimate;
    return u;
}
