#include "gateway/build.h"

#include <stddef.h>
#include <string.h>

#include "base/check.h"
#include "base/version.h"
#include "config/file.h"

/* Where distributions keep the CA bundle; the first that can be read is taken. */
static const char *const build_ca_paths[] = {
    "/etc/ssl/certs/ca-certificates.crt", /* Debian, Alpine, OpenWrt, Buildroot */
    "/etc/ssl/cert.pem",                  /* OpenWrt's and Alpine's other name */
    "/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora */
    "/etc/ssl/ca-bundle.pem",             /* openSUSE */
};

struct build_counts {
    uint32_t conns;
    uint32_t exchanges;
    uint32_t tls_slots;
    uint32_t idle;
    uint32_t watches;
    uint32_t vendor; /* connections of the stand-in; 0 = none is configured */
};

static struct build_counts build_count(const struct settings *s)
{
    struct build_counts n = {0};
    int64_t tls = 0;
    int64_t vendor = 0;

    n.conns = (uint32_t)s->server.connections;
    n.exchanges = n.conns + n.conns / BUILD_DRAINS_PER_CLIENTS;
    for (size_t i = 0; i < s->upstream_count; i++)
        if (s->upstreams[i].dialect == DIALECT_STANDIN)
            vendor += s->upstreams[i].connections + BUILD_VENDOR_CLOSING;
        else if (s->upstreams[i].tls)
            tls += s->upstreams[i].connections;
    n.tls_slots = tls < (int64_t)n.exchanges ? (uint32_t)tls : n.exchanges;
    n.vendor = vendor < (int64_t)n.exchanges ? (uint32_t)vendor : n.exchanges;
    n.idle = n.exchanges * BUILD_IDLE_PER_EXCHANGES;
    n.watches = BUILD_WATCHES_FIXED + n.conns + n.exchanges * BUILD_WATCHES_PER_EXCHANGE + n.idle;
    n.watches += 2 * n.vendor; /* a connection and a timer each */
    return n;
}

/* ---- trust anchors ---- */

static void build_feed_anchors(void *ctx, struct span chunk)
{
    tls_anchors_feed(ctx, chunk);
}

static int build_read_bundle(struct tls_anchors *a, const char *configured, const char **path)
{
    int result = -1;

    if (configured[0] != '\0') {
        *path = configured;
        return config_file_each(configured, build_feed_anchors, a);
    }
    for (size_t i = 0; i < ARRAY_LEN(build_ca_paths) && result < 0; i++) {
        *path = build_ca_paths[i];
        result = config_file_each(*path, build_feed_anchors, a);
    }
    return result;
}

static bool build_needs_anchors(const struct settings *s)
{
    for (size_t i = 0; i < s->upstream_count; i++)
        if (s->upstreams[i].tls && s->upstreams[i].dialect != DIALECT_STANDIN)
            return true;
    return false;
}

static bool build_anchors_missing(struct fmt *why, const char *path)
{
    fmt_str(why, "no CA bundle can be read (tried ");
    fmt_str(why, path);
    fmt_str(why, "): install ca-certificates or name one with [server] ca");
    return false;
}

static bool build_anchors(struct gateway *g, const char *ca, const char **path, struct fmt *why)
{
    size_t bytes;
    void *memory;

    g->anchors = arena_carve(&g->arena, "trust anchors", 1, tls_anchors_object_bytes());
    if (g->anchors == NULL)
        return false;
    tls_anchors_start(g->anchors, NULL, 0);
    if (build_read_bundle(g->anchors, ca, path) < 0)
        return build_anchors_missing(why, *path);
    (void)tls_anchors_finish(g->anchors);
    if (tls_anchors_count(g->anchors) == 0) {
        fmt_str(why, "the CA bundle holds no usable certificate: ");
        fmt_str(why, *path);
        return false;
    }
    bytes = tls_anchors_used_bytes(g->anchors);
    memory = arena_carve(&g->arena, "CA bundle", 1, bytes);
    if (memory == NULL)
        return false;
    tls_anchors_start(g->anchors, memory, bytes);
    return build_read_bundle(g->anchors, ca, path) >= 0 && tls_anchors_finish(g->anchors);
}

