/* simulate - a ledger's traffic under another configuration (gateway/whatif.h). */
#include <errno.h>
#include <string.h>

#include "base/money.h"
#include "base/scan.h"
#include "command/command.h"
#include "gateway/load.h"
#include "gateway/whatif.h"
#include "ledger/disk.h"
#include "ledger/lines.h"
#include "net/sys.h"
#include "json/write.h"

enum {
    SIMULATE_BUFFER_BYTES = 65536,
    SIMULATE_ROW_BYTES = 512,
    SIMULATE_JSON_BYTES = 65536,
    SIMULATE_ROWS_MAX = 40, /* of a table; the dearest */
    SIMULATE_NAME_COLUMN = 26,
    SIMULATE_COUNT_COLUMN = 9,
    SIMULATE_MONEY_COLUMN = 14,
    SIMULATE_DECIMALS = 6,
};

struct simulate {
    const char *config_path;
    const char *from;
    bool json;
    int64_t pass_milli;
    struct summary_options options;
    struct whatif *whatif;
    uint64_t lines;
    uint64_t damaged;
    uint64_t line_number; /* in its file */
    bool is_ledger;
};

/* ---- the ledger ---- */

static bool simulate_line(void *ctx, struct span text)
{
    struct simulate *s = ctx;
    struct ledger_line line;

    if (++s->line_number == 1)
        s->is_ledger = span_equal(text, SPAN("#farthing-ledger 1"));
    else if (s->line_number > LEDGER_HEAD_LINES && ledger_line_read(&line, text)) {
        s->lines++;
        whatif_line(s->whatif, &line);
    } else if (s->line_number > LEDGER_HEAD_LINES) {
        s->damaged++;
    }
    return s->is_ledger;
}

static int simulate_file(struct simulate *s, int64_t number)
{
    char name[LEDGER_PATH_BYTES + 8];
    char buffer[SIMULATE_BUFFER_BYTES];
    int64_t torn_bytes;
    int64_t result;
    struct fmt f;
    int fd;

    fmt_init(&f, name, sizeof(name));
    ledger_file_name(s->from, number, &f);
    fd = fmt_ok(&f) ? disk_open_read(name) : -ENAMETOOLONG;
    if (fd < 0)
        return fd;
    s->line_number = 0;
    s->is_ledger = false;
    result = lines_each(fd, 0, buffer, sizeof(buffer), simulate_line, s, &torn_bytes);
    disk_close(fd);
    return result < 0 ? (int)result : s->is_ledger ? 0 : -EINVAL;
}

static int simulate_read(struct simulate *s)
{
    int result;

    for (int64_t number = LEDGER_KEEP_MAX; number > 0; number--)
        (void)simulate_file(s, number); /* most are not there */
    result = simulate_file(s, 0);
    if (result == 0)
        return COMMAND_OK;
    (void)command_wrong(result == -EINVAL ? "this is no ledger:" : sys_error_text(result), s->from);
    return COMMAND_FAILED;
}

/* ---- for people ---- */

static void row_usd(struct fmt *f, int64_t pusd)
{
    char text[32];
    struct fmt usd;

    fmt_init(&usd, text, sizeof(text));
    fmt_usd_short(&usd, pusd, SIMULATE_DECIMALS);
    fmt_right(f, fmt_span(&usd), SIMULATE_MONEY_COLUMN);
}

static bool print_row(const char *name, const struct summary_total *before,
                      const struct summary_total *after)
{
    char text[SIMULATE_ROW_BYTES];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_left(&f, span_str(name[0] != '\0' ? name : "-"), SIMULATE_NAME_COLUMN);
    fmt_right_u64(&f, before->calls, SIMULATE_COUNT_COLUMN);
    fmt_right_u64(&f, after->calls, SIMULATE_COUNT_COLUMN);
    row_usd(&f, before->cost_pusd);
    row_usd(&f, after->cost_pusd);
    row_usd(&f, summary_saved_pusd(before));
    row_usd(&f, summary_saved_pusd(after));
    fmt_char(&f, '\n');
    return command_out(fmt_span(&f));
}

static bool print_head(const char *title)
{
    static const struct {
        const char *name;
        size_t width;
    } columns[] = {
        {"calls", SIMULATE_COUNT_COLUMN},     {"then", SIMULATE_COUNT_COLUMN},
        {"cost USD", SIMULATE_MONEY_COLUMN},  {"then", SIMULATE_MONEY_COLUMN},
        {"saved USD", SIMULATE_MONEY_COLUMN}, {"then", SIMULATE_MONEY_COLUMN},
    };
    char text[SIMULATE_ROW_BYTES];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_char(&f, '\n');
    fmt_left(&f, span_str(title), SIMULATE_NAME_COLUMN);
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
        fmt_right(&f, span_str(columns[i].name), columns[i].width);
    fmt_char(&f, '\n');
    return command_out(fmt_span(&f));
}

