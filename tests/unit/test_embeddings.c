/* The vectors of an embeddings answer, taken apart and put together. */
#include "cm.h"
#include "llm/embeddings.h"

enum { VECTORS = 4 };

static struct embedding vectors[VECTORS];
static struct span model;

static bool read_them(const char *body, size_t count)
{
    return embeddings_read(span_str(body), vectors, count, &model);
}

static void expect(size_t count, int64_t tokens, const char *want)
{
    char text[1024];
    struct fmt f;
    fmt_init(&f, text, sizeof text);
    embeddings_begin(&f);
    for (size_t i = 0; i < count; i++)
        embeddings_put(&f, &vectors[i], i);
    embeddings_end(&f, model, tokens);
    assert_string_equal(fmt_cstr(&f), want);
}

static void elements_are_kept_as_written(void **state)
{
    (void)state;
    assert_true(read_them("{\"usage\":{\"index\":7},\"model\" : \"a\\\"b\",\"data\": [ "
                          "{\"more\":{\"index\":9}, \"index\" : 1 ,\"embedding\":[ 1 , 2e0 ]} , "
                          "{\"embedding\":\"AA==\",\"index\":0} ] }",
                          2));
    expect(2, 5,
           "{\"object\":\"list\",\"data\":[{\"embedding\":\"AA==\",\"index\":0},"
           "{\"more\":{\"index\":9}, \"index\" : 1 ,\"embedding\":[ 1 , 2e0 ]}],"
           "\"model\":\"a\\\"b\",\"usage\":{\"prompt_tokens\":5,\"total_tokens\":5}}");
    assert_true(read_them("{\"data\":[{\"index\":0,\"embedding\":[]}]}", 1));
    expect(1, INT64_MAX,
           "{\"object\":\"list\",\"data\":[{\"index\":0,\"embedding\":[]}],"
           "\"usage\":{\"prompt_tokens\":9223372036854775807,"
           "\"total_tokens\":9223372036854775807}}");
}

static void other_forms_are_none(void **state)
{
    static const char *const none[] = {
        "",
        "[]",
        "{\"data\":{}}",
        "{\"data\":[]}",
        "{\"data\":[1,2]}",
        "{\"data\":[{\"index\":0,\"embedding\":[1]}]}",
        "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":0,\"embedding\":[1]}]}",
        "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":2,\"embedding\":[1]}]}",
        "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":-1,\"embedding\":[1]}]}",
        "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":0.5,\"embedding\":[1]}]}",
        "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":\"1\",\"embedding\":[1]}]}",
        "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"embedding\":[1]}]}",
        "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":1}]}",
        "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":1,\"embedding\":null}]}",
        "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":1,\"embedding\":[1]},"
        "{\"index\":2,\"embedding\":[1]}]}",
        "{\"data\":[{\"index\":0,\"embed",
    };
    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        if (read_them(none[i], 2))
            fail_msg("%s", none[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_are_kept_as_written),
        cmocka_unit_test(other_forms_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
