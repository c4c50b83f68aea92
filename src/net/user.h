/* user - who the process is, and becoming somebody else for good.
 *
 * Names are looked up in the text of /etc/passwd and /etc/group (passwd(5), group(5)), which the
 * caller has read: libc's functions would open files by stdio and allocate. */
#ifndef NET_USER_H
#define NET_USER_H

#include <stdint.h>

#include "base/span.h"

struct user_ids {
    uint32_t user;
    uint32_t group;
};

/* The line "name:x:user:group:..." of the passwd text. */
bool user_find(struct span passwd, struct span name, struct user_ids *out);
/* The line "name:x:group:..." of the group text. */
bool user_find_group(struct span group, struct span name, uint32_t *out);
/* "name", "name:group", also as numbers. False when one is not known. */
bool user_read(struct span passwd, struct span group, struct span text, struct user_ids *out);

bool user_is_root(void);
/* Both ids, real, effective and saved, and no supplementary groups; 0 or -errno. -EPERM also when
 * the kernel says otherwise afterwards, or root could be got back. */
int user_become(const struct user_ids *ids);
/* Whether this process may make files in a folder. */
bool user_may_write(const char *folder);
/* Whether it may read a file, and write it; true also of one that is not there. */
bool user_may_open(const char *path, bool to_write);

#endif
