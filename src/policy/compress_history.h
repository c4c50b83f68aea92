/* compress_history - which messages the pass `history` drops. */
#ifndef POLICY_COMPRESS_HISTORY_H
#define POLICY_COMPRESS_HISTORY_H

#include "policy/compress.h"

/* Into result->drops, which is empty; all that begins before keep_bytes stays. in_steps: as many
 * turns at a time as it keeps, so that what goes is the same for as many requests. Two passes over
 * the body. */
void compress_history(enum api api, struct span body, size_t turns_kept, bool in_steps,
                      size_t keep_bytes, struct compress_result *result);

#endif
