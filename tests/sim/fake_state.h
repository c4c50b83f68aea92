/* fake_state - what the two halves of the fake machine share: fake_net.c has the peers, fake_sys.c
 * the calls of net/sys.h. For these two only. */
#ifndef SIM_FAKE_STATE_H
#define SIM_FAKE_STATE_H

#include "fake_sys.h"

enum {
    FAKE_ENDS_MAX = 1 << 18,
    FAKE_PLACES_MAX = 64, /* addresses that a test speaks of */
    FAKE_EVENTS_MAX = 4096,
    FAKE_ACCEPTED_MAX = 512,
    FAKE_BACKLOG_MAX = 64,
    FAKE_SIGNALS_MAX = 16,
    FAKE_START_MONO_MS = 1000000,
    FAKE_EPHEMERAL_PORT_FIRST = 40000,
    /* An idle connection: the second probe, later than TCP_USER_TIMEOUT, ends it. */
    FAKE_KEEPALIVE_MS = (SYS_KEEPALIVE_IDLE_S + SYS_KEEPALIVE_INTERVAL_S) * 1000,
};

enum fake_kind { FAKE_STREAM, FAKE_LISTENER, FAKE_UDP, FAKE_SIGNALS };

enum fake_rule { FAKE_RULE_REFUSE, FAKE_RULE_SILENT, FAKE_RULE_UNREACHABLE, FAKE_RULE_LISTEN };

struct fake_bytes {
    char *data;
    size_t len;
    size_t cap;
};

/* One side of a connection, a listener, or a UDP socket. */
struct fake_side {
    enum fake_kind kind;
    int handle;
    bool is_program; /* it has, or had, a descriptor */
    bool is_open;
    bool is_unix;
    int other;            /* handle; 0 = none */
    struct fake_bytes rx; /* UDP: each datagram after its length as uint32_t */
    size_t visible;       /* bytes of rx that the program may read before its next poll */
    bool rx_fin;
    bool reset;
    bool reset_told;
    int reset_error; /* what is told instead of ECONNRESET; 0 = that */
    bool vanished;   /* no packet passes any more, in either direction */
    size_t unacked;  /* bytes the program wrote since */
    bool connecting;
    int connect_error;
    bool was_accepted;
    int udp_error;
    size_t window;
    uint64_t total[2]; /* bytes so far, by enum fake_direction; of the program's side */
    bool cut_set[2];
    uint64_t cut_at[2];
    enum fake_end cut_how[2];
    struct net_addr local;
    struct net_addr peer;
    struct fake_service service;
    bool has_service;
    bool data_due; /* the service is to be told */
    bool closed_due;
    int backlog[FAKE_BACKLOG_MAX];
    size_t backlog_count;
};

struct fake_place {
    struct net_addr addr;
    bool udp;
    enum fake_rule rule;
    int64_t delay_ms;
    struct fake_service service;
    bool has_service;
    int accepted[FAKE_ACCEPTED_MAX];
    size_t accepted_count;
};

struct fake_event {
    int64_t at_ms;
    uint64_t sequence; /* events of the same time come in the order they were asked for */
    void (*call)(void *ctx);
    void *ctx;
};

struct fake_machine {
    uint64_t random;
    enum fake_chop chop;
    int64_t now_ms;
    int64_t wall_offset_ms;
    int64_t turn_ms;
    int64_t random_ms;
    int64_t stop_ms; /* poll goes no further, whatever its timeout */
    bool frozen;     /* poll does not wait, but notes that it would have */
    bool waited;
    bool stuck;
    struct fake_side *sides[FAKE_ENDS_MAX];
    int side_count;        /* handles are 1..side_count */
    int fds[FAKE_FDS_MAX]; /* handles; 0 = free */
    int fd_limit;
    int fail_fd_at;
    struct fake_place places[FAKE_PLACES_MAX];
    size_t place_count;
    struct fake_event events[FAKE_EVENTS_MAX];
    size_t event_count;
    uint64_t event_sequence;
    enum sys_signal signals[FAKE_SIGNALS_MAX];
    size_t signal_count;
    uint16_t next_port;
    bool service_due;
    int service_first; /* no side before it has anything due */
};

extern struct fake_machine fake_machine;

_Noreturn void fake_die(const char *why);
void *fake_must(void *memory);
void fake_put(struct fake_bytes *b, const void *from, size_t len);
void fake_drop(struct fake_bytes *b, size_t len);
struct fake_side *fake_side(int handle);
int fake_new_side(enum fake_kind kind, bool is_program);
void fake_link(int a, int b);
void fake_reset_side(struct fake_side *s);
void fake_fin_side(struct fake_side *s);
/* Told as the kernel does that waited for an acknowledgement in vain. `ctx` is a handle. */
void fake_time_out(void *ctx);
/* The peer is gone from the program's view at this byte. */
void fake_cut_now(struct fake_side *program, enum fake_end how);
/* How many of len bytes may still pass in that direction. */
size_t fake_before_cut(const struct fake_side *program, enum fake_direction direction, size_t len);
/* Counts bytes that passed, and cuts when the place was reached. */
void fake_passed(struct fake_side *program, enum fake_direction direction, size_t len);
void fake_tell_data(struct fake_side *s);
struct fake_place *fake_find_place(const struct net_addr *addr, bool udp);
/* The time of the next event, INT64_MAX when there is none. */
int64_t fake_next_event_ms(void);
void fake_run_due_events(void);
/* Calls the services for which something happened; true when there was any. */
bool fake_run_services(void);

#endif
