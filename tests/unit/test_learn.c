#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cm.h"
#include "policy/learn.h"
#include "json/object.h"

static struct features scratch;
static struct learn model;
static struct learn_input in;

static int32_t predict(const char *text)
{
    learn_read(&in, span_str(text), &scratch);
    return learn_predict(&model, &in);
}

static void update(const char *text, int32_t gain)
{
    learn_read(&in, span_str(text), &scratch);
    learn_update(&model, &in, gain);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Prompts of two kinds: only proofs gain. */
static void teach(int rounds, uint32_t seed)
{
    static const char *const fill[] = {"ship", "tree", "house", "night", "river", "stone"};
    char text[256];

    for (int i = 0; i < rounds; i++) {
        bool hard = next_random(&seed) % 2 == 0;

        snprintf(text, sizeof(text), "%s the %s and the %s", hard ? "prove that" : "tell me about",
                 fill[next_random(&seed) % 6], fill[next_random(&seed) % 6]);
        update(text, hard ? 1000 : 0);
    }
}

static void test_learns(void **state)
{
    (void)state;
    learn_start(&model);
    assert_int_equal(predict("prove that the tree"), 0);
    assert_int_equal(learn_state(&model), LEARN_UNCALIBRATED);
    teach(400, 1);
    assert_true(predict("prove that the dog is green") > predict("tell me about the dog") + 300);
    assert_in_range(learn_order_milli(&model), 900, 1000);
    assert_int_equal(learn_state(&model), LEARN_CALIBRATED);
    /* The world turns around: so does the model, and says meanwhile that it is not to be relied on.
     */
    for (int i = 0; i < 150; i++) {
        update("prove that the house is red", 0);
        update("tell me about the house", 1000);
    }
    assert_int_equal(learn_state(&model), LEARN_UNCALIBRATED);
    for (int i = 0; i < 3000; i++) {
        update("prove that the house is red", 0);
        update("tell me about the house", 1000);
    }
    assert_true(predict("tell me about the house") > predict("prove that the house is red") + 500);
    assert_int_equal(learn_state(&model), LEARN_CALIBRATED);
}

static void test_needs_both_sides_and_an_order(void **state)
{
    uint32_t seed = 5;

    (void)state;
    learn_start(&model);
    for (int i = 0; i < 500; i++)
        update(i % 2 == 0 ? "prove this" : "tell me that", 1000);
    assert_int_equal(learn_order_milli(&model), 500);
    assert_int_equal(learn_state(&model), LEARN_UNCALIBRATED);
    learn_start(&model);
    for (int i = 0; i < 1000; i++) /* outcomes that have nothing to do with the text */
        update(next_random(&seed) % 2 == 0 ? "prove this" : "tell me that",
               next_random(&seed) % 2 == 0 ? 1000 : 0);
    assert_in_range(learn_order_milli(&model), 400, 600);
}

static void test_length_counts(void **state)
{
    static char longer[2000];

    (void)state;
    memset(longer, 'x', sizeof(longer) - 1);
    learn_start(&model);
    for (int i = 0; i < 300; i++) {
        update("short one here", 0);
        update(longer, 800);
    }
    assert_true(predict("another short") < 300);
    longer[1500] = '\0';
    longer[0] = 'y';
    assert_true(predict(longer) > 400);
}

static void test_bounds(void **state)
{
    (void)state;
    learn_start(&model);
    for (int i = 0; i < 5000; i++) {
        update("a", i % 2 == 0 ? 1000 : -1000);
        update("", 1000);
        update("b c", -1000);
    }
    assert_in_range(predict("") + 1000, 0, 2000);
    assert_in_range(predict("b c") + 1000, 0, 1000);
}

static void test_files(void **state)
{
    static uint8_t file[LEARN_FILE_BYTES];
    static uint8_t again[LEARN_FILE_BYTES];
    static struct learn other;
    struct span bytes = span_of((const char *)file, sizeof(file));

    (void)state;
    learn_start(&model);
    teach(500, 3);
    learn_save(&model, file);
    assert_true(learn_load(&other, bytes));
    learn_read(&in, SPAN("prove that the river is deep"), &scratch);
    assert_int_equal(learn_predict(&other, &in), learn_predict(&model, &in));
    assert_int_equal(learn_order_milli(&other), learn_order_milli(&model));
    learn_save(&other, again);
    assert_memory_equal(file, again, sizeof(file));
    for (size_t at = 0; at < sizeof(file); at += at < 16 ? 1 : 501) {
        file[at] ^= 1;
        assert_false(learn_load(&other, bytes));
        assert_int_equal(other.updates, 0);
        file[at] ^= 1;
    }
    assert_false(learn_load(&other, span_part(bytes, 0, sizeof(file) - 1)));
    assert_false(learn_load(&other, SPAN_EMPTY));
}

/* ---- against recorded outcomes of other people's models ---- */

enum { OUTCOMES_MAX = 8192, TEXT_BYTES = 65536, FOLDS = 5, EPOCHS = 5 };

struct outcomes {
    size_t count;
    size_t order[OUTCOMES_MAX];
    struct learn_input inputs[OUTCOMES_MAX];
    int16_t gains[OUTCOMES_MAX];
    int16_t predicted[OUTCOMES_MAX];
};

static void outcome_add(struct outcomes *o, struct span prompt, int gain)
{
    assert_true(o->count < OUTCOMES_MAX);
    learn_read(&o->inputs[o->count], prompt, &scratch);
    o->gains[o->count] = (int16_t)gain;
    o->order[o->count] = o->count;
    o->count++;
}

static void outcomes_shuffle(struct outcomes *o)
{
    uint32_t seed = 1;

    for (size_t i = o->count; i > 1; i--) {
        size_t other = next_random(&seed) % i;
        size_t swap = o->order[i - 1];

        o->order[i - 1] = o->order[other];
        o->order[other] = swap;
    }
}

/* Learns all but the places of one fold; FOLDS = all. */
static void outcomes_learn(const struct outcomes *o, size_t fold)
{
    learn_start(&model);
    for (size_t k = 0; k < EPOCHS * o->count; k++)
        if (k % o->count % FOLDS != fold)
            learn_update(&model, &o->inputs[o->order[k % o->count]],
                         o->gains[o->order[k % o->count]]);
}

/* APGR in thousandths, ties in the order of the file. */
static int outcomes_apgr(const struct outcomes *o)
{
    int64_t total = 0;
    int64_t sum = 0;
    int64_t area = 0;

    for (size_t i = 0; i < o->count; i++)
        total += o->gains[i];
    for (int level = LEARN_GAIN_MAX; level >= -LEARN_GAIN_MAX; level--)
        for (size_t i = 0; i < o->count; i++)
            if (o->predicted[i] == level) {
                area += 2 * sum + o->gains[i];
                sum += o->gains[i];
            }
    return (int)(area * 1000 / (2 * total * (int64_t)o->count));
}

/* One field of a CSV text with quotes; false at its end. */
static bool csv_field(FILE *f, char *out, size_t *len, bool *row_ends)
{
    bool quoted = false;
    int c = getc(f);

    *len = 0;
    if (c == EOF)
        return false;
    for (; c != EOF && (quoted || (c != ',' && c != '\n')); c = getc(f)) {
        if (c == '"')
            quoted = !quoted;
        if (c != '"' && *len < TEXT_BYTES)
            out[(*len)++] = (char)c;
    }
    *row_ends = c != ',';
    return true;
}

static bool gsm8k_read(struct outcomes *o, const char *folder)
{
    static char field[TEXT_BYTES];
    static char prompt[TEXT_BYTES];
    char path[512];
    size_t prompt_len = 0;
    size_t column = 0;
    size_t row = 0;
    size_t len;
    bool row_ends;
    int gain = 0;
    FILE *f;

    snprintf(path, sizeof(path), "%s/routellm/routellm/evals/gsm8k/gsm8k_responses.csv", folder);
    f = fopen(path, "r");
    if (f == NULL) {
        print_message("no %s: nothing is learned from recorded outcomes\n", path);
        return false;
    }
    while (csv_field(f, field, &len, &row_ends)) {
        if (column == 0) {
            memcpy(prompt, field, len);
            prompt_len = len;
            gain = 0;
        }
        if (column == 1 || column == 2)
            gain += (column == 1 ? -1000 : 1000) * (len == 4 && memcmp(field, "True", 4) == 0);
        column++;
        if (!row_ends)
            continue;
        if (row++ > 0 && column > 2)
            outcome_add(o, span_of(prompt, prompt_len), gain);
        column = 0;
    }
    fclose(f);
    return true;
}

static void bbh_read(struct outcomes *o, const char *folder)
{
    static char line[TEXT_BYTES];
    static char text[TEXT_BYTES];
    static struct json_object object;
    char path[512];
    size_t len;
    bool direct;
    bool reasoned;
    FILE *f;

    snprintf(path, sizeof(path), "gzip -dc %s/bbh/bbh_direct_vs_cot_codedavinci002.jsonl.gz",
             folder);
    f = popen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof(line), f) != NULL) {
        assert_true(json_object_read(&object, span_of(line, strcspn(line, "\n"))));
        assert_true(
            json_value_text(json_object_find(&object, "input")->value, text, sizeof(text), &len));
        assert_true(json_value_bool(json_object_find(&object, "direct_ok")->value, &direct));
        assert_true(json_value_bool(json_object_find(&object, "cot_ok")->value, &reasoned));
        outcome_add(o, span_of(text, len), 1000 * ((int)reasoned - (int)direct));
    }
    assert_int_equal(pclose(f), 0);
}

