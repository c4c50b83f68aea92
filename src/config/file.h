/* file - reading of small files: configuration, keys, the CA bundle, resolv.conf and hosts.
 *
 * By open and read only, so that nothing of stdio is linked. Blocking: these files are local and
 * short. Functions that can fail return 0 or -errno. */
#ifndef CONFIG_FILE_H
#define CONFIG_FILE_H

#include "base/span.h"

enum {
    CONFIG_FILE_CHUNK_BYTES = 4096, /* a page: what one read of a stream asks for */
};

/* What tells that a file was changed or replaced (all 0: there is none). */
struct config_file_stamp {
    int64_t modified_ns; /* Unix time */
    int64_t size_bytes;
    uint64_t device;
    uint64_t inode;
};

/* Up to `bytes` of a descriptor; 0 at the end of the file, else -errno. */
int64_t config_file_some(int fd, void *out, size_t bytes);
/* The whole file into `out`; -EFBIG when it has more than cap_bytes, which were read all the same.
 */
int config_file_read(const char *path, void *out, size_t cap_bytes, size_t *len);
/* The whole file in chunks of at most CONFIG_FILE_CHUNK_BYTES. */
int config_file_each(const char *path, void (*take)(void *ctx, struct span chunk), void *ctx);
/* -ENOENT leaves the stamp all 0. Follows symbolic links: resolv.conf often is one. */
int config_file_stamp(const char *path, struct config_file_stamp *out);
bool config_file_same(const struct config_file_stamp *a, const struct config_file_stamp *b);

#endif
