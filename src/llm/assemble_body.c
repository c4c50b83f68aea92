#include <string.h>

#include "llm/assemble_slots.h"

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

bool slot_is_name(struct span name, const char *text)
{
    return span_equal(name, span_str(text));
}

/* The body being written; `pieces` is where the collected bytes stand now. */
struct body {
    const struct assemble *a;
    const char *pieces;
    struct fmt *out;
    bool comma;
};

static void body_open(struct body *b, const char *text)
{
    fmt_str(b->out, b->comma ? "," : "");
    fmt_str(b->out, text);
    b->comma = false;
}

static void body_close(struct body *b, const char *text)
{
    fmt_str(b->out, text);
    b->comma = true;
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

/* The members of one place; gives how many there were. */
static unsigned body_members(struct body *b, struct place p)
{
    unsigned count = 0;

    for (uint32_t i = 0; i < b->a->slot_count; i++) {
        const struct assemble_slot *s = &b->a->slots[i];

        if (s->group != p.group || s->choice != p.choice || s->part != p.part)
            continue;
        body_open(b, "\"");
        fmt_text(b->out, slot_name(s, b->pieces));
        fmt_str(b->out, "\":");
        if (s->group == GROUP_TOP && b->a->api == API_CHAT &&
            slot_is_name(slot_name(s, b->pieces), "object"))
            fmt_str(b->out, "\"chat.completion\"");
        else
            body_value(b, s);
        b->comma = true;
        count++;
    }
    return count;
}

static bool body_has(const struct body *b, uint8_t group, uint8_t choice, const char *name)
{
    for (uint32_t i = 0; i < b->a->slot_count; i++) {
        const struct assemble_slot *s = &b->a->slots[i];

        if (s->group == group && s->choice == choice &&
            (name == NULL || slot_is_name(slot_name(s, b->pieces), name)))
            return name == NULL || s->kind != KIND_NULL;
    }
    return false;
}

static void body_tools(struct body *b, uint8_t choice)
{
    if (!body_has(b, GROUP_TOOL, choice, NULL) && !body_has(b, GROUP_FUNCTION, choice, NULL))
        return;
    body_open(b, "\"tool_calls\":[");
    for (uint32_t i = 0; i < b->a->part_count; i++) {
        size_t before = b->out->len;
        bool comma = b->comma;
        unsigned count;

        body_open(b, "{");
        count = body_members(b, (struct place){GROUP_TOOL, choice, (uint8_t)i});
        body_open(b, "\"function\":{");
        count += body_members(b, (struct place){GROUP_FUNCTION, choice, (uint8_t)i});
        body_close(b, "}}");
        if (count == 0) { /* another choice's */
            b->out->len = before;
            b->comma = comma;
        }
    }
    body_close(b, "]");
}

static void body_message(struct body *b, uint8_t choice)
{
    body_open(b, "\"message\":{");
    if (!body_has(b, GROUP_MESSAGE, choice, "role"))
        body_close(b, "\"role\":\"assistant\"");
    (void)body_members(b, (struct place){GROUP_MESSAGE, choice, 0});
    body_tools(b, choice);
    if (body_has(b, GROUP_CALL, choice, NULL)) {
        body_open(b, "\"function_call\":{");
        (void)body_members(b, (struct place){GROUP_CALL, choice, 0});
        body_close(b, "}");
    }
    body_close(b, "}");
}

static bool body_choices(struct body *b)
{
    body_open(b, "\"choices\":[");
    for (uint8_t i = 0; i < b->a->choice_count; i++) {
        if (!body_has(b, GROUP_CHOICE, i, "finish_reason"))
            return false;
        body_open(b, "{\"index\":");
        fmt_u64(b->out, i);
        b->comma = true;
        if (b->a->api == API_CHAT)
            body_message(b, i);
        (void)body_members(b, (struct place){GROUP_CHOICE, i, 0});
        body_open(b, "\"logprobs\":");
        if (body_has(b, GROUP_LOGPROBS, i, NULL)) {
            fmt_str(b->out, "{");
            (void)body_members(b, (struct place){GROUP_LOGPROBS, i, 0});
            body_close(b, "}}");
        } else {
            body_close(b, "null}");
        }
    }
    body_close(b, "]");
    return b->a->choice_count > 0;
}

static bool body_blocks(struct body *b)
{
    body_open(b, "\"content\":[");
    for (uint32_t i = 0; i < b->a->part_count; i++) {
        body_open(b, "{");
        (void)body_members(b, (struct place){GROUP_BLOCK, 0, (uint8_t)i});
        body_close(b, "}");
    }
    body_close(b, "]");
    body_open(b, "\"usage\":{");
    (void)body_members(b, (struct place){GROUP_USAGE, 0, 0});
    body_close(b, "}");
    return body_has(b, GROUP_TOP, 0, "stop_reason");
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
    body_open(&b, "{");
    (void)body_members(&b, (struct place){GROUP_TOP, 0, 0});
    whole = a->api == API_MESSAGES ? body_blocks(&b) : body_choices(&b);
    body_close(&b, "}");
    return whole;
}
