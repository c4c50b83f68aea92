/* landlock - files: read anywhere that the user may, write only beneath some folders, run nothing.
 *
 * Best effort: kernels before 5.13, and many without it configured, have none. By raw system calls
 * (landlock(7)): a static libc has no wrappers for them. Rights that a newer ABI adds are handled
 * as far as the kernel's goes. Sockets are left alone: vendors are reached at any address. */
#ifndef NET_LANDLOCK_H
#define NET_LANDLOCK_H

#include <stddef.h>

/* The ABI of this kernel; 0: it has none. */
int landlock_abi(void);
/* For good; needs no_new_privs, which it sets. Folders that cannot be opened are left out: then
 * nothing can be written there. 0 or -errno. */
int landlock_restrict(const char *const *write_folders, size_t count);

#endif
