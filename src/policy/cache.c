#include "policy/cache.h"

#include <string.h>

#include "base/check.h"

enum { CACHE_UNIT_BYTES = 8 };

/* Before each value. Entries follow each other without gaps, from the tail to the head. */
struct cached {
    uint64_t key[2];
    uint64_t scope;
    int64_t stored_unix_ms;
    int64_t expires_unix_ms;
    uint32_t route;
    uint32_t value_bytes;
    uint8_t kind;
    uint8_t api;
    uint8_t flags;
    uint8_t state;
};

enum cached_state {
    CACHED_DEAD, /* removed or replaced: in no slot */
    CACHED_COLD,
    CACHED_HOT, /* found since it was written */
};

static struct cached *cached_at(const struct cache *c, uint32_t at)
{
    return (struct cached *)(void *)(c->ring + at);
}

static uint32_t cached_bytes(size_t value_bytes)
{
    size_t bytes = sizeof(struct cached) + value_bytes + CACHE_UNIT_BYTES - 1;

    return (uint32_t)(bytes - bytes % CACHE_UNIT_BYTES);
}

static void cached_entry(const struct cache *c, uint32_t lap, uint32_t at, struct cache_entry *out)
{
    const struct cached *e = cached_at(c, at);

    out->id = (struct cache_id){{{e->key[0], e->key[1]}}, e->scope, e->kind};
    out->meta =
        (struct cache_meta){e->stored_unix_ms, e->expires_unix_ms, e->route, e->api, e->flags};
    out->value = span_of((const char *)(e + 1), e->value_bytes);
    out->ref = (struct cache_ref){lap, at};
}

void cache_init(struct cache *c, void *region, size_t bytes)
{
    size_t slots;
    size_t index_bytes;

    memset(c, 0, sizeof(*c));
    c->lap = 1;
    CHECK((uintptr_t)region % CACHE_UNIT_BYTES == 0);
    if (bytes > CACHE_REGION_BYTES_MAX)
        bytes = CACHE_REGION_BYTES_MAX;
    slots = bytes / CACHE_BYTES_PER_SLOT;
    slots -= slots % 2; /* so that the ring behind them is aligned */
    index_bytes = slots * sizeof(uint32_t);
    if (slots == 0)
        return;
    c->slots = region;
    c->slot_count = (uint32_t)slots;
    c->entries_max = (uint32_t)(slots - (slots + 3) / 4);
    c->ring = (char *)region + index_bytes;
    c->ring_bytes = (uint32_t)(bytes - index_bytes) / CACHE_UNIT_BYTES * CACHE_UNIT_BYTES;
    c->entry_bytes_max = c->ring_bytes / CACHE_SHARE_MAX;
    while (c->ring_bytes / CACHE_UNIT_BYTES >> c->offset_bits != 0)
        c->offset_bits++;
    memset(c->slots, 0, index_bytes);
}

/* ---- index ---- */

static uint32_t slot_home(const struct cache *c, uint64_t key)
{
    return (uint32_t)((uint64_t)(uint32_t)key * c->slot_count >> 32);
}

static uint32_t slot_after(const struct cache *c, uint32_t slot)
{
    return slot + 1 == c->slot_count ? 0 : slot + 1;
}

static uint32_t slot_distance(const struct cache *c, uint32_t from, uint32_t to)
{
    return to >= from ? to - from : to + c->slot_count - from;
}

/* What the slot of an entry there holds: bits of the key that chose no slot, and the place. */
static uint32_t slot_word(const struct cache *c, uint64_t key, uint32_t at)
{
    uint32_t tag = (uint32_t)(key >> 32) >> c->offset_bits;

    return tag << c->offset_bits | (at / CACHE_UNIT_BYTES + 1);
}

static uint32_t slot_place(const struct cache *c, uint32_t word)
{
    return ((word & ((1u << c->offset_bits) - 1)) - 1) * CACHE_UNIT_BYTES;
}

