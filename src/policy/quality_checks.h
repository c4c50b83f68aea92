/* quality_checks - the checks of quality.c, one function each, by subject. For quality.c only.
 *
 * Each gives 0..1000 or QUALITY_NONE. */
#ifndef POLICY_QUALITY_CHECKS_H
#define POLICY_QUALITY_CHECKS_H

#include "policy/quality.h"

/* quality_text.c: what the text alone tells. */
int quality_empty(const struct quality_input *in);
int quality_finish(const struct quality_input *in);
int quality_cut(const struct quality_input *in);
int quality_balance(const struct quality_input *in);
int quality_refusal(const struct quality_input *in);
int quality_error(const struct quality_input *in);
int quality_logprob(const struct quality_input *in, int64_t least_milli);
/* Code without a fence around it. */
bool quality_is_code(struct span text);
int quality_length(const struct quality_input *in, const struct check_settings *s);

/* quality_json.c: what has a form. */
int quality_json(const struct quality_input *in, const struct check_settings *s);
int quality_schema(const struct quality_input *in, const struct check_settings *s,
                   struct quality_work *work);
int quality_tools(const struct quality_input *in, struct quality_work *work);

#endif
