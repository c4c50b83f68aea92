#include "gateway/load.h"

#include <stdlib.h>
#include <string.h>

#include "config/file.h"
#include "net/sys.h"

static void load_tell(void *ctx, struct span line)
{
    struct diag_line l;

    diag_open(ctx, DIAG_ERROR, &l);
    fmt_text(&l.text, line);
    diag_close(&l);
}

static const char *load_environment(const char *name)
{
    return getenv(name);
}

static bool load_file(const char *path, struct settings *s, struct config_errors *errors)
{
    char text[CONFIG_FILE_BYTES_MAX];
    size_t len = 0;
    int result = config_file_read(path, text, sizeof(text), &len);
    char what[256];
    struct fmt f;

    if (result == 0)
        return settings_read(s, span_of(text, len), load_environment, errors);
    fmt_init(&f, what, sizeof(what));
    fmt_str(&f, "cannot read the configuration: ");
    fmt_str(&f, sys_error_text(result));
    config_error(errors, 0, fmt_span(&f));
    return false;
}

/* Without a file: the vendors whose keys are there; the demo falls back to the stand-in. */
static bool load_without_file(const struct serve_options *o, struct settings *s, struct diag *d,
                              struct config_errors *errors)
{
    if (settings_from_environment(s, load_environment, errors)) {
        diag_say(d, DIAG_INFO, "no configuration file: using the vendor keys of the environment");
        diag_say(d, DIAG_INFO, "budget: 1 USD a day; a configuration file can set another");
        return true;
    }
    if (errors->count > 0)
        return false;
    if (!o->demo) {
        diag_say(d, DIAG_ERROR,
                 "no configuration: give one with -c FILE, set a vendor's key such as "
                 "OPENAI_API_KEY, or try `farthing demo`");
        return false;
    }
    errors->file = "(demo)";
    diag_say(d, DIAG_INFO, "demo: the vendor is an embedded stand-in, its prices are fictional");
    if (!settings_read(s, settings_demo_text(), load_environment, errors))
        return false;
    s->is_demo = true;
    return true;
}

static bool load_overrides(const struct serve_options *o, struct settings *s,
                           struct config_errors *errors)
{
    struct span path = o->ledger_path != NULL ? span_str(o->ledger_path) : SPAN_EMPTY;

    if (o->listen != NULL) {
        s->server.listen_count = 1;
        s->server.listen_tls[0] = false;
        if (!net_addr_scan(span_str(o->listen), &s->server.listen[0])) {
            config_error(errors, 0, SPAN("--listen takes ADDRESS:PORT, such as 127.0.0.1:8080"));
            return false;
        }
        if (!net_addr_is_private(&s->server.listen[0])) {
            config_error(errors, 0, SPAN("--listen takes a loopback or private address only"));
            return false;
        }
    }
    if (path.len >= sizeof(s->ledger.path)) {
        config_error(errors, 0, SPAN("--ledger: the path is too long"));
        return false;
    }
    if (o->ledger_path != NULL) {
        memcpy(s->ledger.path, path.ptr, path.len);
        s->ledger.path[path.len] = '\0';
    }
    return true;
}

bool load_settings(const struct serve_options *o, struct settings *s, struct diag *d)
{
    struct config_errors errors = {.tell = load_tell, .ctx = d};
    bool ok;

    errors.file = o->config_path != NULL ? o->config_path : "(environment)";
    if (o->config_path != NULL)
        ok = load_file(o->config_path, s, &errors);
    else
        ok = load_without_file(o, s, d, &errors);
    return ok && load_overrides(o, s, &errors);
}
