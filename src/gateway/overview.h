/* overview - GET /api/summary: everything that the dashboard shows, as one JSON document.
 *
 *   version board time timezone uptime_s demo demo_progress   who and when
 *   range by            what was asked for: hour | day | month, model | route | key | workload
 *   state               ready, ledger_writable, upstream_up, stopping, offline
 *   history reading     whether there is memory for it, and how far the ledger was read since start
 *   totals              hour (60 minutes), today, month, all lines on the disk: calls, errors,
 *                       input, cached, output (tokens), cost, baseline, saved
 *   budgets             an account each: limit, spent, held, left, resets, projected, warns,
 *                       exceeded
 *   month               spent, and what it will be at this pace
 *   savings             of this month, by what they are owed to (ledger/summary.h)
 *   series              step_s, start, points, and up to 8 groups of calls, tokens, cost, saved
 *   cache tiers latency upstreams memory ledger tail
 *
 * Money is USD as exact decimals, times are ISO 8601 UTC, null is not known. Days and months are
 * those of [server] timezone. Lists are bounded: OVERVIEW_BUDGETS_MAX accounts (those with the
 * least left of their limit), OVERVIEW_UPSTREAMS_MAX, so that a document fits its lease. */
#ifndef GATEWAY_OVERVIEW_H
#define GATEWAY_OVERVIEW_H

#include "base/fmt.h"
#include "ledger/trend.h"

enum {
    OVERVIEW_BYTES_MAX = 48 * 1024,
    OVERVIEW_BUDGETS_MAX = 24,
    OVERVIEW_UPSTREAMS_MAX = 16,
    OVERVIEW_TIERS_MAX = 24,
    OVERVIEW_NAME_BYTES = 64,      /* of what a client may name: longer is cut */
    OVERVIEW_MOVES_MS = 60 * 1000, /* hours, days and projections go on without a call */
};

struct overview_query {
    enum trend_range range;
    enum trend_by by;
};

struct gateway;
struct json_write;

/* "range=day&by=model"; what is missing has these values. False: another value. */
bool overview_query_read(struct overview_query *q, struct span query);
void overview_write(struct gateway *g, const struct overview_query *q, struct fmt *out);
/* Differs when something has changed that a document shows, and each OVERVIEW_MOVES_MS. */
uint64_t overview_state(const struct gateway *g);
/* An upstream could be asked now; none is configured: nothing is missing. */
bool overview_upstream_up(const struct gateway *g);

/* overview_money.c: the parts that are about money and history. */
void overview_history(struct gateway *g, const struct overview_query *q, struct json_write *w,
                      int64_t now_unix_ms);
void overview_usd(struct json_write *w, const char *key, int64_t pusd);
void overview_time(struct json_write *w, const char *key, int64_t unix_ms); /* 0: null */
void overview_i64(struct json_write *w, const char *key, int64_t value);

#endif
