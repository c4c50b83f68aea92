#include "config/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NS_PER_S = 1000000000 };

static int open_to_read(const char *path)
{
    for (;;) {
        /* Not blocking, so that a path to a FIFO cannot hang the start; files ignore it. */
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (fd >= 0)
            return fd;
        if (errno != EINTR)
            return -errno;
    }
}

int64_t config_file_some(int fd, void *out, size_t bytes)
{
    for (;;) {
        ssize_t got = read(fd, out, bytes);
        if (got >= 0)
            return got;
        if (errno != EINTR)
            return -errno;
    }
}

int config_file_read(const char *path, void *out, size_t cap_bytes, size_t *len)
{
    *len = 0;
    int fd = open_to_read(path);
    if (fd < 0)
        return fd;
    int64_t got = 1;
    while (*len < cap_bytes && got > 0) {
        got = config_file_some(fd, (char *)out + *len, cap_bytes - *len);
        *len += got > 0 ? (size_t)got : 0;
    }
    if (got > 0) {
        char more;
        got = config_file_some(fd, &more, 1);
        got = got > 0 ? -EFBIG : got;
    }
    (void)close(fd);
    return (int)got;
}

int config_file_each(const char *path, void (*take)(void *ctx, struct span chunk), void *ctx)
{
    char chunk[CONFIG_FILE_CHUNK_BYTES];
    int fd = open_to_read(path);
    if (fd < 0)
        return fd;
    int64_t got = config_file_some(fd, chunk, sizeof chunk);
    while (got > 0) {
        take(ctx, span_of(chunk, (size_t)got));
        got = config_file_some(fd, chunk, sizeof chunk);
    }
    (void)close(fd);
    return (int)got;
}

int config_file_stamp(const char *path, struct config_file_stamp *out)
{
    struct stat st;
    memset(out, 0, sizeof *out);
    if (stat(path, &st) < 0)
        return -errno;
    out->modified_ns = (int64_t)st.st_mtim.tv_sec * NS_PER_S + st.st_mtim.tv_nsec;
    out->size_bytes = (int64_t)st.st_size;
    out->device = (uint64_t)st.st_dev;
    out->inode = (uint64_t)st.st_ino;
    return 0;
}

bool config_file_same(const struct config_file_stamp *a, const struct config_file_stamp *b)
{
    return a->modified_ns == b->modified_ns && a->size_bytes == b->size_bytes &&
           a->device == b->device && a->inode == b->inode;
}
