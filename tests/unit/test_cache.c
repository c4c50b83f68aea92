/* The cache beside a plain table, in regions of every size; who gives way, and how full it gets. */
#include <unistd.h>

#include "base/fmt.h"
#include "cm.h"

#include "../sim/cache_model.h"

enum { REGION_BYTES = 1 << 20, DAY_MS = 86400000 };

static _Alignas(16) char region[REGION_BYTES + 16];
static const char other_text[1000] = "x";
static struct model model;
static const int64_t now_ms = 1767225600000;

static uint64_t random_state;

static uint8_t random_byte(void *ctx)
{
    (void)ctx;
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint8_t)(random_state >> 56);
}

static struct cache_id id_of(uint32_t n)
{
    return (struct cache_id){{{n * UINT64_C(0x9e3779b97f4a7c15), n}}, 1, CACHE_ANSWER};
}

static bool put_n(struct cache *c, uint32_t n, size_t len, int64_t ttl_ms)
{
    static char value[REGION_BYTES];
    struct cache_id id = id_of(n);
    struct cache_meta meta = {now_ms, now_ms + ttl_ms, n % 2, 0, 0};
    struct span piece = span_of(value, len);

    memset(value, (int)(n & 0xff), len);
    return cache_put(c, &id, &meta, &piece, 1);
}

static enum cache_found find_n(struct cache *c, uint32_t n, struct cache_entry *out)
{
    struct cache_id id = id_of(n);

    return cache_find(c, &id, now_ms, 0, out);
}

/* What stands after the region stays as it was. */
static void every_small_region_holds_to_the_table(void **state)
{
    uint64_t hits = 0;
    uint64_t evictions = 0;

    (void)state;
    for (size_t bytes = 0; bytes <= 3000; bytes++) {
        random_state = bytes;
        memset(region, 0x55, sizeof region);
        model_start(&model, region, bytes, random_byte, NULL);
        model.check_each_step = bytes % 16 == 0;
        model.keys = bytes % 3 == 0 ? 12 : MODEL_KEYS;
        for (int i = 0; i < 300; i++)
            model_step(&model);
        model_check(&model);
        for (size_t i = bytes; i < bytes + 64; i++)
            assert_int_equal(region[i], 0x55);
        hits += model.hits;
        evictions += model.cache.stat.evictions;
    }
    assert_true(hits > 30000 && evictions > 30000);
}

static void millions_of_operations_hold_to_the_table(void **state)
{
    static const size_t sizes[] = {4096, 10000, 32768, 100008, REGION_BYTES};

    (void)state;
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        random_state = s + 1;
        model_start(&model, region, sizes[s], random_byte, NULL);
        if (model.len_max > 4000)
            model.len_max = 4000;
        for (int i = 0; i < 600000; i++) {
            model_step(&model);
            if (i % 997 == 0)
                model_check(&model);
            else if (i % 31 == 0)
                model_check_refs(&model);
        }
        assert_true(model.hits > 1000);
        if (sizes[s] < 100000)
            assert_true(model.gone > 1000 && model.cache.stat.second_chances > 1000);
    }
}

static void the_oldest_give_way_first(void **state)
{
    struct cache c;
    struct cache_entry e;
    uint32_t first = 0;

    (void)state;
    cache_init(&c, region, 65536);
    for (uint32_t n = 1; n <= 500; n++) {
        assert_true(put_n(&c, n, 100 + n * 37 % 1900, DAY_MS));
        assert_true(cache_check(&c));
    }
    for (uint32_t n = 1; n <= 500; n++) {
        bool there = find_n(&c, n, &e) == CACHE_FRESH;

        if (there && first == 0)
            first = n;
        assert_true(there == (first != 0));
    }
    assert_true(first > 400 && first < 490);
    assert_int_equal(c.entries, 500 - first + 1);
    assert_int_equal(c.stat.evictions, first - 1);
}

/* Asked for again before the ring has come round, an entry stays for ever; once only, for one more
 * round. */
static void what_is_found_gets_a_second_chance(void **state)
{
    struct cache c;
    struct cache_entry e;

    (void)state;
    cache_init(&c, region, 65536);
    for (uint32_t n = 1; n <= 2000; n++) {
        assert_true(put_n(&c, n, 1000, DAY_MS));
        if (n >= 3 && n % 10 == 0)
            assert_int_equal(find_n(&c, 3, &e), CACHE_FRESH);
        if (n == 4)
            assert_int_equal(find_n(&c, 4, &e), CACHE_FRESH);
        if (n == 90) /* past one round of about 60 */
            assert_true(c.stat.second_chances == 2 && c.stat.evictions > 0);
    }
    assert_int_equal(find_n(&c, 4, &e), CACHE_MISS);
    assert_true(cache_check(&c));
}

