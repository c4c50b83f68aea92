/* workload - what kind of work a request asks for, as routes and the ledger know it.
 *
 * The client's own word in x-farthing-workload counts; else the classifier's (policy/classify),
 * where it is sure enough; else it is `unknown`. Requests that are no prompts have none. */
#ifndef GATEWAY_WORKLOAD_H
#define GATEWAY_WORKLOAD_H

#include "gateway/settings.h"
#include "llm/messages.h"
#include "policy/classify.h"

#define WORKLOAD_UNKNOWN_NAME "unknown"

enum { WORKLOAD_NAME_BYTES = 64 };

struct workload_guess {
    char name[WORKLOAD_NAME_BYTES]; /* NUL-terminated; "" = none */
    int64_t confidence_milli;
    int64_t difficulty_milli; /* -1 = not known */
};

/* Lent for the time of a call. */
struct workload_scratch {
    struct messages messages;
    struct classify_room room;
};

struct exchange;

/* The bytes that the weights of these settings need; 0 for those that are built in. False, with the
 * reason, when a file cannot be read. */
bool workload_bytes(const struct classify_settings *s, size_t *bytes, struct fmt *why);
/* Reads them into memory, which must stay. */
bool workload_open(struct classifier *c, const struct classify_settings *s, void *memory,
                   size_t bytes, struct fmt *why);
/* Of a request alone. */
void workload_of(struct workload_guess *w, const struct classifier *c, const struct request *r,
                 struct workload_scratch *scratch);
struct span workload_guess_name(const struct workload_guess *w);
/* Fills x->workload and x->difficulty_milli. */
void workload_read(struct exchange *x);

#endif
