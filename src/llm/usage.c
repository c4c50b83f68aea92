#include "llm/usage.h"

#include "json/tree.h"

enum { USAGE_TOKENS = 160 }; /* JSON values of a usage object; OpenRouter's has about 40 */

struct usage_name {
    const char *object; /* a member that is an object, or NULL for the usage object itself */
    const char *name;
};

/* The first that is there counts. */
static const struct usage_name input_names[] = {
    {NULL, "prompt_tokens"}, {NULL, "input_tokens"}, {NULL, "prompt_eval_count"}, {NULL, NULL}};
static const struct usage_name output_names[] = {
    {NULL, "completion_tokens"}, {NULL, "output_tokens"}, {NULL, "eval_count"}, {NULL, NULL}};
static const struct usage_name cached_names[] = {{"prompt_tokens_details", "cached_tokens"},
                                                 {"input_tokens_details", "cached_tokens"},
                                                 {NULL, "cache_read_input_tokens"},
                                                 {NULL, "prompt_cache_hit_tokens"},
                                                 {NULL, "cached_tokens"},
                                                 {NULL, NULL}};
static const struct usage_name write_names[] = {{NULL, "cache_creation_input_tokens"},
                                                {"prompt_tokens_details", "cache_write_tokens"},
                                                {NULL, NULL}};
static const struct usage_name reasoning_names[] = {
    {"completion_tokens_details", "reasoning_tokens"},
    {"output_tokens_details", "reasoning_tokens"},
    {NULL, "reasoning_tokens"},
    {NULL, NULL}};

/* False when a count is there and no token count. */
static bool usage_count(const struct json_tree *t, const struct usage_name *names, int64_t *out,
                        bool *seen)
{
    for (; names->name != NULL; names++) {
        int object = names->object != NULL ? json_tree_get(t, 0, names->object) : 0;
        int value = json_tree_get(t, object, names->name);
        int64_t count;

        if (json_tree_kind(t, value) == JSON_NONE || json_tree_kind(t, value) == JSON_NULL)
            continue;
        if (!json_tree_i64(t, value, &count) || count < 0 || count > USAGE_TOKENS_MAX)
            return false;
        *out = count;
        *seen = true;
        return true;
    }
    return true;
}

static int64_t usage_at_most(int64_t count, int64_t limit)
{
    return count < limit ? count : limit;
}

bool usage_read(struct usage *u, enum usage_dialect dialect, struct span json)
{
    struct json_token tokens[USAGE_TOKENS];
    int next[USAGE_TOKENS];
    struct json_tree t;
    struct usage read = *u;
    bool input = false;
    bool cached = false;
    bool write = false;
    bool output = false;
    bool reasoning = false;

    if (json_tree_read(&t, json, tokens, next, USAGE_TOKENS) != JSON_TREE_OK ||
        json_tree_kind(&t, 0) != JSON_OBJECT)
        return false;
    if (!usage_count(&t, input_names, &read.input, &input) ||
        !usage_count(&t, cached_names, &read.cached, &cached) ||
        !usage_count(&t, write_names, &read.cache_write, &write) ||
        !usage_count(&t, output_names, &read.output, &output) ||
        !usage_count(&t, reasoning_names, &read.reasoning, &reasoning))
        return false;
    /* Anthropic's input_tokens leave out what was read from or written to the cache. */
    if (dialect == USAGE_ANTHROPIC && input)
        read.input += read.cached + read.cache_write;
    /* A vendor that contradicts itself is believed in the sum, so that nothing is free. */
    read.cached = usage_at_most(read.cached, read.input);
    read.cache_write = usage_at_most(read.cache_write, read.input - read.cached);
    read.reasoning = usage_at_most(read.reasoning, read.output);
    read.known = u->known || (input && output) || (input && dialect == USAGE_OPENAI);
    *u = read;
    return true;
}
