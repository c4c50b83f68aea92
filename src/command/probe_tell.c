/* probe_tell - a sentence for each step of a probe. */
#include <stdarg.h>
#include <string.h>

#include "command/probe.h"
#include "http/date.h"
#include "tls/certificate.h"
#include "json/walk.h"

enum {
    TELL_SILENT_MS = 200,   /* a dial's head start for the next address, as good as */
    TELL_SKEW_MS = 300000,  /* Kerberos' bound for clocks that agree */
    TELL_DATE_LEN = 10,     /* of "2026-01-02T..." */
    TELL_TIME_LEN = 19,     /* likewise, with the seconds */
    TELL_SECRET_BYTES = 8,  /* so much of a key in a row is a part of it */
    TELL_WORDS_BYTES = 240, /* of a peer's text */
    TELL_MS_PER_MINUTE = 60000,
};

#define TELL_OK   "ok    "
#define TELL_NOTE "note  "
#define TELL_FAIL "FAIL  "

/* ---- words ---- */

/* Knows %s and %jd. */
__attribute__((format(printf, 2, 3))) static void say(struct fmt *out, const char *form, ...)
{
    va_list args;

    va_start(args, form);
    for (; *form != '\0'; form++)
        if (*form != '%') {
            fmt_char(out, *form);
        } else if (*++form == 's') {
            fmt_str(out, va_arg(args, const char *));
        } else {
            form++;
            fmt_i64(out, va_arg(args, intmax_t));
        }
    va_end(args);
}

static const char *tell_mark(bool good)
{
    return good ? TELL_OK : TELL_FAIL;
}

static void tell_time(struct fmt *out, int64_t unix_ms, size_t len)
{
    char text[32];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_time_utc(&f, unix_ms > 0 ? unix_ms : 0);
    fmt_text(out, span_part(fmt_span(&f), 0, len));
}

static void tell_addresses(struct fmt *out, const struct net_addr *addrs, size_t count,
                           void (*write)(struct fmt *out, const struct net_addr *a))
{
    for (size_t i = 0; i < count; i++) {
        fmt_str(out, i > 0 ? ", " : "");
        write(out, &addrs[i]);
    }
}

/* From the moment before, or from the one before that, to this one. */
static intmax_t tell_took(const struct probe *p, enum probe_moment to)
{
    int64_t from_ms = 0;

    for (size_t i = 0; i < (size_t)to; i++)
        if (p->at_ms[i] >= 0)
            from_ms = p->at_ms[i];
    return p->at_ms[to] - from_ms;
}

static bool tell_proxied(const struct probe *p)
{
    return p->up->proxy.kind != PROXY_NONE;
}

/* ---- before the call ---- */

static bool tell_key(const struct upstream_settings *u, struct fmt *out)
{
    bool none = u->key[0] == '\0';
    bool good = true;

    for (const char *c = u->key; *c != '\0'; c++)
        good = good && *c > ' ' && *c <= '~' && *c != '"' && *c != '\'';
    say(out, "%skey: %s%s\n", none && u->tls ? TELL_NOTE : tell_mark(good),
        none                     ? "none is sent"
        : u->key_file[0] != '\0' ? u->key_file
                                 : u->key_env,
        good ? "" : " holds a blank, a quote or another character that is in no key");
    return good;
}

static bool tell_is_sane(const struct probe *p)
{
    return p->wall_ms >= p->floor_ms || !p->up->tls;
}

bool probe_tell_before(const struct probe *p, struct fmt *out)
{
    bool good;

    say(out, "upstream %s: %s\n", p->up->name, p->up->url);
    good = tell_key(p->up, out);
    say(out, "%sclock: it says ", tell_mark(tell_is_sane(p)));
    tell_time(out, p->wall_ms, TELL_TIME_LEN);
    if (p->wall_ms < p->floor_ms)
        fmt_str(out, ", before this program was made: set it or wait for NTP; until then no "
                     "certificate can be checked");
    fmt_char(out, '\n');
    if (p->trouble != NULL)
        say(out, TELL_FAIL "%s\n", p->trouble);
    else if (p->ca != NULL)
        say(out, TELL_OK "CA bundle: %s, %jd authorities\n", p->ca,
            (intmax_t)tls_anchors_count(p->anchors));
    return good && p->trouble == NULL;
}

/* ---- the way there ---- */

