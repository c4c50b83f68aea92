/* metrics - GET /metrics: the gateway's counts in Prometheus' text format 0.0.4.
 *
 * Counters since the start, gauges of now. Sums of money are USD with 12 decimals, out of the same
 * integers that the ledger is written from. Series of budget accounts are bounded by
 * METRICS_ACCOUNTS_MAX; farthing_budget_accounts tells how many there are; those of models and
 * tiers by ledger/meters.h. Names are those of OpenTelemetry's conventions where they have one
 * (metrics_genai.c), else farthing_*. */
#ifndef GATEWAY_METRICS_H
#define GATEWAY_METRICS_H

#include "gateway/gateway.h"

enum {
    METRICS_ACCOUNTS_MAX = 64, /* with three series each 20 KB */
    METRICS_CACHE_ROWS = 12,
    METRICS_BYTES_MAX = 208 * 1024, /* with all models, accounts and names at their longest */
};

struct metrics_row {
    const char *name;
    const char *kind;
    const char *help;
    uint64_t value;
};

#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

void metrics_write(struct gateway *g, struct fmt *out);
/* What there is to say of the cache: /api/cache says it too. */
void metrics_cache_rows(const struct gateway *g, struct metrics_row out[METRICS_CACHE_ROWS]);

#endif
