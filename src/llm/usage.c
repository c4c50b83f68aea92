#include "llm/usage.h"

#include <string.h>

#include "base/check.h"
#include "base/fmt.h"
#include "json/tree.h"

enum { USAGE_TOKENS = 320 }; /* JSON values of a usage object; OpenRouter's has about 40 */
enum { USAGE_OBJECT_CUT = 28, USAGE_NAME_CUT = 32 };

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
                                                 {NULL, "cached_prompt_text_tokens"},
                                                 {NULL, NULL}};
static const struct usage_name write_names[] = {{NULL, "cache_creation_input_tokens"},
                                                {"prompt_tokens_details", "cache_write_tokens"},
                                                {"input_tokens_details", "cache_write_tokens"},
                                                {NULL, NULL}};
static const struct usage_name write_1h_names[] = {{"cache_creation", "ephemeral_1h_input_tokens"},
                                                   {NULL, NULL}};
static const struct usage_name total_names[] = {{NULL, "total_tokens"}, {NULL, NULL}};
static const struct usage_name reasoning_names[] = {
    {"completion_tokens_details", "reasoning_tokens"},
    {"output_tokens_details", "reasoning_tokens"},
    {"output_tokens_details", "thinking_tokens"},
    {NULL, "reasoning_tokens"},
    {NULL, NULL}};
/* Parts of what is counted already, at the price of the whole. */
static const struct usage_name part_names[] = {
    {NULL, "prompt_cache_miss_tokens"},
    {NULL, "num_cached_tokens"}, /* Mistral's, which bills by prompt_tokens_details */
    {"cache_creation", "ephemeral_5m_input_tokens"},
    {"prompt_tokens_details", "text_tokens"},
    {"prompt_tokens_details", "image_tokens"},
    {"prompt_tokens_details", "video_tokens"},
    {"input_tokens_details", "text_tokens"},
    {"input_tokens_details", "image_tokens"},
    {"completion_tokens_details", "text_tokens"},
    {"completion_tokens_details", "accepted_prediction_tokens"},
    {"completion_tokens_details", "rejected_prediction_tokens"},
    {"output_tokens_details", "text_tokens"},
    {NULL, NULL}};

static const struct usage_name *const known_names[] = {
    input_names,    output_names,    cached_names, write_names,
    write_1h_names, reasoning_names, total_names,  part_names,
};

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

/* ---- fields that are not known ---- */

static bool usage_is_known(const char *object, struct span name)
{
    for (size_t i = 0; i < ARRAY_LEN(known_names); i++)
        for (const struct usage_name *k = known_names[i]; k->name != NULL; k++)
            if (span_equal(span_str(k->name), name) &&
                (object == NULL ? k->object == NULL
                                : k->object != NULL && strcmp(k->object, object) == 0))
                return true;
    return false;
}

static void usage_note_unknown(struct usage *u, const char *object, struct span name)
{
    struct fmt f;

    fmt_init(&f, u->unknown, sizeof(u->unknown) - 1);
    fmt_visible(&f, object != NULL ? span_str(object) : SPAN_EMPTY, USAGE_OBJECT_CUT);
    fmt_str(&f, object != NULL ? "." : "");
    fmt_visible(&f, name, USAGE_NAME_CUT);
    u->unknown[f.len] = '\0';
}

/* The members of one object; `object` is its own name, NULL for the usage object itself. */
static void usage_find_unknown(struct usage *u, const struct json_tree *t, int container,
                               const char *object)
{
    for (int v = json_tree_first(t, container); v != JSON_TREE_NONE && u->unknown[0] == '\0';
         v = json_tree_after(t, v)) {
        struct span name = json_tree_name(t, v);
        int64_t count;

        if (json_tree_kind(t, v) == JSON_NUMBER &&
            (span_ends(name, SPAN("_tokens")) || span_ends(name, SPAN("_count"))) &&
            json_tree_i64(t, v, &count) && count > 0 && !usage_is_known(object, name))
            usage_note_unknown(u, object, name);
    }
}

/* Members, members of members, and those of the elements of members. */
static void usage_find_all_unknown(struct usage *u, const struct json_tree *t)
{
    usage_find_unknown(u, t, 0, NULL);
    for (int v = json_tree_first(t, 0); v != JSON_TREE_NONE; v = json_tree_after(t, v)) {
        char object[USAGE_NAME_BYTES];
        struct span name = json_tree_name(t, v);
        struct fmt f;

        fmt_init(&f, object, sizeof(object));
        fmt_visible(&f, name, USAGE_OBJECT_CUT);
        if (json_tree_kind(t, v) == JSON_OBJECT)
            usage_find_unknown(u, t, v, fmt_cstr(&f));
        if (json_tree_kind(t, v) != JSON_ARRAY)
            continue;
        for (int e = json_tree_first(t, v); e != JSON_TREE_NONE; e = json_tree_after(t, e))
            if (json_tree_kind(t, e) == JSON_OBJECT &&
                !json_tree_is(t, json_tree_get(t, e, "type"), "message"))
                usage_find_unknown(u, t, e, fmt_cstr(&f));
    }
}

/* ---- the whole ---- */

static int64_t usage_at_most(int64_t count, int64_t limit)
{
    return count < limit ? count : limit;
}

struct usage_seen {
    bool input;
    bool output;
    bool total;
    bool other; /* not asked for */
};

static bool usage_counts(const struct json_tree *t, struct usage *read, int64_t *total,
                         struct usage_seen *seen)
{
    return usage_count(t, input_names, &read->input, &seen->input) &&
           usage_count(t, cached_names, &read->cached, &seen->other) &&
           usage_count(t, write_names, &read->cache_write, &seen->other) &&
           usage_count(t, write_1h_names, &read->cache_write_1h, &seen->other) &&
           usage_count(t, output_names, &read->output, &seen->output) &&
           usage_count(t, reasoning_names, &read->reasoning, &seen->other) &&
           usage_count(t, total_names, total, &seen->total);
}

bool usage_read(struct usage *u, enum usage_dialect dialect, struct span json)
{
    struct json_token tokens[USAGE_TOKENS];
    int next[USAGE_TOKENS];
    struct json_tree t;
    struct usage read = *u;
    struct usage_seen seen = {0};
    int64_t total = 0;

    if (json_tree_read(&t, json, tokens, next, USAGE_TOKENS) != JSON_TREE_OK ||
        json_tree_kind(&t, 0) != JSON_OBJECT || !usage_counts(&t, &read, &total, &seen))
        return false;
    /* Anthropic's input_tokens leave out what was read from or written to the cache. */
    if (dialect == USAGE_ANTHROPIC && seen.input)
        read.input += read.cached + read.cache_write;
    if (dialect == USAGE_OPENAI && seen.input && seen.output && total > read.input + read.output)
        read.output = total - read.input;
    /* A vendor that contradicts itself is believed in the sum, so that nothing is free. */
    read.cached = usage_at_most(read.cached, read.input);
    read.cache_write = usage_at_most(read.cache_write, read.input - read.cached);
    read.cache_write_1h = usage_at_most(read.cache_write_1h, read.cache_write);
    read.reasoning = usage_at_most(read.reasoning, read.output);
    read.known = u->known || (seen.input && seen.output) || (seen.input && dialect == USAGE_OPENAI);
    usage_find_all_unknown(&read, &t);
    *u = read;
    return true;
}
