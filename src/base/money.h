/* money - amounts in picodollars (1e-12 USD, int64_t, suffix _pusd) that saturate, never wrap.
 *
 * INT64_MAX picodollars are 9.2 million USD: a sum that saturates there is above every cap, which
 * is the safe side. Prices are per million tokens in USD in the config, and per token in
 * picodollars here: 1 USD per million tokens is exactly 1,000,000 pUSD a token (DESIGN section 2).
 */
#ifndef BASE_MONEY_H
#define BASE_MONEY_H

#include <stdint.h>

#define MONEY_PUSD_PER_USD     INT64_C(1000000000000)
#define MONEY_TOKENS_PER_PRICE INT64_C(1000000) /* the unit that vendors quote prices in */

int64_t money_add(int64_t a_pusd, int64_t b_pusd);
/* tokens and price must not be negative. */
int64_t money_times(int64_t tokens, int64_t price_pusd_per_token);

#endif
