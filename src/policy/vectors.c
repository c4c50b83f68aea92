#include "policy/vectors.h"

#include "base/check.h"

/* The inner loop is worth vector instructions, which -Os leaves out. */
#if defined(__GNUC__) && !defined(__clang__)
#define HOT __attribute__((optimize("O3")))
#else
#define HOT
#endif

enum {
    DATA_DEPTH = 1, /* {"data": [{"embedding": [0.1]}]} */
    ELEMENT_DEPTH = 2,
    EMBEDDING_DEPTH = 3,
    NUMBER_DEPTH = 4,
    QUANTUM_MAX = 127,
    NANO_DIGITS = 9,
    EXPONENT_MAX = 999,
    FLOAT_BIAS = 150, /* of an exponent over a mantissa of 24 whole bits (IEEE 754) */
    FLOAT_BYTES = 4,
};

#define NANO       INT64_C(1000000000)
#define DIGITS_MAX UINT64_C(100000000000000000) /* one more digit fits into 64 bits */
/* 1000.0: embeddings are near 1 in length; sums of 32 of these and 127 times them fit. */
#define COMPONENT_MAX (INT64_C(1000) * NANO)
/* 2^62, so that its root over a length is 2^31 over it. */
#define INVERSE_UNIT (UINT64_C(1) << 62)

/* ---- numbers ---- */

static int64_t clamp(uint64_t size, bool negative)
{
    int64_t value = size < (uint64_t)COMPONENT_MAX ? (int64_t)size : COMPONENT_MAX;

    return negative ? -value : value;
}

static void number_byte(struct vector_number *n, char c)
{
    if (c == '.') {
        n->in_fraction = true;
    } else if (c == 'e' || c == 'E') {
        n->in_exponent = true;
    } else if (c == '-') {
        n->negative |= !n->in_exponent;
        n->exponent_negative |= n->in_exponent;
    } else if (c >= '0' && c <= '9' && n->in_exponent) {
        n->exponent = n->exponent < EXPONENT_MAX ? n->exponent * 10 + (c - '0') : EXPONENT_MAX;
    } else if (c >= '0' && c <= '9') {
        bool fits = n->digits < DIGITS_MAX;

        if (fits)
            n->digits = n->digits * 10 + (uint64_t)(c - '0');
        /* Counted only as far as it matters: a number may be as long as a body. */
        if (n->scale > -EXPONENT_MAX && n->scale < EXPONENT_MAX)
            n->scale += fits ? -(int)n->in_fraction : !n->in_fraction;
    }
}

static int64_t number_nano(const struct vector_number *n)
{
    uint64_t value = n->digits;
    int shift = n->scale + (n->exponent_negative ? -n->exponent : n->exponent) + NANO_DIGITS;

    for (; shift > 0 && value > 0 && value < (uint64_t)COMPONENT_MAX; shift--)
        value *= 10;
    for (; shift < 0 && value > 0; shift++)
        value /= 10;
    return clamp(value, n->negative);
}

static int64_t float_nano(uint32_t bits)
{
    uint32_t exponent = bits >> 23 & 0xff;
    uint64_t mantissa = bits & 0x7fffff;
    uint64_t nano;

    if (exponent == 0 || exponent == 0xff) /* too small to matter; no number */
        return 0;
    nano = (mantissa | 0x800000) * (uint64_t)NANO;
    if (exponent > FLOAT_BIAS)
        return clamp(UINT64_MAX, bits >> 31 != 0);
    if (FLOAT_BIAS - exponent >= 64)
        return 0;
    return clamp(nano >> (FLOAT_BIAS - exponent), bits >> 31 != 0);
}

/* ---- reading ---- */

static void add_component(struct vector_reader *r, int64_t nano)
{
    const uint32_t golden = 0x9e3779b1; /* 2^32 over the golden ratio: spreads the signs */
    uint32_t block = r->dims / VECTOR_DIMS;
    uint32_t at = r->dims % VECTOR_DIMS;

    if (r->dims++ >= VECTOR_INPUT_MAX) {
        r->bad = true;
        return;
    }
    if (block == 0)
        r->sums[at] = nano;
    else if (r->reduce == VECTOR_FOLD)
        r->sums[at] += (r->dims * golden) >> 31 != 0 ? nano : -nano;
}

static void base64_byte(struct vector_reader *r, char c)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *digit = c != '\0' ? strchr(alphabet, c) : NULL;

    if (c == '=')
        return;
    if (digit == NULL) {
        r->bad = true;
        return;
    }
    r->quad = r->quad << 6 | (uint32_t)(digit - alphabet);
    r->quad_bits += 6;
    if (r->quad_bits < 8)
        return;
    r->quad_bits -= 8;
    r->word |= (r->quad >> r->quad_bits & 0xff) << (8 * r->word_bytes);
    if (++r->word_bytes < FLOAT_BYTES)
        return;
    add_component(r, float_nano(r->word));
    r->word = 0;
    r->word_bytes = 0;
}

static void read_key(void *ctx, unsigned depth, struct span name, bool cut)
{
    struct vector_reader *r = ctx;

    if (depth == DATA_DEPTH)
        r->in_data = !cut && span_equal(name, SPAN("data"));
    if (depth == EMBEDDING_DEPTH)
        r->in_embedding = r->in_data && r->elements == 1 && r->dims == 0 && !cut &&
                          span_equal(name, SPAN("embedding"));
}

static void read_begin(void *ctx, unsigned depth, enum json_kind kind, uint64_t offset)
{
    struct vector_reader *r = ctx;

    (void)offset;
    if (depth == ELEMENT_DEPTH && r->in_data)
        r->elements++;
    if (depth == NUMBER_DEPTH && r->in_embedding && kind == JSON_NUMBER) {
        r->number = (struct vector_number){0};
        r->number_open = true;
    }
}

