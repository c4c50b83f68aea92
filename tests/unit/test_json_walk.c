#include <string.h>

#include "cm.h"
#include "json/walk.h"

static void test_members_and_elements(void **state)
{
    struct span text = SPAN(" {\"a\" : [1,\"]\\\"}\" , {\"b\":{}},[ ]] ,\"c\":-1.5e3,\"\":null,"
                            "\"d\":\"x\\\\\" , \"e\":true} ");
    static const char *const names[] = {"a", "c", "", "d", "e"};
    static const enum json_kind kinds[] = {JSON_ARRAY, JSON_NUMBER, JSON_NULL, JSON_STRING,
                                           JSON_TRUE};
    static const char *const elements[] = {"1", "\"]\\\"}\"", "{\"b\":{}}", "[ ]"};
    struct json_walk w;
    struct span name;
    struct span value;
    size_t count = 0;

    (void)state;
    assert_true(json_walk_start(&w, text) && w.is_object);
    for (; json_walk_next(&w, &name, &value); count++) {
        assert_true(json_walk_is(name, names[count]));
        assert_int_equal(json_walk_kind(value), kinds[count]);
    }
    assert_int_equal(count, 5);
    assert_true(json_walk_start(&w, json_walk_get(text, "a")) && !w.is_object);
    for (count = 0; json_walk_next(&w, &name, &value); count++)
        assert_true(json_walk_is(value, elements[count]) && name.len == 0);
    assert_int_equal(count, 4);
    assert_true(json_walk_is(json_walk_inside(json_walk_get(text, "d")), "x\\\\"));
    assert_int_equal(json_walk_get(json_walk_get(text, "no"), "way").len, 0);
    assert_false(json_walk_start(&w, json_walk_get(text, "c")));
    assert_int_equal(json_walk_which(SPAN("b"), "a b c"), 1);
    assert_int_equal(json_walk_which(SPAN("a b"), "a b c"), -1);
    assert_int_equal(json_walk_which(SPAN_EMPTY, "a b c"), -1);
}

static void test_decode(void **state)
{
    char out[16];
    bool cut = false;

    (void)state;
    assert_int_equal(json_walk_decode(SPAN("\"a\\u00e9\\n\""), out, sizeof(out), &cut), 4);
    assert_memory_equal(out, "a\xc3\xa9\n", 4);
    assert_false(cut);
    assert_int_equal(json_walk_decode(SPAN("\"a\\u00e9\\n\""), out, 2, &cut), 1);
    assert_true(cut);
    assert_int_equal(json_walk_decode(SPAN("12"), out, sizeof(out), &cut), 0);
}

/* What is no JSON: it ends, and stays inside. */
static void test_any_bytes_end(void **state)
{
    static const char letters[] = "{}[]\":,\\ a1";
    uint32_t seed = 9;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        char text[24];
        struct json_walk w;
        struct span name;
        struct span value;
        size_t steps = 0;

        for (size_t i = 0; i < sizeof(text); i++) {
            seed = seed * 1664525u + 1013904223u;
            text[i] = letters[(seed >> 16) % (sizeof(letters) - 1)];
        }
        if (!json_walk_start(&w, span_of(text, sizeof(text))))
            continue;
        for (; json_walk_next(&w, &name, &value); steps++) {
            assert_true(value.ptr >= text && value.ptr + value.len <= text + sizeof(text));
            (void)json_walk_get(value, "a");
        }
        assert_true(steps <= sizeof(text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members_and_elements),
        cmocka_unit_test(test_decode),
        cmocka_unit_test(test_any_bytes_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
