/* What the process gives up: the filter by its own interpreter on every board, and natively by
 * trying what is forbidden. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/sandbox.h"
#include "net/landlock.h"
#include "net/notify.h"
#include "net/seccomp.h"
#include "net/sys.h"
#include "net/user.h"

static struct seccomp_step steps[SECCOMP_STEPS_MAX];
static size_t step_count;

static enum seccomp_verdict verdict_on(int number, uint64_t first, uint64_t third)
{
    const struct seccomp_call c = {
        .number = number, .arch = seccomp_arch(), .args = {first, 0, third}};
    return seccomp_run(steps, step_count, &c);
}

static int build(void **state)
{
    (void)state;
    step_count = seccomp_build(steps);
    return 0;
}

static void the_filter_lets_a_gateway_work(void **state)
{
    static const int needed[] = {SYS_read,       SYS_write,   SYS_sendto,     SYS_recvfrom,
                                 SYS_accept4,    SYS_connect, SYS_openat,     SYS_fsync,
                                 SYS_fdatasync,  SYS_ppoll,   SYS_setsockopt, SYS_getrandom,
                                 SYS_exit_group, SYS_close,   SYS_shutdown,   SYS_signalfd4};
    (void)state;
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
        assert_int_equal(verdict_on(needed[i], 0, 0), SECCOMP_ALLOW);
    assert_int_equal(verdict_on(SYS_socket, AF_INET, 0), SECCOMP_ALLOW);
    assert_int_equal(verdict_on(SYS_socket, AF_INET6, 0), SECCOMP_ALLOW);
    assert_int_equal(verdict_on(SYS_socket, AF_UNIX, 0), SECCOMP_ALLOW);
    assert_int_equal(verdict_on(SYS_mprotect, 0, PROT_READ | PROT_WRITE), SECCOMP_ALLOW);
}

static void the_filter_stops_the_rest(void **state)
{
    (void)state;
    static const int deadly[] = {SYS_execve, SYS_ptrace, SYS_process_vm_writev, SYS_mount,
                                 SYS_init_module};
    for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++)
        assert_int_equal(verdict_on(deadly[i], 0, 0), SECCOMP_KILL);
    static const int refused[] = {SYS_clone,  SYS_setuid,    SYS_setgid,  SYS_setgroups, SYS_chroot,
                                  SYS_linkat, SYS_mkdirat,   SYS_kill,    SYS_capset,    SYS_ioctl,
                                  SYS_prctl,  SYS_setrlimit, SYS_mknodat, SYS_symlinkat};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        assert_int_equal(verdict_on(refused[i], 0, 0), SECCOMP_EPERM);
    for (int family = 0; family < 64; family++)
        if (family != AF_INET && family != AF_INET6 && family != AF_UNIX)
            assert_int_equal(verdict_on(SYS_socket, (uint64_t)family, 0), SECCOMP_EPERM);
    assert_int_equal(verdict_on(SYS_mprotect, 0, PROT_READ | PROT_EXEC), SECCOMP_EPERM);
    assert_int_equal(verdict_on(5000 + 4000, 0, 0), SECCOMP_EPERM);
#if defined(__x86_64__)
    assert_int_equal(verdict_on(-1, 0, 0), SECCOMP_KILL); /* beyond x32's first */
#else
    assert_int_equal(verdict_on(-1, 0, 0), SECCOMP_EPERM);
#endif
}

static void another_architecture_is_another_door(void **state)
{
    (void)state;
    struct seccomp_call c = {.number = SYS_read, .arch = seccomp_arch() ^ 1};
    assert_int_equal(seccomp_run(steps, step_count, &c), SECCOMP_KILL);
#if defined(__x86_64__)
    assert_int_equal(verdict_on(0x40000000 | SYS_read, 0, 0), SECCOMP_KILL);
#endif
}

/* Jumps stay inside, every path ends, and most numbers are refused. */
static void the_program_is_whole(void **state)
{
    (void)state;
    size_t allowed = 0;
    for (size_t at = 0; at < step_count; at++)
        assert_true(at + 1 + steps[at].if_true < step_count || steps[at].code == 0x06);
    for (int number = 0; number < 5000; number++)
        allowed += verdict_on(number, AF_INET, 0) == SECCOMP_ALLOW;
    assert_in_range(allowed, 40, 90);
}

