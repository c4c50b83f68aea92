#include "net/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/check.h"

/* The same numbers on every architecture of Linux, but that MIPS o32 counts from 4000. */
#if defined(__mips__)
enum { CALL_FIRST = 4000 };
#else
enum { CALL_FIRST = 0 };
#endif
enum {
    CALL_CREATE = CALL_FIRST + 444,
    CALL_ADD_RULE = CALL_FIRST + 445,
    CALL_RESTRICT = CALL_FIRST + 446,
    CREATE_VERSION = 1, /* flag: only tell the ABI */
    RULE_PATH_BENEATH = 1,
};

/* LANDLOCK_ACCESS_FS_* */
enum {
    FS_WRITE_FILE = 1 << 1,
    FS_READ_FILE = 1 << 2,
    FS_READ_DIR = 1 << 3,
    FS_REMOVE_FILE = 1 << 5,
    FS_MAKE_REG = 1 << 8,
    FS_TRUNCATE = 1 << 14,
    FS_READ = FS_READ_FILE | FS_READ_DIR,
    FS_WRITE = FS_READ | FS_WRITE_FILE | FS_REMOVE_FILE | FS_MAKE_REG | FS_TRUNCATE,
};

/* All that an ABI knows: 13 rights in the first, then one more in the second, third and fifth. */
static uint64_t rights_of(int abi)
{
    unsigned bits = 13;

    bits += abi >= 2 ? 1 : 0;
    bits += abi >= 3 ? 1 : 0;
    bits += abi >= 5 ? 1 : 0;
    return (UINT64_C(1) << bits) - 1;
}

struct ruleset {
    uint64_t handled_fs;
};

struct beneath {
    uint64_t allowed;
    int32_t parent;
} __attribute__((packed));

int landlock_abi(void)
{
    long abi = syscall(CALL_CREATE, NULL, (size_t)0, CREATE_VERSION);

    return abi > 0 ? (int)abi : 0;
}

static int add_rule(int ruleset, const char *folder, uint64_t rights)
{
    struct beneath rule = {.allowed = rights};
    long result;

    rule.parent = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (rule.parent < 0)
        return -errno;
    result = syscall(CALL_ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0);
    close(rule.parent);
    return result < 0 ? -errno : 0;
}

int landlock_restrict(const char *const *write_folders, size_t count)
{
    int abi = landlock_abi();
    struct ruleset all = {.handled_fs = rights_of(abi)};
    int fd;
    int result;

    if (abi == 0)
        return -ENOSYS;
    fd = (int)syscall(CALL_CREATE, &all, sizeof(all), 0);
    if (fd < 0)
        return -errno;
    result = add_rule(fd, "/", FS_READ);
    for (size_t i = 0; i < count && result == 0; i++)
        (void)add_rule(fd, write_folders[i], FS_WRITE & rights_of(abi));
    if (result == 0 &&
        (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || syscall(CALL_RESTRICT, fd, 0) < 0))
        result = -errno;
    close(fd);
    return result;
}