/* ---- pieces ---- */

static bool build_uses(struct gateway *g, const struct settings *s)
{
    struct config_use *uses = arena_carve(&g->arena, "configurations", 2, sizeof(*uses));

    if (uses == NULL)
        return false;
    g->uses[0] = &uses[0];
    g->uses[1] = &uses[1];
    uses[0].settings = *s;
    g->current = &uses[0];
    return true;
}

static bool build_network(struct gateway *g, const struct build_counts *n)
{
    struct arena *a = &g->arena;

    g->resolver = arena_carve(a, "resolver", 1, resolver_bytes());
    g->resolve_storage = arena_carve(a, "lookups", n->exchanges, resolve_bytes());
    return g->resolver != NULL && g->resolve_storage != NULL &&
           loop_carve(&g->loop, a, n->watches) &&
           pool_carve(&g->tls_slots, a, "TLS sessions", n->tls_slots, tls_client_bytes()) &&
           idle_carve(&g->idle, a, &g->loop, &g->dialer, n->idle);
}

static bool build_requests(struct gateway *g, const struct build_counts *n)
{
    struct arena *a = &g->arena;

    g->scratch = arena_carve(a, "JSON scratch", 1, sizeof(*g->scratch));
    return g->scratch != NULL &&
           pool_carve(&g->conns, a, "client conns", n->conns, sizeof(struct conn)) &&
           pool_carve(&g->exchanges, a, "exchanges", n->exchanges, sizeof(struct exchange)) &&
           pool_carve(&g->tapes, a, "recordings", n->exchanges, sizeof(struct tape));
}

bool build_judges(const struct settings *s)
{
    for (size_t i = 0; i < s->route_count; i++)
        if (s->routes[i].tier_count > 1 || s->routes[i].fallback_count > 0 ||
            (s->routes[i].tier_count == 1 && s->routes[i].tiers[0].count > 1))
            return true;
    return false;
}

static bool build_judge(struct gateway *g, const struct settings *s)
{
    if (!build_judges(s))
        return true;
    g->judge = arena_carve(&g->arena, "judge", 1, sizeof(*g->judge));
    return g->judge != NULL;
}

static bool build_learners(struct gateway *g, const struct settings *s)
{
    size_t count = learning_count(s->routes, s->route_count);

    if (count == 0)
        return true;
    g->learners = arena_carve(&g->arena, "learners", (uint32_t)count, sizeof(*g->learners));
    g->again = arena_carve(&g->arena, "learners", 1, sizeof(*g->again));
    if (g->learners == NULL || g->again == NULL)
        return false;
    for (size_t i = 0; i < s->route_count; i++)
        if (s->routes[i].learn)
            memcpy(g->learners[g->learner_count++].route, s->routes[i].name, CONFIG_NAME_BYTES);
    return true;
}

static bool build_workload(struct gateway *g, const struct settings *s, struct fmt *why)
{
    void *weights = NULL;
    size_t bytes;

    if (!workload_bytes(&s->classify, &bytes, why))
        return false;
    if (bytes > 0 && (weights = arena_carve(&g->arena, "workload weights", 1, bytes)) == NULL)
        return false;
    g->workload = arena_carve(&g->arena, "classifier", 1, sizeof(*g->workload));
    return g->workload != NULL && workload_open(&g->classifier, &s->classify, weights, bytes, why);
}

/* At most a third of what is left for bodies, and nothing that the owner gave to them: what ran
 * without a history still runs. */
static void build_trend(struct gateway *g, const struct settings *s)
{
    size_t left = arena_left(&g->arena);

    if (left / 3 >= sizeof(*g->trend) &&
        left >= (size_t)s->server.max_body_bytes + BUILD_BODIES_BYTES_MIN + sizeof(*g->trend))
        g->trend = arena_carve(&g->arena, "history", 1, sizeof(*g->trend));
}

static bool build_demo(struct gateway *g, const struct settings *s)
{
    if (!s->is_demo)
        return true;
    g->demo = arena_carve(&g->arena, "demo", 1, sizeof(*g->demo));
    if (g->demo != NULL)
        demo_init(g->demo, g);
    return g->demo != NULL;
}

