#include "base/inflate.h"

#include <stdint.h>
#include <string.h>

#include "base/hash.h"

enum {
    CODE_BITS_MAX = 15,
    LITERALS = 288, /* with the two that never come up */
    DISTANCES = 32,
    LENGTH_CODES = 19,
    END_OF_BLOCK = 256,
    GZIP_HEAD_BYTES = 10,
    GZIP_TAIL_BYTES = 8,
};

struct inflate {
    struct span in;
    size_t at; /* of the next byte */
    uint32_t bits;
    unsigned bit_count;
    bool bad;
    char *out;
    size_t out_bytes;
    size_t len;
};

/* How many codes have each length, and the symbols in the order of their codes. */
struct code {
    uint16_t counts[CODE_BITS_MAX + 1];
    uint16_t symbols[LITERALS];
};

static unsigned take_bits(struct inflate *s, unsigned count)
{
    unsigned value;

    while (s->bit_count < count) {
        if (s->at == s->in.len) {
            s->bad = true;
            return 0;
        }
        s->bits |= (uint32_t)(uint8_t)s->in.ptr[s->at++] << s->bit_count;
        s->bit_count += 8;
    }
    value = s->bits & ((1u << count) - 1);
    s->bits >>= count;
    s->bit_count -= count;
    return value;
}

static void put(struct inflate *s, char c)
{
    if (s->len == s->out_bytes)
        s->bad = true;
    else
        s->out[s->len++] = c;
}

/* From the lengths of the symbols' codes; false when there are more codes than the lengths allow.
 * Fewer are allowed: a code that has no symbol is found when it comes. */
static bool make_code(struct code *c, const uint8_t *lengths, unsigned count)
{
    uint16_t offsets[CODE_BITS_MAX + 2] = {0};
    int left = 1;

    memset(c->counts, 0, sizeof(c->counts));
    for (unsigned i = 0; i < count; i++)
        c->counts[lengths[i]]++;
    c->counts[0] = 0;
    for (unsigned bits = 1; bits <= CODE_BITS_MAX; bits++) {
        left = 2 * left - c->counts[bits];
        if (left < 0)
            return false;
        offsets[bits + 1] = (uint16_t)(offsets[bits] + c->counts[bits]);
    }
    for (unsigned i = 0; i < count; i++)
        if (lengths[i] != 0)
            c->symbols[offsets[lengths[i]]++] = (uint16_t)i;
    return true;
}

static unsigned take_symbol(struct inflate *s, const struct code *c)
{
    int value = 0;
    int first = 0; /* code of this length */
    int index = 0; /* of its symbol */

    for (unsigned bits = 1; bits <= CODE_BITS_MAX && !s->bad; bits++) {
        value |= (int)take_bits(s, 1);
        if (value - first < c->counts[bits])
            return c->symbols[index + value - first];
        index += c->counts[bits];
        first = (first + c->counts[bits]) << 1;
        value <<= 1;
    }
    s->bad = true;
    return END_OF_BLOCK;
}

static void copy_back(struct inflate *s, unsigned length, unsigned distance)
{
    if (distance > s->len)
        s->bad = true;
    for (unsigned i = 0; i < length && !s->bad; i++)
        put(s, s->out[s->len - distance]);
}

