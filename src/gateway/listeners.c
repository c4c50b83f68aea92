#include "gateway/listeners.h"

#include "net/sys.h"

enum {
    LISTENERS_BACKLOG = 64,
    LISTENERS_SHARE_MIN = 4,         /* a browser opens six to one host, and goes on with four */
    LISTENERS_TELL_MS = 60000,       /* a flood fills no log */
    LISTENERS_ACCEPTS_PER_TURN = 16, /* then the streams that run have their turn */
    LISTENERS_FULL_RETRY_MS =
        250, /* how often idle connections are looked for when all are taken */
    LISTENERS_ACCEPT_RETRY_MS = 1000, /* after the kernel was out of descriptors or memory */
};

static void listener_tell(struct gateway *g, const struct net_addr *addr, bool tls)
{
    const struct settings *s = &g->current->settings;
    struct diag_line l;

    diag_open(&g->diag, DIAG_INFO, &l);
    fmt_str(&l.text, tls ? "listening on https://" : "listening on http://");
    net_addr_fmt(&l.text, addr);
    fmt_str(&l.text, " (dashboard: /)");
    diag_close(&l);
    if (!s->is_demo && !s->from_environment)
        return;
    diag_open(&g->diag, DIAG_INFO, &l);
    fmt_str(&l.text, "try: curl http://");
    net_addr_fmt(&l.text, addr);
    fmt_str(&l.text, "/v1/chat/completions -H 'Content-Type: application/json' -d "
                     "'{\"model\":\"");
    fmt_str(&l.text, s->models[0].name);
    fmt_str(&l.text, "\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}'");
    diag_close(&l);
}

static void listeners_pause(struct gateway *g, bool paused)
{
    for (size_t i = 0; i < g->listener_count; i++)
        g->listeners[i].watch.fd = paused ? -1 : g->listeners[i].fd;
}

/* One address may not hold all places: beyond its share the oldest of its own connections that
 * waits makes room, else the new one is closed. This machine's own programs are trusted. */
static bool listeners_let_in(struct gateway *g, const struct net_addr *peer, int64_t now_ms)
{
    const struct server_settings *s = &g->current->settings.server;
    int64_t share = s->connections_per_address;

    if (share == 0)
        share = s->connections / 2 > LISTENERS_SHARE_MIN ? s->connections / 2 : LISTENERS_SHARE_MIN;
    if (net_addr_is_loopback(peer) || conn_server_count(&g->server, peer) < share ||
        conn_server_shed_of(&g->server, peer))
        return true;
    g->counts.crowded++;
    if (now_ms >= g->crowded_told_ms) {
        struct diag_line l;

        g->crowded_told_ms = now_ms + LISTENERS_TELL_MS;
        diag_open(&g->diag, DIAG_WARN, &l);
        fmt_str(&l.text, "connections of ");
        net_addr_fmt_host(&l.text, peer);
        fmt_str(&l.text, " are refused: it holds its share of ");
        fmt_i64(&l.text, share);
        fmt_str(&l.text, " (key [server] connections_per_address)");
        diag_close(&l);
    }
    return false;
}

/* At the limit the oldest idle connection makes room, or one of who holds most that only wait; when
 * all are at work, nobody is accepted until one is done. */
static void listeners_full(struct gateway *g, int64_t now_ms)
{
    listeners_pause(g, true);
    for (size_t i = 0; i < g->listener_count; i++)
        g->listeners[i].watch.deadline_ms = now_ms + LISTENERS_FULL_RETRY_MS;
    if (conn_server_shed(&g->server, false, now_ms) || viewers_shed(&g->viewers) ||
        conn_server_shed_flood(&g->server, now_ms) || g->full_told)
        return;
    g->full_told = true;
    diag_say(&g->diag, DIAG_WARN,
             "all client connections are at work: new ones wait (key [server] connections)");
}

static void listeners_full_tls(struct gateway *g)
{
    if (g->secure.full_told || g->server.tls.slots.in_use < g->server.tls.slots.count)
        return;
    g->secure.full_told = true;
    diag_say(&g->diag, DIAG_WARN,
             "all TLS connections of clients are at work: new ones wait (key [server] "
             "tls_connections)");
}

void listeners_freed(void *owner, int64_t now_ms)
{
    struct gateway *g = owner;

    (void)now_ms;
    if (!g->stopping)
        listeners_pause(g, false);
}

static void listener_step(void *ctx, short revents, int64_t now_ms)
{
    struct listener *l = ctx;
    struct gateway *g = l->gateway;

    l->watch.deadline_ms = LOOP_NEVER;
    if (revents == 0) {
        l->watch.fd = l->fd;
        return;
    }
    for (int i = 0; i < LISTENERS_ACCEPTS_PER_TURN; i++) {
        struct net_addr peer;
        int fd;

        if (g->conns.in_use == g->conns.count) {
            listeners_full(g, now_ms);
            return;
        }
        if (l->tls && !conn_server_takes_tls(&g->server, now_ms)) {
            l->watch.fd = -1;
            l->watch.deadline_ms = now_ms + LISTENERS_FULL_RETRY_MS;
            listeners_full_tls(g);
            return;
        }
        fd = sys_accept(l->fd, &peer);
        if (sys_is_again(fd))
            return; /* nobody else is there */
        if (fd < 0) {
            l->watch.fd = -1;
            l->watch.deadline_ms = now_ms + LISTENERS_ACCEPT_RETRY_MS;
            return;
        }
        if (!listeners_let_in(g, &peer, now_ms))
            sys_close(fd);
        else if (l->tls)
            (void)conn_adopt_tls(&g->server, fd, &peer, net_addr_is_loopback(&l->addr), now_ms);
        else
            (void)conn_adopt(&g->server, fd, &peer, net_addr_is_loopback(&l->addr), now_ms);
    }
}

bool listeners_open(struct gateway *g, struct fmt *why)
{
    const struct server_settings *s = &g->current->settings.server;

    for (size_t i = 0; i < s->listen_count; i++) {
        struct listener *l = &g->listeners[i];

        l->gateway = g;
        l->addr = s->listen[i];
        l->tls = s->listen_tls[i];
        l->fd = sys_listen(&l->addr, LISTENERS_BACKLOG);
        if (l->fd < 0) {
            fmt_str(why, "cannot listen on ");
            net_addr_fmt(why, &l->addr);
            fmt_str(why, ": ");
            fmt_str(why, sys_error_text(l->fd));
            return false;
        }
        (void)sys_local_addr(l->fd, &l->addr);
        watch_init(&l->watch, listener_step, l);
        l->watch.fd = l->fd;
        l->watch.events = POLLIN;
        loop_add(&g->loop, &l->watch);
        g->listener_count++;
    }
    return true;
}

void listeners_close(struct gateway *g)
{
    for (size_t i = 0; i < g->listener_count; i++) {
        loop_remove(&g->loop, &g->listeners[i].watch);
        sys_close(g->listeners[i].fd);
    }
    g->listener_count = 0;
}

void listeners_tell(struct gateway *g)
{
    for (size_t i = 0; i < g->listener_count; i++)
        listener_tell(g, &g->listeners[i].addr, g->listeners[i].tls);
}
