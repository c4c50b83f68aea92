#include <string.h>

#include "run_command.h"

enum { LONG_LINE = 1024 * 1024 };

static int run_eval(int argc, char **argv, const char *in, size_t in_bytes)
{
    return run_command(command_eval, argc, argv, in, in_bytes);
}

static void test_bad_lines_go_on(void **state)
{
    static const char in[] = "{\"text\":\"the\"}\n"
                             "\n"
                             "nope\n"
                             "[1]\n"
                             "{\"text\":5}\n"
                             "{\"tokens\":5}\n"
                             "{\"text\":\"a\",\"text\":\"b\"}\n"
                             "{\"text\":\"the\",\"tokens\":-1}\n"
                             "{\"text\":\"the\",\"tokens\":null}\r\n"
                             "{\"text\":\"the\"}";
    static const char want[] =
        "{\"estimate\":1,\"bound\":67}\n"
        "{\"error\":\"no JSON: no value at byte 0\"}\n"
        "{\"error\":\"no JSON: a character that cannot stand there at byte 1\"}\n"
        "{\"error\":\"this is no JSON object\"}\n"
        "{\"error\":\"\\\"text\\\" is no text\"}\n"
        "{\"error\":\"\\\"text\\\" is missing\"}\n"
        "{\"error\":\"no JSON: a duplicate key at byte 17\"}\n"
        "{\"error\":\"\\\"tokens\\\" is no whole number of 0 or more\"}\n"
        "{\"estimate\":1,\"bound\":67}\n"
        "{\"estimate\":1,\"bound\":67}\n";
    char *argv[] = {"tokens"};

    (void)state;
    assert_int_equal(run_eval(1, argv, in, sizeof(in) - 1), COMMAND_OK);
    assert_string_equal(out_text, want);
    assert_non_null(strstr(err_text, "eval tokens: 10 lines, 7 bad"));
}

static void test_token_summary(void **state)
{
    char in[4096] = "";
    char *argv[] = {"tokens"};

    (void)state;
    /* "the" is estimated as 1: exact 19 times, and once it is said to be 2. */
    for (int i = 0; i < 19; i++)
        strcat(in, "{\"text\":\"the\",\"tokens\":1}\n");
    strcat(in, "{\"text\":\"the\",\"tokens\":2}\n{\"text\":\"the\",\"tokens\":0}\n");
    assert_int_equal(run_eval(1, argv, in, strlen(in)), COMMAND_OK);
    assert_non_null(strstr(err_text,
                           "20 with a true count: mean error 2.50 %, p95 0.10 %, bias -2.50 %\n"
                           "undercounts: 1 estimates, 0 bounds\n"));
}

/* A line of exactly 1 MiB is read, one of a byte more is not, and the next one is again. */
static void test_long_lines(void **state)
{
    static char in[3 * LONG_LINE];
    char *argv[] = {"tokens"};
    size_t len = 0;

    (void)state;
    for (int extra = 0; extra < 2; extra++) {
        size_t start = len;

        memcpy(in + len, "{\"text\":\"", 9);
        len += 9;
        memset(in + len, ' ', LONG_LINE + (size_t)extra - 11);
        len += LONG_LINE + (size_t)extra - 11;
        memcpy(in + len, "\"}\n", 3);
        len += 3;
        assert_int_equal(len - start, LONG_LINE + extra + 1);
    }
    memcpy(in + len, "{\"text\":\"the\"}\n", 15);
    len += 15;
    assert_int_equal(run_eval(1, argv, in, len), COMMAND_OK);
    assert_string_equal(out_text, "{\"estimate\":1,\"bound\":1048629}\n"
                                  "{\"error\":\"the line is longer than 1 MiB\"}\n"
                                  "{\"estimate\":1,\"bound\":67}\n");
}

static void test_command_line(void **state)
{
    char *unknown[] = {"nothing"};
    char *file[] = {"tokens", "/no/such/file"};
    char *config[] = {"tokens", "-c", "/no/such/file"};
    char *two[] = {"tokens", "a", "b"};

    (void)state;
    assert_int_equal(run_eval(0, NULL, "", 0), COMMAND_USAGE);
    assert_non_null(strstr(err_text, "tokens"));
    assert_int_equal(run_eval(1, unknown, "", 0), COMMAND_USAGE);
    assert_int_equal(run_eval(2, file, "", 0), COMMAND_FAILED);
    assert_int_equal(run_eval(3, config, "", 0), COMMAND_USAGE);
    assert_int_equal(run_eval(3, two, "", 0), COMMAND_USAGE);
    assert_string_equal(out_text, "");
}

