/* standin_serve - the stand-in alone, on a TCP address: for trying clients out, and for benches. */
#include <string.h>

#include "gateway/gateway.h"
#include "net/sys.h"

enum {
    STANDIN_MEMORY_BYTES = 8 * 1024 * 1024,
    STANDIN_CONNECTIONS = 96,
    STANDIN_BODIES_BYTES = 3 * 1024 * 1024,
    STANDIN_BACKLOG = 128,
};

struct standin_serve {
    struct diag diag;
    struct arena arena;
    struct loop loop;
    struct vendor vendor;
    struct lease_region bodies;
    struct watch listener;
    struct watch signals;
    bool stopping;
};

static void standin_accept(void *ctx, short revents, int64_t now_ms)
{
    struct standin_serve *s = ctx;
    struct net_addr peer;
    int fd;

    (void)revents;
    /* A full stand-in closes the connection: its client learns it at once. */
    while ((fd = sys_accept(s->listener.fd, &peer)) >= 0)
        (void)conn_adopt(&s->vendor.server, fd, &peer, true, now_ms);
}

static void standin_signal(void *ctx, short revents, int64_t now_ms)
{
    struct standin_serve *s = ctx;

    (void)revents;
    (void)now_ms;
    if (sys_signals_read(s->signals.fd) == SYS_SIGNAL_STOP)
        s->stopping = true;
}

static bool standin_carve(struct standin_serve *s)
{
    struct json_object *scratch;

    if (!arena_map(&s->arena, STANDIN_MEMORY_BYTES))
        return false;
    scratch = arena_carve(&s->arena, "JSON scratch", 1, sizeof(*scratch));
    return scratch != NULL && loop_carve(&s->loop, &s->arena, 4 * STANDIN_CONNECTIONS) &&
           lease_carve(&s->bodies, &s->arena, "bodies", STANDIN_BODIES_BYTES) &&
           vendor_carve(&s->vendor, &s->arena, &s->loop, &s->bodies, scratch, STANDIN_CONNECTIONS,
                        STANDIN_BODIES_BYTES / 2);
}

static bool standin_listen(struct standin_serve *s, const char *listen)
{
    struct net_addr addr;
    struct diag_line l;
    int signals = sys_signals_open();

    if (!net_addr_scan(span_str(listen), &addr) || !net_addr_is_loopback(&addr)) {
        diag_say(&s->diag, DIAG_ERROR, "the stand-in listens on loopback only: 127.0.0.1:PORT");
        return false;
    }
    watch_init(&s->listener, standin_accept, s);
    watch_init(&s->signals, standin_signal, s);
    s->listener.fd = sys_listen(&addr, STANDIN_BACKLOG);
    s->signals.fd = signals;
    if (s->listener.fd < 0 || signals < 0) {
        diag_say(&s->diag, DIAG_ERROR, "the stand-in cannot listen there");
        return false;
    }
    s->listener.events = POLLIN;
    s->signals.events = POLLIN;
    loop_add(&s->loop, &s->listener);
    loop_add(&s->loop, &s->signals);
    (void)sys_local_addr(s->listener.fd, &addr);
    diag_open(&s->diag, DIAG_INFO, &l);
    fmt_str(&l.text, "stand-in listening on http://");
    net_addr_fmt(&l.text, &addr);
    fmt_str(&l.text, " (its prices are fictional)");
    diag_close(&l);
    return true;
}

int gateway_standin(const char *listen)
{
    struct standin_serve s;

    memset(&s, 0, sizeof(s));
    diag_init(&s.diag, DIAG_INFO, 2);
    if (!standin_carve(&s)) {
        diag_say(&s.diag, DIAG_ERROR, "not enough memory");
        return 1;
    }
    if (!standin_listen(&s, listen))
        return 1;
    while (!s.stopping)
        loop_turn(&s.loop);
    arena_unmap(&s.arena);
    return 0;
}
