#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cm.h"
#include "policy/agree.h"
#include "json/object.h"

enum { LINE_BYTES = 1 << 16 };

static void test_agree(void **state)
{
    static const char eggs[] = "A box has 6 eggs. How many eggs are in 4 boxes?";
    static const struct {
        const char *question;
        const char *a;
        const char *b;
        int least;
        int most;
    } rows[] = {
        {"", "", "", 1000, 1000},
        {"", "Paris", "paris.", 1000, 1000},
        {"", "**Paris**", "Paris", 1000, 1000},
        {"", "Paris", "London", 0, 0},
        {"", "Paris", "The capital of France is Paris.", 900, 900},
        {"", "Paris", "The capital of France is not Paris.", 0, 0},
        {"", "The capital is Paris, of course", "The capital is London, of course", 0, 700},
        {"", "Sports", "Category: sports", 900, 900},
        {"", "Yes, it is safe.", "No, it is not safe.", 0, 0},
        {"", "Yes.", "Yes, because all bolts were tightened by hand before.", 700, 900},
        {"", "True", "false", 0, 0},
        {"", "Ja, das geht.", "Nein, das geht nicht.", 0, 0},
        {"", "It was built in 1889 in Paris.", "It was built in 1887 in Paris.", 0, 0},
        {"", "Water boils at 100 degrees.", "At 100 degrees water boils.", 890, 899},
        {eggs, "6 * 4 = 24. The answer is 24.", "24", 1000, 1000},
        {eggs, "So there are 24 eggs in total.", "There are 25 eggs.", 0, 0},
        {"", "{\"a\": 1, \"b\": [1, 2]}", "{\"b\":[1,2],\"a\":1}", 1000, 1000},
        {"", "{\"a\": 1, \"b\": [1, 2]}", "{\"b\":[2,1],\"a\":1}", 0, 0},
        {"", "{\"a\": 1, \"b\": 2}", "{\"a\": 2, \"b\": 1}", 0, 0},
        {"", "{\"a\": \"1\"}", "{\"a\": 1}", 0, 0},
        {"", "{\"a\": {\"b\": {}}}", "{\"a\": {\"b\": []}}", 0, 0},
        {"", "[[1],[2]]", "[[1,2]]", 0, 0},
        {"", "{\"a\": \"\\u0041\"}", "```json\n{\"a\": \"A\"}\n```", 1000, 1000},
        {"", "{\"a\": 1}", "a is 1", 0, 0},
        {"", "```", "``````", 0, 1000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct span q = span_str(rows[i].question);
        int got = agree(q, span_str(rows[i].a), span_str(rows[i].b));

        if (got < rows[i].least || got > rows[i].most)
            fail_msg("%s | %s: %d", rows[i].a, rows[i].b, got);
        assert_int_equal(agree(q, span_str(rows[i].b), span_str(rows[i].a)), got);
    }
}

/* Long texts and any bytes: no more than what fits is read. */
static void test_long_answers(void **state)
{
    static char a[64 * 1024];
    static char b[64 * 1024];

    (void)state;
    for (size_t i = 0; i < sizeof(a); i++) {
        a[i] = i % 7 == 6 ? ' ' : (char)('a' + i / 7 % 26);
        b[i] = (char)(i * 7);
    }
    assert_int_equal(agree(SPAN_EMPTY, span_of(a, sizeof(a)), span_of(a, sizeof(a))), AGREE_MAX);
    assert_true(agree(SPAN_EMPTY, span_of(a, sizeof(a)), span_of(b, sizeof(b))) < AGREE_SAME);
    memset(a, '[', sizeof(a));
    assert_true(agree(SPAN_EMPTY, span_of(a, sizeof(a)), SPAN("[]")) < AGREE_SAME);
}

/* Solutions of two models to the same sums: where they agree they are right more often. */
static void test_solutions(void **state)
{
    static const char *const models[] = {"6b_verification", "175b_finetuning"};
    const char *folder = getenv("FARTHING_DATA") ? getenv("FARTHING_DATA") : "../shared/data";
    static char line[LINE_BYTES];
    static char texts[3][LINE_BYTES];
    static struct json_object object;
    static struct json_object inner;
    int counts[2][2] = {{0}};
    char path[512];
    FILE *f;

    (void)state;
    snprintf(path, sizeof(path), "%s/gsm8k-openai/example_model_solutions.jsonl", folder);
    f = fopen(path, "r");
    if (f == NULL) {
        print_message("no %s: agreement is not compared with right answers\n", path);
        skip();
    }
    while (fgets(line, sizeof(line), f) != NULL) {
        size_t len[3] = {0};
        bool right[2];
        bool same;

        assert_true(json_object_read(&object, span_str(line)));
        assert_true(json_value_text(json_object_find(&object, "question")->value, texts[2],
                                    LINE_BYTES, &len[2]));
        for (int i = 0; i < 2; i++) {
            assert_true(json_object_read(&inner, json_object_find(&object, models[i])->value));
            assert_true(json_value_text(json_object_find(&inner, "solution")->value, texts[i],
                                        LINE_BYTES, &len[i]));
            assert_true(json_value_bool(json_object_find(&inner, "is_correct")->value, &right[i]));
        }
        same = agree(span_of(texts[2], len[2]), span_of(texts[0], len[0]),
                     span_of(texts[1], len[1])) >= AGREE_SAME;
        counts[same][right[0]]++;
    }
    fclose(f);
    print_message("two models agree: %d of %d right; they do not: %d of %d\n", counts[1][1],
                  counts[1][0] + counts[1][1], counts[0][1], counts[0][0] + counts[0][1]);
    assert_true(counts[1][1] * 100 > (counts[1][0] + counts[1][1]) * 60);
    assert_true(counts[0][1] * 100 < (counts[0][0] + counts[0][1]) * 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_agree),
        cmocka_unit_test(test_long_answers),
        cmocka_unit_test(test_solutions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
