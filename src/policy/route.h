/* route - [route NAME]: which requests it is for, and what is done with them; first match wins.
 *
 * A condition that is not given holds for every request; all that are given must hold. Names are
 * matched by globs (policy/keys.h, key_glob), several with commas between them.
 *
 * TIERS are asked in order, the cheap one first: `m1@0.8, m2@0.9, m3`. An answer is delivered when
 * its score reaches the tier's bar, else the next tier is asked; the last one's always is. A tier
 * may name several models that are equally good, `a*2|b@0.8`: the one whose vendor is least busy
 * for its weight is asked, the others when it fails. FALLBACKS take the place of a tier's models
 * when those cannot answer at all. A route without tiers asks the model that the client named.
 *
 * Pure functions over what is known of a request; nothing is kept. */
#ifndef POLICY_ROUTE_H
#define POLICY_ROUTE_H

#include "config/table.h"
#include "http/head.h"
#include "policy/batch.h"
#include "policy/compress_passes.h"

enum {
    ROUTE_MAX = 32, /* an owner reads them all, in order */
    ROUTE_TIERS_MAX = 4,
    ROUTE_CHOICES_MAX = 3, /* models of one tier */
    ROUTE_FALLBACKS_MAX = 4,
    ROUTE_LIST_BYTES = 256,
    ROUTE_HINT_BYTES = 200, /* a sentence or two; each call pays for it */
    ROUTE_WEIGHT_MAX = 100,
    ROUTE_CACHE_MS_MIN = 1000,
    ROUTE_NEAR_MILLI_MIN = 600,         /* below it policy/verified learns nothing */
    ROUTE_OFFLINE_STALE_MS = 604800000, /* a week: longer than outages last, and RFC 9111 warns */
    ROUTE_BAR_MILLI = 1000,             /* a score of 1 */
};

enum route_has {
    ROUTE_HAS_TOOLS = 1 << 0,
    ROUTE_HAS_IMAGES = 1 << 1,
    ROUTE_HAS_JSON = 1 << 2, /* the answer has to be JSON */
};

struct route_choice {
    char model[CONFIG_NAME_BYTES];
    size_t model_index; /* filled by settings */
    int64_t weight;
};

struct route_tier {
    size_t count;
    struct route_choice choices[ROUTE_CHOICES_MAX];
    int64_t bar_milli; /* 0 = delivered whatever it is */
};

struct route_settings {
    char name[CONFIG_NAME_BYTES];
    char models[ROUTE_LIST_BYTES];    /* of the model asked for; "" = any */
    char workloads[ROUTE_LIST_BYTES]; /* "" = any; `unknown` is one */
    char keys[ROUTE_LIST_BYTES];
    char header[ROUTE_LIST_BYTES]; /* "Name: glob"; "" = none */
    int64_t min_tokens;            /* of input, by estimate */
    int64_t max_tokens;            /* 0 = no bound */
    uint32_t has;
    char difficulty; /* '<' or '>' difficulty_milli; 0 = any */
    int64_t difficulty_milli;
    size_t tier_count;
    struct route_tier tiers[ROUTE_TIERS_MAX];
    struct route_choice offline; /* asked when nobody else can be reached; "" = nobody is */
    bool offline_stale;          /* then kept answers serve past their time */
    size_t fallback_count;
    struct route_choice fallbacks[ROUTE_FALLBACKS_MAX];
    struct compress_passes compress;
    struct batch_setting batch;
    char check[CONFIG_NAME_BYTES];      /* [check] of its answers; "" = the default one */
    size_t check_index;                 /* filled by settings */
    int64_t commit_after_tokens;        /* of a judged stream that are held at least */
    int64_t max_output_tokens;          /* 0 = the request's, or the model's */
    char stop[ROUTE_LIST_BYTES];        /* rules (policy/stop.h), checked; "" = none */
    char conciseness[ROUTE_HINT_BYTES]; /* asks for short answers, in the prompt; "" = does not */
    int64_t cache_ms;                   /* 0 = off, -1 = as [cache] says */
    int64_t near_milli;        /* 0 = off; questions that are so much alike share an answer */
    int64_t stale_if_error_ms; /* how long after its time an answer is better than an error */
    bool learn;                /* which questions the first tier cannot answer */
    int64_t skip_above_milli;  /* gain of the next tier above which the first is not asked */
    int64_t switch_milli;      /* of staying, that leaving a held conversation may cost; -1 = any */
    int64_t shadow_milli;      /* share of answers that the next tier is asked for as well */
};

extern const struct config_section route_section;

/* What a request is. Empty spans: not known, which only "*" and no condition match. */
struct route_facts {
    struct span model;
    struct span workload;
    struct span key;
    const struct http_head *head; /* NULL: there are no header fields */
    int64_t input_tokens;         /* estimate; only looked at where a route has such a bound */
    uint32_t has;
    int64_t difficulty_milli; /* 0..1000; -1 = not known, which no condition matches */
};

bool route_matches(const struct route_settings *r, const struct route_facts *f);
/* Whether any of them looks at input_tokens, or at the workload: a pass over the body each. */
bool route_any_counts_tokens(const struct route_settings *routes, size_t count);

/* Answers of this tier are judged: it has a bar, and there is a tier behind it. */
bool route_judges(const struct route_settings *r, size_t tier);

#endif