static void what_has_expired_gets_none(void **state)
{
    struct cache c;
    struct cache_entry e;
    struct span piece = span_of(other_text, sizeof(other_text));

    (void)state;
    cache_init(&c, region, 65536);
    assert_true(put_n(&c, 1, 1000, 5000));
    assert_int_equal(find_n(&c, 1, &e), CACHE_FRESH);
    for (uint32_t n = 2; n <= 200; n++) {
        struct cache_id id = id_of(n);
        struct cache_meta later = {now_ms + 5000, now_ms + DAY_MS, 0, 0, 0};

        assert_true(cache_put(&c, &id, &later, &piece, 1));
    }
    assert_int_equal(c.stat.second_chances, 0);
}

/* All are hot: a put still does bounded work and finds room. */
static void a_ring_of_hot_entries_takes_more(void **state)
{
    struct cache c;
    struct cache_entry e;

    (void)state;
    cache_init(&c, region, REGION_BYTES);
    for (uint32_t n = 1; n <= 5000; n++) {
        uint64_t before = c.stat.second_chances;

        assert_true(put_n(&c, n, n % 50 == 0 ? 200000 : 500, DAY_MS));
        assert_true(c.stat.second_chances - before <= CACHE_CHANCES_MAX);
        for (uint32_t k = n > 30 ? n - 30 : 1; k <= n; k++)
            (void)find_n(&c, k, &e);
    }
    assert_true(cache_check(&c));
    assert_true(c.stat.second_chances > 1000);
}

static void nine_tenths_of_a_region_are_answers(void **state)
{
    static const size_t sizes[] = {32768, 65536, 262144, REGION_BYTES};
    struct cache c;

    (void)state;
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        size_t least = SIZE_MAX;

        cache_init(&c, region, sizes[s]);
        for (uint32_t n = 1; n <= 3000; n++) {
            assert_true(put_n(&c, n, 2048, DAY_MS));
            if (n > 1000 && c.entries * (size_t)2048 < least)
                least = c.entries * (size_t)2048;
        }
        if (getenv("CACHE_FILL") != NULL)
            print_message("region %zu: at least %.1f %% answers\n", sizes[s],
                          100.0 * (double)least / (double)sizes[s]);
        assert_true(least * 10 >= sizes[s] * 9);
    }
}

static void never_past_its_time(void **state)
{
    struct cache c;
    struct cache_entry e;
    struct cache_id id = id_of(1);

    (void)state;
    cache_init(&c, region, 65536);
    assert_true(put_n(&c, 1, 10, 5000));
    assert_int_equal(cache_find(&c, &id, now_ms, 0, &e), CACHE_FRESH);
    assert_int_equal(cache_find(&c, &id, now_ms + 4999, 0, &e), CACHE_FRESH);
    assert_int_equal(cache_find(&c, &id, now_ms + 5000, 0, &e), CACHE_MISS);
    assert_int_equal(cache_find(&c, &id, now_ms + 5000, 1, &e), CACHE_STALE);
    assert_int_equal(cache_find(&c, &id, now_ms + 5999, 1000, &e), CACHE_STALE);
    assert_int_equal(cache_find(&c, &id, now_ms + 6000, 1000, &e), CACHE_MISS);
    assert_int_equal(cache_find(&c, &id, now_ms - 1, 1000, &e), CACHE_MISS); /* a clock set back */
    assert_int_equal(c.stat.hits, 4);
    assert_int_equal(c.stat.misses, 3);
    /* Nothing may be stored that is over at once, or before 1970. */
    assert_false(put_n(&c, 2, 10, 0) || put_n(&c, 2, 10, -1));
    assert_false(cache_put(&c, &id, &(struct cache_meta){.stored_unix_ms = -1}, &SPAN("x"), 1));
    assert_int_equal(cache_find(&c, &id, now_ms, 0, &e), CACHE_FRESH);
}

static void a_name_is_key_scope_and_kind(void **state)
{
    struct cache c;
    struct cache_entry e;
    struct cache_id id = id_of(1);
    struct cache_id others[4] = {id, id, id, id};

    (void)state;
    cache_init(&c, region, 65536);
    assert_true(put_n(&c, 1, 10, DAY_MS));
    others[0].key.word[0] ^= 1;
    others[1].key.word[1] ^= 1;
    others[2].scope ^= 1;
    others[3].kind = CACHE_VECTOR;
    for (int i = 0; i < 4; i++)
        assert_int_equal(cache_find(&c, &others[i], now_ms, 0, &e), CACHE_MISS);
    assert_int_equal(cache_find(&c, &id, now_ms, 0, &e), CACHE_FRESH);
}

