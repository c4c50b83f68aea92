/* inflate: any bytes, into a room of any size. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/inflate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static char out[4096];
    size_t room = bytes > 0 ? (size_t)data[0] * 16 : 0;
    size_t len;

    if (inflate_all(span_of((const char *)data, bytes), out, room, &len) && len > room)
        abort();
    if (inflate_gzip(span_of((const char *)data, bytes), out, sizeof out, &len) && len > sizeof out)
        abort();
    return 0;
}
