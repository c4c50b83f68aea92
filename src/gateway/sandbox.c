#include "gateway/sandbox.h"

#include <string.h>

#include "config/file.h"
#include "net/landlock.h"
#include "net/seccomp.h"
#include "net/sys.h"
#include "net/user.h"

enum {
    SANDBOX_PASSWD_BYTES = 64 * 1024, /* a thousand accounts; a longer file is read so far */
    SANDBOX_FOLDERS_MAX = 2,
};

#define SANDBOX_USER "farthing" /* whom the packages make */

struct names {
    char passwd[SANDBOX_PASSWD_BYTES];
    char group[SANDBOX_PASSWD_BYTES];
    size_t passwd_len;
    size_t group_len;
};

static bool find_user(const char *name, struct user_ids *out)
{
    struct names n = {.passwd_len = 0};

    if (config_file_read("/etc/passwd", n.passwd, sizeof(n.passwd), &n.passwd_len) != 0)
        n.passwd_len = 0;
    if (config_file_read("/etc/group", n.group, sizeof(n.group), &n.group_len) != 0)
        n.group_len = 0;
    return user_read(span_of(n.passwd, n.passwd_len), span_of(n.group, n.group_len), span_str(name),
                     out);
}

/* The folder of a file's path, NUL-terminated. */
static const char *folder_of(const char *path, char *out, size_t out_bytes)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash != NULL ? (size_t)(slash - path) : 0;

    if (slash == NULL)
        return ".";
    if (len == 0)
        return "/";
    if (len >= out_bytes)
        return NULL;
    memcpy(out, path, len);
    out[len] = '\0';
    return out;
}

struct folders {
    size_t count;
    const char *names[SANDBOX_FOLDERS_MAX];
    char storage[SANDBOX_FOLDERS_MAX][LEDGER_PATH_BYTES];
};

static void add_folder(struct folders *f, const char *path)
{
    const char *name;

    if (path[0] == '\0')
        return;
    name = folder_of(path, f->storage[f->count], sizeof(f->storage[0]));
    if (name != NULL)
        f->names[f->count++] = name;
}

/* Where a gateway writes: the ledger with what lies beside it, and the cache's snapshot. */
static void find_folders(const struct settings *s, struct folders *f)
{
    f->count = 0;
    add_folder(f, s->ledger.path);
    add_folder(f, s->cache_on ? s->cache.snapshot : "");
}

/* ---- becoming somebody else ---- */

struct warner {
    struct diag *diag;
    const char *user;
};

static void warn_of(const struct warner *w, const char *what, const char *path, const char *chown)
{
    struct diag_line l;

    diag_open(w->diag, DIAG_WARN, &l);
    fmt_str(&l.text, "the user ");
    fmt_str(&l.text, w->user);
    fmt_str(&l.text, what);
    fmt_str(&l.text, path);
    fmt_str(&l.text, chown);
    fmt_str(&l.text, w->user);
    fmt_char(&l.text, ' ');
    fmt_str(&l.text, path);
    diag_close(&l);
}

static void warn_written(const struct warner *w, const char *path)
{
    if (path[0] != '\0' && !user_may_open(path, true))
        warn_of(w, " may not write ", path, ": chown ");
}

static void warn_read(const struct warner *w, const char *path)
{
    if (path[0] != '\0' && !user_may_open(path, false))
        warn_of(w, " may not read ", path, ", a reload will fail: chown ");
}

void sandbox_warn(const struct settings *s, const char *config_path, const char *user,
                  struct diag *d)
{
    const struct warner w = {d, user};
    struct folders f;

    find_folders(s, &f);
    for (size_t i = 0; i < f.count; i++)
        if (!user_may_write(f.names[i]))
            warn_of(&w, " may not write in ", f.names[i], ": chown -R ");
    warn_written(&w, s->ledger.path);
    warn_written(&w, s->cache_on ? s->cache.snapshot : "");
    warn_read(&w, config_path != NULL ? config_path : "");
    warn_read(&w, s->server.tls_cert);
    warn_read(&w, s->server.tls_key);
    for (size_t i = 0; i < s->upstream_count; i++)
        warn_read(&w, s->upstreams[i].key_file);
}

bool sandbox_become(struct gateway *g, struct fmt *why)
{
    const char *wanted = g->current->settings.server.user;
    const char *name = wanted[0] != '\0' ? wanted : SANDBOX_USER;
    struct user_ids ids;
    int result;

    /* A demo, or keys of the environment: tried out in a folder of the owner's. */
    if (!user_is_root() || (wanted[0] == '\0' && (g->current->settings.is_demo ||
                                                  g->current->settings.from_environment)))
        return true;
    if (!find_user(name, &ids)) {
        if (wanted[0] == '\0') {
            diag_say(&g->diag, DIAG_WARN,
                     "runs as root: make a user farthing, or name one with [server] user");
            return true;
        }
        fmt_str(why, "[server] user: there is no such user or group: ");
        fmt_str(why, wanted);
        return false;
    }
    result = user_become(&ids);
    if (result == 0) {
        sandbox_warn(&g->current->settings, g->options->config_path, name, &g->diag);
        return true;
    }
    fmt_str(why, "cannot become the user ");
    fmt_str(why, name);
    fmt_str(why, ": ");
    fmt_str(why, sys_error_text(result));
    return false;
}

/* ---- closing the door ---- */

void sandbox_close(struct gateway *g)
{
    const struct settings *s = &g->current->settings;
    bool root = user_is_root(); /* asked for while that may be asked */
    struct diag_line l;
    struct folders f;
    int landlock;
    int seccomp;

    if (!s->server.sandbox) {
        diag_say(&g->diag, DIAG_INFO, "sandbox: off ([server] sandbox = no)");
        return;
    }
    find_folders(s, &f);
    landlock = landlock_restrict(f.names, f.count);
    seccomp = seccomp_install();
    diag_open(&g->diag, DIAG_INFO, &l);
    fmt_str(&l.text, "sandbox: ");
    fmt_str(&l.text, seccomp == 0 ? "seccomp" : "no seccomp in this kernel");
    fmt_str(&l.text, landlock == 0 ? ", landlock" : ", no landlock in this kernel");
    fmt_str(&l.text, root ? "; as root" : "");
    diag_close(&l);
}

void sandbox_report(const struct settings *s, struct fmt *out)
{
    int abi = landlock_abi();
    struct user_ids ids;

    fmt_str(out, "this kernel gives: no_new_privs, seccomp ");
    fmt_str(out, seccomp_is_there() ? "yes" : "no");
    fmt_str(out, ", landlock ");
    if (abi > 0) {
        fmt_str(out, "ABI ");
        fmt_i64(out, abi);
    } else {
        fmt_str(out, "no");
    }
    if (!s->server.sandbox)
        fmt_str(out, " (not used: sandbox = no)");
    fmt_str(out, "\nstarted as root it serves as ");
    if (s->server.user[0] != '\0')
        fmt_str(out, s->server.user);
    else
        fmt_str(out,
                find_user(SANDBOX_USER, &ids) ? SANDBOX_USER : "root: there is no user farthing");
    if (s->server.user[0] != '\0' && !find_user(s->server.user, &ids))
        fmt_str(out, ", WHO IS NOT THERE");
    fmt_char(out, '\n');
}
