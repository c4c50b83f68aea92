#include "ledger/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h> /* only for rename */
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DISK_MODE = 0640, DISK_PATH_BYTES = 512 };

int disk_open_append(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, DISK_MODE);

    return fd < 0 ? -errno : fd;
}

int disk_open_read(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    return fd < 0 ? -errno : fd;
}

bool disk_is_at(int fd, const char *path)
{
    struct stat open_one;
    struct stat named;

    return fstat(fd, &open_one) == 0 && stat(path, &named) == 0 &&
           open_one.st_dev == named.st_dev && open_one.st_ino == named.st_ino;
}

int64_t disk_size(int fd)
{
    struct stat s;

    return fstat(fd, &s) < 0 ? -errno : (int64_t)s.st_size;
}

int64_t disk_read_at(int fd, void *out, size_t bytes, int64_t offset)
{
    ssize_t got;

    do
        got = pread(fd, out, bytes, (off_t)offset);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

int64_t disk_append(int fd, const void *data, size_t bytes)
{
    ssize_t put;

    do
        put = write(fd, data, bytes);
    while (put < 0 && errno == EINTR);
    return put < 0 ? -errno : put;
}

int disk_truncate(int fd, int64_t size)
{
    return ftruncate(fd, (off_t)size) < 0 ? -errno : 0;
}

int disk_sync(int fd)
{
    /* A pipe or device has nothing to sync. */
    return fdatasync(fd) < 0 && errno != EINVAL && errno != EROFS ? -errno : 0;
}

int disk_rename(const char *from, const char *to)
{
    return rename(from, to) < 0 ? -errno : 0;
}

int disk_remove(const char *path)
{
    return unlink(path) < 0 ? -errno : 0;
}

int disk_sync_folder(const char *path_of_a_file_in_it)
{
    char folder[DISK_PATH_BYTES];
    const char *slash = strrchr(path_of_a_file_in_it, '/');
    size_t len = slash != NULL ? (size_t)(slash - path_of_a_file_in_it) : 0;
    int result;
    int fd;

    if (len >= sizeof(folder))
        return -ENAMETOOLONG;
    memcpy(folder, path_of_a_file_in_it, len);
    folder[len] = '\0';
    fd = open(slash == NULL ? "." : len == 0 ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    result = fsync(fd) < 0 ? -errno : 0;
    (void)close(fd);
    return result;
}

int disk_lock(int fd)
{
    return flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
}

void disk_close(int fd)
{
    (void)close(fd);
}
