#include "net/dns_message.h"

#include <arpa/nameser.h>
#include <netinet/in.h>
#include <resolv.h>
#include <string.h>

#include "base/check.h"

enum {
    HEADER_BYTES = 12,
    FLAGS_AT = 2,
    RCODE_AT = 3,
    QUESTIONS_AT = 4,
    ANSWERS_AT = 6,
    FLAG_RESPONSE = 0x80,
    FLAG_OPCODE = 0x78,
    FLAG_TRUNCATED = 0x02,
    RCODE_MASK = 0x0f,
    RCODE_OK = 0,
    RCODE_NO_NAME = 3,
    POINTER_MASK = 0xc0,
    CLASS_IN = 1,
    TYPE_CNAME = 5,
    TYPE_AND_CLASS_BYTES = 4,
    RECORD_FIXED_BYTES = 10, /* type, class, TTL, length of the data */
    IPV4_BYTES = 4,
    IPV6_BYTES = 16,
    NAME_BYTES = 1025, /* NS_MAXDNAME: every byte of 255 may be escaped by dn_expand */
};

/* One resource record; name and data are offsets into the message. */
struct record {
    size_t name_at;
    size_t data_at;
    size_t data_bytes;
    unsigned type;
    unsigned class_;
    uint32_t ttl_s;
};

static const uint8_t *bytes_of(struct span message)
{
    return (const uint8_t *)message.ptr;
}

static unsigned u16_at(struct span m, size_t at)
{
    const uint8_t *b = bytes_of(m) + at;
    return (unsigned)b[0] << 8 | b[1];
}

static uint32_t u32_at(struct span m, size_t at)
{
    return (uint32_t)u16_at(m, at) << 16 | u16_at(m, at + 2);
}

static bool is_host_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

static bool is_askable(struct span host)
{
    struct span label;
    if (host.len > 0 && host.ptr[host.len - 1] == '.')
        host.len--;
    if (host.len == 0 || host.len > DNS_NAME_CHARS_MAX)
        return false;
    while (span_split(&host, '.', &label)) {
        if (label.len == 0 || label.len > DNS_LABEL_CHARS_MAX)
            return false;
        for (size_t i = 0; i < label.len; i++)
            if (!is_host_char(label.ptr[i]))
                return false;
    }
    return true;
}

size_t dns_build_query(const char *host, enum dns_type type, uint16_t id,
                       uint8_t out[DNS_QUERY_BYTES_MAX])
{
    if (!is_askable(span_str(host)))
        return 0;
    int len =
        res_mkquery(QUERY, host, CLASS_IN, (int)type, NULL, 0, NULL, out, DNS_QUERY_BYTES_MAX);
    if (len < HEADER_BYTES)
        return 0;
    /* libc's id comes from the clock and could be guessed. */
    out[0] = (uint8_t)(id >> 8);
    out[1] = (uint8_t)id;
    return (size_t)len;
}

/* Steps over a name without following pointers; false when it leaves the message. */
static bool skip_name(struct span m, size_t *at)
{
    while (*at < m.len) {
        unsigned len = bytes_of(m)[*at];
        if ((len & POINTER_MASK) == POINTER_MASK) {
            *at += 2;
            return *at <= m.len;
        }
        if ((len & POINTER_MASK) != 0)
            return false;
        *at += 1 + len;
        if (len == 0)
            return true;
    }
    return false;
}

static bool read_record(struct span m, size_t *at, struct record *out)
{
    out->name_at = *at;
    if (!skip_name(m, at) || m.len - *at < RECORD_FIXED_BYTES)
        return false;
    out->type = u16_at(m, *at);
    out->class_ = u16_at(m, *at + 2);
    out->ttl_s = u32_at(m, *at + 4);
    out->data_bytes = u16_at(m, *at + 8);
    out->data_at = *at + RECORD_FIXED_BYTES;
    if (m.len - out->data_at < out->data_bytes)
        return false;
    if (out->ttl_s > INT32_MAX)
        out->ttl_s = 0; /* RFC 2181 section 8 */
    *at = out->data_at + out->data_bytes;
    return true;
}

static bool expand(struct span m, size_t at, char out[NAME_BYTES])
{
    const uint8_t *base = bytes_of(m);
    return dn_expand(base, base + m.len, base + at, out, NAME_BYTES) >= 0;
}

static bool names_equal(const char *a, const char *b)
{
    return span_equal_fold(span_str(a), span_str(b));
}

