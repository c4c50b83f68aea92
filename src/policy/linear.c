#include "policy/linear.h"

#include "base/check.h"
#include "base/hash.h"

enum { CRC_BYTES = 4, BIAS_BYTES = 2, BITS_SMALL = 4, BITS_LARGE = 8 };

static uint32_t load_u16(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t load_u32(const uint8_t *p)
{
    return load_u16(p) | load_u16(p + 2) << 16;
}

size_t linear_row_bytes(size_t classes, unsigned bits)
{
    return bits == BITS_SMALL ? (classes + 1) / 2 : classes;
}

/* ---- the file ---- */

static bool head_read(struct linear *m, const uint8_t *p)
{
    const uint32_t milli_max = 1000;

    m->classes = (uint16_t)load_u16(p + 4);
    m->bits = p[6];
    m->ways = p[7];
    m->sets = load_u32(p + 8);
    m->form = (struct features_form){.words = p[12], .chars = p[13], .marks = p[14]};
    m->scale = load_u32(p + 16);
    m->bar_milli = (int32_t)load_u16(p + 20);
    m->row_bytes = linear_row_bytes(m->classes, m->bits);
    return m->classes >= 1 && m->classes <= LINEAR_CLASSES_MAX &&
           (m->bits == BITS_SMALL || m->bits == BITS_LARGE) && m->ways >= 1 &&
           m->ways <= LINEAR_WAYS_MAX && m->sets >= 1 && m->sets <= LINEAR_SETS_MAX &&
           (m->sets & (m->sets - 1)) == 0 && p[15] <= 1 && (p[15] == 1 || m->ways == 1) &&
           m->scale <= INT32_MAX && m->bar_milli <= (int32_t)milli_max && load_u32(p + 28) == 0;
}

static bool labels_read(const struct linear *m)
{
    struct span rest = m->labels;

    for (size_t i = 0; i < m->classes; i++) {
        size_t end = span_find_byte(rest, '\0');

        if (end == rest.len || end == 0 || end >= LINEAR_LABEL_BYTES)
            return false;
        rest = span_part(rest, end + 1, rest.len);
    }
    return rest.len == 0;
}

bool linear_load(struct linear *m, struct span bytes, const char **why)
{
    const uint8_t *p = (const uint8_t *)bytes.ptr;
    size_t rows;
    size_t want;

    CHECK(why != NULL);
    *why = "is no weight file of this version";
    if (bytes.len < LINEAR_HEAD_BYTES + CRC_BYTES || memcmp(p, "FWT1", 4) != 0)
        return false;
    *why = "is a damaged weight file";
    if (load_u32(p + 24) != bytes.len || bytes.len > LINEAR_FILE_BYTES_MAX ||
        load_u32(p + bytes.len - CRC_BYTES) !=
            hash_crc32(0, span_of(bytes.ptr, bytes.len - CRC_BYTES)))
        return false;
    *why = "is a weight file with numbers that cannot be";
    if (!head_read(m, p))
        return false;
    rows = (size_t)m->sets * m->ways;
    want = LINEAR_HEAD_BYTES + load_u16(p + 22) + (size_t)m->classes * BIAS_BYTES + rows * p[15] +
           rows * m->row_bytes + CRC_BYTES;
    if (want != bytes.len)
        return false;
    m->labels = span_of(bytes.ptr + LINEAR_HEAD_BYTES, load_u16(p + 22));
    m->bias = p + LINEAR_HEAD_BYTES + m->labels.len;
    m->prints = p[15] == 1 ? m->bias + (size_t)m->classes * BIAS_BYTES : NULL;
    m->rows = m->bias + (size_t)m->classes * BIAS_BYTES + rows * p[15];
    return labels_read(m);
}

struct span linear_label(const struct linear *m, size_t class)
{
    struct span rest = m->labels;
    struct span label = SPAN_EMPTY;

    CHECK(class < m->classes);
    for (size_t i = 0; i <= class; i++)
        (void)span_split(&rest, '\0', &label);
    return label;
}

/* ---- scores ---- */

static const uint8_t *row_find(const struct linear *m, uint32_t hash)
{
    size_t row = (size_t)(hash & (m->sets - 1)) * m->ways;

    if (m->prints == NULL)
        return m->rows + row * m->row_bytes;
    for (size_t i = 0; i < m->ways; i++)
        if (m->prints[row + i] == hash >> 24)
            return m->rows + (row + i) * m->row_bytes;
    return NULL;
}

static void row_add(const struct linear *m, const uint8_t *row, int32_t *sums)
{
    const int32_t half = 8;
    const int32_t mask = 15;

    if (m->bits == BITS_LARGE) {
        for (size_t i = 0; i < m->classes; i++)
            sums[i] += (int8_t)row[i];
        return;
    }
    for (size_t i = 0; i < m->classes; i++)
        sums[i] += ((row[i / 2] >> (i % 2 * 4) & mask) ^ half) - half;
}

void linear_scores(const struct linear *m, const struct features *f, int32_t *scores)
{
    const int64_t limit = INT32_MAX / 8; /* differences of scores are taken */
    uint32_t norm = linear_norm(f->count);

    memset(scores, 0, m->classes * sizeof(scores[0]));
    for (uint32_t i = 0; i < f->count; i++) {
        const uint8_t *row = row_find(m, f->hashes[i]);

        if (row != NULL)
            row_add(m, row, scores);
    }
    for (size_t i = 0; i < m->classes; i++) {
        int64_t bias = (int16_t)load_u16(m->bias + i * BIAS_BYTES);
        int64_t units = ((int64_t)scores[i] * norm >> LINEAR_UNIT_BITS) + bias;
        int64_t score = units * m->scale >> LINEAR_UNIT_BITS;

        scores[i] = (int32_t)(score > limit ? limit : score < -limit ? -limit : score);
    }
}

size_t linear_best(const int32_t *scores, size_t classes, int32_t *milli)
{
    const uint64_t thousand = 1000;
    size_t best = 0;
    uint64_t sum = 0;

    for (size_t i = 1; i < classes; i++)
        if (scores[i] > scores[best])
            best = i;
    for (size_t i = 0; i < classes; i++)
        sum += linear_exp_minus((uint32_t)(scores[best] - scores[i]));
    *milli = (int32_t)((uint64_t)LINEAR_ONE * thousand / sum);
    return best;
}

/* ---- arithmetic ---- */

uint32_t linear_exp_minus(uint32_t x)
{
    /* LINEAR_ONE * e^-(i / 8), and below e^-(i): x is taken apart into both and a rest below 1/8,
     * for which 1 - r + r^2/2 is right to 2^-11. */
    static const uint32_t eighths[8] = {65536, 57835, 51039, 45042, 39750, 35079, 30957, 27319};
    static const uint32_t wholes[12] = {65536, 24109, 8869, 3263, 1200, 442, 162, 60, 22, 8, 3, 1};
    uint32_t whole = x / LINEAR_ONE;
    uint64_t rest = x % (LINEAR_ONE / 8);
    uint64_t near = LINEAR_ONE - rest + rest * rest / LINEAR_ONE / 2;

    if (whole >= ARRAY_LEN(wholes))
        return 0;
    return (uint32_t)(near * eighths[x / (LINEAR_ONE / 8) % 8] / LINEAR_ONE * wholes[whole] /
                      LINEAR_ONE);
}

static uint32_t root(uint64_t x)
{
    uint64_t bit = UINT64_C(1) << 62;
    uint64_t r = 0;

    while (bit > x)
        bit >>= 2;
    for (; bit != 0; bit >>= 2) {
        if (x >= r + bit) {
            x -= r + bit;
            r = r / 2 + bit;
        } else {
            r /= 2;
        }
    }
    return (uint32_t)r;
}

uint32_t linear_norm(uint32_t count)
{
    return count == 0 ? 0 : (uint32_t)((UINT64_C(1) << 32) / root((uint64_t)count << 32));
}
