/* addr - IPv4 and IPv6 addresses with a port, parsed, printed and classified. Pure.
 *
 * Strict: IPv4 is four decimal parts without leading zeros, IPv6 is RFC 4291 section 2.2, with a
 * numeric scope ("fe80::1%2"). An IPv4-mapped IPv6 address (::ffff:10.0.0.1) is kept as the IPv4
 * address it means, so that no rule about private addresses can be walked around. Printed as RFC
 * 5952 says. */
#ifndef BASE_ADDR_H
#define BASE_ADDR_H

#include "base/fmt.h"

enum { NET_ADDR_TEXT_BYTES = 58 }; /* "[" 39 digits and colons "%4294967295]:65535" NUL */

enum net_family { NET_NONE, NET_IPV4, NET_IPV6 };

struct net_addr {
    enum net_family family;
    uint16_t port;     /* host order */
    uint8_t bytes[16]; /* network order; IPv4 uses the first 4 */
    uint32_t scope;    /* IPv6 link-local interface index; 0 else */
};

/* From bytes in network order; port and scope become 0. */
void net_addr_set_ipv4(struct net_addr *out, const uint8_t bytes[4]);
void net_addr_set_ipv6(struct net_addr *out, const uint8_t bytes[16]);
/* "127.0.0.1", "::1", "[::1]" without a port; the port is set to 0. */
bool net_addr_scan_host(struct span s, struct net_addr *out);
/* "127.0.0.1:8080", "[::1]:8080", ":8080" (all IPv4 addresses), "8080" is refused. Port 0 is let
 * through: the system picks one. */
bool net_addr_scan(struct span s, struct net_addr *out);
void net_addr_fmt(struct fmt *f, const struct net_addr *a); /* with the port */
void net_addr_fmt_host(struct fmt *f, const struct net_addr *a);
bool net_addr_equal(const struct net_addr *a, const struct net_addr *b);
bool net_addr_is_loopback(const struct net_addr *a);
/* Loopback, RFC 1918, RFC 4193, link-local, and carrier-grade NAT (RFC 6598): no public host. */
bool net_addr_is_private(const struct net_addr *a);
bool net_addr_is_any(const struct net_addr *a);

#endif
