/* The cache's snapshot on a disk that is torn, full, damaged, and stopped at every single write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "../sim/fake_disk.c"
#include "ledger/snapshot.h"

enum { REGION_BYTES = 1 << 20, SMALL_BYTES = 16384, HOUR_MS = 3600000, WRITES_MAX = 4000 };

#define PATH "/c"

static const int64_t now_ms = 1767225600000;
static const uint8_t secret[HASH_SIP_KEY_BYTES] = "the hash's key.";
static const struct cache_settings settings = {.snapshot = PATH, .snapshot_every_ms = HOUR_MS};
static _Alignas(16) char region[REGION_BYTES];
static _Alignas(16) char other_region[REGION_BYTES];

static struct cache_id id_of(uint32_t n)
{
    return (struct cache_id){{{n * UINT64_C(0x9e3779b97f4a7c15), n}}, n % 3, n % CACHE_KINDS};
}

static size_t len_of(uint32_t n)
{
    return 1 + n * 7919 % 1500;
}

/* Entry n of a generation; its value tells both. */
static void put_n(struct cache *c, uint32_t n, char generation)
{
    char value[2000];
    struct cache_id id = id_of(n);
    struct cache_meta meta = {now_ms + n, now_ms + n + HOUR_MS, n, (uint8_t)n, (uint8_t)(n + 1)};
    struct span piece = span_of(value, len_of(n));

    memset(value, generation + (int)(n % 7), sizeof value);
    assert_true(cache_put(c, &id, &meta, &piece, 1));
}

/* How many of the entries 1..last are there; each that is must be whole. */
static uint32_t count_n(struct cache *c, uint32_t last, char generation)
{
    uint32_t count = 0;

    for (uint32_t n = 1; n <= last; n++) {
        struct cache_id id = id_of(n);
        struct cache_entry e;

        if (cache_find(c, &id, now_ms + 5000, 0, &e) != CACHE_FRESH)
            continue;
        count++;
        assert_true(e.meta.stored_unix_ms == now_ms + n &&
                    e.meta.expires_unix_ms == now_ms + n + HOUR_MS && e.meta.route == n &&
                    e.meta.api == (uint8_t)n && e.meta.flags == (uint8_t)(n + 1));
        assert_true(e.value.len == len_of(n));
        for (size_t i = 0; i < e.value.len; i++)
            assert_int_equal(e.value.ptr[i], generation + (int)(n % 7));
    }
    return count;
}

static int write_whole(struct snapshot *s, const struct cache *c)
{
    int err = snapshot_begin(s, c, secret, 0);

    while (err == 0 && snapshot_running(s))
        err = snapshot_step(s, c);
    assert_false(snapshot_running(s));
    return err;
}

static enum snapshot_result read_whole(struct cache *c, size_t bytes, uint8_t *its_secret)
{
    struct snapshot s;

    memset(its_secret, 0, HASH_SIP_KEY_BYTES);
    cache_init(c, other_region, bytes);
    snapshot_init(&s, &settings, 0);
    enum snapshot_result result = snapshot_read(&s, c, its_secret, now_ms + 5000);
    assert_true(cache_check(c));
    assert_false(snapshot_differs(&s, c));
    return result;
}

/* An empty disk, an empty cache, and nothing written yet. */
static void start(struct snapshot *s, struct cache *c, size_t region_bytes, int64_t at_ms)
{
    fake_disk_reset(1);
    cache_init(c, region, region_bytes);
    snapshot_init(s, &settings, at_ms);
}

static void it_comes_back_as_it_was(void **state)
{
    uint8_t its_secret[HASH_SIP_KEY_BYTES];
    struct snapshot s;
    struct cache c;
    struct cache back;

    (void)state;
    start(&s, &c, REGION_BYTES, 0);
    assert_int_equal(read_whole(&back, REGION_BYTES, its_secret), SNAPSHOT_NONE);
    for (uint32_t n = 1; n <= 400; n++)
        put_n(&c, n, 'a');
    assert_int_equal(write_whole(&s, &c), 0);
    assert_int_equal(s.bytes_written, fake_disk_text(PATH).len);
    assert_int_equal(read_whole(&back, REGION_BYTES, its_secret), SNAPSHOT_READ);
    assert_memory_equal(its_secret, secret, sizeof secret);
    assert_int_equal(count_n(&back, 400, 'a'), 400);
    assert_int_equal(back.stat.puts, 0);
    /* A smaller cache takes the newest; one without room for anything takes none. */
    assert_int_equal(read_whole(&back, SMALL_BYTES, its_secret), SNAPSHOT_READ);
    uint32_t kept = count_n(&back, 400, 'a');
    assert_true(kept > 5 && kept < 50);
    struct cache_id last = id_of(400);
    struct cache_entry e;
    assert_int_equal(cache_find(&back, &last, now_ms + 5000, 0, &e), CACHE_FRESH);
    assert_int_equal(read_whole(&back, 0, its_secret), SNAPSHOT_READ);
    assert_int_equal(fake_disk_open_count(), 0);
}

