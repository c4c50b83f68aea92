/* err - why a connection to an upstream could not be had or was lost: one enum for all of net/.
 *
 * The first cause wins. Each has a text for logs and error messages, and one advice for the owner.
 */
#ifndef NET_ERR_H
#define NET_ERR_H

#include "tls/session.h"

enum net_err {
    NET_OK,
    NET_ERR_NO_NAME,     /* the name does not exist (NXDOMAIN or no address records) */
    NET_ERR_RESOLVER,    /* no name server answered, or only SERVFAIL */
    NET_ERR_REFUSED,     /* connection refused */
    NET_ERR_UNREACHABLE, /* no route: the WAN may be down */
    NET_ERR_TIMEOUT,     /* connect or handshake deadline */
    NET_ERR_RESET,       /* the connection broke */
    NET_ERR_CLOSED,      /* the peer closed where more was due */
    NET_ERR_PROXY,       /* see the dial's tunnel */
    NET_ERR_TLS,         /* see tls_err */
    NET_ERR_CLOCK,       /* the clock is not set, certificates cannot be checked */
    NET_ERR_SLOTS,       /* no TLS slot or descriptor free */
    NET_ERR_COUNT,
};

const char *net_err_text(enum net_err err);
const char *net_err_advice(enum net_err err);
/* From a negative errno of sys.h. */
enum net_err net_err_from_sys(int64_t sys_result);

#endif
