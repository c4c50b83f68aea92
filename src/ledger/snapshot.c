#include "ledger/snapshot.h"

#include <errno.h>
#include <string.h>

#include "base/check.h"
#include "base/fmt.h"
#include "ledger/disk.h"

enum { SNAPSHOT_PATH_BYTES = CACHE_PATH_BYTES + 8, SNAPSHOT_PASSED_BYTES = 512 };

void snapshot_init(struct snapshot *s, const struct cache_settings *settings, int64_t now_mono_ms)
{
    memset(s, 0, sizeof(*s));
    s->path = settings->snapshot;
    s->every_ms = settings->snapshot_every_ms;
    s->next_ms = now_mono_ms + s->every_ms;
}

bool snapshot_differs(const struct snapshot *s, const struct cache *c)
{
    return s->path[0] != '\0' && s->changes != c->changes;
}

bool snapshot_due(const struct snapshot *s, const struct cache *c, int64_t now_mono_ms)
{
    return !s->running && now_mono_ms >= s->next_ms && snapshot_differs(s, c);
}

bool snapshot_running(const struct snapshot *s)
{
    return s->running;
}

/* ---- writing ---- */

static const char *fresh_path(const struct snapshot *s, char out[SNAPSHOT_PATH_BYTES])
{
    struct fmt f;

    fmt_init(&f, out, SNAPSHOT_PATH_BYTES);
    fmt_str(&f, s->path);
    fmt_str(&f, ".new");
    return fmt_cstr(&f);
}

static int write_all(struct snapshot *s, const void *data, size_t bytes)
{
    struct span rest = span_of(data, bytes);

    while (rest.len > 0) {
        int64_t put = disk_append(s->fd, rest.ptr, rest.len);

        if (put <= 0)
            return put < 0 ? (int)put : -ENOSPC;
        s->bytes += (uint64_t)put;
        s->bytes_written += (uint64_t)put;
        rest = span_part(rest, (size_t)put, rest.len);
    }
    return 0;
}

/* With an error what was written is in the way of others on a disk that may be full. */
static int run_end(struct snapshot *s, int err)
{
    char fresh[SNAPSHOT_PATH_BYTES];

    disk_close(s->fd);
    s->running = false;
    if (err == 0)
        err = disk_rename(fresh_path(s, fresh), s->path);
    if (err != 0) {
        (void)disk_remove(fresh_path(s, fresh));
        return err;
    }
    s->changes = s->begun_changes;
    s->written++;
    return disk_sync_folder(s->path);
}

int snapshot_begin(struct snapshot *s, const struct cache *c,
                   const uint8_t secret[HASH_SIP_KEY_BYTES], int64_t now_mono_ms)
{
    struct cache_snapshot_head head;
    char fresh[SNAPSHOT_PATH_BYTES];
    int err;

    CHECK(!s->running && s->path[0] != '\0');
    s->next_ms = now_mono_ms + s->every_ms;
    s->fd = disk_open_append(fresh_path(s, fresh));
    if (s->fd < 0)
        return s->fd;
    s->running = true;
    s->count = 0;
    s->bytes = 0;
    s->begun_changes = c->changes;
    s->walk = (struct cache_walk){0, 0};
    cache_snapshot_head(secret, &head);
    err = disk_truncate(s->fd, 0);
    if (err == 0)
        err = write_all(s, &head, sizeof(head));
    return err != 0 ? run_end(s, err) : 0;
}

int snapshot_step(struct snapshot *s, const struct cache *c)
{
    uint64_t until = s->bytes + SNAPSHOT_STEP_BYTES;
    struct cache_snapshot_record record;
    struct cache_entry e;
    bool more = true;
    int err = 0;

    CHECK(s->running);
    while (err == 0 && more && s->bytes < until) {
        more = s->bytes < c->ring_bytes && cache_walk_next(c, &s->walk, &e);
        if (more) {
            cache_snapshot_entry(&e, &record);
            s->count++;
        } else {
            cache_snapshot_end(s->count, &record);
        }
        err = write_all(s, &record, sizeof(record));
        if (err == 0 && more)
            err = write_all(s, e.value.ptr, e.value.len);
    }
    if (err == 0)
        err = disk_sync(s->fd);
    return err != 0 || !more ? run_end(s, err) : 0;
}

/* ---- reading ---- */

struct source {
    int fd;
    int64_t at;
};

static bool read_all(struct source *from, void *out, size_t bytes)
{
    char *to = out;

    while (bytes > 0) {
        int64_t got = disk_read_at(from->fd, to, bytes, from->at);

        if (got <= 0)
            return false;
        from->at += got;
        to += got;
        bytes -= (size_t)got;
    }
    return true;
}

/* What expired or is too large for the cache of now is only looked over. */
static bool read_value(struct source *from, struct cache *c, const struct cache_snapshot_record *r,
                       int64_t now_unix_ms)
{
    char passed[SNAPSHOT_PASSED_BYTES];
    uint32_t left = r->value_bytes;
    uint32_t crc = cache_snapshot_crc(r);
    char *to = NULL;

    if (r->expires_unix_ms > now_unix_ms)
        to = cache_snapshot_claim(c, r);
    while (left > 0) {
        uint32_t part = to != NULL || left < sizeof(passed) ? left : (uint32_t)sizeof(passed);

        if (!read_all(from, to != NULL ? to : passed, part))
            return false;
        crc = hash_crc32(crc, span_of(to != NULL ? to : passed, part));
        left -= part;
    }
    return crc == r->crc;
}

static bool read_records(struct source *from, struct cache *c, int64_t now_unix_ms)
{
    struct cache_snapshot_record r;

    for (uint64_t count = 0; read_all(from, &r, sizeof(r)); count++) {
        if (r.mark == CACHE_SNAPSHOT_END)
            return r.value_bytes == 0 && r.key[0] == count && cache_snapshot_crc(&r) == r.crc &&
                   disk_size(from->fd) == from->at;
        if (r.mark != CACHE_SNAPSHOT_ENTRY || !read_value(from, c, &r, now_unix_ms))
            return false;
    }
    return false;
}

enum snapshot_result snapshot_read(struct snapshot *s, struct cache *c,
                                   uint8_t secret[HASH_SIP_KEY_BYTES], int64_t now_unix_ms)
{
    struct cache_snapshot_head head;
    struct source from = {.at = 0};
    bool whole;

    CHECK(c->entries == 0);
    from.fd = s->path[0] != '\0' ? disk_open_read(s->path) : -ENOENT;
    if (from.fd < 0)
        return SNAPSHOT_NONE;
    whole = read_all(&from, &head, sizeof(head)) && cache_snapshot_head_whole(&head) &&
            read_records(&from, c, now_unix_ms);
    disk_close(from.fd);
    if (!whole)
        cache_clear(c);
    else
        memcpy(secret, head.secret, sizeof(head.secret));
    c->stat = (struct cache_stat){0};
    s->changes = c->changes;
    return whole ? SNAPSHOT_READ : SNAPSHOT_DAMAGED;
}
