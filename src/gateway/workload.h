/* workload - what kind of work a request asks for, as routes and the ledger know it.
 *
 * The client's own word in x-farthing-workload counts; else the classifier's (policy/classify),
 * where it is sure enough; else it is `unknown`. */
#ifndef GATEWAY_WORKLOAD_H
#define GATEWAY_WORKLOAD_H

#include "gateway/settings.h"
#include "llm/messages.h"

#define WORKLOAD_UNKNOWN "unknown"

enum { WORKLOAD_NAME_BYTES = 32 };

struct workload_guess {
    char name[WORKLOAD_NAME_BYTES]; /* NUL-terminated */
    int64_t confidence_milli;
};

/* Lent for the time of a call. */
struct workload_scratch {
    struct messages messages;
};

struct exchange;

/* Of a request alone. */
void workload_of(struct workload_guess *w, const struct settings *s, const struct request *r,
                 struct workload_scratch *scratch);
struct span workload_guess_name(const struct workload_guess *w);
/* Fills x->workload. */
void workload_read(struct exchange *x);

#endif
