/* A stack of frames instead of recursion: each applies one schema to one value, in phases. */
#include "policy/schema.h"

#include "base/check.h"

enum phase { PHASE_OWN, PHASE_REF, PHASE_ANY, PHASE_ONE, PHASE_ALL, PHASE_CHILDREN };

enum verdict { IS_WRONG, IS_RIGHT, IS_PUSHED };

enum {
    NAME_BYTES = 128, /* of a member or a part of a reference; longer ones are not judged */
    MICRO_DIGITS = 6,
};

#define NUMBER_MAX (INT64_MAX / 100)

struct machine {
    struct schema_work *w;
    const struct json_tree *schema;
    const struct json_tree *values;
    int root;
    bool unknown; /* a limit was reached */
};

/* ---- what a value is by itself ---- */

/* In millionths, cut there and at NUMBER_MAX; with an exponent it is not told (false). */
static bool number_of(struct span s, int64_t *out)
{
    bool minus = span_starts(s, SPAN("-"));
    int64_t value = 0;
    int decimals = -1;

    for (size_t i = minus; i < s.len; i++) {
        if (s.ptr[i] == '.') {
            decimals = 0;
            continue;
        }
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
        if (decimals == MICRO_DIGITS)
            break;
        if (value > NUMBER_MAX / 10)
            return false;
        value = value * 10 + (s.ptr[i] - '0');
        decimals += decimals >= 0;
    }
    for (int i = decimals < 0 ? 0 : decimals; i < MICRO_DIGITS; i++) {
        if (value > NUMBER_MAX / 10)
            return false;
        value *= 10;
    }
    *out = minus ? -value : value;
    return true;
}

static bool kind_is(const struct machine *m, int value, struct span type)
{
    static const struct {
        const char *name;
        enum json_kind kind;
    } types[] = {{"object", JSON_OBJECT}, {"array", JSON_ARRAY},    {"string", JSON_STRING},
                 {"number", JSON_NUMBER}, {"integer", JSON_NUMBER}, {"boolean", JSON_TRUE},
                 {"null", JSON_NULL}};
    enum json_kind kind = json_tree_kind(m->values, value);
    int64_t whole;

    if (kind == JSON_FALSE)
        kind = JSON_TRUE;
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (span_equal(type, span_str(types[i].name)))
            return types[i].kind == kind &&
                   (!span_equal(type, SPAN("integer")) || json_tree_i64(m->values, value, &whole) ||
                    span_find_byte(json_tree_raw(m->values, value), '.') ==
                        json_tree_raw(m->values, value).len);
    return true; /* a type that nobody knows */
}

static bool type_fits(struct machine *m, int schema, int value)
{
    int type = json_tree_get(m->schema, schema, "type");

    if (json_tree_kind(m->schema, type) == JSON_STRING)
        return kind_is(m, value, json_tree_raw(m->schema, type));
    if (json_tree_kind(m->schema, type) != JSON_ARRAY)
        return true;
    for (int one = json_tree_first(m->schema, type); one != JSON_TREE_NONE;
         one = json_tree_after(m->schema, one))
        if (kind_is(m, value, json_tree_raw(m->schema, one)))
            return true;
    return false;
}

/* Strings that are the same once their escapes are resolved; very long ones are taken to be. */
static bool same_text(struct machine *m, int constant, int value)
{
    const size_t half = sizeof(m->w->text) / 2;
    struct span a = json_tree_raw(m->schema, constant);
    struct span b = json_tree_raw(m->values, value);
    size_t a_len;
    size_t b_len;

    if (span_find_byte(a, '\\') == a.len && span_find_byte(b, '\\') == b.len)
        return span_equal(a, b);
    if (!json_tree_text(m->schema, constant, m->w->text, half, &a_len) ||
        !json_tree_text(m->values, value, m->w->text + half, half, &b_len))
        return true;
    return span_equal(span_of(m->w->text, a_len), span_of(m->w->text + half, b_len));
}

