#include "net/resolve.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/check.h"
#include "net/dns_message.h"
#include "net/name_source.h"
#include "net/sys.h"

enum {
    QUESTIONS = 2,           /* AAAA and A */
    DATAGRAMS_PER_STEP = 8,  /* more than a server has reason to send; the loop goes on after */
    TCP_LENGTH_BYTES = 2,    /* RFC 1035 section 4.2.2 */
    WAIT_FOR_IPV6_MS = 50,   /* once IPv4 is known: RFC 8305 section 3 */
    WAIT_FOR_IPV4_MS = 2000, /* one resend: IPv6 alone is worth little, its route is often broken */
    STALE_AFTER_MS = 1800,   /* with an expired answer at hand: RFC 8767 section 5 */
    MS_PER_S = 1000,
};

_Static_assert((int)RESOLVE_SERVERS_MAX == (int)RESOLV_CONF_SERVERS_MAX, "a channel for each");
_Static_assert((int)RESOLVE_ADDRS_MAX == (int)NAME_CACHE_ADDRS, "results fit the cache");
_Static_assert((int)RESOLVE_NAME_BYTES == (int)NAME_CACHE_NAME_BYTES, "names fit the cache");
_Static_assert((int)RESOLVE_CACHE_MAX == (int)NAME_CACHE_ENTRIES, "one cache");

struct resolver {
    struct loop *loop;
    struct name_source source;
};

enum question_state {
    QUESTION_ASKED,
    QUESTION_TRUNCATED, /* the answer did not fit; what fits is kept, TCP is under way */
    QUESTION_ANSWERED,
};

struct question {
    enum dns_type type;
    uint16_t id;
    enum question_state state;
    enum dns_verdict verdict; /* once answered */
    unsigned failed_servers;  /* a bit each */
    unsigned server;          /* whose answer it is, once there is one */
    struct dns_answer answer;
};

/* The sockets of a lookup: one UDP to each server, and one TCP when an answer was truncated. */
struct channel {
    struct watch watch; /* fd -1 = not open */
    struct resolve *owner;
    unsigned server;
};

struct tcp_channel {
    struct channel channel;
    bool tried;
    bool sending;
    size_t at;  /* bytes of buf sent, or received */
    size_t len; /* bytes of buf to send */
    uint8_t buf[TCP_LENGTH_BYTES + DNS_MESSAGE_BYTES_MAX];
};

_Static_assert(QUESTIONS *(TCP_LENGTH_BYTES + DNS_QUERY_BYTES_MAX) <=
                   TCP_LENGTH_BYTES + DNS_MESSAGE_BYTES_MAX,
               "both questions fit the TCP buffer");

struct resolve {
    struct resolver *resolver;
    const char *host;
    void (*done)(void *ctx, int64_t now_ms);
    void *ctx;
    bool active;
    enum net_err err;
    struct watch timer;
    int64_t deadline_ms;
    int64_t resend_ms;
    int64_t wait_until_ms; /* for the other family, once one is known */
    struct channel udp[RESOLVE_SERVERS_MAX];
    struct tcp_channel tcp;
    struct question questions[QUESTIONS];
    struct net_addr addrs[RESOLVE_ADDRS_MAX];
    size_t count;
};

size_t resolver_bytes(void)
{
    return sizeof(struct resolver);
}

size_t resolve_bytes(void)
{
    return sizeof(struct resolve);
}

void resolver_init(struct resolver *r, struct loop *l, const char *resolv_conf_path,
                   const char *hosts_path)
{
    memset(r, 0, sizeof *r);
    r->loop = l;
    name_source_init(&r->source, resolv_conf_path, hosts_path);
}

void resolver_forget(struct resolver *r, const char *host)
{
    name_cache_expire(&r->source.cache, span_str(host));
}

static void close_channel(struct resolve *q, struct channel *c)
{
    if (c->watch.fd >= 0) {
        loop_remove(q->resolver->loop, &c->watch);
        sys_close(c->watch.fd);
        c->watch.fd = -1;
    }
}