/* Section 3.2.5. */
static void take_copy(struct inflate *s, unsigned symbol, const struct code *distances)
{
    static const uint16_t bases[] = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                     15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                     67, 83, 99, 115, 131, 163, 195, 227, 258};
    static const uint8_t extras[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                     2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
    static const uint16_t far_bases[] = {
        1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
        193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
    unsigned nth = symbol - END_OF_BLOCK - 1;
    unsigned length;
    unsigned far;

    if (nth >= sizeof(extras)) {
        s->bad = true;
        return;
    }
    length = bases[nth] + take_bits(s, extras[nth]);
    far = take_symbol(s, distances);
    if (far >= sizeof(far_bases) / sizeof(far_bases[0])) {
        s->bad = true;
        return;
    }
    copy_back(s, length, far_bases[far] + take_bits(s, far < 2 ? 0 : far / 2 - 1));
}

static void coded_block(struct inflate *s, const struct code *literals,
                        const struct code *distances)
{
    while (!s->bad) {
        unsigned symbol = take_symbol(s, literals);

        if (symbol == END_OF_BLOCK)
            return;
        if (symbol < END_OF_BLOCK)
            put(s, (char)symbol);
        else
            take_copy(s, symbol, distances);
    }
}

static void stored_block(struct inflate *s)
{
    unsigned length;

    s->bits = 0;
    s->bit_count = 0;
    length = take_bits(s, 16);
    if (take_bits(s, 16) != (length ^ 0xffff) || s->in.len - s->at < length)
        s->bad = true;
    for (unsigned i = 0; i < length && !s->bad; i++)
        put(s, s->in.ptr[s->at++]);
}

static void fixed_block(struct inflate *s)
{
    uint8_t lengths[LITERALS];
    struct code literals;
    struct code distances;

    for (unsigned i = 0; i < LITERALS; i++)
        lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    (void)make_code(&literals, lengths, LITERALS);
    memset(lengths, 5, DISTANCES);
    (void)make_code(&distances, lengths, DISTANCES);
    coded_block(s, &literals, &distances);
}

/* The lengths of both codes, themselves in a code (section 3.2.7). */
static void take_lengths(struct inflate *s, const struct code *c, uint8_t *lengths, unsigned count)
{
    unsigned at = 0;

    while (at < count && !s->bad) {
        unsigned symbol = take_symbol(s, c);
        unsigned times = 1;
        uint8_t length = (uint8_t)symbol;

        if (symbol == 16) {
            s->bad = s->bad || at == 0;
            length = at > 0 ? lengths[at - 1] : 0;
            times = 3 + take_bits(s, 2);
        } else if (symbol > 16) {
            length = 0;
            times = symbol == 17 ? 3 + take_bits(s, 3) : 11 + take_bits(s, 7);
        }
        if (symbol >= LENGTH_CODES || times > count - at)
            s->bad = true;
        else
            memset(lengths + at, length, times);
        at += times;
    }
}

static void dynamic_block(struct inflate *s)
{
    static const uint8_t order[LENGTH_CODES] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                11, 4,  12, 3, 13, 2, 14, 1, 15};
    uint8_t lengths[LITERALS + DISTANCES] = {0};
    unsigned literal_count = 257 + take_bits(s, 5);
    unsigned distance_count = 1 + take_bits(s, 5);
    unsigned length_count = 4 + take_bits(s, 4);
    struct code literals;
    struct code distances;

    for (unsigned i = 0; i < length_count; i++)
        lengths[order[i]] = (uint8_t)take_bits(s, 3);
    if (literal_count > 286 || distance_count > 30 ||
        !make_code(&literals, lengths, LENGTH_CODES)) {
        s->bad = true;
        return;
    }
    memset(lengths, 0, LENGTH_CODES);
    take_lengths(s, &literals, lengths, literal_count + distance_count);
    if (s->bad || !make_code(&literals, lengths, literal_count) ||
        !make_code(&distances, lengths + literal_count, distance_count)) {
        s->bad = true;
        return;
    }
    coded_block(s, &literals, &distances);
}

static bool inflate_run(struct inflate *s)
{
    bool last = false;

    while (!last && !s->bad) {
        last = take_bits(s, 1) != 0;
        switch (take_bits(s, 2)) {
        case 0:
            stored_block(s);
            break;
        case 1:
            fixed_block(s);
            break;
        case 2:
            dynamic_block(s);
            break;
        default:
            s->bad = true;
        }
    }
    return !s->bad;
}

bool inflate_all(struct span packed, char *out, size_t out_bytes, size_t *len)
{
    struct inflate s = {.in = packed, .out = out, .out_bytes = out_bytes};

    if (!inflate_run(&s))
        return false;
    *len = s.len;
    return true;
}

static uint32_t little_u32(const char *p)
{
    const uint8_t *b = (const uint8_t *)p;

    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

bool inflate_gzip(struct span file, char *out, size_t out_bytes, size_t *len)
{
    static const char magic[] = {0x1f, (char)0x8b, 8, 0}; /* deflated, no optional fields */
    const char *tail;

    if (file.len < GZIP_HEAD_BYTES + GZIP_TAIL_BYTES ||
        memcmp(file.ptr, magic, sizeof(magic)) != 0 ||
        !inflate_all(
            span_of(file.ptr + GZIP_HEAD_BYTES, file.len - GZIP_HEAD_BYTES - GZIP_TAIL_BYTES), out,
            out_bytes, len))
        return false;
    tail = file.ptr + file.len - GZIP_TAIL_BYTES;
    return little_u32(tail) == hash_crc32(0, span_of(out, *len)) && little_u32(tail + 4) == *len;
}
