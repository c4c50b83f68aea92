/* resolve - ask the configured name servers for the addresses of one name, without blocking.
 *
 * getaddrinfo would block the loop, so names are looked up over sockets of our own: /etc/hosts
 * first, then A and AAAA to all servers of /etc/resolv.conf at once (RFC 1035; ports and ids
 * random, answers checked against server, id and question), resent every RESOLVE_RETRY_MS, again
 * over TCP when truncated. Both files are read anew when they changed. Names are absolute: no
 * search list. An address literal is answered at once. CNAME chains inside one answer are followed.
 *
 * Answers are kept for their TTL within RESOLVE_TTL_MIN_S..MAX_S in a small cache; when every
 * server is silent or fails, an expired answer is used (RFC 8767; a WAN that comes and goes). What
 * is in hosts, and localhost (RFC 6761), is never asked.
 *
 *   resolver_carve()  once;   resolve_start() per lookup; `done` is called once, never from inside
 * start unless the answer is known at once - then start returns RESOLVE_DONE or RESOLVE_FAILED
 * instead */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

#include "base/addr.h"
#include "net/err.h"
#include "net/loop.h"

enum {
    RESOLVE_SERVERS_MAX = 3,  /* as in libc */
    RESOLVE_ADDRS_MAX = 8,    /* candidates tried; RFC 8305 implementations use about as many */
    RESOLVE_NAME_BYTES = 256, /* RFC 1035 section 2.3.4: 255 and a NUL */
    RESOLVE_CACHE_MAX = 16,   /* an owner names a handful of upstreams */
    RESOLVE_RETRY_MS = 1500,
    RESOLVE_TIMEOUT_MS = 6000,
    RESOLVE_TTL_MIN_S = 30,
    RESOLVE_TTL_MAX_S = 3600,
    RESOLVE_WATCHES_MAX = 5, /* of one lookup in the loop: a timer, UDP to each server, TCP */
};

enum resolve_result { RESOLVE_DONE, RESOLVE_FAILED, RESOLVE_WAIT };

struct resolver; /* servers, hosts and cache; the paths can be changed for tests */
struct resolve;  /* one lookup in flight */

size_t resolver_bytes(void);
size_t resolve_bytes(void);
void resolver_init(struct resolver *r, struct loop *l, const char *resolv_conf_path,
                   const char *hosts_path);
/* q is zeroed storage, or was used before. host must stay valid until done. On RESOLVE_WAIT,
 * done(ctx) is called later, once. */
enum resolve_result resolve_start(struct resolve *q, struct resolver *r, const char *host,
                                  void (*done)(void *ctx, int64_t now_ms), void *ctx,
                                  int64_t now_ms);
/* After DONE: addresses in the order to try (IPv6 and IPv4 interleaved), ports 0. */
size_t resolve_addrs(const struct resolve *q, struct net_addr out[RESOLVE_ADDRS_MAX]);
enum net_err resolve_err(const struct resolve *q);
/* After the end: the name server whose answer it was, all that were asked when there is no answer,
 * none when nobody had to be asked. */
size_t resolve_servers(const struct resolve *q, struct net_addr out[RESOLVE_SERVERS_MAX]);
void resolve_cancel(struct resolve *q); /* idempotent, legal in every state */
/* Ask anew next time: the address that this name gave was not reachable. */
void resolver_forget(struct resolver *r, const char *host);

#endif