/* ---- natively ---- */

/* The child's exit status, or -signal. */
static int in_child(int (*run)(void *ctx), void *ctx)
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(run(ctx));
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static int try_forbidden(void *ctx)
{
    char *const none[] = {NULL};
    if (seccomp_install() != 0)
        return 99;
    if (syscall(SYS_socket, AF_NETLINK, SOCK_RAW, 0) >= 0 || errno != EPERM)
        return 1;
    if (syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) >= 0 || errno != EPERM)
        return 2;
    if (syscall(SYS_setuid, 0) == 0)
        return 3;
    if (syscall(SYS_mprotect, (uintptr_t)try_forbidden & ~(uintptr_t)4095, 4096L,
                PROT_READ | PROT_EXEC | PROT_WRITE) == 0)
        return 4;
    int fd = (int)syscall(SYS_socket, AF_INET, SOCK_DGRAM, 0);
    if (fd < 0 || syscall(SYS_close, fd) != 0)
        return 5;
    fd = (int)syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY);
    if (fd < 0)
        return 6;
    if (ctx != NULL)
        syscall(SYS_execve, "/bin/true", none, none);
    return 0;
}

static void forbidden_calls_are_stopped_by_the_kernel(void **state)
{
    (void)state;
    int result = in_child(try_forbidden, NULL);
    if (result == 99) /* under QEMU, and in kernels without it */
        skip();
    assert_int_equal(result, 0);
    assert_int_equal(in_child(try_forbidden, "run something"), -SIGSYS);
}

static int put_file(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

static int try_files(void *ctx)
{
    const char *folder = ctx;
    char inside[128];
    char renamed[128];
    strcpy(inside, folder);
    strcat(inside, "/in/a");
    strcpy(renamed, folder);
    strcat(renamed, "/in/b");
    char in[128];
    strcpy(in, folder);
    strcat(in, "/in");
    const char *folders[] = {in, "/nowhere/at/all"};
    if (landlock_restrict(folders, 2) != 0)
        return 98;
    if (put_file(inside) != 0 || rename(inside, renamed) != 0 || unlink(renamed) != 0)
        return 1;
    char outside[128];
    strcpy(outside, folder);
    strcat(outside, "/out");
    if (put_file(outside) != EACCES)
        return 2;
    int fd = open("/etc/passwd", O_RDONLY);
    if (fd < 0)
        return 3;
    return 0;
}

static void files_are_written_where_they_belong(void **state)
{
    char folder[] = "/tmp/farthing-test-lock-XXXXXX";
    char in[64];
    (void)state;
    if (landlock_abi() == 0)
        skip();
    assert_non_null(mkdtemp(folder));
    strcpy(in, folder);
    strcat(in, "/in");
    assert_int_equal(mkdir(in, 0700), 0);
    int result = in_child(try_files, folder);
    rmdir(in);
    rmdir(folder);
    assert_int_equal(result, 0);
}

static int become_nobody(void *ctx)
{
    const struct user_ids ids = {65534, 65534};
    (void)ctx;
    if (user_become(&ids) != 0)
        return 1;
    if (geteuid() != 65534 || getgid() != 65534 || getgroups(0, NULL) != 1)
        return 2;
    return setuid(0) == 0 || seteuid(0) == 0 || setgid(0) == 0 ? 3 : 0;
}

static void root_is_given_up_for_good(void **state)
{
    (void)state;
    if (!user_is_root())
        skip();
    assert_int_equal(in_child(become_nobody, NULL), 0);
}

/* Root with a group of its own is checked as well, and what the kernel refuses is no success. */
static int become_root(void *ctx)
{
    const struct user_ids root = {0, 65534};
    const struct user_ids again = {65533, 65533};
    (void)ctx;
    if (user_become(&root) != 0 || getgid() != 65534 || getgroups(0, NULL) != 1)
        return 1;
    if (user_become(&again) != 0)
        return 2;
    return user_become(&root) == -EPERM ? 0 : 3;
}

static void ids_are_what_was_asked_for(void **state)
{
    (void)state;
    if (!user_is_root())
        skip();
    assert_int_equal(in_child(become_root, NULL), 0);
}

static char warned[4096];

static void on_warning(void *ctx, enum diag_level level, struct span line)
{
    (void)ctx;
    (void)level;
    strncat(warned, line.ptr, line.len);
    strcat(warned, "\n");
}

static struct settings warned_of; /* too large for a stack */

static int is_warned(const char *a, const char *b, const char *c)
{
    char line[512];
    strcpy(line, a);
    strcat(line, b);
    strcat(line, c);
    strcat(line, b);
    strcat(line, "\n");
    return strstr(warned, line) != NULL;
}

static int warn_nobody(void *ctx)
{
    const struct user_ids nobody = {65534, 65534};
    const char *config = ctx;
    struct diag d;
    diag_init(&d, DIAG_WARN, 2);
    d.emit = on_warning;
    if (user_become(&nobody) != 0)
        return 1;
    sandbox_warn(&warned_of, config, "nobody", &d);
    if (!is_warned("the user nobody may not write ", warned_of.ledger.path, ": chown nobody "))
        return 2;
    if (!is_warned("the user nobody may not read ", warned_of.upstreams[0].key_file,
                   ", a reload will fail: chown nobody "))
        return 3;
    if (!is_warned("the user nobody may not read ", config, ", a reload will fail: chown nobody "))
        return 4;
    if (strstr(warned, "write in") != NULL || strstr(warned, warned_of.upstreams[1].key_file))
        return 5; /* of a folder that it may write in, of a key that it may read */
    return 0;
}

/* What root made in a folder of the user's, and keys that only root may read. */
static void what_the_user_cannot_reach_is_told(void **state)
{
    char folder[] = "/tmp/farthing-test-warn-XXXXXX";
    static const char *const names[] = {"/ledger", "/root-key", "/open-key", "/conf"};
    char paths[4][64];
    (void)state;
    if (!user_is_root())
        skip();
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chmod(folder, 0777), 0);
    for (size_t i = 0; i < 4; i++) {
        strcpy(paths[i], folder);
        strcat(paths[i], names[i]);
        assert_int_equal(put_file(paths[i]), 0);
    }
    assert_int_equal(chmod(paths[2], 0644), 0);
    memset(&warned_of, 0, sizeof warned_of);
    strcpy(warned_of.ledger.path, paths[0]);
    strcpy(warned_of.upstreams[0].key_file, paths[1]);
    strcpy(warned_of.upstreams[1].key_file, paths[2]);
    warned_of.upstream_count = 2;
    int result = in_child(warn_nobody, paths[3]);
    for (size_t i = 0; i < 4; i++)
        unlink(paths[i]);
    rmdir(folder);
    assert_int_equal(result, 0);
}