static void read_text(void *ctx, unsigned depth, struct span decoded)
{
    struct vector_reader *r = ctx;

    if (depth != EMBEDDING_DEPTH || !r->in_embedding)
        return;
    for (size_t i = 0; i < decoded.len && !r->bad; i++)
        base64_byte(r, decoded.ptr[i]);
}

static void read_end(void *ctx, unsigned depth, enum json_kind kind, uint64_t end_offset)
{
    struct vector_reader *r = ctx;

    (void)kind;
    (void)end_offset;
    if (r->number_open && depth == NUMBER_DEPTH) {
        r->number_open = false;
        add_component(r, number_nano(&r->number));
    }
    if (depth == EMBEDDING_DEPTH)
        r->in_embedding = false;
}

void vector_read_start(struct vector_reader *r, enum vector_reduce reduce)
{
    static const struct json_visitor visitor = {read_key, read_begin, read_text, read_end};

    memset(r, 0, sizeof(*r));
    r->reduce = reduce;
    json_scan_start(&r->scan, &visitor, r, false);
}

enum parse vector_read_feed(struct vector_reader *r, struct span bytes)
{
    /* One at a time: the scan tells where numbers are, not what they are. */
    for (size_t i = 0; i < bytes.len && !r->bad; i++)
        if (json_scan_feed(&r->scan, span_part(bytes, i, 1)) == PARSE_BAD)
            r->bad = true;
        else if (r->number_open)
            number_byte(&r->number, bytes.ptr[i]);
    return r->bad ? PARSE_BAD : PARSE_MORE;
}

/* The whole root, bit by bit. */
static uint32_t root(uint64_t n)
{
    uint32_t result = 0;

    for (uint32_t bit = UINT32_C(1) << 31; bit != 0; bit >>= 1) {
        uint64_t tried = result | bit;

        if (tried * tried <= n)
            result |= bit;
    }
    return result;
}

enum parse vector_read_finish(struct vector_reader *r, struct vector *out)
{
    int64_t largest = 0;
    uint64_t length = 0; /* squared */

    if (r->bad || json_scan_finish(&r->scan) != PARSE_DONE || r->word_bytes != 0)
        return PARSE_BAD;
    for (size_t i = 0; i < VECTOR_DIMS; i++) {
        int64_t size = r->sums[i] < 0 ? -r->sums[i] : r->sums[i];

        largest = size > largest ? size : largest;
    }
    if (largest == 0)
        return PARSE_BAD;
    for (size_t i = 0; i < VECTOR_DIMS; i++) {
        int64_t half = r->sums[i] < 0 ? -largest / 2 : largest / 2;
        int64_t quantum = (r->sums[i] * QUANTUM_MAX + half) / largest;

        out->at[i] = (int8_t)quantum;
        length += (uint64_t)(quantum * quantum);
    }
    out->inverse = root(INVERSE_UNIT / length);
    return PARSE_DONE;
}

/* ---- comparing ---- */

HOT static int32_t dot(const int8_t *a, const int8_t *b)
{
    int32_t sum = 0;

    for (size_t i = 0; i < VECTOR_DIMS; i++)
        sum += a[i] * b[i];
    return sum;
}

/* A cosine from a dot product over one of the lengths (times 2^31). */
static int to_cosine(int64_t over_one, const struct vector *other)
{
    /* 2^62 is left of both; 20 bits go first, so that the rest fits. */
    int64_t milli = (over_one >> 20) * other->inverse * VECTOR_COSINE_MAX;
    int64_t unit = INT64_C(1) << 42;
    int64_t cosine = (milli + (milli < 0 ? -unit / 2 : unit / 2)) / unit;

    if (cosine > VECTOR_COSINE_MAX)
        return VECTOR_COSINE_MAX;
    return cosine < -VECTOR_COSINE_MAX ? -VECTOR_COSINE_MAX : (int)cosine;
}

int vector_cosine(const struct vector *a, const struct vector *b)
{
    return to_cosine((int64_t)dot(a->at, b->at) * a->inverse, b);
}

void vectors_init(struct vectors *v, struct vector_slot *slots, size_t capacity)
{
    CHECK(slots != NULL && capacity > 0);
    *v = (struct vectors){.slots = slots, .capacity = capacity};
}

void vectors_put(struct vectors *v, const struct vector *vector, uint64_t ref)
{
    CHECK(ref != 0);
    v->slots[v->next] = (struct vector_slot){.vector = *vector, .ref = ref};
    v->next = (v->next + 1) % v->capacity;
}

bool vectors_drop(struct vectors *v, uint64_t ref)
{
    bool found = false;

    CHECK(ref != 0);
    for (size_t i = 0; i < v->capacity; i++)
        if (v->slots[i].ref == ref) {
            v->slots[i].ref = 0;
            found = true;
        }
    return found;
}

uint64_t vectors_nearest(const struct vectors *v, const struct vector *asked, int *cosine)
{
    const struct vector_slot *best = NULL;
    int64_t best_over = 0;

    for (size_t i = 0; i < v->capacity; i++) {
        const struct vector_slot *slot = &v->slots[i];
        int64_t over;

        if (slot->ref == 0)
            continue;
        over = (int64_t)dot(slot->vector.at, asked->at) * slot->vector.inverse;
        if (best == NULL || over > best_over) {
            best = slot;
            best_over = over;
        }
    }
    if (best == NULL)
        return 0;
    *cosine = to_cosine(best_over, asked);
    return best->ref;
}
