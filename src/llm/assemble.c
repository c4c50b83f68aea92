#include "llm/assemble.h"

#include <string.h>

#include "base/check.h"
#include "llm/assemble_slots.h"
#include "json/walk.h"

/* What is done with a member. */
enum assemble_rule {
    RULE_LAST, /* the last value counts */
    RULE_JOIN, /* strings and arrays are joined; of others the last counts */
    RULE_SKIP,
    RULE_BAD,
    RULE_INTO, /* its members, by the rules of another group */
    RULE_EACH, /* the members of its elements, which have an index */
};

enum { RULE_NAME_BYTES = 16, LEVELS_MAX = 8 }; /* choices, a choice, delta, tool_calls, ... */

static const struct {
    char name[RULE_NAME_BYTES];
    uint8_t group;
    uint8_t rule;
    uint8_t into;
} rules[] = {
    {"choices", GROUP_TOP, RULE_EACH, GROUP_CHOICE},
    {"error", GROUP_TOP, RULE_BAD, 0},
    {"obfuscation", GROUP_TOP, RULE_SKIP, 0},
    {"delta", GROUP_CHOICE, RULE_INTO, GROUP_MESSAGE},
    {"logprobs", GROUP_CHOICE, RULE_INTO, GROUP_LOGPROBS},
    {"text", GROUP_CHOICE, RULE_JOIN, 0},
    {"index", GROUP_CHOICE, RULE_SKIP, 0},
    {"message", GROUP_CHOICE, RULE_SKIP, 0}, /* Perplexity sends both */
    {"role", GROUP_MESSAGE, RULE_LAST, 0},
    {"tool_calls", GROUP_MESSAGE, RULE_EACH, GROUP_TOOL},
    {"function_call", GROUP_MESSAGE, RULE_INTO, GROUP_CALL},
    {"audio", GROUP_MESSAGE, RULE_BAD, 0},
    {"function", GROUP_TOOL, RULE_INTO, GROUP_FUNCTION},
    {"custom", GROUP_TOOL, RULE_BAD, 0},
    {"index", GROUP_TOOL, RULE_SKIP, 0},
    {"arguments", GROUP_FUNCTION, RULE_JOIN, 0},
    {"message", GROUP_EVENT, RULE_INTO, GROUP_MESSAGE_TOP},
    {"content_block", GROUP_EVENT, RULE_INTO, GROUP_BLOCK},
    {"delta", GROUP_EVENT, RULE_INTO, GROUP_MESSAGE_TOP},
    {"usage", GROUP_EVENT, RULE_INTO, GROUP_USAGE},
    {"error", GROUP_EVENT, RULE_BAD, 0},
    {"content", GROUP_MESSAGE_TOP, RULE_SKIP, 0},
    {"usage", GROUP_MESSAGE_TOP, RULE_INTO, GROUP_USAGE},
};

/* For members that are not named above. */
static const uint8_t other_rules[GROUP_COUNT] = {
    [GROUP_LOGPROBS] = RULE_JOIN, [GROUP_MESSAGE] = RULE_JOIN, [GROUP_CALL] = RULE_JOIN,
    [GROUP_BLOCK] = RULE_JOIN,    [GROUP_EVENT] = RULE_SKIP,
};

void assemble_start(struct assemble *a, enum api api, char *buffer, size_t buffer_bytes)
{
    memset(a, 0, sizeof(*a));
    a->api = api;
    a->bytes = buffer;
    a->cap = buffer_bytes < UINT32_MAX / 2 ? (uint32_t)buffer_bytes : UINT32_MAX / 2;
    a->last = PIECE_NONE;
}

/* ---- pieces ---- */

static void piece_set(struct assemble *a, uint32_t at, uint32_t value)
{
    memcpy(a->bytes + at, &value, sizeof(value));
}

static bool piece_room(struct assemble *a, size_t bytes)
{
    if (bytes > a->cap - a->len)
        a->bad = true;
    return !a->bad;
}

static void piece_copy(struct assemble *a, struct span s)
{
    if (s.len > 0)
        memcpy(a->bytes + a->len, s.ptr, s.len);
    a->len += (uint32_t)s.len;
}

