#include <stdio.h>
#include <string.h>

#include "policy/classify.h"
#include "run_command.h"

static char line[1 << 16];

static char in[64];
static char one[64];
static char two[64];

/* Files of this process alone. */
static int name_files(void **state)
{
    (void)state;
    snprintf(in, sizeof(in), "/tmp/farthing-train-%d.jsonl", (int)getpid());
    snprintf(one, sizeof(one), "/tmp/farthing-train-%d-1.fwt", (int)getpid());
    snprintf(two, sizeof(two), "/tmp/farthing-train-%d-2.fwt", (int)getpid());
    return 0;
}

static void put_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    fclose(f);
}

static size_t get_file(const char *path, char *out, size_t room)
{
    FILE *f = fopen(path, "r");
    size_t len;

    assert_non_null(f);
    len = fread(out, 1, room, f);
    fclose(f);
    return len;
}

static int train(char **argv, int argc)
{
    return run_command(command_train, argc, argv, "", 0);
}

static const char *const names[] = {"pay", "fly", "eat"};

/* Three intents in a few words each. */
static void examples(const char *path)
{
    static const char *const said[][4] = {
        {"send money to mum", "pay my bill", "transfer ten dollars", "settle the invoice"},
        {"book a flight", "when does my plane leave", "a seat by the window", "fly to rome"},
        {"a table for two", "order a pizza", "find a restaurant", "what is for dinner"},
    };
    size_t at = 0;

    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 4; k++)
            at += (size_t)sprintf(line + at,
                                  "{\"text\":\"%s\",\"label\":\"%s\",\"source\":\"s%zu\"}\n",
                                  said[i][k], names[i], k);
    put_file(path, line);
}

static void test_same_bytes_from_the_same_seed(void **state)
{
    static char a[1 << 20];
    static char b[1 << 20];
    char *first[] = {"--out", one, "--test", in, "--sets", "1024", "--seed", "3", in};
    char *second[] = {"--out", two, "--sets", "1024", "--seed", "3", in};
    char *third[] = {"--out", two, "--sets", "1024", "--seed", "4", in};
    static struct classifier c;
    static struct classify_room room;
    struct classify_verdict v;
    const char *why;
    size_t len;

    (void)state;
    examples(in);
    assert_int_equal(train(first, 9), COMMAND_OK);
    assert_non_null(strstr(err_text, "12 tested: best class right %  100.0"));
    assert_int_equal(train(second, 7), COMMAND_OK);
    len = get_file(one, a, sizeof(a));
    assert_int_equal(get_file(two, b, sizeof(b)), len);
    assert_memory_equal(a, b, len);
    assert_int_equal(train(third, 7), COMMAND_OK);
    assert_int_equal(get_file(two, b, sizeof(b)), len);
    assert_memory_not_equal(a, b, len);
    /* Labels that are no workloads' come out as classes. */
    assert_true(classify_load(&c, span_of(a, len), &why));
    classify(&c, SPAN_EMPTY, SPAN("please book a flight to oslo"), &room, &v);
    assert_int_equal(v.best, WORKLOAD_UNKNOWN);
    assert_true(span_equal(linear_label(&c.model, v.class), SPAN("fly")));
    remove(in);
    remove(one);
    remove(two);
}

static void test_small_tables(void **state)
{
    static char bytes[1 << 16];
    char *argv[] = {"--out",   one,        "--test", in,       "--sets", "16",      "--ways",
                    "4",       "--prints", "1",      "--bits", "4",      "--chars", "0",
                    "--marks", "1",        "--bar",  "500",    in};

    (void)state;
    examples(in);
    assert_int_equal(train(argv, 19), COMMAND_OK);
    assert_non_null(strstr(err_text, "12 tested: best class right %"));
    /* 16 sets of 4 rows, each a print and three weights of 4 bits. */
    assert_int_equal(get_file(one, bytes, sizeof(bytes)), 32 + 3 * 4 + 3 * 2 + 64 + 64 * 2 + 4);
    remove(in);
    remove(one);
}

static void test_wrong_input(void **state)
{
    static const char *const bad[] = {
        "{\"text\":\"a\"}\n",
        "{\"label\":\"a\"}\n",
        "{\"text\":\"a\",\"label\":5}\n",
        "{\"text\":\"a\",\"label\":\"\"}\n",
        "{\"text\":\"a\",\"label\":\"b\",\"weight\":0}\n",
        "nope\n",
        "",
        "\n\n",
    };
    char *argv[] = {in};
    char *none[] = {"/nowhere/at/all"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        put_file(in, bad[i]);
        if (train(argv, 1) != COMMAND_FAILED)
            fail_msg("taken: %s", bad[i]);
        assert_non_null(strstr(err_text, in));
    }
    assert_int_equal(train(none, 1), COMMAND_FAILED);
    remove(in);
}

