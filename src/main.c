#include <string.h>

#include "command/command.h"

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "help";

    if (strcmp(name, "-h") == 0 || strcmp(name, "--help") == 0)
        return command_help(0, argv);
    if (strcmp(name, "-V") == 0 || strcmp(name, "--version") == 0)
        return command_version(0, argv);
    for (size_t i = 0; i < command_count; i++) {
        if (strcmp(commands[i].name, name) != 0)
            continue;
        if (argc > 2 && (strcmp(argv[2], "-h") == 0 || strcmp(argv[2], "--help") == 0))
            return command_help(0, argv);
        return commands[i].run(argc > 2 ? argc - 2 : 0, argv + 2);
    }
    return command_wrong("there is no command", name);
}
