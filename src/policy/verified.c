#include "policy/verified.h"

#include "base/check.h"

enum {
    MILLI = 1000,
    TENTHS_USED = 9, /* of delta */
};

static int band_of(int similarity)
{
    int band = (similarity - VERIFIED_BAND_FROM) / VERIFIED_BAND_WIDTH;

    if (band < 0)
        return 0;
    return band < VERIFIED_BANDS ? band : VERIFIED_BANDS - 1;
}

bool verified_exploits(const struct verified *v, int similarity, int delta, uint32_t random)
{
    int band = band_of(similarity);
    uint64_t checks = (uint64_t)v->agreed[band] + v->disagreed[band];
    uint64_t wrong = MILLI * 10 * ((uint64_t)v->disagreed[band] + 2);
    uint64_t allowed = (uint64_t)delta * TENTHS_USED * (checks + 1); /* over wrong: delta / u */

    CHECK(delta >= 0 && delta <= MILLI);
    return allowed * VERIFIED_WORST >= wrong && random * wrong < allowed << 32 &&
           random < UINT32_MAX - UINT32_MAX / VERIFIED_CHECK_EVERY;
}

void verified_learn(struct verified *v, int similarity, bool agreed)
{
    int band = band_of(similarity);
    uint8_t *counter = agreed ? &v->agreed[band] : &v->disagreed[band];

    if (*counter == UINT8_MAX) {
        v->agreed[band] /= 2;
        v->disagreed[band] = (uint8_t)((v->disagreed[band] + 1) / 2);
    }
    (*counter)++;
}
