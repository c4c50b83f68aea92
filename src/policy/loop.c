/* Winnowed hashes and the distance at which they come again. */
#include "policy/loop.h"

#include <string.h>

void loop_start(struct text_loop *l)
{
    memset(l, 0, sizeof(*l));
}

/* Fibonacci hashing (Knuth, TAOCP 3, section 6.4). */
static uint32_t gram_hash(uint64_t before, uint64_t last)
{
    return (uint32_t)(((before * 31 + last) * UINT64_C(0x9E3779B97F4A7C15)) >> 32);
}

/* Bytes since the same hash was last kept; 0 when it is new. */
static uint32_t loop_distance(const struct text_loop *l, uint16_t hash)
{
    uint32_t count = l->kept < LOOP_KEPT ? l->kept : LOOP_KEPT;

    for (uint32_t i = 1; i <= count; i++) {
        uint32_t at = (l->kept - i) % LOOP_KEPT;

        if (l->hashes[at] == hash)
            return (uint16_t)((uint16_t)l->kept_at - l->places[at]);
    }
    return 0;
}

static bool loop_is_long(uint32_t period, uint64_t bytes)
{
    uint32_t turns = period >= LOOP_LONG_PERIOD ? LOOP_LONG_TURNS : LOOP_TURNS;

    if (period <= LOOP_SHORT_PERIOD)
        return bytes >= LOOP_SHORT_BYTES;
    return bytes >= LOOP_BYTES && bytes >= (uint64_t)turns * period;
}

/* A hash was kept at l->kept_at: does it go on with the run? */
static void loop_keep(struct text_loop *l, uint16_t hash)
{
    uint32_t distance = loop_distance(l, hash);

    if (distance == 0 || distance != l->period) {
        l->period = distance;
        l->run_from = l->kept_at - distance;
    }
    l->hashes[l->kept % LOOP_KEPT] = hash;
    l->places[l->kept % LOOP_KEPT] = (uint16_t)l->kept_at;
    l->kept++;
    if (distance == 0 || distance > LOOP_SHORT_PERIOD) {
        l->judged++;
        l->again += distance != 0;
    }
    if (l->found || l->period == 0 || !loop_is_long(l->period, l->kept_at - l->run_from))
        return;
    l->found = true;
    l->found_period = l->period;
    l->found_at = l->run_from + l->period;
}

bool loop_feed(struct text_loop *l, struct span text)
{
    for (size_t i = 0; i < text.len && !l->found; i++) {
        uint32_t least = UINT32_MAX;
        uint64_t least_at = 0;

        l->gram_before = l->gram_before << 8 | l->gram >> 56;
        l->gram = l->gram << 8 | (uint8_t)text.ptr[i];
        l->offset++;
        if (l->offset < LOOP_GRAM_BYTES)
            continue;
        l->window[l->offset % LOOP_WINDOW] = gram_hash(l->gram_before, l->gram);
        if (l->offset < LOOP_GRAM_BYTES + LOOP_WINDOW - 1)
            continue;
        for (uint64_t back = 0; back < LOOP_WINDOW; back++) {
            uint32_t hash = l->window[(l->offset - back) % LOOP_WINDOW];

            if (hash >= least)
                continue;
            least = hash;
            least_at = l->offset - back;
        }
        if (least_at <= l->kept_at)
            continue;
        l->kept_at = least_at;
        loop_keep(l, (uint16_t)(least >> 16 ^ least));
    }
    return l->found;
}

int loop_repeated(const struct text_loop *l)
{
    return l->judged < LOOP_JUDGED_LEAST ? 0 : (int)((uint64_t)l->again * 1000 / l->judged);
}

bool loop_found(struct span text)
{
    struct text_loop l;

    loop_start(&l);
    return loop_feed(&l, text) || loop_repeated(&l) >= LOOP_REPEATED_MOST;
}
