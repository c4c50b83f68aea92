#include "scene.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/check.h"
#include "fake_state.h"
#include "gateway/build.h"

enum { SCENE_CONFIG_BYTES = 16384, SCENE_HOUR_MS = 3600000 };

/* The configuration that every scenario begins with. */
static const struct base_key {
    const char *section; /* of the short names that a scenario uses */
    const char *header;  /* of the first key of a section */
    const char *key;
    const char *value;
} base_keys[] = {
    {"server", "[server]", "listen", "127.0.0.1:8080"},
    {"server", NULL, "memory", "2M"},
    {"server", NULL, "connections", "8"},
    {"server", NULL, "log_level", "debug"},
    {"ledger", "[ledger]", "path", SCENE_LEDGER},
    {"ledger", NULL, "sync", "each"},
    {"up", "[upstream up]", "url", "http://10.0.0.9:8000"},
    {"up", NULL, "connections", "4"},
    {"m", "[model m]", "upstream", "up"},
    {"m", NULL, "id", "vendor-m"},
    {"m", NULL, "input", "1"},
    {"m", NULL, "output", "2"},
};

_Noreturn void scene_die(const char *law, const char *detail)
{
    (void)!write(2, "scene: ", 7);
    (void)!write(2, law, strlen(law));
    (void)!write(2, ": ", 2);
    (void)!write(2, detail, strlen(detail));
    (void)!write(2, "\n", 1);
    abort();
}

static void hear(struct scene *s, struct span line)
{
    size_t len = line.len < sizeof s->said - 2 - s->said_len ? line.len : 0;

    memcpy(s->said + s->said_len, line.ptr, len);
    s->said_len += len;
    if (len > 0)
        s->said[s->said_len++] = '\n';
    s->said[s->said_len] = '\0';
}

static void on_diag(void *ctx, enum diag_level level, struct span line)
{
    (void)level;
    hear(ctx, line);
}

static void on_config_error(void *ctx, struct span line)
{
    hear(ctx, line);
}

/* "SECTION.KEY = VALUE": the key's name when it is of this section, else empty. */
static struct span key_of(struct span line, const char *section)
{
    struct span rest = line;
    struct span name;
    size_t dot = span_find_byte(line, '.');

    if (!span_equal(span_part(line, 0, dot), span_str(section)))
        return SPAN_EMPTY;
    rest = span_part(line, dot + 1, line.len);
    return span_split(&rest, '=', &name) ? span_trim(name) : SPAN_EMPTY;
}

static bool is_override(struct span line, const char *section, const char *key)
{
    return span_equal(key_of(line, section), span_str(key));
}

static bool overridden(struct span config, const struct base_key *k)
{
    struct span line;

    while (span_split(&config, '\n', &line))
        if (is_override(line, k->section, k->key))
            return true;
    return false;
}

/* The scenario's own keys of one section. */
static void add_overrides(struct fmt *f, struct span config, const char *section)
{
    struct span line;

    while (span_split(&config, '\n', &line)) {
        if (key_of(line, section).len == 0)
            continue;
        fmt_text(f, span_part(line, span_find_byte(line, '.') + 1, line.len));
        fmt_char(f, '\n');
    }
}

static void compose(struct fmt *f, struct span config)
{
    struct span line;

    for (size_t i = 0; i < ARRAY_LEN(base_keys); i++) {
        const struct base_key *k = &base_keys[i];

        if (k->header != NULL) {
            fmt_str(f, k->header);
            fmt_char(f, '\n');
            add_overrides(f, config, k->section);
        }
        if (overridden(config, k))
            continue;
        fmt_str(f, k->key);
        fmt_str(f, " = ");
        fmt_str(f, k->value);
        fmt_char(f, '\n');
    }
    while (span_split(&config, '\n', &line)) {
        bool inside = false;

        for (size_t i = 0; i < ARRAY_LEN(base_keys); i++)
            inside = inside || key_of(line, base_keys[i].section).len > 0;
        if (inside)
            continue;
        fmt_text(f, line);
        fmt_char(f, '\n');
    }
}

static const char *no_environment(const char *name)
{
    (void)name;
    return NULL;
}

