#include "policy/switch.h"

#include "base/check.h"
#include "base/money.h"

enum { SWITCH_WHOLE_MILLI = 1000 };

static int64_t switch_cost(const struct switch_side *s, int64_t input_tokens, int64_t output_tokens)
{
    int64_t held = s->held_tokens < input_tokens ? s->held_tokens : input_tokens;

    CHECK(held >= 0);
    return money_add(money_times(output_tokens, s->price.output_pusd),
                     money_add(money_times(held, s->price.cached_input_pusd),
                               money_times(input_tokens - held, s->price.input_pusd)));
}

bool switch_stays(const struct switch_side *stay, const struct switch_side *go,
                  int64_t input_tokens, int64_t output_tokens, int64_t bound_milli,
                  struct switch_sum *sum)
{
    sum->stay_pusd = switch_cost(stay, input_tokens, output_tokens);
    sum->go_pusd = switch_cost(go, input_tokens, output_tokens);
    return sum->go_pusd > sum->stay_pusd &&
           money_times(sum->go_pusd - sum->stay_pusd, SWITCH_WHOLE_MILLI) >
               money_times(sum->stay_pusd, bound_milli);
}
