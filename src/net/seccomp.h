/* seccomp - a filter of system calls, written by hand for each board's architecture.
 *
 * The program is built from one table of calls (seccomp.c), each with its reason; a call that a
 * board does not have is left out by its name. What is not in the table gives EPERM, so that a
 * libc that one day asks for something new degrades and does not die; what only an intruder needs
 * (running programs, looking into other processes, loading code) ends the process at once. Sockets
 * are of the IPv4, IPv6 and unix families only, and no memory can be made executable.
 *
 * seccomp_build() is pure, so that a test can run every call number of its board through the
 * program; seccomp_install() needs no_new_privs, which it sets. Structures are Linux's (seccomp(2),
 * linux/filter.h), written out here because a cross libc brings no kernel headers. */
#ifndef NET_SECCOMP_H
#define NET_SECCOMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SECCOMP_STEPS_MAX = 400 };

/* struct sock_filter */
struct seccomp_step {
    uint16_t code;
    uint8_t if_true;
    uint8_t if_false;
    uint32_t k;
};

/* struct seccomp_data: what a program looks at. */
struct seccomp_call {
    int32_t number;
    uint32_t arch;
    uint64_t instruction_pointer;
    uint64_t args[6];
};

enum seccomp_verdict { SECCOMP_ALLOW, SECCOMP_EPERM, SECCOMP_KILL };

/* How many steps it has. */
size_t seccomp_build(struct seccomp_step steps[SECCOMP_STEPS_MAX]);
/* What the kernel would do: an interpreter of the few instructions that seccomp_build() uses. */
enum seccomp_verdict seccomp_run(const struct seccomp_step *steps, size_t count,
                                 const struct seccomp_call *call);
uint32_t seccomp_arch(void); /* AUDIT_ARCH_* of this board */
/* 0, or -errno: -EINVAL where the kernel has no seccomp. For good. */
int seccomp_install(void);
/* Whether this kernel has it, without installing anything. */
bool seccomp_is_there(void);

#endif
