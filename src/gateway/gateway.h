/* gateway - everything that lives as long as the process: memory, loop, listeners, configuration.
 *
 * gateway_serve() runs until SIGTERM or SIGINT and gives the exit status: 0 after an orderly stop,
 * 1 when it could not run, 2 for a bad configuration.
 *
 * Memory is carved in a fixed order from one arena of [server] memory; what is left after the fixed
 * parts holds bodies. Two configurations fit: SIGHUP reads the file into the one that is not in
 * use, and the old one lives on until its last exchange has ended. */
#ifndef GATEWAY_GATEWAY_H
#define GATEWAY_GATEWAY_H

#include "base/hash.h"
#include "gateway/about.h"
#include "gateway/counts.h"
#include "gateway/demo_play.h"
#include "gateway/secure.h"
#include "gateway/shipping.h"
#include "gateway/tape.h"
#include "gateway/vendor.h"
#include "gateway/viewers.h"
#include "gateway/workload.h"
#include "ledger/meters.h"
#include "ledger/past.h"
#include "ledger/snapshot.h"
#include "ledger/summary.h"
#include "net/notify.h"
#include "policy/stop.h"

struct serve_options {
    const char *config_path;          /* NULL: from the environment */
    bool demo;                        /* the built-in sample configuration */
    bool play, quiet;                 /* the demo begins at once, or never; else for who watches */
    const char *ledger_path, *listen; /* NULL: as configured */
    bool confine;                     /* a real process: drops what it does not need (sandbox.h) */
};

/* One configuration in use. */
struct config_use {
    struct settings settings;
    struct upstream upstreams[UPSTREAM_MAX];
    struct key_state key_states[KEY_MAX];
    struct stop_mean stop_means[ROUTE_MAX]; /* of the routes */
    uint32_t users;                         /* exchanges started under it */
    bool addresses_matter; /* a budget is of each address: lines have to name them */
};

struct listener {
    struct watch watch;
    struct gateway *gateway;
    struct net_addr addr;
    bool tls;
    int fd;
};

struct gateway {
    struct diag diag;
    struct arena arena;
    struct loop loop;
    struct ledger ledger;
    struct budget_book budgets;
    struct watch ledger_watch;
    struct trend *trend; /* NULL: too little memory for a history */
    struct past past;
    struct demo *demo; /* NULL: none */
    struct meters meters;
    struct shipping shipping;
    struct notify notify;
    struct viewers viewers;
    struct watch signal_watch;
    struct config_use *uses[2];
    struct config_use *current;
    bool reload_waiting; /* until the other configuration has no user left */
    const struct serve_options *options;
    struct conn_server server;
    struct secure secure;
    struct pool conns;
    struct pool exchanges;
    struct pool tapes;
    struct batch_group batches[BATCH_GROUPS_MAX];
    struct cache cache;
    struct near_table near;
    struct prefix_table prefixes; /* of requests that were sent */
    uint8_t cache_secret[HASH_SIP_KEY_BYTES];
    struct snapshot snapshot;
    char *resolve_storage; /* resolve_bytes() for each exchange */
    struct pool tls_slots;
    struct lease_region bodies;
    struct resolver *resolver;
    struct dialer dialer;
    struct idle *idle;
    struct tls_anchors *anchors;
    struct classifier classifier;
    struct workload_scratch *workload;
    struct judge_scratch *judge; /* NULL: no route has anybody else to ask */
    struct learner *learners;    /* of the routes that learn */
    size_t learner_count;
    struct again *again;   /* where routes learn */
    struct vendor *vendor; /* NULL: no stand-in configured */
    struct upstream_shared shared;
    struct json_object *scratch; /* for one parse at a time */
    size_t listener_count;
    struct listener listeners[LISTEN_MAX];
    int64_t crowded_told_ms; /* when it may be told again */
    bool full_told;          /* the connection limit was told to the owner */
    bool stopping, offline;  /* the latter as it was told last */
    int64_t stop_deadline_ms;
    int64_t started_ms;
    int64_t clock_floor_unix_ms; /* at the start: of the build, or the ledger's last line */
    uint64_t checkpoint_lines;   /* of the ledger, at the last checkpoint */
    uint64_t checkpoint_files;   /* rotations likewise */
    uint64_t id_counter;
    uint8_t id_key[HASH_SIP_KEY_BYTES];
    struct gateway_counts counts;
};

int gateway_serve(const struct serve_options *o);
/* `farthing standin`: only the stand-in, on a TCP address; runs until SIGTERM. */
int gateway_standin(const char *listen);
/* The memory map that these settings give; false, with the reason in out, when they do not fit. */
bool gateway_plan(const struct settings *s, struct fmt *out);

/* The same life in steps, for the simulator: start, turns until one gives false, close. */
bool gateway_start(struct gateway *g, const struct serve_options *o, struct fmt *why);
bool gateway_turn(struct gateway *g);
void gateway_close(struct gateway *g);

/* For the pieces: */
void gateway_tell(struct gateway *g, enum diag_level level, const char *what, struct span rest);
/* Wall clock, never below the build time or the ledger's last line. */
int64_t gateway_wall_ms(const struct gateway *g);
/* The token that came with a request, in whichever of the usual fields. */
struct span gateway_token(const struct http_head *h);
/* Whose request it is; KEY_KNOWN for everyone when no key is configured. */
enum key_verdict gateway_key(const struct gateway *g, const struct conn *c, size_t *index);
/* Whether a page of another origin sends it, as far as its browser tells. */
bool gateway_is_foreign(const struct http_head *h);
void gateway_release(struct gateway *g, struct config_use *use);
/* The handler of client connections (client.c). */
extern const struct conn_handler client_handler;

#endif