/* The slot of an entry that has one. */
static uint32_t slot_of(const struct cache *c, uint32_t at)
{
    uint64_t key = cached_at(c, at)->key[0];
    uint32_t word = slot_word(c, key, at);
    uint32_t slot = slot_home(c, key);

    while (c->slots[slot] != word) {
        CHECK(c->slots[slot] != 0);
        slot = slot_after(c, slot);
    }
    return slot;
}

static void slot_take(struct cache *c, uint32_t at)
{
    uint64_t key = cached_at(c, at)->key[0];
    uint32_t slot = slot_home(c, key);

    while (c->slots[slot] != 0)
        slot = slot_after(c, slot);
    c->slots[slot] = slot_word(c, key, at);
}

/* What follows moves up, where it does not stand before its home then: no tombstones. */
static void slot_give(struct cache *c, uint32_t slot)
{
    uint32_t hole = slot;

    for (uint32_t s = slot_after(c, slot); c->slots[s] != 0; s = slot_after(c, s)) {
        uint32_t home = slot_home(c, cached_at(c, slot_place(c, c->slots[s]))->key[0]);

        if (slot_distance(c, home, s) < slot_distance(c, hole, s))
            continue;
        c->slots[hole] = c->slots[s];
        hole = s;
    }
    c->slots[hole] = 0;
}

static struct cached *cached_find(const struct cache *c, const struct cache_id *id)
{
    uint64_t key = id->key.word[0];
    uint32_t places = (1u << c->offset_bits) - 1;

    if (c->slot_count == 0)
        return NULL;
    for (uint32_t s = slot_home(c, key); c->slots[s] != 0; s = slot_after(c, s)) {
        struct cached *e;

        if (((c->slots[s] ^ slot_word(c, key, 0)) & ~places) != 0)
            continue;
        e = cached_at(c, slot_place(c, c->slots[s]));
        if (e->key[0] == key && e->key[1] == id->key.word[1] && e->scope == id->scope &&
            e->kind == id->kind)
            return e;
    }
    return NULL;
}

static uint32_t cached_place(const struct cache *c, const struct cached *e)
{
    return (uint32_t)((const char *)e - c->ring);
}

/* Its bytes stay until the tail has passed them. */
static void cached_kill(struct cache *c, struct cached *e)
{
    slot_give(c, slot_of(c, cached_place(c, e)));
    e->state = CACHED_DEAD;
    c->entries--;
    c->bytes -= cached_bytes(e->value_bytes);
    c->changes++;
}

/* ---- ring ---- */

struct chances {
    int64_t now_unix_ms;
    uint32_t count;
    uint32_t bytes;
};

/* From the tail to the head. When the ring is full these touch: then nothing is in the way. */
static bool cached_move(struct cache *c, uint32_t bytes, struct chances *spent)
{
    struct cached *e = cached_at(c, c->tail);
    uint32_t slot;

    if (e->state != CACHED_HOT || e->expires_unix_ms <= spent->now_unix_ms ||
        spent->count == CACHE_CHANCES_MAX || spent->bytes >= CACHE_MOVED_BYTES_MAX ||
        (!c->lapped && c->ring_bytes - c->head < bytes))
        return false;
    slot = slot_of(c, c->tail);
    c->slots[slot] = slot_word(c, e->key[0], c->head);
    e->state = CACHED_COLD;
    memmove(c->ring + c->head, e, bytes);
    c->head += bytes;
    spent->count++;
    spent->bytes += bytes;
    c->stat.second_chances++;
    return true;
}

/* The oldest is dropped, or moved to the front. */
static void cache_pass_oldest(struct cache *c, struct chances *spent)
{
    struct cached *e = cached_at(c, c->tail);
    uint32_t bytes = cached_bytes(e->value_bytes);

    if (e->state != CACHED_DEAD && !cached_move(c, bytes, spent)) {
        c->stat.evictions += e->expires_unix_ms > spent->now_unix_ms;
        cached_kill(c, e);
    }
    c->tail += bytes;
}

