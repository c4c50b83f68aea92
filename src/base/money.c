#include "base/money.h"

#include "base/check.h"

int64_t money_add(int64_t a_pusd, int64_t b_pusd)
{
    if (b_pusd > 0 && a_pusd > INT64_MAX - b_pusd)
        return INT64_MAX;
    if (b_pusd < 0 && a_pusd < INT64_MIN - b_pusd)
        return INT64_MIN;
    return a_pusd + b_pusd;
}

int64_t money_times(int64_t tokens, int64_t price_pusd_per_token)
{
    CHECK(tokens >= 0);
    CHECK(price_pusd_per_token >= 0);
    if (tokens > 0 && price_pusd_per_token > INT64_MAX / tokens)
        return INT64_MAX;
    return tokens * price_pusd_per_token;
}
