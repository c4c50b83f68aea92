#include "net/seccomp.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/check.h"

/* linux/audit.h: the ELF machine, 64 bits, little endian. */
#define ARCH_64     0x80000000u
#define ARCH_LITTLE 0x40000000u
#if defined(__x86_64__)
#define ARCH_HERE (62u | ARCH_64 | ARCH_LITTLE)
#elif defined(__aarch64__)
#define ARCH_HERE (183u | ARCH_64 | ARCH_LITTLE)
#elif defined(__riscv)
#define ARCH_HERE (243u | ARCH_64 | ARCH_LITTLE)
#elif defined(__arm__)
#define ARCH_HERE (40u | ARCH_LITTLE)
#elif defined(__mips__)
#define ARCH_HERE (8u | ARCH_LITTLE)
#else
#error "a board without a filter"
#endif

/* linux/filter.h */
enum {
    OP_LOAD = 0x20,     /* BPF_LD | BPF_W | BPF_ABS */
    OP_IF_EQUAL = 0x15, /* BPF_JMP | BPF_JEQ | BPF_K */
    OP_IF_ABOVE = 0x35, /* BPF_JMP | BPF_JGE | BPF_K */
    OP_IF_BITS = 0x45,  /* BPF_JMP | BPF_JSET | BPF_K */
    OP_RETURN = 0x06,   /* BPF_RET | BPF_K */
};

/* linux/seccomp.h */
#define RETURN_ALLOW 0x7fff0000u
#define RETURN_EPERM (0x00050000u | EPERM)
#define RETURN_KILL  0x80000000u /* of the process */
enum { MODE_FILTER = 2, X32_FIRST = 0x40000000 };

/* Every call that a gateway makes once it serves, and why. Names differ between architectures: the
 * newer ones have only the calls that take a folder's descriptor, 32-bit ones have two of each that
 * takes a time. */
static const int allowed[] = {
    /* bytes in and out, of sockets and files */
    SYS_read,
    SYS_write,
    SYS_readv,
    SYS_writev,
    SYS_sendto,
    SYS_recvfrom,
    SYS_sendmsg,
    SYS_recvmsg,
#ifdef SYS_pread64
    SYS_pread64,
    SYS_pwrite64,
#endif
#ifdef SYS_pread
    SYS_pread,
    SYS_pwrite,
#endif
#ifdef SYS_recv
    SYS_recv,
    SYS_send,
#endif
    /* connections; `socket` is looked at more closely */
    SYS_connect,
    SYS_bind,
    SYS_listen,
    SYS_accept4,
    SYS_getsockname,
    SYS_getpeername,
    SYS_getsockopt,
    SYS_setsockopt,
    SYS_shutdown,
    SYS_socketpair,
    SYS_close,
    SYS_fcntl,
#ifdef SYS_accept
    SYS_accept,
#endif
#ifdef SYS_fcntl64
    SYS_fcntl64,
#endif
/* waiting: poll where it is, else ppoll */
#ifdef SYS_poll
    SYS_poll,
#endif
    SYS_ppoll,
#ifdef SYS_ppoll_time64
    SYS_ppoll_time64,
#endif
    /* files: configuration, keys, resolv.conf, the ledger and what lies beside it */
    SYS_openat,
    SYS_fstat,
    SYS_lseek,
    SYS_ftruncate,
    SYS_fsync,
    SYS_fdatasync,
    SYS_flock,
    SYS_unlinkat,
    SYS_faccessat,
    SYS_readlinkat,
#ifdef SYS_open
    SYS_open,
    SYS_stat,
    SYS_lstat,
    SYS_rename,
    SYS_unlink,
    SYS_access,
    SYS_readlink,
#endif
#ifdef SYS_renameat
    SYS_renameat,
#endif
#ifdef SYS_renameat2
    SYS_renameat2,
#endif
#ifdef SYS_newfstatat
    SYS_newfstatat,
#endif
#ifdef SYS_fstatat64
    SYS_fstatat64,
#endif
#ifdef SYS_fstat64
    SYS_fstat64,
    SYS_stat64,
    SYS_lstat64,
    SYS_ftruncate64,
#endif
#ifdef SYS__llseek
    SYS__llseek,
#endif
#ifdef SYS_statx
    SYS_statx,
#endif
    /* chance, and clocks: musl names the calls with 32 bits of time so on the boards that have both
     */
    SYS_getrandom,
#ifdef SYS_clock_gettime
    SYS_clock_gettime,
#endif
#ifdef SYS_gettimeofday
    SYS_gettimeofday,
#endif
#ifdef SYS_clock_gettime32
    SYS_clock_gettime32,
    SYS_gettimeofday_time32,
#endif
#ifdef SYS_clock_gettime64
    SYS_clock_gettime64,
#endif
    /* signals come by a descriptor; abort() of a broken assertion */
    SYS_signalfd4,
    SYS_rt_sigprocmask,
    SYS_rt_sigaction,
    SYS_rt_sigreturn,
    SYS_restart_syscall,
    SYS_tkill,
    SYS_gettid,
    SYS_getpid,
    SYS_exit,
    SYS_exit_group,
#ifdef SYS_sigreturn
    SYS_sigreturn,
#endif
    /* the host's name in a copy for syslog; memory that is given back at the end */
    SYS_uname,
    SYS_munmap,
    SYS_brk,
    SYS_madvise,
};

