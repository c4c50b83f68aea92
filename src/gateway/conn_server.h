/* conn_server - what all HTTP connections of one server share, and what concerns them at once.
 *
 * A TLS listener's clients have a slot of `tls` each from their handshake on. At most a quarter of
 * the slots are in a handshake at once, and half of that for one address; steps of handshakes take
 * turns (conn_shake.c). */
#ifndef GATEWAY_CONN_SERVER_H
#define GATEWAY_CONN_SERVER_H

#include "base/addr.h"
#include "base/lease.h"
#include "base/pool.h"
#include "net/loop.h"
#include "tls/server.h"

struct conn;

/* What went wrong with a request that never reached the handler. */
enum conn_fault {
    CONN_FAULT_HTTP,
    CONN_FAULT_BODY_SIZE,
    CONN_FAULT_NO_MEMORY,
    CONN_FAULT_SLOW,
    CONN_FAULT_TLS_PORT, /* a request in clear where TLS is spoken */
};

/* Why a connection ended, or will, before its first request. */
enum conn_trouble {
    CONN_TROUBLE_TLS, /* stream.tls_err and .tls_code say what */
    CONN_TROUBLE_TLS_SLOW,
    CONN_TROUBLE_TLS_FULL, /* it waited in vain for a slot */
    CONN_TROUBLE_HTTP_TO_TLS,
    CONN_TROUBLE_TLS_TO_HTTP,
};

struct conn_handler {
    void (*request)(struct conn *c, int64_t now_ms);
    void (*room)(struct conn *c, int64_t now_ms);
    void (*gone)(struct conn *c, int64_t now_ms);
    void (*refuse)(struct conn *c, enum conn_fault fault, int64_t now_ms);
    void (*trouble)(struct conn *c, enum conn_trouble what, int64_t now_ms); /* may be NULL */
};

/* What TLS listeners need; without one, all zero. */
struct conn_tls {
    struct pool slots;                   /* tls_server_bytes() each */
    const struct tls_identity *identity; /* for handshakes that begin */
    struct tls_sessions *sessions;
    bool aes_first;
    uint64_t tickets;      /* given out */
    uint64_t turn;         /* of the loop, in which the last step was made */
    int64_t rest_until_ms; /* after that step, as long as it took: half of the time is for others */
    uint64_t full;         /* handshakes by how they ended */
    uint64_t resumed;
    uint64_t failed;
};

struct conn_server {
    struct loop *loop;
    struct pool *conns; /* of struct conn */
    struct lease_region *bodies;
    const struct conn_handler *handler;
    void *owner;
    int64_t max_body_bytes;
    int64_t head_timeout_ms;
    int64_t body_timeout_ms;
    int64_t idle_timeout_ms;
    bool stopping;                              /* no connection is kept alive any more */
    void (*freed)(void *owner, int64_t now_ms); /* a slot was given back; may be NULL */
    struct conn_tls tls;
    uint64_t accepted;
    uint64_t requests;
};

/* Takes over a connected descriptor; false (and closed) when no slot is free. */
bool conn_adopt(struct conn_server *s, int fd, const struct net_addr *peer, bool listener_loopback,
                int64_t now_ms);
/* The same for one of a TLS listener. */
bool conn_adopt_tls(struct conn_server *s, int fd, const struct net_addr *peer,
                    bool listener_loopback, int64_t now_ms);
/* Closes connections without a request, marks the others to close after theirs. */
void conn_server_stop(struct conn_server *s, int64_t now_ms);
/* Closes the connection, or that of TLS, that has been idle longest to make room; false when none
 * has been idle for CONN_SHED_IDLE_MS. */
bool conn_server_shed(struct conn_server *s, bool tls, int64_t now_ms);
/* How many connections an address holds, whatever its ports. */
uint32_t conn_server_count(const struct conn_server *s, const struct net_addr *peer);
/* Closes the oldest connection of an address that waits for a request, or for more of one; false:
 * all of its connections are at work. */
bool conn_server_shed_of(struct conn_server *s, const struct net_addr *peer);
/* The same of the address that holds most of such connections, if it holds two or more: slow heads
 * and bodies, silent handshakes. Only those that are older than CONN_SHED_IDLE_MS. */
bool conn_server_shed_flood(struct conn_server *s, int64_t now_ms);
/* Whether a TLS listener may accept: a slot is left for who comes, or was made free by ending who
 * is idle, or lets its handshake wait. */
bool conn_server_takes_tls(struct conn_server *s, int64_t now_ms);

#endif
