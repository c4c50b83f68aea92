/* recall - what the cache knows of an exchange's request, and what it is told afterwards.
 *
 * stage_recall looks for a kept answer, then for the same request under way; stage_ask and reserve
 * come back for an expired one when the vendor or the budget fails (recall_stale). The relay tells
 * what was delivered (remember_body, remember_tape). */
#ifndef GATEWAY_RECALL_H
#define GATEWAY_RECALL_H

#include "gateway/near_alike.h"
#include "policy/cache.h"
#include "policy/cache_key.h"
#include "policy/cache_settings.h"

struct exchange;
struct gateway;

struct recall {
    bool on;        /* there is a key: the cache may be asked */
    bool may_store; /* the answer may be kept */
    bool stored;
    struct cache_id id;
    bool near; /* the question has a canonical key, and the route looks by it */
    struct cache_id near_id;
    struct near_alike alike;
    bool prepared;    /* the key was asked for */
    bool looked;      /* and the cache */
    int64_t ttl_ms;   /* of what is stored */
    int64_t stale_ms; /* how long after its time an answer is better than an error */
    struct cache_control control;
    enum cache_outcome outcome;
    /* Of a hit: */
    int64_t similarity_milli; /* of the question that it answers; 0 = it is the same one */
    int64_t left_ms;
    int64_t age_s;
};

/* Whether the request would be found: for dry runs. Changes nothing. */
enum cache_found recall_peek(struct exchange *x);
/* An expired answer that the route still takes; true when it is on its way to deliver. */
bool recall_stale(struct exchange *x);
/* Whether there is one. */
bool recall_has_stale(struct exchange *x);
/* x->recall.control, out of the request's head. */
void recall_read_control(struct exchange *x);
/* The recording in a kept value. */
struct span recall_recording(struct span value);
/* What the configuration makes of the request, as a part of the key. */
void recall_mix(const struct exchange *x, struct hash128 *key);
/* The model that gave what was kept. */
void recall_take_model(struct exchange *x, struct span name);
/* Whether the answer of the current call may be kept, and as what. */
bool recall_may_keep(const struct exchange *x);
struct cache_meta recall_meta(const struct exchange *x);
/* A route as entries remember it. */
uint32_t recall_route_mark(const struct gateway *g, struct span name);
/* The answer of the current call, whole: kept if it may be. */
void remember_body(struct exchange *x, struct span body);
void remember_tape(struct exchange *x);

#endif
