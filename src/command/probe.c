/* probe - goes the whole way to an upstream once, and tells each step. */
#include "command/probe.h"

#include <string.h>

#include "base/version.h"
#include "command/command.h"
#include "gateway/build.h"
#include "gateway/load.h"
#include "net/sys.h"

static bool probe_head(void *ctx, struct fmt *out)
{
    const struct upstream_settings *u = ((const struct probe *)ctx)->up;
    bool anthropic = u->dialect == DIALECT_ANTHROPIC;
    struct emit e;

    upstream_emit_begin(u, "GET", anthropic ? SPAN("/v1/models?limit=1000") : SPAN("/v1/models"),
                        anthropic, &e, out);
    if (anthropic)
        emit_field(&e, "anthropic-version", SPAN("2023-06-01"));
    emit_field(&e, "User-Agent", SPAN("farthing"));
    upstream_emit_configured(u, &e);
    emit_field(&e, "Accept-Encoding", SPAN("identity"));
    return emit_end(&e) && fmt_ok(out);
}

static void probe_take(void *ctx, struct span id)
{
    struct probe *p = ctx;

    for (size_t i = 0; i < p->settings->model_count; i++)
        if (p->wanted[i] && model_list_is(id, span_str(p->settings->models[i].id))) {
            p->wanted[i] = false;
            p->missing--;
        }
}

static void probe_nothing(void *ctx, int64_t now_ms)
{
    (void)ctx;
    (void)now_ms;
}

static void probe_mark(int64_t *at_ms, bool reached, int64_t since_ms)
{
    if (reached && *at_ms < 0)
        *at_ms = since_ms;
}

/* What has come about since the last look. */
static void probe_look(struct probe *p, const struct call *c, int64_t since_ms)
{
    const struct dial *d = &c->dial;
    bool ready = c->state >= CALL_SEND && (c->state != CALL_FAILED || d->err == NET_OK);

    probe_mark(&p->at_ms[PROBE_NAMED], d->addr_count > 0, since_ms);
    probe_mark(&p->at_ms[PROBE_CONNECTED], d->peer.family != NET_NONE, since_ms);
    probe_mark(&p->at_ms[PROBE_TUNNELLED], d->tunnel.step == TUNNEL_OPEN, since_ms);
    probe_mark(&p->at_ms[PROBE_READY], ready, since_ms);
    probe_mark(&p->at_ms[PROBE_ANSWERED], c->head.status >= 200, since_ms);
    if (ready && c->stream.tls != NULL) {
        struct fmt f;

        fmt_init(&f, p->suite, sizeof(p->suite));
        tls_session_fmt_suite(c->stream.tls, &f);
        (void)fmt_cstr(&f);
    }
}

static void probe_read(struct probe *p, struct call *c, int64_t now_ms)
{
    struct span payload;

    while (c->state == CALL_ANSWERING && call_next(c, &payload, now_ms) == CALL_GOT) {
        struct span kept = span_part(payload, 0, sizeof(p->body) - p->body_len);

        memcpy(p->body + p->body_len, kept.ptr, kept.len);
        p->body_len += kept.len;
        model_list_feed(&p->list, payload);
        call_used(c, payload.len);
    }
}

/* The call points to `up` even after its end. */
static void probe_call(struct probe *p, struct gateway *g, struct upstream *up, struct call *c)
{
    struct splice none;
    int64_t start_ms = sys_mono_ms();
    int64_t now_ms = start_ms;

    g->dialer.clock_floor_unix_ms = 0; /* see how far it comes */
    g->dialer.shown = &p->shown;
    upstream_init(up, p->up, &g->shared);
    splice_start(&none, SPAN_EMPTY);
    call_init(c, up, g->resolve_storage);
    call_start(c, probe_head, &none, probe_nothing, p, now_ms);
    while (c->state != CALL_ENDED && c->state != CALL_FAILED &&
           now_ms - start_ms < p->up->connect_timeout_ms + 2 * PROBE_ANSWER_MS) {
        loop_turn(&g->loop);
        now_ms = g->loop.now_ms;
        probe_look(p, c, now_ms - start_ms);
        probe_read(p, c, now_ms);
    }
    call_close(c, now_ms); /* one that drips for ever */
    p->server_count = resolve_servers(c->dial.resolve, p->servers);
}

