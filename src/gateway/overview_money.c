/* What was spent, saved and asked, out of the trend and the budgets. */
#include <string.h>

#include "base/money.h"
#include "gateway/gateway.h"
#include "gateway/overview.h"
#include "json/write.h"

enum { OVERVIEW_PROJECT_MS = 3600000 /* before that a period says nothing about its end */ };

void overview_i64(struct json_write *w, const char *key, int64_t value)
{
    json_write_key(w, key);
    json_write_i64(w, value);
}

static void write_usd(struct json_write *w, int64_t pusd)
{
    char text[48];
    struct span s;
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_usd(&f, pusd);
    s = fmt_span(&f);
    while (s.len > 0 && s.ptr[s.len - 1] == '0')
        s.len--;
    if (s.len > 0 && s.ptr[s.len - 1] == '.')
        s.len--;
    json_write_raw(w, s);
}

void overview_usd(struct json_write *w, const char *key, int64_t pusd)
{
    json_write_key(w, key);
    write_usd(w, pusd);
}

void overview_time(struct json_write *w, const char *key, int64_t unix_ms)
{
    char text[32];
    struct fmt f;

    json_write_key(w, key);
    if (unix_ms <= 0 || unix_ms == INT64_MAX) {
        json_write_null(w);
        return;
    }
    fmt_init(&f, text, sizeof(text));
    fmt_time_utc(&f, unix_ms);
    json_write_text(w, fmt_span(&f));
}

/* ---- sums ---- */

static void write_sum(struct json_write *w, const char *key, const struct trend_sum *s)
{
    json_write_key(w, key);
    json_write_object(w);
    overview_i64(w, "calls", (int64_t)s->calls);
    overview_i64(w, "errors", (int64_t)s->errors);
    overview_i64(w, "input", s->input);
    overview_i64(w, "cached", s->cached);
    overview_i64(w, "output", s->output);
    overview_usd(w, "cost", s->cost_pusd);
    overview_usd(w, "baseline", s->baseline_pusd);
    overview_usd(w, "saved", money_add(s->baseline_pusd, -s->cost_pusd));
    json_write_object_end(w);
}

static void write_totals(struct json_write *w, const struct trend *t)
{
    const struct trend_sum none = {0};
    struct trend_sum sum = none;

    json_write_key(w, "totals");
    json_write_object(w);
    if (t != NULL)
        sum = trend_sum_of(t, TREND_HOUR, TREND_HOUR_POINTS);
    write_sum(w, "hour", &sum);
    if (t != NULL)
        sum = trend_sum_of(t, TREND_MONTH, 1);
    write_sum(w, "today", &sum);
    if (t != NULL)
        sum = trend_sum_of(t, TREND_MONTH, trend_days_of_month(t));
    write_sum(w, "month", &sum);
    write_sum(w, "all", t != NULL ? &t->all : &none);
    json_write_object_end(w);
}

/* spent * whole / gone without an overflow: a thousandth is exact enough for a guess. */
static int64_t project_pusd(int64_t spent_pusd, int64_t gone_ms, int64_t whole_ms)
{
    int64_t gone_s = gone_ms / 1000;
    int64_t whole_s = whole_ms / 1000;

    if (spent_pusd < INT64_MAX / whole_s)
        return spent_pusd * whole_s / gone_s;
    return spent_pusd / gone_s < INT64_MAX / whole_s ? spent_pusd / gone_s * whole_s : INT64_MAX;
}

static void write_projected(struct json_write *w, int64_t spent_pusd, int64_t begin_unix_ms,
                            int64_t end_unix_ms, int64_t now_unix_ms)
{
    json_write_key(w, "projected");
    if (end_unix_ms == INT64_MAX || end_unix_ms <= now_unix_ms ||
        now_unix_ms - begin_unix_ms < OVERVIEW_PROJECT_MS)
        json_write_null(w);
    else
        write_usd(
            w, project_pusd(spent_pusd, now_unix_ms - begin_unix_ms, end_unix_ms - begin_unix_ms));
}

static void write_month(struct json_write *w, const struct trend *t, int64_t now_unix_ms)
{
    int64_t begin_unix_ms = 0;
    int64_t end_unix_ms = INT64_MAX;
    int64_t spent_pusd = 0;

    if (t != NULL) {
        trend_month(t, now_unix_ms, &begin_unix_ms, &end_unix_ms);
        spent_pusd = trend_sum_of(t, TREND_MONTH, trend_days_of_month(t)).cost_pusd;
    }
    json_write_key(w, "month");
    json_write_object(w);
    overview_usd(w, "spent", spent_pusd);
    write_projected(w, spent_pusd, begin_unix_ms, end_unix_ms, now_unix_ms);
    json_write_object_end(w);
}

