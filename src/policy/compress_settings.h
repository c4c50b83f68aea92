/* compress_settings - [compress]: phrases of the owner's that the pass `boilerplate` takes out. */
#ifndef POLICY_COMPRESS_SETTINGS_H
#define POLICY_COMPRESS_SETTINGS_H

#include "config/table.h"

enum { COMPRESS_PHRASES_MAX = 16, COMPRESS_PHRASE_BYTES = 96 };

struct compress_settings {
    size_t count;
    char phrases[COMPRESS_PHRASES_MAX][COMPRESS_PHRASE_BYTES];
};

extern const struct config_section compress_section;

#endif
