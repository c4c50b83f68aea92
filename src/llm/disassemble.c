#include "llm/disassemble.h"

#include <string.h>

#include "base/check.h"
#include "json/write.h"

/* What comes next. Chat:  ITEM -> BEGIN -> MEMBERS (-> TEXT, TOOLS) -> LOGPROBS (-> ELEMENTS)
 *                              -> FINISH -> ITEM ... -> USAGE -> DONE
 *             Messages:  OPEN -> ITEM -> BEGIN -> MEMBERS (-> TEXT, CITATIONS) -> FINISH -> ITEM
 * ...
 *                              -> USAGE (message_delta) -> DONE (message_stop) */
enum step {
    STEP_OPEN,
    STEP_ITEM,
    STEP_BEGIN,
    STEP_MEMBERS,
    STEP_TEXT,
    STEP_TOOLS,
    STEP_CITATIONS,
    STEP_LOGPROBS,
    STEP_ELEMENTS,
    STEP_FINISH,
    STEP_USAGE,
    STEP_DONE,
    STEP_END,
};

/* What a text is part of, and so what its events look like. */
enum text_kind {
    TEXT_MEMBER,    /* of a delta */
    TEXT_CHOICE,    /* completions */
    TEXT_ARGUMENTS, /* of a tool call */
    TEXT_CALL,      /* of a function_call */
    TEXT_BLOCK,
    TEXT_INPUT, /* JSON that is told as text */
};

/* Members that are told otherwise than as they stand: by what is behind the '=', or elsewhere. */
enum place { AT_TOP, AT_MESSAGE, AT_CHOICE, AT_TOOL, AT_FUNCTION, AT_BLOCK, AT_PLACES };

static const char *const others[AT_PLACES] = {
    [AT_TOP] = "object id created model system_fingerprint service_tier choices usage",
    [AT_MESSAGE] = "content=[] stop_reason=null stop_sequence=null",
    [AT_CHOICE] = "index message text logprobs",
    [AT_TOOL] = "index function",
    [AT_FUNCTION] = "arguments=\"\"",
    [AT_BLOCK] = "text=\"\" thinking=\"\" signature=\"\" input={} citations=[]",
};

/* Templates of put(). */
#define EVENT(type) "event: " type "\ndata: {'type':'" type "'"
#define BLOCK_DELTA "^,'delta':{'type':"

/* A comma is due behind everything but a bracket. */
static void put_member(struct fmt *out, struct span name, struct span value)
{
    if (out->len > 0 && out->ptr[out->len - 1] != '{')
        fmt_char(out, ',');
    fmt_char(out, '"');
    fmt_text(out, name);
    fmt_str(out, "\":");
    fmt_text(out, value);
}

/* How a member is told at that place; an empty span: not here. */
static struct span told_as(struct span name, struct span value, enum place place)
{
    struct span rest = span_str(others[place]);
    struct span other;

    while (span_split(&rest, ' ', &other)) {
        size_t at = span_find_byte(other, '=');

        if (span_equal(name, span_part(other, 0, at)) &&
            (at == other.len || json_walk_kind(value) != JSON_NULL))
            return span_part(other, at + 1, other.len);
    }
    return value;
}

/* The members of an object as they are told at that place. */
static void put_members(struct fmt *out, struct span object, enum place place)
{
    struct json_walk w;
    struct span name;
    struct span value;

    if (!json_walk_start(&w, object))
        return;
    while (json_walk_next(&w, &name, &value)) {
        value = told_as(name, value, place);
        if (value.len > 0)
            put_member(out, name, value);
    }
}

/* ---- events by templates ---- */

/* The start of a chunk, up to where its delta or text stands. */
static void put_chunk(struct disassemble *d, struct fmt *out)
{
    fmt_str(out, "data: ");
    fmt_text(out, span_of(d->head, d->head_len));
    if (!d->begun)
        put_members(out, d->body, AT_TOP);
    d->begun = true;
    fmt_str(out, ",\"choices\":[{\"index\":");
    fmt_u64(out, d->index);
    fmt_str(out, d->api == API_CHAT ? ",\"delta\":{" : ",\"text\":\"");
}

