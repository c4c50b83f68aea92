/* offline - the WAN is down: what is said of it, and when a route's `offline` takes over.
 *
 * An upstream is away when its last call did not reach it, or nothing came back in time; a vendor
 * that answers, with whatever status, is not. A route is offline when every model that it could ask
 * is away: then its `offline = MODEL` (on the LAN, most likely) is asked after all others, or
 * `offline = stale` lets kept answers serve up to ROUTE_OFFLINE_STALE_MS past their time. The
 * gateway is offline when all its https upstreams are away, or, without any, all but the stand-in;
 * one that was never asked is not away. /readyz, /metrics and the dashboard tell, the log on each
 * change. */
#ifndef GATEWAY_OFFLINE_H
#define GATEWAY_OFFLINE_H

#include "gateway/gateway.h"

bool offline_route(const struct exchange *x);
bool offline_gateway(const struct gateway *g);
/* A turn of the loop: tells the owner when it changes. */
void offline_watch(struct gateway *g);

#endif
