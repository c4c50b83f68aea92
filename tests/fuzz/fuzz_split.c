/* The first line is a nonce, the first byte of the second how many questions there are, the rest an
 * answer. Parts lie in the text, in order, one behind another, each behind its mark. */
#include "policy/batch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct batch_part parts[BATCH_QUESTIONS_MAX];
    struct span all = span_of((const char *)data, size);
    size_t line = span_find_byte(all, '\n');
    struct span nonce = span_part(all, 0, line);
    struct span text = span_part(all, line + 2, size);
    size_t count = line + 1 < size ? 1 + data[line + 1] % BATCH_QUESTIONS_MAX : 1;
    size_t found;
    size_t at = 0;

    if (!batch_nonce_good(nonce))
        return 0;
    found = batch_split(parts, count, text, nonce, true);
    for (size_t i = 0; i < count; i++) {
        size_t from;

        if (!parts[i].found)
            continue;
        found--;
        from = (size_t)(parts[i].text.ptr - text.ptr);
        if (from < at + nonce.len + 5 || from > text.len || parts[i].text.len > text.len - from)
            __builtin_trap();
        at = from + parts[i].text.len;
    }
    if (found != 0 || batch_split(parts, count, text, nonce, false) > count)
        __builtin_trap();
    return 0;
}