/* A piece behind the slot's last one; the same one grows where it stands at the end. */
static void piece_add(struct assemble *a, struct assemble_slot *slot, struct span s)
{
    if (!piece_room(a, PIECE_HEAD_BYTES + s.len))
        return;
    if (slot->tail == PIECE_NONE || slot->tail != a->last) {
        uint32_t at = a->len;

        a->len += PIECE_HEAD_BYTES;
        piece_set(a, at, PIECE_NONE);
        piece_set(a, at + 4, 0);
        if (slot->tail == PIECE_NONE)
            slot->head = at;
        else
            piece_set(a, slot->tail, at);
        slot->tail = at;
        a->last = at;
    }
    piece_set(a, slot->tail + 4, slot_piece(a->bytes, slot->tail + 4) + (uint32_t)s.len);
    piece_copy(a, s);
}

/* ---- slots ---- */

static struct assemble_slot *slot_find(struct assemble *a, struct place p, struct span name)
{
    for (uint32_t i = 0; i < a->slot_count; i++) {
        struct assemble_slot *s = &a->slots[i];

        if (s->group == p.group && s->choice == p.choice && s->part == p.part &&
            span_equal(slot_name(s, a->bytes), name))
            return s;
    }
    return NULL;
}

/* The slot of that place, made where there is none; NULL when there is no room for it. */
static struct assemble_slot *slot_of(struct assemble *a, struct place p, struct span name)
{
    struct assemble_slot *slot = slot_find(a, p, name);

    if (slot != NULL)
        return slot;
    if (a->slot_count == ASSEMBLE_SLOTS || name.len > UINT8_MAX)
        a->bad = true;
    if (!piece_room(a, name.len))
        return NULL;
    slot = &a->slots[a->slot_count++];
    *slot = (struct assemble_slot){.name_at = a->len,
                                   .head = PIECE_NONE,
                                   .tail = PIECE_NONE,
                                   .name_len = (uint8_t)name.len,
                                   .group = p.group,
                                   .choice = p.choice,
                                   .part = p.part};
    piece_copy(a, name);
    a->last = PIECE_NONE;
    return slot;
}

/* What is said in every event takes no room again. */
static void slot_replace(struct assemble *a, struct assemble_slot *slot, struct span value)
{
    uint32_t at = slot->head;
    uint32_t len = at != PIECE_NONE ? slot_piece(a->bytes, at + 4) : 0;

    a->bad = a->bad || slot->kind > KIND_RAW;
    slot->kind = KIND_RAW;
    if (at == PIECE_NONE || len < value.len) {
        slot->tail = PIECE_NONE;
        piece_add(a, slot, value);
        return;
    }
    if (span_equal(value, SPAN("\"\"")))
        return; /* some vendors repeat a role or name as an empty text */
    memcpy(a->bytes + at + PIECE_HEAD_BYTES, value.ptr, value.len);
    piece_set(a, at + 4, (uint32_t)value.len);
    if (a->last == at)
        a->last = PIECE_NONE;
}

static void slot_join(struct assemble *a, struct assemble_slot *slot, enum assemble_kind kind,
                      struct span s)
{
    a->bad = a->bad || (slot->kind != KIND_NULL && slot->kind != kind);
    slot->kind = (uint8_t)kind;
    if (kind == KIND_LIST && s.len > 0 && slot->head != PIECE_NONE)
        piece_add(a, slot, SPAN(","));
    if (kind != KIND_LIST || s.len > 0)
        piece_add(a, slot, s);
}

static struct span list_inside(struct span array)
{
    struct span inside = span_part(array, 1, array.len - 2);

    while (inside.len > 0 && (uint8_t)inside.ptr[0] <= ' ')
        inside = span_part(inside, 1, inside.len);
    return inside;
}

static void put(struct assemble *a, struct place p, struct span name, struct span value,
                uint8_t rule)
{
    enum json_kind kind = json_walk_kind(value);
    struct assemble_slot *slot;

    if (p.group == GROUP_MESSAGE_TOP)
        p.group = GROUP_TOP;
    slot = slot_of(a, p, name);
    if (slot == NULL || kind == JSON_NULL)
        return;
    if (rule == RULE_JOIN && kind == JSON_STRING)
        slot_join(a, slot, KIND_TEXT, json_walk_inside(value));
    else if (rule == RULE_JOIN && kind == JSON_ARRAY)
        slot_join(a, slot, KIND_LIST, list_inside(value));
    else
        slot_replace(a, slot, value);
}

