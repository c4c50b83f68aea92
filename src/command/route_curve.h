/* route_curve - cost against quality for each bound of difficulty, over labelled prompts.
 *
 * For `farthing route --curve`: lines of {"prompt", "cheap", "strong"} with how well either model
 * did (0..1), or of {"prompt", "label"}, where easy means that the cheap one suffices and the
 * strong one always does. What is below a bound goes to the model of the first route with
 * `difficulty = <`, the rest to that of the first with `difficulty = >`. Costs are by estimate,
 * with an answer of SWITCH_OUTPUT_TOKENS each. Below stands the bound that keeps
 * TRADEOFF_KEEP_PERCENT. Any number of lines. */
#ifndef COMMAND_ROUTE_CURVE_H
#define COMMAND_ROUTE_CURVE_H

#include "command/explain.h"

/* Exit status. */
int route_curve(const struct settings *s, const struct classifier *c, const char *path);

#endif
