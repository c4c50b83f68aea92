#include "command/tradeoff.h"

#include "base/check.h"
#include "base/money.h"
#include "base/scan.h"

enum { WHOLE_MILLI = 1000 };

static bool tradeoff_fraction(const struct jsonl *j, const char *name, int64_t *out)
{
    const struct json_member *m = json_object_find(&j->object, name);

    if (m == NULL)
        return false;
    *out = m->kind == JSON_TRUE ? WHOLE_MILLI : 0;
    return m->kind == JSON_TRUE || m->kind == JSON_FALSE || scan_fraction(m->value, out);
}

bool tradeoff_read(const struct jsonl *j, struct span label, struct tradeoff_outcome *out)
{
    if (tradeoff_fraction(j, "cheap", &out->cheap_milli) &&
        tradeoff_fraction(j, "strong", &out->strong_milli))
        return true;
    out->cheap_milli = span_equal(label, SPAN("easy")) ? WHOLE_MILLI : 0;
    out->strong_milli = WHOLE_MILLI;
    return out->cheap_milli > 0 || span_equal(label, SPAN("hard"));
}

void tradeoff_add(struct tradeoff *t, int64_t difficulty_milli, const struct tradeoff_outcome *o,
                  int64_t cheap_pusd, int64_t strong_pusd)
{
    struct tradeoff_level *l;

    CHECK(difficulty_milli >= 0 && difficulty_milli < TRADEOFF_LEVELS);
    l = &t->levels[difficulty_milli];
    l->count++;
    l->cheap_milli += o->cheap_milli;
    l->strong_milli += o->strong_milli;
    l->cheap_pusd = money_add(l->cheap_pusd, cheap_pusd);
    l->strong_pusd = money_add(l->strong_pusd, strong_pusd);
}

struct tradeoff_sum tradeoff_at(const struct tradeoff *t, int bound_milli)
{
    struct tradeoff_sum sum = {0};

    for (int i = 0; i < TRADEOFF_LEVELS; i++) {
        const struct tradeoff_level *l = &t->levels[i];
        bool cheap = i < bound_milli;

        sum.count += l->count;
        sum.cheap += cheap ? l->count : 0;
        sum.quality_milli += cheap ? l->cheap_milli : l->strong_milli;
        sum.cost_pusd = money_add(sum.cost_pusd, cheap ? l->cheap_pusd : l->strong_pusd);
    }
    return sum;
}

int tradeoff_bound(const struct tradeoff *t, uint64_t keep_percent)
{
    const int64_t percent = 100;
    int64_t cheap = tradeoff_at(t, TRADEOFF_LEVELS).quality_milli;
    int64_t quality = tradeoff_at(t, 0).quality_milli;
    int64_t gap = quality - cheap;
    int best = 0;

    if (gap <= 0)
        return -1;
    for (int bound = 0; bound < TRADEOFF_LEVELS; bound++) {
        if ((quality - cheap) * percent < gap * (int64_t)keep_percent)
            break;
        best = bound;
        quality += t->levels[bound].cheap_milli - t->levels[bound].strong_milli;
    }
    return best;
}

static void tradeoff_quality(const struct tradeoff *t, int bound_milli, struct fmt *f)
{
    struct tradeoff_sum sum = tradeoff_at(t, bound_milli);

    fmt_milli(f, sum.count > 0 ? sum.quality_milli / (int64_t)sum.count : 0);
}

void tradeoff_say(const struct tradeoff *t, uint64_t keep_percent, struct fmt *f)
{
    int bound = tradeoff_bound(t, keep_percent);
    struct tradeoff_sum sum;

    if (bound < 0) {
        fmt_str(f, "no bound: the strong model is no better on these prompts\n");
        return;
    }
    sum = tradeoff_at(t, bound);
    fmt_str(f, "difficulty = < ");
    fmt_milli(f, bound);
    fmt_str(f, " keeps ");
    fmt_u64(f, keep_percent);
    fmt_str(f, " % of what the strong model is better by and sends ");
    fmt_u64(f, sum.cheap);
    fmt_str(f, " of ");
    fmt_u64(f, sum.count);
    fmt_str(f, " prompts to the cheap one: quality ");
    tradeoff_quality(t, bound, f);
    fmt_str(f, "; strong for all ");
    tradeoff_quality(t, 0, f);
    fmt_str(f, ", cheap for all ");
    tradeoff_quality(t, TRADEOFF_LEVELS, f);
    fmt_char(f, '\n');
}
