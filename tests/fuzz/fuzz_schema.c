/* A schema against a value, both of any bytes: it ends, within its bounds, and says the same twice.
 * The input is two JSON texts with a byte 0 between them. */
#include "policy/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { VALUES = 512 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct json_token tokens[2][VALUES];
    static int next[2][VALUES];
    static struct schema_work work;
    struct span text = span_of((const char *)data, size);
    struct span schema = span_part(text, 0, span_find_byte(text, '\0'));
    struct span value = span_part(text, schema.len + 1, size);
    struct json_tree s;
    struct json_tree v;
    enum schema_result first;

    if (json_tree_read(&s, schema, tokens[0], next[0], VALUES) != JSON_TREE_OK ||
        json_tree_read(&v, value, tokens[1], next[1], VALUES) != JSON_TREE_OK)
        return 0;
    first = schema_check(&work, &s, 0, &v, 0);
    if (work.steps > 4 * SCHEMA_STEPS_MAX || schema_check(&work, &s, 0, &v, 0) != first)
        __builtin_trap();
    return 0;
}
