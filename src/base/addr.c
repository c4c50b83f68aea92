#include "base/addr.h"

#include <string.h>

#include "base/scan.h"

enum {
    IPV4_BYTES = 4,
    IPV6_BYTES = 16,
    IPV6_GROUPS = 8,
    IPV6_GROUP_DIGITS_MAX = 4,
    PORT_MAX = 65535,
    BYTE_MAX = 255,
};

/* RFC 4291 section 2.5.5.2: ::ffff:a.b.c.d means the IPv4 address. */
static const uint8_t mapped_prefix[IPV6_BYTES - IPV4_BYTES] = {0, 0, 0, 0, 0,    0,
                                                               0, 0, 0, 0, 0xff, 0xff};

/* Four decimal parts without leading zeros, which some programs would read as octal. */
static bool scan_ipv4(struct span s, uint8_t out[IPV4_BYTES])
{
    struct span part;
    size_t count = 0;
    while (span_split(&s, '.', &part)) {
        uint64_t value;
        bool zero_led = part.len > 1 && part.ptr[0] == '0';
        if (count == IPV4_BYTES || zero_led || !scan_u64(part, &value) || value > BYTE_MAX)
            return false;
        out[count++] = (uint8_t)value;
    }
    return count == IPV4_BYTES;
}

/* Colon-separated groups without "::", into out; the last may be dotted IPv4. Returns bytes, or -1.
 */
static int scan_groups(struct span s, uint8_t out[IPV6_BYTES], bool dotted_allowed)
{
    struct span part;
    int bytes = 0;
    if (s.len == 0)
        return 0;
    while (span_split(&s, ':', &part)) {
        bool is_last = s.ptr == NULL || s.len == 0;
        uint64_t value;
        if (span_find_byte(part, '.') < part.len) {
            if (!dotted_allowed || !is_last || bytes > IPV6_BYTES - IPV4_BYTES ||
                !scan_ipv4(part, out + bytes))
                return -1;
            bytes += IPV4_BYTES;
            continue;
        }
        if (bytes == IPV6_BYTES || part.len > IPV6_GROUP_DIGITS_MAX || !scan_hex(part, &value))
            return -1;
        out[bytes] = (uint8_t)(value >> 8);
        out[bytes + 1] = (uint8_t)(value & BYTE_MAX);
        bytes += 2;
    }
    return bytes;
}

static bool scan_ipv6(struct span s, uint8_t out[IPV6_BYTES])
{
    size_t gap = span_find(s, SPAN("::"));
    if (gap == s.len)
        return scan_groups(s, out, true) == IPV6_BYTES;
    uint8_t tail[IPV6_BYTES];
    struct span after = span_part(s, gap + 2, s.len);
    memset(out, 0, IPV6_BYTES);
    int head_bytes = scan_groups(span_part(s, 0, gap), out, false);
    int tail_bytes = scan_groups(after, tail, true);
    /* "::" stands for at least one group (RFC 5952 section 4.2.2 has it for two when printing). */
    if (head_bytes < 0 || tail_bytes < 0 || head_bytes + tail_bytes > IPV6_BYTES - 2)
        return false;
    memcpy(out + IPV6_BYTES - tail_bytes, tail, (size_t)tail_bytes);
    return true;
}

static bool is_mapped(const uint8_t bytes[IPV6_BYTES])
{
    return memcmp(bytes, mapped_prefix, sizeof mapped_prefix) == 0;
}

void net_addr_set_ipv4(struct net_addr *out, const uint8_t bytes[4])
{
    memset(out, 0, sizeof *out);
    out->family = NET_IPV4;
    memcpy(out->bytes, bytes, IPV4_BYTES);
}

void net_addr_set_ipv6(struct net_addr *out, const uint8_t bytes[16])
{
    if (is_mapped(bytes)) {
        net_addr_set_ipv4(out, bytes + sizeof mapped_prefix);
        return;
    }
    memset(out, 0, sizeof *out);
    out->family = NET_IPV6;
    memcpy(out->bytes, bytes, IPV6_BYTES);
}

bool net_addr_scan_host(struct span s, struct net_addr *out)
{
    uint8_t bytes[IPV6_BYTES];
    bool bracketed = s.len >= 2 && s.ptr[0] == '[' && s.ptr[s.len - 1] == ']';
    if (bracketed) {
        s = span_part(s, 1, s.len - 2);
    } else if (scan_ipv4(s, bytes)) {
        net_addr_set_ipv4(out, bytes);
        return true;
    }
    uint64_t scope = 0;
    size_t percent = span_find_byte(s, '%');
    if (percent < s.len) {
        struct span number = span_part(s, percent + 1, s.len);
        if (!scan_u64(number, &scope) || scope == 0 || scope > UINT32_MAX)
            return false;
        s = span_part(s, 0, percent);
    }
    if (!scan_ipv6(s, bytes))
        return false;
    net_addr_set_ipv6(out, bytes);
    out->scope = (uint32_t)scope;
    return true;
}

