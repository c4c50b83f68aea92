#include "tls/certificate.h"

#include "base/addr.h"
#include "tls/der.h"
#include "tls/trust.h"

enum { NAME_BYTES_SHOWN = 255 /* of a DNS name: RFC 1035 has no longer ones */ };

/* What the value of subjectAltName (OID 2.5.29.17) holds. */
static struct span find_hosts(struct span extensions)
{
    struct span one;
    while (der_take(&extensions, DER_SEQUENCE, &one)) {
        struct span oid;
        struct span skipped;
        struct span value;
        struct span hosts;
        if (!der_take(&one, DER_OID, &oid) || !span_equal(oid, SPAN("\x55\x1d\x11")))
            continue;
        (void)der_take(&one, DER_BOOLEAN, &skipped); /* critical */
        if (der_take(&one, DER_OCTETS, &value) && der_take(&value, DER_SEQUENCE, &hosts))
            return hosts;
    }
    return SPAN_EMPTY;
}

/* An element as it stands there, its tag and length included. */
static bool take_whole(struct span *rest, struct span *whole)
{
    const char *begin = rest->ptr;
    struct span content;
    if (!der_take(rest, DER_SEQUENCE, &content))
        return false;
    *whole = span_of(begin, (size_t)(rest->ptr - begin));
    return true;
}

static void read_dates(struct span der, struct tls_certificate *out)
{
    br_x509_decoder_context d;
    br_x509_decoder_init(&d, NULL, NULL);
    (void)tls_decoder_push(&d, der.ptr, der.len);
    out->begins_unix_s = tls_unix_s(d.notbefore_days, d.notbefore_seconds);
    out->ends_unix_s = tls_unix_s(d.notafter_days, d.notafter_seconds);
}

/* RFC 5280 section 4.1. */
bool tls_certificate_read(struct span der, struct tls_certificate *out)
{
    struct span rest = der;
    struct span all;
    struct span tbs;
    struct span skipped;
    uint8_t tag;
    *out = (struct tls_certificate){.hosts = SPAN_EMPTY};
    if (!der_take(&rest, DER_SEQUENCE, &all) || !der_take(&all, DER_SEQUENCE, &tbs))
        return false;
    (void)der_take(&tbs, DER_CONTEXT_0, &skipped); /* version */
    if (!der_take(&tbs, DER_INTEGER, &skipped) || !der_take(&tbs, DER_SEQUENCE, &skipped) ||
        !take_whole(&tbs, &out->issuer) || !der_take(&tbs, DER_SEQUENCE, &skipped) ||
        !take_whole(&tbs, &out->subject))
        return false;
    while (der_next(&tbs, &tag, &skipped))
        if (tag == DER_CONTEXT_3 && der_take(&skipped, DER_SEQUENCE, &all))
            out->hosts = find_hosts(all);
    read_dates(der, out);
    return true;
}

void tls_certificate_fmt_name(struct span name, struct fmt *f)
{
    struct span parts = SPAN_EMPTY;
    struct span set;
    struct span best = SPAN_EMPTY;
    (void)der_take(&name, DER_SEQUENCE, &parts);
    while (der_take(&parts, DER_SET, &set)) {
        struct span pair;
        struct span oid;
        struct span value;
        uint8_t tag;
        if (!der_take(&set, DER_SEQUENCE, &pair) || !der_take(&pair, DER_OID, &oid) ||
            !der_next(&pair, &tag, &value))
            continue;
        if (span_equal(oid, SPAN("\x55\x04\x03"))) { /* common name: 2.5.4.3 */
            best = value;
            break;
        }
        if (span_equal(oid, SPAN("\x55\x04\x0a"))) /* organisation: 2.5.4.10 */
            best = value;
    }
    fmt_visible(f, best, NAME_BYTES_SHOWN);
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
