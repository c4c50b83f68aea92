/* Any bytes as a question: the canonical text is one (read again it stays as it is), the same bytes
 * have the same key, and a text without a key stays without one. */
#include "policy/near.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t secrets[2][HASH_SIP_KEY_BYTES] = {{1}, {2}};
    struct span question = span_of((const char *)data, size);
    struct near_text once;
    struct near_text twice;
    struct near_key a;
    struct near_key b;
    enum near_kind kind = near_canonical(&once, question);

    if (near_key(&a, question, secrets) != (kind != NEAR_NONE))
        __builtin_trap();
    if (kind == NEAR_NONE)
        return once.len == 0 ? 0 : -1;
    if (near_canonical(&twice, span_of(once.bytes, once.len)) != kind || twice.len != once.len ||
        memcmp(twice.bytes, once.bytes, once.len) != 0)
        __builtin_trap();
    b = near_hash(&twice, secrets);
    if (a.a != b.a || a.b != b.b)
        __builtin_trap();
    return 0;
}