static const char *volatile relocated_text = "what the loader wrote";
static const char *const relocated[] = {"a table", "of pointers"};

static int write_relocated(void *ctx)
{
    (void)ctx;
    signal(SIGSEGV, SIG_DFL);
    signal(SIGBUS, SIG_DFL);
    sys_protect_relro();
    relocated_text = "this may change"; /* data is as it was */
    *(const char *volatile *)(uintptr_t)&relocated[1] = "and this may not";
    return 0;
}

static void relocations_are_read_only(void **state)
{
    (void)state;
    /* A page that it shares with data stays as it is: then nothing is told. */
    int result = in_child(write_relocated, NULL);
    assert_true(result == -SIGSEGV || result == -SIGBUS || result == 0);
#if defined(__PIE__) && defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)
    assert_int_equal(result, -SIGSEGV);
#endif
}

/* ---- users ---- */

static void users_are_found(void **state)
{
    const struct span passwd = SPAN("root:x:0:0:root:/root:/bin/sh\nfar:x:12:13::/:/no\n"
                                    "farthing:x:990:991:a gateway:/var/lib/farthing:/no\n"
                                    "broken:x:abc:1::/:\nshort:x\nlast:x:5:6");
    const struct span group = SPAN("root:x:0:\nkeys:x:77:farthing\nfarthing:x:991:\n");
    struct user_ids ids;
    (void)state;
    assert_true(user_read(passwd, group, SPAN("farthing"), &ids));
    assert_true(ids.user == 990 && ids.group == 991);
    assert_true(user_read(passwd, group, SPAN("farthing:keys"), &ids));
    assert_true(ids.user == 990 && ids.group == 77);
    assert_true(user_read(passwd, group, SPAN("1000:1001"), &ids));
    assert_true(ids.user == 1000 && ids.group == 1001);
    assert_true(user_read(passwd, group, SPAN("65534"), &ids));
    assert_true(ids.user == 65534 && ids.group == 65534);
    assert_true(user_read(passwd, group, SPAN("last"), &ids));
    assert_true(ids.user == 5 && ids.group == 6);
    const char *const bad[] = {"",      "nobody-here", "broken", "short",      "farthing:none",
                               ":keys", "farthing:",   "-1",     "4294967295", "1 2"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (user_read(passwd, group, span_str(bad[i]), &ids))
            fail_msg("%s", bad[i]);
    assert_false(user_read(SPAN_EMPTY, SPAN_EMPTY, SPAN("root"), &ids));
}

/* ---- the supervisor ---- */

static const char *socket_name;
static const char *watchdog_pid;

static const char *environment(const char *name)
{
    if (strcmp(name, "NOTIFY_SOCKET") == 0)
        return socket_name;
    if (strcmp(name, "WATCHDOG_USEC") == 0)
        return "20000000";
    return strcmp(name, "WATCHDOG_PID") == 0 ? watchdog_pid : NULL;
}

static void expect(int fd, const char *begin)
{
    char got[256] = "";
    ssize_t len = recv(fd, got, sizeof got - 1, MSG_DONTWAIT);
    assert_true(len > 0);
    if (strncmp(got, begin, strlen(begin)) != 0)
        fail_msg("%s, wanted %s", got, begin);
}

static void a_supervisor_hears_the_whole_life(void **state)
{
    (void)state;
    for (int abstract = 0; abstract < 2; abstract++) {
        struct sockaddr_un at = {.sun_family = AF_UNIX};
        struct notify n;
        char name[64] = "/tmp/farthing-test-notify";
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        assert_true(fd >= 0);
        strcpy(at.sun_path, name);
        unlink(name);
        if (abstract) {
            name[0] = '@';
            at.sun_path[0] = '\0';
        }
        socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
        assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
        socket_name = name;
        watchdog_pid = NULL;
        notify_open(&n, environment, 1000);
        notify_ready(&n, "serving");
        expect(fd, "READY=1\nSTATUS=serving");
        assert_int_equal(notify_deadline_ms(&n), 1000);
        notify_tick(&n, 1000);
        expect(fd, "WATCHDOG=1");
        assert_int_equal(notify_deadline_ms(&n), 11000);
        notify_tick(&n, 10999);
        char none;
        assert_int_equal(recv(fd, &none, 1, MSG_DONTWAIT), -1);
        notify_tick(&n, 11000);
        expect(fd, "WATCHDOG=1");
        notify_reloading(&n);
        expect(fd, "RELOADING=1\nMONOTONIC_USEC=");
        notify_stopping(&n);
        expect(fd, "STOPPING=1");
        notify_close(&n);
        watchdog_pid = "1"; /* another process's */
        notify_open(&n, environment, 0);
        assert_int_equal(notify_deadline_ms(&n), INT64_MAX);
        notify_close(&n);
        close(fd);
        unlink(name);
    }
    struct notify n;
    socket_name = NULL;
    notify_open(&n, environment, 0);
    assert_int_equal(notify_deadline_ms(&n), INT64_MAX);
    notify_ready(&n, "nobody asks");
    notify_close(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_filter_lets_a_gateway_work),
        cmocka_unit_test(the_filter_stops_the_rest),
        cmocka_unit_test(another_architecture_is_another_door),
        cmocka_unit_test(the_program_is_whole),
        cmocka_unit_test(forbidden_calls_are_stopped_by_the_kernel),
        cmocka_unit_test(files_are_written_where_they_belong),
        cmocka_unit_test(root_is_given_up_for_good),
        cmocka_unit_test(ids_are_what_was_asked_for),
        cmocka_unit_test(what_the_user_cannot_reach_is_told),
        cmocka_unit_test(relocations_are_read_only),
        cmocka_unit_test(users_are_found),
        cmocka_unit_test(a_supervisor_hears_the_whole_life),
    };
    return cmocka_run_group_tests(tests, build, NULL);
}
