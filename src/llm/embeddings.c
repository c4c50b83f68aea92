#include "llm/embeddings.h"

#include "json/object.h"
#include "json/walk.h"

static bool embedding_read(struct span element, struct embedding *out, size_t count)
{
    struct span index = json_walk_get(element, "index");
    enum json_kind vector = json_walk_kind(json_walk_get(element, "embedding"));
    struct embedding *e;
    int64_t at;
    size_t before;

    if ((vector != JSON_ARRAY && vector != JSON_STRING) || !json_value_i64(index, &at) || at < 0 ||
        at >= (int64_t)count)
        return false;
    e = &out[at];
    if (e->before.ptr != NULL)
        return false;
    before = (size_t)(index.ptr - element.ptr);
    e->before = span_part(element, 0, before);
    e->after = span_part(element, before + index.len, element.len);
    return true;
}

bool embeddings_read(struct span body, struct embedding *out, size_t count, struct span *model)
{
    struct json_walk walk;
    struct span name;
    struct span element;
    size_t seen = 0;

    for (size_t i = 0; i < count; i++)
        out[i] = (struct embedding){SPAN_EMPTY, SPAN_EMPTY};
    *model = json_walk_get(body, "model");
    if (!json_walk_start(&walk, json_walk_get(body, "data")) || walk.is_object)
        return false;
    for (; json_walk_next(&walk, &name, &element); seen++)
        if (!embedding_read(element, out, count))
            return false;
    return seen == count;
}

void embeddings_begin(struct fmt *out)
{
    fmt_str(out, "{\"object\":\"list\",\"data\":[");
}

void embeddings_put(struct fmt *out, const struct embedding *e, size_t index)
{
    if (index > 0)
        fmt_char(out, ',');
    fmt_text(out, e->before);
    fmt_u64(out, index);
    fmt_text(out, e->after);
}

void embeddings_end(struct fmt *out, struct span model, int64_t tokens)
{
    fmt_char(out, ']');
    if (model.len > 0) {
        fmt_str(out, ",\"model\":");
        fmt_text(out, model);
    }
    fmt_str(out, ",\"usage\":{\"prompt_tokens\":");
    fmt_i64(out, tokens);
    fmt_str(out, ",\"total_tokens\":");
    fmt_i64(out, tokens);
    fmt_str(out, "}}");
}