static void put_block(struct disassemble *d, struct fmt *out)
{
    const char *type = d->step == STEP_BEGIN ? "start" : d->step == STEP_FINISH ? "stop" : "delta";

    fmt_str(out, "event: content_block_");
    fmt_str(out, type);
    fmt_str(out, "\ndata: {\"type\":\"content_block_");
    fmt_str(out, type);
    fmt_str(out, "\",\"index\":");
    fmt_u64(out, d->index);
}

/* A template's letter: ' is a quote, < opens a chunk, | ends its delta or text, > ends that and the
 * chunk, # is the index, % the tool call's, $ the member's name, & the value, * the value as text
 * in a string, a digit the value's members as told at that place; ^ opens a block's event. */
static void put_letter(struct disassemble *d, struct fmt *out, char letter, struct span value)
{
    if (letter >= '0' && letter < '0' + AT_PLACES)
        put_members(out, value, (enum place)(letter - '0'));
    else if (letter == '<')
        put_chunk(d, out);
    else if (letter == '|' || letter == '>')
        fmt_char(out, d->api == API_CHAT ? '}' : '"');
    else if (letter == '#' || letter == '%')
        fmt_u64(out, letter == '#' ? d->index : d->part);
    else if (letter == '$' || letter == '&')
        fmt_text(out, letter == '$' ? d->name : value);
    else if (letter == '^')
        put_block(d, out);
    else if (letter == '*')
        json_escape(out, value);
    else
        fmt_char(out, letter == '\'' ? '"' : letter);
    if (letter == '>')
        fmt_str(out, ",\"logprobs\":null,\"finish_reason\":null}]}\n\n");
}

static void put(struct disassemble *d, struct fmt *out, const char *template, struct span value)
{
    for (; *template != '\0'; template ++)
        put_letter(d, out, *template, value);
}

/* ---- pieces of texts ---- */

static bool is_blank(struct span unit)
{
    return unit.ptr[0] == ' ' || (unit.len == 2 && unit.ptr[0] == '\\' &&
                                  (unit.ptr[1] == 'n' || unit.ptr[1] == 't' || unit.ptr[1] == 'r'));
}

/* What must not be cut: a character, an escape, the two escapes of a surrogate pair. */
static struct span unit_take(struct span s)
{
    size_t len = 1;

    if (s.ptr[0] != '\\') {
        while (len < s.len && ((uint8_t)s.ptr[len] & 0xc0) == 0x80)
            len++;
        return span_of(s.ptr, len);
    }
    len = s.len > 1 && s.ptr[1] == 'u' ? 6 : 2;
    /* \ud8xx to \udbxx is the first half. */
    if (len == 6 && s.len >= 12 && (s.ptr[2] | 32) == 'd' &&
        (s.ptr[3] == '8' || s.ptr[3] == '9' || (s.ptr[3] | 32) == 'a' || (s.ptr[3] | 32) == 'b'))
        len = 12;
    return span_part(s, 0, len);
}

static struct span piece_take(struct span s)
{
    size_t len = 0;
    bool in_word = false;

    while (len < s.len) {
        struct span unit = unit_take(span_part(s, len, s.len));
        bool blank = is_blank(unit);

        if ((blank && in_word) || (len > 0 && len + unit.len > DISASSEMBLE_PIECE_BYTES))
            break;
        in_word = in_word || !blank;
        len += unit.len;
    }
    return span_part(s, 0, len);
}

static void text_begin(struct disassemble *d, enum text_kind kind, struct span rest)
{
    d->text = (uint8_t)kind;
    d->rest = rest;
    d->step = STEP_TEXT;
}

/* ---- chat and completions ---- */

