/* scan - numbers, sizes, times and money out of text, strictly: the whole span or nothing.
 *
 * No sign, space, overflow or trailing byte is let through unless named. False leaves *out as it
 * was. The forms are those of DESIGN section 5: sizes take K and M (1024, 1024 * 1024), times take
 * ms, s, m, h, d, money is decimal USD with at most 12 decimals (a picodollar). */
#ifndef BASE_SCAN_H
#define BASE_SCAN_H

#include "base/span.h"

bool scan_u64(struct span s, uint64_t *out);
bool scan_i64(struct span s, int64_t *out); /* with an optional leading '-' */
bool scan_hex(struct span s, uint64_t *out);
bool scan_hex_bytes(struct span s, uint8_t *out, size_t out_bytes); /* exactly out_bytes */
bool scan_size(struct span s, uint64_t *out_bytes);
bool scan_duration(struct span s, int64_t *out_ms); /* a bare number is refused, but for 0 */
bool scan_usd(struct span s, int64_t *out_pusd);
/* "0.8", "1", ".25": 0..1 as 0..1000, at most three decimals. */
bool scan_milli(struct span s, int64_t *out_milli);
/* The same of forms that programs print, "1.0" or "0.66666", cut after three decimals. */
bool scan_fraction(struct span s, int64_t *out_milli);
/* "2026-01-02T03:04:05.678Z" and nothing else (the ledger's form). */
bool scan_time_utc(struct span s, int64_t *out_unix_ms);
bool scan_bool(struct span s, bool *out); /* yes, no, true, false, on, off */

#endif
