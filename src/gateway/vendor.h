/* vendor - the embedded stand-in behind sockets: a conn_server whose answers come from llm/standin.
 *
 * Reached over a socket pair, so that a demo takes no port, or over a listener (`farthing
 * standin`). A request there runs through the same parser, limits and deadlines as a client's. */
#ifndef GATEWAY_VENDOR_H
#define GATEWAY_VENDOR_H

#include "gateway/conn.h"
#include "llm/standin.h"

struct vendor {
    struct conn_server server;
    struct pool conns;
    struct pool answers; /* of struct vendor_answer */
    struct lease_region *bodies;
    struct json_object *scratch;
};

/* Carves connections; timeouts and the body limit are the gateway's. */
bool vendor_carve(struct vendor *v, struct arena *a, struct loop *l, struct lease_region *bodies,
                  struct json_object *scratch, uint32_t connections, int64_t max_body_bytes);
/* One end of a new socket pair, whose other end the stand-in serves; -errno on failure. */
int vendor_connect(struct vendor *v, int64_t now_ms);

#endif