static void what_expired_is_left_on_the_disk(void **state)
{
    uint8_t its_secret[HASH_SIP_KEY_BYTES];
    struct snapshot s;
    struct cache c;

    (void)state;
    start(&s, &c, REGION_BYTES, 0);
    for (uint32_t n = 1; n <= 100; n++)
        put_n(&c, n, 'a');
    assert_int_equal(write_whole(&s, &c), 0);
    cache_init(&c, other_region, REGION_BYTES);
    assert_int_equal(snapshot_read(&s, &c, its_secret, now_ms + 50 + HOUR_MS), SNAPSHOT_READ);
    assert_int_equal(c.entries, 50);
    /* A board whose clock does not stand yet keeps all, and gives none until it does. */
    cache_init(&c, other_region, REGION_BYTES);
    assert_int_equal(snapshot_read(&s, &c, its_secret, 0), SNAPSHOT_READ);
    assert_int_equal(c.entries, 100);
    struct cache_id id = id_of(1);
    struct cache_entry e;
    assert_int_equal(cache_find(&c, &id, 5, HOUR_MS, &e), CACHE_MISS);
    assert_int_equal(count_n(&c, 100, 'a'), 100);
}

static void it_is_written_when_it_is_time_and_something_changed(void **state)
{
    struct cache_settings none = {.snapshot_every_ms = HOUR_MS};
    struct snapshot s;
    struct cache c;

    (void)state;
    start(&s, &c, SMALL_BYTES, 1000);
    assert_false(snapshot_due(&s, &c, 1000 + HOUR_MS));
    put_n(&c, 1, 'a');
    assert_true(snapshot_differs(&s, &c));
    assert_false(snapshot_due(&s, &c, 999 + HOUR_MS));
    assert_true(snapshot_due(&s, &c, 1000 + HOUR_MS));
    assert_int_equal(snapshot_begin(&s, &c, secret, 1000 + HOUR_MS), 0);
    assert_false(snapshot_due(&s, &c, 1000 + 9 * HOUR_MS));
    assert_int_equal(snapshot_step(&s, &c), 0);
    assert_true(!snapshot_running(&s) && s.written == 1);
    assert_false(snapshot_due(&s, &c, 1000 + 9 * HOUR_MS));
    struct cache_id id = id_of(1);
    struct cache_entry e;
    assert_int_equal(cache_find(&c, &id, now_ms + 5, 0, &e), CACHE_FRESH);
    assert_false(snapshot_differs(&s, &c)); /* what is only read changes nothing */
    assert_true(cache_remove(&c, &id));
    assert_true(snapshot_due(&s, &c, 1000 + 2 * HOUR_MS));
    snapshot_init(&s, &none, 0);
    assert_false(snapshot_differs(&s, &c) || snapshot_due(&s, &c, HOUR_MS));
}

/* Each step is bounded, and so is the whole, though the ring goes round under it. */
static void it_is_written_while_the_cache_goes_on(void **state)
{
    uint8_t its_secret[HASH_SIP_KEY_BYTES];
    struct snapshot s;
    struct cache c;
    struct cache back;
    uint32_t n = 0;

    (void)state;
    start(&s, &c, 262144, 0);
    while (n < 300)
        put_n(&c, ++n, 'a');
    assert_int_equal(snapshot_begin(&s, &c, secret, 0), 0);
    while (snapshot_running(&s)) {
        uint64_t before = s.bytes_written;

        assert_int_equal(snapshot_step(&s, &c), 0);
        assert_true(s.bytes_written - before < SNAPSHOT_STEP_BYTES + 3000);
        for (int i = 0; i < 150; i++)
            put_n(&c, ++n, 'a');
    }
    assert_true(s.bytes_written < 262144 + 3000);
    assert_true(snapshot_differs(&s, &c));
    assert_int_equal(read_whole(&back, REGION_BYTES, its_secret), SNAPSHOT_READ);
    assert_true(count_n(&back, n, 'a') == back.entries && back.entries > 200);
}