static bool same(struct machine *m, int constant, int value)
{
    enum json_kind kind = json_tree_kind(m->schema, constant);
    struct span a = json_tree_raw(m->schema, constant);
    struct span b = json_tree_raw(m->values, value);
    int64_t x;
    int64_t y;

    m->w->steps++;
    if (kind != json_tree_kind(m->values, value))
        return false;
    if (kind == JSON_STRING)
        return same_text(m, constant, value);
    if (kind == JSON_NUMBER)
        return span_equal(a, b) || !number_of(a, &x) || !number_of(b, &y) || x == y;
    /* Containers that are written in another way may be the same. */
    return span_equal(a, b) || kind == JSON_OBJECT || kind == JSON_ARRAY;
}

/* ---- bounds ---- */

/* Characters of a string as it is written: an escape is one, half of a pair none. */
static int64_t characters(struct span raw)
{
    int64_t count = 0;

    for (size_t i = 0; i < raw.len; i++) {
        struct span rest = span_part(raw, i, raw.len);

        if (((uint8_t)raw.ptr[i] & 0xC0) == 0x80)
            continue;
        if (raw.ptr[i] == '\\') {
            bool low = rest.len > 3 && rest.ptr[1] == 'u' && (rest.ptr[2] | 0x20) == 'd' &&
                       ((rest.ptr[3] | 0x20) >= 'c' && (rest.ptr[3] | 0x20) <= 'f');

            i += rest.len > 1 && rest.ptr[1] == 'u' ? 5 : 1;
            count -= low;
        }
        count++;
    }
    return count;
}

struct bound {
    const char *name;
    enum json_kind kind; /* of the values it is for */
    bool is_least;
    bool open; /* the bound itself is outside */
};

static const struct bound bounds[] = {
    {"minimum", JSON_NUMBER, true, false},         {"maximum", JSON_NUMBER, false, false},
    {"exclusiveMinimum", JSON_NUMBER, true, true}, {"exclusiveMaximum", JSON_NUMBER, false, true},
    {"minLength", JSON_STRING, true, false},       {"maxLength", JSON_STRING, false, false},
    {"minItems", JSON_ARRAY, true, false},         {"maxItems", JSON_ARRAY, false, false},
    {"minProperties", JSON_OBJECT, true, false},   {"maxProperties", JSON_OBJECT, false, false},
};

static bool bound_fits(struct machine *m, const struct bound *b, int limit, int value)
{
    int64_t most;
    int64_t size;

    if (json_tree_kind(m->schema, limit) != JSON_NUMBER)
        return true; /* "exclusiveMinimum": true is of an older draft */
    if (b->kind == JSON_NUMBER) {
        if (!number_of(json_tree_raw(m->schema, limit), &most) ||
            !number_of(json_tree_raw(m->values, value), &size))
            return true;
    } else {
        if (!json_tree_i64(m->schema, limit, &most))
            return true;
        size = b->kind == JSON_STRING ? characters(json_tree_raw(m->values, value))
                                      : json_tree_size(m->values, value);
    }
    if (size == most)
        return !b->open;
    return b->is_least ? size > most : size < most;
}

static bool pattern_fits(struct machine *m, int schema, int value)
{
    struct schema_work *w = m->w;
    int pattern = json_tree_get(m->schema, schema, "pattern");
    char why[64];
    struct fmt reason;
    size_t len;

    if (json_tree_kind(m->values, value) != JSON_STRING ||
        json_tree_kind(m->schema, pattern) != JSON_STRING)
        return true;
    fmt_init(&reason, why, sizeof(why));
    if (!json_tree_text(m->schema, pattern, w->text, sizeof(w->text), &len) ||
        len > PATTERN_TEXT_BYTES || !pattern_compile(&w->pattern, span_of(w->text, len), &reason) ||
        !json_tree_text(m->values, value, w->text, sizeof(w->text), &len))
        return true;
    w->steps += (uint32_t)len;
    return pattern_found(&w->pattern, span_of(w->text, len));
}

