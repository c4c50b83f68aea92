#include <string.h>

#include "run_command.h"

#define PASSAGE                                                                                    \
    "The Battle of Hastings was fought on 14 October 1066. William had an army of Normans. "       \
    "It is not known how many came over the sea."

static void test_lines(void **state)
{
    static const char in[] =
        "{\"text\":\"a  b\",\"passes\":\"whitespace\"}\n"
        "{\"text\":\"a b\",\"passes\":\"safe\"}\n"
        "{\"text\":\"" PASSAGE "\",\"question\":\"When was Hastings?\",\"passes\":\"select:40%\"}\n"
        "{\"text\":\"" PASSAGE "\\n\\nWhen was Hastings?\",\"passes\":\"stopwords\"}\n"
        "{\"request\":{ \"messages\":[{\"role\":\"system\",\"content\":\"a  "
        "b\"},{\"role\":\"user\","
        "\"content\":\"c  d\"}]},\"passes\":\"whitespace\"}\n"
        "{\"request\":{\"prompt\":\"c  d\"},\"passes\":\"off\"}\n"
        "{\"text\":\"a\"}\n"
        "{\"text\":\"a\",\"passes\":\"squeeze\"}\n"
        "{\"passes\":\"safe\"}\n";
    static const char want[] =
        "{\"text\":\"a b\",\"tokens_before\":3,\"tokens_after\":2,\"passes\":[\"whitespace\"]}\n"
        "{\"text\":\"a b\",\"tokens_before\":2,\"tokens_after\":2,\"passes\":[]}\n"
        "{\"text\":\"The Battle of Hastings was fought on 14 October 1066. \","
        "\"tokens_before\":33,\"tokens_after\":15,\"passes\":[\"select\"]}\n";
    char *argv[] = {"compress"};

    (void)state;
    assert_int_equal(run_command(command_eval, 1, argv, in, sizeof(in) - 1), COMMAND_OK);
    assert_memory_equal(out_text, want, sizeof(want) - 1);
    assert_non_null(strstr(out_text, "Battle Hastings fought 14 October 1066. William army "
                                     "Normans. not known many came sea.\\n\\nWhen was Hastings?"));
    assert_non_null(strstr(out_text,
                           "{\"request\":{ \"messages\":[{\"role\":\"system\",\"content\":"
                           "\"a b\"},{\"role\":\"user\",\"content\":\"c  d\"}]},"));
    assert_non_null(strstr(out_text, "{\"request\":{\"prompt\":\"c  d\"},"));
    assert_non_null(strstr(out_text, "{\"error\":\"\\\"passes\\\" is missing\"}\n"));
    assert_non_null(strstr(out_text, "has no pass \\\"squeeze\\\""));
    assert_non_null(strstr(out_text, "{\"error\":\"\\\"request\\\" is missing\"}\n"));
    assert_non_null(strstr(err_text, "4 of 6 changed: tokens "));
    assert_non_null(strstr(err_text, "  whitespace  "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