static void close_all(struct resolve *q)
{
    for (size_t i = 0; i < RESOLVE_SERVERS_MAX; i++)
        close_channel(q, &q->udp[i]);
    close_channel(q, &q->tcp.channel);
    loop_remove(q->resolver->loop, &q->timer);
    q->active = false;
}

void resolve_cancel(struct resolve *q)
{
    if (q->active)
        close_all(q);
}

static void server_failed(struct resolve *q, unsigned server)
{
    for (size_t i = 0; i < QUESTIONS; i++)
        q->questions[i].failed_servers |= 1u << server;
}

/* One datagram a question; what is lost or does not go out now is sent again at resend_ms. */
static void send_queries(struct resolve *q, struct channel *c)
{
    for (size_t i = 0; i < QUESTIONS && c->watch.fd >= 0; i++) {
        const struct question *question = &q->questions[i];
        uint8_t query[DNS_QUERY_BYTES_MAX];
        if (question->state != QUESTION_ASKED)
            continue;
        size_t len = dns_build_query(q->host, question->type, question->id, query);
        int64_t put = sys_write(c->watch.fd, query, len);
        if (put < 0 && put != -EAGAIN) {
            close_channel(q, c);
            server_failed(q, c->server);
        }
    }
}

static size_t collect_addresses(const struct resolve *q,
                                struct net_addr out[QUESTIONS * DNS_ADDRS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < QUESTIONS; i++) {
        const struct dns_answer *a = &q->questions[i].answer;
        memcpy(out + count, a->addrs, a->count * sizeof a->addrs[0]);
        count += a->count;
    }
    return count;
}

static const struct question *question_of(const struct resolve *q, enum dns_type type)
{
    return q->questions[0].type == type ? &q->questions[0] : &q->questions[1];
}

static int64_t time_to_live_ms(const struct resolve *q)
{
    int64_t ttl_s = RESOLVE_TTL_MAX_S;
    for (size_t i = 0; i < QUESTIONS; i++) {
        const struct question *question = &q->questions[i];
        if (question->state != QUESTION_ANSWERED)
            return (int64_t)RESOLVE_TTL_MIN_S * MS_PER_S; /* half of an answer: ask again soon */
        if (question->answer.count > 0 && question->answer.ttl_s < ttl_s)
            ttl_s = question->answer.ttl_s;
    }
    return (ttl_s < RESOLVE_TTL_MIN_S ? RESOLVE_TTL_MIN_S : ttl_s) * MS_PER_S;
}

/* The name is known not to be: both families were answered, or the name was denied as such. */
static bool is_denied(const struct resolve *q)
{
    const struct question *v4 = question_of(q, DNS_TYPE_A);
    const struct question *v6 = question_of(q, DNS_TYPE_AAAA);
    bool v4_answered = v4->state == QUESTION_ANSWERED;
    return v4_answered && (v4->verdict == DNS_NO_NAME || v6->state == QUESTION_ANSWERED);
}

/* Makes the result of what is known now; closes everything. */
static enum resolve_result conclude(struct resolve *q, int64_t now_ms)
{
    struct net_addr found[QUESTIONS * DNS_ADDRS_MAX];
    struct span host = span_str(q->host);
    struct name_cache *cache = &q->resolver->source.cache;
    close_all(q);
    size_t count = collect_addresses(q, found);
    if (count > 0) {
        q->count = name_source_interleave(found, count, q->addrs);
        name_cache_put(cache, host, q->addrs, q->count, now_ms, now_ms + time_to_live_ms(q));
        return RESOLVE_DONE;
    }
    if (is_denied(q)) {
        q->err = NET_ERR_NO_NAME;
        return RESOLVE_FAILED;
    }
    const struct name_entry *stale = name_cache_stale(cache, host, now_ms);
    if (stale != NULL) {
        memcpy(q->addrs, stale->addrs, sizeof q->addrs);
        q->count = stale->count;
        return RESOLVE_DONE;
    }
    q->err = NET_ERR_RESOLVER;
    return RESOLVE_FAILED;
}

/* No server will say more about this question. */
static bool is_over(const struct resolve *q, const struct question *question)
{
    unsigned all = (1u << q->resolver->source.conf.count) - 1;
    return question->state == QUESTION_ANSWERED ||
           (question->state == QUESTION_ASKED && (question->failed_servers & all) == all);
}

