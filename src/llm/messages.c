#include "llm/messages.h"

#include <string.h>

#include "base/check.h"
#include "json/scan.h"

/* Which member a value belongs to: found on the way down, by depth. */
enum messages_member {
    MEMBER_OTHER,
    MEMBER_LIST,    /* messages; `input` of responses: items */
    MEMBER_SYSTEM,  /* a system prompt of its own */
    MEMBER_PROMPT,  /* a user's text of its own, or an array of them */
    MEMBER_ROLE,    /* in an item */
    MEMBER_CONTENT, /* in an item, or in a part that holds a tool's result */
    MEMBER_TEXT,    /* in a part */
    MEMBER_OUTPUT,  /* of a tool, in an item of responses */
    MEMBER_TYPE,    /* of a part or an item */
    MEMBER_CALLS,   /* tool_calls, function_call */
};

enum { MESSAGES_WORD_BYTES = 24, MESSAGES_DEPTH_MAX = 8 };

struct messages_walk {
    struct messages *m;
    enum api api;
    struct span body;
    enum messages_member at[MESSAGES_DEPTH_MAX]; /* at[d]: of the value at depth d */
    size_t text_from; /* of the string that is being read; its opening quote */
    bool in_word;     /* a role or a type is being read */
    size_t word_len;
    char word[MESSAGES_WORD_BYTES];
    enum message_role role; /* of the item, once it was read */
    bool only_results;      /* the item's parts so far are results of tools */
    bool has_part;
    bool part_is_result;
    size_t item_first; /* texts before this one are of earlier items */
    size_t part_first; /* likewise of earlier parts */
    size_t cut_first;  /* with `cut`: whether the last place belongs to this item or part */
    bool cut_in_item;
    bool cut_in_part;
};

static enum messages_member walk_top(enum api api, struct span name)
{
    bool list = api == API_CHAT || api_is_anthropic(api);

    if (list && span_equal(name, SPAN("messages")))
        return MEMBER_LIST;
    if (api_is_anthropic(api) && span_equal(name, SPAN("system")))
        return MEMBER_SYSTEM;
    if (api == API_RESPONSES && span_equal(name, SPAN("instructions")))
        return MEMBER_SYSTEM;
    if (api == API_RESPONSES && span_equal(name, SPAN("input")))
        return MEMBER_LIST;
    if (api == API_COMPLETIONS && span_equal(name, SPAN("prompt")))
        return MEMBER_PROMPT;
    if (api == API_EMBEDDINGS && span_equal(name, SPAN("input")))
        return MEMBER_PROMPT;
    return MEMBER_OTHER;
}

static enum messages_member walk_inner(struct span name)
{
    static const struct {
        const char *name;
        enum messages_member member;
    } members[] = {
        {"role", MEMBER_ROLE},     {"content", MEMBER_CONTENT},  {"text", MEMBER_TEXT},
        {"type", MEMBER_TYPE},     {"tool_calls", MEMBER_CALLS}, {"function_call", MEMBER_CALLS},
        {"output", MEMBER_OUTPUT},
    };

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        if (span_equal(name, span_str(members[i].name)))
            return members[i].member;
    return MEMBER_OTHER;
}

static void walk_key(void *ctx, unsigned depth, struct span name, bool cut)
{
    struct messages_walk *w = ctx;

    if (depth == 0 || depth >= MESSAGES_DEPTH_MAX)
        return;
    if (cut)
        w->at[depth] = MEMBER_OTHER;
    else
        w->at[depth] = depth == 1 ? walk_top(w->api, name) : walk_inner(name);
}

/* Depths: 1 the list, 2 an item, 3 its members, 4 a part in content, 5 its members, 6 a part of a
 * tool's result, 7 its text. */
static bool walk_is_item(const struct messages_walk *w, unsigned depth)
{
    return depth == 2 && w->at[1] == MEMBER_LIST;
}

static bool walk_is_part(const struct messages_walk *w, unsigned depth)
{
    return (depth == 4 && w->at[1] == MEMBER_LIST && w->at[3] == MEMBER_CONTENT) ||
           (depth == 2 && w->at[1] == MEMBER_SYSTEM);
}

