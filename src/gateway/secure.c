#include "gateway/secure.h"

#include <string.h>

#include "base/check.h"
#include "base/version.h"
#include "config/file.h"
#include "gateway/gateway.h"
#include "net/sys.h"

enum {
    SECURE_LOOK_MS = 86400000,
    SECURE_QUIET_MS = 60000,
    SECURE_MS_PER_DAY = 86400000,
    SECURE_WHY_BYTES = 512,
};

/* ---- files ---- */

static bool secure_read(const char *path, char text[TLS_PEM_BYTES_MAX], struct span *out,
                        struct fmt *why)
{
    size_t len = 0;
    int result = config_file_read(path, text, TLS_PEM_BYTES_MAX, &len);

    *out = span_of(text, len);
    fmt_str(why, path);
    fmt_char(why, ' ');
    if (result == 0)
        return true;
    fmt_str(why, "cannot be read: ");
    fmt_str(why, sys_error_text(result));
    return false;
}

const char *secure_load(struct tls_identity *id, const struct server_settings *s, struct fmt *why)
{
    char texts[2][TLS_PEM_BYTES_MAX];
    char paths[2][SETTINGS_PATH_BYTES + SECURE_WHY_BYTES];
    struct fmt f[2];
    struct span pem[2];
    enum tls_identity_fault fault;
    const char *at_fault = NULL;

    fmt_init(&f[0], paths[0], sizeof(paths[0]));
    fmt_init(&f[1], paths[1], sizeof(paths[1]));
    memset(id, 0, tls_identity_bytes());
    if (!secure_read(s->tls_cert, texts[0], &pem[0], &f[0])) {
        at_fault = "tls_cert";
        fmt_text(why, fmt_span(&f[0]));
    } else if (!secure_read(s->tls_key, texts[1], &pem[1], &f[1])) {
        at_fault = "tls_key";
        fmt_text(why, fmt_span(&f[1]));
    } else if ((fault = tls_identity_load(id, pem[0], pem[1])) != TLS_IDENTITY_GOOD) {
        bool of_key = tls_identity_fault_is_of_key(fault);

        at_fault = of_key ? "tls_key" : "tls_cert";
        fmt_text(why, fmt_span(&f[of_key ? 1 : 0]));
        fmt_str(why, tls_identity_fault_text(fault));
    }
    explicit_bzero(texts, sizeof(texts));
    return at_fault;
}

/* ---- words ---- */

static int64_t secure_left_ms(const struct tls_identity *id, int64_t wall_ms)
{
    return tls_identity_ends(id) * 1000 - wall_ms;
}

void secure_fmt(const struct tls_identity *id, int64_t wall_ms, struct fmt *out)
{
    int64_t left_ms = secure_left_ms(id, wall_ms);

    tls_identity_fmt_names(id, out);
    fmt_str(out, " (");
    tls_identity_fmt_key(id, out);
    fmt_str(out, "), valid until ");
    fmt_time_utc(out, tls_identity_ends(id) * 1000);
    if (left_ms <= 0)
        return;
    fmt_str(out, ", ");
    fmt_i64(out, left_ms / SECURE_MS_PER_DAY);
    fmt_str(out, " days");
}

const char *secure_worry(const struct tls_identity *id, int64_t wall_ms)
{
    int64_t left_ms = secure_left_ms(id, wall_ms);

    if (left_ms <= 0)
        return "has expired: clients refuse it";
    if (wall_ms < tls_identity_begins(id) * 1000)
        return "is not valid yet: clients refuse it, or the clock of this machine is wrong";
    if (left_ms < (int64_t)SECURE_WARN_DAYS * SECURE_MS_PER_DAY)
        return "expires soon: put another in its place, and send SIGHUP";
    return NULL;
}

static void secure_tell(struct gateway *g, enum diag_level level, const char *what,
                        const char *worry)
{
    struct diag_line l;

    diag_open(&g->diag, level, &l);
    fmt_str(&l.text, what);
    secure_fmt(g->secure.current, gateway_wall_ms(g), &l.text);
    if (worry != NULL) {
        fmt_str(&l.text, ", ");
        fmt_str(&l.text, worry);
    }
    diag_close(&l);
}

/* ---- life ---- */

bool secure_carve(struct gateway *g, const struct settings *s, struct fmt *why)
{
    uint32_t slots = (uint32_t)s->server.tls_connections;
    uint32_t sessions = slots * SECURE_SESSIONS_PER_CONNECTION;
    struct conn_tls *t = &g->server.tls;
    char *identities;

    if (!settings_has_tls(&s->server))
        return true;
    identities = arena_carve(&g->arena, "TLS certificates", 2, tls_identity_bytes());
    t->sessions = arena_carve(&g->arena, "TLS resumption", 1, tls_sessions_bytes(sessions));
    if (identities == NULL || t->sessions == NULL ||
        !pool_carve(&t->slots, &g->arena, "client TLS", slots, tls_server_bytes()))
        return false;
    tls_sessions_init(t->sessions, sessions);
    t->aes_first = version_tls_aes_first();
    g->secure.identities[0] = (struct tls_identity *)(void *)identities;
    g->secure.identities[1] = (struct tls_identity *)(void *)(identities + tls_identity_bytes());
    g->secure.current = g->secure.identities[0];
    t->identity = g->secure.current;
    return secure_load(g->secure.current, &s->server, why) == NULL;
}