static const char config[] = "[upstream u]\nurl = https://api.example.com/v1\nkey_env = NOT_SET\n"
                             "[model m]\nupstream = u\nid = vendor-m\ninput = 1\n"
                             "cached_input = 0.1\noutput = 10\nnext_from = 2026-09-01\n"
                             "input_next = 2\noutput_next = 20\n";

static void test_usage(void **state)
{
    static const char in[] =
        /* by name; by the vendor's name; after the new price; without a model */
        "{\"dialect\":\"openai\",\"model\":\"m\",\"time\":\"2026-01-01T00:00:00.000Z\",\"body\":"
        "{\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":2,\"prompt_tokens_details\":"
        "{\"cached_tokens\":4}}}}\n"
        "{\"dialect\":\"anthropic\",\"time\":\"2026-08-31T23:59:59.999Z\",\"body\":{\"model\":"
        "\"vendor-m\",\"usage\":{\"input_tokens\":1,\"cache_creation_input_tokens\":2,"
        "\"output_tokens\":3}}}\n"
        "{\"dialect\":\"openai\",\"model\":\"m\",\"time\":\"2026-09-01T00:00:00.000Z\",\"body\":"
        "\"{\\\"prompt_tokens\\\":1,\\\"completion_tokens\\\":1}\"}\n"
        "{\"dialect\":\"openai\",\"body\":{\"response\":{\"usage\":{\"input_tokens\":1,"
        "\"output_tokens\":2,\"total_tokens\":9,\"new_tokens\":3}}}}\n"
        /* refused */
        "{\"dialect\":\"openai\",\"body\":{}}\n"
        "{\"dialect\":\"gemini\",\"body\":{}}\n"
        "{\"dialect\":\"openai\"}\n"
        "{\"dialect\":\"openai\",\"model\":\"x\",\"body\":{\"prompt_tokens\":1}}\n"
        "{\"dialect\":\"openai\",\"time\":\"now\",\"body\":{\"prompt_tokens\":1}}\n"
        "{\"dialect\":\"openai\",\"body\":{\"usage\":{\"prompt_tokens\":-1}}}\n";
    static const char want[] =
        "{\"input\":10,\"cached\":4,\"cache_write\":0,\"output\":2,\"reasoning\":0,"
        "\"cost\":0.000026400000}\n"
        "{\"input\":3,\"cached\":0,\"cache_write\":2,\"output\":3,\"reasoning\":0,"
        "\"cost\":0.000033000000}\n"
        "{\"input\":1,\"cached\":0,\"cache_write\":0,\"output\":1,\"reasoning\":0,"
        "\"cost\":0.000022000000}\n"
        "{\"input\":1,\"cached\":0,\"cache_write\":0,\"output\":8,\"reasoning\":0,"
        "\"unknown\":\"new_tokens\"}\n"
        "{\"error\":\"\\\"body\\\" has no usage that can be read\"}\n"
        "{\"error\":\"\\\"dialect\\\" is neither openai nor anthropic\"}\n"
        "{\"error\":\"\\\"body\\\" is missing\"}\n"
        "{\"error\":\"\\\"model\\\" is no [model] of the configuration\"}\n"
        "{\"error\":\"\\\"time\\\" is not of the form 2026-01-02T03:04:05.678Z\"}\n"
        "{\"error\":\"\\\"body\\\" has no usage that can be read\"}\n";
    char name[] = "/tmp/farthing-test-XXXXXX";
    int fd = mkstemp(name);
    char *argv[] = {"usage", "-c", name};

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, config, sizeof(config) - 1), sizeof(config) - 1);
    close(fd);
    assert_int_equal(run_eval(3, argv, in, sizeof(in) - 1), COMMAND_OK);
    unlink(name);
    assert_string_equal(out_text, want);
    assert_non_null(strstr(err_text, "10 lines, 6 bad"));
    assert_non_null(strstr(err_text, "3 with a cost: 0.000081400000 USD\n"));
}