static void keep_address(struct span m, const struct record *r, enum dns_type type,
                         struct dns_answer *out)
{
    const uint8_t *data = bytes_of(m) + r->data_at;
    size_t wanted_bytes = type == DNS_TYPE_A ? IPV4_BYTES : IPV6_BYTES;
    if (r->data_bytes != wanted_bytes || out->count == DNS_ADDRS_MAX)
        return;
    struct net_addr *a = &out->addrs[out->count++];
    if (type == DNS_TYPE_A)
        net_addr_set_ipv4(a, data);
    else
        net_addr_set_ipv6(a, data);
    out->ttl_s = r->ttl_s < out->ttl_s ? r->ttl_s : out->ttl_s;
}

enum pass { PASS_DONE, PASS_AGAIN, PASS_BAD };

/* Looks through all answers for addresses of `name`; failing these, for a CNAME of it, which
 * becomes `name`, for another pass. */
static enum pass look_through(struct span m, size_t at, enum dns_type type, char name[NAME_BYTES],
                              struct dns_answer *out)
{
    size_t cname_at = 0;
    uint32_t cname_ttl_s = 0;
    unsigned records = u16_at(m, ANSWERS_AT);
    for (unsigned i = 0; i < records; i++) {
        struct record r;
        char owner[NAME_BYTES];
        if (!read_record(m, &at, &r) || !expand(m, r.name_at, owner))
            return PASS_BAD;
        if (r.class_ != CLASS_IN || !names_equal(owner, name))
            continue;
        if (r.type == (unsigned)type) {
            keep_address(m, &r, type, out);
        } else if (r.type == TYPE_CNAME && cname_at == 0) {
            cname_at = r.data_at;
            cname_ttl_s = r.ttl_s;
        }
    }
    if (out->count > 0 || cname_at == 0)
        return PASS_DONE;
    out->ttl_s = cname_ttl_s < out->ttl_s ? cname_ttl_s : out->ttl_s;
    return expand(m, cname_at, name) ? PASS_AGAIN : PASS_BAD;
}

/* False when a record is cut or malformed; what came before it is kept. */
static bool read_answers(struct span m, size_t at, enum dns_type type, struct dns_answer *out)
{
    char name[NAME_BYTES];
    if (!expand(m, HEADER_BYTES, name))
        return false;
    for (int i = 0; i <= DNS_CHAIN_MAX; i++) {
        enum pass pass = look_through(m, at, type, name, out);
        if (pass != PASS_AGAIN)
            return pass == PASS_DONE;
    }
    return true; /* a chain without end has no address */
}

/* Same id, a response, and the question as it was asked, but for the case of letters. */
static bool answers_query(struct span m, struct span query)
{
    if (m.len < query.len || u16_at(m, 0) != u16_at(query, 0) || u16_at(m, QUESTIONS_AT) != 1)
        return false;
    unsigned flags = bytes_of(m)[FLAGS_AT];
    if ((flags & FLAG_RESPONSE) == 0 || (flags & FLAG_OPCODE) != 0)
        return false;
    size_t fixed_at = query.len - TYPE_AND_CLASS_BYTES;
    size_t name_bytes = fixed_at - HEADER_BYTES;
    return span_equal_fold(span_part(m, HEADER_BYTES, name_bytes),
                           span_part(query, HEADER_BYTES, name_bytes)) &&
           span_equal(span_part(m, fixed_at, TYPE_AND_CLASS_BYTES),
                      span_part(query, fixed_at, TYPE_AND_CLASS_BYTES));
}

enum dns_verdict dns_parse_answer(struct span message, struct span query, struct dns_answer *out)
{
    CHECK(query.len > HEADER_BYTES + TYPE_AND_CLASS_BYTES);
    out->count = 0;
    out->ttl_s = UINT32_MAX;
    if (message.len < HEADER_BYTES || !answers_query(message, query))
        return DNS_NOT_OURS;
    unsigned rcode = bytes_of(message)[RCODE_AT] & RCODE_MASK;
    if (rcode == RCODE_NO_NAME)
        return DNS_NO_NAME;
    if (rcode != RCODE_OK)
        return DNS_SERVER_FAILED;
    enum dns_type type = (enum dns_type)u16_at(query, query.len - TYPE_AND_CLASS_BYTES);
    bool is_whole = read_answers(message, query.len, type, out);
    if ((bytes_of(message)[FLAGS_AT] & FLAG_TRUNCATED) != 0)
        return DNS_TRUNCATED;
    if (!is_whole) {
        out->count = 0;
        return DNS_NOT_OURS;
    }
    return out->count > 0 ? DNS_ADDRESSES : DNS_EMPTY;
}