static void test_wrong_arguments(void **state)
{
    static char *argvs[][3] = {
        {NULL},
        {"--out"},
        {"--epochs", "0", "x"},
        {"--bits", "5", "x"},
        {"--sets", "1000", "x"},
        {"--ways", "2", "x"},
        {"--nothing", "1", "x"},
        {"a", "b"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(argvs) / sizeof(argvs[0]); i++) {
        int argc = 0;

        while (argc < 3 && argvs[i][argc] != NULL)
            argc++;
        assert_int_equal(train(argvs[i], argc), COMMAND_USAGE);
    }
}

/* ---- eval ---- */

static int eval(char *kind, const char *text)
{
    char *argv[] = {kind};

    return run_command(command_eval, 1, argv, text, strlen(text));
}

static void test_eval_workload(void **state)
{
    static const char lines[] =
        "{\"prompt\":\"Translate to French: the cat sleeps\",\"label\":\"translation\"}\n"
        "{\"prompt\":\"Write a Python function that adds two numbers\",\"label\":\"code\"}\n"
        "{\"request\":{\"messages\":[{\"role\":\"user\",\"content\":\"Write a poem about rain\"}]},"
        "\"label\":\"code\"}\n"
        "{\"prompt\":\"\"}\n"
        "{\"label\":\"code\"}\n";

    (void)state;
    assert_int_equal(eval("workload", lines), COMMAND_OK);
    assert_non_null(strstr(out_text, "{\"workload\":\"translation\",\"confidence\":"));
    assert_non_null(strstr(out_text, "\n{\"workload\":\"code\",\"confidence\":"));
    assert_non_null(strstr(out_text, "\n{\"workload\":\"chat\",\"confidence\":"));
    assert_non_null(strstr(out_text, "\n{\"workload\":\"unknown\",\"confidence\":0.000}\n"
                                     "{\"error\":\"a line has"));
    assert_non_null(strstr(err_text, "3 with a label: right 66.67 %, unknown 0.00 %, wrong though "
                                     "sure 33.33 %; best class right 66.67 %"));
}

/* A file of outcomes where every second prompt gains: the order is found, bad lines keep theirs. */
static void test_eval_learn(void **state)
{
    static char outcomes[1 << 16];
    size_t at = 0;
    size_t lines = 0;

    (void)state;
    for (int i = 0; i < 300; i++) {
        at += (size_t)sprintf(
            outcomes + at, "{\"prompt\":\"%s number %d\",\"cheap\":%s,\"strong\":1.0}\n",
            i % 2 == 0 ? "prove the theorem" : "tell me a joke", i, i % 2 == 0 ? "0" : "1.00000");
        if (i == 1)
            at += (size_t)sprintf(outcomes + at, "{\"prompt\":\"x\",\"cheap\":2,\"strong\":1}\n");
    }
    assert_int_equal(eval("learn", outcomes), COMMAND_OK);
    assert_non_null(strstr(err_text, "eval learn: 301 lines, 1 bad"));
    assert_non_null(strstr(err_text, "300 outcomes, 5 folds: APGR 0.7"));
    assert_non_null(strstr(out_text, "\n{\"error\":\"\\\"cheap\\\" is no number from 0 to 1\"}\n"));
    for (const char *p = out_text; *p != '\0'; p++)
        lines += *p == '\n';
    assert_int_equal(lines, 301);
    assert_int_equal(strncmp(out_text, "{\"gain\":0.", 10), 0);
    assert_int_equal(eval("learn", ""), COMMAND_OK);
    assert_int_equal(eval("learn", "{\"prompt\":\"a\",\"cheap\":true,\"strong\":false}\n"),
                     COMMAND_OK);
    assert_non_null(strstr(err_text, "no better here"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_bytes_from_the_same_seed),
        cmocka_unit_test(test_small_tables),
        cmocka_unit_test(test_wrong_input),
        cmocka_unit_test(test_wrong_arguments),
        cmocka_unit_test(test_eval_workload),
        cmocka_unit_test(test_eval_learn),
    };

    return cmocka_run_group_tests(tests, name_files, NULL);
}
