/* fake_dns - a name server on the fake machine, over UDP and TCP.
 *
 *   struct fake_dns dns;
 *   fake_dns_start(&dns, "192.0.2.53");             then resolv.conf must name that address
 *   fake_dns_add(&dns, "api.vendor.example", "192.0.2.1");
 *
 * A name without any address does not exist. `mode` changes all answers from now on. */
#ifndef SIM_FAKE_DNS_H
#define SIM_FAKE_DNS_H

#include "dns_builder.h"
#include "fake_sys.h"

enum { FAKE_DNS_NAMES = 32, FAKE_DNS_TTL_S = 300 };

enum fake_dns_mode {
    FAKE_DNS_ANSWERS,
    FAKE_DNS_SILENT,
    FAKE_DNS_FAILS,     /* SERVFAIL */
    FAKE_DNS_TRUNCATES, /* over UDP, with one address; TCP has all */
    FAKE_DNS_TRUNCATES_EMPTY,
    FAKE_DNS_LIES,    /* a wrong id, then a wrong question, then the answer */
    FAKE_DNS_GARBLES, /* the answer cut short, then one that points to itself, then noise */
    FAKE_DNS_ONLY_A,  /* silent about AAAA */
    FAKE_DNS_ONLY_AAAA,
};

struct fake_dns {
    struct net_addr addr;
    enum fake_dns_mode mode;
    bool tcp_breaks;
    uint32_t ttl_s;
    int udp_queries;
    int tcp_queries;
    uint16_t last_id;
    size_t count;
    struct {
        const char *name;
        const char *address;
    } names[FAKE_DNS_NAMES];
};

static inline void fake_dns_add(struct fake_dns *d, const char *name, const char *address)
{
    CHECK(d->count < FAKE_DNS_NAMES);
    d->names[d->count].name = name;
    d->names[d->count].address = address;
    d->count++;
}

/* Nothing is known of the name any more. */
static inline void fake_dns_forget(struct fake_dns *d, const char *name)
{
    size_t kept = 0;
    for (size_t i = 0; i < d->count; i++)
        if (strcmp(d->names[i].name, name) != 0)
            d->names[kept++] = d->names[i];
    d->count = kept;
}

/* The question's name as text. */
static inline void fake_dns_name(struct span query, char out[256])
{
    size_t at = 12;
    size_t len = 0;
    while (at < query.len && query.ptr[at] != 0) {
        size_t label = (uint8_t)query.ptr[at];
        CHECK(at + 1 + label < query.len && len + label + 1 < 256);
        memcpy(out + len, query.ptr + at + 1, label);
        len += label;
        out[len++] = '.';
        at += 1 + label;
    }
    out[len > 0 ? len - 1 : 0] = '\0';
}

static inline void fake_dns_answer(const struct fake_dns *d, struct span query, size_t most,
                                   unsigned flags, struct dns_builder *b)
{
    char name[256];
    bool exists = false;
    size_t given = 0;
    bool v4 = query.ptr[query.len - 3] == DNS_TYPE_A;
    fake_dns_name(query, name);
    dns_answer_to(b, query, flags);
    for (size_t i = 0; i < d->count; i++) {
        if (!span_equal_fold(span_str(d->names[i].name), span_str(name)))
            continue;
        exists = true;
        bool is_v4 =
            span_find_byte(span_str(d->names[i].address), ':') == strlen(d->names[i].address);
        if (is_v4 == v4 && given < most) {
            dns_put_address(b, NULL, d->names[i].address, d->ttl_s);
            given++;
        }
    }
    if (!exists)
        dns_answer_to(b, query, flags | 3);
}

static inline void fake_dns_lie(struct fake_dns *d, int handle, struct span query)
{
    struct dns_builder b;
    dns_answer_to(&b, query, DNS_RESPONSE);
    dns_put_address(
        &b, NULL,
        query.ptr[query.len - 3] == DNS_TYPE_A ? "203.0.113.66" : "2001:db8:bad::", d->ttl_s);
    b.bytes[0] ^= 0x40;
    fake_send(handle, dns_message(&b));
    b.bytes[0] ^= 0x40;
    b.bytes[13] ^= 0x01;
    fake_send(handle, dns_message(&b));
    fake_send(handle, SPAN("\x01"));
    fake_send(handle, SPAN_EMPTY);
}

