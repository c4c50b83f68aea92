#include <string.h>

#include "run_command.h"

static void expect(char *kind, const char *in, const char *want, const char *summary)
{
    assert_int_equal(run_command(command_eval, 1, &kind, in, strlen(in)), COMMAND_OK);
    assert_string_equal(out_text, want);
    if (strstr(err_text, summary) == NULL)
        fail_msg("%s", err_text);
}

static void test_join(void **state)
{
    (void)state;
    expect("join",
           "{\"questions\":[\"Why\\u0021\",\"b\"],\"nonce\":\"x7\"}\n"
           "{\"questions\":[]}\n"
           "{\"questions\":[\"a\",1]}\n"
           "{\"questions\":\"a\"}\n"
           "{\"prompt\":\"a\"}\n"
           "{\"questions\":[\"a\"],\"nonce\":\"x y\"}\n",
           "{\"prompt\":\"Answer each question below as if it were the only one. Begin the answer "
           "to Q[1-x7] on a new line with \\\"A[1-x7]: \\\", the answer to Q[2-x7] with "
           "\\\"A[2-x7]: \\\", and so on: all answers, in this order, and nothing else.\\n\\n"
           "Q[1-x7]: Why!\\n\\nQ[2-x7]: b\",\"nonce\":\"x7\"}\n"
           "{\"error\":\"\\\"questions\\\" is empty\"}\n"
           "{\"error\":\"\\\"questions\\\" holds something that is no text\"}\n"
           "{\"error\":\"\\\"questions\\\" is no array of texts, or of too many\"}\n"
           "{\"error\":\"\\\"questions\\\" is missing\"}\n"
           "{\"error\":\"\\\"nonce\\\" is not up to 16 letters and digits\"}\n",
           "2 questions of");
}

static void test_split(void **state)
{
    (void)state;
    expect("split",
           "{\"text\":\"A[1]: a\\n\\nA[3]: c\\n\\n\",\"n\":3}\n"
           "{\"text\":\"A[1-x7]: A[2]: a\\nA[2-x7]:\\nb\",\"n\":2,\"nonce\":\"x7\"}\n"
           "{\"text\":\"A[1]: a\\nA[2]: b\",\"n\":2,\"whole\":false}\n"
           "{\"text\":\"A[1]: a\",\"n\":65}\n"
           "{\"text\":\"A[1]: a\"}\n",
           "{\"answers\":[\"a\",null,\"c\"]}\n"
           "{\"answers\":[\"A[2]: a\",\"b\"]}\n"
           "{\"answers\":[\"a\",null]}\n"
           "{\"error\":\"\\\"n\\\" is not 1 to 64\"}\n"
           "{\"error\":\"\\\"n\\\" is missing\"}\n",
           "5 of 7 answers found, 1 of them beside a gap\n");
}

static void test_stop(void **state)
{
    (void)state;
    expect("stop",
           "{\"text\":\"One. Two. Three\",\"rules\":\"sentences:2, sentinel:\\\"###\\\"\"}\n"
           "{\"text\":\"One ###\",\"rules\":\"sentinel:\\\"###\\\"\"}\n"
           "{\"text\":\"One #\",\"rules\":\"sentinel:\\\"###\\\"\"}\n"
           "{\"text\":\"One\",\"rules\":\"sentinel\"}\n",
           "{\"kept\":9,\"rule\":\"sentences\"}\n"
           "{\"kept\":4,\"rule\":\"sentinel\"}\n"
           "{\"kept\":5,\"rule\":null}\n"
           "{\"error\":\"\\\"rules\\\" has a rule without its value\"}\n",
           "18 of 27 bytes kept; cut by sentinel 1 sentences 1\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_join),
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
