#include "policy/breaker.h"

#include "base/check.h"

enum { BREAKER_JITTER = 4 }; /* a part in so many */

enum breaker_state breaker_state(const struct breaker *b, int64_t now_ms)
{
    if (b->failures < BREAKER_TRIP)
        return BREAKER_CLOSED;
    return now_ms < b->open_until_ms ? BREAKER_OPEN : BREAKER_HALF_OPEN;
}

bool breaker_allows(const struct breaker *b, int64_t now_ms)
{
    switch (breaker_state(b, now_ms)) {
    case BREAKER_CLOSED:
        return true;
    case BREAKER_OPEN:
        return false;
    case BREAKER_HALF_OPEN:
        break;
    }
    return now_ms >= b->probe_until_ms;
}

bool breaker_is_ready(const struct breaker *b, int64_t now_ms)
{
    return breaker_allows(b, now_ms) && now_ms >= b->limited_until_ms;
}

void breaker_call(struct breaker *b, int64_t now_ms)
{
    if (breaker_state(b, now_ms) == BREAKER_HALF_OPEN)
        b->probe_until_ms = now_ms + BREAKER_PROBE_MS;
}

void breaker_succeeded(struct breaker *b)
{
    b->failures = 0;
    b->wait_ms = 0;
    b->probe_until_ms = 0;
    b->limited_until_ms = 0;
}

static int64_t breaker_bounded(int64_t retry_after_ms)
{
    CHECK(retry_after_ms >= 0);
    return retry_after_ms < BREAKER_RETRY_AFTER_MS_MAX ? retry_after_ms
                                                       : BREAKER_RETRY_AFTER_MS_MAX;
}

void breaker_failed(struct breaker *b, int64_t retry_after_ms, uint32_t chance, int64_t now_ms)
{
    bool was_open = b->failures >= BREAKER_TRIP;
    int64_t least_ms = breaker_bounded(retry_after_ms);
    int64_t wait_ms;

    if (b->failures < UINT32_MAX)
        b->failures++;
    b->probe_until_ms = 0;
    /* Calls that began before it opened fail late: they say nothing new. */
    if (b->failures < BREAKER_TRIP || (was_open && now_ms < b->open_until_ms))
        return;
    b->trips += !was_open;
    b->wait_ms = b->wait_ms == 0 ? BREAKER_WAIT_MS : 2 * b->wait_ms;
    if (b->wait_ms > BREAKER_WAIT_MS_MAX)
        b->wait_ms = BREAKER_WAIT_MS_MAX;
    wait_ms = b->wait_ms - (int64_t)chance % (b->wait_ms / BREAKER_JITTER);
    b->open_until_ms = now_ms + (wait_ms > least_ms ? wait_ms : least_ms);
}

void breaker_limited(struct breaker *b, int64_t retry_after_ms, int64_t now_ms)
{
    int64_t wait_ms = breaker_bounded(retry_after_ms);

    b->probe_until_ms = 0;
    b->limited_until_ms = now_ms + (wait_ms > 0 ? wait_ms : BREAKER_WAIT_MS);
}

void breaker_untold(struct breaker *b)
{
    b->probe_until_ms = 0;
}

int64_t breaker_wait_ms(const struct breaker *b, int64_t now_ms)
{
    switch (breaker_state(b, now_ms)) {
    case BREAKER_CLOSED:
        return 0;
    case BREAKER_OPEN:
        return b->open_until_ms - now_ms;
    case BREAKER_HALF_OPEN:
        break;
    }
    return now_ms < b->probe_until_ms ? BREAKER_WAIT_MS : 0;
}

const char *breaker_state_name(enum breaker_state state)
{
    static const char *const names[] = {
        [BREAKER_CLOSED] = "closed",
        [BREAKER_OPEN] = "open",
        [BREAKER_HALF_OPEN] = "half_open",
    };

    return names[state];
}
