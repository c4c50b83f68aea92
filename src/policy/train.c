#include "policy/train.h"

#include "base/check.h"
#include "base/hash.h"

enum {
    TRAIN_BITS = 20, /* of a weight's fraction: a step may be as small as a millionth */
    PRINT_VALUES = 256,
    CRC_BYTES = 4,
    BIAS_BYTES = 2,
    SCORE_MAX = 1 << 28, /* differences of two, and of a system prompt, fit into 32 bits */
};

/* ---- labels, memory, examples ---- */

static int train_find(const struct train *t, struct span label)
{
    for (size_t i = 0; i < t->classes; i++)
        if (span_equal(span_str(t->labels[i]), label))
            return (int)i;
    return -1;
}

bool train_label(struct train *t, struct span label)
{
    if (train_find(t, label) >= 0)
        return true;
    if (t->classes == LINEAR_CLASSES_MAX || label.len == 0 || label.len >= LINEAR_LABEL_BYTES ||
        span_find_byte(label, '\0') < label.len)
        return false;
    memcpy(t->labels[t->classes], label.ptr, label.len);
    t->labels[t->classes][label.len] = '\0';
    t->classes++;
    return true;
}

static uint32_t train_space(const struct train_options *o)
{
    return o->prints ? o->sets * PRINT_VALUES : o->sets;
}

size_t train_bytes(const struct train_options *o, size_t classes, size_t examples, size_t features)
{
    size_t space = train_space(o);

    return space * (classes * sizeof(int32_t) + sizeof(uint64_t) + sizeof(uint32_t) + 1) +
           examples * (sizeof(struct train_example) + sizeof(uint32_t)) +
           features * sizeof(uint32_t) + (size_t)ARENA_ROWS_MAX * ARENA_ALIGN_BYTES;
}

bool train_start(struct train *t, struct arena *a, const struct train_options *o, size_t examples,
                 size_t features)
{
    CHECK((o->sets & (o->sets - 1)) == 0 && o->sets > 0);
    CHECK(t->classes > 0);
    t->options = o;
    t->space = train_space(o);
    t->weights = arena_carve(a, "weights", t->space, t->classes * sizeof(int32_t));
    t->sources = arena_carve(a, "sources", t->space, sizeof(uint64_t));
    t->uses = arena_carve(a, "uses", t->space, sizeof(uint32_t));
    t->kept = arena_carve(a, "kept", t->space, 1);
    t->features = arena_carve(a, "features", features, sizeof(uint32_t));
    t->examples = arena_carve(a, "examples", examples, sizeof(struct train_example));
    t->order = arena_carve(a, "order", examples, sizeof(uint32_t));
    t->feature_room = features;
    t->example_room = examples;
    return t->weights != NULL && t->sources != NULL && t->uses != NULL && t->kept != NULL &&
           t->features != NULL && t->examples != NULL && t->order != NULL;
}

/* The place of a feature among all that can have a row of their own. */
static uint32_t train_place(const struct train *t, uint32_t hash)
{
    uint32_t set = hash & (t->options->sets - 1);

    return t->options->prints ? (hash >> 24) * t->options->sets + set : set;
}

bool train_add(struct train *t, struct span text, struct span label, struct span source,
               unsigned weight)
{
    int class = train_find(t, label);
    uint64_t bit = UINT64_C(1) << hash_crc32(0, source) % TRAIN_SOURCES_MAX;
    struct train_example *e;

    CHECK(t->options != NULL);
    features_read(&t->scratch, &t->options->form, text);
    if (class < 0 || t->example_count == t->example_room ||
        t->scratch.count > t->feature_room - t->feature_count)
        return false;
    e = &t->examples[t->example_count];
    *e = (struct train_example){.from = t->feature_count,
                                .count = t->scratch.count,
                                .class = (uint16_t) class,
                                .weight = (uint16_t)weight};
    t->order[t->example_count] = (uint32_t)t->example_count;
    t->example_count++;
    for (uint32_t i = 0; i < e->count; i++) {
        uint32_t place = train_place(t, t->scratch.hashes[i]);

        t->features[t->feature_count++] = place;
        t->sources[place] |= bit;
        t->uses[place]++;
        t->kept[place] = 1;
    }
    return true;
}

