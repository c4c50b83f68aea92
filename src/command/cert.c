/* cert - a self-signed certificate and its key for the https listeners, for a LAN. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/scan.h"
#include "base/version.h"
#include "command/command.h"
#include "net/sys.h"
#include "tls/selfsigned.h"

enum {
    CERT_DAYS_DEFAULT = 825, /* Apple's clients take no longer ones */
    CERT_DAYS_MAX = 36500,
    CERT_BACKDATED_S = 86400, /* for clients whose clock is behind */
    CERT_S_PER_DAY = 86400,
    CERT_PATH_BYTES = 512,
    CERT_TEXT_BYTES = 4096,
    CERT_MODE = 0644,
    KEY_MODE = 0600,
};

struct cert_run {
    struct tls_selfsigned options;
    const char *folder;
    const char *days;
    bool force;
    char certificate[CERT_PATH_BYTES];
    char key[CERT_PATH_BYTES];
};

/* ---- the command line ---- */

static int cert_add(struct cert_run *r, const char *word, bool is_address)
{
    struct tls_selfsigned *o = &r->options;
    struct net_addr address;

    if (o->name_count + o->address_count == TLS_SELFSIGNED_NAMES_MAX)
        return command_wrong("one name or address too many (16 are allowed)", word);
    if (net_addr_scan_host(span_str(word), &address))
        o->addresses[o->address_count++] = address;
    else if (is_address)
        return command_wrong("no address", word);
    else if (tls_name_is_good(span_str(word)))
        o->names[o->name_count++] = word;
    else
        return command_wrong("no name of a host", word);
    return COMMAND_OK;
}

static int cert_arguments(struct cert_run *r, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        const char *address = NULL;
        bool wrong = false;
        int status = COMMAND_OK;

        if (strcmp(argv[i], "--force") == 0)
            r->force = true;
        else if (command_option(argc, argv, &i, "--ip", &address, &wrong))
            status = wrong ? COMMAND_OK : cert_add(r, address, true);
        else if (!command_option(argc, argv, &i, "--out", &r->folder, &wrong) &&
                 !command_option(argc, argv, &i, "--days", &r->days, &wrong))
            status = argv[i][0] == '-' ? command_wrong("unknown argument", argv[i])
                                       : cert_add(r, argv[i], false);
        if (wrong)
            return command_wrong("a value is missing behind", argv[i]);
        if (status != COMMAND_OK)
            return status;
    }
    if (r->options.name_count + r->options.address_count == 0)
        return command_wrong("cert takes the names that clients call this machine by: NAME... "
                             "[--ip ADDRESS] [--out FOLDER] [--days N] [--force]",
                             NULL);
    return COMMAND_OK;
}

static int cert_dates(struct cert_run *r)
{
    int64_t days = CERT_DAYS_DEFAULT;
    int64_t now_s = sys_wall_ms() / 1000;

    if (r->days != NULL &&
        (!scan_i64(span_str(r->days), &days) || days < 1 || days > CERT_DAYS_MAX))
        return command_wrong("--days takes a number from 1 to 36500, not", r->days);
    if (now_s < version_build_unix_s()) /* a board whose clock is not set */
        now_s = version_build_unix_s();
    r->options.begins_unix_s = now_s - CERT_BACKDATED_S;
    r->options.ends_unix_s = now_s + days * CERT_S_PER_DAY;
    return COMMAND_OK;
}

/* ---- files ---- */

/* FOLDER/NAME.SUFFIX, absolute as far as that can be told, for the configuration. */
static bool cert_path(const struct cert_run *r, const char *suffix, char out[CERT_PATH_BYTES])
{
    const struct tls_selfsigned *o = &r->options;
    char name[TLS_NAME_BYTES_MAX + 1];
    char here[CERT_PATH_BYTES];
    const char *folder = r->folder != NULL ? r->folder : "";
    struct fmt f;

    fmt_init(&f, out, CERT_PATH_BYTES - 1);
    if (folder[0] != '/') {
        ssize_t len = readlink("/proc/self/cwd", here, sizeof(here));

        if (len > 0 && here[0] == '/') {
            fmt_text(&f, span_of(here, (size_t)len));
            fmt_char(&f, '/');
        }
    }
    fmt_str(&f, folder);
    if (folder[0] != '\0' && folder[strlen(folder) - 1] != '/')
        fmt_char(&f, '/');
    {
        struct fmt n;

        fmt_init(&n, name, sizeof(name) - 1);
        if (o->name_count > 0)
            fmt_str(&n, o->names[0]);
        else
            net_addr_fmt_host(&n, &o->addresses[0]);
        for (size_t i = 0; i < n.len; i++)
            fmt_char(&f, name[i] == '*' || name[i] == ':' || name[i] == '[' || name[i] == ']'
                             ? '_'
                             : name[i]);
    }
    fmt_str(&f, suffix);
    out[f.len] = '\0';
    return fmt_ok(&f);
}

