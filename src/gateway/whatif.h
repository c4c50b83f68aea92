/* whatif - what a ledger's traffic would have cost under another configuration.
 *
 * Each line goes through the routes, prices and budgets of the new configuration, by the code that
 * serves. What a ledger does not hold cannot be replayed, so it is assumed, and the assumptions
 * are whatif_assumptions, for whoever reads the result:
 *   - a request is its model, key, workload and input tokens; conditions on header fields, tools,
 *     images, JSON or difficulty never match
 *   - an answer has as many tokens, and as many cached ones, from whichever model
 *   - hits and shared calls stay without cost where the new route keeps answers, else they are
 *     calls to its first tier
 *   - a call of the nth tier is one of the nth tier of the new route, and left out when there is
 *     none; a request that had no tiers stops at the first, or, given `pass_milli` below 1000, asks
 *     the second for the rest of a thousand
 *   - a request that a budget has no room for costs nothing, and so do its later calls; where
 *     on_exceed names a route, it is one call of that route's first tier, if there is room for it;
 *     with cache_only it is refused: what the cache keeps beyond its time is not in a ledger
 *
 * A line of a model that the new configuration does not know keeps its cost, and is counted. */
#ifndef GATEWAY_WHATIF_H
#define GATEWAY_WHATIF_H

#include "gateway/settings.h"
#include "ledger/summary.h"
#include "policy/budget.h"

enum {
    WHATIF_BUDGET_BYTES = 128 * 1024, /* BUDGET_ACCOUNTS_DEFAULT accounts */
    WHATIF_BLOCKED_IDS = 64,          /* requests whose later lines may still come */
    WHATIF_PASS_ALL_MILLI = 1000,
};

struct whatif_block {
    uint64_t requests; /* refused */
    uint64_t rerouted; /* answered by the route of on_exceed */
    int64_t first_unix_ms;
};

struct whatif {
    const struct settings *settings;
    int64_t pass_milli;
    struct summary before;
    struct summary after;
    uint64_t unplaced;                       /* lines of models that are not known */
    uint64_t dropped;                        /* calls of tiers that there are no more */
    struct whatif_block blocked[BUDGET_MAX]; /* by the settings' budgets */
    uint64_t blocked_ids[WHATIF_BLOCKED_IDS];
    size_t blocked_next;
    struct arena arena;
    struct budget_book budgets;
    _Alignas(16) char memory[WHATIF_BUDGET_BYTES];
};

extern const char *const whatif_assumptions[];
extern const size_t whatif_assumption_count;

/* The options bound the lines that count, as in summary.h; false: the budgets do not fit. */
bool whatif_start(struct whatif *w, const struct settings *s, const struct summary_options *o,
                  int64_t pass_milli);
/* Lines in the order of the ledger. */
void whatif_line(struct whatif *w, const struct ledger_line *line);

#endif
