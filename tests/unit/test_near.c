#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cm.h"
#include "near_pairs.h"
#include "policy/near.h"

enum { PAIRS_MANY = 100 };

static const uint8_t secrets[2][HASH_SIP_KEY_BYTES] = {"secret number 1", "secret number 2"};

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

static bool one_key(const char *a, const char *b)
{
    struct near_key x;
    struct near_key y;

    return near_key(&x, span_str(a), secrets) && near_key(&y, span_str(b), secrets) && x.a == y.a &&
           x.b == y.b;
}

static const char *shown(const char *text, char out[512])
{
    struct near_text t;

    near_canonical(&t, span_str(text));
    snprintf(out, 512, "%.*s", (int)t.len, t.bytes);
    return out;
}

static void test_different_questions(void **state)
{
    char a[512];
    char b[512];

    (void)state;
    assert_true(LEN(different) >= 150);
    for (size_t i = 0; i < LEN(different); i++) {
        struct near_text t;

        if (one_key(different[i].a, different[i].b))
            fail_msg("one key: %s | %s | %s", different[i].a, different[i].b,
                     shown(different[i].a, a));
        /* Two that have no key at all would prove nothing. */
        if (near_canonical(&t, span_str(different[i].a)) == NEAR_NONE ||
            near_canonical(&t, span_str(different[i].b)) == NEAR_NONE)
            fail_msg("no key: %s (%s) | %s (%s)", different[i].a, shown(different[i].a, a),
                     different[i].b, shown(different[i].b, b));
    }
}

static void test_same_questions(void **state)
{
    char a[512];
    char b[512];

    (void)state;
    assert_true(LEN(same) >= 60);
    for (size_t i = 0; i < LEN(same); i++)
        if (!one_key(same[i].a, same[i].b))
            fail_msg("%s | %s: %s | %s", same[i].a, same[i].b, shown(same[i].a, a),
                     shown(same[i].b, b));
}

static void test_without_key(void **state)
{
    char long_text[NEAR_QUESTION_BYTES_MAX + 2];
    struct near_text t;
    char a[512];

    (void)state;
    for (size_t i = 0; i < LEN(without); i++)
        if (near_canonical(&t, span_str(without[i])) != NEAR_NONE)
            fail_msg("%s: %s", without[i], shown(without[i], a));
    memset(long_text, 'a', sizeof(long_text));
    for (size_t i = 5; i < sizeof(long_text); i += 50)
        long_text[i] = ' ';
    assert_int_equal(near_canonical(&t, span_of(long_text, NEAR_QUESTION_BYTES_MAX + 1)),
                     NEAR_NONE);
    assert_int_equal(near_canonical(&t, span_of(long_text, NEAR_QUESTION_BYTES_MAX - 3)),
                     NEAR_WORDS);
    assert_int_equal(near_canonical(&t, SPAN_EMPTY), NEAR_NONE);
    memset(long_text, 'x', sizeof(long_text));
    for (size_t i = 1; i < sizeof(long_text); i += 2)
        long_text[i] = ' ';
    assert_int_equal(near_canonical(&t, span_of(long_text, NEAR_QUESTION_BYTES_MAX)), NEAR_NONE);
}

static void test_canonical_texts(void **state)
{
    static const struct near_pair rows[] = {
        {"Hi, how do I reverse a Python list?", "~e how to reverse python list"},
        {"How many US users can't use C++ or 'Go Fmt'?",
         "~e how many =us user can not use c++ or \"Go Fmt\""},
        {"Was ist die Hauptstadt von Peru, bitte?", "~d was hauptstadt von peru"},
        {"\xe6\xb3\x95\xe5\x9b\xbd\xe7\x9a\x84 \xe9\xa6\x96\xe9\x83\xbd\xef\xbc\x9f",
         "~x \xe6\xb3\x95\xe5\x9b\xbd\xe7\x9a\x84 \xe9\xa6\x96\xe9\x83\xbd"},
        {"I lost two keys. Who finds them?", "~e i lost two key . who finds them"},
    };
    char a[512];
    char b[512];

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        assert_string_equal(shown(rows[i].a, a), rows[i].b);
    for (size_t i = 0; i < LEN(same); i++)
        assert_string_equal(shown(shown(same[i].a, a), b), a);
    for (size_t i = 0; i < LEN(different); i++)
        assert_string_equal(shown(shown(different[i].a, a), b), a);
}

static void test_secrets_change_both_halves(void **state)
{
    static const uint8_t others[2][HASH_SIP_KEY_BYTES] = {"secret number 3", "secret number 4"};
    struct near_key x;
    struct near_key y;

    (void)state;
    assert_true(near_key(&x, SPAN("How do I boil an egg?"), secrets));
    assert_true(near_key(&y, SPAN("How do I boil an egg?"), others));
    assert_true(x.a != y.a && x.b != y.b && x.a != x.b);
}

/* ---- other people's pairs ---- */

struct counts {
    int pairs;
    int hits;
    int right;
};

/* Lines of LABEL, A, B between tabs, behind a source where one is asked for. */
static struct counts count_pairs(const char *command, const char *source)
{
    static char line[1 << 16];
    struct counts c = {0};
    FILE *f = popen(command, "r");

    assert_non_null(f);
    while (fgets(line, sizeof(line), f) != NULL) {
        char *rest = line;
        const char *from = source != NULL ? strsep(&rest, "\t") : NULL;
        const char *label = strsep(&rest, "\t");
        const char *a = strsep(&rest, "\t");
        const char *b = strsep(&rest, "\t\n");

        if (b == NULL || (source != NULL && strcmp(from, source) != 0) || strlen(label) != 1)
            continue;
        c.pairs++;
        if (!one_key(a, b))
            continue;
        c.hits++;
        c.right += label[0] == '1';
    }
    pclose(f);
    return c;
}

static struct counts data_pairs(const char *read, const char *name, const char *source)
{
    const char *folder = getenv("FARTHING_DATA") ? getenv("FARTHING_DATA") : "../shared/data";
    char command[600];
    struct counts c;

    snprintf(command, sizeof(command), "%s '%s/%s' 2>/dev/null", read, folder, name);
    c = count_pairs(command, source);
    if (c.pairs == 0) {
        print_message("no %s/%s: near matches are not compared with people's labels\n", folder,
                      name);
        skip();
    }
    print_message("%s: %d pairs, %d hits, %d of them right\n", source ? source : name, c.pairs,
                  c.hits, c.right);
    return c;
}

static void test_paws(void **state)
{
    struct counts c = data_pairs("cat", "t0-templates/paraphrase_pairs_paws_qqp_mrpc.tsv", "paws");

    (void)state;
    assert_true(c.pairs >= PAIRS_MANY && c.hits > 0);
    assert_int_equal(c.right, c.hits);
}

/* Precision 0.88 at a hit rate of 2.5 %; identical texts are right in 0.889 of cases. */
static void test_quora(void **state)
{
    struct counts c = data_pairs("gzip -dc", "gptcache/qqp_full.tsv.gz", NULL);

    (void)state;
    assert_true(c.pairs >= PAIRS_MANY);
    assert_true(c.hits * 1000 >= c.pairs * 25);
    assert_true(c.right * 100 >= c.hits * 88);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_different_questions),
        cmocka_unit_test(test_same_questions),
        cmocka_unit_test(test_without_key),
        cmocka_unit_test(test_canonical_texts),
        cmocka_unit_test(test_secrets_change_both_halves),
        cmocka_unit_test(test_paws),
        cmocka_unit_test(test_quora),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