static void test_refusal(void **state)
{
    static const char in[] =
        "{\"answer\":\"I can't help with that.\",\"label\":\"2_full_refusal\"}\n"
        "{\"answer\":\"I can't help with that.\",\"label\":true}\n"
        "{\"answer\":\"I can't help with that.\",\"label\":\"non-refusal\"}\n"
        "{\"answer\":\"Bern.\",\"label\":\"1_full_compliance\"}\n"
        "{\"answer\":\"Bern.\",\"label\":\"Refused\"}\n"
        "{\"answer\":\"Bern.\"}\n"
        "{\"answer\":\"Bern.\",\"label\":3}\n";
    static const char want[] = "{\"refusal\":true}\n{\"refusal\":true}\n{\"refusal\":true}\n"
                               "{\"refusal\":false}\n{\"refusal\":false}\n{\"refusal\":false}\n"
                               "{\"error\":\"\\\"label\\\" is a number, but neither 0 nor 1\"}\n";
    char *argv[] = {"refusal"};

    (void)state;
    assert_int_equal(run_eval(1, argv, in, sizeof(in) - 1), COMMAND_OK);
    assert_string_equal(out_text, want);
    assert_non_null(strstr(err_text, "5 with a label, 3 refusals: precision 66.67 %, recall "
                                     "66.67 %, F1 66.67 %\n"));
}

static void test_score(void **state)
{
    static const char in[] =
        "{\"question\":\"Where?\",\"answer\":\"In Bern.\",\"good\":true,\"cheap\":1,\"strong\":1}\n"
        "{\"question\":\"Where?\",\"answer\":\"\",\"good\":false,\"cheap\":0,\"strong\":1.0}\n"
        "{\"answer\":\"Hm\",\"request\":{\"response_format\":{\"type\":\"json_object\"}},"
        "\"finish_reason\":\"length\",\"good\":false,\"cheap\":false,\"strong\":true}\n"
        "{\"answer\":\"Yes.\",\"check\":\"none\"}\n"
        "{\"answer\":\"Yes.\",\"cheap\":2}\n"
        "{\"question\":\"Where?\"}\n"
        "{\"answer\":\"In der Schweiz, an der Aare, und das ist auch die Hauptstadt, wie man in "
        "der Stadt "
        "sagt.\","
        "\"request\":{\"messages\":[{\"role\":\"user\",\"content\":\"Where is the city of Bern, "
        "and what "
        "is it for the country?\"}]}}\n";
    static const char want[] =
        "{\"score\":1.000,\"checks\":{\"empty\":1.000,\"error\":1.000,\"loop\":1.000,"
        "\"refusal\":1.000,\"cut\":1.000,\"language\":1.000,\"hedge\":1.000}}\n"
        "{\"score\":0.000,\"checks\":{\"empty\":0.000,\"loop\":1.000}}\n"
        "{\"score\":0.000,\"checks\":{\"empty\":1.000,\"error\":1.000,\"loop\":1.000,\"json\":0."
        "000,"
        "\"refusal\":1.000,\"finish\":0.000,\"cut\":1.000,\"language\":1.000,\"hedge\":1.000}}\n"
        "{\"error\":\"\\\"check\\\" is the name of no [check] of the configuration\"}\n"
        "{\"error\":\"an outcome is no number of 0 to 1\"}\n"
        "{\"error\":\"\\\"answer\\\" is missing\"}\n"
        "{\"score\":0.600,\"checks\":{\"empty\":1.000,\"error\":1.000,\"loop\":1.000,"
        "\"refusal\":1.000,\"cut\":1.000,\"language\":0.000,\"hedge\":1.000}}\n";
    char *argv[] = {"score"};

    (void)state;
    assert_int_equal(run_eval(1, argv, in, sizeof(in) - 1), COMMAND_OK);
    assert_string_equal(out_text, want);
    assert_non_null(strstr(err_text, "3 with a label: AUROC 100.00 %\n"));
    assert_non_null(strstr(err_text, "  empty     75.00 %\n"));
    assert_non_null(
        strstr(err_text, "3 with outcomes: APGR 0.667, CPT50 33.33 %, CPT80 53.33 %\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_lines_go_on), cmocka_unit_test(test_token_summary),
        cmocka_unit_test(test_long_lines),      cmocka_unit_test(test_command_line),
        cmocka_unit_test(test_usage),           cmocka_unit_test(test_refusal),
        cmocka_unit_test(test_score),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
