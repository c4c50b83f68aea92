#include "llm/price.h"

#include "base/check.h"
#include "config/table.h"

static const struct price_set nothing = {CONFIG_UNSET, CONFIG_UNSET, CONFIG_UNSET, CONFIG_UNSET,
                                         CONFIG_UNSET};

static int64_t price_larger(int64_t a_pusd, int64_t b_pusd)
{
    return a_pusd > b_pusd ? a_pusd : b_pusd;
}

static int64_t price_or(int64_t given_pusd, int64_t otherwise_pusd)
{
    return given_pusd != CONFIG_UNSET ? given_pusd : otherwise_pusd;
}

static bool price_set_has_any(const struct price_set *s)
{
    return s->input_pusd != CONFIG_UNSET || s->cached_input_pusd != CONFIG_UNSET ||
           s->cache_write_pusd != CONFIG_UNSET || s->cache_write_1h_pusd != CONFIG_UNSET ||
           s->output_pusd != CONFIG_UNSET;
}

void price_clear(struct price *p)
{
    *p = (struct price){.base = nothing, .above = nothing, .next = nothing};
}

bool price_is_known(const struct price *p)
{
    return p->base.input_pusd != CONFIG_UNSET && p->base.output_pusd != CONFIG_UNSET;
}

const char *price_fault(const struct price *p)
{
    bool tier = price_set_has_any(&p->above);
    bool next = price_set_has_any(&p->next);

    if (tier && p->above_tokens == 0)
        return "has prices *_above without `above`, the tokens of input beyond which they hold";
    if (!tier && p->above_tokens != 0)
        return "has `above`, but no price *_above that would hold beyond it";
    if (next && p->next_unix_ms == 0)
        return "has prices *_next without `next_from`, the day from which they hold";
    if (p->next_unix_ms != 0 &&
        (p->next.input_pusd == CONFIG_UNSET || p->next.output_pusd == CONFIG_UNSET))
        return "has `next_from`, but not both input_next and output_next";
    if ((tier || next) && !price_is_known(p))
        return "has prices *_above or *_next, but not both input and output";
    return NULL;
}

/* Puts in what is left out. */
static struct price_set price_whole(const struct price_set *s, const struct price_set *otherwise)
{
    struct price_set whole;

    whole.input_pusd = price_or(s->input_pusd, otherwise->input_pusd);
    whole.output_pusd = price_or(s->output_pusd, otherwise->output_pusd);
    whole.cached_input_pusd = price_or(s->cached_input_pusd, whole.input_pusd);
    whole.cache_write_pusd = price_or(s->cache_write_pusd, whole.input_pusd);
    whole.cache_write_1h_pusd =
        price_or(s->cache_write_1h_pusd,
                 price_larger(whole.cache_write_pusd, money_times(2, whole.input_pusd)));
    return whole;
}

struct price_set price_at(const struct price *p, int64_t input_tokens, int64_t unix_ms)
{
    const struct price_set *s = &p->base;

    CHECK(price_is_known(p));
    if (p->next_unix_ms != 0 && unix_ms >= p->next_unix_ms)
        s = &p->next;
    else if (p->above_tokens != 0 && input_tokens > p->above_tokens)
        s = &p->above;
    return price_whole(s, &p->base);
}

int64_t price_cost_pusd(const struct price *p, const struct usage *u, int64_t unix_ms)
{
    struct price_set s = price_at(p, u->input, unix_ms);
    int64_t plain = u->input - u->cached - u->cache_write;
    int64_t cost;

    CHECK(plain >= 0);
    CHECK(u->cache_write_1h <= u->cache_write);
    cost = money_times(plain, s.input_pusd);
    cost = money_add(cost, money_times(u->cached, s.cached_input_pusd));
    cost = money_add(cost, money_times(u->cache_write - u->cache_write_1h, s.cache_write_pusd));
    cost = money_add(cost, money_times(u->cache_write_1h, s.cache_write_1h_pusd));
    return money_add(cost, money_times(u->output, s.output_pusd));
}

static void price_raise(struct price_bound *b, const struct price_set *s, bool writes_1h)
{
    b->input_pusd = price_larger(b->input_pusd, s->input_pusd);
    b->input_pusd = price_larger(b->input_pusd, s->cached_input_pusd);
    b->input_pusd = price_larger(b->input_pusd, s->cache_write_pusd);
    if (writes_1h)
        b->input_pusd = price_larger(b->input_pusd, s->cache_write_1h_pusd);
    b->output_pusd = price_larger(b->output_pusd, s->output_pusd);
}

struct price_bound price_dearest(const struct price *p, int64_t input_tokens_max, int64_t unix_ms,
                                 bool writes_1h)
{
    struct price_set least = price_at(p, 0, unix_ms);
    struct price_set most = price_at(p, input_tokens_max, unix_ms);
    struct price_bound b = {0};

    price_raise(&b, &least, writes_1h);
    price_raise(&b, &most, writes_1h);
    return b;
}
