/* Log-probabilities are read and taken out of any bytes: the mean is one of probabilities, what is
 * left is as whole as before and no longer. */
#include <string.h>

#include "llm/logprob.h"
#include "json/walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[1 << 16];
    size_t bytes = size < sizeof(text) ? size : sizeof(text);
    bool whole;
    int64_t mean;
    size_t left;

    memcpy(text, data, bytes);
    whole = json_walk_valid(span_of(text, bytes));
    mean = logprob_mean_milli(span_of(text, bytes));
    if (mean > 0 || mean < LOGPROB_LEAST_MILLI)
        __builtin_trap();
    left = logprob_strip(text, bytes, 4);
    if (left > bytes || json_walk_valid(span_of(text, left)) != whole)
        __builtin_trap();
    return 0;
}