static bool required_there(struct machine *m, int schema, int value)
{
    int required = json_tree_get(m->schema, schema, "required");
    char name[NAME_BYTES];
    size_t len;

    if (json_tree_kind(m->values, value) != JSON_OBJECT ||
        json_tree_kind(m->schema, required) != JSON_ARRAY)
        return true;
    for (int one = json_tree_first(m->schema, required); one != JSON_TREE_NONE;
         one = json_tree_after(m->schema, one)) {
        m->w->steps += (uint32_t)json_tree_size(m->values, value);
        if (m->w->steps > SCHEMA_STEPS_MAX ||
            !json_tree_text(m->schema, one, name, sizeof(name) - 1, &len))
            return true;
        name[len] = '\0';
        if (json_tree_get(m->values, value, name) == JSON_TREE_NONE)
            return false;
    }
    return true;
}

static bool constants_fit(struct machine *m, int schema, int value)
{
    int constant = json_tree_get(m->schema, schema, "const");
    int list = json_tree_get(m->schema, schema, "enum");

    if (constant != JSON_TREE_NONE && !same(m, constant, value))
        return false;
    if (json_tree_kind(m->schema, list) != JSON_ARRAY)
        return true;
    for (int one = json_tree_first(m->schema, list); one != JSON_TREE_NONE;
         one = json_tree_after(m->schema, one))
        if (same(m, one, value))
            return true;
    return false;
}

/* All that needs no other schema. */
static bool own_fits(struct machine *m, int schema, int value)
{
    if (!type_fits(m, schema, value) || !constants_fit(m, schema, value) ||
        !pattern_fits(m, schema, value) || !required_there(m, schema, value))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(bounds); i++)
        if (bounds[i].kind == json_tree_kind(m->values, value) &&
            !bound_fits(m, &bounds[i], json_tree_get(m->schema, schema, bounds[i].name), value))
            return false;
    return true;
}

/* ---- other schemas ---- */

/* "#/$defs/step": the schema in the same document, or JSON_TREE_NONE. */
static int reference(const struct machine *m, struct span path)
{
    int at = m->root;
    struct span part;

    if (!span_starts(path, SPAN("#")))
        return JSON_TREE_NONE;
    path = span_part(path, 1, path.len);
    if (path.len == 0)
        return at;
    path = span_part(path, 1, path.len);
    while (at != JSON_TREE_NONE && span_split(&path, '/', &part)) {
        char name[NAME_BYTES];

        if (part.len >= sizeof(name))
            return JSON_TREE_NONE;
        memcpy(name, part.ptr, part.len);
        name[part.len] = '\0';
        at = json_tree_get(m->schema, at, name);
    }
    return at;
}

static enum verdict push(struct machine *m, int schema, int value)
{
    struct schema_work *w = m->w;

    if (w->depth == SCHEMA_DEPTH_MAX) {
        m->unknown = true;
        return IS_RIGHT;
    }
    w->frames[w->depth++] = (struct schema_frame){schema, value, JSON_TREE_NONE, PHASE_OWN};
    return IS_PUSHED;
}

/* The schema of a member or an element; JSON_TREE_NONE: anything may stand there. */
static int child_schema(struct machine *m, const struct schema_frame *f)
{
    int properties = json_tree_get(m->schema, f->schema, "properties");
    int other = json_tree_get(m->schema, f->schema, "additionalProperties");
    struct span raw = json_tree_name(m->values, f->child);
    char name[NAME_BYTES];
    int found;

    if (json_tree_kind(m->values, f->value) == JSON_ARRAY)
        return json_tree_get(m->schema, f->schema, "prefixItems") != JSON_TREE_NONE
                   ? JSON_TREE_NONE
                   : json_tree_get(m->schema, f->schema, "items");
    m->w->steps += (uint32_t)json_tree_size(m->schema, properties);
    if (raw.len >= sizeof(name) || span_find_byte(raw, '\\') < raw.len)
        return JSON_TREE_NONE;
    memcpy(name, raw.ptr, raw.len);
    name[raw.len] = '\0';
    found = json_tree_get(m->schema, properties, name);
    if (found != JSON_TREE_NONE ||
        json_tree_get(m->schema, f->schema, "patternProperties") != JSON_TREE_NONE)
        return found;
    return other;
}

/* Alternatives of anyOf or oneOf, one after the other until one is right. `before`: how the last
 * one went. */