/* The role, and what is null or an empty text from the start. */
static void chat_begin(struct disassemble *d, struct fmt *out)
{
    struct span message = json_walk_get(d->item, "message");
    struct json_walk w;
    struct span name;
    struct span value;

    if (d->api == API_COMPLETIONS) {
        text_begin(d, TEXT_CHOICE, json_walk_text(d->item, "text"));
        return;
    }
    d->step = STEP_MEMBERS;
    (void)json_walk_start(&d->members, message);
    (void)json_walk_start(&w, message);
    put_chunk(d, out);
    while (json_walk_next(&w, &name, &value)) {
        if (json_walk_is(name, "content") && json_walk_kind(value) == JSON_STRING)
            value = SPAN("\"\"");
        if (json_walk_is(name, "role") || json_walk_which(value, "null \"\"") >= 0)
            put_member(out, name, value);
    }
    put(d, out, ">", SPAN_EMPTY);
}

/* In the order in which they are asked for. */
enum { CHAT_ROLE, CHAT_TOOLS, CHAT_CALL, CHAT_TEXTS };

/* Texts that vendors stream in pieces are joined by clients; of others clients take the last. */
static void chat_member(struct disassemble *d, struct fmt *out)
{
    struct span value;
    int which;

    if (!json_walk_next(&d->members, &d->name, &value)) {
        d->members.rest = SPAN_EMPTY;
        d->step = STEP_LOGPROBS;
        return;
    }
    which = json_walk_which(
        d->name, "role tool_calls function_call content refusal reasoning reasoning_content");
    if (which == CHAT_ROLE || json_walk_is(value, "null"))
        return;
    if (which == CHAT_TOOLS && json_walk_start(&d->elements, value)) {
        d->part = 0;
        d->step = STEP_TOOLS;
    } else if (which == CHAT_CALL) {
        put(d, out, "<'function_call':{4}>", value);
        text_begin(d, TEXT_CALL, json_walk_text(value, "arguments"));
    } else if (which >= CHAT_TEXTS && json_walk_kind(value) == JSON_STRING) {
        text_begin(d, TEXT_MEMBER, json_walk_inside(value));
    } else {
        put(d, out, "<'$':&>", value);
    }
}

static void chat_tool(struct disassemble *d, struct fmt *out)
{
    struct span name;
    struct span tool;
    struct span function;

    if (!json_walk_next(&d->elements, &name, &tool)) {
        d->step = STEP_MEMBERS;
        return;
    }
    function = json_walk_get(tool, "function");
    put(d, out, "<'tool_calls':[{'index':%3", tool);
    put(d, out, function.len > 0 ? ",'function':{4}}]>" : "}]>", function);
    text_begin(d, TEXT_ARGUMENTS, json_walk_text(function, "arguments"));
}

/* Log probabilities: member by member, of an array as many elements as fit into an event. What is
 * null stands in the first one, from which clients make theirs. */
static void chat_logprobs(struct disassemble *d)
{
    struct span value;

    if (d->members.rest.ptr == NULL) {
        d->part = 0;
        if (!json_walk_start(&d->members, json_walk_get(d->item, "logprobs")))
            d->members.rest = SPAN_EMPTY;
    }
    d->step = STEP_FINISH;
    while (d->step == STEP_FINISH && json_walk_next(&d->members, &d->name, &value))
        if (json_walk_start(&d->elements, value))
            d->step = STEP_ELEMENTS;
}

static void chat_elements(struct disassemble *d, struct fmt *out)
{
    size_t limit = out->len + DISASSEMBLE_EVENT_BYTES / 2;
    struct json_walk ahead = d->elements;
    struct span name;
    struct span value;
    const char *template = "&";

    put(d, out, "<|,'logprobs':{'$':[", SPAN_EMPTY);
    d->step = STEP_LOGPROBS;
    while (json_walk_next(&ahead, &name, &value)) {
        if (*template == ',' && out->len + value.len > limit) {
            d->step = STEP_ELEMENTS;
            break;
        }
        put(d, out, template, value);
        d->elements = ahead;
        template = ",&";
    }
    put(d, out, "]", SPAN_EMPTY);
    if (d->part++ == 0 && json_walk_start(&ahead, json_walk_get(d->item, "logprobs")))
        while (json_walk_next(&ahead, &name, &value))
            if (json_walk_is(value, "null"))
                put_member(out, name, value);
    put(d, out, "},'finish_reason':null}]}\n\n", SPAN_EMPTY);
}

