/* JSON Schema: each row is a schema, a value, and whether it fits. */
#include <string.h>

#include "cm.h"
#include "policy/schema.h"

enum { VALUES = 2048 };

static struct json_token schema_tokens[VALUES];
static struct json_token value_tokens[VALUES];
static int schema_next[VALUES];
static int value_next[VALUES];

static enum schema_result check(const char *schema, const char *value)
{
    static struct schema_work work;
    struct json_tree s;
    struct json_tree v;

    assert_int_equal(json_tree_read(&s, span_str(schema), schema_tokens, schema_next, VALUES), 0);
    assert_int_equal(json_tree_read(&v, span_str(value), value_tokens, value_next, VALUES), 0);
    return schema_check(&work, &s, 0, &v, 0);
}

struct row {
    const char *schema;
    const char *value;
    enum schema_result want;
};

static void expect_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        enum schema_result got = check(rows[i].schema, rows[i].value);

        if (got != rows[i].want)
            fail_msg("%s with %s gives %d", rows[i].schema, rows[i].value, (int)got);
    }
}

static void test_keywords(void **state)
{
    static const struct row rows[] = {
        {"{}", "[1]", SCHEMA_VALID},
        {"{\"type\":\"object\"}", "[1]", SCHEMA_INVALID},
        {"{\"type\":[\"object\",\"array\"]}", "[1]", SCHEMA_VALID},
        {"{\"type\":\"strange\"}", "[1]", SCHEMA_VALID},
        {"{\"items\":{\"type\":\"integer\"}}", "[1,2.0,-3]", SCHEMA_VALID},
        {"{\"items\":{\"type\":\"integer\"}}", "[1,2.5]", SCHEMA_INVALID},
        {"{\"items\":{\"type\":\"number\"}}", "[1,2.5,1e9]", SCHEMA_VALID},
        {"{\"items\":{\"type\":\"boolean\"}}", "[true,false]", SCHEMA_VALID},
        {"{\"items\":{\"type\":\"boolean\"}}", "[null]", SCHEMA_INVALID},
        {"{\"items\":{\"type\":\"null\"}}", "[null]", SCHEMA_VALID},
        {"{\"items\":{\"type\":\"string\"}}", "[\"1\",1]", SCHEMA_INVALID},
        {"{\"items\":false}", "[1]", SCHEMA_INVALID},
        {"{\"items\":true}", "[1]", SCHEMA_VALID},
        {"{\"items\":{\"enum\":[\"a\",1,null]}}", "[\"a\",1.0,null]", SCHEMA_VALID},
        {"{\"items\":{\"enum\":[\"a\",1,null]}}", "[\"b\"]", SCHEMA_INVALID},
        {"{\"items\":{\"enum\":[\"a\",1,null]}}", "[\"1\"]", SCHEMA_INVALID},
        {"{\"items\":{\"const\":\"\\u0061\"}}", "[\"a\"]", SCHEMA_VALID},
        {"{\"items\":{\"const\":\"\\u0061\"}}", "[\"b\"]", SCHEMA_INVALID},
        {"{\"items\":{\"const\":false}}", "[true]", SCHEMA_INVALID},
        {"{\"items\":{\"minimum\":1,\"maximum\":2.5}}", "[1,2.5]", SCHEMA_VALID},
        {"{\"items\":{\"minimum\":1}}", "[0.999]", SCHEMA_INVALID},
        {"{\"items\":{\"maximum\":-1}}", "[-0.5]", SCHEMA_INVALID},
        {"{\"items\":{\"exclusiveMinimum\":1}}", "[1]", SCHEMA_INVALID},
        {"{\"items\":{\"exclusiveMaximum\":2}}", "[1.99]", SCHEMA_VALID},
        {"{\"items\":{\"minLength\":2,\"maxLength\":3}}", "[\"ab\",\"\\u00e9\\ud83d\\ude00a\"]",
         SCHEMA_VALID},
        {"{\"items\":{\"minLength\":2}}", "[\"\xc3\xa9\"]", SCHEMA_INVALID},
        {"{\"items\":{\"maxLength\":1}}", "[\"\\n\\n\"]", SCHEMA_INVALID},
        {"{\"minItems\":1,\"maxItems\":2}", "[]", SCHEMA_INVALID},
        {"{\"minItems\":1,\"maxItems\":2}", "[1,2,3]", SCHEMA_INVALID},
        {"{\"items\":{\"pattern\":\"^[A-Z]{2}\\\\d+$\"}}", "[\"AB12\"]", SCHEMA_VALID},
        {"{\"items\":{\"pattern\":\"^[A-Z]{2}\\\\d+$\"}}", "[\"xAB12\"]", SCHEMA_INVALID},
        {"{\"items\":{\"pattern\":\"(?<name>x)\"}}", "[\"a\"]", SCHEMA_VALID}, /* not known */
        {"{\"properties\":{\"a\":{\"type\":\"string\"}}}", "{\"a\":1}", SCHEMA_INVALID},
        {"{\"properties\":{\"a\":{\"type\":\"string\"}}}", "{\"b\":1}", SCHEMA_VALID},
        {"{\"properties\":{\"a\":{}},\"additionalProperties\":false}", "{\"b\":1}", SCHEMA_INVALID},
        {"{\"properties\":{\"a\":{}},\"additionalProperties\":false}", "{\"a\":1}", SCHEMA_VALID},
        {"{\"additionalProperties\":{\"type\":\"integer\"}}", "{\"x\":\"1\"}", SCHEMA_INVALID},
        {"{\"required\":[\"a\",\"b\"]}", "{\"a\":1,\"\\u0062\":null}", SCHEMA_VALID},
        {"{\"required\":[\"a\",\"b\"]}", "{\"a\":1}", SCHEMA_INVALID},
    };

    (void)state;
    expect_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

static void test_combinations(void **state)
{
    static const struct row rows[] = {
        {"{\"items\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}}", "[\"a\",null]",
         SCHEMA_VALID},
        {"{\"items\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}}", "[\"a\",1]",
         SCHEMA_INVALID},
        {"{\"anyOf\":[{\"required\":[\"a\"]},{\"required\":[\"b\"]}],\"required\":[\"c\"]}",
         "{\"b\":1,\"c\":2}", SCHEMA_VALID},
        {"{\"anyOf\":[{\"required\":[\"a\"]},{\"required\":[\"b\"]}],\"required\":[\"c\"]}",
         "{\"b\":1}", SCHEMA_INVALID},
        {"{\"oneOf\":[{\"required\":[\"a\"]},{\"required\":[\"b\"]}]}", "{\"c\":1}",
         SCHEMA_INVALID},
        {"{\"allOf\":[{\"required\":[\"a\"]},{\"required\":[\"b\"]}]}", "{\"a\":1}",
         SCHEMA_INVALID},
        {"{\"allOf\":[{\"required\":[\"a\"]},{\"required\":[\"b\"]}]}", "{\"a\":1,\"b\":2}",
         SCHEMA_VALID},
        /* A list that refers to itself. */
        {"{\"$ref\":\"#/$defs/node\",\"$defs\":{\"node\":{\"type\":\"object\",\"properties\":{"
         "\"v\":{\"type\":\"integer\"},\"next\":{\"anyOf\":[{\"$ref\":\"#/$defs/node\"},"
         "{\"type\":\"null\"}]}},\"required\":[\"v\",\"next\"]}}}",
         "{\"v\":1,\"next\":{\"v\":2,\"next\":null}}", SCHEMA_VALID},
        {"{\"$ref\":\"#/$defs/node\",\"$defs\":{\"node\":{\"type\":\"object\",\"properties\":{"
         "\"v\":{\"type\":\"integer\"},\"next\":{\"anyOf\":[{\"$ref\":\"#/$defs/node\"},"
         "{\"type\":\"null\"}]}},\"required\":[\"v\",\"next\"]}}}",
         "{\"v\":1,\"next\":{\"v\":\"2\",\"next\":null}}", SCHEMA_INVALID},
        {"{\"properties\":{\"c\":{\"$ref\":\"#\"}},\"additionalProperties\":false}",
         "{\"c\":{\"c\":{}}}", SCHEMA_VALID},
        {"{\"properties\":{\"c\":{\"$ref\":\"#\"}},\"additionalProperties\":false}",
         "{\"c\":{\"d\":{}}}", SCHEMA_INVALID},
        {"{\"$ref\":\"#/$defs/none\"}", "{}", SCHEMA_VALID},
        {"{\"$ref\":\"https://example.com/other\"}", "{}", SCHEMA_VALID},
        /* References that go round in circles end, and say nothing. */
        {"{\"$ref\":\"#\"}", "{}", SCHEMA_UNKNOWN},
        {"{\"anyOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"}]}", "{}", SCHEMA_UNKNOWN},
        {"{\"allOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"}]}", "{}", SCHEMA_UNKNOWN},
    };

    (void)state;
    expect_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

/* Many alternatives, each of which is wrong only at its end: bounded, whatever comes out. */
static void test_work_is_bounded(void **state)
{
    static char schema[32768];
    static char value[8192];

    (void)state;
    strcpy(schema, "{\"$defs\":{\"a\":{\"items\":{\"anyOf\":[");
    for (int i = 0; i < 20; i++)
        strcat(schema, "{\"allOf\":[{\"$ref\":\"#/$defs/a\"},{\"type\":\"null\"}]},");
    strcat(schema, "{\"$ref\":\"#/$defs/a\"}]}}},\"$ref\":\"#/$defs/a\"}");
    for (int i = 0; i < 12; i++)
        strcat(value, "[[],");
    strcat(value, "[]");
    for (int i = 0; i < 12; i++)
        strcat(value, "]");
    assert_int_not_equal(check(schema, value), SCHEMA_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keywords),
        cmocka_unit_test(test_combinations),
        cmocka_unit_test(test_work_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
