/* plan - which model answers an exchange, and which one next when that fails or falls short.
 *
 * The route's tiers in order; in a tier the models that are equally good, the least busy for its
 * weight first; when none of them can answer, the route's fallbacks, each once; then the next tier.
 * Vendors whose breaker is open are passed over, those that asked to be left alone (429) too, as
 * long as there is somebody else. Models that the client's key may not use, and vendors that do not
 * speak the API, are never picked.
 *
 * A first tier that was passed over (gateway/learning) is asked when nobody else can answer.
 *
 * A struct of bits: a copy of it may be asked what would come next without it happening. */
#ifndef GATEWAY_PLAN_H
#define GATEWAY_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/route.h"
#include "policy/switch.h"

struct exchange;
struct model_settings;

struct plan {
    size_t tier;                    /* of the model picked last, or the first one's */
    uint8_t tried[ROUTE_TIERS_MAX]; /* a bit for each choice */
    uint8_t tried_fallbacks;        /* likewise */
    bool tried_offline;
    bool in_fallback; /* the model picked last is one */
    bool passed_over; /* the first tier was */
    uint8_t stay;     /* 1 + the choice of `tier` that comes first; 0 = none */
};

/* Of a conversation that another model's vendor holds in its prompt cache (policy/switch). */
struct change {
    const struct model_settings *holder; /* NULL: nobody */
    struct switch_sum sum;               /* of the next call: by the holder, by who was picked */
    bool stays;                          /* the holder is asked */
};

enum plan_none {
    PLAN_FOUND,
    PLAN_NOT_ALLOWED, /* the key may use none of the models */
    PLAN_NOT_SPOKEN,  /* no vendor of theirs speaks the API */
    PLAN_RESTING,     /* their breakers are open, or all have failed */
};

/* The next model, NULL when there is none and then *why says why. `skip_tier`: none of the tier
 * picked last any more. */
const struct model_settings *plan_next(const struct exchange *x, struct plan *p, bool skip_tier,
                                       enum plan_none *why, int64_t now_ms);

#endif
