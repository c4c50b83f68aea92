/* cache_model - the cache beside a plain table of what was put in, driven by a source of bytes.
 *
 * The table never forgets, so whatever the cache gives must stand in it, byte for byte and within
 * its time; what the cache lacks though the table has it must have given way, and the counts must
 * add up. For the unit test (random bytes) and the fuzzer (its bytes). */
#ifndef SIM_CACHE_MODEL_H
#define SIM_CACHE_MODEL_H

#include <stdlib.h>
#include <string.h>

#include "policy/cache.h"

enum { MODEL_KEYS = 200, MODEL_REFS = 16, MODEL_VALUE_BYTES = 70000, MODEL_ROUTES = 3 };

struct model_entry {
    bool live; /* not known to be gone */
    uint32_t seed;
    size_t len;
    struct cache_meta meta;
};

struct model_ref {
    struct cache_ref ref;
    uint32_t seed;
    size_t len;
};

struct model {
    struct cache cache;
    int64_t now_ms;
    uint32_t seed;
    uint32_t keys;
    size_t len_max;
    bool check_each_step;
    uint64_t hits;
    uint64_t gone;
    struct model_entry entries[MODEL_KEYS];
    struct model_ref refs[MODEL_REFS];
    uint8_t (*next)(void *ctx);
    void *ctx;
    char value[MODEL_VALUE_BYTES]; /* scratch */
};

#define MODEL_MUST(condition) ((condition) ? (void)0 : model_failed(__LINE__, #condition))

static _Noreturn void model_failed(int line, const char *what)
{
    char text[128];
    struct fmt f;
    fmt_init(&f, text, sizeof text);
    fmt_str(&f, "cache_model.h:");
    fmt_i64(&f, line);
    fmt_str(&f, ": ");
    fmt_str(&f, what);
    fmt_char(&f, '\n');
    (void)!write(2, text, f.len);
    abort();
}

/* Values of one length differ by their seed from the first byte on. */
static char model_byte(uint32_t seed, size_t at)
{
    return (char)((seed + at) * 0x9e3779b1u >> 24);
}

static bool model_is_value(struct span value, uint32_t seed, size_t len)
{
    if (value.len != len)
        return false;
    for (size_t i = 0; i < len; i++)
        if (value.ptr[i] != model_byte(seed, i))
            return false;
    return true;
}

/* Few different homes: clusters are long, tags collide. */
static struct cache_id model_id(uint32_t key)
{
    struct cache_id id = {{{(uint64_t)(key % 7) << 29 | (uint64_t)(key % 5) << 60, key / 4}},
                          key % 2 + 1,
                          (uint8_t)(key / 2 % CACHE_KINDS)};
    return id;
}

static void model_start(struct model *m, void *region, size_t bytes, uint8_t (*next)(void *ctx),
                        void *ctx)
{
    memset(m, 0, offsetof(struct model, value));
    cache_init(&m->cache, region, bytes);
    m->now_ms = 1767225600000;
    m->keys = MODEL_KEYS;
    m->len_max = cache_value_bytes_max(&m->cache) + 3;
    if (m->len_max > MODEL_VALUE_BYTES)
        m->len_max = MODEL_VALUE_BYTES;
    m->next = next;
    m->ctx = ctx;
}

static uint32_t model_draw(struct model *m, uint32_t below)
{
    uint32_t drawn = m->next(m->ctx);
    if (below > 256)
        drawn = drawn << 8 | m->next(m->ctx);
    return drawn % below;
}

static void model_keep_ref(struct model *m, const struct cache_entry *e, uint32_t seed)
{
    m->refs[model_draw(m, MODEL_REFS)] = (struct model_ref){e->ref, seed, e->value.len};
}

