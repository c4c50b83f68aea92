/* disk - every system call that the ledger makes on files, and nothing else.
 *
 * The seam that tests replace to make a disk full, torn or read-only at any write. Results are
 * counts or 0, or -errno. Paths are NUL-terminated. */
#ifndef LEDGER_DISK_H
#define LEDGER_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Opens for append and read, creating it with mode 0640; the descriptor is close-on-exec. */
int disk_open_append(const char *path);
int disk_open_read(const char *path);
/* Whether the path still names this open file, and not another one or none. */
bool disk_is_at(int fd, const char *path);
int64_t disk_size(int fd);
int64_t disk_read_at(int fd, void *out, size_t bytes, int64_t offset);
int64_t disk_append(int fd, const void *data, size_t bytes); /* may be partial */
int disk_truncate(int fd, int64_t size);
int disk_sync(int fd); /* fdatasync */
int disk_rename(const char *from, const char *to);
int disk_remove(const char *path);
int disk_sync_folder(const char *path_of_a_file_in_it);
/* One process at a time writes a ledger: an advisory lock, released by close. 0 or -EAGAIN. */
int disk_lock(int fd);
void disk_close(int fd);

#endif
