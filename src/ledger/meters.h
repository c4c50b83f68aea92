/* meters - what is counted of the lines since the start, for /metrics.
 *
 * Histograms per operation, model asked for and model used, with the bounds that the OpenTelemetry
 * semantic conventions for generative AI advise (gen_ai.client.token.usage,
 * gen_ai.server.time_to_first_token and .request.duration); lines by tag, savings by what they are
 * owed to, and what became of each tier's answers. Labels are bounded: METERS_MODELS - 1 of these
 * by the order of their first call, then METERS_OTHER; tiers beyond METERS_TIERS_MAX are not
 * counted. Fixed memory, a few hundred instructions a line. */
#ifndef LEDGER_METERS_H
#define LEDGER_METERS_H

#include "ledger/line.h"

enum {
    METERS_MODELS = 8,
    METERS_TIERS_MAX = 24,
    METERS_SAVINGS_MAX = 16,
    METERS_TAGS = 16,
    METERS_BOUNDS_MAX = 16,
    METERS_NAME_BYTES = 48, /* longer ones are cut */
};

#define METERS_OTHER "_OTHER" /* the conventions' word for what is not known */

/* What a histogram counts, in the unit of its bounds. */
enum meter { METER_INPUT, METER_OUTPUT, METER_FIRST_BYTE, METER_TOTAL, METERS };

struct meter_counts {
    uint32_t below[METERS_BOUNDS_MAX + 1]; /* not cumulated; the last is above all bounds */
    uint64_t count;
    int64_t sum;
};

struct meter_model {
    const char *operation;         /* NULL = free */
    char asked[METERS_NAME_BYTES]; /* by the client */
    char name[METERS_NAME_BYTES];  /* used */
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

/* All zero is the start. `operation` is a constant; `asked` is what the client asked for as far as
 * the configuration knows the name: what anybody may write is no label. */
void meters_line(struct meters *m, const struct ledger_line *line, const char *operation,
                 struct span asked);
/* Upper bounds of a histogram: tokens, or milliseconds. */
const int64_t *meter_bounds(enum meter meter, size_t *count);

#endif
