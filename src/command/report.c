#include <string.h>
#include <unistd.h>

#include "base/money.h"
#include "command/command.h"
#include "ledger/summary.h"
#include "net/sys.h"

enum { REPORT_ROW_BYTES = 512, REPORT_NAME_COLUMN = 28, REPORT_COLUMN = 12, REPORT_DECIMALS = 6 };

static void report_usd(struct fmt *f, int64_t pusd)
{
    char text[32];
    struct fmt usd;

    fmt_init(&usd, text, sizeof(text));
    fmt_usd_short(&usd, pusd, REPORT_DECIMALS);
    fmt_char(f, ' ');
    fmt_right(f, fmt_span(&usd), REPORT_COLUMN);
}

static bool report_row(const char *name, const struct summary_total *t)
{
    const uint64_t columns[] = {t->calls,           t->errors,           t->estimated,
                                (uint64_t)t->input, (uint64_t)t->cached, (uint64_t)t->output};
    char text[REPORT_ROW_BYTES];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_left(&f, span_str(name[0] != '\0' ? name : "-"), REPORT_NAME_COLUMN);
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        fmt_char(&f, ' ');
        fmt_right_u64(&f, columns[i], i < 3 ? 9 : REPORT_COLUMN);
    }
    report_usd(&f, t->cost_pusd);
    report_usd(&f, money_add(t->baseline_pusd, -t->cost_pusd));
    fmt_char(&f, '\n');
    return command_out(fmt_span(&f));
}

static bool report_head(const char *title)
{
    static const char *const names[] = {"calls", "errors", "estimated", "in", "cached", "out"};
    char text[REPORT_ROW_BYTES];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_char(&f, '\n');
    fmt_left(&f, span_str(title), REPORT_NAME_COLUMN);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        fmt_char(&f, ' ');
        fmt_right(&f, span_str(names[i]), i < 3 ? 9 : REPORT_COLUMN);
    }
    fmt_str(&f, "     cost USD    saved USD\n");
    return command_out(fmt_span(&f));
}

static bool report_table(const char *title, const struct summary_table *t)
{
    if (!report_head(title))
        return false;
    for (size_t i = 0; i < t->count; i++)
        if (!report_row(t->groups[i].name, &t->groups[i].total))
            return false;
    return true;
}

static bool report_print(const struct summary *s)
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
    fmt_char(&f, '\n');
    if (s->lines_damaged > 0) {
        fmt_str(&f, "damaged lines left out: ");
        fmt_u64(&f, s->lines_damaged);
        fmt_char(&f, '\n');
    }
    return command_out(fmt_span(&f)) && report_table("model", &s->by_model) &&
           report_table("day (UTC)", &s->by_day) && report_head("") && report_row("all", &s->all);
}

static int report_unreadable(const char *path, int result)
{
    char text[REPORT_ROW_BYTES];
    struct fmt f;
    ssize_t put;

    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, "farthing report: ");
    fmt_visible(&f, span_str(path), 100);
    fmt_str(&f, ": ");
    fmt_str(&f, result == -22 ? "this is no ledger" : sys_error_text(result));
    fmt_char(&f, '\n');
    put = write(STDERR_FILENO, text, fmt_span(&f).len);
    return put < 0 ? COMMAND_FAILED : COMMAND_FAILED;
}

int command_report(int argc, char **argv)
{
    struct summary s;

    if (argc == 0)
        return command_wrong("report needs the name of a ledger", NULL);
    summary_start(&s);
    for (int i = 0; i < argc; i++) {
        int result;

        if (argv[i][0] == '-')
            return command_wrong("unknown argument", argv[i]);
        result = summary_add_file(&s, argv[i]);
        if (result < 0)
            return report_unreadable(argv[i], result);
    }
    summary_sort(&s);
    return report_print(&s) ? COMMAND_OK : COMMAND_FAILED;
}
