/* batch_group - requests that wait for others to share one call with (policy/batch).
 *
 * The first that comes opens a group and waits for the route's window; who asks under the same
 * route, model and client key with the same body but the question joins. The group's call is a side
 * call (gateway/side.h) without a parent: each member gets its own answer, its share of the usage
 * and of the cost, which sum up to the call's exactly, and a ledger line of its own, so the call
 * has none. Who leaves drops out; a question whose answer was not found is asked again alone; a
 * group of one goes out unchanged. */
#ifndef GATEWAY_BATCH_GROUP_H
#define GATEWAY_BATCH_GROUP_H

#include "llm/usage.h"
#include "policy/batch.h"

enum { BATCH_GROUPS_MAX = 8 }; /* open or under way at a time; beyond it requests go alone */

struct exchange;
struct gateway;
struct config_use;
struct key_settings;
struct model_settings;
struct route_settings;

enum batch_state {
    BATCH_NONE,   /* not looked at yet */
    BATCH_WAITS,  /* in a group */
    BATCH_ANSWER, /* its answer is there */
    BATCH_ALONE,  /* asks for itself */
};

struct batch_group {
    size_t count; /* 0 = free */
    struct exchange *members[BATCH_COUNT_MAX];
    size_t asked; /* questions in the call; members are those who are still there */
    uint8_t places[BATCH_COUNT_MAX]; /* of members' questions in the call */
    struct batch_key key;
    const struct config_use *use;
    const struct route_settings *route;
    const struct model_settings *model;
    const struct key_settings *client;
    int64_t deadline_ms;
    struct exchange *call; /* NULL: not asked yet */
    char nonce[BATCH_NONCE_BYTES];
    size_t nonce_len;
};

/* The call has ended, well or not: members get what they get. True when they pay for it. */
bool batch_finish(struct exchange *call, int64_t now_ms);
/* The exchange ends. */
void batch_leave(struct exchange *x, int64_t now_ms);

#endif