static void a_full_disk_is_left_as_it_was(void **state)
{
    uint8_t its_secret[HASH_SIP_KEY_BYTES];
    struct snapshot s;
    struct cache c;
    struct cache back;

    (void)state;
    start(&s, &c, REGION_BYTES, 0);
    for (uint32_t n = 1; n <= 100; n++)
        put_n(&c, n, 'a');
    assert_int_equal(write_whole(&s, &c), 0);
    for (uint32_t n = 1; n <= 200; n++)
        put_n(&c, n, 'h');
    fake_disk_set_capacity(fake_disk_text(PATH).len + 50000);
    assert_int_equal(write_whole(&s, &c), -ENOSPC);
    assert_true(fake_disk_text(PATH ".new").ptr == NULL);
    assert_true(snapshot_differs(&s, &c));
    fake_disk_set_capacity(SIZE_MAX);
    assert_int_equal(read_whole(&back, REGION_BYTES, its_secret), SNAPSHOT_READ);
    assert_int_equal(count_n(&back, 200, 'a'), 100);
    fake_disk_set_read_only(true);
    assert_int_equal(write_whole(&s, &c), -EROFS);
    assert_int_equal(fake_disk_open_count(), 0);
}

/* Stopped in its nth write, for every n: the old one is there, or the new one, whole. */
static void stopped_at_every_write(void **state)
{
    bool ended = false;
    int old = 0;
    int new = 0;

    (void)state;
    for (int nth = 1; !ended && nth < WRITES_MAX; nth++) {
        uint8_t its_secret[HASH_SIP_KEY_BYTES];
        struct snapshot s;
        struct cache c;
        struct cache back;

        fake_disk_reset((uint64_t)nth);
        cache_init(&c, region, REGION_BYTES);
        snapshot_init(&s, &settings, 0);
        for (uint32_t n = 1; n <= 60; n++)
            put_n(&c, n, 'a');
        assert_int_equal(write_whole(&s, &c), 0);
        for (uint32_t n = 1; n <= 90; n++)
            put_n(&c, n, 'h');
        fake_disk_stop_at(nth);
        ended = write_whole(&s, &c) == 0;
        fake_disk_crash();
        assert_int_equal(read_whole(&back, REGION_BYTES, its_secret), SNAPSHOT_READ);
        assert_memory_equal(its_secret, secret, sizeof secret);
        struct cache_id id = id_of(1);
        struct cache_entry e;
        assert_int_equal(cache_find(&back, &id, now_ms + 5000, 0, &e), CACHE_FRESH);
        bool is_old = e.value.ptr[0] == 'a' + 1;
        assert_int_equal(back.entries, is_old ? 60 : 90);
        assert_int_equal(count_n(&back, 90, is_old ? 'a' : 'h'), back.entries);
        old += is_old;
        new += !is_old;
        /* And what was left over is in nobody's way. */
        snapshot_init(&s, &settings, 0);
        assert_int_equal(write_whole(&s, &c), 0);
        assert_int_equal(read_whole(&back, REGION_BYTES, its_secret), SNAPSHOT_READ);
        assert_int_equal(count_n(&back, 90, 'h'), 90);
    }
    assert_true(ended && old > 180 && new > 0);
}

/* A byte that is not as it was written, and a file that ends early or late. */
static void a_damaged_one_is_not_used(void **state)
{
    static char whole[65536];
    static char text[65536];
    uint8_t its_secret[HASH_SIP_KEY_BYTES];
    struct snapshot s;
    struct cache c;
    struct cache back;

    (void)state;
    start(&s, &c, REGION_BYTES, 0);
    for (uint32_t n = 1; n <= 12; n++)
        put_n(&c, n, 'a');
    assert_int_equal(write_whole(&s, &c), 0);
    size_t len = fake_disk_text(PATH).len;
    assert_true(len < sizeof whole - 1);
    memcpy(whole, fake_disk_text(PATH).ptr, len);
    for (size_t at = 0; at < len; at++) {
        memcpy(text, whole, len);
        text[at] ^= (char)(1 << at % 8);
        fake_disk_put(PATH, span_of(text, len));
        assert_int_equal(read_whole(&back, REGION_BYTES, its_secret), SNAPSHOT_DAMAGED);
        assert_int_equal(back.entries, 0);
        assert_int_equal(its_secret[0], 0);
    }
    for (size_t cut = 0; cut < len; cut++) {
        fake_disk_put(PATH, span_of(whole, cut));
        assert_int_equal(read_whole(&back, REGION_BYTES, its_secret), SNAPSHOT_DAMAGED);
        assert_int_equal(back.entries, 0);
    }
    memcpy(text, whole, len + 1);
    fake_disk_put(PATH, span_of(text, len + 1));
    assert_int_equal(read_whole(&back, REGION_BYTES, its_secret), SNAPSHOT_DAMAGED);
    assert_int_equal(fake_disk_open_count(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_comes_back_as_it_was),
        cmocka_unit_test(what_expired_is_left_on_the_disk),
        cmocka_unit_test(it_is_written_when_it_is_time_and_something_changed),
        cmocka_unit_test(it_is_written_while_the_cache_goes_on),
        cmocka_unit_test(a_full_disk_is_left_as_it_was),
        cmocka_unit_test(stopped_at_every_write),
        cmocka_unit_test(a_damaged_one_is_not_used),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
