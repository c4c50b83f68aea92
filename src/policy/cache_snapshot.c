#include "policy/cache_snapshot.h"

#include <stddef.h>
#include <string.h>

_Static_assert(sizeof(struct cache_snapshot_head) ==
                       offsetof(struct cache_snapshot_head, crc) + sizeof(uint32_t) &&
                   offsetof(struct cache_snapshot_head, crc) ==
                       CACHE_SNAPSHOT_TEXT_BYTES + HASH_SIP_KEY_BYTES,
               "a head without padding");
_Static_assert(sizeof(struct cache_snapshot_record) == 5 * sizeof(uint64_t) + 4 * sizeof(uint32_t),
               "a record without padding");

static const char head_text[CACHE_SNAPSHOT_TEXT_BYTES] = "#farthing-cache 1\n";

static uint32_t head_crc(const struct cache_snapshot_head *h)
{
    return hash_crc32(0, span_of((const char *)h, offsetof(struct cache_snapshot_head, crc)));
}

void cache_snapshot_head(const uint8_t secret[HASH_SIP_KEY_BYTES], struct cache_snapshot_head *out)
{
    memcpy(out->text, head_text, sizeof(out->text));
    memcpy(out->secret, secret, sizeof(out->secret));
    out->crc = head_crc(out);
}

bool cache_snapshot_head_whole(const struct cache_snapshot_head *h)
{
    return memcmp(h->text, head_text, sizeof(h->text)) == 0 && h->crc == head_crc(h);
}

uint32_t cache_snapshot_crc(const struct cache_snapshot_record *r)
{
    return hash_crc32(0, span_of((const char *)r, offsetof(struct cache_snapshot_record, crc)));
}

void cache_snapshot_entry(const struct cache_entry *e, struct cache_snapshot_record *out)
{
    *out = (struct cache_snapshot_record){
        .key = {e->id.key.word[0], e->id.key.word[1]},
        .scope = e->id.scope,
        .stored_unix_ms = e->meta.stored_unix_ms,
        .expires_unix_ms = e->meta.expires_unix_ms,
        .value_bytes = (uint32_t)e->value.len,
        .route = e->meta.route,
        .kind = e->id.kind,
        .api = e->meta.api,
        .flags = e->meta.flags,
        .mark = CACHE_SNAPSHOT_ENTRY,
    };
    out->crc = hash_crc32(cache_snapshot_crc(out), e->value);
}

void cache_snapshot_end(uint64_t count, struct cache_snapshot_record *out)
{
    *out = (struct cache_snapshot_record){.key = {count, 0}, .mark = CACHE_SNAPSHOT_END};
    out->crc = cache_snapshot_crc(out);
}

char *cache_snapshot_claim(struct cache *c, const struct cache_snapshot_record *r)
{
    struct cache_id id = {{{r->key[0], r->key[1]}}, r->scope, r->kind};
    struct cache_meta meta = {r->stored_unix_ms, r->expires_unix_ms, r->route, r->api, r->flags};

    return r->kind < CACHE_KINDS ? cache_claim(c, &id, &meta, r->value_bytes) : NULL;
}
