#include "ledger/wear.h"

enum { WEAR_HOUR_MS = 3600000, WEAR_DAY_MS = 86400000, WEAR_YEAR_DAYS = 365 };

void wear_start(struct wear *w, int64_t sync_ms)
{
    *w = (struct wear){.sync_ms = sync_ms};
}

/* Whole pages, and one of the file system's. */
static uint64_t pages_of(uint64_t bytes)
{
    return bytes == 0 ? 0 : (bytes + WEAR_PAGE_BYTES - 1) / WEAR_PAGE_BYTES + 1;
}

void wear_line(struct wear *w, int64_t unix_ms, uint64_t bytes)
{
    bool fresh = w->lines == 0 || unix_ms - w->write_begin_unix_ms >= w->sync_ms;

    if (fresh) {
        w->pages += pages_of(w->write_bytes);
        w->write_bytes = 0;
        w->write_begin_unix_ms = unix_ms;
        w->writes++;
    }
    if (w->lines++ == 0)
        w->first_unix_ms = unix_ms;
    w->write_bytes += bytes;
    w->bytes += bytes;
    w->last_unix_ms = unix_ms;
}

/* Of a span of time; divided first where the product would not fit. */
static int64_t per_day(uint64_t sum, int64_t span_ms)
{
    if (sum < (uint64_t)(INT64_MAX / WEAR_DAY_MS))
        return (int64_t)(sum * WEAR_DAY_MS / (uint64_t)span_ms);
    return (int64_t)(sum / (uint64_t)span_ms * WEAR_DAY_MS);
}

static int64_t by_time(int64_t bytes, int64_t every_ms)
{
    return every_ms > 0
               ? (int64_t)pages_of((uint64_t)bytes) * WEAR_PAGE_BYTES * (WEAR_DAY_MS / every_ms)
               : 0;
}

bool wear_day(const struct wear *w, const struct wear_files *f, struct wear_day *out)
{
    int64_t span_ms = w->last_unix_ms - w->first_unix_ms;

    if (span_ms < WEAR_HOUR_MS)
        return false;
    out->lines = per_day(w->lines, span_ms);
    out->bytes = per_day(w->bytes, span_ms);
    out->writes = per_day(w->writes, span_ms);
    out->ledger_bytes = per_day((w->pages + pages_of(w->write_bytes)) * WEAR_PAGE_BYTES, span_ms);
    out->checkpoint_bytes = per_day(w->lines / WEAR_CHECKPOINT_LINES *
                                        pages_of(WEAR_CHECKPOINT_BYTES) * WEAR_PAGE_BYTES,
                                    span_ms);
    out->snapshot_bytes = by_time(f->snapshot_bytes, f->snapshot_every_ms);
    out->weights_bytes = by_time(f->weights_bytes, f->weights_every_ms);
    out->all_bytes =
        out->ledger_bytes + out->checkpoint_bytes + out->snapshot_bytes + out->weights_bytes;
    return true;
}

int64_t wear_tenth_years(const struct wear_day *d, int64_t flash_bytes)
{
    int64_t days = d->all_bytes > 0 ? flash_bytes / d->all_bytes * WEAR_CYCLES +
                                          flash_bytes % d->all_bytes * WEAR_CYCLES / d->all_bytes
                                    : INT64_MAX / 10;

    return days / WEAR_YEAR_DAYS * 10 + days % WEAR_YEAR_DAYS * 10 / WEAR_YEAR_DAYS;
}
