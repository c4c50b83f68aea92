/* decide - which route a request takes, and the most that can cost: the same for those who are
 * served and for `farthing route`, `eval route` and dry runs.
 *
 * Pure: a configuration and what is known of a request in, a decision out. */
#ifndef GATEWAY_DECIDE_H
#define GATEWAY_DECIDE_H

#include "gateway/settings.h"
#include "policy/bound.h"

enum decide {
    DECIDE_OK,
    DECIDE_NO_ROUTE,    /* one was asked for by name that is not there */
    DECIDE_NOT_ALLOWED, /* to the key */
    DECIDE_NO_MODEL,    /* no route names a model, and what was asked for is none */
};

struct decision {
    const struct model_settings *asked; /* NULL: what was asked for is no [model] */
    const struct route_settings *route; /* NULL: none matched */
};

/* What a body tells of a request; `count_tokens` costs a pass over it. */
struct route_facts decide_facts(const struct request *r, bool count_tokens);
/* Asked for by name, in `named` or as the model; else the first route that matches. */
enum decide decide_route(const struct settings *s, const struct key_settings *key,
                         const struct route_facts *f, struct span named, struct decision *out);

/* Every tier may be asked, one after another: the dearest model of each counts. */
struct decide_bound {
    int64_t input_tokens;  /* the largest */
    int64_t output_tokens; /* of each choice, the largest */
    int64_t total_pusd;
};

/* False when nothing bounds one of them. */
bool decide_bound(const struct settings *s, const struct request *r, const struct decision *d,
                  const struct bound_terms *terms, struct decide_bound *out);
/* The route's own limit on answers, where the request allows more: 0 = there is none. */
int64_t decide_output_limit(const struct request *r, const struct route_settings *route);

#endif