static void write_savings(struct json_write *w, const struct trend *t)
{
    json_write_key(w, "savings");
    json_write_array(w);
    for (size_t i = 0; t != NULL && i < TREND_SAVINGS_MAX && t->savings[i].name != NULL; i++) {
        json_write_object(w);
        json_write_key(w, "by");
        json_write_str(w, t->savings[i].name);
        overview_i64(w, "calls", (int64_t)t->savings[i].calls);
        overview_usd(w, "saved", t->savings[i].saved_pusd);
        json_write_object_end(w);
    }
    json_write_array_end(w);
}

/* ---- budgets ---- */

struct account {
    const struct budget_settings *settings;
    const struct budget_account *account;
};

static void write_of(struct json_write *w, const struct budget_settings *s)
{
    static const char *const names[] = {
        [BUDGET_OF_ALL] = "all",
        [BUDGET_OF_EACH_KEY] = "each key",
        [BUDGET_OF_EACH_ADDRESS] = "each address",
        [BUDGET_OF_EACH_SESSION] = "each session",
        [BUDGET_OF_KEY] = "key ",
        [BUDGET_OF_ROUTE] = "route ",
        [BUDGET_OF_MODEL] = "model ",
        [BUDGET_OF_UPSTREAM] = "upstream ",
    };
    char text[CONFIG_NAME_BYTES + 16];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, names[s->of]);
    fmt_str(&f, s->of_name);
    json_write_key(w, "of");
    json_write_text(w, fmt_span(&f));
}

/* What an account has spent in the period of now; one that was not touched since knows an old one.
 */
static int64_t spent_pusd_of(const struct account *a, const struct gateway *g, int64_t now_unix_ms)
{
    enum budget_period per = (enum budget_period)a->settings->per;
    int64_t begin_unix_ms = budget_period_begin(per, now_unix_ms, &g->budgets.zone);

    return a->account->period_unix_ms < begin_unix_ms ? 0 : a->account->spent_pusd;
}

static void write_account(struct json_write *w, const struct gateway *g, const struct account *a,
                          int64_t now_unix_ms)
{
    const struct budget_settings *s = a->settings;
    enum budget_period per = (enum budget_period)s->per;
    int64_t end_unix_ms = budget_period_end(per, now_unix_ms, &g->budgets.zone);
    int64_t spent_pusd = spent_pusd_of(a, g, now_unix_ms);
    int64_t left_pusd = s->limit_pusd - money_add(spent_pusd, a->account->held_pusd);

    json_write_object(w);
    json_write_key(w, "name");
    json_write_str(w, s->name);
    write_of(w, s);
    json_write_key(w, "subject");
    json_write_str(w, a->account->subject[0] != '\0' ? a->account->subject : "-");
    json_write_key(w, "per");
    json_write_str(w, budget_period_name(per));
    overview_usd(w, "limit", s->limit_pusd);
    overview_usd(w, "spent", spent_pusd);
    overview_usd(w, "held", a->account->held_pusd);
    overview_usd(w, "left", left_pusd > 0 ? left_pusd : 0);
    overview_time(w, "resets", end_unix_ms);
    write_projected(w, spent_pusd, budget_period_begin(per, now_unix_ms, &g->budgets.zone),
                    end_unix_ms, now_unix_ms);
    json_write_key(w, "warns");
    json_write_bool(w, budget_is_near(s, left_pusd));
    json_write_key(w, "exceeded");
    json_write_bool(w, left_pusd <= 0);
    json_write_object_end(w);
}

/* Per cent of the limit that are left: the fewer, the more there is to see. */
static int64_t percent_left(const struct account *a, const struct gateway *g, int64_t now_unix_ms)
{
    int64_t percent_pusd = a->settings->limit_pusd / 100;
    int64_t used_pusd = money_add(spent_pusd_of(a, g, now_unix_ms), a->account->held_pusd);

    return percent_pusd > 0 ? (a->settings->limit_pusd - used_pusd) / percent_pusd : 0;
}

struct accounts {
    size_t count;
    struct account all[OVERVIEW_BUDGETS_MAX];
};

static void put_account(struct accounts *to, const struct account *a, const struct gateway *g,
                        int64_t now_unix_ms)
{
    size_t at = to->count;

    while (at > 0 &&
           percent_left(a, g, now_unix_ms) < percent_left(&to->all[at - 1], g, now_unix_ms))
        at--;
    if (at == OVERVIEW_BUDGETS_MAX)
        return;
    to->count += to->count < OVERVIEW_BUDGETS_MAX ? 1 : 0;
    memmove(to->all + at + 1, to->all + at, (to->count - 1 - at) * sizeof(to->all[0]));
    to->all[at] = *a;
}

