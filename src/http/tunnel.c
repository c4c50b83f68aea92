#include "http/tunnel.h"

#include "base/addr.h"
#include "base/base64.h"
#include "base/check.h"
#include "base/scan.h"

enum {
    PROXY_PORT_HTTP = 3128, /* Squid's, which the others took over */
    PROXY_PORT_SOCKS = 1080,
    STATUS_AT = 9, /* in "HTTP/1.1 200" */
    STATUS_END = 12,
    SOCKS_VERSION = 5,
    SOCKS_NO_AUTH = 0,
    SOCKS_USER_PASSWORD = 2,
    SOCKS_NO_METHOD = 0xff,
    SOCKS_USER_VERSION = 1, /* RFC 1929 */
    SOCKS_CONNECT = 1,
    SOCKS_IPV4 = 1,
    SOCKS_NAME = 3,
    SOCKS_IPV6 = 4,
    SOCKS_REPLY_BYTES = 5, /* up to the first of the address, which may be its length */
};

/* ---- the configured form ---- */

static bool proxy_hex(struct span digits, char *out)
{
    uint8_t byte;

    if (!scan_hex_bytes(digits, &byte, 1) || byte < ' ')
        return false;
    *out = (char)byte;
    return true;
}

/* Appends a part with its NUL; false when it has no place or is badly encoded. */
static bool proxy_put(struct proxy *p, size_t *at, struct span part, bool encoded)
{
    for (size_t i = 0; i < part.len; i++) {
        char c = part.ptr[i];

        if (encoded && c == '%') {
            if (!proxy_hex(span_part(part, i + 1, 2), &c))
                return false;
            i += 2;
        }
        if (*at == sizeof(p->text))
            return false;
        p->text[(*at)++] = c;
    }
    if (*at == sizeof(p->text))
        return false;
    p->text[(*at)++] = '\0';
    return true;
}

static bool proxy_host_port(struct span *host, uint64_t *port)
{
    struct span all = *host;
    size_t close = all.len > 0 && all.ptr[0] == '[' ? span_find_byte(all, ']') : 0;
    size_t colon = close + span_find_byte(span_part(all, close, all.len), ':');

    *host = close > 0 ? span_part(all, 1, close - 1) : span_part(all, 0, colon);
    if (close > 0 && (close == all.len || (close + 1 < all.len && all.ptr[close + 1] != ':')))
        return false;
    return host->len > 0 &&
           (colon >= all.len || (scan_u64(span_part(all, colon + 1, all.len), port) && *port > 0 &&
                                 *port <= UINT16_MAX));
}

static struct span proxy_scheme(struct proxy *p, struct span url, uint64_t *port)
{
    static const struct {
        const char *prefix;
        enum proxy_kind kind;
        uint16_t port;
    } schemes[] = {
        {"http://", PROXY_HTTP, PROXY_PORT_HTTP},
        {"socks5://", PROXY_SOCKS5, PROXY_PORT_SOCKS},
        {"socks5h://", PROXY_SOCKS5, PROXY_PORT_SOCKS},
    };

    for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
        struct span prefix = span_str(schemes[i].prefix);

        if (!span_starts(url, prefix))
            continue;
        p->kind = (uint8_t)schemes[i].kind;
        *port = schemes[i].port;
        return span_part(url, prefix.len, url.len);
    }
    return SPAN_EMPTY;
}

/* The last '@': a password may have others. */
static size_t proxy_credentials_end(struct span text)
{
    for (size_t i = text.len; i > 0; i--)
        if (text.ptr[i - 1] == '@')
            return i - 1;
    return text.len;
}

static bool proxy_read(struct proxy *p, struct span rest, uint64_t port, struct fmt *why)
{
    size_t end = proxy_credentials_end(rest);
    struct span password = span_part(rest, 0, end);
    struct span host = end < rest.len ? span_part(rest, end + 1, rest.len) : rest;
    struct span user;
    size_t at = 0;

    if (host.len > 0 && host.ptr[host.len - 1] == '/')
        host.len--;
    if (!proxy_host_port(&host, &port) || span_find_byte(host, '/') < host.len ||
        span_find_byte(host, ' ') < host.len) {
        fmt_str(why, "has no valid host and port");
        return false;
    }
    p->port = (uint16_t)port;
    if (!proxy_put(p, &at, host, false)) {
        fmt_str(why, "is too long");
        return false;
    }
    if (end == rest.len)
        return true;
    p->user_at = (uint8_t)at;
    if (!span_split(&password, ':', &user) || user.len == 0 || !proxy_put(p, &at, user, true)) {
        fmt_str(why, "has no valid USER:PASSWORD (write : @ / and % in them as %3A %40 %2F %25)");
        return false;
    }
    p->password_at = (uint8_t)at;
    if (!proxy_put(p, &at, password, true)) {
        fmt_str(why, "has no valid password, or is too long");
        return false;
    }
    return true;
}

