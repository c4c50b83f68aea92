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

/* Of the text that is nearest to a summary. */
enum pack_summary {
    PACK_NO_TEXT,
    PACK_UNPAID, /* asking for one would not pay */
    PACK_FAILED, /* there was an answer that is no use */
    PACK_ASKED,  /* it is asked for; in a dry run: would be */
    PACK_KEPT,   /* it is there */
};

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
    enum pack_summary summary;
    int64_t summary_cost_pusd; /* of asking, and what the requests to be expected save */
    int64_t summary_saving_pusd;
    uint32_t summaries_asked; /* bit 1 << enum summary_of: once a request */
    bool waits;               /* for one of them ... */
    int64_t wait_until_ms;    /* until then at most; 0 = never did */
};

/* The route's passes over the body, into a lease of the caller's; false when nothing is gained, or
 * there is no memory for it, or p->waits. For dry runs too: then nobody is asked for a summary. */
bool pack_body(struct exchange *x, struct lease *out, struct packed *p, bool is_dry,
               int64_t now_ms);
/* Vendors keep apart what belongs to different models and accounts. */
uint64_t pack_scope(const struct gateway *g, const struct model_settings *m);
/* The request goes out as it is now: its beginning is remembered. */
void pack_sent(struct exchange *x, int64_t now_ms);

#endif
