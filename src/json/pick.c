#include "json/pick.h"

#include <string.h>

#include "base/check.h"

_Static_assert(JSON_PICK_PATHS_MAX <= 32 && JSON_DEPTH_MAX <= 64, "sets are words");

/* The lowest path of a set. */
static unsigned first_of(uint32_t set)
{
    return (unsigned)__builtin_ctz(set);
}

static uint32_t set_of(size_t path)
{
    return UINT32_C(1) << path;
}

/* ---- where we are ---- */

static struct span step_of(const struct json_pick *p, unsigned path, unsigned depth)
{
    return span_of(p->paths[path].path + p->step_at[path][depth - 1], p->step_len[path][depth - 1]);
}

/* Of the paths that led here, those that have this name as their next step. */
static uint32_t follow(const struct json_pick *p, unsigned depth, struct span name)
{
    uint32_t from = p->live[depth - 1];
    uint32_t next = 0;

    for (; from != 0; from &= from - 1) {
        unsigned path = first_of(from);

        if (span_equal(step_of(p, path, depth), name))
            next |= set_of(path);
    }
    return next;
}

static void pick_key(void *ctx, unsigned depth, struct span name, bool cut)
{
    struct json_pick *p = ctx;

    if (depth <= JSON_PICK_DEPTH_MAX)
        p->live[depth] = cut || p->live[depth - 1] == 0 ? 0 : follow(p, depth, name);
}

/* ---- captures ---- */

static void open_captures(struct json_pick *p, unsigned depth, enum json_kind kind, uint64_t offset)
{
    uint32_t set = p->live[depth] & p->ends[depth] & ~p->open;

    p->opened[depth] |= set;
    p->open |= set;
    for (; set != 0; set &= set - 1) {
        unsigned path = first_of(set);
        struct json_picked *r = &p->results[path];

        p->raw_from[path] = offset;
        r->value_kind = kind;
        r->count++;
        r->elements = 0;
        if (p->paths[path].kind != PICK_SIZE) {
            r->len = 0;
            r->cut = false;
        }
    }
}

static void count_element(struct json_pick *p, unsigned container_depth)
{
    for (uint32_t set = p->opened[container_depth]; set != 0; set &= set - 1)
        p->results[first_of(set)].elements++;
}

static void pick_begin(void *ctx, unsigned depth, enum json_kind kind, uint64_t offset)
{
    struct json_pick *p = ctx;
    uint64_t bit = UINT64_C(1) << (depth & 63);

    p->arrays = kind == JSON_ARRAY ? p->arrays | bit : p->arrays & ~bit;
    if (depth > JSON_PICK_DEPTH_MAX)
        return;
    if (depth > 0 && p->opened[depth - 1] != 0)
        count_element(p, depth - 1);
    if (depth > 0 && (p->arrays >> (depth - 1) & 1) != 0)
        p->live[depth] = p->live[depth - 1] == 0 ? 0 : follow(p, depth, SPAN("*"));
    if (p->live[depth] != 0)
        open_captures(p, depth, kind, offset);
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

static void pick_count(struct json_picked *r, struct span decoded)
{
    r->size_bytes += decoded.len;
    if (r->hear != NULL)
        r->hear(r->ctx, decoded);
}

static void pick_string(void *ctx, unsigned depth, struct span decoded)
{
    struct json_pick *p = ctx;

    (void)depth;
    for (uint32_t set = p->open & ~p->raw; set != 0; set &= set - 1) {
        unsigned path = first_of(set);

        if ((p->text & set_of(path)) != 0)
            pick_put(&p->results[path], decoded);
        else
            pick_count(&p->results[path], decoded);
    }
}

/* Copies what of the raw value lies in the bytes that were fed, up to an offset in the text. */
static void copy_raw(struct json_pick *p, unsigned path, uint64_t to)
{
    uint64_t from = p->raw_from[path] > p->fed_at ? p->raw_from[path] : p->fed_at;

    if (to > from)
        pick_put(&p->results[path],
                 span_part(p->fed, (size_t)(from - p->fed_at), (size_t)(to - from)));
    p->raw_from[path] = to;
}

static void pick_end(void *ctx, unsigned depth, enum json_kind kind, uint64_t end_offset)
{
    struct json_pick *p = ctx;
    uint32_t set;

    (void)kind;
    if (depth > JSON_PICK_DEPTH_MAX || p->opened[depth] == 0)
        return;
    for (set = p->opened[depth] & p->raw; set != 0; set &= set - 1)
        copy_raw(p, first_of(set), end_offset);
    p->open &= ~p->opened[depth];
    p->opened[depth] = 0;
}

/* ---- the whole ---- */

static const struct json_visitor pick_visitor = {
    .key = pick_key,
    .value_begin = pick_begin,
    .string_bytes = pick_string,
    .value_end = pick_end,
};

static void split_path(struct json_pick *p, size_t path)
{
    struct span rest = span_str(p->paths[path].path);
    const char *begin = rest.ptr;
    struct span step;
    size_t steps = 0;

    CHECK(rest.len <= UINT8_MAX);
    while (span_split(&rest, '.', &step)) {
        CHECK(steps < JSON_PICK_DEPTH_MAX);
        p->step_at[path][steps] = (uint8_t)(step.ptr - begin);
        p->step_len[path][steps] = (uint8_t)step.len;
        steps++;
    }
    p->ends[steps] |= set_of(path);
}

void json_pick_start(struct json_pick *p, const struct json_pick_path *paths,
                     struct json_picked *results, size_t count)
{
    CHECK(count <= JSON_PICK_PATHS_MAX);
    memset(p->ends, 0, sizeof(p->ends));
    p->paths = paths;
    p->results = results;
    p->count = count;
    p->raw = 0;
    p->text = 0;
    for (size_t i = 0; i < count; i++) {
        split_path(p, i);
        p->raw |= paths[i].kind == PICK_RAW ? set_of(i) : 0;
        p->text |= paths[i].kind == PICK_TEXT ? set_of(i) : 0;
    }
    json_pick_again(p);
}

void json_pick_again(struct json_pick *p)
{
    memset(p->live, 0, sizeof(p->live));
    memset(p->opened, 0, sizeof(p->opened));
    p->live[0] = p->count == 32 ? UINT32_MAX : set_of(p->count) - 1;
    p->open = 0;
    p->arrays = 0;
    for (size_t i = 0; i < p->count; i++) {
        struct json_picked *r = &p->results[i];

        *r = (struct json_picked){
            .data = r->data, .cap_bytes = r->cap_bytes, .hear = r->hear, .ctx = r->ctx};
    }
    json_scan_start(&p->scan, &pick_visitor, p, false);
}

enum parse json_pick_feed(struct json_pick *p, struct span bytes)
{
    enum parse verdict;

    p->fed = bytes;
    p->fed_at = p->scan.offset;
    verdict = json_scan_feed(&p->scan, bytes);
    for (uint32_t set = p->open & p->raw; set != 0; set &= set - 1)
        copy_raw(p, first_of(set), p->scan.offset);
    return verdict;
}

enum parse json_pick_finish(struct json_pick *p)
{
    p->fed = SPAN_EMPTY;
    p->fed_at = p->scan.offset;
    return json_scan_finish(&p->scan);
}

struct span json_picked_span(const struct json_picked *r)
{
    return span_of(r->data, r->len);
}