static bool tell_name(const struct probe *p, struct fmt *out)
{
    const char *host = tell_proxied(p) ? p->up->proxy.text : p->up->host;
    const struct dial *d = &p->call->dial;
    bool found = d->addr_count > 0;
    struct net_addr address;

    if (net_addr_scan_host(span_str(host), &address))
        return true;
    say(out, "%sDNS: %s%s", tell_mark(found), host, found ? " is " : ": ");
    tell_addresses(out, d->addrs, d->addr_count, net_addr_fmt_host);
    if (!found)
        dial_why(d, out);
    if (p->server_count > 0) {
        fmt_str(out, "; asked ");
        tell_addresses(out, p->servers, p->server_count, net_addr_fmt_host);
    }
    if (found)
        say(out, " in %jd ms", tell_took(p, PROBE_NAMED));
    fmt_char(out, '\n');
    return found;
}

static bool tell_connect(const struct probe *p, struct fmt *out)
{
    const struct dial *d = &p->call->dial;
    bool reached = d->peer.family != NET_NONE;
    bool silent = reached && tell_took(p, PROBE_CONNECTED) >= TELL_SILENT_MS;

    say(out, "%sconnect: ", tell_mark(reached));
    if (!reached) {
        tell_addresses(out, d->addrs, d->addr_count, net_addr_fmt);
        fmt_str(out, ": ");
        dial_why(d, out);
    } else {
        net_addr_fmt(out, &d->peer);
        say(out, " in %jd ms", tell_took(p, PROBE_CONNECTED));
        if (!net_addr_equal(&d->addrs[0], &d->peer)) {
            fmt_str(out, ", as nothing came of ");
            net_addr_fmt(out, &d->addrs[0]);
            if (silent && d->addrs[0].family == NET_IPV6)
                fmt_str(out, "; IPv6 leads nowhere and delays each connection: mend it here, or "
                             "switch it off");
        }
    }
    fmt_char(out, '\n');
    return reached;
}

/* The end of a connection that was there: net/err's words are of one that was not. */
static void tell_broken(const struct dial *d, struct fmt *out)
{
    bool closed =
        d->err == NET_ERR_RESET || d->err == NET_ERR_CLOSED || d->tls_err == TLS_ERR_TRUNCATED;

    if (closed || d->err == NET_ERR_TIMEOUT)
        say(out, "%s: another service listens there%s",
            closed ? "closed at once" : "connected, and then nothing came",
            closed ? ", or a filter on the way dislikes the name" : ", or the server hangs");
    else
        dial_why(d, out);
}

static bool tell_tunnel(const struct probe *p, struct fmt *out)
{
    const struct dial *d = &p->call->dial;
    bool open = d->tunnel.step == TUNNEL_OPEN;

    say(out, "%sproxy: ", tell_mark(open));
    if (open)
        say(out, "lets through to %s in %jd ms", p->up->host, tell_took(p, PROBE_TUNNELLED));
    else
        tell_broken(d, out);
    fmt_char(out, '\n');
    return open;
}

/* ---- TLS ---- */

/* True when the bundle vouches for it, as far as names tell. */
static bool tell_certificate(const struct probe *p, const struct tls_shown_certificate *shown,
                             struct fmt *out)
{
    struct tls_certificate c;
    bool known;

    fmt_str(out, "      certificate: ");
    if (!tls_certificate_read(shown->der, &c))
        return false;
    known = tls_anchors_have(p->anchors, c.subject) || tls_anchors_have(p->anchors, c.issuer);
    tls_certificate_fmt_name(c.subject, out);
    if (c.hosts.len > 0)
        fmt_str(out, " for ");
    tls_certificate_fmt_hosts(c.hosts, out);
    fmt_str(out, ", by ");
    tls_certificate_fmt_name(c.issuer, out);
    fmt_str(out, ", from ");
    tell_time(out, shown->begins_unix_s * 1000, TELL_DATE_LEN);
    fmt_str(out, " to ");
    tell_time(out, shown->ends_unix_s * 1000, TELL_DATE_LEN);
    if (known)
        fmt_str(out, ", known to the CA bundle");
    return known;
}

static void tell_chain(const struct probe *p, struct fmt *out)
{
    bool known = false;

    for (size_t i = 0; i < p->shown.count && !known; i++) {
        known = tell_certificate(p, &p->shown.certificates[i], out);
        fmt_char(out, '\n');
    }
}

static bool tell_tls(const struct probe *p, struct fmt *out)
{
    bool up = p->at_ms[PROBE_READY] >= 0;

    say(out, "%sTLS: ", tell_mark(up));
    if (up)
        say(out, "1.2, %s in %jd ms", p->suite, tell_took(p, PROBE_READY));
    else
        tell_broken(&p->call->dial, out);
    fmt_char(out, '\n');
    tell_chain(p, out);
    return up;
}