static void test_recorded_outcomes(void **state)
{
    static struct outcomes gsm8k;
    static struct outcomes bbh;
    const char *folder = getenv("FARTHING_DATA") ? getenv("FARTHING_DATA") : "../shared/data";
    int apgr;

    (void)state;
    if (!gsm8k_read(&gsm8k, folder))
        skip();
    outcomes_shuffle(&gsm8k);
    for (size_t fold = 0; fold < FOLDS; fold++) {
        outcomes_learn(&gsm8k, fold);
        for (size_t at = fold; at < gsm8k.count; at += FOLDS)
            gsm8k.predicted[gsm8k.order[at]] =
                (int16_t)learn_predict(&model, &gsm8k.inputs[gsm8k.order[at]]);
    }
    apgr = outcomes_apgr(&gsm8k);
    print_message("GSM8K, %zu outcomes, 5 folds: APGR 0.%d\n", gsm8k.count, apgr);
    assert_in_range(apgr, 620, 700);
    bbh_read(&bbh, folder);
    outcomes_shuffle(&bbh);
    outcomes_learn(&bbh, FOLDS);
    for (size_t i = 0; i < gsm8k.count; i++)
        gsm8k.predicted[i] = (int16_t)learn_predict(&model, &gsm8k.inputs[i]);
    print_message("GSM8K after learning from BIG-Bench Hard only: APGR 0.%d\n",
                  outcomes_apgr(&gsm8k));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_learns),        cmocka_unit_test(test_needs_both_sides_and_an_order),
        cmocka_unit_test(test_length_counts), cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_files),         cmocka_unit_test(test_recorded_outcomes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
