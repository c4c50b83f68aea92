#include "gateway/settings.h"

#include <stddef.h>
#include <string.h>

#include "base/check.h"
#include "base/scan.h"
#include "base/version.h"
#include "gateway/settings_check.h"

#define AT(member) offsetof(struct server_settings, member)

static const char *const level_names[] = {"error", "warn", "info", "debug", NULL};

static const char *const reserve_names[] = {"strict", "tight", NULL};
static const char *const budget_status_names[] = {"402", "429", NULL};

static bool admin_key(void *section, struct span value, struct fmt *why)
{
    struct server_settings *s = section;

    s->has_admin = scan_hex_bytes(value, s->admin_sha256, sizeof(s->admin_sha256));
    if (!s->has_admin)
        fmt_str(why, "is no SHA-256 of 64 hex digits; `farthing key new admin` makes one");
    return s->has_admin;
}

static bool listen_key(void *section, struct span value, struct fmt *why)
{
    struct server_settings *s = section;
    struct net_addr addr;
    bool tls = span_starts(value, SPAN("https://"));

    if (tls || span_starts(value, SPAN("http://")))
        value = span_part(value, span_find(value, SPAN("//")) + 2, value.len);
    if (!net_addr_scan(value, &addr)) {
        fmt_str(why, "is no address such as 127.0.0.1:8080, [::1]:8080 or https://0.0.0.0:8443");
        return false;
    }
    if (s->listen_count == LISTEN_MAX) {
        fmt_str(why, "is one listener too many (8 are allowed)");
        return false;
    }
    s->listen_tls[s->listen_count] = tls;
    s->listen[s->listen_count++] = addr;
    return true;
}

static const struct config_key server_keys[] = {
    {.name = "listen",
     .type = CONFIG_CUSTOM,
     .parse = listen_key,
     .repeatable = true,
     .help = "ADDRESS:PORT, or https://ADDRESS:PORT for TLS; beyond loopback and private ones only "
             "with a [key]; default 127.0.0.1:8080"},
    {.name = "tls_cert",
     .type = CONFIG_TEXT,
     .offset = AT(tls_cert),
     .place_bytes = SETTINGS_PATH_BYTES,
     .help = "PEM file of the https listeners' certificate and its issuers; `farthing cert` makes "
             "one; read again at SIGHUP"},
    {.name = "tls_key",
     .type = CONFIG_TEXT,
     .offset = AT(tls_key),
     .place_bytes = SETTINGS_PATH_BYTES,
     .help = "PEM file of its private key, RSA or EC, not encrypted"},
    {.name = "tls_connections",
     .type = CONFIG_COUNT,
     .offset = AT(tls_connections),
     .min = 1,
     .max = 4096,
     .help =
         "clients over TLS at the same time, 23 KB of memory each; default half of connections"},
    {.name = "admin_key_sha256",
     .type = CONFIG_CUSTOM,
     .parse = admin_key,
     .help = "of the token that opens the status pages beyond loopback"},
    {.name = "baseline",
     .type = CONFIG_TEXT,
     .offset = AT(baseline),
     .place_bytes = CONFIG_NAME_BYTES,
     .help = "model that calls are compared with when the one asked for is none of the [model]s, "
             "as auto"},
    {.name = "budget_status",
     .type = CONFIG_ENUM,
     .offset = AT(budget_status),
     .fallback = "402",
     .names = budget_status_names,
     .help = "of the refusal when a budget has no room"},
    {.name = "reserve",
     .type = CONFIG_ENUM,
     .offset = AT(reserve),
     .fallback = "strict",
     .names = reserve_names,
     .help = "what budgets hold of a request's input: strict, its bytes; tight, 1.3 times an "
             "estimate, which some texts pass"},
    {.name = "timezone",
     .type = CONFIG_TEXT,
     .offset = AT(timezone),
     .place_bytes = SETTINGS_ZONE_BYTES,
     .fallback = "UTC",
     .help = "where the days of budgets begin: UTC, +02:00, Europe/Berlin (where zoneinfo is "
             "installed), a TZ text such as CET-1CEST,M3.5.0,M10.5.0/3, or local"},
    {.name = "memory",
     .type = CONFIG_SIZE,
     .offset = AT(memory_bytes),
     .min = 1048576,
     .max = 1073741824,
     .help = "all memory there is; default by board (4M or 8M)"},
    {.name = "connections",
     .type = CONFIG_COUNT,
     .offset = AT(connections),
     .min = 1,
     .max = 4096,
     .help = "clients at the same time; default by board (24 or 64)"},
    {.name = "connections_per_address",
     .type = CONFIG_COUNT,
     .offset = AT(connections_per_address),
     .min = 1,
     .max = 4096,
     .help = "of these from one address other than this machine's; default half of connections"},
    {.name = "max_body",
     .type = CONFIG_SIZE,
     .offset = AT(max_body_bytes),
     .min = 1024,
     .max = 1073741824,
     .help = "largest request; default half of the memory for bodies"},
    {.name = "user",
     .type = CONFIG_TEXT,
     .offset = AT(user),
     .place_bytes = SETTINGS_USER_BYTES,
     .help = "NAME or NAME:GROUP that root becomes once it listens; default farthing, if there is "
             "such a user"},
    {.name = "sandbox",
     .type = CONFIG_BOOL,
     .offset = AT(sandbox),
     .fallback = "yes",
     .help = "seccomp and landlock, as far as the kernel has them"},
    {.name = "ca",
     .type = CONFIG_TEXT,
     .offset = AT(ca),
     .place_bytes = SETTINGS_PATH_BYTES,
     .help = "CA bundle (PEM); default the system's"},
    {.name = "log_level",
     .type = CONFIG_ENUM,
     .offset = AT(log_level),
     .fallback = "info",
     .names = level_names,
     .help = "what is told on standard error"},
    {.name = "head_timeout",
     .type = CONFIG_DURATION,
     .offset = AT(head_timeout_ms),
     .fallback = "20s",
     .min = 100,
     .max = 3600000,
     .help = "for a request's whole head"},
    {.name = "body_timeout",
     .type = CONFIG_DURATION,
     .offset = AT(body_timeout_ms),
     .fallback = "30s",
     .min = 100,
     .max = 3600000,
     .help =
         "for a body beyond 1 KB/s, and for a client that takes its answer at less than 500 B/s"},
    {.name = "idle_timeout",
     .type = CONFIG_DURATION,
     .offset = AT(idle_timeout_ms),
     .fallback = "75s",
     .min = 100,
     .max = 86400000,
     .help = "for a kept-alive connection"},
    {.name = "stop_timeout",
     .type = CONFIG_DURATION,
     .offset = AT(stop_timeout_ms),
     .fallback = "30s",
     .min = 0,
     .max = 3600000,
     .help = "for running requests at a stop"},
};

