/* The bytes are operations on a cache: the first says how large it is. */
#include <unistd.h>

#include "base/fmt.h"

#include "../sim/cache_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t next_byte(void *ctx)
{
    struct span *rest = ctx;

    if (rest->len == 0)
        return 0;
    rest->len--;
    return (uint8_t)*rest->ptr++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(16) char region[32768];
    static struct model model;
    struct span rest = span_of((const char *)data, size);

    if (size < 2)
        return 0;
    model_start(&model, region, 512 + (size_t)data[0] * 32, next_byte, &rest);
    model.check_each_step = data[0] < 32;
    while (rest.len > 0)
        model_step(&model);
    model_check(&model);
    return 0;
}