bool proxy_parse(struct proxy *p, struct span url, struct fmt *why)
{
    uint64_t port = 0;
    struct span rest;

    memset(p, 0, sizeof(*p));
    rest = proxy_scheme(p, url, &port);
    if (p->kind == PROXY_NONE) {
        fmt_str(why, "is no proxy such as http://HOST:PORT or socks5://USER:PASSWORD@HOST:PORT");
        return false;
    }
    if (proxy_read(p, rest, port, why))
        return true;
    explicit_bzero(p, sizeof(*p));
    return false;
}

static struct span proxy_user(const struct proxy *p)
{
    return p->user_at > 0 ? span_str(p->text + p->user_at) : SPAN_EMPTY;
}

static struct span proxy_password(const struct proxy *p)
{
    return p->password_at > 0 ? span_str(p->text + p->password_at) : SPAN_EMPTY;
}

/* ---- what we say ---- */

static void say_authority(const struct tunnel *t, struct fmt *out)
{
    struct net_addr a;
    bool v6 = net_addr_scan_host(span_str(t->host), &a) && a.family == NET_IPV6;

    fmt_str(out, v6 ? "[" : "");
    fmt_str(out, t->host);
    fmt_str(out, v6 ? "]:" : ":");
    fmt_u64(out, t->port);
}

static void say_connect(const struct tunnel *t, struct fmt *out)
{
    fmt_str(out, "CONNECT ");
    say_authority(t, out);
    fmt_str(out, " HTTP/1.1\r\nHost: ");
    say_authority(t, out);
    if (t->proxy->user_at > 0) {
        char pair[PROXY_TEXT_BYTES + 1];
        struct fmt f;

        fmt_init(&f, pair, sizeof(pair));
        fmt_text(&f, proxy_user(t->proxy));
        fmt_char(&f, ':');
        fmt_text(&f, proxy_password(t->proxy));
        fmt_str(out, "\r\nProxy-Authorization: Basic ");
        base64_encode(out, fmt_span(&f));
        explicit_bzero(pair, sizeof(pair));
    }
    fmt_str(out, "\r\n\r\n");
}

static void say_counted(struct fmt *out, struct span text)
{
    fmt_char(out, (char)text.len);
    fmt_text(out, text);
}

static void say_host(const struct tunnel *t, struct fmt *out)
{
    struct span host = span_str(t->host);
    struct net_addr a;

    fmt_text(out, span_of((const char[]){SOCKS_VERSION, SOCKS_CONNECT, 0}, 3));
    if (!net_addr_scan_host(host, &a)) {
        fmt_char(out, SOCKS_NAME);
        say_counted(out, host);
    } else {
        fmt_char(out, a.family == NET_IPV4 ? SOCKS_IPV4 : SOCKS_IPV6);
        fmt_text(out, span_of((const char *)a.bytes, a.family == NET_IPV4 ? 4 : 16));
    }
    fmt_char(out, (char)(t->port >> 8));
    fmt_char(out, (char)(t->port & 0xff));
}

struct span tunnel_out(const struct tunnel *t, char storage[TUNNEL_OUT_BYTES])
{
    struct span all;
    struct fmt out;

    fmt_init(&out, storage, TUNNEL_OUT_BYTES);
    switch (t->step) {
    case TUNNEL_CONNECT:
        say_connect(t, &out);
        break;
    case TUNNEL_METHODS:
        fmt_char(&out, SOCKS_VERSION);
        say_counted(&out, t->proxy->user_at > 0
                              ? span_of((const char[]){SOCKS_NO_AUTH, SOCKS_USER_PASSWORD}, 2)
                              : span_of((const char[]){SOCKS_NO_AUTH}, 1));
        break;
    case TUNNEL_USER:
        fmt_char(&out, SOCKS_USER_VERSION);
        say_counted(&out, proxy_user(t->proxy));
        say_counted(&out, proxy_password(t->proxy));
        break;
    case TUNNEL_HOST:
        say_host(t, &out);
        break;
    case TUNNEL_STATUS:
    case TUNNEL_FIELDS:
    case TUNNEL_METHOD:
    case TUNNEL_VERDICT:
    case TUNNEL_REPLY:
    case TUNNEL_OPEN:
        break;
    }
    CHECK(fmt_ok(&out));
    all = fmt_span(&out);
    return span_part(all, t->sent_bytes, all.len);
}