bool net_addr_scan(struct span s, struct net_addr *out)
{
    /* The port follows the last colon; an IPv6 address must be in brackets. */
    size_t colon = s.len;
    for (size_t i = 0; i < s.len; i++)
        colon = s.ptr[i] == ':' ? i : colon;
    uint64_t port;
    if (colon == s.len || !scan_u64(span_part(s, colon + 1, s.len), &port) || port > PORT_MAX)
        return false;
    struct span host = span_part(s, 0, colon);
    struct net_addr a;
    memset(&a, 0, sizeof a);
    if (host.len == 0)
        a.family = NET_IPV4;
    else if (host.ptr[0] != '[' && span_find_byte(host, ':') < host.len)
        return false;
    else if (!net_addr_scan_host(host, &a))
        return false;
    a.port = (uint16_t)port;
    *out = a;
    return true;
}

static unsigned group_at(const struct net_addr *a, size_t group)
{
    return (unsigned)a->bytes[2 * group] << 8 | a->bytes[2 * group + 1];
}

/* The longest run of at least two zero groups, the first of equals (RFC 5952 section 4.2). */
static size_t zero_run(const struct net_addr *a, size_t *run_len)
{
    size_t best = IPV6_GROUPS;
    size_t best_len = 1;
    size_t len = 0;
    for (size_t i = 0; i < IPV6_GROUPS; i++) {
        len = group_at(a, i) == 0 ? len + 1 : 0;
        if (len > best_len) {
            best_len = len;
            best = i + 1 - len;
        }
    }
    *run_len = best == IPV6_GROUPS ? 0 : best_len;
    return best;
}

static void fmt_ipv6(struct fmt *f, const struct net_addr *a)
{
    size_t run_len;
    size_t run = zero_run(a, &run_len);
    for (size_t i = 0; i < IPV6_GROUPS; i++) {
        if (i == run) {
            fmt_str(f, "::");
            i += run_len - 1;
            continue;
        }
        if (i > 0 && i != run + run_len)
            fmt_char(f, ':');
        fmt_hex(f, group_at(a, i), 1);
    }
    if (a->scope != 0) {
        fmt_char(f, '%');
        fmt_u64(f, a->scope);
    }
}

void net_addr_fmt_host(struct fmt *f, const struct net_addr *a)
{
    switch (a->family) {
    case NET_IPV4:
        for (size_t i = 0; i < IPV4_BYTES; i++) {
            if (i > 0)
                fmt_char(f, '.');
            fmt_u64(f, a->bytes[i]);
        }
        break;
    case NET_IPV6:
        fmt_ipv6(f, a);
        break;
    case NET_NONE:
        fmt_char(f, '-');
        break;
    }
}

void net_addr_fmt(struct fmt *f, const struct net_addr *a)
{
    if (a->family == NET_NONE) {
        net_addr_fmt_host(f, a);
        return;
    }
    if (a->family == NET_IPV6)
        fmt_char(f, '[');
    net_addr_fmt_host(f, a);
    if (a->family == NET_IPV6)
        fmt_char(f, ']');
    fmt_char(f, ':');
    fmt_u64(f, a->port);
}

static size_t address_bytes(const struct net_addr *a)
{
    return a->family == NET_IPV4 ? IPV4_BYTES : IPV6_BYTES;
}

bool net_addr_equal(const struct net_addr *a, const struct net_addr *b)
{
    if (a->family != b->family)
        return false;
    return a->family == NET_NONE || (a->port == b->port && a->scope == b->scope &&
                                     memcmp(a->bytes, b->bytes, address_bytes(a)) == 0);
}

struct network {
    enum net_family family;
    unsigned prefix_bits;
    uint8_t bytes[IPV6_BYTES];
};

static bool is_in(const struct net_addr *a, const struct network *n)
{
    if (a->family != n->family)
        return false;
    size_t whole = n->prefix_bits / 8;
    unsigned rest = n->prefix_bits % 8;
    unsigned mask = 0xff00u >> rest & 0xffu;
    return memcmp(a->bytes, n->bytes, whole) == 0 &&
           (rest == 0 || ((unsigned)(a->bytes[whole] ^ n->bytes[whole]) & mask) == 0);
}

static const struct network loopback_networks[] = {
    {NET_IPV4, 8, {127}},
    {NET_IPV6, 128, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}},
};

static const struct network private_networks[] = {
    {NET_IPV4, 8, {10}},          /* RFC 1918 */
    {NET_IPV4, 12, {172, 16}},    /* RFC 1918 */
    {NET_IPV4, 16, {192, 168}},   /* RFC 1918 */
    {NET_IPV4, 16, {169, 254}},   /* RFC 3927: link-local */
    {NET_IPV4, 10, {100, 64}},    /* RFC 6598: carrier-grade NAT, and overlay networks on it */
    {NET_IPV6, 7, {0xfc}},        /* RFC 4193 */
    {NET_IPV6, 10, {0xfe, 0x80}}, /* RFC 4291: link-local */
};

static bool is_in_any(const struct net_addr *a, const struct network *networks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_in(a, &networks[i]))
            return true;
    return false;
}

bool net_addr_is_loopback(const struct net_addr *a)
{
    return is_in_any(a, loopback_networks, sizeof loopback_networks / sizeof loopback_networks[0]);
}

bool net_addr_is_private(const struct net_addr *a)
{
    return net_addr_is_loopback(a) ||
           is_in_any(a, private_networks, sizeof private_networks / sizeof private_networks[0]);
}

bool net_addr_is_any(const struct net_addr *a)
{
    static const uint8_t zero[IPV6_BYTES];
    return a->family != NET_NONE && memcmp(a->bytes, zero, address_bytes(a)) == 0;
}
