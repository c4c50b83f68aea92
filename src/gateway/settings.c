#include "gateway/settings.h"

#include <stddef.h>
#include <string.h>

#include "base/version.h"
#include "config/file.h"

#define AT(member) offsetof(struct server_settings, member)

static const char *const level_names[] = {"error", "warn", "info", "debug", NULL};

/* Without client keys nobody but the LAN may spend the owner's money. */
static bool listen_key(void *section, struct span value, struct fmt *why)
{
    struct server_settings *s = section;
    struct net_addr addr;

    if (!net_addr_scan(value, &addr)) {
        fmt_str(why, "is no address such as 127.0.0.1:8080 or [::1]:8080");
        return false;
    }
    if (net_addr_is_any(&addr) || !net_addr_is_private(&addr)) {
        fmt_str(why, "is open to the internet on a machine with a public address, and anyone could "
                     "spend your money: name a loopback or private address of this machine");
        return false;
    }
    if (s->listen_count == LISTEN_MAX) {
        fmt_str(why, "is one listener too many (8 are allowed)");
        return false;
    }
    s->listen[s->listen_count++] = addr;
    return true;
}

static const struct config_key server_keys[] = {
    {.name = "listen",
     .type = CONFIG_CUSTOM,
     .parse = listen_key,
     .repeatable = true,
     .help = "ADDRESS:PORT, loopback or private; default 127.0.0.1:8080"},
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
    {.name = "max_body",
     .type = CONFIG_SIZE,
     .offset = AT(max_body_bytes),
     .min = 1024,
     .max = 1073741824,
     .help = "largest request; default half of the memory for bodies"},
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
     .help = "for a request's body beyond 1 KB/s, and for a client that takes no answer"},
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
    &server_section,
    &ledger_section,
    &upstream_section,
    &model_section,
};
const size_t settings_section_count = sizeof(settings_sections) / sizeof(settings_sections[0]);

const struct model_settings *settings_find_model(const struct settings *s, struct span name)
{
    for (size_t i = 0; i < s->model_count; i++)
        if (span_equal(span_str(s->models[i].name), name))
            return &s->models[i];
    return NULL;
}

/* ---- checks across sections ---- */

static void settings_error(struct config_errors *errors, int line, const char *kind,
                           const char *name, const char *what)
{
    char text[384];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_char(&f, '[');
    fmt_str(&f, kind);
    fmt_char(&f, ' ');
    fmt_str(&f, name);
    fmt_str(&f, "]: ");
    fmt_str(&f, what);
    config_error(errors, line, fmt_span(&f));
}

static bool host_is_of_the_lan(const char *host)
{
    static const char *const suffixes[] = {".local", ".lan", ".home.arpa", ".internal"};
    struct span name = span_str(host);
    struct net_addr addr;

    if (net_addr_scan_host(name, &addr))
        return net_addr_is_private(&addr);
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
        if (span_ends(name, span_str(suffixes[i])))
            return true;
    return span_find_byte(name, '.') == name.len;
}

static bool take_key(struct upstream_settings *u, struct span key)
{
    while (key.len > 0 && (key.ptr[key.len - 1] == '\n' || key.ptr[key.len - 1] == '\r'))
        key.len--;
    key = span_trim(key);
    for (size_t i = 0; i < key.len; i++)
        if ((uint8_t)key.ptr[i] <= 0x20 || (uint8_t)key.ptr[i] >= 0x7f)
            return false;
    if (key.len == 0 || key.len >= sizeof(u->key))
        return false;
    memcpy(u->key, key.ptr, key.len);
    u->key[key.len] = '\0';
    return true;
}

static const char *load_key(struct upstream_settings *u,
                            const char *(*environment)(const char *name))
{
    char text[UPSTREAM_KEY_BYTES + 2];
    const char *value;
    size_t len = 0;

    if (u->key_env[0] != '\0' && u->key_file[0] != '\0')
        return "key_env and key_file exclude each other";
    if (u->key_env[0] != '\0') {
        value = environment(u->key_env);
        if (value == NULL || value[0] == '\0')
            return "the environment variable of key_env is not set";
        if (!take_key(u, span_str(value)))
            return "the environment variable of key_env holds no key";
    }
    if (u->key_file[0] != '\0') {
        if (config_file_read(u->key_file, text, sizeof(text), &len) != 0)
            return "key_file cannot be read";
        if (!take_key(u, span_of(text, len)))
            return "key_file holds no key";
        explicit_bzero(text, sizeof(text));
    }
    return NULL;
}

static void check_upstreams(struct settings *s, const int *lines,
                            const char *(*environment)(const char *name),
                            struct config_errors *errors)
{
    for (size_t i = 0; i < s->upstream_count; i++) {
        struct upstream_settings *u = &s->upstreams[i];
        const char *wrong = NULL;

        if (u->dialect == DIALECT_STANDIN) {
            if (u->url[0] != '\0')
                wrong = "the embedded stand-in takes no url";
        } else if (u->url[0] == '\0') {
            wrong = "lacks the key \"url\"";
        } else if (!u->tls && !host_is_of_the_lan(u->host)) {
            wrong = "http:// would send your key and prompts in clear over the internet: use "
                    "https://, or a private address";
        } else {
            wrong = load_key(u, environment);
        }
        if (wrong != NULL)
            settings_error(errors, lines[i], "upstream", u->name, wrong);
    }
}

static bool find_upstream(const struct settings *s, const char *name, size_t *index)
{
    for (*index = 0; *index < s->upstream_count; (*index)++)
        if (strcmp(s->upstreams[*index].name, name) == 0)
            return true;
    return false;
}

static void check_models(struct settings *s, const int *lines, struct config_errors *errors)
{
    for (size_t i = 0; i < s->model_count; i++) {
        struct model_settings *m = &s->models[i];

        if (m->upstream[0] != '\0' && !find_upstream(s, m->upstream, &m->upstream_index))
            settings_error(errors, lines[i], "model", m->name, "there is no such upstream");
        if (!m->free && !price_is_known(&m->price))
            settings_error(errors, lines[i], "model", m->name,
                           "has no price: give input and output in USD per million tokens (free = "
                           "yes for a local model)");
        if (m->id[0] == '\0')
            memcpy(m->id, m->name, sizeof(m->name));
    }
    if (s->model_count == 0)
        config_error(errors, 0, SPAN("there is no [model]: nothing could be asked for"));
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
}

bool settings_read(struct settings *s, struct span text,
                   const char *(*environment)(const char *name), struct config_errors *errors)
{
    int upstream_lines[UPSTREAM_MAX] = {0};
    int model_lines[MODEL_MAX] = {0};
    struct config_target targets[] = {
        {&server_section, &s->server, sizeof(s->server), 1, 0, NULL},
        {&ledger_section, &s->ledger, sizeof(s->ledger), 1, 0, NULL},
        {&upstream_section, s->upstreams, sizeof(s->upstreams[0]), UPSTREAM_MAX, 0, upstream_lines},
        {&model_section, s->models, sizeof(s->models[0]), MODEL_MAX, 0, model_lines},
    };

    memset(s, 0, sizeof(*s));
    if (config_read(text, targets, sizeof(targets) / sizeof(targets[0]), errors)) {
        /* Later checks would only repeat what is wrong already. */
        s->upstream_count = targets[2].count;
        s->model_count = targets[3].count;
        server_defaults(&s->server);
        check_upstreams(s, upstream_lines, environment, errors);
        check_models(s, model_lines, errors);
    }
    return errors->count == 0;
}
