#include "command/report_print.h"

#include <string.h>

#include "base/money.h"
#include "command/command.h"
#include "json/write.h"

enum {
    REPORT_ROW_BYTES = 1024,
    REPORT_NAME_COLUMN = 24,
    REPORT_NUMBER_COLUMN = 11,
    REPORT_COUNT_COLUMN = 8,
    REPORT_DECIMALS = 6,
    REPORT_BAR_COLUMN = 20,
};

/* A line of its own: the sums of savings do not have it. */
#define REPORT_VENDOR "vendor prompt cache"

static bool is_wanted(const struct summary *s, const struct report_style *style, int by)
{
    const struct summary_table *t = &s->by[by];

    if ((style->tables & REPORT_TABLES_USUAL) == 0)
        return (style->tables >> by & 1) != 0;
    return t->count > 1 || (t->count == 1 && t->groups[0].name[0] != '\0');
}

static const char *shown_name(const struct summary_group *g)
{
    return g->name[0] != '\0' ? g->name : "-";
}

/* ---- for people ---- */

static void text_usd(struct fmt *f, int64_t pusd)
{
    char text[32];
    struct fmt usd;

    fmt_init(&usd, text, sizeof(text));
    fmt_usd_short(&usd, pusd, REPORT_DECIMALS);
    fmt_char(f, ' ');
    fmt_right(f, fmt_span(&usd), REPORT_NUMBER_COLUMN);
}

static bool text_row(const char *name, const struct summary_total *t, int64_t most_pusd)
{
    char text[REPORT_ROW_BYTES];
    struct fmt f;
    int64_t bar = 0;

    if (most_pusd > 0 && t->cost_pusd > 0)
        bar = (t->cost_pusd / (most_pusd / REPORT_BAR_COLUMN + 1)) + 1;
    fmt_init(&f, text, sizeof(text));
    fmt_left(&f, span_str(name), REPORT_NAME_COLUMN);
    fmt_char(&f, ' ');
    fmt_right_u64(&f, t->calls, REPORT_COUNT_COLUMN);
    fmt_char(&f, ' ');
    fmt_right_u64(&f, t->errors, REPORT_COUNT_COLUMN);
    fmt_char(&f, ' ');
    fmt_right_u64(&f, (uint64_t)t->input, REPORT_NUMBER_COLUMN);
    fmt_char(&f, ' ');
    fmt_right_u64(&f, (uint64_t)t->cached, REPORT_NUMBER_COLUMN);
    fmt_char(&f, ' ');
    fmt_right_u64(&f, (uint64_t)t->output, REPORT_NUMBER_COLUMN);
    text_usd(&f, t->cost_pusd);
    text_usd(&f, summary_saved_pusd(t));
    if (bar > 0)
        fmt_str(&f, "  ");
    fmt_fill(&f, '#', (size_t)bar);
    fmt_char(&f, '\n');
    return command_out(fmt_span(&f));
}

static bool text_head(const char *title)
{
    static const struct {
        const char *name;
        size_t width;
    } columns[] = {
        {"calls", REPORT_COUNT_COLUMN},      {"errors", REPORT_COUNT_COLUMN},
        {"in", REPORT_NUMBER_COLUMN},        {"cached", REPORT_NUMBER_COLUMN},
        {"out", REPORT_NUMBER_COLUMN},       {"cost USD", REPORT_NUMBER_COLUMN},
        {"saved USD", REPORT_NUMBER_COLUMN},
    };
    char text[REPORT_ROW_BYTES];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_char(&f, '\n');
    fmt_left(&f, span_str(title), REPORT_NAME_COLUMN);
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        fmt_char(&f, ' ');
        fmt_right(&f, span_str(columns[i].name), columns[i].width);
    }
    fmt_char(&f, '\n');
    return command_out(fmt_span(&f));
}

static bool text_table(const char *title, const struct summary_table *t)
{
    int64_t most_pusd = 0;

    for (size_t i = 0; i < t->count; i++)
        if (t->groups[i].total.cost_pusd > most_pusd)
            most_pusd = t->groups[i].total.cost_pusd;
    if (!text_head(title))
        return false;
    for (size_t i = 0; i < t->count; i++)
        if (!text_row(shown_name(&t->groups[i]), &t->groups[i].total, most_pusd))
            return false;
    return true;
}

static bool text_begin(const struct summary *s)
{
    char text[REPORT_ROW_BYTES];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    if (s->all.calls > 0) {
        fmt_str(&f, "from ");
        fmt_time_utc(&f, s->first_unix_ms);
        fmt_str(&f, " to ");
        fmt_time_utc(&f, s->last_unix_ms);
    } else {
        fmt_str(&f, "no calls");
    }
    fmt_str(&f, s->files == 1 ? ", 1 file\n" : ", ");
    if (s->files != 1) {
        fmt_u64(&f, s->files);
        fmt_str(&f, " files\n");
    }
    if (s->lines_damaged > 0) {
        fmt_str(&f, "damaged lines left out: ");
        fmt_u64(&f, s->lines_damaged);
        fmt_char(&f, '\n');
    }
    if (s->all.estimated > 0) {
        fmt_str(&f, "calls whose cost is an estimate: ");
        fmt_u64(&f, s->all.estimated);
        fmt_char(&f, '\n');
    }
    return command_out(fmt_span(&f));
}

static bool print_text(const struct summary *s, const struct report_style *style)
{
    if (!text_begin(s))
        return false;
    for (int by = 0; by < SUMMARY_TABLES; by++)
        if (is_wanted(s, style, by) &&
            !text_table(summary_by_name((enum summary_by)by), &s->by[by]))
            return false;
    return text_head("") && text_row("all", &s->all, 0) &&
           (s->vendor_cached.calls == 0 || text_row(REPORT_VENDOR, &s->vendor_cached, 0));
}