/* Nobody here needs these, and whoever asks for them is no gateway. */
static const int deadly[] = {
    SYS_execve,
#ifdef SYS_execveat
    SYS_execveat,
#endif
    SYS_ptrace,      SYS_process_vm_readv, SYS_process_vm_writev,
    SYS_init_module, SYS_delete_module,    SYS_kexec_load,
    SYS_mount,       SYS_reboot,           SYS_swapon,
    SYS_setns,       SYS_unshare,
#ifdef SYS_bpf
    SYS_bpf,
#endif
#ifdef SYS_userfaultfd
    SYS_userfaultfd,
#endif
};

struct build {
    struct seccomp_step *steps;
    size_t count;
};

static void put(struct build *b, uint16_t code, uint32_t k, uint8_t if_true, uint8_t if_false)
{
    CHECK(b->count < SECCOMP_STEPS_MAX);
    b->steps[b->count++] = (struct seccomp_step){code, if_true, if_false, k};
}

static void load(struct build *b, size_t offset)
{
    put(b, OP_LOAD, (uint32_t)offset, 0, 0);
}

static void give(struct build *b, uint32_t verdict)
{
    put(b, OP_RETURN, verdict, 0, 0);
}

/* The number is loaded: a verdict for it. */
static void call(struct build *b, int number, uint32_t verdict)
{
    put(b, OP_IF_EQUAL, (uint32_t)number, 0, 1);
    give(b, verdict);
}

/* Little endian: the low word of an argument comes first. */
static size_t argument(size_t nth)
{
    return offsetof(struct seccomp_call, args) + nth * sizeof(uint64_t);
}

static void socket_of(struct build *b)
{
    static const int families[] = {AF_INET, AF_INET6, AF_UNIX};
    size_t count = sizeof(families) / sizeof(families[0]);

    put(b, OP_IF_EQUAL, SYS_socket, 0, (uint8_t)(2 * count + 2));
    load(b, argument(0));
    for (size_t i = 0; i < count; i++)
        call(b, families[i], RETURN_ALLOW);
    give(b, RETURN_EPERM);
}

/* Memory, but none that can be run. */
static void map_of(struct build *b, int number)
{
    put(b, OP_IF_EQUAL, (uint32_t)number, 0, 4);
    load(b, argument(2));
    put(b, OP_IF_BITS, PROT_EXEC, 0, 1);
    give(b, RETURN_EPERM);
    give(b, RETURN_ALLOW);
}

size_t seccomp_build(struct seccomp_step steps[SECCOMP_STEPS_MAX])
{
    struct build b = {.steps = steps};

    load(&b, offsetof(struct seccomp_call, arch));
    put(&b, OP_IF_EQUAL, ARCH_HERE, 1, 0);
    give(&b, RETURN_KILL);
    load(&b, offsetof(struct seccomp_call, number));
#if defined(__x86_64__)
    put(&b, OP_IF_ABOVE, X32_FIRST, 0, 1); /* the same calls by another door */
    give(&b, RETURN_KILL);
#endif
    for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
        call(&b, allowed[i], RETURN_ALLOW);
    for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
        call(&b, deadly[i], RETURN_KILL);
    socket_of(&b);
#ifdef SYS_mmap
    map_of(&b, SYS_mmap);
#endif
#ifdef SYS_mmap2
    map_of(&b, SYS_mmap2);
#endif
    map_of(&b, SYS_mprotect);
    give(&b, RETURN_EPERM);
    return b.count;
}

static uint32_t word_of(const struct seccomp_call *c, size_t offset)
{
    CHECK(offset % sizeof(uint32_t) == 0 && offset < sizeof(*c));
    return ((const uint32_t *)(const void *)c)[offset / sizeof(uint32_t)];
}

enum seccomp_verdict seccomp_run(const struct seccomp_step *steps, size_t count,
                                 const struct seccomp_call *c)
{
    uint32_t a = 0;

    for (size_t at = 0; at < count; at++) {
        const struct seccomp_step *s = &steps[at];
        bool holds = false;

        switch (s->code) {
        case OP_LOAD:
            a = word_of(c, s->k);
            continue;
        case OP_RETURN:
            return s->k == RETURN_ALLOW  ? SECCOMP_ALLOW
                   : s->k == RETURN_KILL ? SECCOMP_KILL
                                         : SECCOMP_EPERM;
        case OP_IF_EQUAL:
            holds = a == s->k;
            break;
        case OP_IF_ABOVE:
            holds = a >= s->k;
            break;
        case OP_IF_BITS:
            holds = (a & s->k) != 0;
            break;
        default:
            CHECK(false);
        }
        at += holds ? s->if_true : s->if_false;
    }
    CHECK(false); /* every path returns: the kernel checks it too */
    return SECCOMP_KILL;
}

uint32_t seccomp_arch(void)
{
    return ARCH_HERE;
}

/* struct sock_fprog */
struct program {
    unsigned short count;
    struct seccomp_step *steps;
};

int seccomp_install(void)
{
#if defined(__SANITIZE_ADDRESS__)
    return -ENOSYS; /* a sanitizer makes calls of its own, to the end */
#endif
    struct seccomp_step steps[SECCOMP_STEPS_MAX];
    struct program p = {.count = (unsigned short)seccomp_build(steps), .steps = steps};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, MODE_FILTER, &p) < 0)
        return -errno;
    return 0;
}

/* Without a program the kernel says EFAULT where it has filters, EINVAL where not. */
bool seccomp_is_there(void)
{
    return prctl(PR_SET_SECCOMP, MODE_FILTER, NULL) < 0 && errno == EFAULT;
}
