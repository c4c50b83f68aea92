/* near_recall - the same question in other words (policy/near), where the route says so.
 *
 * For single-turn questions without tools and images. Beside a kept answer stands a small entry
 * under the question's canonical key and all else of the request; it holds the answer's own key.
 * So what is found is an answer to another spelling, with the same system prompt and parameters,
 * for the same scope. */
#ifndef GATEWAY_NEAR_RECALL_H
#define GATEWAY_NEAR_RECALL_H

#include "policy/cache.h"

struct exchange;

/* Once the exact key is known: fills x->recall.near_id, where the question has a canonical key. */
void near_prepare(struct exchange *x);
/* The entry of the answer to a near question; CACHE_MISS when there is none. */
enum cache_found near_find(struct exchange *x, int64_t now_unix_ms, struct cache_entry *out);
/* The answer was kept under the exact key: it is found by others, too. */
void near_remember(struct exchange *x, const struct cache_meta *meta);

#endif
