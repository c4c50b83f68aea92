#include "gateway/settings.h"

#include <stddef.h>
#include <string.h>

#include "base/scan.h"
#include "base/version.h"
#include "config/file.h"

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

/* "UTC", "+02:00", "-03:30" */
static bool timezone_key(void *section, struct span value, struct fmt *why)
{
    struct server_settings *s = section;
    struct span minutes = value;
    struct span hours;
    uint64_t h = 0;
    uint64_t m = 0;

    if (span_equal(value, SPAN("UTC")))
        return true;
    if (value.len == 6 && (value.ptr[0] == '+' || value.ptr[0] == '-') &&
        span_split(&minutes, ':', &hours) && hours.len == 3 &&
        scan_u64(span_part(hours, 1, 2), &h) && scan_u64(minutes, &m) && h <= 14 && m < 60) {
        s->zone_ms = (int64_t)(h * 60 + m) * 60000;
        s->zone_ms = value.ptr[0] == '-' ? -s->zone_ms : s->zone_ms;
        return true;
    }
    fmt_str(why, "is neither UTC nor an offset such as +02:00");
    return false;
}

static bool listen_key(void *section, struct span value, struct fmt *why)
{
    struct server_settings *s = section;
    struct net_addr addr;

    if (!net_addr_scan(value, &addr)) {
        fmt_str(why, "is no address such as 127.0.0.1:8080 or [::1]:8080");
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
     .help = "ADDRESS:PORT; beyond loopback and private ones only with a [key]; default "
             "127.0.0.1:8080"},
    {.name = "admin_key_sha256",
     .type = CONFIG_CUSTOM,
     .parse = admin_key,
     .help = "of the token that opens the status pages beyond loopback"},
    {.name = "baseline",
     .type = CONFIG_TEXT,
     .offset = AT(baseline),
     .place_bytes = CONFIG_NAME_BYTES,
     .help = "model that every call is compared with; default the one asked for"},
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
     .type = CONFIG_CUSTOM,
     .parse = timezone_key,
     .help = "UTC or an offset such as +02:00: where the days of budgets begin; default UTC"},
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
    &server_section, &ledger_section, &upstream_section,
    &model_section,  &key_section,    &budget_section,
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
        if (price_fault(&m->price) != NULL)
            settings_error(errors, lines[i], "model", m->name, price_fault(&m->price));
        if (m->id[0] == '\0')
            memcpy(m->id, m->name, sizeof(m->name));
    }
    if (s->model_count == 0)
        config_error(errors, 0, SPAN("there is no [model]: nothing could be asked for"));
}

/* The line of the nth `listen`; 0 when there is none. */
static int listen_line(struct span text, size_t nth)
{
    struct span line;
    int number = 0;

    while (text.len > 0 && span_split(&text, '\n', &line)) {
        struct span key;

        number++;
        if (span_split(&line, '=', &key) && span_equal(span_trim(key), SPAN("listen")) &&
            nth-- == 0)
            return number;
    }
    return 0;
}

/* Without client keys nobody but the LAN may spend the owner's money. */
static void check_listeners(const struct settings *s, struct span file,
                            struct config_errors *errors)
{
    for (size_t i = 0; i < s->server.listen_count && s->key_count == 0; i++) {
        const struct net_addr *a = &s->server.listen[i];
        char text[384];
        struct fmt f;

        if (!net_addr_is_any(a) && net_addr_is_private(a))
            continue;
        fmt_init(&f, text, sizeof(text));
        fmt_str(&f, "listen = ");
        net_addr_fmt(&f, a);
        fmt_str(&f, " is open to the internet on a machine with a public address, and without a "
                    "[key] anyone could spend your money: make one with `farthing key new NAME`, "
                    "or name a loopback or private address of this machine");
        config_error(errors, listen_line(file, i), fmt_span(&f));
    }
}

static void check_keys(struct settings *s, const int *lines, struct config_errors *errors)
{
    for (size_t i = 0; i < s->key_count; i++) {
        const struct key_settings *k = &s->keys[i];

        if (!k->has_sha256 && k->network.family == NET_NONE)
            settings_error(errors, lines[i], "key", k->name,
                           "needs sha256 (of its token) or address");
        if (k->session_limit_pusd == 0)
            continue;
        if (s->budget_count < BUDGET_MAX)
            budget_of_sessions(&s->budgets[s->budget_count++], k->name, k->session_limit_pusd);
        else
            settings_error(errors, lines[i], "key", k->name,
                           "session_limit: too many budgets (32 with those of sessions)");
    }
}

static bool budget_names_something(const struct settings *s, const struct budget_settings *b)
{
    size_t index;

    switch (b->of) {
    case BUDGET_OF_KEY:
        for (size_t i = 0; i < s->key_count; i++)
            if (strcmp(s->keys[i].name, b->of_name) == 0)
                return true;
        return false;
    case BUDGET_OF_MODEL:
        return settings_find_model(s, span_str(b->of_name)) != NULL;
    case BUDGET_OF_UPSTREAM:
        return find_upstream(s, b->of_name, &index);
    case BUDGET_OF_ROUTE:
        return false; /* there are no routes yet */
    case BUDGET_OF_ALL:
    case BUDGET_OF_EACH_KEY:
    case BUDGET_OF_EACH_ADDRESS:
    case BUDGET_OF_EACH_SESSION:
        break;
    }
    return true;
}

static void check_budgets(const struct settings *s, const int *lines, struct config_errors *errors)
{
    for (size_t i = 0; i < s->budget_count; i++) {
        const struct budget_settings *b = &s->budgets[i];

        if (!budget_names_something(s, b))
            settings_error(errors, lines[i], "budget", b->name, "`of` names what is not there");
        if (b->on_exceed != BUDGET_BLOCK)
            settings_error(errors, lines[i], "budget", b->name,
                           "on_exceed: only block is built so far");
    }
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
    int key_lines[KEY_MAX] = {0};
    int budget_lines[BUDGET_MAX] = {0};
    struct config_target targets[] = {
        {&server_section, &s->server, sizeof(s->server), 1, 0, NULL},
        {&ledger_section, &s->ledger, sizeof(s->ledger), 1, 0, NULL},
        {&upstream_section, s->upstreams, sizeof(s->upstreams[0]), UPSTREAM_MAX, 0, upstream_lines},
        {&model_section, s->models, sizeof(s->models[0]), MODEL_MAX, 0, model_lines},
        {&key_section, s->keys, sizeof(s->keys[0]), KEY_MAX, 0, key_lines},
        {&budget_section, s->budgets, sizeof(s->budgets[0]), BUDGET_MAX, 0, budget_lines},
    };

    memset(s, 0, sizeof(*s));
    if (config_read(text, targets, sizeof(targets) / sizeof(targets[0]), errors)) {
        /* Later checks would only repeat what is wrong already. */
        s->upstream_count = targets[2].count;
        s->model_count = targets[3].count;
        server_defaults(&s->server);
        check_upstreams(s, upstream_lines, environment, errors);
        check_models(s, model_lines, errors);
        s->key_count = targets[4].count;
        s->budget_count = targets[5].count;
        check_budgets(s, budget_lines, errors);
        check_keys(s, key_lines, errors);
        if (s->server.baseline[0] != '\0' &&
            settings_find_model(s, span_str(s->server.baseline)) == NULL)
            config_error(errors, 0, SPAN("[server]: baseline names no [model]"));
    }
    s->key_count = targets[4].count;
    check_listeners(s, text, errors);
    return errors->count == 0;
}
