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
        if (json_walk_text(choice, "finish_reason").len > 0)
            e->finished |= UINT32_C(1) << index;
    }
}

/* In the order in which they are asked for. */
enum { MESSAGE_START, BLOCK_START, BLOCK_STOP, MESSAGE_DELTA };

static void ending_message(struct ending *e, struct span type, struct span data)
{
    switch (json_walk_which(type,
                            "message_start content_block_start content_block_stop message_delta")) {
    case MESSAGE_START:
        e->begun = true;
        break;
    case BLOCK_START:
        e->block_open = json_value_i64(json_walk_get(data, "index"), &e->block);
        break;
    case BLOCK_STOP:
        e->block_open = false;
        break;
    case MESSAGE_DELTA:
        e->reason_told = true;
        break;
    default:
        break;
    }
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
    struct span type = json_walk_text(data, "type");

    if (json_walk_is(data, "[DONE]") ||
        json_walk_which(type, "message_stop response.completed response.incomplete "
                              "response.failed") >= 0)
        e->ended = true;
    else if (e->api == API_MESSAGES)
        ending_message(e, type, data);
    else if (e->api == API_RESPONSES)
        ending_response(e, type, data);
    else
        ending_choices(e, data);
}

/* ---- the end ---- */

/* What the letters of a template stand for. */
struct say {
    const struct ending *e;
    const struct ending_last_words *words;
    const char *reason; /* ^ */
    int64_t
        numbers[6]; /* digits: input, output, total, cached, reasoning; then as the text needs */
};

enum { SAY_INPUT, SAY_OUTPUT, SAY_TOTAL, SAY_CACHED, SAY_REASONING, SAY_OTHER };

/* ' is a quote, @ the head, & the item's id, * the text, ^ the reason, a digit one of the numbers.
 */
static void say(const struct say *s, struct fmt *out, const char *template)
{
    for (; *template != '\0'; template ++) {
        char c = *template;

        if (c >= '0' && c <= '0' + SAY_OTHER)
            fmt_i64(out, s->numbers[c - '0']);
        else if (c == '@')
            fmt_text(out, span_of(s->e->head, s->e->head_len));
        else if (c == '&')
            fmt_text(out, span_of(s->e->item, s->e->item_len));
        else if (c == '*')
            json_escape(out, s->words->text);
        else if (c == '^')
            fmt_str(out, s->reason);
        else
            fmt_char(out, c == '\'' ? '"' : c);
    }
}

static void write_choices(struct say *s, struct fmt *out)
{
    const struct ending *e = s->e;
    bool is_chat = e->api == API_CHAT;
    const char *open = is_chat ? "data: {'object':'chat.completion.chunk'@,'choices':["
                               : "data: {'object':'text_completion'@,'choices':[";

    s->reason = s->words->reason == ENDING_STOP ? "stop" : "length";
    for (unsigned i = 0; i < ENDING_CHOICES_MAX; i++) {
        if ((e->choices & ~e->finished & UINT32_C(1) << i) == 0)
            continue;
        s->numbers[SAY_OTHER] = i;
        say(s, out, open);
        say(s, out, is_chat ? "{'index':5,'delta':{}" : "{'index':5,'text':''");
        say(s, out, ",'logprobs':null,'finish_reason':'^'}]}\n\n");
    }
    if (s->words->include_usage && !e->usage_told) {
        say(s, out, open);
        say(s, out,
            "],'usage':{'prompt_tokens':0,'completion_tokens':1,'total_tokens':2,"
            "'prompt_tokens_details':{'cached_tokens':3},"
            "'completion_tokens_details':{'reasoning_tokens':4}}}\n\n");
    }
    fmt_str(out, "data: [DONE]\n\n");
}

static void write_message(struct say *s, struct fmt *out)
{
    s->reason = s->words->reason == ENDING_STOP ? "end_turn" : "max_tokens";
    s->numbers[SAY_OTHER] = s->e->block;
    if (s->e->block_open)
        say(s, out, "event: content_block_stop\ndata: {'type':'content_block_stop','index':5}\n\n");
    if (!s->e->reason_told)
        say(s, out,
            "event: message_delta\ndata: {'type':'message_delta','delta':{'stop_reason':'^',"
            "'stop_sequence':null},'usage':{'output_tokens':1}}\n\n");
    say(s, out, "event: message_stop\ndata: {'type':'message_stop'}\n\n");
}

static void write_response(struct say *s, struct fmt *out)
{
    bool is_stop = s->words->reason == ENDING_STOP;

    s->reason = is_stop ? "completed" : "incomplete";
    s->numbers[SAY_OTHER] = s->e->sequence + 1;
    say(s, out,
        "event: response.^\ndata: {'type':'response.^','sequence_number':5,'response':{"
        "'object':'response'@,'status':'^','error':null,'incomplete_details':");
    say(s, out, is_stop ? "null,'output':[" : "{'reason':'max_output_tokens'},'output':[");
    if (s->e->item_len > 0)
        say(s, out,
            "{'type':'message','id':&,'status':'^','role':'assistant','content':[{"
            "'type':'output_text','annotations':[],'text':'*'}]}");
    say(s, out,
        "],'usage':{'input_tokens':0,'output_tokens':1,'total_tokens':2,"
        "'input_tokens_details':{'cached_tokens':3},"
        "'output_tokens_details':{'reasoning_tokens':4}}}}\n\n");
}

bool ending_write(const struct ending *e, const struct ending_last_words *words, struct fmt *out)
{
    const struct usage *u = &words->usage;
    struct say s = {
        .e = e,
        .words = words,
        .numbers = {u->input, u->output, u->input + u->output, u->cached, u->reasoning},
    };

    if (e->ended)
        return true;
    if (!e->begun)
        return false;
    if (e->api == API_MESSAGES)
        write_message(&s, out);
    else if (e->api == API_RESPONSES)
        write_response(&s, out);
    else
        write_choices(&s, out);
    return true;
}