/* The tail has come to where the lap before ended, or the head cannot go on to the ring's end. */
static bool cache_turn(struct cache *c, uint32_t bytes)
{
    if (c->lapped && c->tail == c->wrap) {
        c->tail = 0;
        c->lapped = false;
        return true;
    }
    if (!c->lapped && c->ring_bytes - c->head < bytes) {
        c->wrap = c->head;
        c->head = 0;
        c->lap++;
        c->lapped = true;
        return true;
    }
    return false;
}

static void cache_make_room(struct cache *c, uint32_t bytes, int64_t now_unix_ms)
{
    struct chances spent = {.now_unix_ms = now_unix_ms};

    for (;;) {
        if (cache_turn(c, bytes))
            continue;
        if (c->entries >= c->entries_max || (c->lapped && c->tail - c->head < bytes))
            cache_pass_oldest(c, &spent);
        else
            return;
    }
}

size_t cache_value_bytes_max(const struct cache *c)
{
    uint32_t whole = c->entry_bytes_max / CACHE_UNIT_BYTES * CACHE_UNIT_BYTES;

    return whole > sizeof(struct cached) ? whole - sizeof(struct cached) : 0;
}

char *cache_claim(struct cache *c, const struct cache_id *id, const struct cache_meta *meta,
                  size_t value_bytes)
{
    struct cached *e = cached_find(c, id);
    uint32_t bytes;

    CHECK(id->kind < CACHE_KINDS);
    if (value_bytes == 0 || value_bytes > cache_value_bytes_max(c) || c->entries_max == 0 ||
        meta->stored_unix_ms < 0 || meta->expires_unix_ms <= meta->stored_unix_ms)
        return NULL;
    if (e != NULL)
        cached_kill(c, e);
    bytes = cached_bytes(value_bytes);
    cache_make_room(c, bytes, meta->stored_unix_ms);
    e = cached_at(c, c->head);
    *e = (struct cached){
        .key = {id->key.word[0], id->key.word[1]},
        .scope = id->scope,
        .stored_unix_ms = meta->stored_unix_ms,
        .expires_unix_ms = meta->expires_unix_ms,
        .route = meta->route,
        .value_bytes = (uint32_t)value_bytes,
        .kind = id->kind,
        .api = meta->api,
        .flags = meta->flags,
        .state = CACHED_COLD,
    };
    slot_take(c, c->head);
    c->head += bytes;
    c->entries++;
    c->bytes += bytes;
    if (c->bytes > c->bytes_peak)
        c->bytes_peak = c->bytes;
    c->changes++;
    c->stat.puts++;
    return (char *)(e + 1);
}

bool cache_put(struct cache *c, const struct cache_id *id, const struct cache_meta *meta,
               const struct span *pieces, size_t count)
{
    size_t bytes = 0;
    char *to;

    for (size_t i = 0; i < count; i++) {
        if (pieces[i].len > SIZE_MAX - bytes)
            return false;
        bytes += pieces[i].len;
    }
    to = cache_claim(c, id, meta, bytes);
    for (size_t i = 0; to != NULL && i < count; i++) {
        if (pieces[i].len == 0)
            continue;
        CHECK(pieces[i].ptr + pieces[i].len <= c->ring || pieces[i].ptr >= c->ring + c->ring_bytes);
        memcpy(to, pieces[i].ptr, pieces[i].len);
        to += pieces[i].len;
    }
    return to != NULL;
}

enum cache_found cache_find(struct cache *c, const struct cache_id *id, int64_t now_unix_ms,
                            int64_t accept_stale_ms, struct cache_entry *out)
{
    struct cached *e = cached_find(c, id);
    uint32_t at;

    if (e == NULL || now_unix_ms < e->stored_unix_ms ||
        (now_unix_ms >= e->expires_unix_ms &&
         now_unix_ms - e->expires_unix_ms >= accept_stale_ms)) {
        c->stat.misses++;
        return CACHE_MISS;
    }
    e->state = CACHED_HOT;
    c->stat.hits++;
    at = cached_place(c, e);
    cached_entry(c, c->lapped && at >= c->tail ? c->lap - 1 : c->lap, at, out);
    return now_unix_ms < e->expires_unix_ms ? CACHE_FRESH : CACHE_STALE;
}

