#include "gateway/upstream.h"

#include <string.h>

#include "base/check.h"
#include "net/sys.h"

void upstream_init(struct upstream *u, const struct upstream_settings *settings,
                   struct upstream_shared *shared)
{
    memset(u, 0, sizeof(*u));
    u->settings = settings;
    u->shared = shared;
    _Static_assert(sizeof(u->endpoint.host) >= sizeof(settings->host), "a host fits");
    memcpy(u->endpoint.host, settings->host, sizeof(settings->host));
    u->endpoint.port = settings->port;
    u->endpoint.tls = settings->tls;
    u->endpoint.connect_timeout_ms = settings->connect_timeout_ms;
    u->logged_ms = -UPSTREAM_TELL_MS;
}

void upstream_failed(struct upstream *u, struct span what, int64_t now_ms)
{
    struct fmt f;

    u->failures++;
    u->last_failure_wall_ms = sys_wall_ms();
    fmt_init(&f, u->last_failure, sizeof(u->last_failure));
    fmt_visible(&f, what, sizeof(u->last_failure) / 2);
    (void)fmt_cstr(&f);
    if (now_ms - u->logged_ms >= UPSTREAM_TELL_MS) {
        struct diag_line l;

        diag_open(u->shared->diag, DIAG_WARN, &l);
        fmt_str(&l.text, "upstream ");
        fmt_str(&l.text, u->settings->name);
        fmt_str(&l.text, ": ");
        fmt_text(&l.text, what);
        diag_close(&l);
        u->logged_ms = now_ms;
    }
}

void upstream_answered(struct upstream *u)
{
    u->last_success_wall_ms = sys_wall_ms();
}

bool upstream_seems_up(const struct upstream *u)
{
    return u->last_failure_wall_ms == 0 || u->last_success_wall_ms >= u->last_failure_wall_ms;
}
