#include "policy/pattern.h"

#include <limits.h>

#include "base/ascii.h"
#include "base/check.h"

_Static_assert(PATTERN_OPS_MAX <= 256, "places of ops are bytes");

enum { SET_BYTES = 32, ASCII_END = 0x80, CASE_BIT = 0x20 };

#define REPEAT_ENDLESS UINT_MAX
#define NO_ATOM        SIZE_MAX

static bool set_has(const uint8_t *set, uint8_t byte)
{
    return (set[byte / 8] >> (byte % 8) & 1) != 0;
}

static void set_put(uint8_t *set, uint8_t byte)
{
    set[byte / 8] |= (uint8_t)(1 << (byte % 8));
}

static bool is_letter(uint8_t byte)
{
    return (byte | CASE_BIT) >= 'a' && (byte | CASE_BIT) <= 'z';
}

static bool is_word(uint8_t byte)
{
    return is_letter(byte) || ascii_is_digit(byte) || byte == '_';
}

static uint8_t fold(const struct pattern *p, uint8_t byte)
{
    return p->fold && is_letter(byte) ? byte | CASE_BIT : byte;
}

/* ---- compiling ----
 *
 * Ops of an atom, a group or an alternative stand together and lead nowhere but inside and just
 * behind: counted from the op itself, their places stay true when a block is moved or copied. */

struct pattern_group {
    uint16_t open; /* where its ops begin */
    uint16_t part; /* where the alternative under way begins */
};

struct pattern_compiler {
    struct pattern *p;
    struct span text;
    size_t at;
    const char *err;
    size_t depth;
    struct pattern_group groups[PATTERN_DEPTH_MAX + 1];
};

/* The first error counts. */
static bool fail(struct pattern_compiler *c, const char *err)
{
    if (c->err == NULL)
        c->err = err;
    return false;
}

static bool more(const struct pattern_compiler *c)
{
    return c->at < c->text.len;
}

/* 0 at the end. */
static uint8_t peek(const struct pattern_compiler *c)
{
    return more(c) ? (uint8_t)c->text.ptr[c->at] : 0;
}

static bool take(struct pattern_compiler *c, char sign)
{
    bool is = more(c) && c->text.ptr[c->at] == sign;

    c->at += is;
    return is;
}

/* Makes room for `count` ops at a place. */
static bool open_gap(struct pattern_compiler *c, size_t at, size_t count)
{
    struct pattern *p = c->p;

    if (count > PATTERN_OPS_MAX - (size_t)p->count)
        return fail(c, "it is too large");
    memmove(&p->ops[at + count], &p->ops[at], (p->count - at) * sizeof(p->ops[0]));
    p->count = (uint16_t)(p->count + count);
    return true;
}

static bool put_op(struct pattern_compiler *c, size_t at, enum pattern_op_kind kind, uint8_t arg,
                   size_t to)
{
    if (!open_gap(c, at, 1))
        return false;
    c->p->ops[at] = (struct pattern_op){(uint8_t)kind, arg, (int16_t)((int)to - (int)at)};
    return true;
}

static bool emit(struct pattern_compiler *c, enum pattern_op_kind kind, uint8_t arg)
{
    return put_op(c, c->p->count, kind, arg, c->p->count);
}

static bool emit_set(struct pattern_compiler *c, const uint8_t set[SET_BYTES])
{
    struct pattern *p = c->p;
    uint8_t i = 0;

    while (i < p->set_count && memcmp(p->sets[i], set, SET_BYTES) != 0)
        i++;
    if (i == PATTERN_SETS_MAX)
        return fail(c, "it has too many classes");
    if (i == p->set_count)
        memcpy(p->sets[p->set_count++], set, SET_BYTES);
    return emit(c, PATTERN_SET, i);
}

