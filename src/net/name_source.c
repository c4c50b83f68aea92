#include "net/name_source.h"

#include <string.h>

#include "base/check.h"

/* hosts has no time to live; it is its stamp that makes such answers forgotten. */
#define HOSTS_EXPIRES_MS INT64_MAX

_Static_assert((int)NAME_CACHE_ADDRS == (int)HOSTS_ADDRS_MAX, "what hosts gives fits the cache");

void name_source_init(struct name_source *s, const char *resolv_conf_path, const char *hosts_path)
{
    memset(s, 0, sizeof *s);
    s->resolv_conf_path = resolv_conf_path;
    s->hosts_path = hosts_path;
}

static void load_servers(struct name_source *s)
{
    char text[RESOLV_CONF_BYTES_MAX];
    size_t len;
    /* A file that is not there or too long leaves what was read, which may be nothing: the parser
     * has the rule for that. */
    (void)config_file_read(s->resolv_conf_path, text, sizeof text, &len);
    resolv_conf_parse(span_of(text, len), &s->conf);
}

static void reload_changed_files(struct name_source *s)
{
    struct config_file_stamp resolv_conf;
    struct config_file_stamp hosts;
    (void)config_file_stamp(s->resolv_conf_path, &resolv_conf);
    (void)config_file_stamp(s->hosts_path, &hosts);
    if (!s->loaded || !config_file_same(&resolv_conf, &s->resolv_conf_stamp)) {
        load_servers(s);
        name_cache_expire_all(&s->cache);
    }
    if (s->loaded && !config_file_same(&hosts, &s->hosts_stamp))
        name_cache_clear(&s->cache);
    s->resolv_conf_stamp = resolv_conf;
    s->hosts_stamp = hosts;
    s->loaded = true;
}

/* The nth address of that family, or NULL. */
static const struct net_addr *nth_of(const struct net_addr *addrs, size_t count,
                                     enum net_family family, size_t nth)
{
    for (size_t i = 0; i < count; i++)
        if (addrs[i].family == family && nth-- == 0)
            return &addrs[i];
    return NULL;
}

size_t name_source_interleave(const struct net_addr *addrs, size_t count,
                              struct net_addr out[NAME_CACHE_ADDRS])
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        const struct net_addr *pair[] = {nth_of(addrs, count, NET_IPV6, i),
                                         nth_of(addrs, count, NET_IPV4, i)};
        for (size_t k = 0; k < ARRAY_LEN(pair); k++)
            if (pair[k] != NULL && kept < NAME_CACHE_ADDRS)
                out[kept++] = *pair[k];
    }
    return kept;
}

static bool is_localhost(struct span host)
{
    struct span domain = SPAN(".localhost");
    if (host.len > domain.len) {
        host = span_part(host, host.len - domain.len, domain.len);
        return span_equal_fold(host, domain);
    }
    return span_equal_fold(host, SPAN("localhost"));
}

static size_t loopback(struct net_addr out[NAME_CACHE_ADDRS])
{
    static const uint8_t v6[16] = {[15] = 1};
    static const uint8_t v4[4] = {127, 0, 0, 1};
    net_addr_set_ipv6(&out[0], v6);
    net_addr_set_ipv4(&out[1], v4);
    return 2;
}

static void feed_hosts(void *ctx, struct span chunk)
{
    hosts_search_feed(ctx, chunk);
}

static size_t find_in_hosts(struct name_source *s, struct span host, int64_t now_ms,
                            struct net_addr out[NAME_CACHE_ADDRS])
{
    struct hosts_search search;
    hosts_search_start(&search, host);
    (void)config_file_each(s->hosts_path, feed_hosts, &search);
    hosts_search_finish(&search);
    size_t count = name_source_interleave(search.addrs, search.count, out);
    if (count > 0)
        name_cache_put(&s->cache, host, out, count, now_ms, HOSTS_EXPIRES_MS);
    return count;
}

size_t name_source_find(struct name_source *s, struct span host, int64_t now_ms,
                        struct net_addr out[NAME_CACHE_ADDRS])
{
    if (net_addr_scan_host(host, &out[0]))
        return 1;
    if (is_localhost(host))
        return loopback(out);
    if (host.len == 0 || host.len >= NAME_CACHE_NAME_BYTES)
        return 0;
    reload_changed_files(s);
    const struct name_entry *e = name_cache_fresh(&s->cache, host, now_ms);
    if (e == NULL)
        return find_in_hosts(s, host, now_ms, out);
    memcpy(out, e->addrs, e->count * sizeof e->addrs[0]);
    return e->count;
}
