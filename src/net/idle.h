/* idle - upstream connections kept alive between requests.
 *
 * One table for all endpoints; each entry is watched: a peer that closes, or sends anything at all,
 * and an entry older than its limit, are closed and forgotten. Newest first, so that the warmest
 * connection is reused and the others age out. idle_drop_all() is for a WAN that went away. */
#ifndef NET_IDLE_H
#define NET_IDLE_H

#include "net/dial.h"

enum { IDLE_TIMEOUT_MS = 55000 }; /* below the 60 s after which common load balancers close */

struct idle;

bool idle_carve(struct idle **out, struct arena *a, struct loop *l, struct dialer *d,
                uint32_t entries_max);
/* True and the newest stream to this endpoint, or false. */
bool idle_take(struct idle *i, const struct endpoint *e, struct stream *out, struct net_addr *peer);
/* Takes the stream over; closes the oldest entry when the table is full. */
void idle_put(struct idle *i, struct endpoint *e, struct stream *s, const struct net_addr *peer,
              int64_t now_ms);
/* Closes the oldest entry of any endpoint to free a TLS slot; false when there is none. */
bool idle_shed(struct idle *i);
void idle_drop(struct idle *i, const struct endpoint *e); /* all of one endpoint */
void idle_drop_all(struct idle *i);
uint32_t idle_count(const struct idle *i, const struct endpoint *e); /* NULL: of all */

#endif
