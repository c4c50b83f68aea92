/* fake_sys - a machine whose network, clock and chance belong to the test: it replaces net/sys.c.
 *
 * Link fake_sys.o and fake_net.o before the library (or include both .c): no sys_* call then
 * reaches the kernel. The program under test keeps its real loop, streams, dials, lookups and
 * gateway. Nothing sleeps, and the same seed gives the same run, down to the bytes of sys_random.
 *
 * TIME stands still but inside sys_poll. When nothing is ready, sys_poll jumps to the next thing
 * that happens - a fake_after() event or its own timeout - and not a millisecond further.
 *   fake_settle(loop)    turns until the program can only wait; the clock does not move
 *   fake_run(loop, ms)   turns until exactly that much time has passed
 *   fake_stuck()         the program polled without any timeout while nothing could ever happen
 *
 * PEERS are what is at the other ends, known by handles (never reused, valid until fake_reset):
 *   fake_client(addr)    connects to a listener of the program, as a client would
 *   fake_listen(addr)    lets the program connect to addr; fake_accept(addr): the next handle or 0
 *   fake_serve(addr, s)  the same with callbacks, from sys_poll: never from inside a sys_write
 *   fake_refuse(), fake_silent(), fake_unreachable(), fake_delay()
 *                        what connecting does instead; an address nobody spoke of refuses
 *   fake_send(), fake_received(), fake_consume(), fake_shutdown(), fake_close(), fake_break()
 *                        bytes both ways and the three ways to end. The program cannot write more
 *                        than fake_window() bytes that were not consumed: that is back-pressure
 *   fake_vanish(h)       no packet passes any more: the program's kernel notices with keepalive, or
 *                        SYS_USER_TIMEOUT_MS after the next write (of connections it made itself)
 *   fake_cut(h, dir, n, how)  ends the connection at exactly the nth byte of a direction
 *   fake_serve_udp(addr, s)   datagrams; `data` gets each one, fake_send answers. Nobody there:
 * ICMP, so that the program's next read fails with -ECONNREFUSED. fake_silent: no answer.
 *
 * CHOPPING is how bytes reach the program, for all connections:
 *   FAKE_WHOLE   all that was sent is there at once
 *   FAKE_BYTES   one byte in each poll, and writes take one byte
 *   FAKE_RANDOM  some in each poll; short writes, now and then an EAGAIN that poll did not foretell
 *
 * As on Linux: when the program closes with unread bytes, the peer is reset; a write to a closed
 * peer is taken once and answered with a reset; bytes that came before a reset can still be read;
 * descriptors are the lowest that are free. A call on a descriptor that is not open ends the test.
 */
#ifndef SIM_FAKE_SYS_H
#define SIM_FAKE_SYS_H

#include "base/span.h"
#include "net/loop.h"
#include "net/sys.h"

enum {
    FAKE_FD_FIRST = 1000, /* far from the test's real descriptors */
    FAKE_FDS_MAX = 1024,
    FAKE_WINDOW_BYTES = 256 * 1024, /* about what Linux lets be in flight */
};

#define FAKE_START_WALL_MS INT64_C(1767225600000) /* 2026-01-01: the tests' certificates hold */

enum fake_chop { FAKE_WHOLE, FAKE_BYTES, FAKE_RANDOM };
enum fake_end { FAKE_FIN, FAKE_RST };
enum fake_direction { FAKE_TO_PROGRAM, FAKE_FROM_PROGRAM };

/* Any callback may be NULL. They may call everything here but fake_settle and fake_run. */
struct fake_service {
    void (*open)(void *ctx, int handle);
    void (*data)(void *ctx, int handle, struct span datagram); /* TCP: empty; see fake_received */
    void (*closed)(void *ctx, int handle);                     /* the program closed or shut down */
    void *ctx;
};

/* Closes everything, forgets all addresses and events; must come first in each test. */
void fake_reset(uint64_t seed);
void fake_set_chop(enum fake_chop chop);
/* Drawing random bytes takes that long: what stands for a private key's operation of a slow board.
 */
void fake_slow_random(int64_t ms);
/* From now on each sys_poll takes so long: a machine that has much else to do. */
void fake_slow_turns(int64_t ms);
uint64_t fake_random(void); /* of the run's own sequence, for scripts */

int64_t fake_now_ms(void);
void fake_set_wall_ms(int64_t unix_ms); /* it goes on from there with the virtual clock */
void fake_after(int64_t delay_ms, void (*event)(void *ctx), void *ctx);
void fake_settle(struct loop *l);
void fake_run(struct loop *l, int64_t ms);
bool fake_stuck(void);

int fake_client(const struct net_addr *listener); /* 0 when nobody listens there */
int fake_client_from(const struct net_addr *listener, const struct net_addr *from);
void fake_listen(const struct net_addr *addr);
int fake_accept(const struct net_addr *addr);
void fake_serve(const struct net_addr *addr, const struct fake_service *s);
void fake_serve_udp(const struct net_addr *addr, const struct fake_service *s);
void fake_refuse(const struct net_addr *addr);
void fake_silent(const struct net_addr *addr);
void fake_unreachable(const struct net_addr *addr);
void fake_delay(const struct net_addr *addr, int64_t connect_ms); /* after fake_listen or _serve */

void fake_send(int handle, struct span bytes);
struct span fake_received(int handle); /* what the program sent and was not consumed */
void fake_consume(int handle, size_t bytes);
void fake_window(int handle, size_t bytes);
void fake_shutdown(int handle); /* FIN; reading goes on */
void fake_close(int handle);
void fake_break(int handle); /* RST */
void fake_vanish(int handle);
void fake_cut(int handle, enum fake_direction direction, uint64_t at_byte, enum fake_end how);
bool fake_saw_fin(int handle); /* the program closed or shut its side down */
bool fake_saw_reset(int handle);
bool fake_is_accepted(int handle);    /* of a client: the program has taken it off the backlog */
uint64_t fake_sent_total(int handle); /* bytes that the program has written to it */

void fake_signal(enum sys_signal signal);
int fake_open_count(void); /* descriptors that the program holds */
void fake_set_descriptor_limit(int most);
/* The nth call from now that makes a descriptor fails with -EMFILE, once; 0 = none. */
void fake_fail_descriptor_at(int nth);

#endif
