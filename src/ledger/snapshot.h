/* snapshot - the cache on a disk, so that a restart does not pay for every answer again.
 *
 * PATH holds the whole cache as it was at some time (policy/cache_snapshot.h). It is written to
 * PATH.new in steps, so that the loop never stands still for a whole flash write, synced, and
 * renamed: a power cut leaves the old or the new one.
 *
 *   snapshot_read()                       once, at start, into an empty cache
 *   snapshot_due() -> snapshot_begin()    when it is time and something changed
 *   snapshot_step() ...                   a turn of the loop each, while snapshot_running()
 *   snapshot_begin(), all steps           at the end, if snapshot_differs()
 *
 * A flash wears out by what is written: nothing is written when nothing changed, no run writes more
 * than the ring has bytes and one entry, and bytes_written counts. What is put in or removed during
 * a run may or may not be in the file; the next one has it right. */
#ifndef LEDGER_SNAPSHOT_H
#define LEDGER_SNAPSHOT_H

#include "policy/cache_settings.h"
#include "policy/cache_snapshot.h"

enum {
    SNAPSHOT_STEP_BYTES = 65536, /* written and synced in one step, and one entry more: tens of ms
                                  * on the flash of a router */
};

struct snapshot {
    const char *path; /* of the settings; "" = none is kept */
    int64_t every_ms;
    int64_t next_ms;        /* monotonic */
    uint64_t changes;       /* cache.changes of what the file holds */
    uint64_t bytes_written; /* since the start: the wear */
    uint64_t written;       /* whole snapshots since the start */
    /* Of the run: */
    bool running;
    int fd;
    uint64_t count;
    uint64_t bytes;
    uint64_t begun_changes;
    struct cache_walk walk;
};

enum snapshot_result {
    SNAPSHOT_NONE,    /* no file */
    SNAPSHOT_READ,    /* what had not expired and fits is in the cache */
    SNAPSHOT_DAMAGED, /* or of another version: nothing of it is used */
};

/* `settings` outlives the snapshot. */
void snapshot_init(struct snapshot *s, const struct cache_settings *settings, int64_t now_mono_ms);
/* `c` is empty; `secret` becomes the file's, if it was read, and is left alone else. */
enum snapshot_result snapshot_read(struct snapshot *s, struct cache *c,
                                   uint8_t secret[HASH_SIP_KEY_BYTES], int64_t now_unix_ms);
bool snapshot_differs(const struct snapshot *s, const struct cache *c);
bool snapshot_due(const struct snapshot *s, const struct cache *c, int64_t now_mono_ms);
bool snapshot_running(const struct snapshot *s);
/* 0, or -errno; then nothing runs, PATH.new is gone if it can be, and the next try is due after
 * `every`. Not while one is running. */
int snapshot_begin(struct snapshot *s, const struct cache *c,
                   const uint8_t secret[HASH_SIP_KEY_BYTES], int64_t now_mono_ms);
/* The same; snapshot_running() says whether there is more to do. */
int snapshot_step(struct snapshot *s, const struct cache *c);

#endif
