/* From labelled prompts to the route that a prompt takes: `train --difficulty`, `route`, `eval`. */
#include <stdio.h>
#include <string.h>

#include "command/eval.h"
#include "policy/classify.h"
#include "run_command.h"

#define MODELS                                                                                     \
    "[upstream s]\ndialect = standin\n[model a]\nupstream = s\ninput = 1\noutput = 2\n"            \
    "[model b]\nupstream = s\ninput = 10\noutput = 20\n"
#define ROUTES                                                                                     \
    "[route simple]\ndifficulty = < 0.4\ntiers = a\n[route hard]\ndifficulty = >0.4\ntiers = b\n"

static char folder[] = "/tmp/farthing-difficulty-XXXXXX";
static char examples[128];
static char weights[128];
static char config[128];

static void put(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
}

static void put_examples(const char *hard)
{
    static const char *const topics[] = {"primes", "graphs", "groups", "rings", "knots", "fields"};
    char text[8192] = "";

    for (size_t i = 0; i < 6; i++) {
        char line[512];

        snprintf(line, sizeof line,
                 "{\"prompt\":\"Prove the theorem about %s.\",\"label\":\"%s\"}\n"
                 "{\"prompt\":\"Name one of the %s.\",\"label\":\"easy\"}\n",
                 topics[i], hard, topics[i]);
        strcat(text, line);
    }
    put(examples, text);
}

static void put_config(const char *difficulty)
{
    char text[2048] = "";

    if (difficulty != NULL)
        snprintf(text, sizeof text, "[classify]\ndifficulty = %s\n", difficulty);
    strcat(text, MODELS ROUTES);
    put(config, text);
}

static int run(int (*command)(int argc, char **argv), char **argv, const char *in)
{
    int argc = 0;

    while (argv[argc] != NULL)
        argc++;
    return run_command(command, argc, argv, in, strlen(in));
}

static int train(const char *hard)
{
    char *argv[] = {"--difficulty", "--sets", "256", "--out", weights, examples, NULL};

    put_examples(hard);
    return run(command_train, argv, "");
}

static int route(const char *prompt)
{
    char *argv[] = {"-c", config, NULL};

    return run(command_route, argv, prompt);
}

static void a_prompt_takes_the_route_of_its_difficulty(void **state)
{
    char *argv[] = {"route", "-c", config, NULL};

    (void)state;
    assert_int_equal(train("hard"), COMMAND_OK);
    put_config(weights);
    assert_int_equal(route("Prove the theorem about bundles."), COMMAND_OK);
    assert_non_null(strstr(out_text, "\ndifficulty  0."));
    assert_non_null(strstr(out_text, "\nroute       hard\n"));
    assert_int_equal(route("Name one of the bundles."), COMMAND_OK);
    assert_non_null(strstr(out_text, "\nroute       simple\n"));
    assert_int_equal(run(command_eval, argv, "{\"prompt\":\"Name one of the bundles.\"}\n"),
                     COMMAND_OK);
    assert_non_null(strstr(out_text, "\"difficulty\":0."));
    assert_non_null(strstr(out_text, "\"route\":\"simple\""));
}

static void a_curve_over_the_examples(void **state)
{
    char *argv[] = {"--curve", "-c", config, examples, NULL};
    char *none[] = {"--curve", "-c", config, "/nowhere", NULL};

    (void)state;
    assert_int_equal(train("hard"), COMMAND_OK);
    put_config(weights);
    assert_int_equal(run(command_route, argv, ""), COMMAND_OK);
    assert_non_null(strstr(out_text, "cheap a, strong b\n"));
    /* All to the strong one, half of them, all to the cheap one, which is wrong with half. */
    assert_non_null(strstr(out_text, "\n0.000    0.000    1.000    "));
    assert_non_null(strstr(out_text, "\n0.500    0.500    1.000    "));
    assert_non_null(strstr(out_text, "\n1.000    1.000    0.500    "));
    assert_int_not_equal(run(command_route, none, ""), COMMAND_OK);
    put(examples, "{\"prompt\":\"x\",\"label\":\"easy\"}\n{\"prompt\":\"x\"}\n");
    assert_int_not_equal(run(command_route, argv, ""), COMMAND_OK);
    assert_non_null(strstr(err_text, "'line 2'"));
}