/* ---- the models ---- */

static const struct {
    int below;
    const char *advice;
} tell_statuses[] = {
    {300,
     "but no list of models: another service answers; check the url, which mostly ends in /v1"},
    {400, "it redirects: the url must be where that leads to"},
    {401, "it does not understand: check the url and dialect"},
    {402, "the key is missing, mistyped, expired or another vendor's: see key_file and key_env"},
    {403, "no credit is left: see the vendor's billing page"},
    {404, "refused to this key, account, address or country: see the key's rights"},
    {405, "no models below that path: check the url, which mostly ends in /v1"},
    {429, "it does not understand: check the url and dialect"},
    {430, "too many requests or no credit left: wait, and see the vendor's billing page"},
    {500, "it does not understand: check the url and dialect"},
    {1000, "the vendor's own trouble: wait, and see its status page"},
};

/* Some vendors repeat the key in their message. */
static bool tell_holds_key(struct span text, struct span key)
{
    for (size_t i = 0; i + TELL_SECRET_BYTES <= key.len; i++)
        if (span_find(text, span_part(key, i, TELL_SECRET_BYTES)) < text.len)
            return true;
    return false;
}

/* The vendor's own words: {"error":{"message":"..."}} of most. */
static void tell_words(const struct probe *p, struct fmt *out)
{
    struct span body = span_of(p->body, p->body_len);
    struct span text = SPAN_EMPTY;

    if (json_walk_valid(body))
        text = json_walk_text(json_walk_get(body, "error"), "message");
    if (p->call->head.status < 400)
        text = http_head_field(&p->call->head, "location");
    if (text.len == 0 || tell_holds_key(text, span_str(p->up->key)))
        return;
    fmt_str(out, "; it says: ");
    fmt_visible(out, text, TELL_WORDS_BYTES);
}

static bool tell_list(const struct probe *p, struct fmt *out)
{
    bool good = p->missing == 0;
    const char *before = ", but not ";

    say(out, "%smodels: %jd listed in %jd ms%s", tell_mark(good), (intmax_t)p->list.count,
        tell_took(p, PROBE_ANSWERED),
        good && p->settings->model_count > 0 ? ", all that are configured among them" : "");
    for (size_t i = 0; i < p->settings->model_count; i++)
        if (p->wanted[i]) {
            say(out, "%s%s", before, p->settings->models[i].id);
            before = ", ";
        }
    fmt_str(out, good ? "\n" : ": correct the id, or get access\n");
    return good;
}

static bool tell_models(const struct probe *p, struct fmt *out)
{
    const struct call *c = p->call;
    size_t i = 0;

    if (c->state == CALL_ENDED && c->head.status == 200 && p->list.count > 0)
        return tell_list(p, out);
    fmt_str(out, TELL_FAIL "models: ");
    if (c->state == CALL_ENDED) {
        while (c->head.status >= tell_statuses[i].below)
            i++;
        say(out, "status %jd, %s", (intmax_t)c->head.status, tell_statuses[i].advice);
        tell_words(p, out);
    } else {
        fmt_str(out, c->failure == CALL_FAIL_TIMEOUT ? "no answer in time"
                     : c->failure == CALL_FAIL_HTTP  ? "the answer is no HTTP"
                                                     : "closed before the answer was whole");
        fmt_str(out, ": another service listens there, or check http:// and https:// of the url");
    }
    fmt_char(out, '\n');
    return false;
}

/* The server's own clock, when ours is far from it. */
static void tell_skew(const struct probe *p, struct fmt *out)
{
    int64_t theirs_ms;
    int64_t ahead_ms;

    if (!http_date_read(http_head_field(&p->call->head, "date"), &theirs_ms))
        return;
    ahead_ms = p->wall_ms + p->at_ms[PROBE_ANSWERED] - theirs_ms;
    if (ahead_ms < TELL_SKEW_MS && ahead_ms > -TELL_SKEW_MS)
        return;
    say(out, TELL_NOTE "clock: %jd minutes ahead of the server's, which says ",
        (intmax_t)(ahead_ms / TELL_MS_PER_MINUTE));
    tell_time(out, theirs_ms, TELL_TIME_LEN);
    fmt_char(out, '\n');
}

bool probe_tell(const struct probe *p, struct fmt *out)
{
    bool good = tell_name(p, out) && tell_connect(p, out) &&
                (!tell_proxied(p) || tell_tunnel(p, out)) && (!p->up->tls || tell_tls(p, out)) &&
                tell_models(p, out);

    tell_skew(p, out);
    return good && tell_is_sane(p);
}
