/* cache - asks the gateway that runs for its cache, over HTTP as anybody else. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/parse.h"
#include "command/command.h"
#include "gateway/load.h"
#include "http/emit.h"
#include "http/head.h"
#include "net/sys.h"
#include "json/walk.h"

enum {
    CACHE_TEXT_BYTES = 8192,  /* the request, then the answer: each under 2 KB */
    CACHE_TIMEOUT_MS = 10000, /* a small board in the middle of a handshake answers after 1 s */
    CACHE_NAME_COLUMN = 24,
    CACHE_PORT = 8080,
};

#define CACHE_ADMIN_KEY "FARTHING_ADMIN_KEY"

struct cache_command {
    bool clear;
    const char *route;
    const char *config_path;
    struct net_addr address;
};

static int cache_failed(const struct cache_command *c, struct span why)
{
    struct diag diag;
    struct diag_line l;

    diag_init(&diag, DIAG_INFO, 2);
    diag_open(&diag, DIAG_ERROR, &l);
    fmt_str(&l.text, "cache: http://");
    net_addr_fmt(&l.text, &c->address);
    fmt_str(&l.text, ": ");
    fmt_visible(&l.text, why, 300);
    diag_close(&l);
    return COMMAND_FAILED;
}

/* The first plain listener; what listens everywhere is asked on loopback. */
static bool cache_find_gateway(struct cache_command *c)
{
    static const uint8_t loopback[] = {127, 0, 0, 1};
    static const uint8_t loopback6[16] = {[15] = 1};
    struct serve_options o = {.config_path = c->config_path};
    struct settings settings;
    struct diag diag;
    size_t at = 0;

    net_addr_set_ipv4(&c->address, loopback);
    c->address.port = CACHE_PORT;
    if (c->config_path == NULL)
        return true;
    diag_init(&diag, DIAG_WARN, 2);
    memset(&settings, 0, sizeof(settings));
    if (!load_settings(&o, &settings, &diag))
        return false;
    while (at < settings.server.listen_count && settings.server.listen_tls[at])
        at++;
    if (at == settings.server.listen_count) {
        diag_say(&diag, DIAG_ERROR,
                 "cache: every listener speaks https: add a plain one on loopback, or ask it with "
                 "curl at /api/cache");
        return false;
    }
    c->address.port = settings.server.listen[at].port;
    if (!net_addr_is_any(&settings.server.listen[at]))
        c->address = settings.server.listen[at];
    else if (settings.server.listen[at].family == NET_IPV6)
        memcpy(c->address.bytes, loopback6, sizeof(loopback6));
    c->address.family = settings.server.listen[at].family;
    return true;
}

static void cache_encode(struct fmt *out, const char *name)
{
    for (; *name != '\0'; name++) {
        fmt_char(out, '%');
        fmt_hex_bytes(out, name, 1);
    }
}

static bool cache_request(const struct cache_command *c, struct fmt *out)
{
    const char *key = getenv(CACHE_ADMIN_KEY);
    char text[NET_ADDR_TEXT_BYTES + 4 * CONFIG_NAME_BYTES];
    struct fmt f;
    struct emit e;

    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, c->clear ? "/api/cache/clear" : "/api/cache");
    fmt_str(&f, c->route != NULL ? "?route=" : "");
    cache_encode(&f, c->route != NULL ? c->route : "");
    emit_request(&e, out, c->clear ? "POST" : "GET", fmt_span(&f));
    e.bad = e.bad || !fmt_ok(&f);
    fmt_init(&f, text, sizeof(text));
    net_addr_fmt(&f, &c->address);
    emit_field(&e, "Host", fmt_span(&f));
    emit_field(&e, "Connection", SPAN("close"));
    emit_field(&e, "Content-Length", SPAN("0"));
    if (key != NULL)
        emit_field(&e, "x-api-key", span_str(key));
    return emit_end(&e) && fmt_ok(out);
}

/* Waits; 0, or -errno. */
static int64_t cache_wait(int fd, short events)
{
    struct pollfd p = {.fd = fd, .events = events};

    return sys_poll(&p, 1, CACHE_TIMEOUT_MS) > 0 ? 0 : -ETIMEDOUT;
}

