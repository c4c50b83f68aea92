/* viewers - who watches the dashboard: the overview as server-sent events (WHATWG HTML, 9.2).
 *
 * Each viewer gets the document of overview.h as `event: summary` at once, and again when something
 * has changed (each minute something has), at most every VIEWERS_EVERY_MS; until then a comment
 * each VIEWERS_BEAT_MS, so that proxies and the browser know that the line stands. A document is
 * written into a lease when it is due and given back when it was sent: a viewer who reads slowly
 * misses some and costs no more than one. Viewers take no exchange, and keep nobody from stopping:
 * at the end, and when client connections are scarce, they are let go; browsers come back by
 * themselves.
 *
 * viewers_request() and what the conn says of a viewer: see client.c. */
#ifndef GATEWAY_VIEWERS_H
#define GATEWAY_VIEWERS_H

#include "gateway/conn.h"
#include "gateway/overview.h"

enum {
    VIEWERS_MAX = 4, /* more: 503. Each holds a client connection */
    VIEWERS_EVERY_MS = 2000,
    VIEWERS_BEAT_MS = 15000,
};

struct gateway;

struct viewer {
    struct conn *conn; /* NULL: free */
    struct overview_query query;
    struct lease document; /* under way */
    size_t document_len;
    size_t sent;
    uint64_t seen; /* overview_state() of the last one */
    int64_t next_ms;
    int64_t beat_ms;
    int64_t since_ms;
};

struct viewers {
    struct gateway *gateway;
    struct watch timer; /* runs while somebody watches */
    uint32_t count;
    struct viewer all[VIEWERS_MAX];
};

void viewers_init(struct viewers *v, struct gateway *g);
/* Answers the request with a stream; false: there are VIEWERS_MAX. */
bool viewers_request(struct viewers *v, struct conn *c, const struct overview_query *q,
                     int64_t now_ms);
/* Whether a conn's user is one of these. */
bool viewers_own(const struct viewers *v, const void *user);
/* The conn has room, or lost its peer. */
void viewers_room(struct viewers *v, void *user, int64_t now_ms);
void viewers_gone(struct viewers *v, void *user);
/* Lets the one go who watches longest; false: nobody does. */
bool viewers_shed(struct viewers *v);
void viewers_stop(struct viewers *v, int64_t now_ms);

#endif
