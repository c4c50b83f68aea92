/* conn_server - what concerns all connections of a server at once. */
#include "gateway/conn.h"

void conn_server_stop(struct conn_server *s, int64_t now_ms)
{
    s->stopping = true;
    for (uint32_t i = 0; i < s->conns->count; i++) {
        struct conn *c = pool_at(s->conns, i);

        if (c == NULL || c->state == CONN_CLOSED)
            continue;
        c->keep_alive = false;
        if (c->state == CONN_SHAKE || (c->state == CONN_HEAD && buf_used(&c->in) == 0))
            conn_abort(c);
    }
    (void)now_ms;
}

bool conn_server_shed(struct conn_server *s, bool tls, int64_t now_ms)
{
    struct conn *oldest = NULL;

    for (uint32_t i = 0; i < s->conns->count; i++) {
        struct conn *c = pool_at(s->conns, i);

        if (c == NULL || c->state != CONN_HEAD || !c->served || buf_used(&c->in) > 0 ||
            now_ms - c->state_ms < CONN_SHED_IDLE_MS || (tls && c->stream.tls == NULL))
            continue;
        if (oldest == NULL || c->state_ms < oldest->state_ms)
            oldest = c;
    }
    if (oldest == NULL)
        return false;
    conn_abort(oldest);
    return true;
}

/* ---- fairness between addresses ---- */

static bool is_of(const struct conn *c, const struct net_addr *peer)
{
    struct net_addr mine = c->peer;

    mine.port = peer->port;
    return c->state != CONN_CLOSED && net_addr_equal(&mine, peer);
}

/* No whole request has come: nothing is lost but patience. */
static bool is_waiting(const struct conn *c)
{
    return c->state == CONN_SHAKE || c->state == CONN_HEAD || c->state == CONN_BODY;
}

uint32_t conn_server_count(const struct conn_server *s, const struct net_addr *peer)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < s->conns->count; i++) {
        const struct conn *c = pool_at(s->conns, i);

        count += c != NULL && is_of(c, peer) ? 1 : 0;
    }
    return count;
}

static struct conn *oldest_waiting(struct conn_server *s, const struct net_addr *peer,
                                   int64_t before_ms, uint32_t *count)
{
    struct conn *oldest = NULL;

    *count = 0;
    for (uint32_t i = 0; i < s->conns->count; i++) {
        struct conn *c = pool_at(s->conns, i);

        if (c == NULL || !is_of(c, peer) || !is_waiting(c) || c->state_ms > before_ms)
            continue;
        ++*count;
        if (oldest == NULL || c->state_ms < oldest->state_ms)
            oldest = c;
    }
    return oldest;
}

bool conn_server_shed_of(struct conn_server *s, const struct net_addr *peer)
{
    uint32_t count;
    struct conn *c = oldest_waiting(s, peer, INT64_MAX, &count);

    if (c != NULL)
        conn_abort(c);
    return c != NULL;
}

bool conn_server_shed_flood(struct conn_server *s, int64_t now_ms)
{
    struct conn *worst = NULL;
    uint32_t most = 1; /* one alone is no flood */

    for (uint32_t i = 0; i < s->conns->count; i++) {
        const struct conn *c = pool_at(s->conns, i);
        struct conn *oldest;
        uint32_t count;

        if (c == NULL || !is_waiting(c))
            continue;
        oldest = oldest_waiting(s, &c->peer, now_ms - CONN_SHED_IDLE_MS, &count);
        if (count > most) {
            most = count;
            worst = oldest;
        }
    }
    if (worst != NULL)
        conn_abort(worst);
    return worst != NULL;
}
