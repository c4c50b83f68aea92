/* metrics_write - the lines of Prometheus' text format 0.0.4, for metrics.c and metrics_genai.c. */
#ifndef GATEWAY_METRICS_WRITE_H
#define GATEWAY_METRICS_WRITE_H

#include "base/fmt.h"

struct label {
    const char *name;
    const char *value;
};

/* "# HELP name text" and "# TYPE name kind": once, in front of a metric's series. Names are whole.
 */
void metric_head_of(struct fmt *out, const char *name, const char *kind, const char *help);
/* `name{labels} `, without a value. */
void series_begin_of(struct fmt *out, const char *name, const struct label *labels, size_t count);
/* "12.345" of 12345. */
void metric_seconds(struct fmt *out, int64_t ms);

struct gateway;
/* What the conventions of OpenTelemetry have names for, and what is counted by tag, tier and kind
 * of saving. */
void metrics_genai(const struct gateway *g, struct fmt *out);

#endif
