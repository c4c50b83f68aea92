/* name_source - what this machine knows about names without asking anybody: hosts, the answers it
 * had before, and which servers to ask.
 *
 * /etc/resolv.conf and /etc/hosts change under us when a WAN comes up, so both are looked at before
 * each lookup and read anew when they changed: new servers make all answers expire, a new hosts
 * file makes them forgotten. */
#ifndef NET_NAME_SOURCE_H
#define NET_NAME_SOURCE_H

#include "config/file.h"
#include "net/name_cache.h"
#include "net/resolv_conf.h"

struct name_source {
    const char *resolv_conf_path;
    const char *hosts_path;
    bool loaded;
    struct config_file_stamp resolv_conf_stamp;
    struct config_file_stamp hosts_stamp;
    struct resolv_conf conf;
    struct name_cache cache;
};

/* The paths must stay valid. */
void name_source_init(struct name_source *s, const char *resolv_conf_path, const char *hosts_path);
/* An address literal, localhost (RFC 6761 section 6.3), a fresh answer or a line of hosts: the
 * count of addresses in the order to try, 0 when servers must be asked. */
size_t name_source_find(struct name_source *s, struct span host, int64_t now_ms,
                        struct net_addr out[NAME_CACHE_ADDRS]);
/* IPv6 and IPv4 in turn, IPv6 first, each family in its order (RFC 8305 section 4), cut to what
 * `out` holds. */
size_t name_source_interleave(const struct net_addr *addrs, size_t count,
                              struct net_addr out[NAME_CACHE_ADDRS]);

#endif
