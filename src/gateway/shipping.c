#include "gateway/shipping.h"

#include <string.h>

#include "net/sys.h"

enum {
    SHIPPING_PRIORITY = 16 * 8 + 6, /* local0, informational (RFC 5424 section 6.2.1) */
    SHIPPING_BYTES = LEDGER_LINE_BYTES_MAX + 256,
    SHIPPING_HOST_BYTES = 64, /* Linux's own limit */
};

void shipping_init(struct shipping *s, struct diag *diag)
{
    *s = (struct shipping){.diag = diag, .fd = -1};
}

void shipping_close(struct shipping *s)
{
    if (s->fd >= 0)
        sys_close(s->fd);
    s->fd = -1;
}

static void shipping_tell(struct shipping *s, bool failing, int64_t result)
{
    struct diag_line l;

    if (s->failing == failing)
        return;
    s->failing = failing;
    diag_open(s->diag, failing ? DIAG_WARN : DIAG_INFO, &l);
    fmt_str(&l.text, failing ? "syslog: lines cannot be sent: " : "syslog: lines are sent again; ");
    if (failing) {
        fmt_str(&l.text, sys_error_text(result));
    } else {
        fmt_u64(&l.text, s->lost);
        fmt_str(&l.text, " were not");
    }
    diag_close(&l);
}

static bool same_place(const struct ledger_syslog *a, const struct ledger_syslog *b)
{
    return a->kind == b->kind && strcmp(a->path, b->path) == 0 &&
           (a->kind != LEDGER_SYSLOG_UDP || net_addr_equal(&a->addr, &b->addr));
}

static bool shipping_open(struct shipping *s, const struct ledger_syslog *to, int64_t now_ms)
{
    if (!same_place(&s->to, to)) {
        shipping_close(s);
        s->to = *to;
        s->retry_ms = 0;
    }
    if (s->fd >= 0 || now_ms < s->retry_ms)
        return s->fd >= 0;
    s->fd = to->kind == LEDGER_SYSLOG_UDP ? sys_udp(&to->addr) : sys_unix_datagram(to->path);
    if (s->fd >= 0) {
        s->sure_ms = to->kind == LEDGER_SYSLOG_UDP ? now_ms + SHIPPING_SURE_MS : now_ms;
        return true;
    }
    shipping_tell(s, true, s->fd);
    s->fd = -1;
    s->retry_ms = now_ms + SHIPPING_RETRY_MS;
    return false;
}

static void shipping_write(struct fmt *f, struct span line, int64_t line_unix_ms)
{
    char host[SHIPPING_HOST_BYTES];

    sys_host_name(host, sizeof(host));
    fmt_char(f, '<');
    fmt_u64(f, SHIPPING_PRIORITY);
    fmt_str(f, ">1 ");
    fmt_time_utc(f, line_unix_ms);
    fmt_char(f, ' ');
    fmt_str(f, host);
    fmt_str(f, " farthing ");
    fmt_u64(f, (uint64_t)sys_process());
    fmt_str(f, " ledger - ");
    fmt_text(f, line);
}

void shipping_send(struct shipping *s, const struct ledger_syslog *to, struct span line,
                   int64_t line_unix_ms, int64_t now_ms)
{
    char text[SHIPPING_BYTES];
    struct fmt f;
    int64_t sent;

    if (to->kind == LEDGER_SYSLOG_NONE) {
        shipping_close(s);
        return;
    }
    if (!shipping_open(s, to, now_ms)) {
        s->lost++;
        return;
    }
    fmt_init(&f, text, sizeof(text));
    shipping_write(&f, line, line_unix_ms);
    sent = sys_write(s->fd, text, fmt_span(&f).len);
    if (sent >= 0) {
        s->sent++;
        if (now_ms >= s->sure_ms)
            shipping_tell(s, false, 0);
        return;
    }
    s->lost++;
    shipping_tell(s, true, sent);
    if (sys_is_again(sent)) {
        s->sure_ms = now_ms + SHIPPING_SURE_MS;
        return; /* the server is slow: no reason to leave it */
    }
    shipping_close(s);
    s->retry_ms = now_ms + SHIPPING_RETRY_MS;
}
