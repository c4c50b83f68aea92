/* status - what is served without a vendor: lists, health, the status page, the owner's own.
 *
 *   GET /v1/models, /v1/models/ID   the models of the configuration, in OpenAI's shape
 *   GET /healthz              200 while the process runs
 *   GET /readyz               200 when the ledger is writable and an upstream seems up, else 503
 *   GET /metrics              Prometheus (metrics.h)
 *   GET /                     the dashboard (page.h)
 *   GET /status               the same in words, without a script: sums, upstreams, the memory map
 *   GET /api/summary          what the dashboard shows, as JSON (overview.h)
 *   GET /api/events           the same as server-sent events (viewers.h)
 *   GET /api/cache            the cache's sums and the ages of its answers, as JSON
 *   POST /api/cache/clear     empties it, with ?route=NAME of that route's answers only; gives how
 *                             many went. Not for pages of other sites
 *
 * From /metrics on: on a loopback listener, or with the admin key, which a browser may send as the
 * password of HTTP Basic. HEAD works wherever GET does. */
#ifndef GATEWAY_STATUS_H
#define GATEWAY_STATUS_H

#include "gateway/gateway.h"

enum status_result {
    STATUS_SERVED,
    STATUS_UNKNOWN,    /* no such path */
    STATUS_METHOD,     /* the path takes GET and HEAD only */
    STATUS_POST,       /* the path takes POST only */
    STATUS_FOREIGN,    /* a page of another site asks */
    STATUS_QUERY,      /* it has a value that the path does not know */
    STATUS_NO_ADMIN,   /* without the admin key, which would do */
    STATUS_LOCAL_ONLY, /* not on this listener: there is no admin key */
    STATUS_NO_KEY,     /* the lists are for clients */
    STATUS_NO_ROOM,    /* for the page, now */
    STATUS_NO_MODEL,   /* /v1/models/ID: not configured */
};

enum status_result status_serve(struct gateway *g, struct conn *c, int64_t now_ms);
/* A document from where it lies, with the fields that all of the owner's have; takes the lease. */
void status_send(struct gateway *g, struct conn *c, const char *content_type, struct lease *held,
                 size_t bytes, int64_t now_ms);
/* status_text.c */
void status_text_page(struct gateway *g, struct fmt *out);
/* status_cache.c: /api/cache, or .../clear; who asks may. */
enum status_result status_cache(struct gateway *g, struct conn *c, bool clear, int64_t now_ms);

#endif
