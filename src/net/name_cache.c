#include "net/name_cache.h"

#include <string.h>

#include "base/check.h"

/* Its index, or NAME_CACHE_ENTRIES. */
static size_t find(const struct name_cache *c, struct span name)
{
    size_t i = 0;
    while (i < NAME_CACHE_ENTRIES &&
           (c->entries[i].name[0] == '\0' || !span_equal_fold(span_str(c->entries[i].name), name)))
        i++;
    return i;
}

const struct name_entry *name_cache_fresh(const struct name_cache *c, struct span name,
                                          int64_t now_ms)
{
    size_t i = find(c, name);
    bool fresh = i < NAME_CACHE_ENTRIES && now_ms < c->entries[i].expires_ms;
    return fresh ? &c->entries[i] : NULL;
}

const struct name_entry *name_cache_stale(const struct name_cache *c, struct span name,
                                          int64_t now_ms)
{
    size_t i = find(c, name);
    bool young = i < NAME_CACHE_ENTRIES && now_ms - c->entries[i].learned_ms < NAME_CACHE_STALE_MS;
    return young ? &c->entries[i] : NULL;
}

static size_t make_room(const struct name_cache *c)
{
    size_t first = 0;
    for (size_t i = 0; i < NAME_CACHE_ENTRIES; i++) {
        if (c->entries[i].name[0] == '\0')
            return i;
        if (c->entries[i].expires_ms < c->entries[first].expires_ms)
            first = i;
    }
    return first;
}

void name_cache_put(struct name_cache *c, struct span name, const struct net_addr *addrs,
                    size_t count, int64_t now_ms, int64_t expires_ms)
{
    CHECK(name.len > 0 && name.len < NAME_CACHE_NAME_BYTES);
    CHECK(count > 0 && count <= NAME_CACHE_ADDRS);
    size_t found = find(c, name);
    struct name_entry *e = &c->entries[found < NAME_CACHE_ENTRIES ? found : make_room(c)];
    memset(e, 0, sizeof *e);
    memcpy(e->name, name.ptr, name.len);
    memcpy(e->addrs, addrs, count * sizeof addrs[0]);
    e->count = count;
    e->learned_ms = now_ms;
    e->expires_ms = expires_ms;
}

void name_cache_expire(struct name_cache *c, struct span name)
{
    size_t i = find(c, name);
    if (i < NAME_CACHE_ENTRIES)
        c->entries[i].expires_ms = INT64_MIN;
}

void name_cache_expire_all(struct name_cache *c)
{
    for (size_t i = 0; i < NAME_CACHE_ENTRIES; i++)
        c->entries[i].expires_ms = INT64_MIN;
}

void name_cache_clear(struct name_cache *c)
{
    memset(c, 0, sizeof *c);
}