static void bytes_live_until_they_give_way(void **state)
{
    struct cache c;
    struct cache_entry e;
    struct cache_id id = id_of(1);
    struct span value;

    (void)state;
    cache_init(&c, region, 65536);
    assert_int_equal(cache_ref_value(&c, (struct cache_ref){0}).len, 0);
    assert_true(put_n(&c, 1, 1000, DAY_MS));
    assert_int_equal(find_n(&c, 1, &e), CACHE_FRESH);
    value = cache_ref_value(&c, e.ref);
    assert_true(value.len == 1000 && value.ptr == e.value.ptr);
    assert_true(cache_remove(&c, &id) && !cache_remove(&c, &id));
    assert_int_equal(find_n(&c, 1, &(struct cache_entry){0}), CACHE_MISS);
    assert_int_equal(cache_ref_value(&c, e.ref).len, 1000); /* on its way to a client, say */
    for (uint32_t n = 2; n <= 40; n++)
        assert_true(put_n(&c, n, 1000, DAY_MS));
    assert_int_equal(cache_ref_value(&c, e.ref).len, 1000);
    for (uint32_t n = 41; n <= 80; n++)
        assert_true(put_n(&c, n, 1000, DAY_MS));
    assert_int_equal(cache_ref_value(&c, e.ref).len, 0);
    assert_int_equal(find_n(&c, 80, &e), CACHE_FRESH);
    cache_clear(&c);
    assert_int_equal(cache_ref_value(&c, e.ref).len, 0);
    assert_true(put_n(&c, 81, 1000, DAY_MS));
    assert_int_equal(cache_ref_value(&c, e.ref).len, 0);
    assert_true(c.entries == 1 && cache_check(&c));
}

static void a_route_is_cleared_alone(void **state)
{
    struct cache c;
    struct cache_entry e;
    uint64_t changes;

    (void)state;
    cache_init(&c, region, 65536);
    for (uint32_t n = 1; n <= 200; n++)
        assert_true(put_n(&c, n, 700, DAY_MS));
    changes = c.changes;
    cache_clear_route(&c, 7);
    assert_true(c.changes == changes);
    cache_clear_route(&c, 1);
    assert_true(c.changes > changes && cache_check(&c));
    for (uint32_t n = 180; n <= 200; n++)
        assert_int_equal(find_n(&c, n, &e), n % 2 == 1 ? CACHE_MISS : CACHE_FRESH);
}

/* A walk that is interrupted by puts still ends, and misses nothing that stays. */
static void a_walk_goes_on_over_changes(void **state)
{
    static bool seen[3000];
    struct cache c;
    struct cache_walk w = {0};
    struct cache_entry e;
    uint32_t next = 41;

    (void)state;
    cache_init(&c, region, 65536);
    assert_false(cache_walk_next(&c, &w, &e));
    for (uint32_t n = 1; n <= 40; n++)
        assert_true(put_n(&c, n, 1000, DAY_MS));
    while (cache_walk_next(&c, &w, &e)) {
        seen[(uint32_t)e.id.key.word[1]] = true;
        if (w.at % 3 == 0 && next < 2000)
            for (int i = 0; i < 2; i++)
                assert_true(put_n(&c, next++, 900, DAY_MS));
    }
    assert_true(next > 100);
    for (uint32_t n = 1; n < next; n++)
        if (find_n(&c, n, &e) == CACHE_FRESH)
            assert_true(seen[n]);
}

static void no_region_holds_nothing(void **state)
{
    struct cache c;
    struct cache_entry e;
    struct cache_walk w = {0};

    (void)state;
    cache_init(&c, NULL, 0);
    assert_false(put_n(&c, 1, 1, DAY_MS));
    assert_int_equal(find_n(&c, 1, &e), CACHE_MISS);
    assert_int_equal(cache_value_bytes_max(&c), 0);
    cache_clear_route(&c, 0);
    cache_clear(&c);
    assert_true(!cache_walk_next(&c, &w, &e) && cache_check(&c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_small_region_holds_to_the_table),
        cmocka_unit_test(millions_of_operations_hold_to_the_table),
        cmocka_unit_test(the_oldest_give_way_first),
        cmocka_unit_test(what_is_found_gets_a_second_chance),
        cmocka_unit_test(what_has_expired_gets_none),
        cmocka_unit_test(a_ring_of_hot_entries_takes_more),
        cmocka_unit_test(nine_tenths_of_a_region_are_answers),
        cmocka_unit_test(never_past_its_time),
        cmocka_unit_test(a_name_is_key_scope_and_kind),
        cmocka_unit_test(bytes_live_until_they_give_way),
        cmocka_unit_test(a_route_is_cleared_alone),
        cmocka_unit_test(a_walk_goes_on_over_changes),
        cmocka_unit_test(no_region_holds_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