static void tunnel_enter(struct tunnel *t, enum tunnel_step step)
{
    t->step = step;
    t->sent_bytes = 0;
    t->seen_len = 0;
    t->line_bytes = 0;
}

void tunnel_sent(struct tunnel *t, size_t bytes)
{
    char storage[TUNNEL_OUT_BYTES];
    size_t left = tunnel_out(t, storage).len;

    explicit_bzero(storage, sizeof(storage));
    CHECK(bytes <= left);
    t->sent_bytes += bytes;
    if (bytes == left) /* each thing that is said has its answer behind it */
        tunnel_enter(t, (enum tunnel_step)(t->step + 1));
}

/* ---- what we hear ---- */

static enum parse tunnel_bad(struct tunnel *t, enum tunnel_err err, int code)
{
    t->err = err;
    t->code = code;
    return PARSE_BAD;
}

static enum parse hear_status(struct tunnel *t)
{
    uint64_t status = 0;

    if (!scan_u64(span_of(t->seen + STATUS_AT, STATUS_END - STATUS_AT), &status) || status < 100)
        return tunnel_bad(t, TUNNEL_ERR_NOT_PROXY, 0);
    t->code = (int)status;
    switch (status) {
    case 407:
        return tunnel_bad(t, t->proxy->user_at > 0 ? TUNNEL_ERR_AUTH_WRONG : TUNNEL_ERR_AUTH_NEEDED,
                          407);
    case 403:
    case 405: /* no CONNECT to this port, or not at all */
        return tunnel_bad(t, TUNNEL_ERR_FORBIDDEN, t->code);
    case 502:
    case 503:
    case 504:
        return tunnel_bad(t, TUNNEL_ERR_NO_HOST, t->code);
    default:
        break;
    }
    if (status >= 300)
        return tunnel_bad(t, TUNNEL_ERR_FAILED, t->code);
    t->step = TUNNEL_FIELDS;
    return PARSE_MORE;
}

/* A byte of the answer's head. Framing fields of a 2xx mean nothing (RFC 9110 section 9.3.6): the
 * empty line is the end. */
static enum parse hear_head(struct tunnel *t, char c)
{
    static const char start[] = "HTTP/1.";

    if (++t->head_bytes > TUNNEL_HEAD_BYTES_MAX)
        return tunnel_bad(t, TUNNEL_ERR_NOT_PROXY, 0);
    if (t->step == TUNNEL_STATUS) {
        size_t at = t->seen_len;

        if (at + 1 < sizeof(start) ? c != start[at] : at == STATUS_AT - 1 && c != ' ')
            return tunnel_bad(t, TUNNEL_ERR_NOT_PROXY, 0);
        t->seen[t->seen_len++] = c;
        if (t->seen_len < STATUS_END)
            return PARSE_MORE;
        t->line_bytes = STATUS_END;
        return hear_status(t);
    }
    if (c != '\n') {
        t->line_bytes += c != '\r';
        return PARSE_MORE;
    }
    if (t->line_bytes > 0) {
        t->line_bytes = 0;
        return PARSE_MORE;
    }
    tunnel_enter(t, t->code < 200 ? TUNNEL_STATUS : TUNNEL_OPEN);
    return t->step == TUNNEL_OPEN ? PARSE_DONE : PARSE_MORE;
}

static enum parse hear_method(struct tunnel *t)
{
    uint8_t method = (uint8_t)t->seen[1];

    if (method == SOCKS_NO_AUTH)
        tunnel_enter(t, TUNNEL_HOST);
    else if (method == SOCKS_USER_PASSWORD && t->proxy->user_at > 0)
        tunnel_enter(t, TUNNEL_USER);
    else
        return tunnel_bad(t, t->proxy->user_at > 0 ? TUNNEL_ERR_AUTH_WRONG : TUNNEL_ERR_AUTH_NEEDED,
                          method);
    return PARSE_MORE;
}

/* RFC 1928 section 6. */
static enum parse hear_refusal(struct tunnel *t, int reply)
{
    static const uint8_t errs[] = {
        [0] = TUNNEL_OK,          [1] = TUNNEL_ERR_FAILED,  [2] = TUNNEL_ERR_FORBIDDEN,
        [3] = TUNNEL_ERR_NO_HOST, [4] = TUNNEL_ERR_NO_HOST, [5] = TUNNEL_ERR_NO_HOST,
        [6] = TUNNEL_ERR_NO_HOST, [7] = TUNNEL_ERR_FAILED,  [8] = TUNNEL_ERR_FAILED,
    };

