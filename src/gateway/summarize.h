/* summarize - summaries for the pass of that name: found in the cache, or asked for
 * (policy/summary).
 *
 * A summary is remembered in the cache under a hash of the text and of how it was made, and so in
 * its snapshot; that an answer was no use is remembered too, for a while. A summary that is not
 * there is asked for when that pays, in a side call (gateway/side.h) without a parent: the request
 * goes on as it is and the next one finds it. Only where turns would be dropped and it pays for
 * this very request, the request waits. Nobody points at anybody: who waits looks into the cache
 * again when a summary has ended, so either may leave at any time. */
#ifndef GATEWAY_SUMMARIZE_H
#define GATEWAY_SUMMARIZE_H

#include "gateway/pack.h"

struct summarize {
    struct exchange *x;
    const struct prefix_match *match;
    struct packed *packed;      /* its fields about summaries are filled */
    struct compress_said *said; /* points into the cache until something is put in */
    bool is_dry;
    int64_t now_ms;
};

/* Finds, or asks; `room` is as long as the body. */
void summarize_look(const struct summarize *s, struct messages *scratch, char *room);
/* An exchange ends: if it was to bring a summary, that is kept, and who waits is woken. */
void summarize_end(struct exchange *x, int64_t now_ms);

#endif
