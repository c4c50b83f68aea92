/* build - the gateway's parts carved out of one arena, in a fixed order.
 *
 * Used by serve, by the stand-in alone, and by `check`, which only wants to see the memory map. */
#ifndef GATEWAY_BUILD_H
#define GATEWAY_BUILD_H

#include "gateway/gateway.h"

enum {
    BUILD_BODIES_BYTES_MIN = 256 * 1024, /* below this there is no gateway to speak of */
    BUILD_DRAINS_PER_CLIENTS = 4,        /* one exchange in so many may outlive its client */
    BUILD_IDLE_PER_EXCHANGES = 1,        /* kept-alive connections */
    /* Its own, a call's, its dial's timer and attempts, and the sockets of a lookup. */
    BUILD_WATCHES_PER_EXCHANGE = 3 + DIAL_ATTEMPTS_MAX + 2 * RESOLVE_SERVERS_MAX,
    BUILD_WATCHES_FIXED = LISTEN_MAX + 8,
    BUILD_CALLER_BYTES = 1024 * 1024, /* a bundle of 144 roots is 70 KB, the rest as much */
    BUILD_VENDOR_CLOSING = 8, /* a closed connection keeps its slot until the end of its turn */
};

/* Maps the arena and carves everything for these settings; the gateway itself lies in it. NULL with
 * the reason, naming the key to change, in *why. The settings are copied into the first
 * configuration. */
struct gateway *build_gateway(const struct settings *s, struct fmt *why);
/* Whether answers are judged under these settings: some route has more than one model to ask. */
bool build_judges(const struct settings *s);
/* Fills in the upstreams of a configuration after its settings were read. */
void build_upstreams(struct gateway *g, struct config_use *use);
/* Only what calls to an upstream need, one at a time, in an arena of BUILD_CALLER_BYTES: no
 * settings are copied, and nothing is told. `ca`: the CA bundle is read, too, from that file unless
 * it is "", and *ca becomes the file that it was. */
struct gateway *build_caller(const char **ca, struct fmt *why);

#endif