static inline void fake_dns_garble(struct fake_dns *d, int handle, struct span query)
{
    struct dns_builder b;
    char noise[64];
    fake_dns_answer(d, query, FAKE_DNS_NAMES, DNS_RESPONSE, &b);
    fake_send(handle, span_of((const char *)b.bytes, query.len + fake_random() % 8));
    dns_answer_to(&b, query, DNS_RESPONSE);
    dns_put_u16(&b, 0xc000 | (unsigned)query.len);
    dns_put_u16(&b, DNS_TYPE_A);
    dns_count_answer(&b);
    fake_send(handle, dns_message(&b));
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (char)fake_random();
    memcpy(noise, query.ptr, 2); /* even with the right id */
    fake_send(handle, span_of(noise, sizeof noise));
}

static inline void fake_dns_on_udp(void *ctx, int handle, struct span query)
{
    struct fake_dns *d = ctx;
    struct dns_builder b;
    bool v4 = query.ptr[query.len - 3] == DNS_TYPE_A;
    unsigned flags = DNS_RESPONSE;
    size_t most = FAKE_DNS_NAMES;
    d->udp_queries++;
    d->last_id = (uint16_t)((uint8_t)query.ptr[0] << 8 | (uint8_t)query.ptr[1]);
    switch (d->mode) {
    case FAKE_DNS_SILENT:
        return;
    case FAKE_DNS_FAILS:
        dns_answer_to(&b, query, DNS_RESPONSE | 2);
        fake_send(handle, dns_message(&b));
        return;
    case FAKE_DNS_TRUNCATES:
    case FAKE_DNS_TRUNCATES_EMPTY:
        flags |= DNS_TC;
        most = d->mode == FAKE_DNS_TRUNCATES ? 1 : 0;
        break;
    case FAKE_DNS_LIES:
        fake_dns_lie(d, handle, query);
        break;
    case FAKE_DNS_GARBLES:
        fake_dns_garble(d, handle, query);
        return;
    case FAKE_DNS_ONLY_A:
    case FAKE_DNS_ONLY_AAAA:
        if (v4 != (d->mode == FAKE_DNS_ONLY_A))
            return;
        break;
    case FAKE_DNS_ANSWERS:
        break;
    }
    fake_dns_answer(d, query, most, flags, &b);
    fake_send(handle, dns_message(&b));
}

static inline void fake_dns_on_tcp(void *ctx, int handle, struct span unused)
{
    struct fake_dns *d = ctx;
    (void)unused;
    for (;;) {
        struct span in = fake_received(handle);
        size_t len = in.len < 2 ? 0 : (size_t)((uint8_t)in.ptr[0] << 8 | (uint8_t)in.ptr[1]);
        if (in.len < 2 || in.len < 2 + len)
            return;
        struct dns_builder b;
        d->tcp_queries++;
        fake_dns_answer(d, span_part(in, 2, len), FAKE_DNS_NAMES, DNS_RESPONSE, &b);
        fake_consume(handle, 2 + len);
        if (d->tcp_breaks) {
            fake_break(handle);
            return;
        }
        uint8_t frame[] = {(uint8_t)(b.len >> 8), (uint8_t)b.len};
        fake_send(handle, span_of((const char *)frame, sizeof frame));
        fake_send(handle, dns_message(&b));
    }
}

static inline void fake_dns_start(struct fake_dns *d, const char *address)
{
    memset(d, 0, sizeof *d);
    bool ok = net_addr_scan_host(span_str(address), &d->addr);
    CHECK(ok);
    d->addr.port = DNS_PORT;
    d->ttl_s = FAKE_DNS_TTL_S;
    fake_serve_udp(&d->addr, &(struct fake_service){.data = fake_dns_on_udp, .ctx = d});
    fake_serve(&d->addr, &(struct fake_service){.data = fake_dns_on_tcp, .ctx = d});
}

#endif
