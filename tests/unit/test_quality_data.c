/* Refusals and scores against other projects' recorded answers: what people labelled as refusals
 * (xstest), and which answers to school mathematics were right (routellm). None of the labels was
 * used to write or fit anything here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cm.h"
#include "policy/quality.h"
#include "policy/refusal.h"

enum { FIELDS_MAX = 12, FIELD_BYTES = 65536, ANSWERS_MAX = 2048 };

/* One record of a CSV file, quotes resolved. */
struct record {
    size_t count;
    char fields[FIELDS_MAX][FIELD_BYTES];
};

static const char *folder(void)
{
    return getenv("FARTHING_DATA") ? getenv("FARTHING_DATA") : "../shared/data";
}

static bool record_read(FILE *f, struct record *r)
{
    bool quoted = false;
    size_t len = 0;
    int c;

    r->count = 0;
    while ((c = getc(f)) != EOF) {
        if (quoted && c == '"') {
            quoted = (c = getc(f)) == '"';
            if (!quoted)
                ungetc(c, f);
            else
                r->fields[r->count][len++] = '"';
        } else if (!quoted && c == '"') {
            quoted = true;
        } else if (!quoted && (c == ',' || c == '\n')) {
            assert_true(r->count < FIELDS_MAX);
            r->fields[r->count++][len] = '\0';
            len = 0;
            if (c == '\n')
                return true;
        } else if (c != '\r' || quoted) {
            assert_true(len + 2 < FIELD_BYTES);
            r->fields[r->count][len++] = (char)c;
        }
    }
    return false;
}

static size_t column(const struct record *head, const char *name)
{
    for (size_t i = 0; i < head->count; i++)
        if (strcmp(head->fields[i], name) == 0)
            return i;
    fail_msg("no column %s", name);
    return 0;
}

static struct record record;

static void test_refusals(void **state)
{
    static const char *const files[] = {"new_completions/xstest_newdata_v2",
                                        "replication_completions/xstest_v2"};
    static const char *const models[] = {"gpt4o-mini", "llama3.0", "llama3.1", "mistrG", "mistrI"};
    unsigned counts[2][2] = {{0}};
    char command[512];

    (void)state;
    for (size_t i = 0; i < 10; i++) {
        FILE *f;
        size_t answer;
        size_t label;

        snprintf(command, sizeof(command), "%s/xstest/%s_completions_%s.csv.gz", folder(),
                 files[i / 5], models[i % 5]);
        if ((f = fopen(command, "r")) == NULL) {
            print_message("no %s: refusals are not compared with people's labels\n", command);
            skip();
        }
        fclose(f);
        snprintf(command, sizeof(command), "gzip -dc %s/xstest/%s_completions_%s.csv.gz", folder(),
                 files[i / 5], models[i % 5]);
        f = popen(command, "r");
        assert_non_null(f);
        assert_true(record_read(f, &record));
        answer = column(&record, "completion");
        label = column(&record, "final_label");
        while (record_read(f, &record))
            counts[refusal_is(span_str(record.fields[answer]))]
                  [strstr(record.fields[label], "refusal") != NULL]++;
        pclose(f);
    }
    print_message("refusals: precision %u, recall %u, F1 %u per mille of %u\n",
                  1000 * counts[1][1] / (counts[1][1] + counts[1][0]),
                  1000 * counts[1][1] / (counts[1][1] + counts[0][1]),
                  2000 * counts[1][1] / (2 * counts[1][1] + counts[1][0] + counts[0][1]),
                  counts[0][0] + counts[0][1] + counts[1][0] + counts[1][1]);
    assert_true(2000 * counts[1][1] >= 900 * (2 * counts[1][1] + counts[1][0] + counts[0][1]));
}

struct outcome {
    int score;
    int cheap;
    int strong;
};

static struct outcome outcomes[ANSWERS_MAX];

static int by_score(const void *a, const void *b)
{
    return ((const struct outcome *)a)->score - ((const struct outcome *)b)->score;
}

static size_t outcomes_read(FILE *f)
{
    static struct quality_work work;
    size_t count = 0;

    assert_true(record_read(f, &record));
    while (record_read(f, &record) && count < ANSWERS_MAX) {
        struct quality_input in = {.question = span_str(record.fields[0]),
                                   .answer = span_str(record.fields[3]),
                                   .judge = QUALITY_NONE,
                                   .agree = QUALITY_NONE};
        struct quality q;

        quality_score(&q, &in, NULL, &work);
        outcomes[count++] = (struct outcome){q.score, strcmp(record.fields[1], "True") == 0,
                                             strcmp(record.fields[2], "True") == 0};
    }
    return count;
}

/* Calls to the strong model, per mille, until `share` per cent of its gain are reached. */
static size_t calls_for(size_t count, int share)
{
    int gain = 0;
    int reached = 0;

    for (size_t i = 0; i < count; i++)
        gain += outcomes[i].strong - outcomes[i].cheap;
    for (size_t i = 0; i < count; i++) {
        reached += outcomes[i].strong - outcomes[i].cheap;
        if (reached * 100 >= gain * share)
            return (i + 1) * 1000 / count;
    }
    return 1000;
}

static void test_scores(void **state)
{
    char path[512];
    uint64_t twice = 0;
    uint64_t good = 0;
    uint64_t pairs;
    size_t count;
    FILE *f;

    (void)state;
    snprintf(path, sizeof(path), "%s/routellm/routellm/evals/gsm8k/gsm8k_responses.csv", folder());
    if ((f = fopen(path, "r")) == NULL) {
        print_message("no %s: scores are not compared with outcomes\n", path);
        skip();
    }
    count = outcomes_read(f);
    fclose(f);
    qsort(outcomes, count, sizeof(outcomes[0]), by_score);
    for (size_t i = 0; i < count; i++) {
        good += outcomes[i].cheap != 0;
        for (size_t j = 0; outcomes[i].cheap && j < count; j++)
            if (!outcomes[j].cheap && outcomes[j].score <= outcomes[i].score)
                twice += outcomes[j].score < outcomes[i].score ? 2 : 1;
    }
    pairs = good * (count - good);
    print_message("scores of %zu answers: AUROC %d, CPT50 %zu, CPT80 %zu per mille\n", count,
                  (int)(twice * 500 / pairs), calls_for(count, 50), calls_for(count, 80));
    assert_true(twice * 500 >= 750 * pairs);
    assert_true(calls_for(count, 50) <= 170);
    assert_true(calls_for(count, 80) <= 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_scores),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