static bool is_decisive(const struct question *question)
{
    return question->state == QUESTION_ANSWERED &&
           (question->verdict == DNS_ADDRESSES || question->verdict == DNS_NO_NAME);
}

static void set_timer(struct resolve *q)
{
    int64_t at_ms = q->deadline_ms < q->resend_ms ? q->deadline_ms : q->resend_ms;
    q->timer.deadline_ms = q->wait_until_ms < at_ms ? q->wait_until_ms : at_ms;
}

static bool is_settled(struct resolve *q, int64_t now_ms)
{
    const struct question *v4 = question_of(q, DNS_TYPE_A);
    const struct question *v6 = question_of(q, DNS_TYPE_AAAA);
    if (is_over(q, v4) && is_over(q, v6))
        return true;
    if (q->wait_until_ms == LOOP_NEVER && is_decisive(v4))
        q->wait_until_ms = now_ms + WAIT_FOR_IPV6_MS;
    else if (q->wait_until_ms == LOOP_NEVER && is_decisive(v6))
        q->wait_until_ms = now_ms + WAIT_FOR_IPV4_MS;
    return now_ms >= q->wait_until_ms || now_ms >= q->deadline_ms;
}

/* After every event. Must be the last thing a step does: `done` may start the lookup anew. */
static void settle(struct resolve *q, int64_t now_ms)
{
    if (is_settled(q, now_ms)) {
        (void)conclude(q, now_ms);
        q->done(q->ctx, now_ms);
    } else {
        set_timer(q);
    }
}

static void start_tcp(struct resolve *q, unsigned server);

static void take_verdict(struct resolve *q, struct question *question, unsigned server,
                         enum dns_verdict verdict, const struct dns_answer *answer)
{
    switch (verdict) {
    case DNS_ADDRESSES:
    case DNS_EMPTY:
    case DNS_NO_NAME:
        question->answer = *answer;
        question->verdict = verdict;
        question->server = server;
        question->state = QUESTION_ANSWERED;
        break;
    case DNS_TRUNCATED:
        if (question->state == QUESTION_ASKED) {
            question->answer = *answer;
            question->server = server;
            question->state = QUESTION_TRUNCATED;
            start_tcp(q, server);
        }
        break;
    case DNS_SERVER_FAILED:
        question->failed_servers |= 1u << server;
        break;
    case DNS_NOT_OURS:
        break;
    }
}

static void take_message(struct resolve *q, unsigned server, struct span message)
{
    for (size_t i = 0; i < QUESTIONS; i++) {
        struct question *question = &q->questions[i];
        uint8_t query[DNS_QUERY_BYTES_MAX];
        struct dns_answer answer;
        if (question->state == QUESTION_ANSWERED)
            continue;
        size_t len = dns_build_query(q->host, question->type, question->id, query);
        struct span asked = span_of((const char *)query, len);
        enum dns_verdict verdict = dns_parse_answer(message, asked, &answer);
        take_verdict(q, question, server, verdict, &answer);
    }
}

/* What fitted into the truncated answers has to do. */
static void tcp_failed(struct resolve *q)
{
    close_channel(q, &q->tcp.channel);
    for (size_t i = 0; i < QUESTIONS; i++) {
        struct question *question = &q->questions[i];
        if (question->state != QUESTION_TRUNCATED)
            continue;
        if (question->answer.count > 0) {
            question->state = QUESTION_ANSWERED;
            question->verdict = DNS_ADDRESSES;
        } else {
            question->state = QUESTION_ASKED;
            question->failed_servers |= 1u << q->tcp.channel.server;
        }
    }
}

static void tcp_send(struct resolve *q)
{
    struct tcp_channel *tcp = &q->tcp;
    int64_t put = sys_write(tcp->channel.watch.fd, tcp->buf + tcp->at, tcp->len - tcp->at);
    if (put < 0 && put != -EAGAIN) {
        tcp_failed(q);
        return;
    }
    tcp->at += put > 0 ? (size_t)put : 0;
    if (tcp->at == tcp->len) {
        tcp->sending = false;
        tcp->at = 0;
        tcp->channel.watch.events = POLLIN;
    }
}

