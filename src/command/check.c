#include <string.h>

#include "base/version.h"
#include "command/command.h"
#include "gateway/load.h"
#include "gateway/sandbox.h"
#include "gateway/secure.h"
#include "net/sys.h"

enum {
    CHECK_TEXT_BYTES = 16384,
    CHECK_HEAD_BYTES = 4096, /* a certificate may have many names */
};

/* What the https listeners show, and what is to be done about it. */
static void check_certificate(const struct settings *s, struct fmt *out)
{
    _Alignas(16) char storage[TLS_IDENTITY_BYTES];
    struct tls_identity *id = (struct tls_identity *)(void *)storage;
    int64_t wall_ms = sys_wall_ms();
    char why[512];
    struct fmt f;
    const char *worry;

    if (wall_ms < version_build_unix_s() * 1000)
        wall_ms = version_build_unix_s() * 1000; /* a board whose clock is not set */
    fmt_init(&f, why, sizeof(why));
    fmt_str(out, "\ncertificate: ");
    if (secure_load(id, &s->server, &f) != NULL) {
        fmt_text(out, fmt_span(&f)); /* it was good a moment ago */
        return;
    }
    secure_fmt(id, wall_ms, out);
    worry = secure_worry(id, wall_ms);
    if (worry != NULL) {
        fmt_str(out, "\nwarning: it ");
        fmt_str(out, worry);
    }
    tls_identity_wipe(id);
}

static void check_summary(const struct settings *s, struct fmt *out)
{
    fmt_str(out, "the configuration is good: ");
    fmt_u64(out, s->upstream_count);
    fmt_str(out, " upstreams, ");
    fmt_u64(out, s->model_count);
    fmt_str(out, " models, ledger ");
    fmt_str(out, s->ledger.path);
    for (size_t i = 0; i < s->server.listen_count; i++) {
        fmt_str(out, s->server.listen_tls[i] ? "\nlistens on https://" : "\nlistens on http://");
        net_addr_fmt(out, &s->server.listen[i]);
    }
    if (settings_has_tls(&s->server))
        check_certificate(s, out);
    fmt_char(out, '\n');
    sandbox_report(s, out);
    fmt_char(out, '\n');
}

int command_check(int argc, char **argv)
{
    struct serve_options o = {0};
    struct settings settings;
    struct diag diag;
    char text[CHECK_TEXT_BYTES];
    struct fmt out;
    bool fits;

    for (int i = 0; i < argc; i++) {
        bool wrong = false;

        if (!command_option(argc, argv, &i, "-c", &o.config_path, &wrong) &&
            !command_option(argc, argv, &i, "--config", &o.config_path, &wrong))
            return command_wrong("unknown argument", argv[i]);
        if (wrong)
            return command_wrong("a value is missing behind", argv[i]);
    }
    diag_init(&diag, DIAG_INFO, 2);
    memset(&settings, 0, sizeof(settings));
    if (!load_settings(&o, &settings, &diag))
        return COMMAND_USAGE;
    fmt_init(&out, text, sizeof(text));
    fits = gateway_plan(&settings, &out);
    if (!fits) {
        struct diag_line l;

        diag_open(&diag, DIAG_ERROR, &l);
        fmt_text(&l.text, fmt_span(&out));
        diag_close(&l);
        return COMMAND_USAGE;
    }
    {
        char head[CHECK_HEAD_BYTES];
        struct fmt f;

        fmt_init(&f, head, sizeof(head));
        check_summary(&settings, &f);
        return command_out(fmt_span(&f)) && command_out(fmt_span(&out)) ? COMMAND_OK
                                                                        : COMMAND_FAILED;
    }
}