/* Also those that nothing was charged to yet. */
static void write_budgets(struct json_write *w, const struct gateway *g, int64_t now_unix_ms)
{
    static const struct budget_account untouched = {0};
    const struct budget_book *b = &g->budgets;
    struct accounts shown = {0};

    for (size_t s = 0; s < b->count; s++) {
        struct account a = {.settings = &b->settings[s], .account = &untouched};

        for (uint32_t i = 0; i < b->capacity; i++) {
            if (budget_of_account(b, &b->accounts[i]) != a.settings)
                continue;
            a.account = &b->accounts[i];
            put_account(&shown, &a, g, now_unix_ms);
        }
        if (a.account == &untouched)
            put_account(&shown, &a, g, now_unix_ms);
    }
    json_write_key(w, "budgets");
    json_write_array(w);
    for (size_t i = 0; i < shown.count; i++)
        write_account(w, g, &shown.all[i], now_unix_ms);
    json_write_array_end(w);
}

/* ---- over time ---- */

enum series_column { SERIES_CALLS, SERIES_TOKENS, SERIES_COST, SERIES_SAVED, SERIES_COLUMNS };

static void write_column(struct json_write *w, const struct trend *t,
                         const struct overview_query *q, size_t group, enum series_column column)
{
    static const char *const names[SERIES_COLUMNS] = {"calls", "tokens", "cost", "saved"};

    json_write_key(w, names[column]);
    json_write_array(w);
    for (size_t i = 0; i < trend_points(q->range); i++) {
        const struct trend_cell *c = trend_cell(t, q->range, q->by, i, group);

        if (column == SERIES_CALLS)
            json_write_i64(w, c->calls);
        else if (column == SERIES_TOKENS)
            json_write_i64(w, c->tokens);
        else
            write_usd(w, column == SERIES_COST ? c->cost_pusd : c->saved_pusd);
    }
    json_write_array_end(w);
}

static struct trend_cell sum_group(const struct trend *t, const struct overview_query *q,
                                   size_t group)
{
    struct trend_cell sum = {0};

    for (size_t i = 0; i < trend_points(q->range); i++) {
        const struct trend_cell *c = trend_cell(t, q->range, q->by, i, group);

        sum.calls += c->calls;
        sum.cost_pusd = money_add(sum.cost_pusd, c->cost_pusd);
    }
    return sum;
}

/* Groups with calls in the range by cost, then by calls; the others last. */
static size_t sort_groups(const struct trend *t, const struct overview_query *q,
                          size_t order[TREND_GROUPS])
{
    struct trend_cell sums[TREND_GROUPS];
    size_t count = 0;

    for (size_t i = 1; i <= TREND_GROUPS; i++) {
        size_t group = i % TREND_GROUPS;
        size_t at = count;

        sums[group] = sum_group(t, q, group);
        if (sums[group].calls == 0)
            continue;
        while (group != 0 && at > 0 &&
               (sums[order[at - 1]].cost_pusd < sums[group].cost_pusd ||
                (sums[order[at - 1]].cost_pusd == sums[group].cost_pusd &&
                 sums[order[at - 1]].calls < sums[group].calls)))
            at--;
        memmove(order + at + 1, order + at, (count - at) * sizeof(order[0]));
        order[at] = group;
        count++;
    }
    return count;
}

static void write_series(struct json_write *w, const struct trend *t,
                         const struct overview_query *q)
{
    size_t order[TREND_GROUPS];
    size_t count = t != NULL ? sort_groups(t, q, order) : 0;

    json_write_key(w, "series");
    json_write_object(w);
    overview_i64(w, "step_s", trend_step_s(q->range));
    overview_time(w, "start", t != NULL ? trend_begin_unix_ms(t, q->range) : 0);
    overview_i64(w, "points", (int64_t)trend_points(q->range));
    json_write_key(w, "groups");
    json_write_array(w);
    for (size_t i = 0; i < count; i++) {
        struct span name = span_str(order[i] == 0 ? "(others)" : t->by[q->by].names[order[i]]);

        json_write_object(w);
        json_write_key(w, "name");
        json_write_text(w, span_part(name, 0, OVERVIEW_NAME_BYTES));
        for (int column = 0; column < SERIES_COLUMNS; column++)
            write_column(w, t, q, order[i], (enum series_column)column);
        json_write_object_end(w);
    }
    json_write_array_end(w);
    json_write_object_end(w);
}

static void write_reading(struct json_write *w, const struct gateway *g)
{
    json_write_key(w, "history");
    json_write_bool(w, g->trend != NULL);
    json_write_key(w, "reading");
    json_write_object(w);
    json_write_key(w, "done");
    json_write_bool(w, !past_running(&g->past));
    overview_i64(w, "percent", past_percent(&g->past));
    json_write_object_end(w);
}

void overview_history(struct gateway *g, const struct overview_query *q, struct json_write *w,
                      int64_t now_unix_ms)
{
    struct trend *t = g->trend;

    if (t != NULL)
        trend_advance(t, now_unix_ms);
    write_reading(w, g);
    write_totals(w, t);
    write_budgets(w, g, now_unix_ms);
    write_month(w, t, now_unix_ms);
    write_savings(w, t);
    write_series(w, t, q);
}
