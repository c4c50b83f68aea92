#include <string.h>

#include "cm.h"
#include "policy/verified.h"

static uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 32);
}

/* Hits of one entry whose answer is wrong in `wrong` of a thousand, at one similarity. */
static void run_entry(uint64_t *seed, int wrong, int delta, int hits, int *errors, int *exploited)
{
    struct verified v = {0};

    for (int i = 0; i < hits; i++) {
        bool right = (int)(next_random(seed) % 1000) >= wrong;

        if (verified_exploits(&v, 850, delta, next_random(seed))) {
            *exploited += 1;
            *errors += !right;
        } else {
            verified_learn(&v, 850, right);
        }
    }
}

/* Whatever share of hits is wrong, and however many hits an entry sees: with a twentieth to spare.
 */
static void test_errors_stay_below_delta(void **state)
{
    static const int deltas[] = {5, 10, 20, 50, 100};
    static const int wrongs[] = {0, 5, 10, 20, 50, 100, 200, 500, 800, 1000};
    static const int lengths[] = {5, 50, 500};
    uint64_t seed = 7;

    (void)state;
    for (size_t d = 0; d < 5; d++)
        for (size_t w = 0; w < 10; w++)
            for (size_t n = 0; n < 3; n++) {
                const int hits = 300000;
                int errors = 0;
                int exploited = 0;

                for (int done = 0; done < hits; done += lengths[n])
                    run_entry(&seed, wrongs[w], deltas[d], lengths[n], &errors, &exploited);
                if (errors * 1000 > deltas[d] * hits / 20 * 19)
                    fail_msg("delta %d, wrong %d, %d hits an entry: %d errors of %d", deltas[d],
                             wrongs[w], lengths[n], errors, hits);
            }
}

/* Entries of every quality mixed, and similarity that tells something: better bands get used. */
static void test_mixed_entries(void **state)
{
    uint64_t seed = 11;
    int errors = 0;
    int exploited = 0;
    int hits = 0;

    (void)state;
    for (int entry = 0; entry < 2000; entry++) {
        int wrong_low = (int)(next_random(&seed) % 1000);
        struct verified v = {0};

        for (int i = 0; i < 400; i++, hits++) {
            int similarity = 600 + (int)(next_random(&seed) % 400);
            int wrong = similarity >= 900 ? wrong_low / 100 : wrong_low;
            bool right = (int)(next_random(&seed) % 1000) >= wrong;

            if (verified_exploits(&v, similarity, 20, next_random(&seed))) {
                exploited++;
                errors += !right;
            } else {
                verified_learn(&v, similarity, right);
            }
        }
    }
    print_message("delta 2 %%: %d of %d exploited, %d wrong\n", exploited, hits, errors);
    assert_true(errors * 1000 < hits * 20 / 4);
    assert_true(exploited > hits / 12);
}

static void test_trust_grows(void **state)
{
    struct verified v = {0};

    (void)state;
    assert_false(verified_exploits(&v, 950, 0, 0));
    for (int i = 0; i < 27; i++) {
        assert_false(verified_exploits(&v, 950, 20, 0));
        verified_learn(&v, 950, true);
    }
    assert_true(verified_exploits(&v, 950, 20, UINT32_MAX / 5));
    assert_false(verified_exploits(&v, 950, 20, UINT32_MAX / 3));
    for (int i = 0; i < 100; i++)
        verified_learn(&v, 950, true);
    assert_true(verified_exploits(&v, 950, 20, UINT32_MAX / 20 * 18));
    assert_true(verified_exploits(&v, 1000, 20, UINT32_MAX / 20 * 18));
    assert_false(verified_exploits(&v, 1000, 20, UINT32_MAX));
    assert_false(verified_exploits(&v, 850, 20, 0));
    verified_learn(&v, 999, false);
    assert_true(verified_exploits(&v, 950, 20, UINT32_MAX / 20 * 15));
    assert_false(verified_exploits(&v, 950, 20, UINT32_MAX / 20 * 18));
    for (int i = 0; i < 100000; i++)
        verified_learn(&v, i % 1100 - 50, i % 3 == 0); /* counters stay where they fit */
    assert_false(verified_exploits(&v, 950, 20, 0));
    assert_true(verified_exploits(&v, 950, 1000, UINT32_MAX / 2));
    assert_int_equal(sizeof(v), 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors_stay_below_delta),
        cmocka_unit_test(test_mixed_entries),
        cmocka_unit_test(test_trust_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
