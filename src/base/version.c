#include "base/version.h"

/* For tools that look at a source without the Makefile. */
#ifndef FARTHING_VERSION
#define FARTHING_VERSION             "0"
#define FARTHING_BOARD               "unknown"
#define FARTHING_BUILD_EPOCH         1700000000
#define FARTHING_MEMORY_DEFAULT      8388608
#define FARTHING_CONNECTIONS_DEFAULT 64
#define FARTHING_AES_FIRST           0
#endif

const char *version_text(void)
{
    return FARTHING_VERSION;
}

const char *version_board(void)
{
    return FARTHING_BOARD;
}

int64_t version_build_unix_s(void)
{
    return (int64_t)FARTHING_BUILD_EPOCH;
}

int64_t version_memory_default_bytes(void)
{
    return FARTHING_MEMORY_DEFAULT;
}

int64_t version_connections_default(void)
{
    return FARTHING_CONNECTIONS_DEFAULT;
}

bool version_tls_aes_first(void)
{
    return FARTHING_AES_FIRST != 0;
}
