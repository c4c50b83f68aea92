#include <string.h>

#include "cm.h"
#include "near_pairs.h"
#include "policy/similarity.h"

static int alike(const char *a, const char *b)
{
    struct near_text x;
    struct near_text y;
    int score;

    if (near_canonical(&x, span_str(a)) == NEAR_NONE ||
        near_canonical(&y, span_str(b)) == NEAR_NONE)
        return -1;
    score = similarity(&x, &y);
    assert_int_equal(similarity(&y, &x), score);
    assert_in_range(score, 0, SIMILARITY_MAX);
    return score;
}

static void test_pairs(void **state)
{
    size_t doubtful = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
        assert_int_equal(alike(same[i].a, same[i].b), SIMILARITY_MAX);
    /* Without a check it is no decision, but it must not be a bad guess either. */
    for (size_t i = 0; i < sizeof(different) / sizeof(different[0]); i++) {
        int score = alike(different[i].a, different[i].b);

        assert_true(score < SIMILARITY_MAX);
        if (score >= 800)
            print_message("%d: %s | %s\n", score, different[i].a, different[i].b);
        doubtful += score >= 800;
    }
    print_message("%zu of %zu different questions are alike to .8 or more\n", doubtful,
                  sizeof(different) / sizeof(different[0]));
    assert_true(doubtful <= 5);
}

static void test_guards(void **state)
{
    static const struct near_pair zero[] = {
        {"how do I feed a hungry hedgehog in the garden in 3 days",
         "how do I feed a hungry hedgehog in the garden in 4 days"},
        {"how do I feed a hungry hedgehog in the garden in Paris",
         "how do I feed a hungry hedgehog in the garden in London"},
        {"how do I feed a hungry hedgehog in the garden with `milk`",
         "how do I feed a hungry hedgehog in the garden with `mil`"},
        {"who can feed a hungry hedgehog in the garden at night",
         "who can not feed a hungry hedgehog in the garden at night"},
        {"is it legal to feed a hungry hedgehog in the garden",
         "is it illegal to feed a hungry hedgehog in the garden"},
        {"does the hungry hedgehog in the garden eat the small snail",
         "does the small snail in the garden eat the hungry hedgehog"},
        {"is it safe to feed a hungry hedgehog in the garden",
         "ist es sicher einen hungrigen igel im garten zu f\xc3\xbcttern"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(zero) / sizeof(zero[0]); i++)
        if (alike(zero[i].a, zero[i].b) != 0)
            fail_msg("%s | %s: %d", zero[i].a, zero[i].b, alike(zero[i].a, zero[i].b));
    assert_in_range(alike("how do I feed a hungry hedgehog in the garden",
                          "how do I feed a hungry little hedgehog in the garden"),
                    750, 999);
    assert_in_range(alike("how do I feed a hungry hedgehog in the garden",
                          "how do I repaint a wooden bookshelf in the garden"),
                    0, 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_guards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
