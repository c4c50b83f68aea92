/* Two answers, cut out of any bytes: the verdict is in its bounds, does not depend on their order,
 * and an answer agrees with itself. */
#include "policy/agree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = span_of((const char *)data, size);
    size_t cut = size > 0 ? data[0] % size : 0;
    struct span a = span_part(text, 0, cut);
    struct span b = span_part(text, cut, size);
    int verdict = agree(SPAN("How many are 3 and 4?"), a, b);

    if (verdict < 0 || verdict > AGREE_MAX || agree(SPAN_EMPTY, b, b) != AGREE_MAX)
        __builtin_trap();
    if (agree(SPAN("How many are 3 and 4?"), b, a) != verdict)
        __builtin_trap();
    return 0;
}
