/* listeners - the addresses that clients connect to: opened, paused when all slots are taken.
 *
 * At the limit the connection that has been idle longest makes room; when all are at work, nobody
 * is accepted until one is done. */
#ifndef GATEWAY_LISTENERS_H
#define GATEWAY_LISTENERS_H

#include "gateway/gateway.h"

/* Opens what is configured; false with the reason in *why. What was opened
 * until then stays for listeners_close(). */
bool listeners_open(struct gateway *g, struct fmt *why);
void listeners_close(struct gateway *g);
/* Tells where: once all else is ready. */
void listeners_tell(struct gateway *g);
/* The conn_server's freed(), its owner the gateway: a slot was given back. */
void listeners_freed(void *owner, int64_t now_ms);

#endif
