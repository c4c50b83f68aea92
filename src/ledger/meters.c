#include "ledger/meters.h"

#include <string.h>

#include "base/money.h"
#include "ledger/summary.h"

static const int64_t token_bounds[] = {1,     4,     16,     64,      256,     1024,     4096,
                                       16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864};
static const int64_t first_byte_bounds_ms[] = {1,   5,   10,  20,   40,   60,   80,   100,
                                               250, 500, 750, 1000, 2500, 5000, 7500, 10000};
static const int64_t total_bounds_ms[] = {10,   20,   40,   80,    160,   320,   640,
                                          1280, 2560, 5120, 10240, 20480, 40960, 81920};

static const struct bounds {
    const int64_t *bounds;
    size_t count;
} bounds_of[METERS] = {
    [METER_INPUT] = {token_bounds, sizeof(token_bounds) / sizeof(token_bounds[0])},
    [METER_OUTPUT] = {token_bounds, sizeof(token_bounds) / sizeof(token_bounds[0])},
    [METER_FIRST_BYTE] = {first_byte_bounds_ms,
                          sizeof(first_byte_bounds_ms) / sizeof(first_byte_bounds_ms[0])},
    [METER_TOTAL] = {total_bounds_ms, sizeof(total_bounds_ms) / sizeof(total_bounds_ms[0])},
};

const int64_t *meter_bounds(enum meter meter, size_t *count)
{
    *count = bounds_of[meter].count;
    return bounds_of[meter].bounds;
}

static void set_name(char *to, struct span name)
{
    size_t len = name.len < METERS_NAME_BYTES ? name.len : METERS_NAME_BYTES - 1;

    if (len > 0)
        memcpy(to, name.ptr, len);
    to[len] = '\0';
}

static bool is_name(const char *of, struct span name)
{
    return span_equal(span_str(of), span_part(name, 0, METERS_NAME_BYTES - 1));
}

static struct meter_model *model_of(struct meters *m, const char *operation, struct span asked,
                                    struct span used)
{
    for (size_t i = 0; i < METERS_MODELS; i++) {
        struct meter_model *at = &m->models[i];

        if (i + 1 == METERS_MODELS) {
            operation = METERS_OTHER;
            asked = used = SPAN(METERS_OTHER);
        }
        if (at->operation == NULL) {
            at->operation = operation;
            set_name(at->asked, asked);
            set_name(at->name, used);
        }
        if (strcmp(at->operation, operation) == 0 && is_name(at->asked, asked) &&
            is_name(at->name, used))
            return at;
    }
    return &m->models[METERS_MODELS - 1];
}

static void count_value(struct meter_model *m, enum meter meter, int64_t value)
{
    struct meter_counts *c = &m->counts[meter];
    size_t at = 0;

    if (value < 0)
        return;
    while (at < bounds_of[meter].count && value > bounds_of[meter].bounds[at])
        at++;
    c->below[at]++;
    c->count++;
    c->sum = money_add(c->sum, value); /* saturates */
}

static void count_tier(struct meters *m, const struct ledger_line *line)
{
    for (size_t i = 0; line->tier > 0 && i < METERS_TIERS_MAX; i++) {
        struct meter_tier *t = &m->tiers[i];

        if (t->tier != 0 && (t->tier != line->tier || !is_name(t->route, line->route)))
            continue;
        if (t->tier == 0)
            set_name(t->route, line->route);
        t->tier = line->tier;
        t->asked++;
        t->failed += line->status < 200 || line->status >= 300 ? 1 : 0;
        t->escalated += (line->tags & TAG_ESCALATED) != 0 ? 1 : 0;
        return;
    }
}

static void count_saving(struct meters *m, const struct ledger_line *line)
{
    const char *name = summary_saving(line);

    for (size_t i = 0; name != NULL && i < METERS_SAVINGS_MAX; i++) {
        struct meter_saving *s = &m->savings[i];

        if (s->name != NULL && strcmp(s->name, name) != 0)
            continue;
        s->name = name;
        s->saved_pusd = money_add(s->saved_pusd, money_add(line->baseline_pusd, -line->cost_pusd));
        return;
    }
}

void meters_line(struct meters *m, const struct ledger_line *line, const char *operation,
                 struct span asked)
{
    bool is_call = (line->tags & (TAG_HIT | TAG_COALESCED)) == 0;

    for (unsigned i = 0; i < METERS_TAGS; i++)
        m->tags[i] += line->tags >> i & 1;
    count_saving(m, line);
    if (!is_call || line->used.len == 0)
        return;
    count_tier(m, line);
    struct meter_model *model = model_of(m, operation, asked, line->used);
    count_value(model, METER_INPUT, line->input);
    count_value(model, METER_OUTPUT, line->output);
    count_value(model, METER_FIRST_BYTE, line->first_byte_ms);
    count_value(model, METER_TOTAL, line->total_ms);
}