/* \d \w \s and their capitals: adds the bytes; false for another letter. */
static bool escaped_kind(struct pattern_compiler *c, uint8_t *set)
{
    uint8_t kind = peek(c) | CASE_BIT;
    bool negated = peek(c) != kind;

    if (kind != 'd' && kind != 'w' && kind != 's')
        return false;
    for (unsigned i = 0; i < SET_BYTES * 8; i++) {
        uint8_t byte = (uint8_t)i;
        bool in = kind == 'd'   ? ascii_is_digit(byte)
                  : kind == 'w' ? is_word(byte)
                                : byte == ' ' || (byte >= '\t' && byte <= '\r');

        if (in != negated)
            set_put(set, byte);
    }
    c->at++;
    return true;
}

/* The byte that an escape stands for; `at` is behind the backslash. */
static bool escaped_byte(struct pattern_compiler *c, uint8_t *out)
{
    uint8_t byte = peek(c);

    if (byte < ' ' || byte >= ASCII_END ||
        (is_word(byte) && byte != 'n' && byte != 'r' && byte != 't'))
        return fail(c, "there is no such escape");
    *out = byte == 'n' ? '\n' : byte == 'r' ? '\r' : byte == 't' ? '\t' : byte;
    c->at++;
    return true;
}

/* One byte of a class; *is_kind when it was \d or the like, which is in the set then. */
static bool class_byte(struct pattern_compiler *c, uint8_t *set, uint8_t *out, bool *is_kind)
{
    *is_kind = false;
    if (!more(c))
        return fail(c, "a [ has no ]");
    if (take(c, '\\')) {
        *is_kind = escaped_kind(c, set);
        return *is_kind || escaped_byte(c, out);
    }
    *out = peek(c);
    if (*out >= ASCII_END)
        return fail(c, "a class holds ASCII only");
    c->at++;
    return true;
}

static bool class_item(struct pattern_compiler *c, uint8_t *set)
{
    uint8_t from;
    uint8_t to;
    bool is_kind;

    if (!class_byte(c, set, &from, &is_kind))
        return false;
    if (is_kind)
        return true;
    to = from;
    if (c->at + 1 < c->text.len && c->text.ptr[c->at] == '-' && c->text.ptr[c->at + 1] != ']') {
        c->at++;
        if (!class_byte(c, set, &to, &is_kind))
            return false;
        if (is_kind || to < from)
            return fail(c, "a range is none");
    }
    for (unsigned i = from; i <= to; i++) {
        set_put(set, (uint8_t)i);
        if (c->p->fold && is_letter((uint8_t)i))
            set_put(set, (uint8_t)(i ^ CASE_BIT));
    }
    return true;
}

/* Behind the [. A ] that comes first is a literal, as everywhere. */
static bool class(struct pattern_compiler *c)
{
    uint8_t set[SET_BYTES] = {0};
    bool negated = take(c, '^');

    do {
        if (!class_item(c, set))
            return false;
    } while (!take(c, ']'));
    for (size_t i = 0; negated && i < SET_BYTES; i++)
        set[i] = (uint8_t)~set[i];
    return emit_set(c, set);
}

static bool escape(struct pattern_compiler *c)
{
    uint8_t set[SET_BYTES] = {0};
    uint8_t byte;

    if (take(c, 'b'))
        return emit(c, PATTERN_WORD_EDGE, 0);
    if (escaped_kind(c, set))
        return emit_set(c, set);
    return escaped_byte(c, &byte) && emit(c, PATTERN_BYTE, byte);
}

/* "12" in {12,3}. */
static bool repeat_count(struct pattern_compiler *c, unsigned *out)
{
    size_t from = c->at;

    for (*out = 0; ascii_is_digit(peek(c)); c->at++)
        if (*out <= PATTERN_REPEAT_MAX)
            *out = *out * 10 + (unsigned)(peek(c) - '0');
    return c->at > from;
}

