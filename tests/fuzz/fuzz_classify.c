/* Any bytes as a weight file, with a right checksum so that its numbers are looked at, and any
 * bytes as a prompt: no crash, and confidences stay in bounds. */
#include "base/hash.h"
#include "policy/classify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(const struct classifier *c, struct span a, struct span b)
{
    static struct classify_room room;
    struct classify_verdict v;

    classify(c, a, b, &room, &v);
    if (v.confidence_milli < 0 || v.confidence_milli > 1000 || v.workload >= WORKLOAD_COUNT)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t file[1 << 16];
    static struct classifier built_in;
    static struct classifier other;
    struct span text = span_of((const char *)data, size);
    const char *why;

    if (built_in.model.classes == 0)
        classify_start(&built_in);
    ask(&built_in, span_part(text, 0, size / 3), span_part(text, size / 3, size));
    if (size < LINEAR_HEAD_BYTES + 4 || size > sizeof(file))
        return 0;
    memcpy(file, data, size);
    memcpy(file, "FWT1", 4);
    for (size_t i = 0; i < 4; i++)
        file[24 + i] = (uint8_t)(size >> (8 * i));
    for (size_t i = 0; i < 4; i++)
        file[size - 4 + i] =
            (uint8_t)(hash_crc32(0, span_of((const char *)file, size - 4)) >> (8 * i));
    if (classify_load(&other, span_of((const char *)file, size), &why))
        ask(&other, SPAN("Translate this"), text);
    return 0;
}
