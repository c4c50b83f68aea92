/* explain - what the gateway would do with a request, for `farthing route` and `eval route`. */
#ifndef COMMAND_EXPLAIN_H
#define COMMAND_EXPLAIN_H

#include "gateway/decide.h"
#include "gateway/workload.h"
#include "llm/tokens.h"

struct explain {
    struct request request;
    struct route_facts facts;
    struct workload_guess workload;
    struct decision decision;
    enum decide result;
    bool bounded;
    struct decide_bound bound;
};

/* What is needed besides, lent by the caller. */
struct explain_scratch {
    struct json_object object;
    struct workload_scratch workload;
};

/* A prompt as the body of a chat request for `auto`; false when it does not fit. */
bool explain_prompt(struct span prompt, struct fmt *body);
/* False when the body is no request; e->request.err says why. At the time unix_ms, as who has no
 * key and sends no header fields. */
bool explain_request(struct explain *e, const struct settings *s, const struct classifier *c,
                     struct span body, struct explain_scratch *scratch, int64_t unix_ms);
/* The sentence for a body that is none. */
void explain_refusal(const struct request *r, struct fmt *out);

#endif
