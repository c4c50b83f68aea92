/* sys - every system call that the gateway makes on sockets, clocks and signals, and nothing else.
 *
 * The one seam below the whole program: the simulator links its own sys.c with virtual time and
 * scripted peers, and all else is the real thing. Calls return -errno (a negative number of
 * <errno.h>) on failure; -EAGAIN means "not now"; EINTR is retried inside. Every descriptor is
 * non-blocking and close-on-exec. SIGPIPE never happens (MSG_NOSIGNAL). */
#ifndef NET_SYS_H
#define NET_SYS_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/addr.h"

enum {
    SYS_KEEPALIVE_IDLE_S = 45, /* below the shortest NAT timeouts seen (CGNAT: 2 minutes) */
    SYS_KEEPALIVE_INTERVAL_S = 15,
    SYS_KEEPALIVE_PROBES = 4,
    /* Of a client's, that the kernel may not send yet: by default some megabytes on a fast line,
     * and the writer hears nothing until a third of them is taken, minutes later on a slow one. */
    SYS_UNSENT_BYTES = 16384,
    SYS_USER_TIMEOUT_MS = 30000, /* unacknowledged data: the path is gone (RFC 5482) */
};

enum sys_signal { SYS_SIGNAL_NONE, SYS_SIGNAL_STOP, SYS_SIGNAL_RELOAD, SYS_SIGNAL_REPORT };

int64_t sys_mono_ms(void); /* CLOCK_MONOTONIC: for every timer */
int64_t sys_wall_ms(void); /* CLOCK_REALTIME as Unix ms: for the ledger and certificates */
bool sys_random(void *out, size_t bytes); /* getrandom; false only if the kernel has none */

/* timeout_ms -1 waits for ever. Returns the count of ready entries. */
int sys_poll(struct pollfd *fds, size_t count, int timeout_ms);

/* [::] is all IPv6 addresses and no IPv4 one. An address that the machine does not have yet is
 * bound all the same (a LAN bridge that comes up later). */
int sys_listen(const struct net_addr *addr, int backlog);
/* A connected client with TCP_NODELAY and keep-alive set; *peer is filled. -EAGAIN also when the
 * client was gone before it could be accepted; any other error is the machine's (-EMFILE ...). */
int sys_accept(int fd, struct net_addr *peer);
/* Starts connecting; the descriptor is writable once sys_connect_result can tell. */
int sys_connect(const struct net_addr *addr);
int sys_connect_result(int fd); /* 0 or -errno */
int sys_local_addr(int fd, struct net_addr *out);
/* Two connected stream sockets: the embedded stand-in is reached this way. */
int sys_pair(int fds[2]);
int sys_udp(const struct net_addr *server); /* connected, random source port */
/* Connected to a datagram socket of the file system; "@NAME" is an abstract one. */
int sys_unix_datagram(const char *path);
/* This host's name without what may not stand in a log's header, "-" when it has none. */
void sys_host_name(char *out, size_t out_bytes);
int64_t sys_process(void);
/* 0 = the peer closed its side; on UDP it is an empty datagram. */
int64_t sys_read(int fd, void *out, size_t bytes);
int64_t sys_write(int fd, const void *data, size_t bytes); /* may be partial */
void sys_shutdown_write(int fd);
void sys_close(int fd);
/* Raises the soft limit of open descriptors towards `wanted`; returns the limit that holds now. */
int sys_descriptors(int wanted);

/* Routes SIGTERM and SIGINT (stop), SIGHUP (reload) and SIGUSR1 (report) to a descriptor; ignores
 * SIGPIPE. */
int sys_signals_open(void);
enum sys_signal sys_signals_read(int fd);
/* No core file, not dumpable: vendor keys are in memory. Best effort. */
void sys_harden(void);
/* relro.c: what relocation wrote is read-only from now on. */
void sys_protect_relro(void);

/* Whether a result means "not now", and what any other failure means, for people. */
bool sys_is_again(int64_t result);
const char *sys_error_text(int64_t result);

#endif
