/* inputs - the texts of an embeddings request, each kept by itself.
 *
 * A batch asks the vendor only for those of its texts that the cache does not have, each once. What
 * comes is put together with what was kept in the client's order, and kept in turn. A text is found
 * again in whichever batch it stands (policy/cache_key.h), as long as all else of the request is
 * the same and the same model answers: vectors of two models, or of two versions that the vendor
 * tells apart, are never in one answer. Then, or when the vendor's answer has not the form that it
 * must have, the client gets 502, and what was kept is forgotten, so that its next try asks for
 * everything.
 *
 * Each vector remembers its tokens: the vendor's count is shared among what was asked for by bytes.
 * Requests with more than INPUTS_MAX texts pass as they are, and nothing of them is kept.
 *
 *   inputs_read()     the texts and their keys
 *   inputs_look()     true: the whole answer is in x->relay.held
 *   inputs_ask()      the edit that leaves out what is kept
 *   inputs_take()     the vendor's answer, whole in x->relay.held, becomes the client's
 *
 * Memory: leases of at most 24 KB, and of the vectors that are kept while others are asked for. */
#ifndef GATEWAY_INPUTS_H
#define GATEWAY_INPUTS_H

#include "base/lease.h"
#include "base/span.h"

struct exchange;

enum { INPUTS_MAX = 256 };

struct inputs {
    bool on;
    bool merging; /* the current call asks for a part of them */
    uint16_t count;
    uint16_t asked;    /* of them, for by the call */
    struct span value; /* of the body's `input` */
    struct lease list;
    struct lease kept; /* `input` as it is asked for, then vectors */
    size_t ask_len;
    int64_t extra_tokens; /* in the client's answer, and not in the vendor's */
};

/* False when the request must not be kept: too many, or no memory. `on` stays unset where the
 * request has no texts; it is then kept as a whole. */
bool inputs_read(struct exchange *x);
/* Whether all are kept, those that expired less than stale_ms ago too. */
bool inputs_find(struct exchange *x, int64_t stale_ms);
/* After inputs_find, in the same turn: the answer; false when there is no memory. */
bool inputs_answer(struct exchange *x);
/* Finds, and answers or keeps what there is for inputs_take. */
bool inputs_look(struct exchange *x);
bool inputs_ask(struct exchange *x);
/* Of what a call is going to ask for, not calibrated. */
int64_t inputs_estimate_tokens(const struct exchange *x);
/* False: x->refusal says why. */
bool inputs_take(struct exchange *x);
void inputs_close(struct exchange *x);

#endif
