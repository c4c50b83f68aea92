#include "json/pick.h"

#include <string.h>

#include "base/check.h"

/* The step of a path at `depth` (1 = first); empty when the path is shorter. */
static struct span pick_step(const char *path, unsigned depth)
{
    struct span rest = span_str(path);
    struct span step = SPAN_EMPTY;

    for (unsigned i = 0; i < depth; i++)
        if (!span_split(&rest, '.', &step))
            return SPAN_EMPTY;
    return step;
}

static unsigned pick_steps(const char *path)
{
    unsigned steps = 1;

    for (; *path != '\0'; path++)
        steps += *path == '.' ? 1 : 0;
    return steps;
}

static void pick_key(void *ctx, unsigned depth, struct span name, bool cut)
{
    struct json_pick *p = ctx;

    for (size_t i = 0; i < p->count; i++) {
        if (p->matched[i] >= depth)
            p->matched[i] = (uint8_t)(depth - 1);
        if (p->matched[i] == depth - 1 && !cut &&
            span_equal(pick_step(p->paths[i].path, depth), name))
            p->matched[i] = (uint8_t)depth;
    }
}

/* A value at `depth` inside an array has no key: "*" matches it. */
static void pick_element(struct json_pick *p, unsigned depth)
{
    for (size_t i = 0; i < p->count; i++) {
        if (p->matched[i] >= depth)
            p->matched[i] = (uint8_t)(depth - 1);
        if (p->matched[i] == depth - 1 && span_equal(pick_step(p->paths[i].path, depth), SPAN("*")))
            p->matched[i] = (uint8_t)depth;
    }
}

static bool pick_in_array(const struct json_pick *p, unsigned depth)
{
    return depth > 0 && depth < sizeof(p->is_array) && p->is_array[depth - 1];
}

static void pick_start_capture(struct json_pick *p, size_t i, unsigned depth, enum json_kind kind)
{
    struct json_picked *r = &p->results[i];

    p->capturing[i] = (uint8_t)(depth + 1);
    r->value_kind = kind;
    r->count++;
    r->elements = 0;
    if (p->paths[i].kind != PICK_SIZE) {
        r->len = 0;
        r->cut = false;
    }
}

static void pick_begin(void *ctx, unsigned depth, enum json_kind kind, uint64_t offset)
{
    struct json_pick *p = ctx;

    (void)offset;
    if (pick_in_array(p, depth))
        pick_element(p, depth);
    if (depth < sizeof(p->is_array))
        p->is_array[depth] = kind == JSON_ARRAY;
    for (size_t i = 0; i < p->count; i++)
        if (p->capturing[i] == 0 && p->matched[i] == depth && p->steps[i] == depth)
            pick_start_capture(p, i, depth, kind);
        else if (p->capturing[i] != 0 && depth == p->capturing[i])
            p->results[i].elements++;
}

static void pick_put(struct json_picked *r, struct span s)
{
    size_t room = r->cap_bytes - r->len;

    if (s.len > room) {
        r->cut = true;
        s.len = room;
    }
    if (s.len > 0)
        memcpy(r->data + r->len, s.ptr, s.len);
    r->len += s.len;
}

static void pick_string(void *ctx, unsigned depth, struct span decoded)
{
    struct json_pick *p = ctx;

    (void)depth;
    for (size_t i = 0; i < p->count; i++) {
        if (p->capturing[i] == 0)
            continue;
        if (p->paths[i].kind == PICK_SIZE)
            p->results[i].size_bytes += decoded.len;
        else if (p->paths[i].kind == PICK_TEXT)
            pick_put(&p->results[i], decoded);
    }
}

static void pick_end(void *ctx, unsigned depth, enum json_kind kind, uint64_t end_offset)
{
    struct json_pick *p = ctx;

    (void)kind;
    for (size_t i = 0; i < p->count; i++) {
        if (p->capturing[i] != depth + 1)
            continue;
        p->capturing[i] = 0;
        p->ended_at[i] = end_offset;
    }
}

static const struct json_visitor pick_visitor = {
    .key = pick_key,
    .value_begin = pick_begin,
    .string_bytes = pick_string,
    .value_end = pick_end,
};

void json_pick_start(struct json_pick *p, const struct json_pick_path *paths,
                     struct json_picked *results, size_t count)
{
    CHECK(count <= JSON_PICK_PATHS_MAX);
    memset(p->matched, 0, sizeof(p->matched));
    memset(p->capturing, 0, sizeof(p->capturing));
    memset(p->is_array, 0, sizeof(p->is_array));
    p->paths = paths;
    p->results = results;
    p->count = count;
    for (size_t i = 0; i < count; i++) {
        struct json_picked *r = &results[i];

        *r = (struct json_picked){.data = r->data, .cap_bytes = r->cap_bytes};
        p->steps[i] = (uint8_t)pick_steps(paths[i].path);
        CHECK(p->steps[i] <= JSON_PICK_DEPTH_MAX);
    }
    json_scan_start(&p->scan, &pick_visitor, p, false);
}

/* Raw values are copied byte by byte while their capture is open: the scan tells of a value's begin
 * when its first byte is read, and of a number's end with the byte behind it. */
static void pick_raw(struct json_pick *p, const bool *was_open, struct span byte, uint64_t at)
{
    for (size_t i = 0; i < p->count; i++) {
        bool open = p->capturing[i] != 0;

        if (p->paths[i].kind == PICK_RAW && (open || (was_open[i] && at < p->ended_at[i])))
            pick_put(&p->results[i], byte);
    }
}

static bool pick_wants_raw(const struct json_pick *p)
{
    for (size_t i = 0; i < p->count; i++)
        if (p->capturing[i] != 0 && p->paths[i].kind == PICK_RAW)
            return true;
    return false;
}

/* Bytes are fed one at a time only where a raw value may begin or is open; text in strings, the
 * bulk of an answer, goes in runs. */
enum parse json_pick_feed(struct json_pick *p, struct span bytes)
{
    size_t at = 0;

    while (at < bytes.len) {
        bool was_open[JSON_PICK_PATHS_MAX] = {false};
        struct span piece = span_part(bytes, at, 1);
        uint64_t offset = p->scan.offset;

        if (!pick_wants_raw(p) && json_scan_in_text(&p->scan)) {
            struct span rest = span_part(bytes, at, bytes.len);

            piece.len = span_find_byte(rest, '"');
            piece.len += piece.len == 0 ? 1 : 0;
        }
        for (size_t i = 0; i < p->count; i++)
            was_open[i] = p->capturing[i] != 0;
        if (json_scan_feed(&p->scan, piece) == PARSE_BAD)
            return PARSE_BAD;
        if (piece.len == 1)
            pick_raw(p, was_open, piece, offset);
        at += piece.len;
    }
    return PARSE_MORE;
}

enum parse json_pick_finish(struct json_pick *p)
{
    return json_scan_finish(&p->scan);
}

struct span json_picked_span(const struct json_picked *r)
{
    return span_of(r->data, r->len);
}
