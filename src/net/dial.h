/* dial - from an endpoint's name to a stream that is ready to be written to.
 *
 * Resolves, connects (addresses in turn with a head start of DIAL_HEAD_START_MS each, the first
 * that answers wins: RFC 8305), takes a TLS slot and its turn for the handshake, and verifies. A
 * full handshake cannot be sliced, so the dialer lets one dial at a time be in its handshake; the
 * others wait in order while streams flow.
 *
 * The owner embeds a struct dial, which must not move while it is under way. `done` is called once,
 * from the loop, never from inside dial_start: on success the owner takes the stream with
 * dial_take(); on failure dial_err() and dial_detail() say why. dial_cancel() is legal in every
 * state.
 *
 * The turn is not held for ever: a peer that is slow in its handshake loses it after DIAL_TURN_MS
 * and goes on beside the next one. An endpoint whose last session was resumed needs no turn,
 * because resuming costs a twentieth of the CPU. When all TLS slots are taken, an idle connection
 * is closed for one.
 *
 * An endpoint behind a proxy: the proxy's name is looked up and connected to, then the endpoint's
 * is handed to it (http/tunnel) and the handshake runs through it. All of it within
 * connect_timeout.
 *
 * Sessions are resumed per endpoint; a failed handshake forgets the saved session. A failure of the
 * date is never remembered. While the clock is below its floor, TLS endpoints fail with
 * NET_ERR_CLOCK. */
#ifndef NET_DIAL_H
#define NET_DIAL_H

#include "http/tunnel.h"
#include "net/resolve.h"
#include "net/stream.h"
#include "tls/client.h"

struct idle;

enum {
    DIAL_HEAD_START_MS = 250, /* RFC 8305 section 5 */
    DIAL_ATTEMPTS_MAX = 3,    /* connects under way at once in one dial */
    DIAL_TURN_MS = 1500,      /* two round trips of 300 ms and 300 ms of CPU at either end fit */
    DIAL_WATCHES_MAX =
        1 + RESOLVE_WATCHES_MAX, /* in the loop; the attempts come after the lookup */
};

struct endpoint {
    char host[RESOLVE_NAME_BYTES];
    uint16_t port;
    bool tls;
    const struct proxy *proxy;  /* NULL: straight to it */
    int64_t connect_timeout_ms; /* for all of it: name, connect, proxy, handshake */
    struct tls_resume resume;
    bool resumes; /* the last handshake was resumed, so the next one is probably cheap */
    uint32_t handshakes_full; /* counters for status */
    uint32_t handshakes_resumed;
};

enum dial_state {
    DIAL_IDLE,      /* nothing is held */
    DIAL_RESOLVE,   /* lookup in flight */
    DIAL_CONNECT,   /* one or more sockets connecting */
    DIAL_TUNNEL,    /* words with the proxy */
    DIAL_TURN,      /* connected, waiting for a TLS slot or for the handshake of another to end */
    DIAL_HANDSHAKE, /* records both ways, no application byte yet */
    DIAL_READY,     /* the stream waits to be taken */
    DIAL_FAILED,    /* err says why; nothing is held */
};

struct dialer {
    struct loop *loop;
    struct resolver *resolver;
    struct pool *tls_pool;
    const struct tls_anchors *anchors;
    struct tls_shown *shown; /* what the last server showed; NULL: nobody looks */
    bool aes_first;
    int64_t clock_floor_unix_ms; /* wall time below this is not believed */
    int64_t clock_seen_unix_ms;  /* nor below this, which a clock showed once, for some time: */
    int64_t
        clock_doubt_until_ms;   /* monotonic; then NTP has had its time, and that clock was wrong */
    struct dial *handshaking;   /* NULL = the turn is free */
    struct dial *waiting_first; /* for the turn, in order */
    struct dial *waiting_last;
    struct idle *idle; /* set by the idle table: where TLS slots can be had from */
};

struct dial_attempt {
    struct watch watch;
    struct dial *dial;
    struct net_addr addr;
    int fd;
};

struct dial {
    enum dial_state state;
    struct dialer *dialer;
    struct endpoint *endpoint;
    struct resolve *resolve; /* storage given by the owner, resolve_bytes() */
    struct watch watch;      /* timer, then the handshake */
    struct dial_attempt attempts[DIAL_ATTEMPTS_MAX];
    struct net_addr addrs[RESOLVE_ADDRS_MAX];
    size_t addr_count;
    size_t addr_next;
    int64_t deadline_ms;
    int64_t head_start_ms; /* when the next address may be tried */
    int64_t turn_until_ms; /* when a slow handshake loses its turn */
    struct stream stream;
    struct tunnel tunnel;
    struct net_addr peer; /* the proxy, where there is one */
    enum net_err err;
    enum tls_err tls_err;
    int tls_code; /* tls_session_code() */
    void (*done)(void *ctx, int64_t now_ms);
    void *ctx;
    bool waiting;
    struct dial *waiting_next;
};

/* `resolve_storage` has resolve_bytes() bytes, zeroed or used by a lookup before, and lives as long
 * as the dial. */
void dial_init(struct dial *d, struct dialer *dialer, void *resolve_storage);
void dial_start(struct dial *d, struct endpoint *e, void (*done)(void *ctx, int64_t now_ms),
                void *ctx, int64_t now_ms);
enum dial_state dial_state(const struct dial *d);
/* Moves the stream out; the dial is idle again. */
void dial_take(struct dial *d, struct stream *out, struct net_addr *peer);
enum net_err dial_err(const struct dial *d);
/* One sentence for the owner: host, what went wrong, and what to do about it. */
void dial_detail(const struct dial *d, struct fmt *out);
/* The same without the host. */
void dial_why(const struct dial *d, struct fmt *out);
void dial_cancel(struct dial *d);
/* Must be called when a stream with a TLS slot was closed: a waiting dial may go on. It does so in
 * the loop's next turn. */
void dialer_slot_free(struct dialer *dialer, int64_t now_ms);

#endif
