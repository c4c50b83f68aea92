#include <string.h>

#include "command/command.h"
#include "gateway/gateway.h"

static int serve_parse(int argc, char **argv, struct serve_options *o)
{
    for (int i = 0; i < argc; i++) {
        bool wrong = false;

        if (o->demo && strcmp(argv[i], "--play") == 0) {
            o->play = true;
            continue;
        }
        if (o->demo && strcmp(argv[i], "--quiet") == 0) {
            o->quiet = true;
            continue;
        }
        bool known = command_option(argc, argv, &i, "-c", &o->config_path, &wrong) ||
                     command_option(argc, argv, &i, "--config", &o->config_path, &wrong) ||
                     command_option(argc, argv, &i, "--listen", &o->listen, &wrong) ||
                     command_option(argc, argv, &i, "--ledger", &o->ledger_path, &wrong);

        if (wrong)
            return command_wrong("a value is missing behind", argv[i]);
        if (!known)
            return command_wrong("unknown argument", argv[i]);
    }
    return COMMAND_OK;
}

int command_serve(int argc, char **argv)
{
    struct serve_options o = {0};
    int status = serve_parse(argc, argv, &o);

    o.confine = true;
    return status != COMMAND_OK ? status : gateway_serve(&o);
}

int command_demo(int argc, char **argv)
{
    struct serve_options o = {.demo = true};
    int status = serve_parse(argc, argv, &o);

    o.confine = true;
    return status != COMMAND_OK ? status : gateway_serve(&o);
}

int command_standin(int argc, char **argv)
{
    const char *listen = "127.0.0.1:8081";

    for (int i = 0; i < argc; i++) {
        bool wrong = false;

        if (!command_option(argc, argv, &i, "--listen", &listen, &wrong))
            return command_wrong("unknown argument", argv[i]);
        if (wrong)
            return command_wrong("a value is missing behind", argv[i]);
    }
    return gateway_standin(listen);
}
