#include "command/command.h"

#include <string.h>

#include "net/sys.h"
#include "policy/keys.h"

enum { KEY_TEXT_BYTES = 1024 };

/* A name that a section's header can carry, and no address, which stands for itself in ledgers. */
static bool key_name_is_good(const char *name)
{
    struct net_addr address;
    size_t len = strlen(name);

    if (len == 0 || len > 40 || net_addr_scan_host(span_str(name), &address))
        return false;
    for (size_t i = 0; i < len; i++)
        if (name[i] <= ' ' || name[i] > '~' || strchr("[];#=\"", name[i]) != NULL)
            return false;
    return true;
}

int command_key(int argc, char **argv)
{
    uint8_t entropy[KEY_TOKEN_RANDOM_BYTES];
    uint8_t sha256[HASH_SHA256_BYTES];
    char text[KEY_TEXT_BYTES];
    struct fmt f;
    bool told;

    if (argc != 2 || strcmp(argv[0], "new") != 0)
        return command_wrong("key takes: new NAME", NULL);
    if (!key_name_is_good(argv[1]))
        return command_wrong("no name for a key (at most 40 letters, digits and -_.)", argv[1]);
    if (!sys_random(entropy, sizeof(entropy)))
        return COMMAND_FAILED;
    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, "# The token, shown only now; give it to the client as its API key:\n#   ");
    key_token_make(entropy, &f, sha256);
    fmt_str(&f, "\n# This belongs into the configuration:\n");
    fmt_str(&f, "[key ");
    fmt_str(&f, argv[1]);
    fmt_str(&f, "]\nsha256 = ");
    fmt_hex_bytes(&f, sha256, sizeof(sha256));
    fmt_char(&f, '\n');
    told = command_out(fmt_span(&f));
    explicit_bzero(text, sizeof(text));
    explicit_bzero(entropy, sizeof(entropy));
    return told ? COMMAND_OK : COMMAND_FAILED;
}