bool cache_remove(struct cache *c, const struct cache_id *id)
{
    struct cached *e = cached_find(c, id);

    if (e != NULL)
        cached_kill(c, e);
    return e != NULL;
}

void cache_clear(struct cache *c)
{
    if (c->slot_count > 0)
        memset(c->slots, 0, c->slot_count * sizeof(c->slots[0]));
    c->head = 0;
    c->tail = 0;
    c->lap++; /* what a cache_ref knows is behind the tail now */
    c->lapped = false;
    c->entries = 0;
    c->bytes = 0;
    c->changes++;
}

/* ---- places ---- */

/* Laps are compared by their difference: they may run over. */
static bool is_behind_tail(const struct cache *c, uint32_t lap, uint32_t at)
{
    int32_t laps = (int32_t)(lap - (c->lapped ? c->lap - 1 : c->lap));

    return laps < 0 || (laps == 0 && at < c->tail);
}

struct span cache_ref_value(const struct cache *c, struct cache_ref ref)
{
    const struct cached *e;

    if (ref.lap == 0 || is_behind_tail(c, ref.lap, ref.at))
        return SPAN_EMPTY;
    e = cached_at(c, ref.at);
    return span_of((const char *)(e + 1), e->value_bytes);
}

/* Dead ones too. */
static bool walk_step(const struct cache *c, struct cache_walk *w, struct cache_walk *found)
{
    if (is_behind_tail(c, w->lap, w->at))
        *w = (struct cache_walk){c->lapped ? c->lap - 1 : c->lap, c->tail};
    if (w->lap != c->lap && w->at == c->wrap)
        *w = (struct cache_walk){c->lap, 0};
    if (w->lap == c->lap && w->at == c->head)
        return false;
    *found = *w;
    w->at += cached_bytes(cached_at(c, w->at)->value_bytes);
    return true;
}

bool cache_walk_next(const struct cache *c, struct cache_walk *w, struct cache_entry *out)
{
    struct cache_walk found;

    while (walk_step(c, w, &found)) {
        if (cached_at(c, found.at)->state == CACHED_DEAD)
            continue;
        cached_entry(c, found.lap, found.at, out);
        return true;
    }
    return false;
}

void cache_clear_route(struct cache *c, uint32_t route)
{
    struct cache_walk w = {0};
    struct cache_walk found;

    while (walk_step(c, &w, &found)) {
        struct cached *e = cached_at(c, found.at);

        if (e->state != CACHED_DEAD && e->route == route)
            cached_kill(c, e);
    }
}

bool cache_check(const struct cache *c)
{
    struct cache_walk w = {0};
    struct cache_entry entry;
    uint32_t entries = 0;
    uint32_t taken = 0;
    uint64_t bytes = 0;

    while (cache_walk_next(c, &w, &entry)) {
        const struct cached *e = cached_at(c, entry.ref.at);

        entries++;
        bytes += cached_bytes(e->value_bytes);
        if (cached_find(c, &entry.id) != e || e->expires_unix_ms <= e->stored_unix_ms ||
            cached_bytes(e->value_bytes) > c->entry_bytes_max)
            return false;
    }
    for (uint32_t s = 0; s < c->slot_count; s++)
        taken += c->slots[s] != 0;
    return entries == c->entries && taken == entries && bytes == c->bytes &&
           entries <= c->entries_max && c->head <= c->ring_bytes &&
           (c->lapped ? c->head <= c->tail && c->tail <= c->wrap && c->wrap <= c->ring_bytes
                      : c->tail <= c->head);
}