/* Sends the text, and reads the answer in its place until the peer closes; bytes, or -errno. */
static int64_t cache_exchange(int fd, char text[CACHE_TEXT_BYTES], struct span request)
{
    int64_t result = cache_wait(fd, POLLOUT);
    size_t len = 0;

    if (result == 0)
        result = sys_connect_result(fd);
    while (result >= 0 && request.len > 0) {
        result = sys_write(fd, request.ptr, request.len);
        if (result > 0)
            request = span_part(request, (size_t)result, request.len);
        else if (sys_is_again(result))
            result = cache_wait(fd, POLLOUT);
    }
    while (result >= 0 && len < CACHE_TEXT_BYTES) {
        result = cache_wait(fd, POLLIN);
        if (result == 0)
            result = sys_read(fd, text + len, CACHE_TEXT_BYTES - len);
        if (result == 0)
            return (int64_t)len;
        len += result > 0 ? (size_t)result : 0;
        result = sys_is_again(result) ? 0 : result;
    }
    return result < 0 ? result : -EMSGSIZE;
}

/* The members, a line each. */
static int cache_print(struct span body)
{
    char text[CACHE_TEXT_BYTES];
    struct json_walk walk;
    struct span name;
    struct span value;
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    if (json_walk_start(&walk, body))
        while (json_walk_next(&walk, &name, &value)) {
            fmt_left(&f, name, CACHE_NAME_COLUMN);
            fmt_char(&f, ' ');
            fmt_text(&f, json_walk_is(value, "null") ? SPAN("-") : value);
            fmt_char(&f, '\n');
        }
    return fmt_ok(&f) && command_out(fmt_span(&f)) ? COMMAND_OK : COMMAND_FAILED;
}

static int cache_answer(const struct cache_command *c, struct span answer)
{
    struct http_head head;
    struct span body;
    size_t used = 0;

    if (http_head_response(&head, answer, 0, false, &used) != PARSE_DONE)
        return cache_failed(c, SPAN("what answers there is no HTTP server"));
    body = span_part(answer, used, answer.len);
    if (head.status == 200 && json_walk_valid(body))
        return cache_print(body);
    body = json_walk_text(json_walk_get(body, "error"), "message");
    return cache_failed(c, body.len > 0 ? body : SPAN("what answers there is no farthing"));
}

static int cache_option(struct cache_command *c, int argc, char **argv)
{
    if (argc == 0 || (strcmp(argv[0], "stat") != 0 && strcmp(argv[0], "clear") != 0))
        return command_wrong("cache takes: stat, or clear", argc > 0 ? argv[0] : NULL);
    c->clear = strcmp(argv[0], "clear") == 0;
    for (int i = 1; i < argc; i++) {
        bool wrong = false;

        if (!command_option(argc, argv, &i, "-c", &c->config_path, &wrong) &&
            !(c->clear && command_option(argc, argv, &i, "--route", &c->route, &wrong)))
            return command_wrong("unknown argument", argv[i]);
        if (wrong)
            return command_wrong("a value is missing behind", argv[i]);
    }
    return COMMAND_OK;
}

int command_cache(int argc, char **argv)
{
    struct cache_command c = {.clear = false};
    char text[CACHE_TEXT_BYTES];
    struct fmt request;
    int64_t result;
    int fd;
    int wrong = cache_option(&c, argc, argv);

    if (wrong != COMMAND_OK)
        return wrong;
    fmt_init(&request, text, sizeof(text));
    if (!cache_find_gateway(&c))
        return COMMAND_USAGE;
    if (!cache_request(&c, &request))
        return command_wrong("too long, or no text for a header: --route or " CACHE_ADMIN_KEY,
                             NULL);
    fd = sys_connect(&c.address);
    result = fd < 0 ? fd : cache_exchange(fd, text, fmt_span(&request));
    if (fd >= 0)
        sys_close(fd);
    explicit_bzero(text + (result > 0 ? result : 0),
                   sizeof(text) - (size_t)(result > 0 ? result : 0));
    if (result == -ECONNREFUSED)
        return cache_failed(&c, SPAN("nobody listens there: does the gateway run?"));
    return result < 0 ? cache_failed(&c, span_str(sys_error_text(result)))
                      : cache_answer(&c, span_of(text, (size_t)result));
}
