#include <string.h>

#include "llm/assemble_slots.h"
#include "json/walk.h"

uint32_t slot_piece(const char *pieces, uint32_t at)
{
    uint32_t value;

    memcpy(&value, pieces + at, sizeof(value));
    return value;
}

struct span slot_name(const struct assemble_slot *slot, const char *pieces)
{
    return span_of(pieces + slot->name_at, slot->name_len);
}

const struct assemble_slot *slot_at(const struct assemble *a, const char *pieces, uint32_t place,
                                    struct span name)
{
    for (uint32_t i = 0; i < a->slot_count; i++) {
        const struct assemble_slot *s = &a->slots[i];

        if (s->place == place && (name.len == 0 || span_equal(slot_name(s, pieces), name)))
            return s;
    }
    return NULL;
}

/* The body being written; `pieces` is where the collected bytes stand now. */
struct body {
    const struct assemble *a;
    const char *pieces;
    struct fmt *out;
};

/* With a comma before it behind everything but an opening bracket. */
static void body_add(struct body *b, const char *text)
{
    struct span so_far = fmt_span(b->out);

    if (so_far.len > 0 && !span_ends(so_far, SPAN("{")) && !span_ends(so_far, SPAN("[")))
        fmt_char(b->out, ',');
    fmt_str(b->out, text);
}

static const struct assemble_slot *body_slot(const struct body *b, uint32_t group, uint32_t choice,
                                             const char *name)
{
    return slot_at(b->a, b->pieces, place_of(group, choice, 0), span_str(name));
}

static void body_value(struct body *b, const struct assemble_slot *s)
{
    static const char before[][5] = {
        [KIND_NULL] = "null", [KIND_TEXT] = "\"", [KIND_LIST] = "[", [KIND_JSON] = ""};
    static const char after[][2] = {[KIND_TEXT] = "\"", [KIND_LIST] = "]", [KIND_JSON] = ""};

    fmt_str(b->out, before[s->kind]);
    for (uint32_t at = s->head; at != PIECE_NONE; at = slot_piece(b->pieces, at))
        fmt_text(b->out, span_of(b->pieces + at + PIECE_HEAD_BYTES, slot_piece(b->pieces, at + 4)));
    fmt_str(b->out, after[s->kind]);
}

/* The members of one place. */
static void body_members(struct body *b, uint32_t place)
{
    for (uint32_t i = 0; i < b->a->slot_count; i++) {
        const struct assemble_slot *s = &b->a->slots[i];
        struct span name = slot_name(s, b->pieces);

        if (s->place != place)
            continue;
        body_add(b, "\"");
        fmt_text(b->out, name);
        fmt_str(b->out, "\":");
        if (place_group(place) == GROUP_TOP && b->a->api == API_CHAT &&
            json_walk_is(name, "object"))
            fmt_str(b->out, "\"chat.completion\"");
        else
            body_value(b, s);
    }
}

static void body_object(struct body *b, const char *open, uint32_t place)
{
    body_add(b, open);
    body_members(b, place);
    fmt_char(b->out, '}');
}

static void body_tools(struct body *b, uint32_t choice)
{
    bool any = false;

    for (uint32_t i = 0; i < b->a->part_count; i++) {
        uint32_t tool = place_of(GROUP_TOOL, choice, i);
        uint32_t function = place_of(GROUP_FUNCTION, choice, i);

        if (slot_at(b->a, b->pieces, tool, SPAN_EMPTY) == NULL &&
            slot_at(b->a, b->pieces, function, SPAN_EMPTY) == NULL)
            continue; /* another choice's */
        body_add(b, any ? "{" : "\"tool_calls\":[{");
        body_members(b, tool);
        body_object(b, "\"function\":{", function);
        fmt_char(b->out, '}');
        any = true;
    }
    fmt_str(b->out, any ? "]" : "");
}

static void body_message(struct body *b, uint32_t choice)
{
    body_add(b, "\"message\":{");
    if (body_slot(b, GROUP_MESSAGE, choice, "role") == NULL)
        fmt_str(b->out, "\"role\":\"assistant\"");
    body_members(b, place_of(GROUP_MESSAGE, choice, 0));
    if (body_slot(b, GROUP_MESSAGE, choice, "content") == NULL)
        body_add(b, "\"content\":null");
    body_tools(b, choice);
    if (body_slot(b, GROUP_CALL, choice, "") != NULL)
        body_object(b, "\"function_call\":{", place_of(GROUP_CALL, choice, 0));
    fmt_char(b->out, '}');
}

static bool body_is_told(const struct assemble_slot *slot)
{
    return slot != NULL && slot->kind != KIND_NULL;
}

static bool body_choices(struct body *b)
{
    body_add(b, "\"choices\":[");
    for (uint32_t i = 0; i < b->a->choice_count; i++) {
        if (!body_is_told(body_slot(b, GROUP_CHOICE, i, "finish_reason")))
            return false;
        body_add(b, "{\"index\":");
        fmt_u64(b->out, i);
        if (b->a->api == API_CHAT)
            body_message(b, i);
        body_members(b, place_of(GROUP_CHOICE, i, 0));
        if (body_slot(b, GROUP_LOGPROBS, i, "") != NULL)
            body_object(b, "\"logprobs\":{", place_of(GROUP_LOGPROBS, i, 0));
        else
            body_add(b, "\"logprobs\":null");
        fmt_char(b->out, '}');
    }
    fmt_char(b->out, ']');
    return b->a->choice_count > 0;
}

static bool body_blocks(struct body *b)
{
    body_add(b, "\"content\":[");
    for (uint32_t i = 0; i < b->a->part_count; i++)
        body_object(b, "{", place_of(GROUP_BLOCK, 0, i));
    fmt_char(b->out, ']');
    body_object(b, "\"usage\":{", place_of(GROUP_USAGE, 0, 0));
    return body_is_told(body_slot(b, GROUP_TOP, 0, "stop_reason"));
}

bool assemble_write(const struct assemble *a, const char *pieces, struct fmt *out)
{
    struct body b = {.a = a, .pieces = pieces, .out = out};
    bool whole;

    if (a->api == API_RESPONSES) {
        if (a->slot_count == 1)
            body_value(&b, &a->slots[0]);
        return a->slot_count == 1;
    }
    fmt_char(out, '{');
    body_members(&b, place_of(GROUP_TOP, 0, 0));
    whole = a->api == API_MESSAGES ? body_blocks(&b) : body_choices(&b);
    fmt_char(out, '}');
    return whole;
}
