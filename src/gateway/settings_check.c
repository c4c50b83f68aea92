/* Checks across the sections of a configuration. */
#include "gateway/settings_check.h"

#include <string.h>

#include "base/check.h"
#include "config/file.h"
#include "gateway/learning.h"

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
            if (u->url[0] != '\0' || u->proxy.kind != PROXY_NONE)
                wrong = "the embedded stand-in takes no url and no proxy";
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

int settings_line_of(struct span text, struct span wanted, size_t nth)
{
    struct span line;
    int number = 0;

    while (text.len > 0 && span_split(&text, '\n', &line)) {
        struct span key;

        number++;
        if (span_split(&line, '=', &key) && span_equal(span_trim(key), wanted) && nth-- == 0)
            return number;
    }
    return 0;
}

/* Without client keys nobody but the LAN may spend the owner's money. */
void settings_check_listeners(const struct settings *s, struct span file,
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
        config_error(errors, settings_line_of(file, SPAN("listen"), i), fmt_span(&f));
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
        return settings_find_route(s, span_str(b->of_name)) != NULL;
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
        if (b->on_exceed == BUDGET_ROUTE &&
            settings_find_route(s, span_str(b->exceed_route)) == NULL)
            settings_error(errors, lines[i], "budget", b->name,
                           "on_exceed names a route that is not there");
    }
}

/* ---- the time zone ---- */

enum { ZONE_FILE_BYTES = 8192 }; /* the largest of the database, in its slim form, has 4 KB */

static bool zone_from_file(const char *path, struct zone *z)
{
    char text[ZONE_FILE_BYTES];
    size_t len = 0;

    return config_file_read(path, text, sizeof(text), &len) == 0 &&
           (zone_read(z, zone_of_file(span_of(text, len))) ||
            zone_read(z, span_trim(span_part(span_of(text, len), 0,
                                             span_find_byte(span_of(text, len), '\n')))));
}

static bool zone_from_name(const char *name, struct zone *z)
{
    char path[sizeof("/usr/share/zoneinfo/") + SETTINGS_ZONE_BYTES];
    struct fmt f;

    if (span_find(span_str(name), SPAN("..")) < strlen(name))
        return false;
    fmt_init(&f, path, sizeof(path));
    fmt_str(&f, "/usr/share/zoneinfo/");
    fmt_str(&f, name);
    return zone_from_file(fmt_cstr(&f), z);
}

/* What the machine is set to: TZ, OpenWrt's /etc/TZ, everybody else's /etc/localtime. */
static bool zone_from_machine(const char *(*environment)(const char *name), struct zone *z)
{
    const char *tz = environment("TZ");

    if (tz != NULL && tz[0] != '\0')
        return zone_read(z, span_str(tz)) || zone_from_name(tz[0] == ':' ? tz + 1 : tz, z);
    return zone_from_file("/etc/TZ", z) || zone_from_file("/etc/localtime", z);
}

static void check_zone(struct server_settings *s, const char *(*environment)(const char *name),
                       struct config_errors *errors)
{
    bool local = strcmp(s->timezone, "local") == 0;

    if (local ? zone_from_machine(environment, &s->zone)
              : zone_read(&s->zone, span_str(s->timezone)) || zone_from_name(s->timezone, &s->zone))
        return;
    config_error(errors, 0,
                 SPAN("[server]: timezone is neither UTC, an offset such as +02:00, a TZ text such "
                      "as CET-1CEST,M3.5.0,M10.5.0/3, nor a name that /usr/share/zoneinfo knows"));
}

/* ---- routes ---- */

static void check_choice(const struct settings *s, const struct route_settings *r, int line,
                         struct route_choice *c, struct config_errors *errors)
{
    const struct model_settings *m = settings_find_model(s, span_str(c->model));
    char text[160];
    struct fmt f;

    if (m != NULL) {
        c->model_index = (size_t)(m - s->models);
        return;
    }
    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, "there is no [model ");
    fmt_str(&f, c->model);
    fmt_char(&f, ']');
    settings_error(errors, line, "route", r->name, fmt_cstr(&f));
}

