/* dns_builder - DNS answers for tests, byte by byte, right or wrong on purpose. */
#ifndef SIM_DNS_BUILDER_H
#define SIM_DNS_BUILDER_H

#include <string.h>

#include "base/check.h"
#include "net/dns_message.h"

enum {
    DNS_BUILDER_BYTES = 4096,
    DNS_OWNER_AT_QUESTION = 12, /* the pointer that most answers use */
    DNS_RESPONSE = 0x8180,      /* a response to a recursive query, no error */
    DNS_TC = 0x0200,
};

struct dns_builder {
    uint8_t bytes[DNS_BUILDER_BYTES];
    size_t len;
};

static inline void dns_put(struct dns_builder *b, const void *bytes, size_t len)
{
    CHECK(b->len + len <= sizeof b->bytes);
    memcpy(b->bytes + b->len, bytes, len);
    b->len += len;
}

static inline void dns_put_u16(struct dns_builder *b, unsigned value)
{
    uint8_t bytes[] = {(uint8_t)(value >> 8), (uint8_t)value};
    dns_put(b, bytes, sizeof bytes);
}

static inline void dns_put_u32(struct dns_builder *b, uint32_t value)
{
    dns_put_u16(b, value >> 16);
    dns_put_u16(b, value & 0xffff);
}

/* "a.b" as labels, with the root at the end. */
static inline void dns_put_name(struct dns_builder *b, const char *name)
{
    struct span rest = span_str(name);
    struct span label;
    while (rest.len > 0 && span_split(&rest, '.', &label)) {
        uint8_t len = (uint8_t)label.len;
        dns_put(b, &len, 1);
        dns_put(b, label.ptr, label.len);
    }
    dns_put(b, "", 1);
}

/* Header and question copied from the query. */
static inline void dns_answer_to(struct dns_builder *b, struct span query, unsigned flags)
{
    b->len = 0;
    dns_put(b, query.ptr, query.len);
    b->bytes[2] = (uint8_t)(flags >> 8);
    b->bytes[3] = (uint8_t)flags;
}

static inline void dns_count_answer(struct dns_builder *b)
{
    b->bytes[7]++;
}

/* The fixed part of a record, up to its data's length. owner NULL: the name of the question. */
static inline void dns_put_record(struct dns_builder *b, const char *owner, unsigned type,
                                  uint32_t ttl_s, size_t data_bytes)
{
    if (owner == NULL)
        dns_put_u16(b, 0xc000 | DNS_OWNER_AT_QUESTION);
    else
        dns_put_name(b, owner);
    dns_put_u16(b, type);
    dns_put_u16(b, 1);
    dns_put_u32(b, ttl_s);
    dns_put_u16(b, (unsigned)data_bytes);
    dns_count_answer(b);
}

static inline void dns_put_address(struct dns_builder *b, const char *owner, const char *address,
                                   uint32_t ttl_s)
{
    struct net_addr a;
    bool ok = net_addr_scan_host(span_str(address), &a);
    CHECK(ok);
    bool v4 = a.family == NET_IPV4;
    dns_put_record(b, owner, v4 ? DNS_TYPE_A : DNS_TYPE_AAAA, ttl_s, v4 ? 4 : 16);
    dns_put(b, a.bytes, v4 ? 4 : 16);
}

static inline void dns_put_cname(struct dns_builder *b, const char *owner, const char *target,
                                 uint32_t ttl_s)
{
    dns_put_record(b, owner, 5, ttl_s, strlen(target) + 2);
    dns_put_name(b, target);
}

static inline struct span dns_message(const struct dns_builder *b)
{
    return span_of((const char *)b->bytes, b->len);
}

#endif
