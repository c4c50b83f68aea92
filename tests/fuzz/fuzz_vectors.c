/* An answer of embeddings is one vector or none, however it is cut; its cosine with itself is 1. */
#include "policy/vectors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum parse read_in_two(struct span text, size_t cut, struct vector *out)
{
    struct vector_reader r;

    vector_read_start(&r, cut % 2 == 0 ? VECTOR_CUT : VECTOR_FOLD);
    if (vector_read_feed(&r, span_part(text, 0, cut)) == PARSE_BAD)
        return PARSE_BAD;
    if (vector_read_feed(&r, span_part(text, cut, text.len)) == PARSE_BAD)
        return PARSE_BAD;
    return vector_read_finish(&r, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = span_of((const char *)data, size);
    size_t cut = size > 0 ? data[size / 2] % size / 2 * 2 : 0;
    struct vector whole;
    struct vector two;
    enum parse verdict = read_in_two(text, 0, &whole);

    if (read_in_two(text, cut, &two) != verdict)
        __builtin_trap();
    if (verdict != PARSE_DONE)
        return 0;
    if (memcmp(&whole, &two, sizeof(whole)) != 0 || vector_cosine(&whole, &two) < 999)
        __builtin_trap();
    return 0;
}