static bool probe_steps(struct probe *p, struct fmt *out)
{
    char text[512];
    struct fmt why;
    struct gateway *g;
    struct upstream up;
    struct call call;
    struct arena a;
    bool good = false;

    fmt_init(&why, text, sizeof(text));
    g = build_caller(p->ca != NULL ? &p->ca : NULL, &why);
    if (g != NULL)
        p->anchors = g->anchors;
    else
        p->trouble = fmt_cstr(&why);
    p->call = &call;
    if (probe_tell_before(p, out) && command_out(fmt_span(out))) {
        fmt_init(out, out->ptr, out->cap_bytes); /* seen while the rest is waited for */
        probe_call(p, g, &up, &call);
        good = probe_tell(p, out);
    }
    if (g != NULL) {
        a = g->arena;
        arena_unmap(&a);
    }
    return good;
}

/* True when all is well. */
static bool probe_upstream(struct upstream_settings *u, const struct settings *s)
{
    char text[PROBE_TEXT_BYTES];
    struct fmt out;
    struct probe p;
    bool good;

    if (u->dialect == DIALECT_STANDIN)
        return command_out(SPAN("the stand-in is built in: there is no way to go\n"));
    u->first_byte_timeout_ms = PROBE_ANSWER_MS;
    u->idle_timeout_ms = PROBE_ANSWER_MS;
    memset(&p, 0, sizeof(p));
    p.up = u;
    p.settings = s;
    p.wall_ms = sys_wall_ms();
    p.floor_ms = version_build_unix_s() * 1000;
    p.ca = u->tls ? s->server.ca : NULL;
    memset(p.at_ms, -1, sizeof(p.at_ms));
    for (size_t i = 0; i < s->model_count; i++)
        if (&s->upstreams[s->models[i].upstream_index] == u) {
            p.wanted[i] = true;
            p.missing++;
        }
    model_list_start(&p.list, probe_take, &p);
    fmt_init(&out, text, sizeof(text));
    good = probe_steps(&p, &out);
    return command_out(fmt_span(&out)) && good;
}

/* A url alone takes the place of the upstream that has its host, if there is one, and has its key,
 * proxy and dialect. */
static struct upstream_settings *probe_url(struct settings *s, struct span url, struct fmt *why)
{
    struct upstream_settings it;
    size_t i = 0;

    if (!upstream_parse_url(&it, url, why))
        return NULL;
    while (i < s->upstream_count &&
           (strcmp(s->upstreams[i].host, it.host) != 0 || s->upstreams[i].port != it.port ||
            s->upstreams[i].tls != it.tls))
        i++;
    if (i == s->upstream_count) {
        i = 0;
        memset(&s->upstreams[0], 0, sizeof(s->upstreams[0]));
        memcpy(s->upstreams[0].name, "url", sizeof("url"));
        s->upstreams[0].connections = 1;
        s->upstreams[0].connect_timeout_ms = PROBE_CONNECT_MS;
    }
    s->model_count = 0;
    return upstream_parse_url(&s->upstreams[i], url, why) ? &s->upstreams[i] : NULL;
}

static int probe_all(struct settings *s, const char *name)
{
    int status = COMMAND_OK;
    size_t count = 0;

    for (size_t i = 0; i < s->upstream_count; i++)
        if (name == NULL || strcmp(s->upstreams[i].name, name) == 0) {
            count++;
            if (!probe_upstream(&s->upstreams[i], s))
                status = COMMAND_FAILED;
        }
    return count > 0 ? status : command_wrong("no url, and no [upstream] of that name", name);
}

int command_probe(int argc, char **argv)
{
    struct serve_options o = {0};
    const char *target = NULL;
    struct settings settings;
    struct diag diag;
    char text[128];
    struct fmt why;
    struct upstream_settings *url;
    bool is_url;

    for (int i = 0; i < argc; i++) {
        bool wrong = false;

        if (command_option(argc, argv, &i, "-c", &o.config_path, &wrong)) {
            if (wrong)
                return command_wrong("a value is missing behind", argv[i]);
        } else if (target != NULL || argv[i][0] == '-') {
            return command_wrong("unknown argument", argv[i]);
        } else {
            target = argv[i];
        }
    }
    is_url = target != NULL && strstr(target, "://") != NULL;
    /* A url needs no configuration, but takes what there is. */
    diag_init(&diag, DIAG_WARN, is_url && o.config_path == NULL ? -1 : 2);
    memset(&settings, 0, sizeof(settings));
    if (!load_settings(&o, &settings, &diag) && diag.fd >= 0)
        return COMMAND_USAGE;
    fmt_init(&why, text, sizeof(text));
    fmt_str(&why, "the url ");
    if (!is_url)
        return probe_all(&settings, target);
    url = probe_url(&settings, span_str(target), &why);
    if (url == NULL)
        return command_wrong(fmt_cstr(&why), target);
    return probe_upstream(url, &settings) ? COMMAND_OK : COMMAND_FAILED;
}
