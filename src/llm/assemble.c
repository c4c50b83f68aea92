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
        a->bad = a->full = true;
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

/* The slot of that place, made where there is none; NULL when there is no room for it. */
static struct assemble_slot *slot_of(struct assemble *a, uint32_t p, struct span name)
{
    const struct assemble_slot *there = name.len > 0 ? slot_at(a, a->bytes, p, name) : NULL;
    struct assemble_slot *slot;

    if (there != NULL)
        return &a->slots[there - a->slots];
    if (a->slot_count == ASSEMBLE_SLOTS || name.len == 0 || name.len > UINT8_MAX)
        a->bad = true;
    if (!piece_room(a, name.len))
        return NULL;
    slot = &a->slots[a->slot_count++];
    *slot = (struct assemble_slot){.name_at = a->len,
                                   .head = PIECE_NONE,
                                   .tail = PIECE_NONE,
                                   .name_len = (uint8_t)name.len,
                                   .place = p};
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
    if (json_walk_is(value, "\"\""))
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

static void put(struct assemble *a, uint32_t p, struct span name, struct span value, uint8_t rule)
{
    enum json_kind kind = json_walk_kind(value);
    struct assemble_slot *slot;

    if (place_group(p) == GROUP_MESSAGE_TOP)
        p = place_of(GROUP_TOP, 0, 0);
    /* A role is told once, and null in every event behind. */
    if (kind == JSON_NONE ||
        (kind == JSON_NULL && place_group(p) == GROUP_MESSAGE && rule == RULE_LAST))
        return;
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
    uint32_t place; /* of the members; of an array the elements' group */
};

static size_t rule_find(uint32_t group, struct span name)
{
    size_t i = 0;

    while (i < ARRAY_LEN(rules) && (rules[i].group != group || !json_walk_is(name, rules[i].name)))
        i++;
    return i;
}

/* One member or element of the level below; may open `next`. */
static bool take_member(struct assemble *a, const struct level *at, struct span name,
                        struct span value, struct level *next)
{
    uint32_t group = place_group(at->place);
    size_t i = rule_find(group, name);
    uint8_t rule = i < ARRAY_LEN(rules) ? rules[i].rule : other_rules[group];

    next->place = at->place;
    if (!at->walk.is_object) {
        if (group == GROUP_CHOICE)
            next->place |=
                place_of(0, index_of(a, value, ASSEMBLE_CHOICES_MAX, &a->choice_count), 0);
        else
            next->place |= place_of(0, 0, index_of(a, value, ASSEMBLE_PARTS_MAX, &a->part_count));
        return json_walk_start(&next->walk, value);
    }
    if (rule == RULE_LAST || rule == RULE_JOIN)
        put(a, at->place, name, value, rule);
    if (rule == RULE_BAD && json_walk_kind(value) != JSON_NULL)
        a->bad = true;
    if (rule < RULE_INTO || json_walk_kind(value) == JSON_NULL)
        return false;
    next->place += rules[i].into - group;
    if (!json_walk_start(&next->walk, value) || next->walk.is_object != (rule == RULE_INTO))
        a->bad = true;
    return !a->bad;
}

/* The members of an object by the rules of its place. */
static void take(struct assemble *a, uint32_t p, struct span object)
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
static void message_input(struct assemble *a, uint32_t p, struct span partial)
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

/* In the order in which they are asked for; the first ones are joined. */
enum { DELTA_TEXT, DELTA_THINKING, DELTA_SIGNATURE, DELTA_INPUT, DELTA_CITATIONS };

static void message_block_delta(struct assemble *a, struct span data)
{
    static const char members[][10] = {"text", "thinking", "signature"};
    uint32_t p = place_of(GROUP_BLOCK, 0, index_of(a, data, ASSEMBLE_PARTS_MAX, &a->part_count));
    struct span delta = json_walk_get(data, "delta");
    struct span type = json_walk_text(delta, "type");
    struct assemble_slot *slot;
    int which = json_walk_which(
        type, "text_delta thinking_delta signature_delta input_json_delta citations_delta");

    if (which < 0) {
        a->bad = true;
    } else if (which < DELTA_INPUT) {
        const char *member = members[which];

        put(a, p, span_str(member), json_walk_get(delta, member), RULE_JOIN);
    } else if (which == DELTA_INPUT) {
        message_input(a, p, json_walk_get(delta, "partial_json"));
    } else {
        slot = slot_of(a, p, SPAN("citations"));
        if (slot != NULL)
            slot_join(a, slot, KIND_LIST, json_walk_get(delta, "citation"));
    }
}

static void message_event(struct assemble *a, struct span data)
{
    struct span type = json_walk_text(data, "type");
    uint32_t p = place_of(GROUP_EVENT, 0, 0);

    if (json_walk_is(type, "content_block_delta")) {
        message_block_delta(a, data);
        return;
    }
    if (json_walk_is(type, "content_block_start"))
        p |= place_of(0, 0, index_of(a, data, ASSEMBLE_PARTS_MAX, &a->part_count));
    take(a, p, data);
}

/* In the order in which they are asked for; those before the last two are no answer. */
enum { RESPONSE_ERROR, RESPONSE_FAILED, RESPONSE_COMPLETED, RESPONSE_INCOMPLETE };

static void response_event(struct assemble *a, struct span data)
{
    struct span type = json_walk_text(data, "type");

    int which =
        json_walk_which(type, "error response.failed response.completed response.incomplete");

    if (which >= RESPONSE_COMPLETED)
        put(a, place_of(GROUP_TOP, 0, 0), SPAN("response"), json_walk_get(data, "response"),
            RULE_LAST);
    else if (which >= RESPONSE_ERROR)
        a->bad = true;
}

/* ---- the body ---- */

void assemble_event(struct assemble *a, struct span data)
{
    if (a->bad || json_walk_is(data, "[DONE]"))
        return;
    if (!json_walk_valid(data))
        a->bad = true;
    else if (a->api == API_CHAT || a->api == API_COMPLETIONS)
        take(a, place_of(GROUP_TOP, 0, 0), data);
    else if (a->api == API_MESSAGES)
        message_event(a, data);
    else if (a->api == API_RESPONSES)
        response_event(a, data);
    else
        a->bad = true;
}

bool assemble_finish(struct assemble *a, struct span *body)
{
    struct fmt out;

    if (a->bad)
        return false;
    memmove(a->bytes + a->cap - a->len, a->bytes, a->len);
    fmt_init(&out, a->bytes, a->cap - a->len);
    if (!assemble_write(a, a->bytes + a->cap - a->len, &out))
        return false;
    a->full = !fmt_ok(&out);
    *body = fmt_span(&out);
    /* Cut tool input and halves of characters show only here. */
    return json_walk_valid(*body);
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
        if (!piece.last) {
            a->full = true;
            return false;
        }
        a->cap -= third;
        assemble_event(a, piece.data);
        a->cap = cap;
    }
}