static void arm(struct scene *s, const struct scene_options *o)
{
    struct gateway *g = s->gateway;
    uint32_t at = (uint32_t)o->fault_at;

    switch (o->fault) {
    case SCENE_FAULT_CONNS:
        g->conns.fail_at = at;
        break;
    case SCENE_FAULT_EXCHANGES:
        g->exchanges.fail_at = at;
        break;
    case SCENE_FAULT_TLS:
        g->tls_slots.fail_at = at;
        break;
    case SCENE_FAULT_CLIENT_TLS:
        g->server.tls.slots.fail_at = at;
        break;
    case SCENE_FAULT_BODIES:
        g->bodies.fail_at = at;
        break;
    case SCENE_FAULT_VENDOR_CONNS:
        if (g->vendor != NULL)
            g->vendor->conns.fail_at = at;
        break;
    case SCENE_FAULT_VENDOR_ANSWERS:
        if (g->vendor != NULL)
            g->vendor->answers.fail_at = at;
        break;
    case SCENE_FAULT_DESCRIPTORS:
        fake_fail_descriptor_at(o->fault_at);
        break;
    case SCENE_FAULT_DISK:
        fake_disk_fail_at(o->fault_at, 28);
        break;
    case SCENE_FAULT_NONE:
    case SCENE_FAULT_COUNT:
        break;
    }
}

bool scene_start(struct scene *s, struct span config)
{
    char text[SCENE_CONFIG_BYTES];
    struct config_errors errors = {.tell = on_config_error, .ctx = s, .file = "scene"};
    struct fmt f;

    fmt_init(&f, text, sizeof text);
    compose(&f, config);
    memset(&s->settings, 0, sizeof s->settings);
    s->stopped = false;
    s->why[0] = '\0';
    if (!settings_read(&s->settings, fmt_span(&f), no_environment, &errors))
        scene_die("a configuration was refused", s->said);
    fmt_init(&f, s->why, sizeof s->why - 1);
    s->gateway = build_gateway(&s->settings, &f);
    if (s->gateway == NULL) {
        (void)fmt_cstr(&f);
        return false;
    }
    s->gateway->diag.emit = on_diag;
    s->gateway->diag.emit_ctx = s;
    if (!gateway_start(s->gateway, &s->serve, &f)) {
        (void)fmt_cstr(&f);
        scene_kill(s);
        return false;
    }
    resolver_init(s->gateway->resolver, &s->gateway->loop, SCENE_RESOLV_CONF, SCENE_HOSTS);
    s->listener = s->gateway->listeners[0].addr;
    return true;
}

/* A file without a folder: nothing is left of it when the program ends. */
void scene_config_file(struct scene *s, struct span config)
{
    char text[SCENE_CONFIG_BYTES];
    int fd = memfd_create("scene", 0);
    struct fmt f;

    fmt_init(&f, text, sizeof text);
    compose(&f, config);
    if (fd < 0 || write(fd, text, fmt_span(&f).len) != (ssize_t)fmt_span(&f).len)
        scene_die("no memory for a file", "");
    fmt_init(&f, s->config_path, sizeof s->config_path);
    fmt_str(&f, "/proc/self/fd/");
    fmt_i64(&f, fd);
    (void)fmt_cstr(&f);
    s->serve.config_path = s->config_path;
}

bool scene_open(struct scene *s, struct span config, const struct scene_options *o)
{
    memset(s, 0, sizeof *s);
    fake_reset(o->seed);
    fake_set_chop(o->chop);
    fake_set_wall_ms(o->wall_ms != 0 ? o->wall_ms : SCENE_WALL_MS);
    fake_disk_reset(o->seed);
    if (!scene_start(s, config))
        return false;
    arm(s, o);
    return true;
}

static void turn(struct scene *s)
{
    if (!s->stopped && !gateway_turn(s->gateway))
        s->stopped = true;
    if (s->stopped)
        fake_machine.waited = true;
}

void scene_settle(struct scene *s)
{
    if (s->gateway == NULL)
        return;
    fake_machine.frozen = true;
    do {
        fake_machine.waited = false;
        turn(s);
    } while (!fake_machine.waited);
    fake_machine.frozen = false;
}