/* Takes the messages that are whole; false when one can never be. */
static bool tcp_take(struct resolve *q)
{
    struct tcp_channel *tcp = &q->tcp;
    while (tcp->at >= TCP_LENGTH_BYTES) {
        size_t message_bytes = (size_t)tcp->buf[0] << 8 | tcp->buf[1];
        size_t frame_bytes = TCP_LENGTH_BYTES + message_bytes;
        if (frame_bytes > sizeof tcp->buf)
            return false;
        if (tcp->at < frame_bytes)
            return true;
        take_message(q, tcp->channel.server,
                     span_of((const char *)tcp->buf + TCP_LENGTH_BYTES, message_bytes));
        memmove(tcp->buf, tcp->buf + frame_bytes, tcp->at - frame_bytes);
        tcp->at -= frame_bytes;
    }
    return true;
}

static void tcp_receive(struct resolve *q)
{
    struct tcp_channel *tcp = &q->tcp;
    int64_t got = sys_read(tcp->channel.watch.fd, tcp->buf + tcp->at, sizeof tcp->buf - tcp->at);
    if (got == -EAGAIN)
        return;
    tcp->at += got > 0 ? (size_t)got : 0;
    if (got <= 0 || !tcp_take(q))
        tcp_failed(q);
}

static void step_tcp(void *ctx, short revents, int64_t now_ms)
{
    struct channel *c = ctx;
    struct resolve *q = c->owner;
    if (revents == 0)
        return;
    if (q->tcp.sending && sys_connect_result(c->watch.fd) < 0)
        tcp_failed(q);
    else if (q->tcp.sending)
        tcp_send(q);
    else
        tcp_receive(q);
    settle(q, now_ms);
}

static size_t put_framed_query(const struct resolve *q, const struct question *question,
                               uint8_t *out)
{
    uint8_t query[DNS_QUERY_BYTES_MAX];
    size_t len = dns_build_query(q->host, question->type, question->id, query);
    out[0] = (uint8_t)(len >> 8);
    out[1] = (uint8_t)len;
    memcpy(out + TCP_LENGTH_BYTES, query, len);
    return TCP_LENGTH_BYTES + len;
}

/* Asks all that is not answered yet over one connection to that server. */
static void start_tcp(struct resolve *q, unsigned server)
{
    struct tcp_channel *tcp = &q->tcp;
    if (tcp->channel.watch.fd >= 0)
        return;
    tcp->channel.server = server;
    int fd = tcp->tried ? -ECONNREFUSED : sys_connect(&q->resolver->source.conf.servers[server]);
    tcp->tried = true;
    if (fd < 0) {
        tcp_failed(q);
        return;
    }
    tcp->sending = true;
    tcp->at = 0;
    tcp->len = 0;
    for (size_t i = 0; i < QUESTIONS; i++)
        if (q->questions[i].state != QUESTION_ANSWERED)
            tcp->len += put_framed_query(q, &q->questions[i], tcp->buf + tcp->len);
    tcp->channel.watch.fd = fd;
    tcp->channel.watch.events = POLLOUT;
    loop_add(q->resolver->loop, &tcp->channel.watch);
}

static void step_udp(void *ctx, short revents, int64_t now_ms)
{
    struct channel *c = ctx;
    struct resolve *q = c->owner;
    if (revents == 0)
        return;
    for (int i = 0; i < DATAGRAMS_PER_STEP; i++) {
        char message[DNS_MESSAGE_BYTES_MAX];
        int64_t got = sys_read(c->watch.fd, message, sizeof message);
        if (got == -EAGAIN)
            break;
        if (got < 0) { /* ICMP: no such port, no such host */
            close_channel(q, c);
            server_failed(q, c->server);
            break;
        }
        take_message(q, c->server, span_of(message, (size_t)got));
    }
    settle(q, now_ms);
}

static void step_timer(void *ctx, short revents, int64_t now_ms)
{
    struct resolve *q = ctx;
    (void)revents;
    if (now_ms >= q->resend_ms) {
        q->resend_ms = now_ms + RESOLVE_RETRY_MS;
        for (size_t i = 0; i < RESOLVE_SERVERS_MAX; i++)
            send_queries(q, &q->udp[i]);
    }
    settle(q, now_ms);
}

