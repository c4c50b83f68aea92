/* cache_settings - [cache], and what HTTP says about caches: Cache-Control, Cache-Status, Age.
 *
 * A request may ask in Cache-Control (RFC 9111 section 5.2.1) for no stored answer, for none older
 * than so many seconds, for nothing to be kept, or for nothing but a stored one; all other
 * directives are ignored, as the RFC allows. An answer says in Cache-Status (RFC 9211) what became
 * of it. */
#ifndef POLICY_CACHE_SETTINGS_H
#define POLICY_CACHE_SETTINGS_H

#include "config/table.h"

enum {
    CACHE_PATH_BYTES = 256,
    CACHE_AGE_MAX_S = INT32_MAX, /* a longer number counts as this (RFC 9111 section 1.2.2) */
};

struct cache_settings {
    int64_t size_bytes; /* 0 = what the arena has left */
    int64_t ttl_ms;
    bool shared; /* all clients; else each key has its own */
    char snapshot[CACHE_PATH_BYTES];
    int64_t snapshot_every_ms;
    int64_t retry_ms;
    bool tool_calls;
    int64_t max_temperature_milli;
    int64_t near_entries;               /* questions that are remembered for what is only alike */
    int64_t near_error_percent;         /* of their hits that may be wrong */
    char embeddings[CONFIG_NAME_BYTES]; /* model that tells what a question means; "" = none */
    bool embeddings_cut;                /* its first 256 dimensions are an embedding too */
    int64_t rate; /* events a second of an answer that is streamed again; 0 = at once */
};

extern const struct config_section cache_section;

/* Whether an answer at this temperature may be kept: the member's value as it stands in the
 * request; empty, when it is not there, counts as the 1 that the vendors then take. What is no
 * number does not fit. */
bool cache_temperature_fits(const struct cache_settings *s, struct span temperature);

struct cache_control {
    bool no_cache;       /* ask the vendor; the answer may be kept */
    bool no_store;       /* do not keep the answer */
    bool only_if_cached; /* 504 rather than ask (RFC 9111 section 5.2.1.7) */
    int64_t max_age_ms;  /* CACHE_AGE_ANY: of any age */
};

#define CACHE_AGE_ANY INT64_MAX

void cache_control_start(struct cache_control *cc);
/* For each Cache-Control line of the request. The stricter of two directives holds; a max-age that
 * is no number is one of 0. */
void cache_control_read(struct cache_control *cc, struct span value);
/* Whether a stored answer may be given that is so old. */
bool cache_control_takes(const struct cache_control *cc, int64_t age_ms);

enum cache_outcome {
    CACHE_OUTCOME_HIT,
    CACHE_OUTCOME_BYPASS,  /* the cache was not asked: off, or not for such a request */
    CACHE_OUTCOME_REQUEST, /* the request's Cache-Control forbade it */
    CACHE_OUTCOME_MISS,
    CACHE_OUTCOME_STALE,   /* there was one, but expired */
    CACHE_OUTCOME_PARTIAL, /* there was a part of it */
    CACHE_OUTCOMES,
};

struct cache_status {
    enum cache_outcome outcome;
    int64_t ttl_ms;     /* HIT: what is left; negative for a stale one */
    bool stored;        /* forwarded: the answer is kept */
    bool collapsed;     /* forwarded: it joined a request that was under way */
    const char *detail; /* a token (RFC 9110 section 5.6.2), or NULL */
};

/* "farthing; hit; ttl=376", "farthing; fwd=miss; stored". */
void cache_status_write(const struct cache_status *s, struct fmt *out);
/* The value of Age: whole seconds since it was stored, never negative. */
int64_t cache_age_s(int64_t stored_unix_ms, int64_t now_unix_ms);

#endif
