#include "command/command.h"

#include <string.h>
#include <unistd.h>

#include "base/scan.h"

enum { COMMAND_DAY_MS = 86400000, COMMAND_DATE_LEN = 10 };

const struct command commands[] = {
    {"serve", "[-c FILE]",
     "run the gateway; without a file, with the vendor keys in the environment", command_serve},
    {"demo", "[--play | --quiet] [--listen ADDR] [--ledger FILE]",
     "run it with an embedded stand-in for a vendor; shows its savings once somebody opens the "
     "dashboard, at once, or never",
     command_demo},
    {"check", "-c FILE", "say all that is wrong with a configuration, or its memory map",
     command_check},
    {"probe", "[URL | UPSTREAM] [-c FILE]",
     "when it does not work: name, connection, TLS, key and models of an upstream, step by step",
     command_probe},
    {"key", "new NAME", "make a client's key: its token, and the section for the configuration",
     command_key},
    {"cert", "NAME... [--ip ADDRESS] [--out FOLDER] [--days N] [--force]",
     "make a self-signed certificate and its key for https listeners", command_cert},
    {"cache", "stat|clear [--route NAME] [-c FILE]",
     "what the running gateway keeps, or empty that; beyond loopback with the admin key in the "
     "environment as FARTHING_ADMIN_KEY",
     command_cache},
    {"report",
     "[--since DAY] [--until DAY] [--by TABLE,...] [--baseline MODEL] [--json | --csv] "
     "[--wear [--flash SIZE]] [-c FILE] [LEDGER...]",
     "what was spent and saved; with --wear what is written to flash in a day", command_report},
    {"tail", "[-n LINES] [--no-follow] [--key K] [--route R] [--model M] [-c FILE] [LEDGER]",
     "the newest calls, and those that come", command_tail},
    {"simulate", "--from LEDGER -c FILE [--pass SHARE] [--since DAY] [--until DAY] [--json]",
     "what that ledger's traffic would have cost with other prices, routes or budgets",
     command_simulate},
    {"route", "-c FILE [--curve] [FILE]",
     "explain what would be done with a prompt, a request body, or lines of them", command_route},
    {"eval", "KIND [-c FILE] [FILE]", "measure decisions on one's own data, a JSON object a line",
     command_eval},
    {"train",
     "[--difficulty [--keep PERCENT]] [--out FILE] [--test FILE] [--NAME NUMBER ...] FILE.jsonl",
     "learn a classifier's weights from labelled texts", command_train},
    {"prices", "FILE.json [MODEL...]",
     "[model] sections out of LiteLLM's price list, or the names in it", command_prices},
    {"standin", "[--listen ADDR]", "run only the stand-in vendor, on loopback", command_standin},
    {"version", "[--licenses]", "version, board, and what is built in", command_version},
    {"help", "[config | standin]", "this page, or a reference", command_help},
};
const size_t command_count = sizeof(commands) / sizeof(commands[0]);

static bool write_all(int fd, struct span text)
{
    while (text.len > 0) {
        ssize_t put = write(fd, text.ptr, text.len);

        if (put <= 0)
            return false;
        text = span_of(text.ptr + put, text.len - (size_t)put);
    }
    return true;
}

bool command_out(struct span text)
{
    return write_all(STDOUT_FILENO, text);
}

int command_wrong(const char *what, const char *argument)
{
    char text[256];
    struct fmt f;

    fmt_init(&f, text, sizeof(text) - 2);
    fmt_str(&f, "farthing: ");
    fmt_str(&f, what);
    if (argument != NULL) {
        fmt_str(&f, " '");
        fmt_visible(&f, span_str(argument), 60);
        fmt_char(&f, '\'');
    }
    fmt_str(&f, "; see `farthing help`");
    text[f.len] = '\n';
    (void)write_all(STDERR_FILENO, span_of(text, f.len + 1));
    return COMMAND_USAGE;
}

bool command_option(int argc, char **argv, int *at, const char *name, const char **value,
                    bool *wrong)
{
    if (strcmp(argv[*at], name) != 0)
        return false;
    *wrong = *at + 1 >= argc;
    if (!*wrong)
        *value = argv[++*at];
    return true;
}

bool command_day(const char *text, bool end, int64_t *out_unix_ms)
{
    bool is_day = strlen(text) == COMMAND_DATE_LEN;
    char whole[32];
    struct fmt f;

    fmt_init(&f, whole, sizeof(whole));
    fmt_str(&f, text);
    if (is_day)
        fmt_str(&f, "T00:00:00.000Z");
    if (!fmt_ok(&f) || !scan_time_utc(fmt_span(&f), out_unix_ms))
        return false;
    if (is_day && end)
        *out_unix_ms += COMMAND_DAY_MS;
    return true;
}
