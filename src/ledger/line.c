#include "ledger/line.h"

#include "base/check.h"
#include "base/hash.h"
#include "base/scan.h"

enum { LINE_COLUMNS = 20, LINE_TAGS = 16 };

static const char *const tag_names[LINE_TAGS] = {
    "hit",      "near",       "coalesced",  "routed",  "tier",    "escalated",
    "fallback", "compressed", "summarized", "batched", "stopped", "aborted",
    "capped",   "estimated",  "retried",    "demo",
};

const char *ledger_tag_name(uint32_t single_tag)
{
    for (int i = 0; i < LINE_TAGS; i++)
        if (single_tag == UINT32_C(1) << i)
            return tag_names[i];
    CHECK(false);
    return "";
}

void ledger_head_write(struct fmt *out)
{
    fmt_str(out, "#farthing-ledger 1\n"
                 "time\tid\tkey\troute\tworkload\tasked\tused\ttier\tin\tcached\tout\treasoning\t"
                 "cost\tbaseline\tstatus\tms\tttfb_ms\ttags\tlabel\tcrc\n");
}

/* ---- writing ---- */

static void line_text(struct fmt *out, struct span s, size_t max_bytes)
{
    s = span_part(s, 0, max_bytes);
    if (s.len == 0)
        fmt_char(out, '-');
    for (size_t i = 0; i < s.len; i++)
        fmt_char(out, (uint8_t)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f ? '_' : s.ptr[i]);
    fmt_char(out, '\t');
}

static void line_number(struct fmt *out, int64_t value)
{
    fmt_i64(out, value);
    fmt_char(out, '\t');
}

static void line_usd(struct fmt *out, int64_t pusd)
{
    fmt_usd(out, pusd);
    fmt_char(out, '\t');
}

static void line_tags(struct fmt *out, const struct ledger_line *l)
{
    bool first = true;

    for (int i = 0; i < LINE_TAGS; i++) {
        if ((l->tags >> i & 1) == 0)
            continue;
        fmt_str(out, first ? "" : ",");
        fmt_str(out, tag_names[i]);
        if (UINT32_C(1) << i == TAG_TIER)
            fmt_u64(out, l->tier);
        first = false;
    }
    fmt_str(out, first ? "-\t" : "\t");
}

bool ledger_line_write(const struct ledger_line *l, struct fmt *out)
{
    char text[LEDGER_LINE_BYTES_MAX];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_time_utc(&f, l->time_unix_ms);
    fmt_char(&f, '\t');
    line_text(&f, l->id, LEDGER_ID_BYTES);
    line_text(&f, l->key, LEDGER_NAME_BYTES);
    line_text(&f, l->route, LEDGER_NAME_BYTES);
    line_text(&f, l->workload, LEDGER_ID_BYTES);
    line_text(&f, l->asked, LEDGER_NAME_BYTES);
    line_text(&f, l->used, LEDGER_NAME_BYTES);
    line_number(&f, l->tier);
    line_number(&f, l->input);
    line_number(&f, l->cached);
    line_number(&f, l->output);
    line_number(&f, l->reasoning);
    line_usd(&f, l->cost_pusd);
    line_usd(&f, l->baseline_pusd);
    line_number(&f, l->status);
    line_number(&f, l->total_ms);
    if (l->first_byte_ms < 0)
        fmt_str(&f, "-\t");
    else
        line_number(&f, l->first_byte_ms);
    line_tags(&f, l);
    line_text(&f, l->label, LEDGER_LABEL_BYTES);
    fmt_hex(&f, hash_crc32(0, fmt_span(&f)), 8);
    fmt_char(&f, '\n');
    if (!fmt_ok(&f))
        return false;
    fmt_text(out, fmt_span(&f));
    return fmt_ok(out);
}

/* ---- reading ---- */

static struct span read_text(struct span s)
{
    return span_equal(s, SPAN("-")) ? SPAN_EMPTY : s;
}

static bool read_usd(struct span s, int64_t *out)
{
    bool negative = s.len > 0 && s.ptr[0] == '-';

    if (!scan_usd(negative ? span_part(s, 1, s.len) : s, out))
        return false;
    *out = negative ? -*out : *out;
    return true;
}

static bool read_tag(struct ledger_line *l, struct span tag)
{
    for (int i = 0; i < LINE_TAGS; i++) {
        uint64_t tier;

        if (span_equal(tag, span_str(tag_names[i])) ||
            (UINT32_C(1) << i == TAG_TIER && span_starts(tag, SPAN("tier")) &&
             scan_u64(span_part(tag, 4, tag.len), &tier))) {
            l->tags |= UINT32_C(1) << i;
            return true;
        }
    }
    return false;
}

static bool read_tags(struct ledger_line *l, struct span s)
{
    struct span tag;

    l->tags = 0;
    if (span_equal(s, SPAN("-")))
        return true;
    while (span_split(&s, ',', &tag))
        if (!read_tag(l, tag))
            return false;
    return true;
}

static bool read_count(struct span s, int64_t *out)
{
    return scan_i64(s, out) && *out >= 0;
}

static bool read_columns(struct ledger_line *l, const struct span *c)
{
    int64_t tier;
    int64_t status;

    l->id = read_text(c[1]);
    l->key = read_text(c[2]);
    l->route = read_text(c[3]);
    l->workload = read_text(c[4]);
    l->asked = read_text(c[5]);
    l->used = read_text(c[6]);
    l->label = read_text(c[18]);
    l->first_byte_ms = -1;
    if (!scan_time_utc(c[0], &l->time_unix_ms) || !read_count(c[7], &tier) ||
        !read_count(c[8], &l->input) || !read_count(c[9], &l->cached) ||
        !read_count(c[10], &l->output) || !read_count(c[11], &l->reasoning) ||
        !read_usd(c[12], &l->cost_pusd) || !read_usd(c[13], &l->baseline_pusd) ||
        !read_count(c[14], &status) || !read_count(c[15], &l->total_ms) || !read_tags(l, c[17]))
        return false;
    l->tier = (uint32_t)tier;
    l->status = (int)status;
    return span_equal(c[16], SPAN("-")) || read_count(c[16], &l->first_byte_ms);
}

bool ledger_line_read(struct ledger_line *l, struct span text)
{
    struct span columns[LINE_COLUMNS];
    struct span rest = text;
    size_t count = 0;
    uint64_t crc;

    if (text.len > LEDGER_LINE_BYTES_MAX)
        return false;
    while (count < LINE_COLUMNS && span_split(&rest, '\t', &columns[count]))
        count++;
    if (count != LINE_COLUMNS || rest.ptr != NULL)
        return false;
    if (columns[LINE_COLUMNS - 1].len != 8 || !scan_hex(columns[LINE_COLUMNS - 1], &crc) ||
        crc != hash_crc32(0, span_part(text, 0, text.len - 8)))
        return false;
    return read_columns(l, columns);
}
