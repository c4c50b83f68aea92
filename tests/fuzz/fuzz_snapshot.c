/* A snapshot file of any bytes whose checksums are right all the same: whatever is read of it, the
 * cache is in order. */
#include <sys/mman.h>
#include <unistd.h>

#include "ledger/snapshot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILE_BYTES = 65536 };

/* As the reader walks. */
static void set_checksums(uint8_t *file, size_t size)
{
    size_t at = sizeof(struct cache_snapshot_head);
    struct cache_snapshot_record r;

    while (size - at >= sizeof(r)) {
        struct span value;

        memcpy(&r, file + at, sizeof(r));
        value = span_of((const char *)file + at + sizeof(r), r.value_bytes);
        if (value.len > size - at - sizeof(r))
            return;
        r.crc = hash_crc32(cache_snapshot_crc(&r), value);
        memcpy(file + at, &r, sizeof(r));
        at += sizeof(r) + value.len;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(16) char region[16384];
    static uint8_t file[FILE_BYTES];
    uint8_t secret[HASH_SIP_KEY_BYTES] = {0};
    struct cache_settings settings = {0};
    struct cache_snapshot_head head;
    struct snapshot s;
    struct cache c;
    struct fmt path;
    int fd;

    if (size < 1 || size > FILE_BYTES - sizeof(head))
        return 0;
    cache_snapshot_head(secret, &head);
    memcpy(file, &head, sizeof(head));
    memcpy(file + sizeof(head), data + 1, size - 1);
    size = size - 1 + sizeof(head);
    set_checksums(file, size);
    fd = memfd_create("snapshot", 0);
    if (fd < 0 || write(fd, file, size) != (ssize_t)size)
        return 0;
    fmt_init(&path, settings.snapshot, sizeof(settings.snapshot));
    fmt_str(&path, "/proc/self/fd/");
    fmt_i64(&path, fd);
    (void)fmt_cstr(&path);
    cache_init(&c, region, data[0] * 64u);
    snapshot_init(&s, &settings, 0);
    if (snapshot_read(&s, &c, secret, 1000) == SNAPSHOT_DAMAGED && c.entries != 0)
        __builtin_trap();
    if (!cache_check(&c))
        __builtin_trap();
    (void)close(fd);
    return 0;
}
