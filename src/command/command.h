/* command - the subcommands of `farthing`, one file each, and what they share.
 *
 * A command gets the arguments behind its name and gives the exit status: 0 well, 1 it failed, 2
 * the command line or the configuration is wrong. Output goes to standard output by write(2). */
#ifndef COMMAND_COMMAND_H
#define COMMAND_COMMAND_H

#include "base/fmt.h"

enum { COMMAND_OK = 0, COMMAND_FAILED = 1, COMMAND_USAGE = 2 };

struct command {
    const char *name;
    const char *arguments;
    const char *summary;
    int (*run)(int argc, char **argv);
};

int command_serve(int argc, char **argv);
int command_demo(int argc, char **argv);
int command_standin(int argc, char **argv);
int command_check(int argc, char **argv);
int command_probe(int argc, char **argv);
int command_key(int argc, char **argv);
int command_cert(int argc, char **argv);
int command_cache(int argc, char **argv);
int command_report(int argc, char **argv);
int command_tail(int argc, char **argv);
int command_simulate(int argc, char **argv);
int command_route(int argc, char **argv);
int command_eval(int argc, char **argv);
int command_train(int argc, char **argv);
int command_prices(int argc, char **argv);
int command_version(int argc, char **argv);
int command_help(int argc, char **argv);

extern const struct command commands[];
extern const size_t command_count;

/* False when it cannot be written (a closed pipe, a full disk). */
bool command_out(struct span text);
/* "farthing: WHAT 'ARGUMENT'" on standard error; gives COMMAND_USAGE. */
int command_wrong(const char *what, const char *argument);
/* An option with a value: true and *value when argv[*at] is it, with *at on the last word used;
 * *wrong is set when the value is missing. */
bool command_option(int argc, char **argv, int *at, const char *name, const char **value,
                    bool *wrong);

/* "2026-01-02", or the ledger's own form with a time. `end`: a day is meant with its evening. */
bool command_day(const char *text, bool end, int64_t *out_unix_ms);

#endif