/* ---- messages ---- */

/* In the order in which they are asked for. */
enum { BLOCK_TEXT, BLOCK_THINKING, BLOCK_INPUT, BLOCK_CITATIONS, BLOCK_SIGNATURE };

static void message_member(struct disassemble *d, struct fmt *out)
{
    struct span value;

    if (!json_walk_next(&d->members, &d->name, &value)) {
        d->step = STEP_FINISH;
        return;
    }
    if (json_walk_which(value, "null {} \"\"") >= 0)
        return;
    switch (json_walk_which(d->name, "text thinking input citations signature")) {
    case BLOCK_TEXT:
    case BLOCK_THINKING:
        text_begin(d, TEXT_BLOCK, json_walk_inside(value));
        break;
    case BLOCK_INPUT:
        text_begin(d, TEXT_INPUT, value);
        break;
    case BLOCK_CITATIONS:
        if (json_walk_start(&d->elements, value))
            d->step = STEP_CITATIONS;
        break;
    case BLOCK_SIGNATURE: /* clients take the last, so it is whole */
        put(d, out, BLOCK_DELTA "'signature_delta','signature':&}}\n\n", value);
        break;
    default:
        break;
    }
}

static void message_citation(struct disassemble *d, struct fmt *out)
{
    struct span name;
    struct span value;

    d->step = STEP_MEMBERS;
    if (json_walk_next(&d->elements, &name, &value)) {
        put(d, out, BLOCK_DELTA "'citations_delta','citation':&}}\n\n", value);
        d->step = STEP_CITATIONS;
    }
}

static void message_usage(struct disassemble *d, struct fmt *out)
{
    static const char names[][16] = {"stop_reason", "stop_sequence"};

    put(d, out, EVENT("message_delta") ",'delta':{", SPAN_EMPTY);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct span value = json_walk_get(d->body, names[i]);

        if (value.len > 0)
            put_member(out, span_str(names[i]), value);
    }
    put(d, out, d->usage.len > 0 ? "},'usage':&}\n\n" : "}}\n\n", d->usage);
}

/* ---- the texts of both ---- */

static void text_next(struct disassemble *d, struct fmt *out)
{
    static const struct {
        uint8_t after;
        const char *template;
    } kinds[] = {
        [TEXT_MEMBER] = {STEP_MEMBERS, "<'$':'&'>"},
        [TEXT_CHOICE] = {STEP_LOGPROBS, "<&>"},
        [TEXT_ARGUMENTS] = {STEP_TOOLS,
                            "<'tool_calls':[{'index':%,'function':{'arguments':'&'}}]>"},
        [TEXT_CALL] = {STEP_MEMBERS, "<'function_call':{'arguments':'&'}>"},
        [TEXT_BLOCK] = {STEP_MEMBERS, BLOCK_DELTA "'$_delta','$':'&'}}\n\n"},
        [TEXT_INPUT] = {STEP_MEMBERS, BLOCK_DELTA "'input_json_delta','partial_json':'*'}}\n\n"},
    };
    struct span piece = piece_take(d->rest);

    if (piece.len > 0) {
        d->has_text = true;
        put(d, out, kinds[d->text].template, piece);
    }
    d->rest = d->rehearsal ? SPAN_EMPTY : span_part(d->rest, piece.len, d->rest.len);
    if (d->rest.len > 0)
        return;
    d->step = kinds[d->text].after;
    d->part += d->text == TEXT_ARGUMENTS ? 1 : 0;
}

/* ---- all of it ---- */

static void item_next(struct disassemble *d)
{
    struct span name;

    d->step = STEP_USAGE;
    d->members.rest = SPAN_EMPTY;
    if (json_walk_next(&d->items, &name, &d->item))
        d->step = STEP_BEGIN;
}

