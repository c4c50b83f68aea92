#include <string.h>

#include "run_command.h"

static void test_near(void **state)
{
    static const char in[] =
        "{\"a\":\"How do I boil an egg?\",\"b\":\"how can I boil eggs\",\"label\":true}\n"
        "{\"a\":\"How do I boil an egg?\",\"b\":\"How do I boil 2 eggs?\",\"label\":0}\n"
        "{\"a\":\"What is the tallest tower of Rome?\",\"b\":\"what is the tallest tower in Rome\","
        "\"label\":false}\n"
        "{\"a\":\"What is love?\",\"b\":\"What is love?\",\"label\":1}\n"
        "{\"a\":\"How do I boil an egg?\",\"b\":\"How to boil an egg, please?\"}\n"
        "{\"a\":\"x\"}\n"
        "{\"a\":\"x\",\"b\":\"y\",\"label\":2}\n";
    static const char want[] = "{\"near\":true,\"by\":\"key\",\"similarity\":1.000}\n"
                               "{\"near\":false,\"by\":null,\"similarity\":0.000}\n"
                               "{\"near\":true,\"by\":\"key\",\"similarity\":1.000}\n"
                               "{\"near\":false,\"by\":null,\"similarity\":0.000}\n"
                               "{\"near\":true,\"by\":\"key\",\"similarity\":1.000}\n"
                               "{\"error\":\"\\\"b\\\" is missing\"}\n"
                               "{\"error\":\"\\\"label\\\" is a number, but neither 0 nor 1\"}\n";
    char *argv[] = {"near"};

    (void)state;
    assert_int_equal(run_command(command_eval, 1, argv, in, sizeof(in) - 1), COMMAND_OK);
    assert_string_equal(out_text, want);
    assert_non_null(strstr(err_text, "hit rate 60.00 % (3 of 5)\n"
                                     "4 with a label: precision 50.00 %, recall 50.00 %, false "
                                     "hits 50.00 % of hits, 50.00 % of pairs that differ\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_near),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
