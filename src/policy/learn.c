#include "policy/learn.h"

#include "base/check.h"
#include "base/hash.h"
#include "policy/linear.h"

/* Found on GSM8K, BIG-Bench Hard and LLMRouter outcomes, where results hardly depend on them: half
 * or twice of each changes APGR by less than 0.005. */
enum {
    LEARN_BITS = 20,   /* of a weight's fraction; a gain of LEARN_GAIN_MAX is 1 << LEARN_BITS */
    RATE_FIRST = 6554, /* of LINEAR_ONE: the first step, a tenth of the error; */
    RATE_LAST = 1966,  /* the floor, for what changes; */
    RATE_HALF = 2000,  /* after so many updates half of the first */
    BIAS_PART = 8,     /* the mean is found by an eighth of the step */
    DECAY_EVERY = 64,  /* updates; */
    DECAY_PART = 512,  /* then weights lose that part */
    SLOW_EVERY = 16,   /* updates; then the averages take a step */
    SLOW_PARTS = 128,  /* of that part of the way, so over some 2,000 updates */
    LENGTH_STEPS = 24, /* two for each doubling, from 16 bytes */
    LENGTH_FIRST_BYTES = 16,
    CRC_BYTES = 4,
};

static const char learn_magic[8] = "FLRN\1\0\0";

void learn_start(struct learn *l)
{
    memset(l, 0, sizeof(*l));
}

/* A step for every length below the prompt's: what is longer has all of the shorter one's. */
static void learn_length(struct learn_input *in, size_t bytes)
{
    size_t limit = LENGTH_FIRST_BYTES;

    for (uint32_t i = 0; i < LENGTH_STEPS && bytes >= limit; i++) {
        if (in->count < LEARN_INPUTS_MAX)
            in->places[in->count++] = (uint16_t)i;
        limit += i % 2 == 0 ? limit / 2 : limit / 3;
    }
}

void learn_read(struct learn_input *in, struct span text, struct features *scratch)
{
    static const struct features_form form = {.words = 2};

    in->count = 0;
    learn_length(in, text.len);
    features_read_ends(scratch, &form, span_part(text, 0, LEARN_TEXT_BYTES), SPAN_EMPTY, text.len);
    for (uint32_t i = 0; i < scratch->count && in->count < LEARN_INPUTS_MAX; i++)
        in->places[in->count++] =
            (uint16_t)(LENGTH_STEPS + scratch->hashes[i] % (LEARN_WEIGHTS - LENGTH_STEPS));
}

/* The gain as LEARN_BITS. */
static int64_t learn_sum(const int32_t *weights, int32_t bias, const struct learn_input *in)
{
    int64_t sum = 0;

    for (uint32_t i = 0; i < in->count; i++)
        sum += weights[in->places[i]];
    return sum * linear_norm(in->count) / LINEAR_ONE + bias;
}

static int32_t learn_bound(int64_t milli)
{
    return (int32_t)(milli > LEARN_GAIN_MAX    ? LEARN_GAIN_MAX
                     : milli < -LEARN_GAIN_MAX ? -LEARN_GAIN_MAX
                                               : milli);
}

int32_t learn_predict(const struct learn *l, const struct learn_input *in)
{
    return learn_bound(learn_sum(l->slow, l->slow_bias, in) * LEARN_GAIN_MAX / (1 << LEARN_BITS));
}

static int32_t learn_add(int32_t weight, int64_t step)
{
    int64_t limit = INT32_MAX / 4; /* gains of 500: far beyond what is ever reached */
    int64_t sum = weight + step;

    return (int32_t)(sum > limit ? limit : sum < -limit ? -limit : sum);
}

static int32_t learn_nearer(int32_t slow, int32_t fast, int32_t parts)
{
    return slow + (int32_t)(((int64_t)fast - slow) / parts);
}

/* Averages over the last updates: single outcomes swing the weights more than they teach. */
static void learn_average(struct learn *l)
{
    uint32_t early = l->updates / (2 * SLOW_EVERY);
    int32_t parts = early < 1 ? 1 : early < SLOW_PARTS ? (int32_t)early : SLOW_PARTS;

    l->slow_bias = learn_nearer(l->slow_bias, l->bias, parts);
    for (size_t i = 0; i < LEARN_WEIGHTS; i++)
        l->slow[i] = learn_nearer(l->slow[i], l->weights[i], parts);
}

static void learn_decay(struct learn *l)
{
    for (size_t i = 0; i < LEARN_WEIGHTS; i++)
        l->weights[i] -= l->weights[i] / DECAY_PART;
}