static struct tls_identity *secure_other(const struct gateway *g)
{
    return g->secure.identities[g->secure.current == g->secure.identities[0] ? 1 : 0];
}

bool secure_is_busy(const struct gateway *g)
{
    if (g->secure.current == NULL)
        return false;
    for (uint32_t i = 0; i < g->conns.count; i++) {
        const struct conn *c = pool_at(&g->conns, i);

        if (c != NULL && c->identity == secure_other(g))
            return true;
    }
    return false;
}

void secure_reload(struct gateway *g, const struct server_settings *s)
{
    struct tls_identity *next;
    char text[SECURE_WHY_BYTES];
    struct fmt why;

    if (g->secure.current == NULL || s->tls_cert[0] == '\0')
        return;
    CHECK(!secure_is_busy(g));
    next = secure_other(g);
    fmt_init(&why, text, sizeof(text));
    if (secure_load(next, s, &why) != NULL) {
        gateway_tell(g, DIAG_ERROR, "reload: the old certificate stays: ", fmt_span(&why));
        return;
    }
    if (tls_identity_same(next, g->secure.current)) {
        tls_identity_wipe(next);
        return;
    }
    g->secure.current = next;
    g->server.tls.identity = next;
    tls_sessions_forget(g->server.tls.sessions);
    g->secure.look_ms = g->loop.now_ms + SECURE_LOOK_MS;
    secure_tell(g, DIAG_INFO,
                "reload: the new certificate is in use: ", secure_worry(next, gateway_wall_ms(g)));
}

void secure_tick(struct gateway *g, int64_t now_ms)
{
    const char *worry;

    if (g->server.tls.slots.in_use <= g->server.tls.slots.count / 2)
        g->secure.full_told = false;
    if (g->secure.current == NULL || now_ms < g->secure.look_ms)
        return;
    g->secure.look_ms = now_ms + SECURE_LOOK_MS;
    worry = secure_worry(g->secure.current, gateway_wall_ms(g));
    if (worry != NULL)
        secure_tell(g, DIAG_WARN, "the certificate for ", worry);
}

int64_t secure_deadline_ms(const struct gateway *g)
{
    return g->secure.current != NULL ? g->secure.look_ms : LOOP_NEVER;
}

/* ---- troubles ---- */

static void secure_say(struct fmt *f, const struct conn *c, enum conn_trouble what)
{
    switch (what) {
    case CONN_TROUBLE_TLS:
        if (c->stream.tls_err == TLS_OK || c->stream.tls_err == TLS_ERR_TRUNCATED) {
            fmt_str(f, "it left in the middle of the TLS handshake: perhaps it does not trust the "
                       "certificate");
            return;
        }
        fmt_str(f, tls_err_text(c->stream.tls_err));
        if (c->stream.tls_err >= TLS_ERR_CLIENT_OLD) { /* the others' advice is for clients */
            fmt_str(f, "; ");
            fmt_str(f, tls_err_advice(c->stream.tls_err));
        }
        if (c->stream.tls_code != 0) {
            fmt_str(f, " (code ");
            fmt_i64(f, c->stream.tls_code);
            fmt_char(f, ')');
        }
        return;
    case CONN_TROUBLE_TLS_SLOW:
        fmt_str(f, "its TLS handshake took too long");
        return;
    case CONN_TROUBLE_TLS_FULL:
        fmt_str(f, "no place for its TLS handshake became free (key [server] tls_connections)");
        return;
    case CONN_TROUBLE_HTTP_TO_TLS:
        fmt_str(f, "it spoke http to an https listener: its URL must begin with https://");
        return;
    case CONN_TROUBLE_TLS_TO_HTTP:
        fmt_str(f, "it spoke TLS to a plain listener: its URL must begin with http://, or the "
                   "listener with https:// (key [server] listen)");
        return;
    }
}

void secure_trouble(struct conn *c, enum conn_trouble what, int64_t now_ms)
{
    struct gateway *g = c->server->owner;
    size_t kind = what == CONN_TROUBLE_TLS
                      ? (size_t)CONN_TROUBLE_TLS_TO_HTTP + 1 + (size_t)c->stream.tls_err
                      : (size_t)what;
    struct diag_line l;

    CHECK(kind < SECURE_TROUBLES);
    if (now_ms < g->secure.troubles[kind].quiet_until_ms) {
        g->secure.troubles[kind].untold++;
        return;
    }
    diag_open(&g->diag, DIAG_WARN, &l);
    fmt_str(&l.text, "client ");
    net_addr_fmt_host(&l.text, &c->peer);
    fmt_str(&l.text, ": ");
    secure_say(&l.text, c, what);
    if (g->secure.troubles[kind].untold > 0) {
        fmt_str(&l.text, " (and ");
        fmt_u64(&l.text, g->secure.troubles[kind].untold);
        fmt_str(&l.text, " like it before)");
    }
    diag_close(&l);
    g->secure.troubles[kind].untold = 0;
    g->secure.troubles[kind].quiet_until_ms = now_ms + SECURE_QUIET_MS;
}