/* ---- descent ---- */

/* Whether a feature counts this time. Leaving some out at random makes the model spread what it
 * learns over all words of a request, so that it also knows those who say it in another way. */
static bool train_counts(const struct train *t, uint32_t place)
{
    const uint32_t odd = 0x9e3779b1;

    return t->kept[place] != 0 && ((place ^ t->salt) * odd >> 24) >= t->options->drop;
}

static void train_scores(const struct train *t, const struct train_example *e, uint32_t norm,
                         int32_t *scores)
{
    int64_t sums[LINEAR_CLASSES_MAX] = {0};

    for (uint32_t i = 0; i < e->count; i++) {
        uint32_t place = t->features[e->from + i];
        const int32_t *w = t->weights + (size_t)place * t->classes;

        if (train_counts(t, place))
            for (size_t c = 0; c < t->classes; c++)
                sums[c] += w[c];
    }
    for (size_t c = 0; c < t->classes; c++) {
        int64_t score = (sums[c] * norm / LINEAR_ONE + t->bias[c]) / (1 << (TRAIN_BITS - 16));

        scores[c] = (int32_t)(score > SCORE_MAX    ? SCORE_MAX
                              : score < -SCORE_MAX ? -SCORE_MAX
                                                   : score);
    }
}

/* Steps of the classes' weights, TRAIN_BITS: what is too small for a step is left out. */
static void train_gradient(const struct train *t, const struct train_example *e, int64_t rate,
                           int32_t *scores, int64_t *steps)
{
    int32_t unused;
    size_t best = linear_best(scores, t->classes, &unused);
    int32_t top = scores[best];
    uint64_t sum = 0;

    for (size_t c = 0; c < t->classes; c++) {
        scores[c] = (int32_t)linear_exp_minus((uint32_t)(top - scores[c]));
        sum += (uint32_t)scores[c];
    }
    for (size_t c = 0; c < t->classes; c++) {
        int64_t share = (int64_t)((uint64_t)scores[c] * LINEAR_ONE / sum);
        int64_t want = c == e->class ? LINEAR_ONE : 0;

        steps[c] = (want - share) * rate / LINEAR_ONE * e->weight * (1 << (TRAIN_BITS - 16));
    }
}

static void train_example(struct train *t, const struct train_example *e, int64_t rate)
{
    uint32_t norm = linear_norm(e->count * (256 - t->options->drop) / 256);
    int32_t scores[LINEAR_CLASSES_MAX];
    int64_t steps[LINEAR_CLASSES_MAX];

    train_scores(t, e, norm, scores);
    train_gradient(t, e, rate, scores, steps);
    for (size_t c = 0; c < t->classes; c++) {
        int32_t step = (int32_t)(steps[c] * norm / LINEAR_ONE);

        t->bias[c] += (int32_t)(steps[c] / 16);
        if (step == 0)
            continue;
        for (uint32_t i = 0; i < e->count; i++) {
            uint32_t place = t->features[e->from + i];

            if (train_counts(t, place))
                t->weights[(size_t)place * t->classes + c] += step;
        }
    }
}

