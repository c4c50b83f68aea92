/* meters - what is counted of the lines since the start, for /metrics.
 *
 * Histograms per model with the bounds that the OpenTelemetry semantic conventions for generative
 * AI advise (gen_ai.client.token.usage, gen_ai.server.time_to_first_token and .request.duration);
 * lines by tag, savings by what they are owed to, and what became of each tier's answers. Labels
 * are bounded: METERS_MODELS - 1 models by the order of their first call, then "(others)"; tiers
 * beyond METERS_TIERS_MAX are not counted. Fixed memory, a few hundred instructions a line. */
#ifndef LEDGER_METERS_H
#define LEDGER_METERS_H

#include "ledger/line.h"

enum {
    METERS_MODELS = 6,
    METERS_TIERS_MAX = 24,
    METERS_SAVINGS_MAX = 16,
    METERS_TAGS = 16,
    METERS_BOUNDS_MAX = 16,
    METERS_NAME_BYTES = 64, /* longer ones are cut */
};

/* What a histogram counts, in the unit of its bounds. */
enum meter { METER_INPUT, METER_OUTPUT, METER_FIRST_BYTE, METER_TOTAL, METERS };

struct meter_counts {
    uint32_t below[METERS_BOUNDS_MAX + 1]; /* not cumulated; the last is above all bounds */
    uint64_t count;
    int64_t sum;
};

struct meter_model {
    char name[METERS_NAME_BYTES]; /* "" = free */
    struct meter_counts counts[METERS];
};

struct meter_tier {
    char route[METERS_NAME_BYTES];
    uint32_t tier; /* 0 = free */
    uint64_t asked;
    uint64_t failed;    /* no answer to judge */
    uint64_t escalated; /* of these, because the tier before fell short */
};

struct meter_saving {
    const char *name;
    int64_t saved_pusd;
};

struct meters {
    struct meter_model models[METERS_MODELS]; /* the last: the others */
    struct meter_tier tiers[METERS_TIERS_MAX];
    struct meter_saving savings[METERS_SAVINGS_MAX];
    uint64_t tags[METERS_TAGS];
};

/* All zero is the start. */
void meters_line(struct meters *m, const struct ledger_line *line);
/* Upper bounds of a histogram: tokens, or milliseconds. */
const int64_t *meter_bounds(enum meter meter, size_t *count);

#endif
