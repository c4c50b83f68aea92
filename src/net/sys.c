#include "net/sys.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"

#ifndef IPV6_FREEBIND
#define IPV6_FREEBIND 78 /* linux/in6.h, since Linux 4.15; musl does not name it */
#endif

enum { NS_PER_MS = 1000000, MS_PER_S = 1000 };

union socket_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static int64_t clock_ms(clockid_t clock)
{
    struct timespec now;
    int rc = clock_gettime(clock, &now);
    CHECK(rc == 0);
    return (int64_t)now.tv_sec * MS_PER_S + now.tv_nsec / NS_PER_MS;
}

int64_t sys_mono_ms(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

int64_t sys_wall_ms(void)
{
    return clock_ms(CLOCK_REALTIME);
}

bool sys_random(void *out, size_t bytes)
{
    uint8_t *at = out;
    while (bytes > 0) {
        ssize_t got = getrandom(at, bytes, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        bytes -= (size_t)got;
    }
    return true;
}

int sys_poll(struct pollfd *fds, size_t count, int timeout_ms)
{
    int64_t deadline_ms = timeout_ms > 0 ? sys_mono_ms() + timeout_ms : 0;
    for (;;) {
        int ready = poll(fds, (nfds_t)count, timeout_ms);
        if (ready >= 0)
            return ready;
        if (errno != EINTR)
            return -errno;
        if (timeout_ms > 0) {
            int64_t left_ms = deadline_ms - sys_mono_ms();
            timeout_ms = left_ms > 0 ? (int)left_ms : 0;
        }
    }
}

static socklen_t to_socket_address(const struct net_addr *a, union socket_address *out)
{
    memset(out, 0, sizeof *out);
    if (a->family == NET_IPV4) {
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = htons(a->port);
        memcpy(&out->v4.sin_addr, a->bytes, sizeof out->v4.sin_addr);
        return sizeof out->v4;
    }
    CHECK(a->family == NET_IPV6);
    out->v6.sin6_family = AF_INET6;
    out->v6.sin6_port = htons(a->port);
    out->v6.sin6_scope_id = a->scope;
    memcpy(&out->v6.sin6_addr, a->bytes, sizeof out->v6.sin6_addr);
    return sizeof out->v6;
}

static void from_socket_address(const union socket_address *in, struct net_addr *out)
{
    memset(out, 0, sizeof *out);
    if (in->any.sa_family == AF_INET) {
        uint8_t bytes[sizeof in->v4.sin_addr];
        memcpy(bytes, &in->v4.sin_addr, sizeof bytes);
        net_addr_set_ipv4(out, bytes);
        out->port = ntohs(in->v4.sin_port);
    } else if (in->any.sa_family == AF_INET6) {
        net_addr_set_ipv6(out, in->v6.sin6_addr.s6_addr);
        out->port = ntohs(in->v6.sin6_port);
        out->scope = in->v6.sin6_scope_id;
    }
}

static int open_socket(const struct net_addr *a, int type)
{
    int domain = a->family == NET_IPV4 ? AF_INET : AF_INET6;
    int fd = socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return fd < 0 ? -errno : fd;
}

/* For options that make a connection better but are not worth losing it. */
static void try_option(int fd, int level, int name, int value)
{
    (void)setsockopt(fd, level, name, &value, sizeof value);
}

static void tune_connection(int fd)
{
    try_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    try_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    try_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, SYS_KEEPALIVE_IDLE_S);
    try_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, SYS_KEEPALIVE_INTERVAL_S);
    try_option(fd, IPPROTO_TCP, TCP_KEEPCNT, SYS_KEEPALIVE_PROBES);
}

static int close_with(int fd, int error)
{
    (void)close(fd);
    return -error;
}

int sys_listen(const struct net_addr *addr, int backlog)
{
    int fd = open_socket(addr, SOCK_STREAM);
    if (fd < 0)
        return fd;
    try_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (addr->family == NET_IPV6) {
        /* Else whether "[::]" takes IPv4 too depends on the machine, and clashes with 0.0.0.0. */
        try_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
        try_option(fd, IPPROTO_IPV6, IPV6_FREEBIND, 1);
    } else {
        try_option(fd, IPPROTO_IP, IP_FREEBIND, 1);
    }
    union socket_address sa;
    socklen_t len = to_socket_address(addr, &sa);
    if (bind(fd, &sa.any, len) < 0 || listen(fd, backlog) < 0)
        return close_with(fd, errno);
    return fd;
}

/* accept(2): errors of the connection that was to be accepted, not of the listener. */
static bool is_lost_client(int error)
{
    static const int lost[] = {ECONNABORTED, ENETDOWN,     EPROTO,     ENOPROTOOPT, EHOSTDOWN,
                               ENONET,       EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH};
    for (size_t i = 0; i < ARRAY_LEN(lost); i++)
        if (error == lost[i])
            return true;
    return false;
}