static uint32_t train_random(uint32_t *seed)
{
    *seed ^= *seed << 13; /* xorshift32 by G. Marsaglia; never 0 */
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static void train_shuffle(struct train *t, uint32_t *seed)
{
    for (size_t i = t->example_count; i > 1; i--) {
        size_t other = train_random(seed) % i;
        uint32_t swap = t->order[i - 1];

        t->order[i - 1] = t->order[other];
        t->order[other] = swap;
    }
}

static void train_shrink(struct train *t)
{
    int32_t part = 1 << t->options->shrink;

    if (t->options->shrink > 0)
        for (size_t i = 0; i < (size_t)t->space * t->classes; i++)
            t->weights[i] -= t->weights[i] / part;
}

static void train_descend(struct train *t)
{
    const struct train_options *o = t->options;
    uint32_t seed = o->seed | 1;
    uint64_t steps = (uint64_t)o->epochs * t->example_count;
    uint64_t step = 0;

    memset(t->weights, 0, (size_t)t->space * t->classes * sizeof(t->weights[0]));
    memset(t->bias, 0, sizeof(t->bias));
    for (size_t i = 0; i < t->example_count; i++)
        t->order[i] = (uint32_t)i;
    for (unsigned epoch = 0; epoch < o->epochs; epoch++) {
        train_shuffle(t, &seed);
        for (size_t i = 0; i < t->example_count; i++) {
            int64_t rate = (int64_t)(o->rate * (steps - step++) / steps);

            t->salt = o->drop > 0 ? train_random(&seed) : 0;
            train_example(t, &t->examples[t->order[i]], rate);
        }
        train_shrink(t);
    }
}

/* ---- which features get a row ---- */

/* How far apart the weights are, and how often: a word of one example tells nothing of others. */
static uint64_t train_worth(const struct train *t, uint32_t place)
{
    const int32_t *w = t->weights + (size_t)place * t->classes;
    const uint32_t often = 64; /* enough to know it: more does not make it better */
    uint32_t uses = t->uses[place] < often ? t->uses[place] : often;
    int64_t low = w[0];
    int64_t high = w[0];

    if (__builtin_popcountll(t->sources[place]) < (int)t->options->sources)
        return 0;
    for (size_t c = 1; c < t->classes; c++) {
        low = w[c] < low ? w[c] : low;
        high = w[c] > high ? w[c] : high;
    }
    return (uint64_t)(high - low) * (LINEAR_ONE - linear_norm(uses) / 2);
}

static void train_keep(struct train *t)
{
    const struct train_options *o = t->options;

    for (uint32_t set = 0; set < o->sets; set++) {
        uint32_t best[LINEAR_WAYS_MAX] = {0};
        uint64_t worth[LINEAR_WAYS_MAX] = {0};

        for (uint32_t print = 0; print < PRINT_VALUES; print++) {
            uint32_t place = print * o->sets + set;
            uint64_t value = t->kept[place] != 0 ? train_worth(t, place) : 0;
            size_t at = o->ways;

            t->kept[place] = 0;
            while (at > 0 && value > worth[at - 1])
                at--;
            for (size_t i = o->ways - 1; i > at && at < o->ways; i--) {
                best[i] = best[i - 1];
                worth[i] = worth[i - 1];
            }
            if (at < o->ways) {
                best[at] = place;
                worth[at] = value;
            }
        }
        for (size_t i = 0; i < o->ways; i++)
            if (worth[i] > 0)
                t->kept[best[i]] = 1;
    }
}

void train_run(struct train *t)
{
    CHECK(t->options != NULL);
    train_descend(t);
    if (!t->options->prints)
        return;
    train_keep(t);
    train_descend(t);
}

/* ---- the file ---- */

static void put_le(uint8_t *p, size_t bytes, uint32_t value)
{
    for (size_t i = 0; i < bytes; i++)
        p[i] = (uint8_t)(value >> (8 * i));
}

static size_t train_label_bytes(const struct train *t)
{
    size_t bytes = 0;

    for (size_t i = 0; i < t->classes; i++)
        bytes += strlen(t->labels[i]) + 1;
    return bytes;
}

size_t train_file_bytes(const struct train *t)
{
    size_t rows = (size_t)t->options->sets * t->options->ways;

    return LINEAR_HEAD_BYTES + train_label_bytes(t) + t->classes * BIAS_BYTES +
           rows * (t->options->prints ? 1 : 0) +
           rows * linear_row_bytes(t->classes, t->options->bits) + CRC_BYTES;
}

/* The weight that becomes the largest value: one in a thousand may be cut, or a few extreme ones
 * would leave all others no steps between them. */
static int32_t train_top(const struct train *t)
{
    const size_t per_mille = 1000;
    size_t over = 0;
    size_t all = 0;
    int32_t top = 1 << 10;

    for (uint32_t place = 0; place < t->space; place++)
        all += t->kept[place] != 0 ? t->classes : 0;
    for (;;) {
        over = 0;
        for (size_t i = 0; i < (size_t)t->space * t->classes; i++)
            over += t->kept[i / t->classes] != 0 && (t->weights[i] > top || -t->weights[i] > top);
        if (over * per_mille <= all * (t->options->bits == 4 ? 10 : 1) || top >= SCORE_MAX)
            return top;
        top += top / 16;
    }
}

static void train_row(const struct train *t, uint32_t place, int32_t top, uint8_t *row)
{
    int32_t most = t->options->bits == 4 ? 7 : 127;

    for (size_t c = 0; c < t->classes; c++) {
        int64_t w = t->weights[(size_t)place * t->classes + c];
        int64_t units = (w * most * 2 + (w < 0 ? -top : top)) / (2 * (int64_t)top);
        int32_t value = (int32_t)(units > most ? most : units < -most ? -most : units);

        if (t->options->bits == 4)
            row[c / 2] = (uint8_t)(row[c / 2] | (uint32_t)(value & 15) << (c % 2 * 4));
        else
            row[c] = (uint8_t)value;
    }
}

static void train_rows(const struct train *t, int32_t top, uint8_t *prints, uint8_t *rows)
{
    const struct train_options *o = t->options;
    size_t row_bytes = linear_row_bytes(t->classes, o->bits);

    for (uint32_t set = 0; set < o->sets; set++) {
        size_t row = (size_t)set * o->ways;

        if (!o->prints) {
            train_row(t, set, top, rows + row * row_bytes);
            continue;
        }
        for (uint32_t print = 0; print < PRINT_VALUES; print++) {
            if (t->kept[print * o->sets + set] == 0)
                continue;
            prints[row] = (uint8_t)print;
            train_row(t, print * o->sets + set, top, rows + row * row_bytes);
            row++;
        }
    }
}

void train_write(const struct train *t, uint8_t *out)
{
    const struct train_options *o = t->options;
    size_t bytes = train_file_bytes(t);
    size_t rows = (size_t)o->sets * o->ways;
    int32_t top = train_top(t);
    int32_t most = o->bits == 4 ? 7 : 127;
    uint64_t scale = (uint64_t)top * o->sharpness / (uint64_t)most >> TRAIN_BITS;
    uint8_t *p = out;

    memset(out, 0, bytes);
    memcpy(p, "FWT1", 4);
    put_le(p + 4, 2, (uint32_t)t->classes);
    p[6] = (uint8_t)o->bits;
    p[7] = (uint8_t)o->ways;
    put_le(p + 8, 4, o->sets);
    p[12] = o->form.words;
    p[13] = o->form.chars;
    p[14] = o->form.marks;
    p[15] = o->prints;
    put_le(p + 16, 4, (uint32_t)scale);
    put_le(p + 20, 2, (uint32_t)o->bar_milli);
    put_le(p + 22, 2, (uint32_t)train_label_bytes(t));
    put_le(p + 24, 4, (uint32_t)bytes);
    p += LINEAR_HEAD_BYTES;
    for (size_t i = 0; i < t->classes; i++) {
        memcpy(p, t->labels[i], strlen(t->labels[i]));
        p += strlen(t->labels[i]) + 1;
    }
    for (size_t c = 0; c < t->classes; c++, p += BIAS_BYTES) {
        int64_t bias = (int64_t)t->bias[c] * most * (1 << LINEAR_UNIT_BITS) / top;

        bias = bias > INT16_MAX ? INT16_MAX : bias < INT16_MIN ? INT16_MIN : bias;
        put_le(p, BIAS_BYTES, (uint32_t)bias);
    }
    train_rows(t, top, p, p + rows * (o->prints ? 1 : 0));
    put_le(out + bytes - CRC_BYTES, 4,
           hash_crc32(0, span_of((const char *)out, bytes - CRC_BYTES)));
}