static bool repeat_counts(struct pattern_compiler *c, unsigned *min, unsigned *max)
{
    bool good = repeat_count(c, min);

    *max = *min;
    if (good && take(c, ',') && !repeat_count(c, max))
        *max = REPEAT_ENDLESS;
    if (!good || !take(c, '}'))
        return fail(c, "a { is no {m}, {m,} or {m,n}");
    if (*min > PATTERN_REPEAT_MAX || *max < *min ||
        (*max > PATTERN_REPEAT_MAX && *max != REPEAT_ENDLESS))
        return fail(c, "a {m,n} is not in order, or above 64");
    return true;
}

/* Behind the last op: the block once more. */
static bool copy_block(struct pattern_compiler *c, size_t from, size_t len)
{
    struct pattern_op *ops = c->p->ops;

    if (!open_gap(c, c->p->count, len))
        return false;
    memcpy(&ops[c->p->count - len], &ops[from], len * sizeof(ops[0]));
    return true;
}

/* The last ops, from there on, become a repetition of them. */
static bool repeat(struct pattern_compiler *c, size_t from, unsigned min, unsigned max)
{
    struct pattern *p = c->p;
    size_t len = p->count - from;
    size_t body = min > 0 ? from : from + 1;
    size_t end;

    if (max == 0) {
        p->count = (uint16_t)from;
        return true;
    }
    end = max == REPEAT_ENDLESS ? from + len + 2 : from + (len + 1) * max;
    if (min == 0 && !put_op(c, from, PATTERN_SPLIT, 0, end))
        return false;
    for (unsigned i = 1; i < min; i++)
        if (!copy_block(c, body, len))
            return false;
    if (max == REPEAT_ENDLESS)
        return min == 0 ? put_op(c, p->count, PATTERN_JUMP, 0, from)
                        : put_op(c, p->count, PATTERN_SPLIT, 0, p->count - len);
    min = min > 0 ? min : 1;
    end = p->count + (len + 1) * (max - min);
    for (unsigned i = min; i < max; i++)
        if (!put_op(c, p->count, PATTERN_SPLIT, 0, end) || !copy_block(c, body, len))
            return false;
    return true;
}

static bool repetition(struct pattern_compiler *c, uint8_t sign, size_t *atom)
{
    unsigned min = sign == '+' ? 1 : 0;
    unsigned max = sign == '?' ? 1 : REPEAT_ENDLESS;

    if (*atom == NO_ATOM)
        return fail(c, "a repetition has nothing before it");
    if ((sign == '{' && !repeat_counts(c, &min, &max)) || !repeat(c, *atom, min, max))
        return false;
    (void)take(c, '?');
    *atom = NO_ATOM;
    return true;
}

/* A jump to itself waits for the end of its group. */
static bool alternative(struct pattern_compiler *c)
{
    struct pattern_group *g = &c->groups[c->depth];

    if (!put_op(c, g->part, PATTERN_SPLIT, 0, c->p->count + 2u) || !emit(c, PATTERN_JUMP, 0))
        return false;
    g->part = c->p->count;
    return true;
}

static void end_group(struct pattern_compiler *c)
{
    struct pattern *p = c->p;

    for (int i = c->groups[c->depth].open; i < p->count; i++)
        if (p->ops[i].kind == PATTERN_JUMP && p->ops[i].to == 0)
            p->ops[i].to = (int16_t)(p->count - i);
}

/* (?i), (?m), (?im). */
static bool flags(struct pattern_compiler *c)
{
    for (; !take(c, ')'); c->at++) {
        if (peek(c) != 'i' && peek(c) != 'm')
            return fail(c, "there is no such (? here");
        c->p->fold = c->p->fold || peek(c) == 'i';
        c->p->lines = c->p->lines || peek(c) == 'm';
    }
    return true;
}

static bool begin_group(struct pattern_compiler *c)
{
    bool at_front = c->at == 1;

    if (take(c, '?') && !take(c, ':'))
        return at_front ? flags(c) : fail(c, "there is no such (? here");
    if (c->depth == PATTERN_DEPTH_MAX)
        return fail(c, "its groups stand too deep");
    c->groups[++c->depth] = (struct pattern_group){c->p->count, c->p->count};
    return true;
}

