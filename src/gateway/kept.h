/* kept - an answer that was not good enough, for when nothing better is to be had.
 *
 * When a tier's answer is below its bar, the next one is asked; if that fails, or no budget has
 * room for it, the client gets what there was rather than an error. */
#ifndef GATEWAY_KEPT_H
#define GATEWAY_KEPT_H

#include "base/lease.h"

struct exchange;
struct model_settings;

struct kept {
    struct lease bytes; /* a body, or a recording of events */
    size_t len;         /* 0 = nothing is kept */
    bool events;
    size_t tier;
    const struct model_settings *model;
};

/* Before the current call is given up: what it answered, out of relay or tape. */
void kept_take(struct exchange *x);
/* On its way to deliver in place of the refusal; false when nothing is kept. */
bool kept_give(struct exchange *x, int64_t now_ms);

#endif
