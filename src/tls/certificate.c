#include "tls/certificate.h"

#include "base/addr.h"
#include "tls/der.h"

enum {
    OID_BYTES = 5,
    NAME_BYTES_SHOWN = 255, /* of a DNS name: RFC 1035 has no longer ones */
};

/* With their tag and length. */
#define OID_COMMON_NAME  "\x06\x03\x55\x04\x03"
#define OID_ORGANISATION "\x06\x03\x55\x04\x0a"
#define OID_HOSTS        "\x06\x03\x55\x1d\x11"

/* What stands behind an object identifier, wherever that is: nothing is decided by it. */
static struct span behind(struct span der, const char *oid)
{
    return span_part(der, span_find(der, span_of(oid, OID_BYTES)) + OID_BYTES, der.len);
}

/* An element as it stands there, its tag and length included. */
static bool take_whole(struct span *rest, struct span *whole)
{
    struct span content;
    *whole = *rest;
    if (!der_take(rest, DER_SEQUENCE, &content))
        return false;
    whole->len -= rest->len;
    return true;
}

/* RFC 5280 section 4.1. */
bool tls_certificate_read(struct span der, struct tls_certificate *out)
{
    struct span all;
    struct span tbs;
    struct span skipped;
    if (!der_take(&der, DER_SEQUENCE, &all) || !der_take(&all, DER_SEQUENCE, &tbs))
        return false;
    (void)der_take(&tbs, DER_CONTEXT_0, &skipped); /* version */
    if (!der_take(&tbs, DER_INTEGER, &skipped) || !der_take(&tbs, DER_SEQUENCE, &skipped) ||
        !take_whole(&tbs, &out->issuer) || !der_take(&tbs, DER_SEQUENCE, &skipped) ||
        !take_whole(&tbs, &out->subject))
        return false;
    out->hosts = SPAN_EMPTY;
    tbs = behind(tbs, OID_HOSTS);
    (void)der_take(&tbs, DER_BOOLEAN, &skipped); /* critical */
    if (der_take(&tbs, DER_OCTETS, &all))
        (void)der_take(&all, DER_SEQUENCE, &out->hosts);
    return true;
}

void tls_certificate_fmt_name(struct span name, struct fmt *f)
{
    struct span common = behind(name, OID_COMMON_NAME);
    struct span rest = common.len > 0 ? common : behind(name, OID_ORGANISATION);
    struct span value = SPAN_EMPTY;
    uint8_t tag;
    (void)der_next(&rest, &tag, &value);
    fmt_visible(f, value, NAME_BYTES_SHOWN);
}

static void fmt_address(struct fmt *f, struct span bytes)
{
    struct net_addr a;
    if (bytes.len == 4)
        net_addr_set_ipv4(&a, (const uint8_t *)bytes.ptr);
    else if (bytes.len == sizeof a.bytes)
        net_addr_set_ipv6(&a, (const uint8_t *)bytes.ptr);
    else
        return;
    net_addr_fmt_host(f, &a);
}

void tls_certificate_fmt_hosts(struct span hosts, struct fmt *f)
{
    struct span one;
    uint8_t tag;
    bool first = true;
    while (der_next(&hosts, &tag, &one)) {
        if (tag != DER_DNS_NAME && tag != DER_IP_ADDRESS)
            continue;
        fmt_str(f, first ? "" : ", ");
        first = false;
        if (tag == DER_DNS_NAME)
            fmt_visible(f, one, NAME_BYTES_SHOWN);
        else
            fmt_address(f, one);
    }
}