/* ---- events by the rules ---- */

/* The member `index`, which must be below the limit. */
static uint8_t index_of(struct assemble *a, struct span object, uint32_t limit, uint32_t *count)
{
    int64_t index = -1;

    if (!json_value_i64(json_walk_get(object, "index"), &index) || index < 0 || index >= limit) {
        a->bad = true;
        return 0;
    }
    if (*count <= (uint32_t)index)
        *count = (uint32_t)index + 1;
    return (uint8_t)index;
}

struct level {
    struct json_walk walk;
    struct place place; /* of the members; of an array the elements' group */
};

static size_t rule_find(uint8_t group, struct span name)
{
    size_t i = 0;

    while (i < ARRAY_LEN(rules) && (rules[i].group != group || !slot_is_name(name, rules[i].name)))
        i++;
    return i;
}

/* One member or element of the level below; may open `next`. */
static bool take_member(struct assemble *a, const struct level *at, struct span name,
                        struct span value, struct level *next)
{
    size_t i = rule_find(at->place.group, name);
    uint8_t rule = i < ARRAY_LEN(rules) ? rules[i].rule : other_rules[at->place.group];

    next->place = at->place;
    if (!at->walk.is_object) {
        if (at->place.group == GROUP_CHOICE)
            next->place.choice = index_of(a, value, ASSEMBLE_CHOICES_MAX, &a->choice_count);
        else
            next->place.part = index_of(a, value, ASSEMBLE_PARTS_MAX, &a->part_count);
        return json_walk_start(&next->walk, value);
    }
    if (rule == RULE_LAST || rule == RULE_JOIN)
        put(a, at->place, name, value, rule);
    if (rule == RULE_BAD && json_walk_kind(value) != JSON_NULL)
        a->bad = true;
    if (rule < RULE_INTO || json_walk_kind(value) == JSON_NULL)
        return false;
    next->place.group = rules[i].into;
    if (!json_walk_start(&next->walk, value) || next->walk.is_object != (rule == RULE_INTO))
        a->bad = true;
    return !a->bad;
}

/* The members of an object by the rules of its place. */
static void take(struct assemble *a, struct place p, struct span object)
{
    struct level levels[LEVELS_MAX];
    size_t depth = 1;

    levels[0].place = p;
    a->bad = a->bad || !json_walk_start(&levels[0].walk, object) || !levels[0].walk.is_object;
    while (depth > 0 && !a->bad) {
        struct level *at = &levels[depth - 1];
        struct span name;
        struct span value;

        if (!json_walk_next(&at->walk, &name, &value))
            depth--;
        else if (take_member(a, at, name, value, at + 1))
            depth++;
        CHECK(depth < LEVELS_MAX);
    }
}

/* ---- messages ---- */

/* Tool input comes as JSON text in pieces of strings; the block began with an empty object. */
static void message_input(struct assemble *a, struct place p, struct span partial)
{
    struct assemble_slot *slot = slot_of(a, p, SPAN("input"));
    struct span inside = json_walk_inside(partial);
    uint32_t room;
    size_t len;

    if (slot == NULL || inside.len == 0)
        return;
    if (slot->kind != KIND_JSON)
        slot->head = slot->tail = PIECE_NONE;
    slot->kind = KIND_JSON;
    if (!piece_room(a, PIECE_HEAD_BYTES + inside.len))
        return;
    /* Escapes only shrink, so it is decoded where its copy would stand. */
    piece_add(a, slot, SPAN_EMPTY);
    room = a->cap - a->len;
    len = json_walk_decode(partial, a->bytes + a->len, room, &a->bad);
    piece_set(a, slot->tail + 4, slot_piece(a->bytes, slot->tail + 4) + (uint32_t)len);
    a->len += (uint32_t)len;
}

