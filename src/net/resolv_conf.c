#include "net/resolv_conf.h"

#include <string.h>

#include "base/ascii.h"
#include "net/dns_message.h"

/* Takes the next word off the line; false at its end. */
static bool next_word(struct span *line, struct span *word)
{
    size_t from = 0;
    while (from < line->len && ascii_is_blank(line->ptr[from]))
        from++;
    size_t to = from;
    while (to < line->len && !ascii_is_blank(line->ptr[to]))
        to++;
    *word = span_part(*line, from, to - from);
    *line = span_part(*line, to, line->len - to);
    return word->len > 0;
}

void resolv_conf_parse(struct span text, struct resolv_conf *out)
{
    struct span line;
    memset(out, 0, sizeof *out);
    while (out->count < RESOLV_CONF_SERVERS_MAX && span_split(&text, '\n', &line)) {
        struct span word;
        struct net_addr server;
        if (!next_word(&line, &word) || !span_equal(word, SPAN("nameserver")))
            continue;
        if (next_word(&line, &word) && net_addr_scan_host(word, &server)) {
            server.port = DNS_PORT;
            out->servers[out->count++] = server;
        }
    }
    if (out->count == 0) {
        static const uint8_t loopback[] = {127, 0, 0, 1};
        net_addr_set_ipv4(&out->servers[0], loopback);
        out->servers[0].port = DNS_PORT;
        out->count = 1;
    }
}

/* A name may be written with the dot that makes it absolute. */
static struct span without_last_dot(struct span name)
{
    bool dotted = name.len > 0 && name.ptr[name.len - 1] == '.';
    return span_part(name, 0, dotted ? name.len - 1 : name.len);
}

static void search_line(struct hosts_search *h, struct span line)
{
    struct span word;
    struct net_addr addr;
    line = span_part(line, 0, span_find_byte(line, '#'));
    if (h->count == HOSTS_ADDRS_MAX || !next_word(&line, &word) || !net_addr_scan_host(word, &addr))
        return;
    while (next_word(&line, &word)) {
        if (span_equal_fold(without_last_dot(word), h->host)) {
            h->addrs[h->count++] = addr;
            return;
        }
    }
}

void hosts_search_start(struct hosts_search *h, struct span host)
{
    memset(h, 0, sizeof *h);
    h->host = without_last_dot(host);
}

void hosts_search_feed(struct hosts_search *h, struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '\n')
            hosts_search_finish(h);
        else if (h->line_bytes < HOSTS_LINE_BYTES_MAX)
            h->line[h->line_bytes++] = text.ptr[i];
}

void hosts_search_finish(struct hosts_search *h)
{
    search_line(h, span_of(h->line, h->line_bytes));
    h->line_bytes = 0;
}
