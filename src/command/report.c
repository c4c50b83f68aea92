#include <errno.h>
#include <string.h>

#define REPORT_FLASH_MAX (UINT64_C(1) << 44)

#include "base/scan.h"
#include "command/command.h"
#include "command/report_print.h"
#include "command/report_wear.h"
#include "gateway/load.h"
#include "net/sys.h"

enum {
    REPORT_FILES_MAX = 32,
    REPORT_PATH_BYTES = 512,
};

struct report {
    struct report_style style;
    struct summary_options options;
    const char *config_path;
    const char *baseline;
    bool wear;
    int64_t flash_bytes;
    size_t file_count;
    const char *files[REPORT_FILES_MAX];
};

/* ---- the command line ---- */

static bool report_by(struct report *r, const char *names)
{
    struct span rest = span_str(names);
    struct span name;

    r->style.tables = 0;
    while (span_split(&rest, ',', &name)) {
        int by = 0;

        while (by < SUMMARY_TABLES &&
               !span_equal(span_str(summary_by_name((enum summary_by)by)), span_trim(name)))
            by++;
        if (by == SUMMARY_TABLES)
            return false;
        r->style.tables |= 1u << by;
    }
    return true;
}

/* 0, or the exit status. */
static int report_option(struct report *r, int argc, char **argv, int *at)
{
    const char *value = NULL;
    const char *option = argv[*at];
    bool wrong = false;

    if (strcmp(option, "--json") == 0) {
        r->style.form = REPORT_JSON;
    } else if (strcmp(option, "--csv") == 0) {
        r->style.form = REPORT_CSV;
    } else if (strcmp(option, "--wear") == 0) {
        r->wear = true;
    } else if (command_option(argc, argv, at, "--flash", &value, &wrong)) {
        uint64_t bytes;

        if (!wrong && (!scan_size(span_str(value), &bytes) || bytes > REPORT_FLASH_MAX))
            return command_wrong("no size such as 16M", value);
        r->flash_bytes = wrong ? 0 : (int64_t)bytes;
    } else if (command_option(argc, argv, at, "--since", &value, &wrong)) {
        if (!wrong && !command_day(value, false, &r->options.since_unix_ms))
            return command_wrong("no date such as 2026-01-31", value);
    } else if (command_option(argc, argv, at, "--until", &value, &wrong)) {
        if (!wrong && !command_day(value, true, &r->options.until_unix_ms))
            return command_wrong("no date such as 2026-01-31", value);
    } else if (command_option(argc, argv, at, "--by", &value, &wrong)) {
        if (!wrong && !report_by(r, value))
            return command_wrong("not of model, route, key, workload, day, label, tag, saving",
                                 value);
    } else if (!command_option(argc, argv, at, "--baseline", &r->baseline, &wrong) &&
               !command_option(argc, argv, at, "-c", &r->config_path, &wrong)) {
        if (option[0] == '-')
            return command_wrong("unknown argument", option);
        if (r->file_count == REPORT_FILES_MAX)
            return command_wrong("too many files at", option);
        r->files[r->file_count++] = option;
    }
    return wrong ? command_wrong("a value is missing behind", option) : 0;
}

/* ---- what is compared ---- */

static int64_t report_baseline(const void *ctx, const struct ledger_line *line)
{
    const struct model_settings *m = ctx;
    const struct usage u = {
        .input = line->input, .cached = line->cached, .output = line->output, .known = true};

    return m->free ? 0 : price_cost_pusd(&m->price, &u, line->time_unix_ms);
}

/* Its cached tokens at the price of others, as the configuration has them. */
static int64_t report_uncached(const void *ctx, const struct ledger_line *line)
{
    const struct model_settings *m = settings_find_model(ctx, line->used);
    struct price_set p;

    if (m == NULL || m->free)
        return line->cost_pusd;
    p = price_at(&m->price, line->input, line->time_unix_ms);
    return money_add(line->cost_pusd, money_times(line->cached, p.input_pusd) -
                                          money_times(line->cached, p.cached_input_pusd));
}

/* --baseline needs the model's prices, which stand in the configuration; so does a report without a
 * file need the ledger's name. */
static int report_configure(struct report *r, struct settings *s)
{
    struct serve_options o = {.config_path = r->config_path};
    const struct model_settings *compared;
    struct diag diag;

    if (r->config_path == NULL)
        return r->baseline != NULL ? command_wrong("--baseline needs -c FILE for the prices", NULL)
                                   : 0;
    diag_init(&diag, DIAG_WARN, 2);
    if (!load_settings(&o, s, &diag))
        return COMMAND_USAGE;
    if (r->file_count == 0)
        r->files[r->file_count++] = s->ledger.path;
    r->options.uncached_pusd = report_uncached;
    r->options.uncached_ctx = s;
    if (r->baseline == NULL)
        return 0;
    compared = settings_find_model(s, span_str(r->baseline));
    if (compared == NULL)
        return command_wrong("the configuration has no model", r->baseline);
    r->options.baseline_pusd = report_baseline;
    r->options.ctx = compared;
    return 0;
}

/* ---- the files ---- */

static int report_unreadable(const char *path, int result)
{
    struct diag diag;
    struct diag_line l;

    diag_init(&diag, DIAG_INFO, 2);
    diag_open(&diag, DIAG_ERROR, &l);
    fmt_str(&l.text, "report: ");
    fmt_visible(&l.text, span_str(path), 200);
    fmt_str(&l.text, ": ");
    fmt_str(&l.text, result == -EINVAL ? "this is no ledger" : sys_error_text(result));
    diag_close(&l);
    return COMMAND_FAILED;
}

/* The file and those that were rotated out of it, the oldest first. */
static int report_read(struct summary *s, const char *path)
{
    char name[REPORT_PATH_BYTES];
    int result;

    for (int64_t number = LEDGER_KEEP_MAX; number > 0; number--) {
        struct fmt f;

        fmt_init(&f, name, sizeof(name));
        ledger_file_name(path, number, &f);
        if (fmt_ok(&f))
            (void)summary_add_file(s, name); /* most are not there */
    }
    result = summary_add_file(s, path);
    return result < 0 ? report_unreadable(path, result) : 0;
}

int command_report(int argc, char **argv)
{
    struct report r = {.style = {.tables = REPORT_TABLES_USUAL}};
    struct settings settings;
    struct summary s;
    int wrong = 0;

    for (int i = 0; i < argc && wrong == 0; i++)
        wrong = report_option(&r, argc, argv, &i);
    memset(&settings, 0, sizeof(settings));
    if (wrong == 0)
        wrong = report_configure(&r, &settings);
    if (wrong != 0)
        return wrong;
    if (r.file_count == 0)
        return command_wrong("report needs the name of a ledger, or -c FILE", NULL);
    if (r.wear) {
        const struct report_wear w = {&settings, r.flash_bytes, r.file_count, r.files};

        return report_wear(&w);
    }
    summary_start(&s, &r.options);
    for (size_t i = 0; i < r.file_count && wrong == 0; i++)
        wrong = report_read(&s, r.files[i]);
    if (wrong != 0)
        return wrong;
    summary_sort(&s);
    return report_print(&s, &r.style) ? COMMAND_OK : COMMAND_FAILED;
}
