#include "policy/cache_snapshot.h"

#include <string.h>

enum {
    HEAD_TEXT_BYTES = 20,
    HEAD_CRC_AT = CACHE_SNAPSHOT_HEAD_BYTES - 4,
    RECORD_CRC_AT = CACHE_SNAPSHOT_RECORD_BYTES - 4,
    MARK_ENTRY = 'e',
    MARK_END = '.',
};

_Static_assert(HEAD_TEXT_BYTES + HASH_SIP_KEY_BYTES == HEAD_CRC_AT, "the head's parts fill it");

static const char head_text[HEAD_TEXT_BYTES] = "#farthing-cache 1\n";

static uint8_t *put(uint8_t *to, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        to[i] = (uint8_t)(value >> (8 * i));
    return to + bytes;
}

static uint64_t get(const uint8_t **from, size_t bytes)
{
    uint64_t value = 0;

    for (size_t i = 0; i < bytes; i++)
        value |= (uint64_t)(*from)[i] << (8 * i);
    *from += bytes;
    return value;
}

static uint32_t crc_of(const uint8_t *bytes, size_t len, struct span value)
{
    return hash_crc32(hash_crc32(0, span_of((const char *)bytes, len)), value);
}

void cache_snapshot_head(const uint8_t secret[HASH_SIP_KEY_BYTES],
                         uint8_t out[CACHE_SNAPSHOT_HEAD_BYTES])
{
    memcpy(out, head_text, HEAD_TEXT_BYTES);
    memcpy(out + HEAD_TEXT_BYTES, secret, HASH_SIP_KEY_BYTES);
    put(out + HEAD_CRC_AT, crc_of(out, HEAD_CRC_AT, SPAN_EMPTY), 4);
}

bool cache_snapshot_head_read(const uint8_t in[CACHE_SNAPSHOT_HEAD_BYTES],
                              uint8_t secret[HASH_SIP_KEY_BYTES])
{
    const uint8_t *crc = in + HEAD_CRC_AT;

    if (memcmp(in, head_text, HEAD_TEXT_BYTES) != 0 ||
        get(&crc, 4) != crc_of(in, HEAD_CRC_AT, SPAN_EMPTY))
        return false;
    memcpy(secret, in + HEAD_TEXT_BYTES, HASH_SIP_KEY_BYTES);
    return true;
}

static void put_record(const struct cache_entry *e, uint8_t mark, uint8_t *out)
{
    uint8_t *at = put(out, e->value.len, 4);

    at = put(at, e->id.kind, 1);
    at = put(at, e->meta.api, 1);
    at = put(at, e->meta.flags, 1);
    at = put(at, mark, 1);
    at = put(at, e->meta.route, 4);
    at = put(at, e->id.key.word[0], 8);
    at = put(at, e->id.key.word[1], 8);
    at = put(at, e->id.scope, 8);
    at = put(at, (uint64_t)e->meta.stored_unix_ms, 8);
    at = put(at, (uint64_t)e->meta.expires_unix_ms, 8);
    put(at, crc_of(out, RECORD_CRC_AT, e->value), 4);
}

void cache_snapshot_entry(const struct cache_entry *e, uint8_t out[CACHE_SNAPSHOT_RECORD_BYTES])
{
    put_record(e, MARK_ENTRY, out);
}

void cache_snapshot_end(uint64_t count, uint8_t out[CACHE_SNAPSHOT_RECORD_BYTES])
{
    struct cache_entry e = {.id = {.key = {{count, 0}}}};

    put_record(&e, MARK_END, out);
}

enum cache_snapshot_kind cache_snapshot_read(const uint8_t in[CACHE_SNAPSHOT_RECORD_BYTES],
                                             struct cache_snapshot_record *out)
{
    uint8_t mark;

    out->crc_begun = crc_of(in, RECORD_CRC_AT, SPAN_EMPTY);
    out->value_bytes = (uint32_t)get(&in, 4);
    out->id.kind = (uint8_t)get(&in, 1);
    out->meta.api = (uint8_t)get(&in, 1);
    out->meta.flags = (uint8_t)get(&in, 1);
    mark = (uint8_t)get(&in, 1);
    out->meta.route = (uint32_t)get(&in, 4);
    out->id.key.word[0] = get(&in, 8);
    out->id.key.word[1] = get(&in, 8);
    out->id.scope = get(&in, 8);
    out->meta.stored_unix_ms = (int64_t)get(&in, 8);
    out->meta.expires_unix_ms = (int64_t)get(&in, 8);
    out->crc = (uint32_t)get(&in, 4);
    out->count = out->id.key.word[0];
    if (mark == MARK_END && out->value_bytes == 0)
        return CACHE_SNAPSHOT_END;
    return mark == MARK_ENTRY && out->id.kind < CACHE_KINDS ? CACHE_SNAPSHOT_ENTRY
                                                            : CACHE_SNAPSHOT_BAD;
}
