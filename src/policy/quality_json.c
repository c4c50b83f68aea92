/* Checks of what has a form: JSON, schemas, tool calls. */
#include "base/check.h"
#include "policy/quality_checks.h"

enum {
    GOOD = 1000,
    BAD = 0,
    NAME_BYTES = 128, /* of a tool; the APIs allow 64 */
};

/* A whole answer in one code fence; only where the request itself did not ask for bare JSON. */
static struct span without_fence(struct span text)
{
    struct span all = text;

    while (text.len > 0 && (uint8_t)text.ptr[0] <= ' ')
        text = span_part(text, 1, text.len);
    while (text.len > 0 && (uint8_t)text.ptr[text.len - 1] <= ' ')
        text.len--;
    if (!span_starts(text, SPAN("```")) || !span_ends(text, SPAN("\n```")))
        return all;
    text = span_part(text, span_find_byte(text, '\n'), text.len);
    return span_part(text, 0, text.len - 3);
}

static bool request_wants_json(const struct quality_input *in)
{
    return in->request != NULL && in->request->wants_json;
}

int quality_json(const struct quality_input *in, const struct check_settings *s)
{
    struct json_scan scan;
    struct span text = in->answer;
    enum parse result;

    if ((!request_wants_json(in) && !s->json) || (in->answer.len == 0 && in->calls.len > 0))
        return QUALITY_NONE;
    if (!request_wants_json(in))
        text = without_fence(text);
    json_scan_start(&scan, NULL, NULL, false);
    result = json_scan_feed(&scan, text);
    if (result != PARSE_BAD && !in->partial)
        result = json_scan_finish(&scan);
    return result == PARSE_BAD ? BAD : GOOD;
}

static int schema_score(enum schema_result result)
{
    return result == SCHEMA_INVALID ? BAD : result == SCHEMA_VALID ? GOOD : QUALITY_NONE;
}

static enum json_tree_result tree_read(struct quality_work *work, unsigned which,
                                       struct json_tree *t, struct span text)
{
    return json_tree_read(t, text, work->tokens[which], work->next[which], QUALITY_VALUES);
}

int quality_schema(const struct quality_input *in, const struct check_settings *s,
                   struct quality_work *work)
{
    struct json_tree schema;
    struct json_tree answer;

    (void)s;
    if (in->partial || in->request == NULL || in->request->schema.len == 0 || in->answer.len == 0 ||
        tree_read(work, 0, &schema, in->request->schema) != JSON_TREE_OK ||
        tree_read(work, 1, &answer, in->answer) != JSON_TREE_OK)
        return QUALITY_NONE;
    return schema_score(schema_check(&work->schema, &schema, 0, &answer, 0));
}

/* ---- tool calls ---- */

/* Chat puts name and arguments into "function", the other APIs do not. */
static int function_of(const struct json_tree *t, int element)
{
    int function = json_tree_get(t, element, "function");

    return function != JSON_TREE_NONE ? function : element;
}

/* The tool of that name in the request's array, as the object that has its schema. */
static int tool_named(const struct json_tree *tools, struct span name)
{
    char text[NAME_BYTES];

    if (name.len >= sizeof(text))
        return JSON_TREE_NONE;
    memcpy(text, name.ptr, name.len);
    text[name.len] = '\0';
    for (int one = json_tree_first(tools, 0); one != JSON_TREE_NONE;
         one = json_tree_after(tools, one)) {
        int function = function_of(tools, one);

        if (json_tree_is(tools, json_tree_get(tools, function, "name"), text))
            return function;
    }
    return JSON_TREE_NONE;
}

static int tool_schema(const struct json_tree *tools, int tool)
{
    int schema = json_tree_get(tools, tool, "parameters");

    return schema != JSON_TREE_NONE ? schema : json_tree_get(tools, tool, "input_schema");
}

/* The arguments as JSON text: an object in the messages API, a string of JSON in the others. */
static bool arguments_of(const struct json_object *call, struct quality_work *work,
                         struct span *out)
{
    const struct json_member *m = json_object_find(call, "arguments");
    size_t len;

    if (m == NULL)
        m = json_object_find(call, "input");
    if (m == NULL)
        return false;
    *out = m->value;
    if (m->kind != JSON_STRING)
        return true;
    if (!json_value_text(m->value, work->text, sizeof(work->text), &len))
        return false;
    *out = span_of(work->text, len);
    return true;
}

/* One call, as the object that has its name and arguments. */
static int call_score(const struct json_tree *tools, struct span call, struct quality_work *work)
{
    struct json_tree arguments;
    const struct json_member *name;
    struct span text;
    enum json_tree_result read;
    int tool;

    if (!json_object_read(&work->object, call))
        return BAD;
    name = json_object_find(&work->object, "name");
    if (name == NULL || name->kind != JSON_STRING)
        return BAD;
    tool = tool_named(tools, span_part(name->value, 1, name->value.len - 2));
    if (tool == JSON_TREE_NONE)
        return BAD;
    if (!arguments_of(&work->object, work, &text))
        return QUALITY_NONE;
    if (text.len == 0)
        text = SPAN("{}");
    read = tree_read(work, 1, &arguments, text);
    if (read != JSON_TREE_OK)
        return read == JSON_TREE_BAD ? BAD : QUALITY_NONE;
    return schema_score(
        schema_check(&work->schema, tools, tool_schema(tools, tool), &arguments, 0));
}

/* The text of element `index` of a JSON array of objects, found without keeping the others. */
static bool element_at(struct span array, unsigned index, struct quality_work *work,
                       struct span *out)
{
    struct json_tree t;
    int at;

    if (tree_read(work, 1, &t, array) != JSON_TREE_OK || json_tree_kind(&t, 0) != JSON_ARRAY)
        return false;
    at = json_tree_first(&t, 0);
    while (index-- > 0 && at != JSON_TREE_NONE)
        at = json_tree_after(&t, at);
    if (json_tree_kind(&t, at) != JSON_OBJECT)
        return false;
    *out = json_tree_raw(&t, function_of(&t, at));
    return true;
}

int quality_tools(const struct quality_input *in, struct quality_work *work)
{
    struct json_tree tools;
    struct span call;
    int result = QUALITY_NONE;

    if (in->partial)
        return QUALITY_NONE;
    if (in->calls.len == 0)
        return in->request != NULL && in->request->must_call ? BAD : QUALITY_NONE;
    if (in->request == NULL || in->request->tools.len == 0)
        return BAD; /* nobody offered a tool */
    if (tree_read(work, 0, &tools, in->request->tools) != JSON_TREE_OK)
        return QUALITY_NONE;
    for (unsigned i = 0; i < QUALITY_CALLS_MAX && element_at(in->calls, i, work, &call); i++) {
        int one = call_score(&tools, call, work);

        if (one == BAD)
            return BAD;
        if (one != QUALITY_NONE)
            result = one;
    }
    return result;
}
