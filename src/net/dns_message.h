/* dns_message - queries for the addresses of a name, and the answers to them (RFC 1035, RFC 3596).
 *
 * Pure: bytes to bytes. An answer is believed only if its id and its question are those of the
 * query, which it is given again. CNAME records are followed inside the answer, in any order, at
 * most DNS_CHAIN_MAX of them. libc's res_mkquery and dn_expand do the names: they keep no state
 * and, in musl, link nothing that allocates. */
#ifndef NET_DNS_MESSAGE_H
#define NET_DNS_MESSAGE_H

#include "base/addr.h"

enum {
    DNS_PORT = 53,
    DNS_NAME_CHARS_MAX = 253,     /* as text, without a dot at the end: 255 bytes on the wire */
    DNS_LABEL_CHARS_MAX = 63,     /* RFC 1035 section 2.3.4 */
    DNS_QUERY_BYTES_MAX = 272,    /* header 12, name 255, type and class 4, rounded up */
    DNS_MESSAGE_BYTES_MAX = 1232, /* over TCP, too: room for 40 IPv6 addresses */
    DNS_ADDRS_MAX = 8,            /* of one family; more are not looked at */
    DNS_CHAIN_MAX = 8,            /* CNAMEs in a row; content networks use up to four */
};

enum dns_type { DNS_TYPE_A = 1, DNS_TYPE_AAAA = 28 };

enum dns_verdict {
    DNS_ADDRESSES,     /* at least one */
    DNS_EMPTY,         /* the name exists, but has no such address */
    DNS_NO_NAME,       /* NXDOMAIN */
    DNS_TRUNCATED,     /* ask again over TCP; addresses that did fit are there */
    DNS_SERVER_FAILED, /* SERVFAIL, REFUSED and the like: another server may know */
    DNS_NOT_OURS,      /* malformed, or no answer to this query: to be ignored */
};

struct dns_answer {
    struct net_addr addrs[DNS_ADDRS_MAX]; /* ports 0 */
    size_t count;
    uint32_t ttl_s; /* the least of the records used; UINT32_MAX when none was */
};

/* Returns the length, or 0 when host is no name that can be asked for (letters, digits, '-', '_' in
 * labels of 1..63 characters, with or without the dot at the end). */
size_t dns_build_query(const char *host, enum dns_type type, uint16_t id,
                       uint8_t out[DNS_QUERY_BYTES_MAX]);
enum dns_verdict dns_parse_answer(struct span message, struct span query, struct dns_answer *out);

#endif
