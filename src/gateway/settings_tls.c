/* settings_tls - the certificate and key of https listeners: there, good, and a pair. */
#include "gateway/secure.h"
#include "gateway/settings_check.h"

enum { TLS_WHY_BYTES = 512 };

static void tls_error(struct config_errors *errors, struct span file, const char *key,
                      const char *what)
{
    char text[TLS_WHY_BYTES];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, "[server] ");
    fmt_str(&f, key);
    fmt_str(&f, ": ");
    fmt_str(&f, what);
    config_error(errors, settings_line_of(file, span_str(key), 0), fmt_span(&f));
}

void settings_check_tls(const struct settings *s, struct span file, struct config_errors *errors)
{
    _Alignas(16) char storage[TLS_IDENTITY_BYTES];
    struct tls_identity *id = (struct tls_identity *)(void *)storage;
    const struct server_settings *server = &s->server;
    bool has_cert = server->tls_cert[0] != '\0';
    bool has_key = server->tls_key[0] != '\0';
    const char *at_fault;
    char why[TLS_WHY_BYTES];
    struct fmt f;

    if (has_cert != has_key) {
        tls_error(errors, file, has_cert ? "tls_cert" : "tls_key",
                  has_cert ? "needs its key: name it in tls_key"
                           : "needs its certificate: name it in tls_cert");
        return;
    }
    if (!settings_has_tls(server)) {
        /* Who names a certificate takes what comes for encrypted. */
        if (has_cert)
            tls_error(errors, file, "tls_cert",
                      "no listener speaks TLS: write listen = https://ADDRESS:PORT for those that "
                      "shall");
        return;
    }
    if (!has_cert) {
        tls_error(errors, file, "listen",
                  "https:// needs tls_cert and tls_key: `farthing cert NAME` makes a pair for a "
                  "LAN");
        return;
    }
    fmt_init(&f, why, sizeof(why) - 1);
    at_fault = secure_load(id, server, &f);
    if (at_fault != NULL)
        tls_error(errors, file, at_fault, fmt_cstr(&f));
    tls_identity_wipe(id);
}