static void message_block_delta(struct assemble *a, struct span data)
{
    static const char joined[][2][16] = {
        {"text_delta", "text"}, {"thinking_delta", "thinking"}, {"signature_delta", "signature"}};
    struct place p = {GROUP_BLOCK, 0, index_of(a, data, ASSEMBLE_PARTS_MAX, &a->part_count)};
    struct span delta = json_walk_get(data, "delta");
    struct span type = json_walk_inside(json_walk_get(delta, "type"));
    struct assemble_slot *slot;

    for (size_t i = 0; i < ARRAY_LEN(joined); i++)
        if (slot_is_name(type, joined[i][0])) {
            put(a, p, span_str(joined[i][1]), json_walk_get(delta, joined[i][1]), RULE_JOIN);
            return;
        }
    if (slot_is_name(type, "input_json_delta")) {
        message_input(a, p, json_walk_get(delta, "partial_json"));
    } else if (slot_is_name(type, "citations_delta")) {
        slot = slot_of(a, p, SPAN("citations"));
        if (slot != NULL)
            slot_join(a, slot, KIND_LIST, json_walk_get(delta, "citation"));
    } else {
        a->bad = true;
    }
}

static void message_event(struct assemble *a, struct span data)
{
    struct span type = json_walk_inside(json_walk_get(data, "type"));
    struct place p = {GROUP_EVENT, 0, 0};

    if (slot_is_name(type, "content_block_delta")) {
        message_block_delta(a, data);
        return;
    }
    if (slot_is_name(type, "content_block_start"))
        p.part = index_of(a, data, ASSEMBLE_PARTS_MAX, &a->part_count);
    take(a, p, data);
}

static void response_event(struct assemble *a, struct span data)
{
    struct span type = json_walk_inside(json_walk_get(data, "type"));

    if (slot_is_name(type, "response.completed") || slot_is_name(type, "response.incomplete"))
        put(a, (struct place){GROUP_TOP, 0, 0}, SPAN("response"), json_walk_get(data, "response"),
            RULE_LAST);
    else if (slot_is_name(type, "error") || slot_is_name(type, "response.failed"))
        a->bad = true;
}

/* ---- the body ---- */

void assemble_event(struct assemble *a, struct span data)
{
    struct json_scan scan;

    if (a->bad || span_equal(data, SPAN("[DONE]")))
        return;
    json_scan_start(&scan, NULL, NULL, false);
    if (json_scan_feed(&scan, data) == PARSE_BAD || json_scan_finish(&scan) != PARSE_DONE)
        a->bad = true;
    else if (a->api == API_CHAT || a->api == API_COMPLETIONS)
        take(a, (struct place){GROUP_TOP, 0, 0}, data);
    else if (a->api == API_MESSAGES)
        message_event(a, data);
    else if (a->api == API_RESPONSES)
        response_event(a, data);
    else
        a->bad = true;
}

bool assemble_finish(struct assemble *a, struct span *body)
{
    struct json_scan scan;
    struct fmt out;

    if (a->bad)
        return false;
    memmove(a->bytes + a->cap - a->len, a->bytes, a->len);
    fmt_init(&out, a->bytes, a->cap - a->len);
    if (!assemble_write(a, a->bytes + a->cap - a->len, &out) || !fmt_ok(&out))
        return false;
    *body = fmt_span(&out);
    /* Cut tool input and halves of characters show only here. */
    json_scan_start(&scan, NULL, NULL, false);
    return json_scan_feed(&scan, *body) != PARSE_BAD && json_scan_finish(&scan) == PARSE_DONE;
}

bool assemble_recording(struct assemble *a, enum api api, struct span recording,
                        struct recording_reader *scratch, char *buffer, size_t buffer_bytes,
                        struct span *body)
{
    enum recording_result result;
    struct recording_piece piece;

    assemble_start(a, api, buffer, buffer_bytes);
    recording_read(scratch);
    if (recording.len == 0 || recording.ptr[0] != RECORDING_EVENTS)
        return false;
    for (;;) {
        /* A long event is joined behind the pieces, which it may add as much again to. */
        uint32_t cap = a->cap;
        uint32_t third = (cap - a->len) / 3;

        result = recording_next_event(scratch, recording, a->bytes + cap - third, third, &piece);
        if (result != RECORDING_PIECE)
            return result == RECORDING_END && assemble_finish(a, body);
        if (!piece.last)
            return false;
        a->cap -= third;
        assemble_event(a, piece.data);
        a->cap = cap;
    }
}
