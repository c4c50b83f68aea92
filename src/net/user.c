#include "net/user.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/scan.h"

/* 32-bit architectures have a first version with 16-bit ids. */
#ifdef SYS_setresuid32
enum { CALL_USER = SYS_setresuid32, CALL_GROUP = SYS_setresgid32, CALL_GROUPS = SYS_setgroups32 };
#else
enum { CALL_USER = SYS_setresuid, CALL_GROUP = SYS_setresgid, CALL_GROUPS = SYS_setgroups };
#endif

static struct span field_of(struct span line, unsigned nth)
{
    struct span field = SPAN_EMPTY;

    for (unsigned i = 0; i <= nth; i++)
        if (!span_split(&line, ':', &field))
            return SPAN_EMPTY;
    return field;
}

static bool id_of(struct span field, uint32_t *out)
{
    uint64_t value;

    if (field.len == 0 || !scan_u64(field, &value) || value >= UINT32_MAX)
        return false;
    *out = (uint32_t)value;
    return true;
}

bool user_find(struct span passwd, struct span name, struct user_ids *out)
{
    struct span line;

    while (passwd.len > 0 && span_split(&passwd, '\n', &line))
        if (name.len > 0 && span_equal(field_of(line, 0), name))
            return id_of(field_of(line, 2), &out->user) && id_of(field_of(line, 3), &out->group);
    return false;
}

bool user_find_group(struct span group, struct span name, uint32_t *out)
{
    struct span line;

    while (group.len > 0 && span_split(&group, '\n', &line))
        if (name.len > 0 && span_equal(field_of(line, 0), name))
            return id_of(field_of(line, 2), out);
    return false;
}

bool user_read(struct span passwd, struct span group, struct span text, struct user_ids *out)
{
    size_t at = span_find_byte(text, ':');
    struct span name = span_part(text, 0, at);
    struct span of_group = span_part(text, at + 1, text.len);

    if (!user_find(passwd, name, out)) {
        if (!id_of(name, &out->user))
            return false;
        out->group = out->user;
    }
    return at == text.len || user_find_group(group, of_group, &out->group) ||
           id_of(of_group, &out->group);
}

bool user_is_root(void)
{
    return geteuid() == 0;
}

/* What a seccomp filter around us, or a user namespace, made of the calls. */
static bool is_now(const struct user_ids *ids)
{
    uid_t user[3];
    gid_t group[3];
    gid_t others[2];

    if (getresuid(&user[0], &user[1], &user[2]) < 0 ||
        getresgid(&group[0], &group[1], &group[2]) < 0)
        return false;
    for (int i = 0; i < 3; i++)
        if (user[i] != ids->user || group[i] != ids->group)
            return false;
    return getgroups(2, others) == 1 && others[0] == ids->group;
}

/* Whether an id that was given up comes back. */
static bool is_got_back(const struct user_ids *ids)
{
    return (ids->user != 0 && syscall(CALL_USER, -1L, 0L, -1L) == 0) ||
           (ids->user != 0 && ids->group != 0 && syscall(CALL_GROUP, -1L, 0L, -1L) == 0);
}

int user_become(const struct user_ids *ids)
{
    uint32_t group = ids->group;

    /* Raw calls: libc's would look for other threads, which there are none of. */
    if (syscall(CALL_GROUPS, 1L, &group) < 0 ||
        syscall(CALL_GROUP, (long)group, (long)group, (long)group) < 0 ||
        syscall(CALL_USER, (long)ids->user, (long)ids->user, (long)ids->user) < 0)
        return -errno;
    return is_now(ids) && !is_got_back(ids) ? 0 : -EPERM;
}

bool user_may_write(const char *folder)
{
    return access(folder, W_OK | X_OK) == 0;
}

bool user_may_open(const char *path, bool to_write)
{
    return access(path, to_write ? R_OK | W_OK : R_OK) == 0 || errno == ENOENT;
}
