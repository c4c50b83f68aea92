/* Vectors of an answer that is JSON, put together in the same order, are JSON, and are found again
 * as they were. The first byte says how many there have to be. */
#include "llm/embeddings.h"
#include "json/walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { VECTORS_MAX = 8, BYTES = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[BYTES];
    struct embedding was[VECTORS_MAX];
    struct embedding is[VECTORS_MAX];
    struct span model;
    struct span again;
    struct fmt f;
    size_t count;
    struct span body;

    if (size == 0 || size > BYTES / 2)
        return 0;
    count = data[0] % VECTORS_MAX;
    body = span_of((const char *)data + 1, size - 1);
    if (!embeddings_read(body, was, count, &model) || !json_walk_valid(body))
        return 0;
    fmt_init(&f, text, sizeof(text));
    embeddings_begin(&f);
    for (size_t i = 0; i < count; i++)
        embeddings_put(&f, &was[i], i);
    embeddings_end(&f, model, (int64_t)size);
    if (!fmt_ok(&f) || !json_walk_valid(fmt_span(&f)) ||
        fmt_span(&f).len > size + EMBEDDINGS_FRAME_BYTES + count * EMBEDDINGS_INDEX_BYTES ||
        !embeddings_read(fmt_span(&f), is, count, &again) || !span_equal(model, again))
        __builtin_trap();
    for (size_t i = 0; i < count; i++)
        if (!span_equal(was[i].before, is[i].before) || !span_equal(was[i].after, is[i].after))
            __builtin_trap();
    return 0;
}
