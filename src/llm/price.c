#include "llm/price.h"

#include "base/check.h"
#include "config/table.h"

bool price_is_known(const struct price *p)
{
    return p->input_pusd != CONFIG_UNSET && p->output_pusd != CONFIG_UNSET;
}

int64_t price_cost_pusd(const struct price *p, const struct usage *u)
{
    int64_t cached = p->cached_input_pusd != CONFIG_UNSET ? p->cached_input_pusd : p->input_pusd;
    int64_t write = p->cache_write_pusd != CONFIG_UNSET ? p->cache_write_pusd : p->input_pusd;
    int64_t plain = u->input - u->cached - u->cache_write;
    int64_t cost;

    CHECK(price_is_known(p));
    CHECK(plain >= 0);
    cost = money_times(plain, p->input_pusd);
    cost = money_add(cost, money_times(u->cached, cached));
    cost = money_add(cost, money_times(u->cache_write, write));
    return money_add(cost, money_times(u->output, p->output_pusd));
}
