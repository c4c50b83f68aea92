#include "gateway/gateway.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/version.h"
#include "gateway/build.h"
#include "gateway/listeners.h"
#include "gateway/load.h"
#include "gateway/offline.h"
#include "gateway/reload.h"
#include "gateway/sandbox.h"
#include "net/sys.h"

enum {
    GATEWAY_WHY_BYTES = 512,
    GATEWAY_CLOCK_DOUBT_MS = 600000, /* NTP takes seconds once there is a WAN */
};

/* ---- telling the owner ---- */

void gateway_tell(struct gateway *g, enum diag_level level, const char *what, struct span rest)
{
    struct diag_line l;

    diag_open(&g->diag, level, &l);
    fmt_str(&l.text, what);
    fmt_text(&l.text, rest);
    diag_close(&l);
}

int64_t gateway_wall_ms(const struct gateway *g)
{
    int64_t now_ms = sys_mono_ms();
    int64_t least_ms = ledger_least_unix_ms(&g->ledger, now_ms);
    int64_t wall_ms = sys_wall_ms();

    /* Without a clock that is set, time goes on from there all the same: days have an end. */
    if (wall_ms < version_build_unix_s() * 1000)
        wall_ms = g->clock_floor_unix_ms + now_ms - g->started_ms;
    return wall_ms > least_ms ? wall_ms : least_ms;
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
    notify_stopping(&g->notify);
    g->stopping = true;
    g->stop_deadline_ms = now_ms + g->current->settings.server.stop_timeout_ms;
    listeners_close(g);
    viewers_stop(&g->viewers, now_ms);
    if (g->demo != NULL)
        demo_stop(g->demo);
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
        notify_reloading(&g->notify);
        reload_now(g, now_ms);
        notify_ready(&g->notify, g->reload_waiting ? "serving; a reload waits" : "serving");
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

static const char *gateway_environment(const char *name)
{
    return getenv(name);
}

static const char *gateway_no_environment(const char *name)
{
    (void)name;
    return NULL;
}

/* A clock behind the ledger is likely not set yet; or it was wrong when the last line was written.
 */
static void gateway_doubt_clock(struct gateway *g)
{
    int64_t wall_ms = sys_wall_ms();
    struct diag_line l;

    g->dialer.clock_seen_unix_ms = g->ledger.last_unix_ms;
    g->dialer.clock_doubt_until_ms = g->started_ms + GATEWAY_CLOCK_DOUBT_MS;
    if (wall_ms >= g->ledger.last_unix_ms || wall_ms < g->dialer.clock_floor_unix_ms)
        return;
    diag_open(&g->diag, DIAG_WARN, &l);
    fmt_str(&l.text, "the clock is behind the ledger, which ends at ");
    fmt_time_utc(&l.text, g->ledger.last_unix_ms);
    fmt_str(&l.text, ": https vendors wait for it to be set, for 10 minutes");
    diag_close(&l);
}

bool gateway_start(struct gateway *g, const struct serve_options *o, struct fmt *why)
{
    int fd = sys_signals_open();

    g->options = o;
    g->started_ms = sys_mono_ms();
    g->server.freed = listeners_freed;
    if (fd < 0 || !sys_random(g->id_key, sizeof(g->id_key)) ||
        !sys_random(g->cache_secret, sizeof(g->cache_secret))) {
        fmt_str(why, "the kernel gives no signals or no random bytes");
        return false;
    }
    /* Bound first: a low port needs what is then given up. */
    if (!listeners_open(g, why) || (o->confine && !sandbox_become(g, why)))
        return false;
    resolver_init(g->resolver, &g->loop, "/etc/resolv.conf", "/etc/hosts");
    if (!ledger_open(&g->ledger, g->started_ms, why))
        return false;
    g->clock_floor_unix_ms = version_build_unix_s() * 1000;
    if (g->clock_floor_unix_ms < g->ledger.last_unix_ms)
        g->clock_floor_unix_ms = g->ledger.last_unix_ms;
    reload_budgets(g);
    gateway_read_snapshot(g, g->started_ms);
    past_init(&g->past);
    shipping_init(&g->shipping, &g->diag);
    if (g->trend != NULL) {
        trend_start(g->trend, &g->current->settings.server.zone);
        past_open(&g->past, &g->ledger, g->trend);
    }
    viewers_init(&g->viewers, g);
    learning_open(g);
    gateway_doubt_clock(g);
    watch_init(&g->signal_watch, gateway_signal, g);
    g->signal_watch.fd = fd;
    g->signal_watch.events = POLLIN;
    loop_add(&g->loop, &g->signal_watch);
    watch_init(&g->ledger_watch, gateway_ledger_due, g);
    loop_add(&g->loop, &g->ledger_watch);
    if (o->confine)
        sandbox_close(g);
    notify_open(&g->notify, o->confine ? gateway_environment : gateway_no_environment,
                g->started_ms);
    listeners_tell(g);
    notify_ready(&g->notify, "serving");
    if (g->demo != NULL && o->play)
        demo_begin(g->demo, g->started_ms);
    return true;
}

/* One turn of the loop; false once a stop is complete. */
bool gateway_turn(struct gateway *g)
{
    g->ledger_watch.deadline_ms = ledger_deadline_ms(&g->ledger);
    if (gateway_snapshot_ms(g) < g->ledger_watch.deadline_ms)
        g->ledger_watch.deadline_ms = gateway_snapshot_ms(g);
    if (learning_deadline_ms(g) < g->ledger_watch.deadline_ms)
        g->ledger_watch.deadline_ms = learning_deadline_ms(g);
    if (secure_deadline_ms(g) < g->ledger_watch.deadline_ms)
        g->ledger_watch.deadline_ms = secure_deadline_ms(g);
    if (past_running(&g->past))
        g->ledger_watch.deadline_ms = g->loop.now_ms;
    if (notify_deadline_ms(&g->notify) < g->ledger_watch.deadline_ms)
        g->ledger_watch.deadline_ms = notify_deadline_ms(&g->notify);
    if (g->stopping && g->stop_deadline_ms < g->ledger_watch.deadline_ms)
        g->ledger_watch.deadline_ms = g->stop_deadline_ms;
    loop_turn(&g->loop);
    notify_tick(&g->notify, g->loop.now_ms);
    offline_watch(g);
    reload_checkpoint(g, false);
    if (past_running(&g->past))
        past_step(&g->past, &g->ledger, g->trend);
    gateway_snapshot(g, false, g->loop.now_ms);
    learning_save(g, false, g->loop.now_ms);
    secure_tick(g, g->loop.now_ms);
    reload_go_on(g, g->loop.now_ms);
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
    listeners_close(g);
    for (uint32_t i = 0; i < g->exchanges.count; i++) {
        struct exchange *x = pool_at(&g->exchanges, i);

        if (x != NULL)
            exchange_abort(x, now_ms);
    }
    CHECK(g->exchanges.in_use == 0);
    viewers_stop(&g->viewers, now_ms);
    past_close(&g->past);
    notify_close(&g->notify);
    if (g->demo != NULL)
        demo_stop(g->demo);
    shipping_close(&g->shipping);
    idle_drop_all(g->idle);
    ledger_flush_now(&g->ledger, now_ms);
    reload_checkpoint(g, true);
    gateway_snapshot(g, true, now_ms);
    learning_save(g, true, now_ms);
    ledger_close(&g->ledger, now_ms);
    loop_remove(&g->loop, &g->ledger_watch);
    loop_remove(&g->loop, &g->signal_watch);
    loop_remove(&g->loop, &g->viewers.timer);
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
    sys_protect_relro();
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
