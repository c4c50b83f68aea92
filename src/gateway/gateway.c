#include "gateway/gateway.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/version.h"
#include "config/file.h"
#include "gateway/build.h"
#include "gateway/load.h"
#include "ledger/replay.h"
#include "net/sys.h"

enum {
    GATEWAY_BACKLOG = 64,
    GATEWAY_ACCEPTS_PER_TURN = 16, /* then the streams that run have their turn */
    GATEWAY_FULL_RETRY_MS = 250, /* how often idle connections are looked for when all are taken */
    GATEWAY_ACCEPT_RETRY_MS = 1000, /* after the kernel was out of descriptors or memory */
    GATEWAY_WHY_BYTES = 512,
    GATEWAY_CHECKPOINT_LINES = 4096, /* a start then reads under 1 MB of ledger */
};

/* ---- telling the owner ---- */

static void gateway_tell(struct gateway *g, enum diag_level level, const char *what,
                         struct span rest)
{
    struct diag_line l;

    diag_open(&g->diag, level, &l);
    fmt_str(&l.text, what);
    fmt_text(&l.text, rest);
    diag_close(&l);
}

static void gateway_tell_listening(struct gateway *g, const struct net_addr *addr)
{
    const struct settings *s = &g->current->settings;
    struct diag_line l;

    diag_open(&g->diag, DIAG_INFO, &l);
    fmt_str(&l.text, "listening on http://");
    net_addr_fmt(&l.text, addr);
    fmt_str(&l.text, " (status page: /)");
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

/* ---- listeners ---- */

static void gateway_pause_listeners(struct gateway *g, bool paused)
{
    for (size_t i = 0; i < g->listener_count; i++)
        g->listeners[i].watch.fd = paused ? -1 : g->listeners[i].fd;
}

/* At the limit the oldest idle connection makes room; when all are at work, nobody is accepted
 * until one is done. */
static void gateway_full(struct gateway *g, int64_t now_ms)
{
    gateway_pause_listeners(g, true);
    for (size_t i = 0; i < g->listener_count; i++)
        g->listeners[i].watch.deadline_ms = now_ms + GATEWAY_FULL_RETRY_MS;
    if (conn_server_shed(&g->server, now_ms) || g->full_told)
        return;
    g->full_told = true;
    diag_say(&g->diag, DIAG_WARN,
             "all client connections are at work: new ones wait (key [server] connections)");
}

static void gateway_freed(void *owner, int64_t now_ms)
{
    struct gateway *g = owner;

    (void)now_ms;
    if (!g->stopping)
        gateway_pause_listeners(g, false);
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
    for (int i = 0; i < GATEWAY_ACCEPTS_PER_TURN; i++) {
        struct net_addr peer;
        int fd;

        if (g->conns.in_use == g->conns.count) {
            gateway_full(g, now_ms);
            return;
        }
        fd = sys_accept(l->fd, &peer);
        if (sys_is_again(fd))
            return; /* nobody else is there */
        if (fd < 0) {
            l->watch.fd = -1;
            l->watch.deadline_ms = now_ms + GATEWAY_ACCEPT_RETRY_MS;
            return;
        }
        (void)conn_adopt(&g->server, fd, &peer, net_addr_is_loopback(&l->addr), now_ms);
    }
}

static bool gateway_listen(struct gateway *g, struct fmt *why)
{
    const struct server_settings *s = &g->current->settings.server;

    for (size_t i = 0; i < s->listen_count; i++) {
        struct listener *l = &g->listeners[i];

        l->gateway = g;
        l->addr = s->listen[i];
        l->fd = sys_listen(&l->addr, GATEWAY_BACKLOG);
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
        gateway_tell_listening(g, &l->addr);
    }
    return true;
}

static void gateway_close_listeners(struct gateway *g)
{
    for (size_t i = 0; i < g->listener_count; i++) {
        loop_remove(&g->loop, &g->listeners[i].watch);
        sys_close(g->listeners[i].fd);
    }
    g->listener_count = 0;
}

/* ---- configuration ---- */

static struct config_use *gateway_other_use(struct gateway *g)
{
    return g->current == g->uses[0] ? g->uses[1] : g->uses[0];
}

static void gateway_drop_idle(struct gateway *g, struct config_use *use)
{
    for (size_t i = 0; i < use->settings.upstream_count; i++)
        idle_drop(g->idle, &use->upstreams[i].endpoint);
}

/* What was carved or bound at start stays as it was. */
static void gateway_keep_fixed(struct gateway *g, struct settings *next)
{
    const struct settings *now = &g->current->settings;

    if (next->server.memory_bytes != now->server.memory_bytes ||
        next->server.connections != now->server.connections ||
        next->server.max_body_bytes != now->server.max_body_bytes ||
        next->server.listen_count != now->server.listen_count ||
        memcmp(next->server.listen, now->server.listen, sizeof(now->server.listen)) != 0 ||
        strcmp(next->server.ca, now->server.ca) != 0 ||
        strcmp(next->ledger.path, now->ledger.path) != 0 ||
        next->cache.size_bytes != now->cache.size_bytes || next->cache_on != now->cache_on ||
        strcmp(next->cache.snapshot, now->cache.snapshot) != 0 ||
        strcmp(next->classify.weights, now->classify.weights) != 0 ||
        strcmp(next->classify.difficulty, now->classify.difficulty) != 0)
        diag_say(
            &g->diag, DIAG_WARN,
            "reload: listen, memory, connections, max_body, ca, the ledger's path, the cache's "
            "size and snapshot, weights only change at a restart");
    next->server.memory_bytes = now->server.memory_bytes;
    next->server.connections = now->server.connections;
    next->server.max_body_bytes = now->server.max_body_bytes;
    next->server.listen_count = now->server.listen_count;
    memcpy(next->server.listen, now->server.listen, sizeof(now->server.listen));
    memcpy(next->server.ca, now->server.ca, sizeof(now->server.ca));
    memcpy(next->ledger.path, now->ledger.path, sizeof(now->ledger.path));
    memcpy(next->cache.snapshot, now->cache.snapshot, sizeof(now->cache.snapshot));
}

/* The memory and the anchors were made for what was configured at start. */
static bool gateway_reload_fits(struct gateway *g, const struct settings *next)
{
    if (g->judge == NULL && build_judges(next)) {
        diag_say(
            &g->diag, DIAG_ERROR,
            "reload: the first tiers or fallbacks need a restart; the old configuration stays");
        return false;
    }
    for (size_t i = 0; i < next->route_count; i++)
        if (next->routes[i].learn && learning_find(g, next->routes[i].name) == NULL) {
            diag_say(&g->diag, DIAG_ERROR,
                     "reload: a route that begins to learn needs a restart; the old configuration "
                     "stays");
            return false;
        }
    for (size_t i = 0; i < next->upstream_count; i++) {
        const struct upstream_settings *u = &next->upstreams[i];
        bool tls = u->tls && u->dialect != DIALECT_STANDIN;

        if ((tls && g->anchors == NULL) || (u->dialect == DIALECT_STANDIN && g->vendor == NULL)) {
            diag_say(&g->diag, DIAG_ERROR,
                     "reload: the first https or stand-in upstream needs a restart; the old "
                     "configuration stays");
            return false;
        }
    }
    return true;
}

static struct span gateway_upstream_of(const void *ctx, struct span model)
{
    const struct model_settings *m = settings_find_model(ctx, model);

    return m != NULL ? span_str(m->upstream) : SPAN_EMPTY;
}

/* Budgets of this configuration, with all that the ledger says was spent. */
static void gateway_replay(struct gateway *g)
{
    const struct settings *s = &g->current->settings;
    const struct replay_models models = {gateway_upstream_of, s};
    struct replay_counts counts;
    struct diag_line l;

    g->budgets.zone = s->server.zone;
    budget_configure(&g->budgets, s->budgets, s->budget_count);
    g->current->addresses_matter = false;
    for (size_t i = 0; i < s->budget_count; i++)
        if (s->budgets[i].of == BUDGET_OF_EACH_ADDRESS)
            g->current->addresses_matter = true;
    /* Lines that wait for the disk are only known here. */
    if (s->budget_count == 0 || (g->ledger.lines > 0 && !ledger_is_flushed(&g->ledger)))
        return;
    budget_forget_spent(&g->budgets);
    replay_budgets(&g->budgets, &s->ledger, &models, &counts);
    diag_open(&g->diag, DIAG_INFO, &l);
    fmt_str(&l.text, "budgets: rebuilt from ");
    fmt_u64(&l.text, counts.lines);
    fmt_str(&l.text, " lines of the ledger");
    fmt_str(&l.text, counts.from_checkpoint ? " after its checkpoint" : "");
    diag_close(&l);
}

/* Between two turns every line that was written is settled, and the other way round. */
static void gateway_checkpoint(struct gateway *g, bool at_end)
{
    bool due = g->ledger.rotations != g->checkpoint_files ||
               g->ledger.lines - g->checkpoint_lines >= GATEWAY_CHECKPOINT_LINES ||
               (at_end && g->ledger.lines > g->checkpoint_lines);
    struct checkpoint_position at;

    if (!due || g->budgets.count == 0 || !ledger_is_flushed(&g->ledger))
        return;
    g->checkpoint_files = g->ledger.rotations;
    g->checkpoint_lines = g->ledger.lines;
    if (replay_position(g->ledger.settings, &at) &&
        checkpoint_write(g->ledger.settings, &g->budgets, &at) < 0)
        diag_say(&g->diag, DIAG_WARN,
                 "ledger: the checkpoint of the budgets cannot be written; the next start reads "
                 "the whole ledger");
}

/* Rates of keys that stay go on. */
static void gateway_adopt_keys(const struct config_use *old, struct config_use *next)
{
    for (size_t i = 0; i < next->settings.key_count; i++)
        for (size_t k = 0; k < old->settings.key_count; k++)
            if (strcmp(next->settings.keys[i].name, old->settings.keys[k].name) == 0)
                next->key_states[i] = old->key_states[k];
}

/* And what is known of vendors. */
static void gateway_adopt_upstreams(const struct config_use *old, struct config_use *next)
{
    for (size_t i = 0; i < next->settings.upstream_count; i++)
        for (size_t k = 0; k < old->settings.upstream_count; k++)
            if (strcmp(next->settings.upstreams[i].name, old->settings.upstreams[k].name) == 0 &&
                strcmp(next->settings.upstreams[i].url, old->settings.upstreams[k].url) == 0)
                upstream_adopt(&next->upstreams[i], &old->upstreams[k]);
}

/* And of the routes' answers. */
static void gateway_adopt_routes(const struct config_use *old, struct config_use *next)
{
    for (size_t i = 0; i < next->settings.route_count; i++)
        for (size_t k = 0; k < old->settings.route_count; k++)
            if (strcmp(next->settings.routes[i].name, old->settings.routes[k].name) == 0)
                next->stop_means[i] = old->stop_means[k];
}

static void gateway_reload(struct gateway *g, int64_t now_ms)
{
    struct config_use *next = gateway_other_use(g);
    struct config_use *old = g->current;

    g->reload_waiting = next->users > 0;
    if (g->reload_waiting) {
        diag_say(&g->diag, DIAG_INFO, "reload: waits for requests that began before the last one");
        return;
    }
    memset(next, 0, sizeof(*next));
    if (!load_settings(g->options, &next->settings, &g->diag)) {
        diag_say(&g->diag, DIAG_ERROR, "reload: the old configuration stays");
        return;
    }
    if (!gateway_reload_fits(g, &next->settings))
        return;
    gateway_keep_fixed(g, &next->settings);
    build_upstreams(g, next);
    g->current = next;
    gateway_adopt_keys(old, next);
    gateway_adopt_upstreams(old, next);
    gateway_adopt_routes(old, next);
    g->ledger.settings = &next->settings.ledger;
    g->snapshot.path = next->settings.cache.snapshot;
    g->snapshot.every_ms = next->settings.cache.snapshot_every_ms;
    ledger_flush_now(&g->ledger, now_ms);
    gateway_replay(g);
    g->diag.level = (enum diag_level)next->settings.server.log_level;
    g->server.head_timeout_ms = next->settings.server.head_timeout_ms;
    g->server.body_timeout_ms = next->settings.server.body_timeout_ms;
    g->server.idle_timeout_ms = next->settings.server.idle_timeout_ms;
    gateway_drop_idle(g, old);
    diag_say(&g->diag, DIAG_INFO, "reload: the new configuration is in use");
}

void gateway_release(struct gateway *g, struct config_use *use, int64_t now_ms)
{
    CHECK(use->users > 0);
    use->users--;
    if (use->users > 0 || use == g->current)
        return;
    gateway_drop_idle(g, use);
    if (g->reload_waiting)
        gateway_reload(g, now_ms);
}

int64_t gateway_wall_ms(const struct gateway *g)
{
    int64_t wall_ms = sys_wall_ms();
    /* Without a clock that is set, time goes on from there all the same: days have an end. */
    int64_t floor_ms = g->clock_floor_unix_ms + sys_mono_ms() - g->started_ms;

    wall_ms = wall_ms > floor_ms ? wall_ms : floor_ms;
    return wall_ms > g->ledger.last_unix_ms ? wall_ms : g->ledger.last_unix_ms;
}

/* ---- the cache on the disk ---- */

static void gateway_read_snapshot(struct gateway *g, int64_t now_ms)
{
    const struct settings *s = &g->current->settings;
    struct diag_line l;

    snapshot_init(&g->snapshot, &s->cache, now_ms);
    if (g->cache.ring_bytes == 0)
        return;
    switch (snapshot_read(&g->snapshot, &g->cache, g->cache_secret, gateway_wall_ms(g))) {
    case SNAPSHOT_NONE:
        return;
    case SNAPSHOT_DAMAGED:
        gateway_tell(g, DIAG_WARN,
                     "cache: begins empty, its snapshot is damaged or of another version: ",
                     span_str(s->cache.snapshot));
        return;
    case SNAPSHOT_READ:
        break;
    }
    diag_open(&g->diag, DIAG_INFO, &l);
    fmt_str(&l.text, "cache: ");
    fmt_u64(&l.text, g->cache.entries);
    fmt_str(&l.text, " answers from its snapshot");
    diag_close(&l);
}

/* A step each turn; at the end all of them. */
static void gateway_snapshot(struct gateway *g, bool at_end, int64_t now_ms)
{
    struct snapshot *s = &g->snapshot;
    int result = 0;

    if (g->cache.ring_bytes == 0)
        return;
    if (!snapshot_running(s) &&
        (at_end ? snapshot_differs(s, &g->cache) : snapshot_due(s, &g->cache, now_ms)))
        result = snapshot_begin(s, &g->cache, g->cache_secret, now_ms);
    do {
        if (snapshot_running(s))
            result = snapshot_step(s, &g->cache);
    } while (at_end && snapshot_running(s));
    if (result < 0)
        gateway_tell(g, DIAG_WARN,
                     "cache: its snapshot cannot be written: ", span_str(sys_error_text(result)));
}

/* When the loop has to turn for it. */
static int64_t gateway_snapshot_ms(const struct gateway *g)
{
    if (g->cache.ring_bytes == 0 || g->snapshot.path[0] == '\0')
        return LOOP_NEVER;
    if (snapshot_running(&g->snapshot))
        return 0;
    return snapshot_differs(&g->snapshot, &g->cache) ? g->snapshot.next_ms : LOOP_NEVER;
}

/* ---- signals, the ledger's timer ---- */

static void gateway_stop(struct gateway *g, int64_t now_ms)
{
    if (g->stopping) {
        g->stop_deadline_ms = now_ms; /* asked twice: at once */
        return;
    }
    diag_say(&g->diag, DIAG_INFO, "stopping: requests that run may finish");
    g->stopping = true;
    g->stop_deadline_ms = now_ms + g->current->settings.server.stop_timeout_ms;
    gateway_close_listeners(g);
    conn_server_stop(&g->server, now_ms);
}

static void gateway_report(struct gateway *g)
{
    char text[DIAG_LINE_BYTES_MAX * 4];
    struct fmt f;
    struct span rest;
    struct span line;

    fmt_init(&f, text, sizeof(text));
    arena_report(&g->arena, &f);
    rest = fmt_span(&f);
    while (span_split(&rest, '\n', &line))
        gateway_tell(g, DIAG_INFO, "", line);
}

static void gateway_signal(void *ctx, short revents, int64_t now_ms)
{
    struct gateway *g = ctx;

    if (revents == 0)
        return;
    switch (sys_signals_read(g->signal_watch.fd)) {
    case SYS_SIGNAL_STOP:
        gateway_stop(g, now_ms);
        return;
    case SYS_SIGNAL_RELOAD:
        gateway_reload(g, now_ms);
        return;
    case SYS_SIGNAL_REPORT:
        gateway_report(g);
        return;
    case SYS_SIGNAL_NONE:
        return;
    }
}

static void gateway_ledger_due(void *ctx, short revents, int64_t now_ms)
{
    struct gateway *g = ctx;

    (void)revents;
    ledger_tick(&g->ledger, now_ms);
}

/* ---- the life of the process ---- */

bool gateway_start(struct gateway *g, const struct serve_options *o, struct fmt *why)
{
    int fd = sys_signals_open();

    g->options = o;
    g->started_ms = sys_mono_ms();
    g->server.freed = gateway_freed;
    if (fd < 0 || !sys_random(g->id_key, sizeof(g->id_key)) ||
        !sys_random(g->cache_secret, sizeof(g->cache_secret))) {
        fmt_str(why, "the kernel gives no signals or no random bytes");
        return false;
    }
    resolver_init(g->resolver, &g->loop, "/etc/resolv.conf", "/etc/hosts");
    if (!ledger_open(&g->ledger, g->started_ms, why))
        return false;
    g->clock_floor_unix_ms = version_build_unix_s() * 1000;
    if (g->clock_floor_unix_ms < g->ledger.last_unix_ms)
        g->clock_floor_unix_ms = g->ledger.last_unix_ms;
    gateway_replay(g);
    gateway_read_snapshot(g, g->started_ms);
    learning_open(g);
    if (g->ledger.last_unix_ms > g->dialer.clock_floor_unix_ms)
        g->dialer.clock_floor_unix_ms = g->ledger.last_unix_ms;
    watch_init(&g->signal_watch, gateway_signal, g);
    g->signal_watch.fd = fd;
    g->signal_watch.events = POLLIN;
    loop_add(&g->loop, &g->signal_watch);
    watch_init(&g->ledger_watch, gateway_ledger_due, g);
    loop_add(&g->loop, &g->ledger_watch);
    return gateway_listen(g, why);
}

/* One turn of the loop; false once a stop is complete. */
bool gateway_turn(struct gateway *g)
{
    g->ledger_watch.deadline_ms = ledger_deadline_ms(&g->ledger);
    if (gateway_snapshot_ms(g) < g->ledger_watch.deadline_ms)
        g->ledger_watch.deadline_ms = gateway_snapshot_ms(g);
    if (learning_deadline_ms(g) < g->ledger_watch.deadline_ms)
        g->ledger_watch.deadline_ms = learning_deadline_ms(g);
    if (g->stopping && g->stop_deadline_ms < g->ledger_watch.deadline_ms)
        g->ledger_watch.deadline_ms = g->stop_deadline_ms;
    loop_turn(&g->loop);
    gateway_checkpoint(g, false);
    gateway_snapshot(g, false, g->loop.now_ms);
    learning_save(g, false, g->loop.now_ms);
    if (g->full_told && g->conns.in_use < g->conns.count / 2)
        g->full_told = false;
    if (!g->stopping)
        return true;
    return g->loop.now_ms < g->stop_deadline_ms && (g->conns.in_use > 0 || g->exchanges.in_use > 0);
}

void gateway_close(struct gateway *g)
{
    int64_t now_ms = sys_mono_ms();

    g->stopping = true;
    gateway_close_listeners(g);
    for (uint32_t i = 0; i < g->exchanges.count; i++) {
        struct exchange *x = pool_at(&g->exchanges, i);

        if (x != NULL)
            exchange_abort(x, now_ms);
    }
    CHECK(g->exchanges.in_use == 0);
    idle_drop_all(g->idle);
    ledger_flush_now(&g->ledger, now_ms);
    gateway_checkpoint(g, true);
    gateway_snapshot(g, true, now_ms);
    learning_save(g, true, now_ms);
    ledger_close(&g->ledger, now_ms);
    loop_remove(&g->loop, &g->ledger_watch);
    loop_remove(&g->loop, &g->signal_watch);
    sys_close(g->signal_watch.fd);
}

int gateway_serve(const struct serve_options *o)
{
    struct settings settings;
    struct diag diag;
    struct gateway *g;
    struct fmt why;
    char text[GATEWAY_WHY_BYTES];

    diag_init(&diag, DIAG_INFO, 2);
    sys_harden();
    memset(&settings, 0, sizeof(settings));
    if (!load_settings(o, &settings, &diag))
        return 2;
    fmt_init(&why, text, sizeof(text));
    g = build_gateway(&settings, &why);
    explicit_bzero(&settings, sizeof(settings)); /* vendor keys stay in one place only */
    if (g == NULL) {
        struct gateway teller = {.diag = diag};

        gateway_tell(&teller, DIAG_ERROR, "", fmt_span(&why));
        return 2;
    }
    if (!gateway_start(g, o, &why)) {
        gateway_tell(g, DIAG_ERROR, "", fmt_span(&why));
        return 1;
    }
    while (gateway_turn(g))
        ;
    gateway_close(g);
    diag_say(&g->diag, DIAG_INFO, "stopped");
    return 0;
}
