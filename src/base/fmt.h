/* fmt - text built into a caller's buffer, without snprintf (23 KB of a small binary).
 *
 * Every call appends. What does not fit sets `full` and nothing more is written, so that a caller
 * checks once at the end: fmt_ok(). The text is not NUL-terminated unless fmt_cstr() is asked. */
#ifndef BASE_FMT_H
#define BASE_FMT_H

#include "base/span.h"

struct fmt {
    char *ptr;
    size_t cap_bytes;
    size_t len;
    bool full; /* something did not fit; the text is cut at a call's boundary */
};

void fmt_init(struct fmt *f, void *storage, size_t cap_bytes);
bool fmt_ok(const struct fmt *f);
struct span fmt_span(const struct fmt *f);
/* NUL-terminates (the NUL is not counted in len); "" when even that does not fit. */
const char *fmt_cstr(struct fmt *f);

void fmt_text(struct fmt *f, struct span s);
void fmt_str(struct fmt *f, const char *nul_terminated);
void fmt_char(struct fmt *f, char c);
void fmt_fill(struct fmt *f, char c, size_t count);
void fmt_u64(struct fmt *f, uint64_t value);
void fmt_i64(struct fmt *f, int64_t value);
/* Lower-case hexadecimal, zero-filled to at least `digits`. */
void fmt_hex(struct fmt *f, uint64_t value, unsigned digits);
void fmt_hex_bytes(struct fmt *f, const void *bytes, size_t len);
/* Right- or left-aligned in `width` columns, filled with spaces; longer text is not cut. */
void fmt_right_u64(struct fmt *f, uint64_t value, size_t width);
void fmt_left(struct fmt *f, struct span s, size_t width);
void fmt_right(struct fmt *f, struct span s, size_t width);
/* Picodollars as USD with 12 decimals, "0.000123000000"; the form of the ledger and headers. */
void fmt_usd(struct fmt *f, int64_t pusd);
/* The same with `decimals` 0..12, rounded half away from zero, for people. */
void fmt_usd_short(struct fmt *f, int64_t pusd, unsigned decimals);
/* value/1000 with three decimals: scores. */
void fmt_milli(struct fmt *f, int64_t milli);
/* "512", "8K", "8.5M": bytes for people, at most one decimal, K = 1024. */
void fmt_size(struct fmt *f, uint64_t bytes);
/* ISO 8601 UTC with milliseconds: "2026-01-02T03:04:05.678Z". */
void fmt_time_utc(struct fmt *f, int64_t unix_ms);
/* For logs: printable ASCII as it is, all else as \xHH, cut with "..." after max_bytes of input. */
void fmt_visible(struct fmt *f, struct span s, size_t max_bytes);

#endif
