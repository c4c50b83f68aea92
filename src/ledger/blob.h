/* blob - a small file beside the ledger that is there as it was or as it is now, never in between.
 *
 * Written whole to PATH.new, synced and renamed; what a power cut left of an attempt is overwritten
 * by the next one. What its bytes mean, and whether they are whole, is the caller's business. */
#ifndef LEDGER_BLOB_H
#define LEDGER_BLOB_H

#include "ledger/ledger.h"

enum {
    /* The ledger's path, a word of ours and a section's name. */
    BLOB_PATH_BYTES = LEDGER_PATH_BYTES + CONFIG_NAME_BYTES + 16,
};

/* 0 or -errno; then the old one stays. */
int blob_write(const char *path, struct span bytes);
/* As many bytes as there are and fit, or -errno when there is no such file. */
int64_t blob_read(const char *path, void *out, size_t bytes);

#endif