/* One sign of the syntax; *atom is where the ops begin that a repetition behind it is of. */
static bool item(struct pattern_compiler *c, size_t *atom)
{
    size_t before = *atom;
    uint8_t sign = peek(c);

    c->at++;
    *atom = NO_ATOM;
    switch (sign) {
    case '*':
    case '+':
    case '?':
    case '{':
        *atom = before;
        return repetition(c, sign, atom);
    case '|':
        return alternative(c);
    case '(':
        return begin_group(c);
    case ')':
        if (c->depth == 0)
            return fail(c, "a ) has no (");
        end_group(c);
        *atom = c->groups[c->depth--].open;
        return true;
    default:
        *atom = c->p->count;
    }
    switch (sign) {
    case '[':
        return class(c);
    case '\\':
        return escape(c);
    case '.':
        return emit(c, PATTERN_ANY, 0);
    case '^':
        return emit(c, PATTERN_BEGIN, 0);
    case '$':
        return emit(c, PATTERN_END, 0);
    default:
        return emit(c, PATTERN_BYTE, fold(c->p, sign));
    }
}

/* ---- matching ---- */

/* What stands behind a place: a byte, or one of these. */
enum { NEXT_UNKNOWN = -1, NEXT_END = -2, NEXT_WHATEVER = -3 };

static bool edge_holds(const struct pattern_match *m, enum pattern_op_kind kind, int next)
{
    if (next == NEXT_WHATEVER)
        return true;
    switch (kind) {
    case PATTERN_BEGIN:
        return !m->started || (m->pattern->lines && m->last == '\n');
    case PATTERN_END:
        return next == NEXT_END || (m->pattern->lines && next == '\n');
    default:
        return next != NEXT_UNKNOWN &&
               (m->started && is_word(m->last)) != (next >= 0 && is_word((uint8_t)next));
    }
}

/* Adds the op and all it leads to without a byte; true when the pattern's end is among it. An edge
 * that cannot be told yet stays as it is. */
static bool follow(const struct pattern_match *m, uint64_t *live, size_t at, int next)
{
    uint8_t waiting[PATTERN_OPS_MAX + 1]; /* an op goes live once, and adds one at most */
    size_t count = 0;
    bool end = false;

    waiting[count++] = (uint8_t)at;
    while (count > 0) {
        size_t i = waiting[--count];
        const struct pattern_op *op = &m->pattern->ops[i];
        uint64_t bit = UINT64_C(1) << (i % 64);

        if ((live[i / 64] & bit) != 0)
            continue;
        live[i / 64] |= bit;
        switch (op->kind) {
        case PATTERN_BYTE:
        case PATTERN_ANY:
        case PATTERN_SET:
            break;
        case PATTERN_MATCH:
            end = true;
            break;
        case PATTERN_SPLIT:
            waiting[count++] = (uint8_t)(i + 1);
            waiting[count++] = (uint8_t)((int)i + op->to);
            break;
        case PATTERN_JUMP:
            waiting[count++] = (uint8_t)((int)i + op->to);
            break;
        default:
            if (edge_holds(m, op->kind, next))
                waiting[count++] = (uint8_t)(i + 1);
        }
    }
    return end;
}

/* The next op of the set from *at on; false when there is none. */
static bool next_live(const uint64_t *live, size_t *at)
{
    while (*at < PATTERN_OPS_MAX) {
        uint64_t word = live[*at / 64] >> (*at % 64);

        if (word != 0) {
            *at += (size_t)__builtin_ctzll(word);
            return true;
        }
        *at = (*at / 64 + 1) * 64;
    }
    return false;
}

/* What stands behind this place is known: a match may begin here, and edges are decided. True when
 * one ends here. */
