#include "llm/upstream.h"

#include <stddef.h>
#include <string.h>

#include "base/scan.h"

#define AT(member) offsetof(struct upstream_settings, member)

static const char *const dialect_names[] = {"openai", "anthropic", "standin", NULL};
static const char *const abort_names[] = {"cancel", "drain", NULL};

static bool upstream_url_key(void *section, struct span value, struct fmt *why)
{
    return upstream_parse_url(section, value, why);
}

static bool upstream_proxy_key(void *section, struct span value, struct fmt *why)
{
    struct upstream_settings *u = section;

    return proxy_parse(&u->proxy, value, why);
}

static bool upstream_header_key(void *section, struct span value, struct fmt *why)
{
    struct upstream_settings *u = section;

    if (span_find_byte(value, ':') == value.len || value.ptr[0] == ':') {
        fmt_str(why, "is no header; write Name: value");
        return false;
    }
    if (value.len >= UPSTREAM_HEADER_BYTES || u->header_count == UPSTREAM_HEADERS_MAX) {
        fmt_str(why, "is too long, or one header too many (8 of 255 bytes are allowed)");
        return false;
    }
    memcpy(u->headers[u->header_count], value.ptr, value.len);
    u->headers[u->header_count][value.len] = '\0';
    u->header_count++;
    return true;
}

static const struct config_key upstream_keys[] = {
    {.name = "url",
     .type = CONFIG_CUSTOM,
     .parse = upstream_url_key,
     .help = "https://HOST[:PORT][/PATH]; http:// only on a private address"},
    {.name = "proxy",
     .type = CONFIG_CUSTOM,
     .parse = upstream_proxy_key,
     .help = "reached through it: http://[USER:PASSWORD@]HOST:PORT (CONNECT, for http:// urls "
             "too) or socks5://...; it looks the url's name up"},
    {.name = "dialect",
     .type = CONFIG_ENUM,
     .offset = AT(dialect),
     .fallback = "openai",
     .names = dialect_names,
     .help = "the API it speaks; standin is the embedded stand-in"},
    {.name = "key_env",
     .type = CONFIG_TEXT,
     .offset = AT(key_env),
     .place_bytes = CONFIG_NAME_BYTES,
     .help = "environment variable that holds its key"},
    {.name = "key_file",
     .type = CONFIG_TEXT,
     .offset = AT(key_file),
     .place_bytes = UPSTREAM_HOST_BYTES,
     .help = "file that holds its key"},
    {.name = "connect_timeout",
     .type = CONFIG_DURATION,
     .offset = AT(connect_timeout_ms),
     .fallback = "10s",
     .min = 100,
     .max = 300000,
     .help = "for name, connection and TLS"},
    {.name = "first_byte_timeout",
     .type = CONFIG_DURATION,
     .offset = AT(first_byte_timeout_ms),
     .fallback = "10m",
     .min = 100,
     .max = 86400000,
     .help = "until the answer's head is there, 1xx do not count; reasoning is silent for minutes"},
    {.name = "idle_timeout",
     .type = CONFIG_DURATION,
     .offset = AT(idle_timeout_ms),
     .fallback = "10m",
     .min = 100,
     .max = 86400000,
     .help = "between two parts of an answer; the whole has 4 times that, and 1s more a byte"},
    {.name = "connections",
     .type = CONFIG_COUNT,
     .offset = AT(connections),
     .fallback = "32",
     .min = 1,
     .max = 1024,
     .help = "calls at the same time; more wait for their turn"},
    {.name = "on_abort",
     .type = CONFIG_ENUM,
     .offset = AT(on_abort),
     .fallback = "cancel",
     .names = abort_names,
     .help = "when a client leaves: cancel the call, or drain it to learn what it cost"},
    {.name = "logprobs",
     .type = CONFIG_BOOL,
     .offset = AT(logprobs),
     .fallback = "no",
     .help = "ask for log-probabilities where a [check] has logprob; not of streams"},
    {.name = "headers",
     .type = CONFIG_CUSTOM,
     .parse = upstream_header_key,
     .repeatable = true,
     .help = "a header for every request to it, Name: value"},
};

const struct config_section upstream_section = {
    .name = "upstream",
    .named = true,
    .keys = upstream_keys,
    .key_count = sizeof(upstream_keys) / sizeof(upstream_keys[0]),
    .help = "a vendor, or a server on the LAN, that has models",
};

static bool upstream_host_port(struct upstream_settings *u, struct span authority, struct fmt *why)
{
    struct span host = authority;
    uint64_t port = u->tls ? 443 : 80;
    size_t colon;

    if (authority.len > 0 && authority.ptr[0] == '[') { /* an IPv6 address */
        size_t close = span_find_byte(authority, ']');

        host = span_part(authority, 1, close - 1);
        authority = span_part(authority, close + 1, authority.len);
        colon = span_find_byte(authority, ':');
    } else {
        colon = span_find_byte(authority, ':');
        host = span_part(authority, 0, colon);
    }
    if (colon < authority.len &&
        (!scan_u64(span_part(authority, colon + 1, authority.len), &port) || port == 0 ||
         port > UINT16_MAX)) {
        fmt_str(why, "has no valid port");
        return false;
    }
    if (host.len == 0 || host.len >= sizeof(u->host) || span_find_byte(host, '@') < host.len) {
        fmt_str(why, "has no valid host");
        return false;
    }
    memcpy(u->host, host.ptr, host.len);
    u->host[host.len] = '\0';
    u->port = (uint16_t)port;
    return true;
}

bool upstream_parse_url(struct upstream_settings *u, struct span url, struct fmt *why)
{
    struct span rest = url;
    struct span path;
    size_t slash;

    u->tls = span_starts(url, SPAN("https://"));
    if (!u->tls && !span_starts(url, SPAN("http://"))) {
        fmt_str(why, "is no url that begins with https:// or http://");
        return false;
    }
    for (size_t i = 0; i < url.len; i++) {
        if ((uint8_t)url.ptr[i] <= 0x20 || (uint8_t)url.ptr[i] >= 0x7f || url.ptr[i] == '?' ||
            url.ptr[i] == '#') {
            fmt_str(why, "has characters that do not belong in a base url");
            return false;
        }
    }
    rest = span_part(url, u->tls ? 8 : 7, url.len);
    slash = span_find_byte(rest, '/');
    path = span_part(rest, slash, rest.len);
    while (path.len > 0 && path.ptr[path.len - 1] == '/')
        path.len--;
    if (path.len >= sizeof(u->base_path) || url.len >= sizeof(u->url)) {
        fmt_str(why, "is too long");
        return false;
    }
    if (!upstream_host_port(u, span_part(rest, 0, slash), why))
        return false;
    memcpy(u->base_path, path.ptr, path.len);
    u->base_path[path.len] = '\0';
    memcpy(u->url, url.ptr, url.len);
    u->url[url.len] = '\0';
    return true;
}

void upstream_target(const struct upstream_settings *u, struct span api_path, struct fmt *out)
{
    if (u->base_path[0] == '\0') {
        fmt_text(out, api_path);
        return;
    }
    fmt_str(out, u->base_path);
    fmt_text(out, span_part(api_path, sizeof("/v1") - 1, api_path.len));
}