static bool build_vendor(struct gateway *g, const struct build_counts *n)
{
    if (n->vendor == 0)
        return true;
    g->vendor = arena_carve(&g->arena, "stand-in", 1, sizeof(*g->vendor));
    return g->vendor != NULL && vendor_carve(g->vendor, &g->arena, &g->loop, &g->bodies, g->scratch,
                                             n->vendor, INT64_MAX);
}

/* Whether anything is ever kept under this configuration. */
static bool build_has_cache(const struct settings *s)
{
    for (size_t i = 0; i < s->route_count; i++)
        if (s->routes[i].cache_ms > 0 || s->routes[i].compress.summarize_model[0] != '\0')
            return true;
    return s->cache_on;
}

/* Some route takes answers to what is only alike. */
static bool build_is_alike(const struct settings *s)
{
    for (size_t i = 0; i < s->route_count; i++)
        if (s->routes[i].near_milli > 0 && s->routes[i].near_milli < ROUTE_BAR_MILLI)
            return true;
    return false;
}

/* As large as the owner says, else half of what is left: answers of 2 KB by the thousand. */
static bool build_cache(struct gateway *g, const struct settings *s, struct fmt *why)
{
    size_t left = arena_left(&g->arena);
    size_t bytes = s->cache.size_bytes > 0 ? (size_t)s->cache.size_bytes : left / 2;
    void *region;

    cache_init(&g->cache, NULL, 0);
    if (!build_has_cache(s))
        return true;
    if (bytes > left || left - bytes < BUILD_BODIES_BYTES_MIN) {
        fmt_str(why, "[cache] size does not fit into what [server] memory leaves: ");
        fmt_size(why, left);
        return false;
    }
    region = arena_carve(&g->arena, "response cache", 1, bytes);
    if (region == NULL)
        return false;
    cache_init(&g->cache, region, bytes);
    arena_last_row(&g->arena)->in_use = &g->cache.bytes;
    arena_last_row(&g->arena)->peak = &g->cache.bytes_peak;
    arena_last_row(&g->arena)->units = g->cache.ring_bytes;
    return !build_is_alike(s) ||
           near_table_carve(&g->near, &g->arena, (size_t)s->cache.near_entries,
                            s->cache.embeddings[0] != '\0');
}

/* Bodies get what is left. A body may be half of that, unless the owner says otherwise. */
static bool build_bodies(struct gateway *g, const struct settings *s, struct fmt *why)
{
    size_t left = arena_left(&g->arena);
    int64_t region_bytes;

    if (left < BUILD_BODIES_BYTES_MIN ||
        !lease_carve(&g->bodies, &g->arena, "bodies", left - ARENA_ALIGN_BYTES))
        return false;
    region_bytes = (int64_t)lease_region_bytes(&g->bodies);
    g->server.max_body_bytes =
        s->server.max_body_bytes > 0 ? s->server.max_body_bytes : region_bytes / 2;
    if (g->server.max_body_bytes > region_bytes) {
        fmt_str(why, "[server] max_body is larger than the ");
        fmt_size(why, (uint64_t)region_bytes);
        fmt_str(why, " that [server] memory leaves for bodies");
        return false;
    }
    return true;
}

static void build_wire(struct gateway *g)
{
    g->dialer = (struct dialer){
        .loop = &g->loop,
        .resolver = g->resolver,
        .tls_pool = &g->tls_slots,
        .anchors = g->anchors,
        .aes_first = version_tls_aes_first(),
        .clock_floor_unix_ms = version_build_unix_s() * 1000,
    };
    g->shared = (struct upstream_shared){
        .loop = &g->loop,
        .dialer = &g->dialer,
        .idle = g->idle,
        .vendor = g->vendor,
        .diag = &g->diag,
    };
}

static void build_server(struct gateway *g, const struct settings *s)
{
    g->server.loop = &g->loop;
    g->server.conns = &g->conns;
    g->server.bodies = &g->bodies;
    g->server.handler = &client_handler;
    g->server.owner = g;
    g->server.head_timeout_ms = s->server.head_timeout_ms;
    g->server.body_timeout_ms = s->server.body_timeout_ms;
    g->server.idle_timeout_ms = s->server.idle_timeout_ms;
}

