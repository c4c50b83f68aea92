#include <string.h>

#include "base/version.h"
#include "command/command.h"
#include "gateway/settings.h"
#include "llm/standin.h"

enum { HELP_TEXT_BYTES = 16384 };

static void help_commands(struct fmt *f)
{
    fmt_str(f, "farthing ");
    fmt_str(f, version_text());
    fmt_str(f, " - the smallest LLM gateway\n\nUsage: farthing COMMAND\n\n");
    for (size_t i = 0; i < command_count; i++) {
        fmt_str(f, "  ");
        fmt_left(f, span_str(commands[i].name), 9);
        fmt_left(f, span_str(commands[i].arguments), 33);
        fmt_char(f, ' ');
        fmt_str(f, commands[i].summary);
        fmt_char(f, '\n');
    }
    fmt_str(f,
            "\nSignals: TERM and INT stop orderly, HUP reads the configuration again, USR1 tells "
            "the memory map.\nExit status: 0 well, 1 failed, 2 wrong command line or "
            "configuration.\n");
}

int command_help(int argc, char **argv)
{
    char text[HELP_TEXT_BYTES];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    if (argc == 0)
        help_commands(&f);
    else if (strcmp(argv[0], "config") == 0)
        config_help(settings_sections, settings_section_count, &f);
    else if (strcmp(argv[0], "standin") == 0)
        standin_help(&f);
    else
        return command_wrong("there is no help on", argv[0]);
    return command_out(fmt_span(&f)) ? COMMAND_OK : COMMAND_FAILED;
}

int command_version(int argc, char **argv)
{
    char text[2048];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, "farthing ");
    fmt_str(&f, version_text());
    fmt_str(&f, " (");
    fmt_str(&f, version_board());
    fmt_str(&f, ")\n");
    if (argc > 0 && strcmp(argv[0], "--licenses") == 0)
        fmt_str(&f, "farthing        MIT  Copyright (c) 2026 the farthing authors\n"
                    "musl 1.2.5      MIT  Copyright (c) 2005-2020 Rich Felker, et al.\n"
                    "BearSSL 0.6     MIT  Copyright (c) 2016 Thomas Pornin\n"
                    "jsmn 1.1.0      MIT  Copyright (c) 2010 Serge A. Zaitsev\n"
                    "inih 59         New BSD  Copyright (c) 2009-2020 Ben Hoyt\n");
    else if (argc > 0)
        return command_wrong("unknown argument", argv[0]);
    return command_out(fmt_span(&f)) ? COMMAND_OK : COMMAND_FAILED;
}