/* Rings and knots are what the strong model is better at; of the last, both fail. */
static void put_outcomes(void)
{
    char text[8192] = "";

    for (int i = 0; i < 20; i++) {
        char line[512];

        snprintf(line, sizeof line,
                 "{\"prompt\":\"Prove the theorem about rings %d.\",\"cheap\":0,\"strong\":true}\n"
                 "{\"prompt\":\"Name one of the knots.\",\"cheap\":1.0,\"strong\":1}\n"
                 "{\"prompt\":\"Guess my number.\",\"cheap\":0,\"strong\":0}\n",
                 i);
        strcat(text, line);
    }
    put(examples, text);
}

/* The bound is found on lines that were not learned from, and the curve has the same. */
static void a_bound_that_keeps_enough(void **state)
{
    char *learn[] = {"--difficulty", "--sets", "256",    "--keep", "90",
                     "--out",        weights,  examples, NULL};
    char *over[] = {"--difficulty", "--keep", "101", examples, NULL};
    char *none[] = {"--keep", "90", examples, NULL};
    char *curve[] = {"--curve", "-c", config, examples, NULL};

    (void)state;
    put_outcomes();
    assert_int_equal(run(command_train, learn, ""), COMMAND_OK);
    assert_non_null(strstr(err_text, "12 tested"));
    assert_non_null(strstr(err_text, "\ndifficulty = < 0."));
    assert_non_null(strstr(err_text,
                           " keeps 90 % of what the strong model is better by and sends 8 "
                           "of 12 prompts to the cheap one: quality 0.666; strong for "
                           "all 0.666, cheap for all 0.333\n"));
    put_config(weights);
    assert_int_equal(run(command_route, curve, ""), COMMAND_OK);
    assert_non_null(strstr(out_text, "\n0.000    0.000    0.666    "));
    assert_non_null(strstr(out_text, "\n0.500    0.666    0.666    "));
    assert_non_null(strstr(out_text, " keeps 95 % of what the strong model is better by and sends "
                                     "40 of 60 "));
    assert_int_not_equal(run(command_train, over, ""), COMMAND_OK);
    assert_int_not_equal(run(command_train, none, ""), COMMAND_OK);
    assert_non_null(strstr(err_text, "--keep goes with --difficulty"));
    /* Where the strong model gains nothing there is no bound to tell. */
    put(examples, "{\"prompt\":\"x\",\"cheap\":1,\"strong\":0}\n");
    assert_int_equal(run(command_route, curve, ""), COMMAND_OK);
    assert_non_null(strstr(out_text, "no bound: the strong model is no better"));
}

static void what_is_refused(void **state)
{
    (void)state;
    assert_int_equal(train("tough"), COMMAND_FAILED);
    assert_non_null(strstr(err_text, "the labels of difficulty are easy and hard"));
    put_config(NULL);
    assert_int_not_equal(route("x"), COMMAND_OK);
    assert_non_null(strstr(err_text, "there are no weights to tell it by"));
    put_config("/nowhere");
    assert_int_not_equal(route("x"), COMMAND_OK);
    assert_non_null(strstr(err_text, "/nowhere cannot be read"));
    put(weights, "no weights");
    put_config(weights);
    assert_int_not_equal(route("x"), COMMAND_OK);
    assert_non_null(strstr(err_text, "is no weight file"));
}

/* Weights of workloads are none of difficulty, nor the other way round. */
static void kinds_are_not_mixed_up(void **state)
{
    struct classifier c;
    const char *why = NULL;

    (void)state;
    classify_start(&c);
    assert_false(classify_load_difficulty(
        &c, span_of((const char *)classify_weights, sizeof classify_weights), &why));
    assert_string_equal(why, "is a weight file for something else than easy and hard");
    assert_int_equal(c.difficulty.classes, 0);
}

static int setup(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(examples, sizeof examples, "%s/examples.jsonl", folder);
    snprintf(weights, sizeof weights, "%s/weights", folder);
    snprintf(config, sizeof config, "%s/config", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    unlink(examples);
    unlink(weights);
    unlink(config);
    rmdir(folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_prompt_takes_the_route_of_its_difficulty),
        cmocka_unit_test(a_curve_over_the_examples),
        cmocka_unit_test(a_bound_that_keeps_enough),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(kinds_are_not_mixed_up),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