static enum verdict any_next(struct machine *m, struct schema_frame *f, const char *name,
                             bool before)
{
    if (f->child == JSON_TREE_NONE)
        f->child = json_tree_first(m->schema, json_tree_get(m->schema, f->schema, name));
    else if (before)
        return IS_RIGHT;
    else if ((f->child = json_tree_after(m->schema, f->child)) == JSON_TREE_NONE)
        return IS_WRONG;
    return f->child == JSON_TREE_NONE ? IS_RIGHT : push(m, f->child, f->value);
}

static enum verdict all_next(struct machine *m, struct schema_frame *f, bool before)
{
    if (f->child == JSON_TREE_NONE)
        f->child = json_tree_first(m->schema, json_tree_get(m->schema, f->schema, "allOf"));
    else if (!before)
        return IS_WRONG;
    else
        f->child = json_tree_after(m->schema, f->child);
    return f->child == JSON_TREE_NONE ? IS_RIGHT : push(m, f->child, f->value);
}

static enum verdict children_next(struct machine *m, struct schema_frame *f, bool before)
{
    if (f->child != JSON_TREE_NONE && !before)
        return IS_WRONG;
    for (;;) {
        int schema;

        f->child = f->child == JSON_TREE_NONE ? json_tree_first(m->values, f->value)
                                              : json_tree_after(m->values, f->child);
        if (f->child == JSON_TREE_NONE || ++m->w->steps > SCHEMA_STEPS_MAX)
            return IS_RIGHT;
        schema = child_schema(m, f);
        if (schema != JSON_TREE_NONE)
            return push(m, schema, f->child);
    }
}

static enum verdict own_next(struct machine *m, const struct schema_frame *f)
{
    enum json_kind kind = json_tree_kind(m->schema, f->schema);
    int ref = json_tree_get(m->schema, f->schema, "$ref");

    if (kind != JSON_OBJECT) /* `true` and what is no schema take anything */
        return kind == JSON_FALSE ? IS_WRONG : IS_RIGHT;
    m->w->steps += (uint32_t)json_tree_size(m->schema, f->schema);
    if (!own_fits(m, f->schema, f->value))
        return IS_WRONG;
    if (json_tree_kind(m->schema, ref) != JSON_STRING)
        return IS_RIGHT;
    ref = reference(m, json_tree_raw(m->schema, ref));
    return ref == JSON_TREE_NONE ? IS_RIGHT : push(m, ref, f->value);
}

/* One phase of the frame on top; `before` is the result of the frame that it pushed last. */
static enum verdict phase_next(struct machine *m, struct schema_frame *f, bool before)
{
    switch ((enum phase)f->phase) {
    case PHASE_OWN:
        f->phase = PHASE_REF;
        return own_next(m, f);
    case PHASE_REF:
        return before ? IS_RIGHT : IS_WRONG;
    case PHASE_ANY:
        return any_next(m, f, "anyOf", before);
    case PHASE_ONE:
        return any_next(m, f, "oneOf", before);
    case PHASE_ALL:
        return all_next(m, f, before);
    case PHASE_CHILDREN:
        break;
    }
    return children_next(m, f, before);
}

enum schema_result schema_check(struct schema_work *w, const struct json_tree *schema, int root,
                                const struct json_tree *values, int value)
{
    struct machine m = {w, schema, values, root, false};
    bool before = true;

    w->depth = 0;
    w->steps = 0;
    (void)push(&m, root, value);
    while (w->depth > 0) {
        struct schema_frame *f = &w->frames[w->depth - 1];
        enum verdict v;

        if (++w->steps > SCHEMA_STEPS_MAX)
            return SCHEMA_UNKNOWN;
        v = phase_next(&m, f, before);
        if (v == IS_PUSHED) {
            before = true;
            continue;
        }
        before = v == IS_RIGHT;
        if (before && f->phase < PHASE_CHILDREN &&
            json_tree_kind(schema, f->schema) == JSON_OBJECT) {
            f->phase++;
            f->child = JSON_TREE_NONE;
            continue;
        }
        w->depth--;
    }
    return !before ? SCHEMA_INVALID : m.unknown ? SCHEMA_UNKNOWN : SCHEMA_VALID;
}
