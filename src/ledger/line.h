/* line - one line of the ledger: a call or a cache hit, as text and back (DESIGN section 6).
 *
 * Tab-separated UTF-8, columns
 *   time id key route workload asked used tier in cached out reasoning cost baseline status ms
 * ttfb_ms tags label crc crc is the CRC-32 (8 hex digits) of the bytes of the line before it, the
 * last tab included. Empty texts are written "-". Tabs, line ends and other controls in names are
 * written as '_', so that a name can never break a line. */
#ifndef LEDGER_LINE_H
#define LEDGER_LINE_H

#include "base/fmt.h"

enum {
    LEDGER_HEAD_LINES = 2,        /* of each file, before the first call: ledger_head_write */
    LEDGER_LINE_BYTES_MAX = 1280, /* all columns at their longest, and the line end */
    LEDGER_ID_BYTES = 32,
    LEDGER_NAME_BYTES = 128,  /* key, route, asked, used: longer is cut */
    LEDGER_LABEL_BYTES = 256, /* words: the label, session=WORD, address=WORD */
};

enum ledger_tag {
    TAG_HIT = 1 << 0,
    TAG_NEAR = 1 << 1,
    TAG_COALESCED = 1 << 2,
    TAG_ROUTED = 1 << 3,
    TAG_TIER = 1 << 4, /* written "tierN" with the line's tier */
    TAG_ESCALATED = 1 << 5,
    TAG_FALLBACK = 1 << 6,
    TAG_COMPRESSED = 1 << 7,
    TAG_SUMMARIZED = 1 << 8,
    TAG_BATCHED = 1 << 9,
    TAG_STOPPED = 1 << 10,
    TAG_ABORTED = 1 << 11,
    TAG_CAPPED = 1 << 12,
    TAG_ESTIMATED = 1 << 13,
    TAG_RETRIED = 1 << 14,
    TAG_DEMO = 1 << 15,
};

struct ledger_line {
    int64_t time_unix_ms;
    struct span id;
    struct span key; /* name of the client key; empty = none */
    struct span route;
    struct span workload;
    struct span asked; /* model the client asked for */
    struct span used;  /* model that was called; empty for none */
    uint32_t tier;     /* 1 = first; 0 = no tiers */
    int64_t input;
    int64_t cached;
    int64_t output;
    int64_t reasoning;
    int64_t cost_pusd;
    int64_t baseline_pusd;
    int status; /* HTTP status of the upstream; 0 = none came */
    int64_t total_ms;
    int64_t first_byte_ms; /* -1 = none came, written "-" */
    uint32_t tags;
    struct span label;
};

/* Appends the line with its LF; false when it did not fit (never, with LEDGER_LINE_BYTES_MAX). */
bool ledger_line_write(const struct ledger_line *l, struct fmt *out);
/* One line without its LF. False when columns, numbers or crc are wrong. Spans point into text;
 * "-" reads as empty. */
bool ledger_line_read(struct ledger_line *l, struct span text);
/* "#farthing-ledger 1\n" and the line with the column names. */
void ledger_head_write(struct fmt *out);
const char *ledger_tag_name(uint32_t single_tag);

#endif