static const struct summary_total *total_named(const struct summary_table *t, const char *name)
{
    static const struct summary_total none = {0};

    for (size_t i = 0; i < t->count; i++)
        if (strcmp(t->groups[i].name, name) == 0)
            return &t->groups[i].total;
    return &none;
}

/* Those of after, then those that only before has. */
static bool each_row(const struct whatif *w, enum summary_by by,
                     bool (*row)(void *ctx, const char *name, const struct summary_total *before,
                                 const struct summary_total *after),
                     void *ctx)
{
    const struct summary_table *before = &w->before.by[by];
    const struct summary_table *after = &w->after.by[by];
    size_t shown = 0;

    for (size_t i = 0; i < after->count && shown < SIMULATE_ROWS_MAX; i++, shown++)
        if (!row(ctx, after->groups[i].name, total_named(before, after->groups[i].name),
                 &after->groups[i].total))
            return false;
    for (size_t i = 0; i < before->count && shown < SIMULATE_ROWS_MAX; i++) {
        const char *name = before->groups[i].name;

        if (total_named(after, name)->calls > 0)
            continue;
        shown++;
        if (!row(ctx, name, &before->groups[i].total, total_named(after, name)))
            return false;
    }
    return true;
}

static bool print_one(void *ctx, const char *name, const struct summary_total *before,
                      const struct summary_total *after)
{
    (void)ctx;
    return print_row(name, before, after);
}

static void say_count(struct fmt *f, uint64_t count, const char *what)
{
    if (count == 0)
        return;
    fmt_u64(f, count);
    fmt_str(f, what);
}

static bool print_notes(const struct simulate *s)
{
    const struct whatif *w = s->whatif;
    char text[4096];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_char(&f, '\n');
    for (size_t i = 0; i < w->settings->budget_count; i++) {
        if (w->blocked[i].requests + w->blocked[i].rerouted == 0)
            continue;
        fmt_str(&f, "budget ");
        fmt_str(&f, w->settings->budgets[i].name);
        fmt_str(&f, ": ");
        say_count(&f, w->blocked[i].requests, " requests would have been refused, ");
        say_count(&f, w->blocked[i].rerouted, " would have taken the route of on_exceed, ");
        fmt_str(&f, "the first at ");
        fmt_time_utc(&f, w->blocked[i].first_unix_ms);
        fmt_char(&f, '\n');
    }
    say_count(&f, w->unplaced,
              " lines are of models that this configuration does not know: they "
              "keep their cost\n");
    say_count(&f, w->dropped, " calls were of tiers that there would be no more\n");
    say_count(&f, s->damaged, " damaged lines were left out\n");
    fmt_str(&f, "Assumed:\n");
    for (size_t i = 0; i < whatif_assumption_count; i++) {
        fmt_str(&f, "- ");
        fmt_str(&f, whatif_assumptions[i]);
        fmt_char(&f, '\n');
    }
    return command_out(fmt_span(&f));
}

static bool simulate_print(const struct simulate *s)
{
    const struct whatif *w = s->whatif;

    return print_head("model") && each_row(w, SUMMARY_MODEL, print_one, NULL) &&
           print_head("route") && each_row(w, SUMMARY_ROUTE, print_one, NULL) && print_head("") &&
           print_row("all", &w->before.all, &w->after.all) && print_notes(s);
}

/* ---- for machines ---- */

static void json_total(struct json_write *w, const char *key, const struct summary_total *t)
{
    json_write_key(w, key);
    json_write_object(w);
    json_write_key(w, "calls");
    json_write_i64(w, (int64_t)t->calls);
    json_write_key(w, "input");
    json_write_i64(w, t->input);
    json_write_key(w, "output");
    json_write_i64(w, t->output);
    json_write_key(w, "cost");
    json_write_usd(w, t->cost_pusd);
    json_write_key(w, "baseline");
    json_write_usd(w, t->baseline_pusd);
    json_write_key(w, "saved");
    json_write_usd(w, summary_saved_pusd(t));
    json_write_object_end(w);
}

static bool json_one(void *ctx, const char *name, const struct summary_total *before,
                     const struct summary_total *after)
{
    struct json_write *w = ctx;

    json_write_object(w);
    json_write_key(w, "name");
    json_write_str(w, name);
    json_total(w, "before", before);
    json_total(w, "after", after);
    json_write_object_end(w);
    return true;
}

