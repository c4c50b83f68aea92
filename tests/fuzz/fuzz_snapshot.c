/* A snapshot file of any bytes whose checksums are right all the same: whatever is read of it, the
 * cache is in order. */
#include <sys/mman.h>
#include <unistd.h>

#include "ledger/snapshot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILE_BYTES = 65536 };

static void put_u32(uint8_t *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

/* As the reader walks. */
static void set_checksums(uint8_t *file, size_t size)
{
    const size_t crc_at = CACHE_SNAPSHOT_RECORD_BYTES - 4;
    size_t at = CACHE_SNAPSHOT_HEAD_BYTES;

    while (size - at >= CACHE_SNAPSHOT_RECORD_BYTES) {
        uint32_t len = file[at] | (uint32_t)file[at + 1] << 8 | (uint32_t)file[at + 2] << 16 |
                       (uint32_t)file[at + 3] << 24;
        size_t value_at = at + CACHE_SNAPSHOT_RECORD_BYTES;
        uint32_t crc = hash_crc32(0, span_of((const char *)file + at, crc_at));

        if (len > size - value_at)
            return;
        put_u32(file + at + crc_at, hash_crc32(crc, span_of((const char *)file + value_at, len)));
        at = value_at + len;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(16) char region[16384];
    static uint8_t file[FILE_BYTES];
    uint8_t secret[HASH_SIP_KEY_BYTES] = {0};
    struct cache_settings settings = {0};
    struct snapshot s;
    struct cache c;
    struct fmt path;
    int fd;

    if (size < 1 || size > FILE_BYTES - CACHE_SNAPSHOT_HEAD_BYTES)
        return 0;
    cache_snapshot_head(secret, file);
    memcpy(file + CACHE_SNAPSHOT_HEAD_BYTES, data + 1, size - 1);
    size = size - 1 + CACHE_SNAPSHOT_HEAD_BYTES;
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
