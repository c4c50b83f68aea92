/* side - calls that an exchange needs besides its own: a judge, a second opinion, a summary.
 *
 * A side call is an exchange of its own, without a client, that begins at stage_reserve: it is
 * reserved for, settled and written down like any other, under the id, key and session of the one
 * that needs it, and with a baseline of 0, because nobody asked for it. When it ends, `done` is
 * called with it, while its answer is still there (relay.held, for a status of 200), and the parent
 * goes on in the next turn. When the parent goes first, the side call is given up. */
#ifndef GATEWAY_SIDE_H
#define GATEWAY_SIDE_H

#include "base/lease.h"
#include "llm/request.h"

struct exchange;
struct model_settings;

enum purpose {
    PURPOSE_ANSWER, /* what a client asked for */
    PURPOSE_JUDGE,
    PURPOSE_AGREE,
    PURPOSE_SHADOW,
    PURPOSE_SUMMARY,
    PURPOSE_EMBED,
    PURPOSE_BATCH,
};

/* One without a parent, that does not run yet (exchange_begin_at_reserve). Takes the body over. */
struct exchange *side_make(const struct exchange *from, enum purpose purpose, enum api api,
                           struct lease *body, size_t body_len, const struct model_settings *model,
                           int64_t now_ms);
/* Takes the body over, also when it fails: no slot, or a body that is no request. */
bool side_start(struct exchange *parent, enum purpose purpose, enum api api, struct lease *body,
                size_t body_len, const struct model_settings *model,
                void (*done)(struct exchange *parent, struct exchange *side, int64_t now_ms),
                int64_t now_ms);
/* The client's request as one that is not streamed, in a lease of its own. */
bool side_copy_request(const struct exchange *x, struct lease *body, size_t *body_len);
/* For the end of either. */
void side_end(struct exchange *x, int64_t now_ms);
/* The body that a side call got; empty when there is none. */
struct span side_answer(const struct exchange *side);

#endif