static void json_blocked(struct json_write *w, const struct whatif *v)
{
    json_write_key(w, "blocked");
    json_write_array(w);
    for (size_t i = 0; i < v->settings->budget_count; i++) {
        char text[32];
        struct fmt f;

        if (v->blocked[i].requests + v->blocked[i].rerouted == 0)
            continue;
        json_write_object(w);
        json_write_key(w, "budget");
        json_write_str(w, v->settings->budgets[i].name);
        json_write_key(w, "requests");
        json_write_i64(w, (int64_t)v->blocked[i].requests);
        json_write_key(w, "rerouted");
        json_write_i64(w, (int64_t)v->blocked[i].rerouted);
        fmt_init(&f, text, sizeof(text));
        fmt_time_utc(&f, v->blocked[i].first_unix_ms);
        json_write_key(w, "first");
        json_write_text(w, fmt_span(&f));
        json_write_object_end(w);
    }
    json_write_array_end(w);
}

static bool simulate_json(const struct simulate *s)
{
    static const char *const tables[] = {"models", "routes"};
    static const enum summary_by bys[] = {SUMMARY_MODEL, SUMMARY_ROUTE};
    const struct whatif *v = s->whatif;
    char text[SIMULATE_JSON_BYTES];
    struct json_write w;
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    json_write_start(&w, &f);
    json_write_object(&w);
    json_total(&w, "before", &v->before.all);
    json_total(&w, "after", &v->after.all);
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        json_write_key(&w, tables[i]);
        json_write_array(&w);
        (void)each_row(v, bys[i], json_one, &w);
        json_write_array_end(&w);
    }
    json_blocked(&w, v);
    json_write_key(&w, "unplaced");
    json_write_i64(&w, (int64_t)v->unplaced);
    json_write_key(&w, "dropped");
    json_write_i64(&w, (int64_t)v->dropped);
    json_write_key(&w, "damaged");
    json_write_i64(&w, (int64_t)s->damaged);
    json_write_key(&w, "assumptions");
    json_write_array(&w);
    for (size_t i = 0; i < whatif_assumption_count; i++)
        json_write_str(&w, whatif_assumptions[i]);
    json_write_array_end(&w);
    json_write_object_end(&w);
    json_write_done(&w);
    fmt_char(&f, '\n');
    return fmt_ok(&f) && command_out(fmt_span(&f));
}

/* ---- the command line ---- */

static int simulate_option(struct simulate *s, int argc, char **argv, int *at)
{
    const char *option = argv[*at];
    const char *value = NULL;
    bool wrong = false;

    if (strcmp(option, "--json") == 0) {
        s->json = true;
    } else if (command_option(argc, argv, at, "--since", &value, &wrong)) {
        if (!wrong && !command_day(value, false, &s->options.since_unix_ms))
            return command_wrong("no date such as 2026-01-31", value);
    } else if (command_option(argc, argv, at, "--until", &value, &wrong)) {
        if (!wrong && !command_day(value, true, &s->options.until_unix_ms))
            return command_wrong("no date such as 2026-01-31", value);
    } else if (command_option(argc, argv, at, "--pass", &value, &wrong)) {
        if (!wrong && (!scan_milli(span_str(value), &s->pass_milli) || s->pass_milli < 0 ||
                       s->pass_milli > WHATIF_PASS_ALL_MILLI))
            return command_wrong("no share from 0 to 1", value);
    } else if (!command_option(argc, argv, at, "--from", &s->from, &wrong) &&
               !command_option(argc, argv, at, "-c", &s->config_path, &wrong)) {
        return command_wrong("unknown argument", option);
    }
    return wrong ? command_wrong("a value is missing behind", option) : 0;
}

int command_simulate(int argc, char **argv)
{
    struct simulate s = {.pass_milli = WHATIF_PASS_ALL_MILLI};
    struct settings settings;
    struct whatif whatif;
    struct diag diag;
    int wrong = 0;

    for (int i = 0; i < argc && wrong == 0; i++)
        wrong = simulate_option(&s, argc, argv, &i);
    if (wrong == 0 && (s.from == NULL || s.config_path == NULL))
        wrong = command_wrong("simulate needs --from LEDGER and -c FILE", NULL);
    if (wrong != 0)
        return wrong;
    const struct serve_options o = {.config_path = s.config_path};
    memset(&settings, 0, sizeof(settings));
    diag_init(&diag, DIAG_WARN, 2);
    if (!load_settings(&o, &settings, &diag))
        return COMMAND_USAGE;
    if (!whatif_start(&whatif, &settings, &s.options, s.pass_milli))
        return COMMAND_FAILED;
    s.whatif = &whatif;
    wrong = simulate_read(&s);
    if (wrong != COMMAND_OK)
        return wrong;
    summary_sort(&whatif.before);
    summary_sort(&whatif.after);
    return (s.json ? simulate_json(&s) : simulate_print(&s)) ? COMMAND_OK : COMMAND_FAILED;
}