void build_upstreams(struct gateway *g, struct config_use *use)
{
    for (size_t i = 0; i < use->settings.upstream_count; i++)
        upstream_init(&use->upstreams[i], &use->settings.upstreams[i], &g->shared);
}

static struct gateway *build_give_up(struct gateway *g, struct fmt *why)
{
    struct arena a = g->arena;

    if (fmt_span(why).len == 0) {
        fmt_str(why, "[server] memory of ");
        fmt_size(why, a.size_bytes);
        fmt_str(why, " is too small for these connections: raise memory, or lower "
                     "[server] connections or the upstreams' connections");
    }
    arena_unmap(&a);
    return NULL;
}

static struct gateway *build_map(size_t bytes, struct fmt *why)
{
    struct gateway *g;
    struct arena a;

    if (!arena_map(&a, bytes)) {
        fmt_str(why, "the kernel refuses [server] memory of ");
        fmt_size(why, bytes);
        return NULL;
    }
    g = arena_carve(&a, "gateway", 1, sizeof(*g));
    if (g == NULL) {
        fmt_str(why, "[server] memory is too small");
        arena_unmap(&a);
        return NULL;
    }
    g->arena = a;
    return g;
}

struct gateway *build_gateway(const struct settings *s, struct fmt *why)
{
    struct build_counts n = build_count(s);
    struct gateway *g = build_map((size_t)s->server.memory_bytes, why);
    const char *path;

    if (g == NULL)
        return NULL;
    diag_init(&g->diag, (enum diag_level)s->server.log_level, 2);
    if (!build_uses(g, s) || !secure_carve(g, s, why) ||
        (build_needs_anchors(s) && !build_anchors(g, s->server.ca, &path, why)) ||
        !build_network(g, &n) || !build_requests(g, &n) ||
        !budget_carve(&g->budgets, &g->arena, BUDGET_ACCOUNTS_DEFAULT) ||
        !ledger_carve(&g->ledger, &g->arena, &g->current->settings.ledger, &g->diag) ||
        !build_judge(g, s) || !build_learners(g, s) || !build_workload(g, s, why) ||
        !build_vendor(g, &n) || !build_demo(g, s))
        return build_give_up(g, why);
    if (!build_cache(g, s, why))
        return build_give_up(g, why);
    build_trend(g, s);
    if (!build_bodies(g, s, why))
        return build_give_up(g, why);
    if (g->vendor != NULL)
        g->vendor->server.max_body_bytes = (int64_t)lease_region_bytes(&g->bodies);
    pool_zero_only(&g->conns, offsetof(struct conn, in_storage));
    pool_zero_only(&g->exchanges,
                   offsetof(struct exchange, call) + offsetof(struct call, in_storage));
    arena_seal(&g->arena);
    build_wire(g);
    build_server(g, s);
    build_upstreams(g, g->current);
    return g;
}

struct gateway *build_caller(const char **ca, struct fmt *why)
{
    static const struct build_counts n = {
        .exchanges = 1,
        .tls_slots = 1,
        .idle = 1,
        .watches = BUILD_WATCHES_PER_EXCHANGE + 1,
    };
    struct gateway *g = build_map(BUILD_CALLER_BYTES, why);

    if (g == NULL)
        return NULL;
    if ((ca != NULL && !build_anchors(g, *ca, ca, why)) || !build_network(g, &n))
        return build_give_up(g, why);
    arena_seal(&g->arena);
    build_wire(g);
    resolver_init(g->resolver, &g->loop, "/etc/resolv.conf", "/etc/hosts");
    diag_init(&g->diag, DIAG_ERROR, 2); /* no warnings: who calls tells more */
    return g;
}

bool gateway_plan(const struct settings *s, struct fmt *out)
{
    struct gateway *g = build_gateway(s, out);
    struct arena a;

    if (g == NULL)
        return false;
    arena_report(&g->arena, out);
    a = g->arena;
    arena_unmap(&a);
    return true;
}
