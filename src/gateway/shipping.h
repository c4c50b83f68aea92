/* shipping - a copy of each ledger line to a syslog server: [ledger] syslog.
 *
 * A datagram a line, over UDP (RFC 5426) or a unix socket, in the form of RFC 5424: priority
 * local0.info, the line's own time, this host's name, "farthing", the process, MSGID "ledger", no
 * structured data, and the line as it stands in the file. Never waits: what the kernel does not
 * take at once, or what comes while the server's socket is away, is counted and lost there - the
 * ledger has it. A socket that failed is opened anew after SHIPPING_RETRY_MS. The owner is told
 * when it begins to fail and when it goes again: over UDP, or behind a server that was slow, not
 * before SHIPPING_SURE_MS, because the first line to a port where nobody listens seems to go, and a
 * word for each such line would fill a router's log. */
#ifndef GATEWAY_SHIPPING_H
#define GATEWAY_SHIPPING_H

#include "base/diag.h"
#include "ledger/ledger.h"

enum {
    SHIPPING_RETRY_MS = 1000,
    SHIPPING_SURE_MS = 10000, /* Linux says after 3 s that a host does not answer */
};

struct shipping {
    struct ledger_syslog to; /* as it was opened */
    struct diag *diag;
    int fd; /* -1 = none */
    bool failing;
    int64_t retry_ms; /* monotonic */
    int64_t sure_ms;  /* what is taken from then on has gone */
    uint64_t sent;
    uint64_t lost;
};

void shipping_init(struct shipping *s, struct diag *diag);
/* A line without its LF. */
void shipping_send(struct shipping *s, const struct ledger_syslog *to, struct span line,
                   int64_t line_unix_ms, int64_t now_ms);
void shipping_close(struct shipping *s);

#endif
