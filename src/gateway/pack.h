/* pack - a request made shorter (policy/compress), once for all of its calls.
 *
 * What the vendor may hold in its prompt cache is left alone where changing it would cost more than
 * it saves (policy/prefix): the beginnings of requests that were sent are remembered. */
#ifndef GATEWAY_PACK_H
#define GATEWAY_PACK_H

#include "base/lease.h"
#include "policy/compress.h"
#include "policy/prefix.h"

struct exchange;
struct gateway;
struct model_settings;

/* What became of it. */
struct packed {
    bool tried;
    bool changed;
    uint32_t acted; /* bit 1 << enum compress_pass */
    size_t bytes_before;
    size_t bytes_after;
    int64_t tokens_cut; /* by estimate */
    bool kept_prefix;   /* a beginning was left alone, and what either way would have cost */
    struct prefix_sum sum;
};

/* The route's passes over the body, into a lease of the caller's; false when nothing is gained, or
 * there is no memory for it. For dry runs too. */
bool pack_body(struct exchange *x, struct lease *out, struct packed *p, int64_t now_ms);
/* Vendors keep apart what belongs to different models and accounts. */
uint64_t pack_scope(const struct gateway *g, const struct model_settings *m);
/* The request goes out as it is now: its beginning is remembered. */
void pack_sent(struct exchange *x, int64_t now_ms);

#endif
