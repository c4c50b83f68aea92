#include "net/notify.h"

#include "base/fmt.h"
#include "base/scan.h"
#include "net/sys.h"

enum { NOTIFY_BYTES = 256, US_PER_MS = 1000, NOTIFY_WATCHDOG_MIN_MS = 10 };

static void notify_say(const struct notify *n, const struct fmt *f)
{
    if (n->fd >= 0)
        (void)sys_write(n->fd, f->ptr, f->len); /* who does not listen is told again */
}

static void notify_text(const struct notify *n, const char *text)
{
    char bytes[NOTIFY_BYTES];
    struct fmt f;

    fmt_init(&f, bytes, sizeof(bytes));
    fmt_str(&f, text);
    notify_say(n, &f);
}

void notify_open(struct notify *n, const char *(*environment)(const char *name), int64_t now_ms)
{
    const char *socket = environment("NOTIFY_SOCKET");
    const char *usec = environment("WATCHDOG_USEC");
    const char *pid = environment("WATCHDOG_PID");
    int64_t value;

    *n = (struct notify){.fd = -1};
    if (socket != NULL && (socket[0] == '/' || socket[0] == '@'))
        n->fd = sys_unix_datagram(socket);
    if (n->fd < 0)
        n->fd = -1;
    if (n->fd < 0 || usec == NULL || !scan_i64(span_str(usec), &value) || value <= 0)
        return;
    n->watchdog_ms = value / US_PER_MS / 2;
    if (n->watchdog_ms < NOTIFY_WATCHDOG_MIN_MS)
        n->watchdog_ms = NOTIFY_WATCHDOG_MIN_MS;
    if (pid != NULL && (!scan_i64(span_str(pid), &value) || value != sys_process()))
        n->watchdog_ms = 0;
    n->watchdog_due_ms = now_ms;
}

void notify_ready(struct notify *n, const char *status)
{
    char bytes[NOTIFY_BYTES];
    struct fmt f;

    fmt_init(&f, bytes, sizeof(bytes));
    fmt_str(&f, "READY=1\nSTATUS=");
    fmt_str(&f, status);
    notify_say(n, &f);
}

/* The time lets the supervisor tell this READY from the one before (Type=notify-reload). */
void notify_reloading(struct notify *n)
{
    char bytes[NOTIFY_BYTES];
    struct fmt f;

    fmt_init(&f, bytes, sizeof(bytes));
    fmt_str(&f, "RELOADING=1\nMONOTONIC_USEC=");
    fmt_i64(&f, sys_mono_ms() * US_PER_MS);
    notify_say(n, &f);
}

void notify_stopping(struct notify *n)
{
    notify_text(n, "STOPPING=1\nSTATUS=requests that run may finish");
}

int64_t notify_deadline_ms(const struct notify *n)
{
    return n->fd >= 0 && n->watchdog_ms > 0 ? n->watchdog_due_ms : INT64_MAX;
}

void notify_tick(struct notify *n, int64_t now_ms)
{
    if (now_ms < notify_deadline_ms(n))
        return;
    notify_text(n, "WATCHDOG=1");
    n->watchdog_due_ms = now_ms + n->watchdog_ms;
}

void notify_close(struct notify *n)
{
    if (n->fd >= 0)
        sys_close(n->fd);
    n->fd = -1;
}