static int cert_failed(const char *path, int result)
{
    char text[CERT_PATH_BYTES + 256];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, "farthing: ");
    fmt_str(&f, path);
    fmt_str(&f, ": ");
    fmt_str(&f, result == -EEXIST ? "is there already: --force puts another in its place"
                                  : sys_error_text(result));
    fmt_char(&f, '\n');
    (void)!write(STDERR_FILENO, text, f.len);
    return COMMAND_FAILED;
}

static int cert_write_all(int fd, struct span text)
{
    while (text.len > 0) {
        ssize_t put = write(fd, text.ptr, text.len);

        if (put < 0 && errno != EINTR)
            return -errno;
        if (put > 0)
            text = span_part(text, (size_t)put, text.len);
    }
    return fsync(fd) == 0 ? 0 : -errno;
}

/* A new file; with --force through another name, so that what reads it finds one or the other. */
static int cert_write(const struct cert_run *r, const char *path, struct span text, mode_t mode)
{
    char other[CERT_PATH_BYTES + sizeof(".new")];
    const char *to = path;
    struct fmt f;
    int result;
    int fd;

    if (r->force) {
        fmt_init(&f, other, sizeof(other));
        fmt_str(&f, path);
        fmt_str(&f, ".new");
        to = fmt_cstr(&f);
        (void)unlink(to);
    }
    fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0)
        return -errno;
    result = fchmod(fd, mode) == 0 ? cert_write_all(fd, text) : -errno;
    (void)close(fd);
    if (result == 0 && r->force && rename(to, path) != 0)
        result = -errno;
    if (result != 0)
        (void)unlink(to);
    return result;
}

/* ---- what to do with them ---- */

static int cert_tell(const struct cert_run *r)
{
    const struct tls_selfsigned *o = &r->options;
    char text[CERT_TEXT_BYTES];
    char host[NET_ADDR_TEXT_BYTES];
    const char *name = o->name_count > 0 ? o->names[0] : host;
    struct fmt f;

    fmt_init(&f, host, sizeof(host));
    if (o->address_count > 0) {
        struct net_addr listen = o->addresses[0];

        listen.port = 8443;
        net_addr_fmt(&f, &listen);
    } else {
        fmt_str(&f, "ADDRESS:8443");
    }
    (void)fmt_cstr(&f);
    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, "# Valid until ");
    fmt_time_utc(&f, o->ends_unix_s * 1000);
    fmt_str(&f, ". The key is readable by its owner only: that has to be the user\n"
                "# farthing runs as. This belongs into the configuration:\n[server]\nlisten = "
                "https://");
    fmt_str(&f, host);
    fmt_str(&f, "\ntls_cert = ");
    fmt_str(&f, r->certificate);
    fmt_str(&f, "\ntls_key = ");
    fmt_str(&f, r->key);
    fmt_str(&f, "\n\n# And a client gets the certificate, never the key, and trusts it by one of:\n"
                "#   curl --cacert FILE https://");
    fmt_str(&f, name);
    fmt_str(&f, o->name_count > 0 ? ":8443" : "");
    fmt_str(&f,
            "/v1/models\n"
            "#   export NODE_EXTRA_CA_CERTS=FILE     Node\n"
            "#   export SSL_CERT_FILE=FILE           Python, Go, Ruby: in place of the system's\n");
    return fmt_ok(&f) && command_out(fmt_span(&f)) ? COMMAND_OK : COMMAND_FAILED;
}

static int cert_make(struct cert_run *r)
{
    char certificate[TLS_SELFSIGNED_PEM_BYTES];
    char key[TLS_SELFSIGNED_KEY_BYTES];
    struct fmt c;
    struct fmt k;
    int result;

    fmt_init(&c, certificate, sizeof(certificate));
    fmt_init(&k, key, sizeof(key));
    if (!sys_random(r->options.entropy, sizeof(r->options.entropy)) ||
        !tls_selfsigned_make(&r->options, &c, &k))
        return COMMAND_FAILED;
    explicit_bzero(r->options.entropy, sizeof(r->options.entropy));
    if (!r->force && access(r->certificate, F_OK) == 0)
        return cert_failed(r->certificate, -EEXIST);
    result = cert_write(r, r->key, fmt_span(&k), KEY_MODE);
    explicit_bzero(key, sizeof(key));
    if (result != 0)
        return cert_failed(r->key, result);
    result = cert_write(r, r->certificate, fmt_span(&c), CERT_MODE);
    if (result == 0)
        return cert_tell(r);
    if (!r->force)
        (void)unlink(r->key); /* which was not there before */
    return cert_failed(r->certificate, result);
}

int command_cert(int argc, char **argv)
{
    struct cert_run r = {.force = false};
    int status = cert_arguments(&r, argc, argv);

    if (status == COMMAND_OK)
        status = cert_dates(&r);
    if (status != COMMAND_OK)
        return status;
    if (!cert_path(&r, ".crt", r.certificate) || !cert_path(&r, ".key", r.key))
        return command_wrong("the path is too long", r.folder);
    return cert_make(&r);
}
