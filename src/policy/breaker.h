/* breaker - whether a vendor that keeps failing is asked again, and when.
 *
 * CLOSED: all calls go. After BREAKER_TRIP failures in a row it is OPEN: calls are refused, so that
 * clients hear at once and fallbacks take over. Once the wait is over it is HALF OPEN: one call
 * goes as a probe; its success closes, its failure opens again for twice as long (exponential
 * back-off, BREAKER_WAIT_MS to BREAKER_WAIT_MS_MAX) with up to a quarter of jitter off, so that
 * gateways do not probe in step. A Retry-After of the vendor (RFC 9110 section 10.2.3) is the least
 * wait.
 *
 * A rate limit (429) is no failure: it only says until when the vendor is better left alone, which
 * counts where there is somebody else to ask.
 *
 * Pure: times are monotonic ms, handed in, and so is chance. */
#ifndef POLICY_BREAKER_H
#define POLICY_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

enum {
    BREAKER_TRIP = 5, /* LiteLLM's allowed_fails is 3 a minute; a single vendor deserves patience */
    BREAKER_WAIT_MS = 1000,
    BREAKER_WAIT_MS_MAX = 60000,
    BREAKER_RETRY_AFTER_MS_MAX = 600000, /* vendors ask for seconds; what is longer is a mistake */
    BREAKER_PROBE_MS = 120000,           /* a probe that is never settled does not block for ever */
};

enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_HALF_OPEN };

/* All zero: closed. */
struct breaker {
    uint32_t failures; /* in a row */
    int64_t wait_ms;   /* of the last opening */
    int64_t open_until_ms;
    int64_t probe_until_ms;   /* a probe is under way; 0 = none */
    int64_t limited_until_ms; /* by a 429 */
    uint64_t trips;           /* since start */
};

enum breaker_state breaker_state(const struct breaker *b, int64_t now_ms);
/* Whether a call may go now; it does not take the probe's place. */
bool breaker_allows(const struct breaker *b, int64_t now_ms);
/* Not limited by a 429 either. */
bool breaker_is_ready(const struct breaker *b, int64_t now_ms);
/* A call goes: when half open, it is the probe. */
void breaker_call(struct breaker *b, int64_t now_ms);
void breaker_succeeded(struct breaker *b);
/* retry_after_ms: the vendor's own word, 0 = none. */
void breaker_failed(struct breaker *b, int64_t retry_after_ms, uint32_t chance, int64_t now_ms);
void breaker_limited(struct breaker *b, int64_t retry_after_ms, int64_t now_ms);
/* The call ended without telling: its client left. */
void breaker_untold(struct breaker *b);
/* Until a call may go: 0 = now. */
int64_t breaker_wait_ms(const struct breaker *b, int64_t now_ms);
/* "closed", "open", "half_open" */
const char *breaker_state_name(enum breaker_state state);

#endif