static const struct config_section server_section = {
    .name = "server",
    .keys = server_keys,
    .key_count = sizeof(server_keys) / sizeof(server_keys[0]),
    .help = "listeners and limits",
};

const struct config_section *const settings_sections[] = {
    &server_section,   &ledger_section,   &cache_section,  &compress_section,
    &classify_section, &upstream_section, &model_section,  &check_section,
    &route_section,    &key_section,      &budget_section,
};
const size_t settings_section_count = sizeof(settings_sections) / sizeof(settings_sections[0]);

const struct model_settings *settings_find_model(const struct settings *s, struct span name)
{
    for (size_t i = 0; i < s->model_count; i++)
        if (span_equal(span_str(s->models[i].name), name))
            return &s->models[i];
    return NULL;
}

const struct route_settings *settings_find_route(const struct settings *s, struct span name)
{
    for (size_t i = 0; i < s->route_count; i++)
        if (span_equal(span_str(s->routes[i].name), name))
            return &s->routes[i];
    return NULL;
}

bool settings_has_tls(const struct server_settings *s)
{
    bool tls = false;

    for (size_t i = 0; i < s->listen_count; i++)
        tls = tls || s->listen_tls[i];
    return tls;
}

static void server_defaults(struct server_settings *s)
{
    if (s->listen_count == 0) {
        (void)net_addr_scan(SPAN("127.0.0.1:8080"), &s->listen[0]);
        s->listen_count = 1;
    }
    if (s->memory_bytes == 0)
        s->memory_bytes = version_memory_default_bytes();
    if (s->connections == 0)
        s->connections = version_connections_default();
    if (s->tls_connections == 0)
        s->tls_connections = (s->connections + 1) / 2;
    if (s->tls_connections > s->connections)
        s->tls_connections = s->connections;
    if (!settings_has_tls(s))
        s->tls_connections = 0;
}

bool settings_read(struct settings *s, struct span text,
                   const char *(*environment)(const char *name), struct config_errors *errors)
{
    struct settings_lines lines = {.upstreams = {0}};
    int cache_line = 0;
    struct config_target targets[] = {
        {&server_section, &s->server, sizeof(s->server), 1, 0, NULL},
        {&ledger_section, &s->ledger, sizeof(s->ledger), 1, 0, NULL},
        {&cache_section, &s->cache, sizeof(s->cache), 1, 0, &cache_line},
        {&compress_section, &s->compress, sizeof(s->compress), 1, 0, NULL},
        {&classify_section, &s->classify, sizeof(s->classify), 1, 0, NULL},
        {&upstream_section, s->upstreams, sizeof(s->upstreams[0]), UPSTREAM_MAX, 0,
         lines.upstreams},
        {&model_section, s->models, sizeof(s->models[0]), MODEL_MAX, 0, lines.models},
        {&check_section, s->checks, sizeof(s->checks[0]), CHECK_MAX, 0, lines.checks},
        {&route_section, s->routes, sizeof(s->routes[0]), ROUTE_MAX, 0, lines.routes},
        {&key_section, s->keys, sizeof(s->keys[0]), KEY_MAX, 0, lines.keys},
        {&budget_section, s->budgets, sizeof(s->budgets[0]), BUDGET_MAX, 0, lines.budgets},
    };
    size_t *const counts[] = {NULL,
                              NULL,
                              NULL,
                              NULL,
                              NULL,
                              &s->upstream_count,
                              &s->model_count,
                              &s->check_count,
                              &s->route_count,
                              &s->key_count,
                              &s->budget_count};
    bool whole;

    memset(s, 0, sizeof(*s));
    whole = config_read(text, targets, ARRAY_LEN(targets), errors);
    for (size_t i = 0; i < ARRAY_LEN(targets); i++)
        if (counts[i] != NULL)
            *counts[i] = targets[i].count;
    s->cache_on = cache_line > 0;
    if (whole) { /* else they would only repeat what is wrong already */
        server_defaults(&s->server);
        settings_check(s, &lines, environment, errors);
    }
    settings_check_listeners(s, text, errors);
    if (whole)
        settings_check_tls(s, text, errors);
    return errors->count == 0;
}