    return tunnel_bad(
        t, reply < (int)ARRAY_LEN(errs) ? (enum tunnel_err)errs[reply] : TUNNEL_ERR_FAILED, reply);
}

static enum parse hear_reply(struct tunnel *t)
{
    size_t whole;

    if (t->seen_len == 2 && t->seen[1] != 0)
        return hear_refusal(t, (uint8_t)t->seen[1]);
    if (t->seen_len < SOCKS_REPLY_BYTES)
        return PARSE_MORE;
    switch (t->seen[3]) {
    case SOCKS_IPV4:
        whole = 4 + 4 + 2;
        break;
    case SOCKS_IPV6:
        whole = 4 + 16 + 2;
        break;
    case SOCKS_NAME:
        whole = 4 + 1 + (uint8_t)t->seen[4] + 2;
        break;
    default:
        return tunnel_bad(t, TUNNEL_ERR_NOT_PROXY, 0);
    }
    if (t->line_bytes < whole)
        return PARSE_MORE;
    tunnel_enter(t, TUNNEL_OPEN);
    return PARSE_DONE;
}

static enum parse hear_socks(struct tunnel *t, char c)
{
    char version = t->step == TUNNEL_VERDICT ? SOCKS_USER_VERSION : SOCKS_VERSION;

    if (t->line_bytes == 0 && c != version)
        return tunnel_bad(t, TUNNEL_ERR_NOT_PROXY, 0);
    t->line_bytes++;
    if (t->seen_len < SOCKS_REPLY_BYTES)
        t->seen[t->seen_len++] = c;
    if (t->step == TUNNEL_REPLY)
        return hear_reply(t);
    if (t->line_bytes < 2)
        return PARSE_MORE;
    if (t->step == TUNNEL_METHOD)
        return hear_method(t);
    if (c != 0)
        return tunnel_bad(t, TUNNEL_ERR_AUTH_WRONG, (uint8_t)c);
    tunnel_enter(t, TUNNEL_HOST);
    return PARSE_MORE;
}

enum parse tunnel_in(struct tunnel *t, struct span bytes, size_t *used)
{
    enum parse verdict = PARSE_MORE;

    for (*used = 0; *used < bytes.len && verdict == PARSE_MORE; (*used)++) {
        char c = bytes.ptr[*used];

        if (t->step == TUNNEL_STATUS || t->step == TUNNEL_FIELDS)
            verdict = hear_head(t, c);
        else if (t->step == TUNNEL_METHOD || t->step == TUNNEL_VERDICT || t->step == TUNNEL_REPLY)
            verdict = hear_socks(t, c);
        else /* it is not its turn */
            verdict = tunnel_bad(t, TUNNEL_ERR_NOT_PROXY, 0);
    }
    return verdict;
}

void tunnel_start(struct tunnel *t, const struct proxy *proxy, const char *host, uint16_t port)
{
    CHECK(proxy->kind != PROXY_NONE);
    CHECK(strlen(host) <= UINT8_MAX);
    memset(t, 0, sizeof(*t));
    t->proxy = proxy;
    t->host = host;
    t->port = port;
    t->step = proxy->kind == PROXY_HTTP ? TUNNEL_CONNECT : TUNNEL_METHODS;
}

/* ---- words ---- */

static const struct {
    const char *text;
    const char *advice;
} tunnel_words[TUNNEL_ERR_COUNT] = {
    [TUNNEL_OK] = {"no error", ""},
    [TUNNEL_ERR_NOT_PROXY] = {"does not speak as a proxy does",
                              "check its address, and whether it is http:// or socks5://"},
    [TUNNEL_ERR_AUTH_NEEDED] = {"wants a user and a password",
                                "write proxy = SCHEME://USER:PASSWORD@HOST:PORT (only Basic is "
                                "spoken)"},
    [TUNNEL_ERR_AUTH_WRONG] = {"refuses the user and password of `proxy`",
                               "check them; characters such as @ are written as %40"},
    [TUNNEL_ERR_FORBIDDEN] = {"does not allow this host and port",
                              "its rules have to; many proxies allow port 443 only"},
    [TUNNEL_ERR_NO_HOST] = {"cannot reach the host",
                            "check the url, and the proxy's own connection and name servers"},
    [TUNNEL_ERR_FAILED] = {"refuses", "its log may say more"},
};

const char *tunnel_err_text(enum tunnel_err err)
{
    CHECK(err < TUNNEL_ERR_COUNT);
    return tunnel_words[err].text;
}

const char *tunnel_err_advice(enum tunnel_err err)
{
    CHECK(err < TUNNEL_ERR_COUNT);
    return tunnel_words[err].advice;
}
