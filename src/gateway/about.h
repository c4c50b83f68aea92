/* about - what can be asked about an exchange: who it is for, what it wants, what it may cost. */
#ifndef GATEWAY_ABOUT_H
#define GATEWAY_ABOUT_H

#include "gateway/exchange.h"

/* A field of the client's as a word for the ledger: printable ASCII without spaces, all else
 * becomes '_'. Empty when it is not there. */
struct span exchange_word(const struct exchange *x, const char *field, char *out, size_t out_bytes);

/* The client asked, in x-farthing-skip, to do without that: cache, stop. So does nobody. */
bool exchange_skips(const struct exchange *x, const char *what);
/* The route would make the prompt shorter. */
bool exchange_packs(const struct exchange *x);

/* There is, or will be, a line in the ledger for it. */
bool exchange_has_line(const struct exchange *x);

/* Who and what it is, as budgets know it. */
struct budget_subject exchange_subject(const struct exchange *x);

/* Estimates in the tokens of the vendor that is asked. */
int64_t exchange_input_estimate(const struct exchange *x);
int64_t exchange_output_estimate(const struct exchange *x);

/* x->bound: the most that its call can cost; false when nothing bounds it. */
bool exchange_bound(struct exchange *x);

#endif
