#include "ledger/blob.h"

#include <errno.h>

#include "base/check.h"
#include "ledger/disk.h"

int blob_write(const char *path, struct span bytes)
{
    char fresh[BLOB_PATH_BYTES + sizeof(".new")];
    struct fmt f;
    int err;
    int fd;

    fmt_init(&f, fresh, sizeof(fresh));
    fmt_str(&f, path);
    fmt_str(&f, ".new");
    fd = disk_open_append(fmt_cstr(&f));
    if (fd < 0)
        return fd;
    err = disk_truncate(fd, 0);
    while (bytes.len > 0 && err == 0) {
        int64_t put = disk_append(fd, bytes.ptr, bytes.len);

        if (put <= 0)
            err = put < 0 ? (int)put : -ENOSPC;
        else
            bytes = span_part(bytes, (size_t)put, bytes.len);
    }
    if (err == 0)
        err = disk_sync(fd);
    disk_close(fd);
    if (err == 0)
        err = disk_rename(fresh, path);
    if (err != 0)
        (void)disk_remove(fresh);
    else
        err = disk_sync_folder(path);
    return err;
}

int64_t blob_read(const char *path, void *out, size_t bytes)
{
    int fd = disk_open_read(path);
    int64_t got = 1;
    size_t len = 0;

    if (fd < 0)
        return fd;
    while (got > 0 && len < bytes) {
        got = disk_read_at(fd, (char *)out + len, bytes - len, (int64_t)len);
        len += got > 0 ? (size_t)got : 0;
    }
    disk_close(fd);
    return (int64_t)len;
}