void learn_update(struct learn *l, const struct learn_input *in, int32_t gain)
{
    int64_t rate = (int64_t)RATE_FIRST * RATE_HALF / ((int64_t)RATE_HALF + l->updates);
    int64_t error;
    int64_t step;

    CHECK(gain >= -LEARN_GAIN_MAX && gain <= LEARN_GAIN_MAX);
    rate = rate > RATE_LAST ? rate : RATE_LAST;
    l->recent[l->updates % LEARN_RECENT] = (struct learn_outcome){
        .predicted = (int16_t)learn_predict(l, in),
        .gain = (int16_t)gain,
    };
    error = (int64_t)gain * (1 << LEARN_BITS) / LEARN_GAIN_MAX - learn_sum(l->weights, l->bias, in);
    step = error * rate / LINEAR_ONE;
    l->bias = learn_add(l->bias, step / BIAS_PART);
    step = step * linear_norm(in->count) / LINEAR_ONE;
    for (uint32_t i = 0; i < in->count; i++)
        l->weights[in->places[i]] = learn_add(l->weights[in->places[i]], step);
    l->gained += gain > 0 && l->gained < UINT32_MAX;
    l->not_gained += gain <= 0 && l->not_gained < UINT32_MAX;
    l->updates += l->updates < UINT32_MAX;
    if (l->updates % DECAY_EVERY == 0)
        learn_decay(l);
    if (l->updates % SLOW_EVERY == 0)
        learn_average(l);
}

/* ---- calibration ---- */

int32_t learn_order_milli(const struct learn *l)
{
    const uint32_t half = 500;
    uint32_t count = l->updates < LEARN_RECENT ? l->updates : LEARN_RECENT;
    uint32_t pairs = 0;
    uint32_t halves = 0; /* two for a pair in order, one for one that was predicted equal */

    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < i; k++) {
            const struct learn_outcome *a = &l->recent[i];
            const struct learn_outcome *b = &l->recent[k];

            if (a->gain == b->gain)
                continue;
            pairs++;
            halves += a->predicted == b->predicted ? 1 : 0;
            halves +=
                (a->predicted > b->predicted) == (a->gain > b->gain) && a->predicted != b->predicted
                    ? 2
                    : 0;
        }
    }
    return (int32_t)(pairs == 0 ? half : halves * half / pairs);
}

enum learn_state learn_state(const struct learn *l)
{
    bool seen = l->gained >= LEARN_SIDE_MIN && l->not_gained >= LEARN_SIDE_MIN;

    return seen && learn_order_milli(l) >= LEARN_ORDER_MIN_MILLI ? LEARN_CALIBRATED
                                                                 : LEARN_UNCALIBRATED;
}

/* ---- the file ---- */

static void put_u32(uint8_t *p, uint32_t value)
{
    for (size_t i = 0; i < sizeof(value); i++)
        p[i] = (uint8_t)(value >> (8 * i));
}

static uint32_t get_u32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

void learn_save(const struct learn *l, uint8_t out[LEARN_FILE_BYTES])
{
    uint8_t *p = out + sizeof(learn_magic);

    memcpy(out, learn_magic, sizeof(learn_magic));
    for (size_t i = 0; i < LEARN_WEIGHTS; i++, p += 4)
        put_u32(p, (uint32_t)l->slow[i]);
    put_u32(p, (uint32_t)l->slow_bias);
    put_u32(p + 4, l->updates);
    put_u32(p + 8, l->gained);
    put_u32(p + 12, l->not_gained);
    p += 16;
    for (size_t i = 0; i < LEARN_RECENT; i++, p += 4)
        put_u32(p, (uint32_t)(uint16_t)l->recent[i].predicted |
                       (uint32_t)(uint16_t)l->recent[i].gain << 16);
    put_u32(p, hash_crc32(0, span_of((const char *)out, LEARN_FILE_BYTES - CRC_BYTES)));
}

bool learn_load(struct learn *l, struct span bytes)
{
    const uint8_t *p = (const uint8_t *)bytes.ptr;

    learn_start(l);
    if (bytes.len != LEARN_FILE_BYTES || memcmp(p, learn_magic, sizeof(learn_magic)) != 0 ||
        get_u32(p + LEARN_FILE_BYTES - CRC_BYTES) !=
            hash_crc32(0, span_of(bytes.ptr, LEARN_FILE_BYTES - CRC_BYTES)))
        return false;
    p += sizeof(learn_magic);
    for (size_t i = 0; i < LEARN_WEIGHTS; i++, p += 4)
        l->weights[i] = l->slow[i] = learn_add((int32_t)get_u32(p), 0);
    l->bias = l->slow_bias = learn_add((int32_t)get_u32(p), 0);
    l->updates = get_u32(p + 4);
    l->gained = get_u32(p + 8);
    l->not_gained = get_u32(p + 12);
    p += 16;
    for (size_t i = 0; i < LEARN_RECENT; i++, p += 4) {
        l->recent[i].predicted = (int16_t)(uint16_t)get_u32(p);
        l->recent[i].gain = (int16_t)(uint16_t)(get_u32(p) >> 16);
    }
    return true;
}
