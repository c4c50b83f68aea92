/* resolv_conf - the two files that say how names are looked up: /etc/resolv.conf and /etc/hosts.
 *
 * Pure: text in, addresses out. Of resolv.conf only `nameserver` counts; names here are absolute,
 * so that `search` and `ndots` have nothing to say, and the time-outs are the resolver's own. hosts
 * is fed in chunks of any size, since lists of blocked names make it megabytes long on some
 * routers. */
#ifndef NET_RESOLV_CONF_H
#define NET_RESOLV_CONF_H

#include "base/addr.h"

enum {
    RESOLV_CONF_SERVERS_MAX = 3, /* as in libc: further ones were never asked */
    RESOLV_CONF_BYTES_MAX = 4096,
    HOSTS_LINE_BYTES_MAX = 512, /* an address and some names; the rest of a longer line is cut */
    HOSTS_ADDRS_MAX = 8,
};

struct resolv_conf {
    struct net_addr servers[RESOLV_CONF_SERVERS_MAX]; /* with port 53 */
    size_t count;
};

/* Without any nameserver it is the one on this machine (resolv.conf(5)). */
void resolv_conf_parse(struct span text, struct resolv_conf *out);

/* A search for the addresses of one name in hosts. */
struct hosts_search {
    struct span host;
    struct net_addr addrs[HOSTS_ADDRS_MAX];
    size_t count;
    char line[HOSTS_LINE_BYTES_MAX];
    size_t line_bytes;
};

void hosts_search_start(struct hosts_search *h, struct span host);
void hosts_search_feed(struct hosts_search *h, struct span text);
void hosts_search_finish(struct hosts_search *h); /* the last line may lack its end */

#endif