static void model_find(struct model *m, uint32_t key)
{
    struct model_entry *e = &m->entries[key];
    struct cache_id id = model_id(key);
    int64_t stale_ms = model_draw(m, 4) == 0 ? 5000 : 0;
    struct cache_entry got;
    enum cache_found found = cache_find(&m->cache, &id, m->now_ms, stale_ms, &got);
    int64_t late_ms = m->now_ms - e->meta.expires_unix_ms;

    if (found == CACHE_MISS) {
        bool was_due =
            e->live && m->now_ms >= e->meta.stored_unix_ms && (late_ms < 0 || late_ms < stale_ms);
        e->live = e->live && !was_due;
        m->gone += was_due;
        return;
    }
    m->hits++;
    MODEL_MUST(e->live && m->now_ms >= e->meta.stored_unix_ms);
    MODEL_MUST(found == CACHE_FRESH ? late_ms < 0 : late_ms >= 0 && late_ms < stale_ms);
    MODEL_MUST(model_is_value(got.value, e->seed, e->len));
    MODEL_MUST(memcmp(&got.id.key, &id.key, sizeof id.key) == 0 && got.id.scope == id.scope &&
               got.id.kind == id.kind);
    MODEL_MUST(got.meta.stored_unix_ms == e->meta.stored_unix_ms &&
               got.meta.expires_unix_ms == e->meta.expires_unix_ms &&
               got.meta.route == e->meta.route && got.meta.api == e->meta.api);
    MODEL_MUST(cache_ref_value(&m->cache, got.ref).ptr == got.value.ptr);
    model_keep_ref(m, &got, e->seed);
}

static void model_put(struct model *m, uint32_t key)
{
    struct model_entry *e = &m->entries[key];
    struct cache_id id = model_id(key);
    struct cache_entry got;
    uint32_t seed = ++m->seed;
    bool small = model_draw(m, 4) != 0;
    size_t most = small && m->len_max > 200 ? 200 : m->len_max;
    size_t len = model_draw(m, (uint32_t)most + 1);
    size_t cut = len > 0 ? model_draw(m, (uint32_t)len) : 0;
    struct span pieces[3] = {span_of(m->value, cut), SPAN_EMPTY,
                             span_of(m->value + cut, len - cut)};
    struct cache_meta meta = {m->now_ms, m->now_ms + 1 + model_draw(m, 250) * 200,
                              model_draw(m, MODEL_ROUTES), (uint8_t)key, 0};

    for (size_t i = 0; i < len; i++)
        m->value[i] = model_byte(seed, i);
    bool taken = cache_put(&m->cache, &id, &meta, pieces, 3);
    MODEL_MUST(taken == (len > 0 && len <= cache_value_bytes_max(&m->cache)));
    if (!taken)
        return;
    *e = (struct model_entry){true, seed, len, meta};
    MODEL_MUST(cache_find(&m->cache, &id, m->now_ms, 0, &got) == CACHE_FRESH);
    MODEL_MUST(model_is_value(got.value, seed, len));
    model_keep_ref(m, &got, seed);
}

/* What a reference gives is what it was taken of, or nothing. */
static void model_check_refs(const struct model *m)
{
    for (size_t i = 0; i < MODEL_REFS; i++) {
        struct span value = cache_ref_value(&m->cache, m->refs[i].ref);
        MODEL_MUST(value.len == 0 || model_is_value(value, m->refs[i].seed, m->refs[i].len));
    }
}

/* Ring and index agree, and each entry of the ring stands in the table. */
static void model_check(const struct model *m)
{
    struct cache_walk w = {0};
    struct cache_entry got;
    uint32_t count = 0;

    MODEL_MUST(cache_check(&m->cache));
    model_check_refs(m);
    while (cache_walk_next(&m->cache, &w, &got)) {
        const struct model_entry *e = &m->entries[got.meta.api];
        MODEL_MUST(e->live && model_is_value(got.value, e->seed, e->len));
        count++;
    }
    MODEL_MUST(count == m->cache.entries);
}

static void model_forget(struct model *m, uint32_t route)
{
    for (uint32_t i = 0; i < MODEL_KEYS; i++)
        if (route == MODEL_ROUTES || m->entries[i].meta.route == route)
            m->entries[i].live = false;
}

static void model_step(struct model *m)
{
    uint32_t op = model_draw(m, 256);
    uint32_t key = model_draw(m, m->keys);
    struct cache_id id = model_id(key);

    if (op < 110) {
        model_find(m, key);
    } else if (op < 220) {
        model_put(m, key);
    } else if (op < 235) {
        bool removed = cache_remove(&m->cache, &id);
        MODEL_MUST(!removed || m->entries[key].live);
        m->entries[key].live = false;
    } else if (op < 252) {
        m->now_ms += model_draw(m, 256) * 20;
    } else if (op == 252) {
        m->now_ms -= model_draw(m, 256) * 20;
    } else if (op == 253) {
        uint32_t route = model_draw(m, MODEL_ROUTES);
        cache_clear_route(&m->cache, route);
        model_forget(m, route);
    } else if (op == 254 && model_draw(m, 8) == 0) {
        cache_clear(&m->cache);
        model_forget(m, MODEL_ROUTES);
    }
    if (m->check_each_step)
        model_check(m);
}

#endif