static bool decide(struct pattern_match *m, int next)
{
    bool end = follow(m, m->live, 0, next);

    for (size_t i = 0; next_live(m->live, &i); i++) {
        enum pattern_op_kind kind = m->pattern->ops[i].kind;

        if ((kind == PATTERN_END || kind == PATTERN_WORD_EDGE) && edge_holds(m, kind, next))
            end = follow(m, m->live, i + 1, next) || end;
    }
    return end;
}

static bool takes(const struct pattern *p, const struct pattern_op *op, uint8_t byte)
{
    switch (op->kind) {
    case PATTERN_BYTE:
        return op->arg == fold(p, byte);
    case PATTERN_ANY:
        return byte != '\n';
    case PATTERN_SET:
        return set_has(p->sets[op->arg], byte);
    default:
        return false;
    }
}

static void step(struct pattern_match *m, uint8_t byte)
{
    const struct pattern *p = m->pattern;
    uint64_t live[PATTERN_OPS_MAX / 64] = {0};
    bool busy = next_live(m->live, &(size_t){0}) || set_has(p->first, byte);

    if (busy && decide(m, byte)) {
        m->matched = true;
        return;
    }
    m->started = true;
    m->last = byte;
    m->offset++;
    if (!busy)
        return;
    for (size_t i = 0; next_live(m->live, &i); i++)
        if (takes(p, &p->ops[i], byte) && follow(m, live, i + 1, NEXT_UNKNOWN))
            m->matched = true;
    memcpy(m->live, live, sizeof(live));
}

void pattern_start(struct pattern_match *m, const struct pattern *p)
{
    CHECK(p->count > 0);
    *m = (struct pattern_match){.pattern = p};
}

bool pattern_feed(struct pattern_match *m, struct span bytes, uint64_t *end)
{
    for (size_t i = 0; i < bytes.len && !m->matched; i++)
        step(m, (uint8_t)bytes.ptr[i]);
    *end = m->offset;
    return m->matched;
}

bool pattern_finish(struct pattern_match *m, uint64_t *end)
{
    m->matched = m->matched || decide(m, NEXT_END);
    *end = m->offset;
    return m->matched;
}

bool pattern_found(const struct pattern *p, struct span text)
{
    struct pattern_match m;
    uint64_t end;

    pattern_start(&m, p);
    return pattern_feed(&m, text, &end) || pattern_finish(&m, &end);
}

/* ---- a whole pattern ---- */

/* A pattern that may match nothing can begin anywhere. */
static void find_first(struct pattern *p)
{
    struct pattern_match m = {.pattern = p};

    if (follow(&m, m.live, 0, NEXT_WHATEVER)) {
        memset(p->first, UINT8_MAX, sizeof(p->first));
        return;
    }
    for (size_t i = 0; next_live(m.live, &i); i++)
        for (unsigned byte = 0; byte <= UINT8_MAX; byte++)
            if (takes(p, &p->ops[i], (uint8_t)byte))
                set_put(p->first, (uint8_t)byte);
}

bool pattern_compile(struct pattern *p, struct span text, struct fmt *why)
{
    struct pattern_compiler c = {.p = p, .text = text};
    size_t atom = NO_ATOM;
    bool good;

    *p = (struct pattern){.count = 0};
    good = text.len <= PATTERN_TEXT_BYTES || fail(&c, "it is longer than 200 bytes");
    while (good && more(&c))
        good = item(&c, &atom);
    if (good && c.depth > 0)
        good = fail(&c, "a ( has no )");
    good = good && (p->count > 0 || fail(&c, "it is empty"));
    end_group(&c);
    if (good && emit(&c, PATTERN_MATCH, 0)) {
        find_first(p);
        return true;
    }
    *p = (struct pattern){.count = 0};
    fmt_str(why, "is no pattern: ");
    fmt_str(why, c.err);
    fmt_str(why, " (at byte ");
    fmt_u64(why, c.at);
    fmt_char(why, ')');
    return false;
}
