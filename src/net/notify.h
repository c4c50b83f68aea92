/* notify - what a supervisor is told: systemd's protocol of datagrams (sd_notify(3)), written
 * directly, so that nothing is linked for it.
 *
 * A datagram of NAME=VALUE lines to the unix socket of $NOTIFY_SOCKET, a path or, with '@' in
 * front, an abstract name. Without it all of this does nothing: procd, OpenRC and a shell see the
 * same program. With $WATCHDOG_USEC (and no other process's $WATCHDOG_PID) the supervisor wants to
 * hear WATCHDOG=1 in time; it is sent from the loop every half of it, so that a loop that hangs is
 * noticed. */
#ifndef NET_NOTIFY_H
#define NET_NOTIFY_H

#include "base/span.h"

struct notify {
    int fd;              /* -1: nobody asks */
    int64_t watchdog_ms; /* 0: nobody waits for it */
    int64_t watchdog_due_ms;
};

void notify_open(struct notify *n, const char *(*environment)(const char *name), int64_t now_ms);
void notify_ready(struct notify *n, const char *status);
void notify_reloading(struct notify *n);
void notify_stopping(struct notify *n);
int64_t notify_deadline_ms(const struct notify *n); /* INT64_MAX: none */
void notify_tick(struct notify *n, int64_t now_ms);
void notify_close(struct notify *n);

#endif
