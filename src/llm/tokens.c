#include "llm/tokens.h"

enum { TOKENS_BYTES_EACH = 4 };

int64_t tokens_from_bytes(uint64_t text_bytes)
{
    return (int64_t)(text_bytes / TOKENS_BYTES_EACH + (text_bytes % TOKENS_BYTES_EACH != 0));
}