/* A route's [check], and the models that a [check] asks. */
static void check_scores(struct settings *s, const struct settings_lines *lines,
                         struct config_errors *errors)
{
    for (size_t i = 0; i < s->check_count; i++) {
        const struct check_settings *c = &s->checks[i];

        if ((c->judge[0] != '\0' && settings_find_model(s, span_str(c->judge)) == NULL) ||
            (c->agree[0] != '\0' && settings_find_model(s, span_str(c->agree)) == NULL))
            settings_error(errors, lines->checks[i], "check", c->name,
                           "judge or agree names no [model]");
    }
    for (size_t i = 0; i < s->route_count; i++) {
        struct route_settings *r = &s->routes[i];

        if (r->check[0] == '\0')
            continue;
        r->check_index = 0;
        while (r->check_index < s->check_count &&
               strcmp(s->checks[r->check_index].name, r->check) != 0)
            r->check_index++;
        if (r->check_index == s->check_count)
            settings_error(errors, lines->routes[i], "route", r->name, "there is no such [check]");
    }
}

static void check_learning(const struct settings *s, const struct route_settings *r, int line,
                           struct config_errors *errors)
{
    const char *wrong = NULL;

    if (!r->learn)
        return;
    if (!route_judges(r, 0))
        wrong = "learn needs two tiers, and a score that answers of the first one need";
    else if (strchr(r->name, '/') != NULL)
        wrong = "learn: what is learned is kept in a file of the route's name, which has a '/'";
    else if (learning_count(s->routes, s->route_count) > LEARNING_ROUTES_MAX)
        wrong = "learn: no more than 4 routes can";
    if (wrong != NULL)
        settings_error(errors, line, "route", r->name, wrong);
}

static void check_routes(struct settings *s, const int *lines, struct config_errors *errors)
{
    for (size_t i = 0; i < s->route_count; i++) {
        struct route_settings *r = &s->routes[i];

        for (size_t t = 0; t < r->tier_count; t++)
            for (size_t c = 0; c < r->tiers[t].count; c++)
                check_choice(s, r, lines[i], &r->tiers[t].choices[c], errors);
        if (r->offline.model[0] != '\0')
            check_choice(s, r, lines[i], &r->offline, errors);
        for (size_t c = 0; c < r->fallback_count; c++)
            check_choice(s, r, lines[i], &r->fallbacks[c], errors);
        if (r->compress.summarize_model[0] != '\0' &&
            settings_find_model(s, span_str(r->compress.summarize_model)) == NULL)
            settings_error(errors, lines[i], "route", r->name,
                           "summarize in compress names no [model]");
        if (settings_find_model(s, span_str(r->name)) != NULL)
            settings_error(errors, lines[i], "route", r->name,
                           "has the name of a model: a client that asks for it would not know "
                           "which it gets");
        check_learning(s, r, lines[i], errors);
        if (r->difficulty != '\0' && s->classify.difficulty[0] == '\0')
            settings_error(
                errors, lines[i], "route", r->name,
                "difficulty: there are no weights to tell it by: make some with `farthing "
                "train --difficulty` and name them in [classify] difficulty");
        if (r->max_tokens > 0 && r->max_tokens < r->min_tokens)
            settings_error(errors, lines[i], "route", r->name,
                           "max_tokens is below min_tokens: nothing would ever match");
    }
}

void settings_check(struct settings *s, const struct settings_lines *lines,
                    const char *(*environment)(const char *name), struct config_errors *errors)
{
    check_zone(&s->server, environment, errors);
    check_upstreams(s, lines->upstreams, environment, errors);
    check_models(s, lines->models, errors);
    check_routes(s, lines->routes, errors);
    check_scores(s, lines, errors);
    check_budgets(s, lines->budgets, errors);
    check_keys(s, lines->keys, errors);
    if (s->cache.embeddings[0] != '\0' &&
        settings_find_model(s, span_str(s->cache.embeddings)) == NULL)
        config_error(errors, 0, SPAN("[cache]: embeddings names no [model]"));
    if (s->server.baseline[0] != '\0' &&
        settings_find_model(s, span_str(s->server.baseline)) == NULL)
        config_error(errors, 0, SPAN("[server]: baseline names no [model]"));
}
