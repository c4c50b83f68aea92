#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cm.h"
#include "llm/token_table.h"
#include "json/object.h"

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void expect_counts(const char *text, enum token_count kind, uint64_t want)
{
    struct token_counter c;

    token_counter_start(&c);
    token_counter_feed(&c, span_str(text));
    token_counter_finish(&c);
    if (c.counts[kind] != want)
        fail_msg("%s: count %d is %d", text, (int)kind, (int)c.counts[kind]);
}

static void test_counts(void **state)
{
    static const struct {
        const char *text;
        enum token_count kind;
        uint64_t want;
    } rows[] = {
        {"the quick fox", TOKEN_WORDS_AFTER_BLANK, 2},
        {"the quick fox", TOKEN_WORDS_BARE, 1},
        {"a  b", TOKEN_BLANKS, 1}, /* the last blank belongs to the word */
        {"a  ", TOKEN_BLANKS, 1},
        {"a 1", TOKEN_BLANKS, 1}, /* digits take no blank */
        {"a  1", TOKEN_BLANKS, 2},
        {"camelCaseHTTPServer", TOKEN_WORDS_BARE, 3},
        {"HTTP TLS X", TOKEN_WORDS_UPPER, 2},
        {"ABCDEFGHIJ", TOKEN_UPPER_LONG, 4},
        {"it's we're don't", TOKEN_SUFFIXES, 3},
        {"'tis", TOKEN_SUFFIXES, 0},
        {"a.b", TOKEN_WORDS_SCORED, 1},
        {"f(x", TOKEN_WORDS_JOINED, 1},
        {"f(x", TOKEN_SIGNS, 0},
        {"f (x", TOKEN_SIGNS, 1},
        {"f((x", TOKEN_SIGNS, 1},
        {"f((x", TOKEN_SIGNS_LONG, 1},
        {"=>=", TOKEN_SIGNS_CHANGE, 2},
        {"1234567", TOKEN_DIGITS, 3},
        {"a\n \n\nb", TOKEN_LINES, 1},
        {"a\n b", TOKEN_BLANKS, 0},
        {"a;\n\nb", TOKEN_LINES, 0}, /* line ends behind a sign are of its piece */
        {"a;\n\nb", TOKEN_SIGNS, 1},
        {"\xc3\xa9t\xc3\xa9", TOKEN_LETTERS_MARKED, 2},
        {"\xd0\xbc\xd0\xb8\xd1\x80 \xd0\xb4\xd0\xbe\xd0\xbc", TOKEN_CYRILLIC, 6},
        {"\xd0\xbc\xd0\xb8\xd1\x80 \xd0\xb4\xd0\xbe\xd0\xbc", TOKEN_WORDS_OTHER, 2},
        {"\xe4\xb8\xad\xe6\x96\x87\xe3\x81\xa8", TOKEN_HAN, 2},
        {"\xe4\xb8\xad\xe6\x96\x87\xe3\x81\xa8", TOKEN_KANA, 1},
        {"\xe4\xb8\xad\xe6\x96\x87\xe3\x81\xa8", TOKEN_RUNS_OTHER, 2},
        {"\xf0\x9f\x98\x80", TOKEN_EMOJI, 1},
        {"a\xff\xfe", TOKEN_BYTES_BAD, 2},
        {"a\xe4\xb8", TOKEN_BYTES_BAD, 2},
        {"\xe4\xb8z", TOKEN_WORDS_BARE, 1},
        {"a\x01", TOKEN_BYTES_BAD, 1},
        {"la casa bella aperta", TOKEN_VOWELS_UNUSUAL, 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        expect_counts(rows[i].text, rows[i].kind, rows[i].want);
}

/* Valid text, broken characters and control bytes, cut at every place and in random pieces. */
static void test_any_split_is_the_same(void **state)
{
    static const char *const parts[] = {
        "it's",     " ",    "\n",       "  ",   "HTTPServer",       "12345",
        "(\"",      "_x",   ".",        "/",    "\xc3\xa9",         "\xe4\xb8\xad",
        "\xd0\x96", "\xff", "\xe4\xb8", "\x01", "\xf0\x9f\x98\x80", "\t"};
    uint32_t seed = 3;

    (void)state;
    for (int round = 0; round < 300; round++) {
        char text[256];
        size_t len = 0;
        struct token_counter whole;
        struct token_counter cut;

        while (len < 200) {
            const char *part = parts[next_random(&seed) % (sizeof(parts) / sizeof(parts[0]))];

            memcpy(text + len, part, strlen(part));
            len += strlen(part);
        }
        token_counter_start(&whole);
        token_counter_feed(&whole, span_of(text, len));
        token_counter_start(&cut);
        for (size_t at = 0; at < len;) {
            size_t n = round % 2 == 0 ? 1 : 1 + next_random(&seed) % 9;

            n = n < len - at ? n : len - at;
            token_counter_feed(&cut, span_of(text + at, n));
            (void)token_counter_estimate(&cut); /* asking changes nothing */
            at += n;
        }
        assert_memory_equal(&whole, &cut, sizeof(whole));
        assert_int_equal(token_counter_estimate(&cut), tokens_estimate(span_of(text, len)));
        assert_true(token_counter_estimate(&cut) <= tokens_bound(len));
    }
}

static void test_small_and_bound(void **state)
{
    (void)state;
    assert_int_equal(tokens_estimate(SPAN_EMPTY), 0);
    assert_int_equal(tokens_estimate(SPAN("the")), 1);
    assert_int_equal(tokens_bound(0), TOKENS_FRAMING_BOUND);
    assert_int_equal(tokens_bound(1000), 1000 + TOKENS_FRAMING_BOUND);
    assert_true(sizeof(token_pairs) + sizeof(token_weights) < 1024);
}

static void test_calibration(void **state)
{
    struct token_calibration k;
    int64_t last;

    (void)state;
    token_calibration_start(&k);
    assert_int_equal(token_calibration_apply(&k, 1000), 1000);
    token_calibration_feed(&k, 0, 5);
    token_calibration_feed(&k, 5, 0);
    token_calibration_feed(&k, -1, -1);
    token_calibration_feed(&k, INT64_MAX, 1);
    token_calibration_feed(&k, 1, INT64_MAX);
    assert_int_equal(token_calibration_apply(&k, 1000), 1000);
    for (int i = 0; i < 1000; i++) /* a vocabulary with a fifth more tokens */
        token_calibration_feed(&k, 1000, 1200);
    assert_in_range(token_calibration_apply(&k, 100000), 119000, 120100);
    last = token_calibration_apply(&k, 100000);
    token_calibration_feed(&k, 1000000000, 1); /* one absurd call moves it by an eighth at most */
    assert_in_range(token_calibration_apply(&k, 100000), last * 3 / 4, last);
    for (int i = 0; i < 1000; i++)
        token_calibration_feed(&k, 1000, 900000000);
    assert_in_range(token_calibration_apply(&k, 1000), 3990, 4000);
    for (int i = 0; i < 1000; i++)
        token_calibration_feed(&k, 900000000, 1);
    assert_in_range(token_calibration_apply(&k, 1000), 250, 252);
    assert_true(token_calibration_apply(&k, INT64_MAX / 8) > 0);
}

/* ---- against true counts of other people's texts ---- */

enum { LINE_BYTES = 65536, TEXTS_MAX = 8192, MILLION = 1000000, ERROR_MAX = MILLION / 20 };

/* Errors in millionths: not every board's compiler can do floating point. */
struct truth {
    size_t texts;
    int64_t error_sum;
    int64_t bias_sum;
    int64_t errors[TEXTS_MAX];
};

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static int hundredths(int64_t millionths)
{
    return (int)(millionths / 100);
}

static void truth_line(struct truth *t, char *line, const char *row)
{
    static struct json_object object;
    static char text[LINE_BYTES];
    const struct json_member *m;
    size_t len;
    long tokens;
    int64_t error;

    assert_true(json_object_read(&object, span_of(line, strcspn(line, "\n"))));
    m = json_object_find(&object, "t");
    assert_true(m != NULL && json_value_text(m->value, text, sizeof(text), &len));
    assert_int_equal(sscanf(row, "%*s %ld", &tokens), 1);
    assert_true((int64_t)tokens <= tokens_bound(len) - TOKENS_FRAMING_BOUND);
    error = (tokens_estimate(span_of(text, len)) - tokens) * MILLION / tokens;
    t->bias_sum += error;
    error = error < 0 ? -error : error;
    t->error_sum += error;
    assert_true(t->texts < TEXTS_MAX);
    t->errors[t->texts++] = error;
}

/* The weights were fitted to other texts than these. */
static void test_truth(void **state)
{
    static char line[LINE_BYTES];
    static struct truth t;
    const char *folder = getenv("FARTHING_DATA") ? getenv("FARTHING_DATA") : "../shared/data";
    char path[512];
    char row[512];
    FILE *texts;
    FILE *rows;

    (void)state;
    snprintf(path, sizeof(path), "%s/token-truth/tokens.tsv", folder);
    rows = fopen(path, "r");
    if (rows == NULL) {
        print_message("no %s: estimates are not compared with true counts\n", path);
        skip();
    }
    snprintf(path, sizeof(path), "gzip -dc %s/token-truth/texts.jsonl.gz", folder);
    texts = popen(path, "r");
    assert_non_null(texts);
    assert_non_null(fgets(row, sizeof(row), rows));
    while (fgets(row, sizeof(row), rows) != NULL) {
        assert_non_null(fgets(line, sizeof(line), texts));
        truth_line(&t, line, row);
    }
    assert_null(fgets(line, sizeof(line), texts));
    assert_int_equal(pclose(texts), 0);
    fclose(rows);
    qsort(t.errors, t.texts, sizeof(t.errors[0]), by_size);
    assert_true(t.texts > 1000);
    print_message("%zu texts: errors in hundredths of a per cent: mean %d, p95 %d, bias %d\n",
                  t.texts, hundredths(t.error_sum / (int64_t)t.texts),
                  hundredths(t.errors[t.texts * 95 / 100]),
                  hundredths(t.bias_sum / (int64_t)t.texts));
    assert_in_range(t.error_sum / (int64_t)t.texts, 1, ERROR_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts),          cmocka_unit_test(test_any_split_is_the_same),
        cmocka_unit_test(test_small_and_bound), cmocka_unit_test(test_calibration),
        cmocka_unit_test(test_truth),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
