/* Any answer to one of four queries. The first byte picks the query; a flag in it has the header
 * and question set right, so that the records behind them are reached. */
#include <string.h>

#include "base/check.h"
#include "net/dns_message.h"
#include "net/resolv_conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MESSAGE_BYTES_MAX = 2048, FLAG_RIGHT_QUESTION = 0x80 };

static void look_at_files(struct span text)
{
    struct resolv_conf conf;
    struct hosts_search hosts;
    resolv_conf_parse(text, &conf);
    CHECK(conf.count >= 1 && conf.count <= RESOLV_CONF_SERVERS_MAX);
    hosts_search_start(&hosts, SPAN("a"));
    hosts_search_feed(&hosts, text);
    hosts_search_finish(&hosts);
    CHECK(hosts.count <= HOSTS_ADDRS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const hosts[] = {"a", "api.vendor.example"};
    uint8_t query[DNS_QUERY_BYTES_MAX];
    uint8_t message[MESSAGE_BYTES_MAX];
    struct dns_answer answer;
    if (size < 1 || size > sizeof message)
        return 0;
    look_at_files(span_of((const char *)data, size));
    enum dns_type type = (data[0] & 1) != 0 ? DNS_TYPE_A : DNS_TYPE_AAAA;
    size_t query_len = dns_build_query(hosts[(data[0] >> 1) & 1], type, 0x4142, query);
    size_t len = size - 1;
    memcpy(message, data + 1, len);
    if ((data[0] & FLAG_RIGHT_QUESTION) != 0 && len >= query_len) {
        uint8_t flags[2] = {message[2], message[3]};
        uint8_t counts[2] = {message[6], message[7]};
        memcpy(message, query, query_len);
        memcpy(message + 2, flags, sizeof flags);
        memcpy(message + 6, counts, sizeof counts);
        message[2] = (uint8_t)((message[2] & 0x07) | 0x80);
    }
    enum dns_verdict verdict = dns_parse_answer(span_of((const char *)message, len),
                                                span_of((const char *)query, query_len), &answer);
    CHECK(answer.count <= DNS_ADDRS_MAX);
    CHECK((verdict == DNS_ADDRESSES) == (answer.count > 0) || verdict == DNS_TRUNCATED);
    for (size_t i = 0; i < answer.count; i++) {
        CHECK(answer.addrs[i].family == NET_IPV4 || type == DNS_TYPE_AAAA);
        CHECK(answer.addrs[i].port == 0);
    }
    return 0;
}