static void init_channel(struct resolve *q, struct channel *c, unsigned server,
                         void (*step)(void *, short, int64_t))
{
    watch_init(&c->watch, step, c);
    c->owner = q;
    c->server = server;
}

static void open_channels(struct resolve *q)
{
    const struct resolv_conf *conf = &q->resolver->source.conf;
    for (unsigned i = 0; i < conf->count; i++) {
        struct channel *c = &q->udp[i];
        int fd = sys_udp(&conf->servers[i]);
        if (fd < 0) {
            server_failed(q, i);
            continue;
        }
        c->watch.fd = fd;
        c->watch.events = POLLIN;
        loop_add(q->resolver->loop, &c->watch);
        send_queries(q, c);
    }
}

static bool init_questions(struct resolve *q)
{
    uint16_t ids[QUESTIONS];
    if (!sys_random(ids, sizeof ids))
        return false;
    q->questions[0].type = DNS_TYPE_AAAA;
    q->questions[1].type = DNS_TYPE_A;
    for (size_t i = 0; i < QUESTIONS; i++)
        q->questions[i].id = ids[i];
    return true;
}

static enum resolve_result ask_servers(struct resolve *q, int64_t now_ms)
{
    struct span host = span_str(q->host);
    bool has_stale = name_cache_stale(&q->resolver->source.cache, host, now_ms) != NULL;
    q->active = true;
    q->deadline_ms = now_ms + (has_stale ? STALE_AFTER_MS : RESOLVE_TIMEOUT_MS);
    q->resend_ms = now_ms + RESOLVE_RETRY_MS;
    q->wait_until_ms = LOOP_NEVER;
    loop_add(q->resolver->loop, &q->timer);
    open_channels(q);
    if (is_settled(q, now_ms))
        return conclude(q, now_ms);
    set_timer(q);
    return RESOLVE_WAIT;
}

enum resolve_result resolve_start(struct resolve *q, struct resolver *r, const char *host,
                                  void (*done)(void *ctx, int64_t now_ms), void *ctx,
                                  int64_t now_ms)
{
    uint8_t query[DNS_QUERY_BYTES_MAX];
    CHECK(!q->active);
    memset(q, 0, sizeof *q);
    q->resolver = r;
    q->host = host;
    q->done = done;
    q->ctx = ctx;
    watch_init(&q->timer, step_timer, q);
    for (unsigned i = 0; i < RESOLVE_SERVERS_MAX; i++)
        init_channel(q, &q->udp[i], i, step_udp);
    init_channel(q, &q->tcp.channel, 0, step_tcp);
    q->count = name_source_find(&r->source, span_str(host), now_ms, q->addrs);
    if (q->count > 0)
        return RESOLVE_DONE;
    if (dns_build_query(host, DNS_TYPE_A, 0, query) == 0) {
        q->err = NET_ERR_NO_NAME;
        return RESOLVE_FAILED;
    }
    if (!init_questions(q)) {
        q->err = NET_ERR_RESOLVER;
        return RESOLVE_FAILED;
    }
    return ask_servers(q, now_ms);
}

size_t resolve_addrs(const struct resolve *q, struct net_addr out[RESOLVE_ADDRS_MAX])
{
    memcpy(out, q->addrs, q->count * sizeof q->addrs[0]);
    return q->count;
}

enum net_err resolve_err(const struct resolve *q)
{
    return q->err;
}

size_t resolve_servers(const struct resolve *q, struct net_addr out[RESOLVE_SERVERS_MAX])
{
    const struct resolv_conf *conf = &q->resolver->source.conf;
    size_t count = q->deadline_ms != 0 ? conf->count : 0;
    memcpy(out, conf->servers, count * sizeof out[0]);
    for (size_t i = 0; count > 0 && i < QUESTIONS; i++)
        if (q->questions[i].state == QUESTION_ANSWERED) {
            out[0] = conf->servers[q->questions[i].server];
            count = 1;
        }
    return count;
}
