/* Loops in a text, however it is cut into pieces. */
#include <stdio.h>
#include <string.h>

#include "cm.h"
#include "policy/loop.h"

enum { TEXT_BYTES = 16384 };

static char text[TEXT_BYTES];

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static size_t add(size_t len, const char *what, size_t times)
{
    while (times-- > 0) {
        memcpy(text + len, what, strlen(what));
        len += strlen(what);
    }
    return len;
}

static size_t add_prose(size_t len, size_t bytes, uint32_t *seed)
{
    for (size_t i = 0; i < bytes; i++)
        text[len++] =
            (char)(next_random(seed) % 6 == 0 ? ' ' : 'a' + (char)(next_random(seed) % 26));
    return len;
}

static void test_loops(void **state)
{
    static const char *const turns[] = {
        "not not False = ",
        "The word lock is also a verb that means to become fixed in a particular position. ",
        "a",
        "Sincerely, \n\n",
        "\u6211\u4eec\u90fd\u662f\u5b66\u751f\uff0c",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(turns) / sizeof(turns[0]); i++) {
        uint32_t seed = 1;
        size_t len = add_prose(0, 700, &seed);
        struct text_loop l;

        len = add(len, turns[i], 2000 / strlen(turns[i]));
        loop_start(&l);
        if (!loop_feed(&l, span_of(text, len)))
            fail_msg("no loop: %s", turns[i]);
        assert_int_equal(l.found_period, strlen(turns[i]));
        assert_in_range(l.found_at, 700, 700 + strlen(turns[i]) + 2 * LOOP_WINDOW);
    }
}

static void test_no_loops(void **state)
{
    uint32_t seed = 7;
    size_t len;

    (void)state;
    assert_false(loop_found(SPAN_EMPTY));
    len = add_prose(0, TEXT_BYTES, &seed);
    assert_false(loop_found(span_of(text, len)));
    /* A ruler, a row of zeros, three verses with one refrain, a table with a column that changes.
     */
    assert_false(loop_found(span_of(text, add(0, "-", 400))));
    assert_false(loop_found(span_of(text, add(0, "0, ", 200))));
    len = 0;
    for (int i = 0; i < 3; i++)
        len =
            add(add_prose(len, 200, &seed), "and so we sing until the morning light comes in ", 4);
    assert_false(loop_found(span_of(text, len)));
    len = 0;
    for (int i = 10; i < 60; i++)
        len += (size_t)sprintf(text + len, "%d,0.8746,0.00135881,5000,0.8894,0.00139,5000,X\n", i);
    assert_false(loop_found(span_of(text, len)));
}

/* A counter in every turn: no period, but the text repeats itself. */
static void test_repeated(void **state)
{
    uint32_t seed = 5;
    struct text_loop l;
    size_t len = 0;

    (void)state;
    for (int i = 0; i < 80; i++)
        len += (size_t)sprintf(text + len,
                               "%d. Then he went on and looked for another one on the other side "
                               "of the river, until it was evening and he went home.\n",
                               i);
    loop_start(&l);
    assert_false(loop_feed(&l, span_of(text, len)));
    assert_in_range(loop_repeated(&l), LOOP_REPEATED_MOST, 1000);
    assert_true(loop_found(span_of(text, len)));
    len = add_prose(0, 4000, &seed);
    loop_start(&l);
    (void)loop_feed(&l, span_of(text, len));
    assert_in_range(loop_repeated(&l), 0, 50);
    assert_int_equal(loop_repeated(&(struct text_loop){.again = 9, .judged = 9}), 0);
}

static void test_any_split(void **state)
{
    uint32_t seed = 3;

    (void)state;
    for (int round = 0; round < 50; round++) {
        size_t len = add_prose(0, next_random(&seed) % 3000, &seed);
        struct text_loop whole;
        struct text_loop pieces;

        len = add(len, "round and round it goes, ", next_random(&seed) % 60);
        len = add_prose(len, 500, &seed);
        loop_start(&whole);
        loop_start(&pieces);
        (void)loop_feed(&whole, span_of(text, len));
        for (size_t at = 0; at < len;) {
            size_t piece = round == 0 ? 1 : next_random(&seed) % 40;

            piece = piece < len - at ? piece : len - at;
            (void)loop_feed(&pieces, span_of(text + at, piece));
            at += piece;
        }
        assert_memory_equal(&whole, &pieces, sizeof(whole));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loops),
        cmocka_unit_test(test_no_loops),
        cmocka_unit_test(test_repeated),
        cmocka_unit_test(test_any_split),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