/* Whether a string at that depth is a text, and whose. */
static bool walk_is_text(const struct messages_walk *w, unsigned depth, enum message_role *role)
{
    *role = ROLE_OTHER; /* the item's, which may come behind */
    switch (depth) {
    case 1:
        *role = w->at[1] == MEMBER_SYSTEM ? ROLE_SYSTEM : ROLE_USER;
        return w->at[1] == MEMBER_SYSTEM || w->at[1] == MEMBER_PROMPT || w->at[1] == MEMBER_LIST;
    case 2:
        *role = ROLE_USER;
        return w->at[1] == MEMBER_PROMPT;
    case 3:
        *role = w->at[1] == MEMBER_SYSTEM ? ROLE_SYSTEM : ROLE_OTHER;
        if (w->at[1] == MEMBER_SYSTEM)
            return w->at[3] == MEMBER_TEXT;
        return w->at[1] == MEMBER_LIST && (w->at[3] == MEMBER_CONTENT || w->at[3] == MEMBER_OUTPUT);
    case 5:
        return w->at[1] == MEMBER_LIST && w->at[3] == MEMBER_CONTENT &&
               (w->at[5] == MEMBER_TEXT || w->at[5] == MEMBER_CONTENT);
    case 7:
        return w->at[1] == MEMBER_LIST && w->at[3] == MEMBER_CONTENT &&
               w->at[5] == MEMBER_CONTENT && w->at[7] == MEMBER_TEXT;
    default:
        return false;
    }
}

static void walk_begin(void *ctx, unsigned depth, enum json_kind kind, uint64_t offset)
{
    struct messages_walk *w = ctx;

    w->in_word = false;
    if (depth > 0 && depth < MESSAGES_DEPTH_MAX && kind != JSON_STRING &&
        depth + 1 < MESSAGES_DEPTH_MAX)
        w->at[depth + 1] = MEMBER_OTHER; /* elements have no name */
    if (kind == JSON_STRING) {
        w->text_from = (size_t)offset;
        w->word_len = 0;
        w->in_word = depth < MESSAGES_DEPTH_MAX && depth > 1 &&
                     (w->at[depth] == MEMBER_ROLE || w->at[depth] == MEMBER_TYPE);
    }
    if (depth == 3 && w->at[1] == MEMBER_LIST && w->at[3] == MEMBER_CALLS && kind != JSON_NULL)
        w->m->has_tool_turns = true;
    if (kind != JSON_OBJECT && kind != JSON_STRING)
        return;
    if (walk_is_item(w, depth)) {
        w->role = ROLE_OTHER;
        w->only_results = true;
        w->has_part = false;
        w->item_first = w->m->count;
        w->cut_in_item = false;
    } else if (walk_is_part(w, depth)) {
        w->has_part = true;
        w->part_is_result = false;
        w->part_first = w->m->count;
        w->cut_in_part = false;
    }
}

static void walk_bytes(void *ctx, unsigned depth, struct span decoded)
{
    struct messages_walk *w = ctx;

    (void)depth;
    if (!w->in_word)
        return;
    for (size_t i = 0; i < decoded.len && w->word_len < sizeof(w->word); i++)
        w->word[w->word_len++] = decoded.ptr[i];
}

static enum message_role walk_role(struct span word)
{
    if (span_equal(word, SPAN("user")))
        return ROLE_USER;
    if (span_equal(word, SPAN("assistant")))
        return ROLE_ASSISTANT;
    if (span_equal(word, SPAN("system")) || span_equal(word, SPAN("developer")))
        return ROLE_SYSTEM;
    if (span_equal(word, SPAN("tool")) || span_equal(word, SPAN("function")))
        return ROLE_TOOL;
    return ROLE_OTHER;
}

/* Types of parts and items that say more than their text. */
static void walk_type(struct messages_walk *w, unsigned depth, struct span word)
{
    bool item = depth == 3;

    if (span_find(word, SPAN("image")) < word.len) {
        w->m->has_images = true;
    } else if (span_equal(word, SPAN("tool_result")) ||
               span_equal(word, SPAN("function_call_output"))) {
        w->m->has_tool_turns = true;
        w->part_is_result = !item;
        if (item)
            w->role = ROLE_TOOL;
    } else if (span_equal(word, SPAN("tool_use")) || span_equal(word, SPAN("function_call"))) {
        w->m->has_tool_turns = true;
    }
}

static void walk_add(struct messages_walk *w, enum message_role role, size_t end)
{
    struct messages *m = w->m;
    struct message_text *t;

    if (m->count == MESSAGES_TEXTS_MAX) {
        m->cut = true;
        w->cut_in_item = true;
        w->cut_in_part = true;
        t = &m->texts[MESSAGES_TEXTS_MAX - 1];
    } else {
        t = &m->texts[m->count++];
    }
    t->role = role;
    t->message = m->message_count;
    t->value = span_part(w->body, w->text_from, end - w->text_from);
}

