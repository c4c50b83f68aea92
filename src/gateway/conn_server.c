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
