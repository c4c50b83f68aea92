/* settings - a whole configuration: every section read, checked against the others, keys loaded.
 *
 * One struct of fixed size, carved twice, so that a reload can fill the other one and swap. Loading
 * reports every error through config_errors and gives false if there was any; nothing then starts.
 * Checked beyond the tables: a model's upstream exists, models are priced or `free = yes`, key_file
 * and key_env can be read, a plain-http upstream is on a private address or a name of the LAN
 * (localhost, *.local, *.lan, *.home.arpa, *.internal, or without a dot), without any [key]
 * listeners are on loopback or private addresses, keys have a hash or an address, names that
 * budgets, keys and routes speak of exist. */
#ifndef GATEWAY_SETTINGS_H
#define GATEWAY_SETTINGS_H

#include "base/addr.h"
#include "base/diag.h"
#include "config/read.h"
#include "ledger/ledger.h"
#include "llm/model.h"
#include "llm/upstream.h"
#include "policy/budget.h"
#include "policy/cache_settings.h"
#include "policy/check_settings.h"
#include "policy/classify.h"
#include "policy/compress_settings.h"
#include "policy/keys.h"
#include "policy/route.h"

enum {
    LISTEN_MAX = 8,
    SETTINGS_PATH_BYTES = 256,
    SETTINGS_USER_BYTES = 72, /* two names of 32, as useradd allows, and the colon */
    SETTINGS_ZONE_BYTES = 96, /* the longest TZ text of the database has about 50 */
};

enum settings_reserve { RESERVE_STRICT, RESERVE_TIGHT };

struct server_settings {
    size_t listen_count;
    struct net_addr listen[LISTEN_MAX];
    bool listen_tls[LISTEN_MAX];        /* https://, by the pair of the next two */
    char tls_cert[SETTINGS_PATH_BYTES]; /* PEM: the server's certificate, then its issuers */
    char tls_key[SETTINGS_PATH_BYTES];
    int64_t tls_connections; /* of clients, at the same time; 0 without an https listener */
    int64_t memory_bytes;
    int64_t connections;
    int64_t connections_per_address; /* 0 = half of them, and four at least */
    int64_t max_body_bytes;
    char ca[SETTINGS_PATH_BYTES];   /* "" = the first of the usual bundle paths that is there */
    char user[SETTINGS_USER_BYTES]; /* "" = farthing, if it is there */
    bool sandbox;
    char baseline[CONFIG_NAME_BYTES]; /* "" = the model that was asked for */
    uint8_t admin_sha256[HASH_SHA256_BYTES];
    bool has_admin;
    int budget_status; /* index into 402, 429 */
    int reserve;       /* enum settings_reserve */
    char timezone[SETTINGS_ZONE_BYTES];
    struct zone zone; /* of the periods of budgets; filled from timezone */
    int log_level;    /* enum diag_level */
    int64_t
        head_timeout_ms; /* for a whole request head, and for a keep-alive connection's next one */
    int64_t body_timeout_ms; /* beyond the pace of conn.h, both ways */
    int64_t idle_timeout_ms; /* keep-alive */
    int64_t stop_timeout_ms; /* graceful stop: what runs may finish within it */
};

struct settings {
    struct server_settings server;
    struct ledger_settings ledger;
    struct cache_settings cache;
    struct compress_settings compress;
    struct classify_settings classify;
    bool cache_on; /* there is a [cache]; routes may turn it on for themselves */
    size_t upstream_count;
    struct upstream_settings upstreams[UPSTREAM_MAX];
    size_t model_count;
    struct model_settings models[MODEL_MAX];
    size_t check_count;
    struct check_settings checks[CHECK_MAX];
    size_t route_count;
    struct route_settings routes[ROUTE_MAX];
    size_t key_count;
    struct key_settings keys[KEY_MAX];
    size_t budget_count;
    struct budget_settings budgets[BUDGET_MAX];
    bool from_environment; /* no file: made from vendor keys */
    bool is_demo;
};

/* Every section, in the order of the reference. */
extern const struct config_section *const settings_sections[];
extern const size_t settings_section_count;

/* `text` is the file's content, `file` its name for errors; `getenv` is libc's or a test's. */
bool settings_read(struct settings *s, struct span text,
                   const char *(*environment)(const char *name), struct config_errors *errors);
/* No file: upstreams and models from OPENAI_API_KEY, DEEPSEEK_API_KEY, OPENROUTER_API_KEY and
 * ANTHROPIC_API_KEY. False when none is set. */
bool settings_from_environment(struct settings *s, const char *(*environment)(const char *name),
                               struct config_errors *errors);
/* The configuration of `farthing demo`: one stand-in upstream, three fictional models; text in the
 * same format, so that it can be printed and edited. */
struct span settings_demo_text(void);
/* Whether there is an https listener. */
bool settings_has_tls(const struct server_settings *s);
/* The model of that name, or NULL. */
const struct model_settings *settings_find_model(const struct settings *s, struct span name);
const struct route_settings *settings_find_route(const struct settings *s, struct span name);

#endif