/* Roles stand before or behind the content: they are known when the item ends. */
static void walk_set_role(struct messages_walk *w, size_t first, bool cut, enum message_role role)
{
    struct messages *m = w->m;

    if (cut && first == MESSAGES_TEXTS_MAX)
        first--;
    for (size_t i = first; i < m->count; i++)
        if (m->texts[i].role == ROLE_OTHER)
            m->texts[i].role = role;
}

static void walk_end_item(struct messages_walk *w)
{
    walk_set_role(w, w->item_first, w->cut_in_item, w->role);
    w->m->message_count++;
    if (w->role == ROLE_USER && (!w->has_part || !w->only_results))
        w->m->user_messages++;
}

static void walk_end_string(struct messages_walk *w, unsigned depth, size_t end)
{
    struct span word = span_of(w->word, w->word_len);
    enum message_role role;

    if (w->in_word && w->at[depth] == MEMBER_ROLE && depth == 3)
        w->role = walk_role(word);
    else if (w->in_word && w->at[depth] == MEMBER_TYPE)
        walk_type(w, depth, word);
    w->in_word = false;
    if (depth == 0 || depth >= MESSAGES_DEPTH_MAX || !walk_is_text(w, depth, &role))
        return;
    /* `input` of responses may be one text. */
    if (depth == 1 && w->at[1] == MEMBER_LIST)
        role = ROLE_USER;
    walk_add(w, role, end);
    if (depth <= 2 && w->at[1] != MEMBER_SYSTEM) {
        w->m->message_count++;
        w->m->user_messages++;
    } else if (depth == 1) {
        w->m->message_count++;
    }
}

static void walk_end(void *ctx, unsigned depth, enum json_kind kind, uint64_t end_offset)
{
    struct messages_walk *w = ctx;

    if (kind == JSON_STRING) {
        walk_end_string(w, depth, (size_t)end_offset);
        return;
    }
    if (kind == JSON_OBJECT && walk_is_part(w, depth)) {
        if (w->part_is_result)
            walk_set_role(w, w->part_first, w->cut_in_part, ROLE_TOOL);
        w->only_results = w->only_results && w->part_is_result;
    } else if (kind == JSON_OBJECT && walk_is_item(w, depth)) {
        walk_end_item(w);
    } else if (kind == JSON_ARRAY && depth == 1 && w->at[1] == MEMBER_SYSTEM) {
        w->m->message_count++;
    }
}

void messages_read(struct messages *m, enum api api, struct span body)
{
    static const struct json_visitor visitor = {
        .key = walk_key,
        .value_begin = walk_begin,
        .string_bytes = walk_bytes,
        .value_end = walk_end,
    };
    struct messages_walk w = {.m = m, .api = api, .body = body};
    struct json_scan scan;

    m->count = 0;
    m->cut = false;
    m->message_count = 0;
    m->user_messages = 0;
    m->has_images = false;
    m->has_tool_turns = false;
    json_scan_start(&scan, &visitor, &w, false);
    (void)json_scan_feed(&scan, body);
}

const struct message_text *messages_last(const struct messages *m, enum message_role role)
{
    for (size_t i = m->count; i > 0; i--)
        if (m->texts[i - 1].role == role)
            return &m->texts[i - 1];
    return NULL;
}

struct decode_room {
    char *out;
    size_t cap_bytes;
    size_t len;
    bool full;
};

/* Pieces end at whole characters; one that does not fit is cut at one. */
static void decode_bytes(void *ctx, unsigned depth, struct span decoded)
{
    struct decode_room *r = ctx;
    size_t bytes = decoded.len;

    (void)depth;
    if (r->full)
        return;
    if (bytes > r->cap_bytes - r->len) {
        r->full = true;
        bytes = r->cap_bytes - r->len;
        while (bytes > 0 && ((uint8_t)decoded.ptr[bytes] & 0xc0) == 0x80)
            bytes--;
    }
    memcpy(r->out + r->len, decoded.ptr, bytes);
    r->len += bytes;
}

size_t message_text_decode(const struct message_text *t, char *out, size_t out_bytes)
{
    static const struct json_visitor visitor = {.string_bytes = decode_bytes};
    struct decode_room room = {.out = out, .cap_bytes = out_bytes};
    struct json_scan scan;
    size_t at = 0;

    json_scan_start(&scan, &visitor, &room, false);
    /* In pieces: what is far longer than the room is not read to its end. */
    while (at < t->value.len && !room.full) {
        struct span piece = span_part(t->value, at, 4096);

        if (json_scan_feed(&scan, piece) == PARSE_BAD)
            break;
        at += piece.len;
    }
    return room.len;
}
