#include "net/err.h"

#include <errno.h>

#include "base/check.h"

struct err_words {
    const char *text;
    const char *advice;
};

static const struct err_words words[NET_ERR_COUNT] = {
    [NET_OK] = {"no error", ""},
    [NET_ERR_NO_NAME] = {"the name does not exist in DNS",
                         "check the spelling of the url; a name server that blocks or rewrites "
                         "names gives this too"},
    [NET_ERR_RESOLVER] = {"no name server answered",
                          "check the WAN and the name servers in /etc/resolv.conf"},
    [NET_ERR_REFUSED] = {"connection refused",
                         "nothing listens on that port: check the url and whether the server runs"},
    [NET_ERR_UNREACHABLE] = {"no route to the host",
                             "the WAN may be down; it is tried again with the next request"},
    [NET_ERR_TIMEOUT] = {"connecting took too long",
                         "the host or the path to it may be down, or connect_timeout is too short"},
    [NET_ERR_RESET] = {"the connection broke", "it is tried again with the next request"},
    [NET_ERR_CLOSED] = {"the peer closed the connection too early",
                        "it is tried again with the next request"},
    [NET_ERR_PROXY] = {"the proxy refused", "see the reason"},
    [NET_ERR_TLS] = {"TLS failed", "see the reason"},
    [NET_ERR_CLOCK] = {"the clock of this machine is not set",
                       "certificates cannot be checked until it is: wait for NTP, or set it"},
    [NET_ERR_SLOTS] = {"no connection slot is free", "raise connections or memory in [server]"},
};

const char *net_err_text(enum net_err err)
{
    CHECK(err < NET_ERR_COUNT);
    return words[err].text;
}

const char *net_err_advice(enum net_err err)
{
    CHECK(err < NET_ERR_COUNT);
    return words[err].advice;
}

enum net_err net_err_from_sys(int64_t sys_result)
{
    if (sys_result >= 0)
        return NET_OK;
    switch (-sys_result) {
    case ECONNREFUSED:
        return NET_ERR_REFUSED;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case EADDRNOTAVAIL: /* no local address of that family, or no free port towards it */
    case EAFNOSUPPORT:  /* a kernel without IPv6 */
    case EACCES:        /* a firewall rule with "prohibit" */
    case EPERM:         /* a firewall rule on our own output */
        return NET_ERR_UNREACHABLE;
    case ETIMEDOUT:
        return NET_ERR_TIMEOUT;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        return NET_ERR_SLOTS;
    default:
        return NET_ERR_RESET;
    }
}