/* ---- for programs ---- */

static void json_total(struct json_write *w, const struct summary_total *t)
{
    const struct {
        const char *name;
        int64_t value;
    } counts[] = {
        {"calls", (int64_t)t->calls},         {"errors", (int64_t)t->errors},
        {"estimated", (int64_t)t->estimated}, {"input_tokens", t->input},
        {"cached_tokens", t->cached},         {"output_tokens", t->output},
        {"reasoning_tokens", t->reasoning},
    };

    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        json_write_key(w, counts[i].name);
        json_write_i64(w, counts[i].value);
    }
    json_write_key(w, "cost");
    json_write_usd(w, t->cost_pusd);
    json_write_key(w, "baseline");
    json_write_usd(w, t->baseline_pusd);
    json_write_key(w, "saved");
    json_write_usd(w, summary_saved_pusd(t));
}

/* One object, with what comes before and behind it: the whole is larger than any buffer. */
static bool json_group(const char *before, const char *name, const struct summary_total *t)
{
    char text[REPORT_ROW_BYTES];
    struct json_write w;
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, before);
    json_write_start(&w, &f);
    json_write_object(&w);
    if (name != NULL) {
        json_write_key(&w, "name");
        json_write_str(&w, name);
    }
    json_total(&w, t);
    json_write_object_end(&w);
    json_write_done(&w);
    return fmt_ok(&f) && command_out(fmt_span(&f));
}

static bool json_table(const char *before, const char *name, const struct summary_table *t)
{
    bool ok = command_out(span_str(before)) && command_out(SPAN("\"")) &&
              command_out(span_str(name)) && command_out(SPAN("\":["));

    for (size_t i = 0; i < t->count && ok; i++)
        ok = json_group(i > 0 ? ",\n  " : "\n  ", shown_name(&t->groups[i]), &t->groups[i].total);
    return ok && command_out(SPAN("]"));
}

static bool print_json(const struct summary *s, const struct report_style *style)
{
    char text[REPORT_ROW_BYTES];
    const char *before = "\n ";
    struct fmt f;
    bool ok;

    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, "{\"from\":\"");
    fmt_time_utc(&f, s->first_unix_ms);
    fmt_str(&f, "\",\"to\":\"");
    fmt_time_utc(&f, s->last_unix_ms);
    fmt_str(&f, "\",\"files\":");
    fmt_u64(&f, s->files);
    fmt_str(&f, ",\"damaged_lines\":");
    fmt_u64(&f, s->lines_damaged);
    fmt_str(&f, ",\n\"total\":");
    ok = command_out(fmt_span(&f)) && json_group("", NULL, &s->all) &&
         (s->options.uncached_pusd == NULL ||
          json_group(",\n\"vendor_prompt_cache\":", NULL, &s->vendor_cached)) &&
         command_out(SPAN(",\n\"by\":{"));
    for (int by = 0; by < SUMMARY_TABLES && ok; by++) {
        if (!is_wanted(s, style, by))
            continue;
        ok = json_table(before, summary_by_name((enum summary_by)by), &s->by[by]);
        before = ",\n ";
    }
    return ok && command_out(SPAN("}}\n"));
}

/* ---- for spreadsheets ---- */

/* RFC 4180: in quotes, quotes doubled; and nothing that a spreadsheet takes for a formula. */
static void csv_text(struct fmt *f, const char *text)
{
    fmt_char(f, '"');
    if (strchr("=+-@", text[0]) != NULL && text[0] != '\0' && text[1] != '\0')
        fmt_char(f, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fmt_char(f, '"');
        fmt_char(f, *text);
    }
    fmt_char(f, '"');
}

static bool csv_row(const char *by, const char *name, const struct summary_total *t)
{
    const int64_t counts[] = {(int64_t)t->calls, (int64_t)t->errors, (int64_t)t->estimated,
                              t->input,          t->cached,          t->output,
                              t->reasoning};
    char text[REPORT_ROW_BYTES];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, by);
    fmt_char(&f, ',');
    csv_text(&f, name);
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        fmt_char(&f, ',');
        fmt_i64(&f, counts[i]);
    }
    fmt_char(&f, ',');
    fmt_usd(&f, t->cost_pusd);
    fmt_char(&f, ',');
    fmt_usd(&f, t->baseline_pusd);
    fmt_str(&f, "\r\n");
    return fmt_ok(&f) && command_out(fmt_span(&f));
}

static bool print_csv(const struct summary *s, const struct report_style *style)
{
    bool ok = command_out(SPAN("by,name,calls,errors,estimated,input_tokens,cached_tokens,"
                               "output_tokens,reasoning_tokens,cost_usd,baseline_usd\r\n"));

    for (int by = 0; by < SUMMARY_TABLES && ok; by++) {
        const struct summary_table *t = &s->by[by];

        for (size_t i = 0; i < t->count && ok && is_wanted(s, style, by); i++)
            ok = csv_row(summary_by_name((enum summary_by)by), shown_name(&t->groups[i]),
                         &t->groups[i].total);
    }
    return ok && csv_row("total", "all", &s->all) &&
           (s->options.uncached_pusd == NULL || csv_row(REPORT_VENDOR, "all", &s->vendor_cached));
}

bool report_print(const struct summary *s, const struct report_style *style)
{
    switch (style->form) {
    case REPORT_TEXT:
        return print_text(s, style);
    case REPORT_JSON:
        return print_json(s, style);
    case REPORT_CSV:
        return print_csv(s, style);
    }
    return false;
}