int sys_accept(int fd, struct net_addr *peer)
{
    for (;;) {
        union socket_address sa;
        socklen_t len = sizeof sa;
        memset(&sa, 0, sizeof sa);
        int client = accept4(fd, &sa.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (client >= 0) {
            tune_connection(client);
            try_option(client, IPPROTO_TCP, TCP_NOTSENT_LOWAT, SYS_UNSENT_BYTES);
            from_socket_address(&sa, peer);
            return client;
        }
        if (errno != EINTR)
            return is_lost_client(errno) ? -EAGAIN : -errno;
    }
}

static int connect_socket(int fd, const struct net_addr *addr)
{
    union socket_address sa;
    socklen_t len = to_socket_address(addr, &sa);
    /* A connect() that a signal interrupts goes on in the background like any other. */
    if (connect(fd, &sa.any, len) < 0 && errno != EINPROGRESS && errno != EINTR)
        return close_with(fd, errno);
    return fd;
}

int sys_connect(const struct net_addr *addr)
{
    int fd = open_socket(addr, SOCK_STREAM);
    if (fd < 0)
        return fd;
    tune_connection(fd);
    try_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, SYS_USER_TIMEOUT_MS);
    return connect_socket(fd, addr);
}

int sys_connect_result(int fd)
{
    int error = 0;
    socklen_t len = sizeof error;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
        return -errno;
    return -error;
}

int sys_local_addr(int fd, struct net_addr *out)
{
    union socket_address sa;
    socklen_t len = sizeof sa;
    memset(&sa, 0, sizeof sa);
    if (getsockname(fd, &sa.any, &len) < 0)
        return -errno;
    from_socket_address(&sa, out);
    return 0;
}

int sys_pair(int fds[2])
{
    int rc = socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds);
    return rc < 0 ? -errno : 0;
}

int sys_udp(const struct net_addr *server)
{
    int fd = open_socket(server, SOCK_DGRAM);
    return fd < 0 ? fd : connect_socket(fd, server);
}

int sys_unix_datagram(const char *path)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    int fd;

    if (len >= sizeof(to.sun_path))
        return -ENAMETOOLONG;
    memcpy(to.sun_path, path, len + 1);
    if (path[0] == '@') /* an abstract name: as long as it is, and without the NUL */
        to.sun_path[0] = '\0';
    socklen_t size =
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + (path[0] == '@' ? 0 : 1));
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (connect(fd, (const struct sockaddr *)&to, size) == 0)
        return fd;
    int result = -errno;
    close(fd);
    return result;
}

void sys_host_name(char *out, size_t out_bytes)
{
    if (gethostname(out, out_bytes) < 0)
        out[0] = '\0';
    out[out_bytes - 1] = '\0';
    for (char *c = out; *c != '\0'; c++)
        if (*c <= ' ' || *c > '~')
            *c = '-';
    if (out[0] == '\0')
        memcpy(out, "-", 2);
}

int64_t sys_process(void)
{
    return getpid();
}

int64_t sys_read(int fd, void *out, size_t bytes)
{
    for (;;) {
        ssize_t got = recv(fd, out, bytes, 0);
        if (got >= 0)
            return got;
        if (errno != EINTR)
            return -errno;
    }
}

int64_t sys_write(int fd, const void *data, size_t bytes)
{
    for (;;) {
        ssize_t put = send(fd, data, bytes, MSG_NOSIGNAL);
        if (put >= 0)
            return put;
        if (errno != EINTR)
            return -errno;
    }
}

void sys_shutdown_write(int fd)
{
    (void)shutdown(fd, SHUT_WR);
}

void sys_close(int fd)
{
    CHECK(fd >= 0);
    /* Not retried after EINTR: Linux has freed the descriptor by then (close(2)). */
    (void)close(fd);
}

int sys_descriptors(int wanted)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return -errno;
    if (limit.rlim_cur < (rlim_t)wanted) {
        limit.rlim_cur = limit.rlim_max < (rlim_t)wanted ? limit.rlim_max : (rlim_t)wanted;
        if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
            return -errno;
    }
    return limit.rlim_cur > INT_MAX ? INT_MAX : (int)limit.rlim_cur;
}

int sys_signals_open(void)
{
    struct sigaction ignore;
    memset(&ignore, 0, sizeof ignore);
    ignore.sa_handler = SIG_IGN;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGUSR1);
    if (sigaction(SIGPIPE, &ignore, NULL) < 0 || sigprocmask(SIG_BLOCK, &set, NULL) < 0)
        return -errno;
    int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

enum sys_signal sys_signals_read(int fd)
{
    struct signalfd_siginfo info;
    for (;;) {
        ssize_t got = read(fd, &info, sizeof info);
        if (got < 0 && errno == EINTR)
            continue;
        if (got != (ssize_t)sizeof info)
            return SYS_SIGNAL_NONE;
        switch (info.ssi_signo) {
        case SIGTERM:
        case SIGINT:
            return SYS_SIGNAL_STOP;
        case SIGHUP:
            return SYS_SIGNAL_RELOAD;
        case SIGUSR1:
            return SYS_SIGNAL_REPORT;
        default:
            break;
        }
    }
}

void sys_harden(void)
{
    struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