void scene_run(struct scene *s, int64_t ms)
{
    if (s->gateway == NULL)
        return;
    fake_machine.stop_ms = fake_machine.now_ms + ms;
    while (fake_machine.now_ms < fake_machine.stop_ms && !s->stopped)
        turn(s);
    if (s->stopped)
        fake_machine.now_ms = fake_machine.stop_ms;
    fake_machine.stop_ms = INT64_MAX;
    scene_settle(s);
}

static void unmap(struct scene *s)
{
    struct arena a = s->gateway->arena;

    s->gateway = NULL;
    arena_unmap(&a);
}

void scene_kill(struct scene *s)
{
    if (s->gateway != NULL)
        unmap(s);
}

static void law(bool holds, const struct scene *s, const char *what)
{
    if (!holds)
        scene_die(what, s->said);
}

static void hang_up(void)
{
    for (int handle = 1; handle <= fake_machine.side_count; handle++) {
        struct fake_side *e = fake_side(handle);

        if (!e->is_program && e->is_open && e->kind == FAKE_STREAM && e->other != 0)
            fake_close(handle);
    }
}

static uint64_t calls_of(const struct config_use *use)
{
    uint64_t calls = 0;

    for (size_t i = 0; i < use->settings.upstream_count; i++)
        calls += use->upstreams[i].calls;
    return calls;
}

static void check_places(const struct scene *s, const struct config_use *use)
{
    law(use->users == 0, s, "a configuration is still in use");
    for (size_t i = 0; i < use->settings.upstream_count; i++) {
        law(use->upstreams[i].busy == 0, s, "an upstream's place is still taken");
        law(use->upstreams[i].queued == 0, s, "a call still waits");
    }
}

static void check_idle(struct scene *s)
{
    const struct gateway *g = s->gateway;

    law(g->exchanges.in_use == 0, s, "an exchange was not given back");
    law(g->conns.in_use == 0, s, "a client connection was not given back");
    law(g->server.tls.slots.in_use == 0, s, "a client's TLS slot was not given back");
    law(g->vendor == NULL || g->vendor->answers.in_use == 0, s, "the stand-in still answers");
    law(g->bodies.in_use == 0, s, "a body was not given back");
    check_places(s, g->uses[0]);
    check_places(s, g->uses[1]);
}

size_t scene_ledger(struct span text, struct ledger_line *last, int64_t *cost_pusd)
{
    struct span line;
    size_t lines = 0;

    *cost_pusd = 0;
    memset(last, 0, sizeof *last);
    while (span_split(&text, '\n', &line)) {
        if (line.len == 0 || ++lines <= 2)
            continue;
        if (!ledger_line_read(last, line))
            scene_die("a line of the ledger is damaged", "");
        *cost_pusd += last->cost_pusd;
    }
    return lines > 2 ? lines - 2 : 0;
}

/* On a disk that took every write; of what was renamed meanwhile the file knows nothing. */
static void check_ledger(struct scene *s)
{
    const struct gateway *g = s->gateway;
    struct ledger_line last;
    int64_t cost_pusd;
    size_t lines = scene_ledger(fake_disk_text(SCENE_LEDGER), &last, &cost_pusd);

    law(g->ledger.lines == calls_of(g->uses[0]) + calls_of(g->uses[1]) + g->counts.hits +
                               g->counts.coalesced + g->counts.batched - g->counts.batch_calls,
        s, "not every call has its line");
    if (g->ledger.lines_lost > 0 || g->ledger.failing || g->ledger.rotations > 0)
        return;
    law(lines >= g->ledger.lines, s, "lines are missing in the file");
    law(lines > g->ledger.lines || cost_pusd == g->counts.spent_pusd, s,
        "the ledger's sum is not what was spent");
}

void scene_end(struct scene *s)
{
    if (s->gateway == NULL)
        return;
    hang_up();
    scene_settle(s);
    scene_run(s, SCENE_HOUR_MS);
    hang_up();
    scene_run(s, SCENE_HOUR_MS);
    if (!s->stopped)
        check_idle(s);
    gateway_close(s->gateway);
    law(fake_open_count() == 0, s, "a descriptor is left open");
    law(s->gateway->exchanges.in_use == 0, s, "an exchange was not given back at the end");
    check_ledger(s);
    law(fake_disk_open_count() == 0, s, "a file is left open");
    unmap(s);
}
