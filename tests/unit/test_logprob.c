#include <string.h>

#include "cm.h"
#include "llm/logprob.h"

static void a_mean_of_tokens(void **state)
{
    static const struct {
        const char *numbers[3];
        int64_t milli;
    } rows[] = {
        {{"-1", "-2", "-0.5"}, -1166},
        {{"-0.25", "0", "0.0"}, -83},
        {{"-1.9361265e-07", NULL, NULL}, -1},
        {{"-2.5E-1", NULL, NULL}, -250},
        {{"-1e1", NULL, NULL}, -10000},
        {{"-9999.0", "-0", NULL}, -50000},
        {{"-1e999", "-123456789012345678901234567890", NULL}, -100000},
        {{"-0.00000000000000000000000001", NULL, NULL}, -1},
        {{"3.5", "null", NULL}, -1}, /* no log-probability: taken for certain */
        {{"null", "\"-1\"", NULL}, 0},
        {{NULL, NULL, NULL}, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[1024] = "{\"choices\":[{\"logprobs\":{\"content\":[";

        for (size_t k = 0; k < 3 && rows[i].numbers[k] != NULL; k++) {
            strcat(text, k > 0 ? ",{\"token\":\"a\",\"logprob\":" : "{\"logprob\":");
            strcat(text, rows[i].numbers[k]);
            strcat(text, ",\"top_logprobs\":[{\"logprob\":-7}]}");
        }
        strcat(text, "]}},{\"logprobs\":{\"content\":[{\"logprob\":-50}]}}]}");
        if (logprob_mean_milli(span_str(text)) != rows[i].milli)
            fail_msg("%s: %d", text, (int)logprob_mean_milli(span_str(text)));
    }
    assert_int_equal(logprob_mean_milli(SPAN("{\"choices\":[{\"logprobs\":null}]}")), 0);
    assert_int_equal(logprob_mean_milli(SPAN("{\"choices\":{}}")), 0);
    assert_int_equal(logprob_mean_milli(SPAN("nothing")), 0);
    assert_int_equal(logprob_mean_milli(SPAN_EMPTY), 0);
}

static void they_are_taken_out(void **state)
{
    static const struct {
        const char *body;
        int64_t choices;
        const char *want;
    } rows[] = {
        {"{\"choices\":[{\"a\":1,\"logprobs\":{\"content\":[{\"logprob\":-1}]},\"b\":2}],\"c\":3}",
         1, "{\"choices\":[{\"a\":1,\"logprobs\":null,\"b\":2}],\"c\":3}"},
        {"{\"choices\":[{\"logprobs\":{\"a\":[]}},{\"logprobs\":{\"b\":[]}}]}", 2,
         "{\"choices\":[{\"logprobs\":null},{\"logprobs\":null}]}"},
        {"{\"choices\":[{\"logprobs\":{\"a\":[]}},{\"logprobs\":{\"b\":[]}}]}", 1,
         "{\"choices\":[{\"logprobs\":null},{\"logprobs\":{\"b\":[]}}]}"},
        {"{\"choices\":[{\"logprobs\":{}},{\"logprobs\":null}]}", 9,
         "{\"choices\":[{\"logprobs\":{}},{\"logprobs\":null}]}"},
        {"{\"choices\":[{\"logprobs\":{\"a\":[]}}", 1, "{\"choices\":[{\"logprobs\":{\"a\":[]}}"},
        {"", 1, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[256];

        strcpy(text, rows[i].body);
        text[logprob_strip(text, strlen(text), rows[i].choices)] = '\0';
        assert_string_equal(text, rows[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mean_of_tokens),
        cmocka_unit_test(they_are_taken_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