static void step_chat(struct disassemble *d, struct fmt *out)
{
    switch ((enum step)d->step) {
    case STEP_BEGIN:
        chat_begin(d, out);
        break;
    case STEP_MEMBERS:
        chat_member(d, out);
        break;
    case STEP_TOOLS:
        chat_tool(d, out);
        break;
    case STEP_LOGPROBS:
        chat_logprobs(d);
        break;
    case STEP_ELEMENTS:
        chat_elements(d, out);
        break;
    case STEP_FINISH:
        put(d, out, "<|,'logprobs':null2}]}\n\n", d->item);
        d->index++;
        d->step = STEP_ITEM;
        break;
    case STEP_USAGE:
        d->step = STEP_DONE;
        if (d->include_usage && d->usage.len > 0) {
            fmt_str(out, "data: ");
            fmt_text(out, span_of(d->head, d->head_len));
            put(d, out, ",'choices':[],'usage':&}\n\n", d->usage);
        }
        break;
    default:
        fmt_str(out, "data: [DONE]\n\n");
        d->step = STEP_END;
        break;
    }
}

static void step_message(struct disassemble *d, struct fmt *out)
{
    switch ((enum step)d->step) {
    case STEP_OPEN:
        put(d, out, EVENT("message_start") ",'message':{1}}\n\n", d->body);
        d->step = STEP_ITEM;
        break;
    case STEP_BEGIN:
        put(d, out, "^,'content_block':{5}}\n\n", d->item);
        (void)json_walk_start(&d->members, d->item);
        d->step = STEP_MEMBERS;
        break;
    case STEP_MEMBERS:
        message_member(d, out);
        break;
    case STEP_CITATIONS:
        message_citation(d, out);
        break;
    case STEP_FINISH:
        put(d, out, "^}\n\n", SPAN_EMPTY);
        d->index++;
        d->step = STEP_ITEM;
        break;
    case STEP_USAGE:
        message_usage(d, out);
        d->step = STEP_DONE;
        break;
    default:
        put(d, out, EVENT("message_stop") "}\n\n", SPAN_EMPTY);
        d->step = STEP_END;
        break;
    }
}

enum disassemble_result disassemble_next(struct disassemble *d, struct fmt *out)
{
    size_t before = out->len;

    d->has_text = false;
    while (d->step != STEP_END && out->len == before && !out->full)
        if (d->step == STEP_ITEM)
            item_next(d);
        else if (d->step == STEP_TEXT)
            text_next(d, out);
        else if (d->api == API_MESSAGES)
            step_message(d, out);
        else
            step_chat(d, out);
    return out->len == before ? DISASSEMBLE_END : DISASSEMBLE_EVENT;
}

/* What every event repeats. */
static void head_write(struct disassemble *d, struct fmt *head)
{
    static const char names[][20] = {"id", "created", "model", "system_fingerprint",
                                     "service_tier"};

    fmt_str(head, d->api == API_CHAT ? "{\"object\":\"chat.completion.chunk\""
                                     : "{\"object\":\"text_completion\"");
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct span value = json_walk_get(d->body, names[i]);

        if (value.len > 0)
            put_member(head, span_str(names[i]), value);
    }
}

bool disassemble_start(struct disassemble *d, enum api api, struct span body, bool include_usage,
                       char *scratch)
{
    struct disassemble rehearsal;
    struct fmt out;

    if (!json_walk_valid(body))
        return false;
    *d = (struct disassemble){.api = api, .include_usage = include_usage, .body = body};
    d->usage = json_walk_get(body, "usage");
    d->step = api == API_MESSAGES ? STEP_OPEN : STEP_ITEM;
    if ((api != API_CHAT && api != API_COMPLETIONS && api != API_MESSAGES) ||
        !json_walk_start(&d->items,
                         json_walk_get(body, api == API_MESSAGES ? "content" : "choices")))
        return false;
    fmt_init(&out, d->head, sizeof(d->head));
    head_write(d, &out);
    d->head_len = out.len;
    rehearsal = *d;
    rehearsal.rehearsal = true;
    while (fmt_ok(&out)) {
        fmt_init(&out, scratch, DISASSEMBLE_EVENT_BYTES);
        if (disassemble_next(&rehearsal, &out) == DISASSEMBLE_END)
            break;
    }
    return fmt_ok(&out);
}
