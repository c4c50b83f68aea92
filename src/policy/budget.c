#include "policy/budget.h"

#include <string.h>

#include "base/check.h"
#include "base/money.h"

enum {
    BUDGET_IDENTITY_BYTES = 3 * CONFIG_NAME_BYTES + 8,
    BUDGET_SUBJECT_HASHED_BYTES = 256, /* what tells subjects apart; longer ones share an account */
};

/* ---- identities ---- */

static const uint8_t budget_hash_key[HASH_SIP_KEY_BYTES] = "farthing budgets";

static uint64_t hash_nonzero(struct span s)
{
    uint64_t h = hash_sip64(budget_hash_key, s);

    return h != 0 ? h : 1;
}

static uint64_t budget_identity(const struct budget_settings *s)
{
    char text[BUDGET_IDENTITY_BYTES];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, s->name);
    fmt_char(&f, '\n');
    fmt_u64(&f, (uint64_t)s->per);
    fmt_char(&f, '\n');
    fmt_u64(&f, (uint64_t)s->of);
    fmt_char(&f, '\n');
    fmt_str(&f, s->of_name);
    fmt_char(&f, '\n');
    fmt_str(&f, s->of_key);
    CHECK(fmt_ok(&f));
    return hash_nonzero(fmt_span(&f));
}

static uint64_t account_identity(uint64_t budget, struct span subject)
{
    char text[BUDGET_SUBJECT_HASHED_BYTES + 24];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_hex(&f, budget, 16);
    fmt_text(&f, span_part(subject, 0, BUDGET_SUBJECT_HASHED_BYTES));
    return hash_nonzero(fmt_span(&f));
}

/* Whether the budget concerns the subject, and by which name its account goes. */
static bool budget_touches(const struct budget_settings *b, const struct budget_subject *s,
                           struct span *name)
{
    if (b->of_key[0] != '\0' && !span_equal(s->key, span_str(b->of_key)))
        return false;
    switch (b->of) {
    case BUDGET_OF_ALL:
        *name = SPAN("all");
        return true;
    case BUDGET_OF_EACH_KEY:
        *name = s->key;
        return s->key.len > 0;
    case BUDGET_OF_EACH_ADDRESS:
        *name = s->address;
        return s->address.len > 0;
    case BUDGET_OF_EACH_SESSION:
        *name = s->session;
        return s->session.len > 0;
    case BUDGET_OF_KEY:
        *name = s->key;
        break;
    case BUDGET_OF_ROUTE:
        *name = s->route;
        break;
    case BUDGET_OF_MODEL:
        *name = s->model;
        break;
    case BUDGET_OF_UPSTREAM:
        *name = s->upstream;
        break;
    }
    return span_equal(*name, span_str(b->of_name));
}

/* ---- accounts ---- */

bool budget_carve(struct budget_book *b, struct arena *a, uint32_t accounts)
{
    struct arena_row *row;

    memset(b, 0, sizeof(*b));
    b->accounts = arena_carve(a, "budget accounts", accounts, sizeof(struct budget_account));
    if (b->accounts == NULL)
        return false;
    b->capacity = accounts;
    row = arena_last_row(a);
    row->in_use = &b->in_use;
    row->peak = &b->peak;
    return true;
}

static struct budget_floor *floor_of(struct budget_book *b, uint64_t budget)
{
    struct budget_floor *unused = NULL;

    for (size_t i = 0; i < BUDGET_MAX; i++) {
        if (b->floors[i].budget == budget)
            return &b->floors[i];
        if (b->floors[i].budget == 0 && unused == NULL)
            unused = &b->floors[i];
    }
    CHECK(unused != NULL); /* budget_configure drops the floors of budgets that are gone */
    return unused;
}

/* The configured budget of that identity, or NULL. */
static const struct budget_settings *settings_of(const struct budget_book *b, uint64_t budget)
{
    for (size_t i = 0; i < b->count; i++)
        if (b->identities[i] == budget)
            return &b->settings[i];
    return NULL;
}

void budget_configure(struct budget_book *b, const struct budget_settings *settings, size_t count)
{
    CHECK(count <= BUDGET_MAX);
    b->settings = settings;
    b->count = count;
    for (size_t i = 0; i < count; i++)
        b->identities[i] = budget_identity(&settings[i]);
    for (size_t i = 0; i < BUDGET_MAX; i++)
        if (settings_of(b, b->floors[i].budget) == NULL)
            memset(&b->floors[i], 0, sizeof(b->floors[i]));
}

const struct budget_settings *budget_of_account(const struct budget_book *b,
                                                const struct budget_account *a)
{
    return a->id != 0 ? settings_of(b, a->budget) : NULL;
}

static struct budget_account *account_find(struct budget_book *b, uint64_t id)
{
    for (uint32_t i = 0; i < b->capacity; i++)
        if (b->accounts[i].id == id)
            return &b->accounts[i];
    return NULL;
}

void budget_raise_floor(struct budget_book *b, const struct budget_floor *f)
{
    struct budget_floor *known;

    if (settings_of(b, f->budget) == NULL)
        return;
    known = floor_of(b, f->budget);
    if (known->budget == 0 || known->period_unix_ms < f->period_unix_ms)
        *known = *f;
    else if (known->period_unix_ms == f->period_unix_ms && known->spent_pusd < f->spent_pusd)
        known->spent_pusd = f->spent_pusd;
}

/* Remembers what an account that gives way had spent. */
static void account_evict(struct budget_book *b, struct budget_account *a)
{
    const struct budget_floor spent = {a->budget, a->period_unix_ms, a->spent_pusd};

    if (budget_of_account(b, a) != NULL && a->spent_pusd > 0) {
        budget_raise_floor(b, &spent);
        b->evicted++;
    }
    memset(a, 0, sizeof(*a));
    b->in_use--;
}

/* A place for a new account: a free one, else that of the account that has spent least. NULL when
 * every account holds something. */
static struct budget_account *account_place(struct budget_book *b)
{
    struct budget_account *least = NULL;

    for (uint32_t i = 0; i < b->capacity; i++) {
        struct budget_account *a = &b->accounts[i];

        if (a->id == 0) {
            least = a;
            break;
        }
        if (a->holds == 0 && (least == NULL || a->spent_pusd < least->spent_pusd))
            least = a;
    }
    if (least == NULL)
        return NULL;
    if (least->id != 0)
        account_evict(b, least);
    b->in_use++;
    b->peak = b->in_use > b->peak ? b->in_use : b->peak;
    return least;
}

/* Forward only: a time before the account's period leaves it as it is. */
static void account_turn(struct budget_account *a, int64_t period_unix_ms)
{
    if (period_unix_ms <= a->period_unix_ms)
        return;
    a->period_unix_ms = period_unix_ms;
    a->spent_pusd = 0;
    a->warned = false;
}

/* The account of the ith budget that goes by this name; NULL when there is no place for it. */
static struct budget_account *account_open(struct budget_book *b, size_t i, struct span subject,
                                           int64_t unix_ms)
{
    const struct budget_settings *s = &b->settings[i];
    uint64_t budget = b->identities[i];
    uint64_t id = account_identity(budget, subject);
    int64_t period = budget_period_begin((enum budget_period)s->per, unix_ms, &b->zone);
    struct budget_account *a = account_find(b, id);
    const struct budget_floor *floor;
    struct fmt f;

    if (a != NULL) {
        account_turn(a, period);
        return a;
    }
    a = account_place(b);
    if (a == NULL)
        return NULL;
    a->id = id;
    a->budget = budget;
    a->period_unix_ms = period;
    floor = floor_of(b, budget);
    if (floor->budget != 0 && floor->period_unix_ms >= period) {
        a->period_unix_ms = floor->period_unix_ms;
        a->spent_pusd = floor->spent_pusd;
    }
    fmt_init(&f, a->subject, sizeof(a->subject));
    if (subject.len < sizeof(a->subject) - 1)
        fmt_text(&f, subject);
    else
        fmt_visible(&f, span_part(subject, 0, (sizeof(a->subject) - 8) / 4), sizeof(a->subject));
    (void)fmt_cstr(&f);
    return a;
}

/* ---- the promise ---- */

static int64_t account_left(const struct budget_settings *s, const struct budget_account *a)
{
    int64_t taken = money_add(a->spent_pusd, a->held_pusd);

    return taken >= s->limit_pusd ? 0 : s->limit_pusd - taken;
}

static void verdict_take(const struct budget_book *b, const struct budget_settings *s,
                         const struct budget_account *a, int64_t now_unix_ms,
                         struct budget_verdict *v)
{
    int64_t end_of = now_unix_ms > a->period_unix_ms ? now_unix_ms : a->period_unix_ms;

    v->budget = s;
    memcpy(v->subject, a->subject, sizeof(v->subject));
    v->spent_pusd = a->spent_pusd;
    v->held_pusd = a->held_pusd;
    v->left_pusd = account_left(s, a);
    v->reset_unix_ms = budget_period_end((enum budget_period)s->per, end_of, &b->zone);
}

/* Opens the accounts that the subject touches and finds the one with least left: nothing, when
 * there is no place for one of them. */
static void accounts_of(struct budget_book *b, const struct budget_subject *s, int64_t now_unix_ms,
                        struct budget_hold *found, struct budget_verdict *v)
{
    memset(found, 0, sizeof(*found));
    memset(v, 0, sizeof(*v));
    v->left_pusd = INT64_MAX;
    for (size_t i = 0; i < b->count; i++) {
        const struct budget_settings *budget = &b->settings[i];
        struct budget_account *a;
        struct span name;

        if (!budget_touches(budget, s, &name))
            continue;
        a = found->count < BUDGET_HOLDS_MAX ? account_open(b, i, name, now_unix_ms) : NULL;
        if (a == NULL) {
            v->budget = budget;
            v->left_pusd = 0;
            v->reset_unix_ms =
                budget_period_end((enum budget_period)budget->per, now_unix_ms, &b->zone);
            break;
        }
        a->holds++; /* not to be evicted for the next one */
        found->account[found->count++] = (uint32_t)(a - b->accounts);
        if (account_left(budget, a) < v->left_pusd)
            verdict_take(b, budget, a, now_unix_ms, v);
    }
    for (uint32_t i = 0; i < found->count; i++)
        b->accounts[found->account[i]].holds--;
}

int64_t budget_left(struct budget_book *b, const struct budget_subject *s, int64_t now_unix_ms,
                    struct budget_verdict *v)
{
    struct budget_hold found;

    accounts_of(b, s, now_unix_ms, &found, v);
    return v->left_pusd;
}

bool budget_is_near(const struct budget_settings *s, int64_t left_pusd)
{
    return left_pusd <= s->limit_pusd - s->limit_pusd / 100 * BUDGET_WARN_PERCENT;
}

/* Passing the mark is told once a period, with what is held counted in. */
static bool account_warns(const struct budget_settings *s, struct budget_account *a)
{
    int64_t used_pusd = money_add(a->spent_pusd, a->held_pusd);

    if (a->warned || !budget_is_near(s, s->limit_pusd - used_pusd))
        return false;
    a->warned = true;
    return true;
}

bool budget_reserve(struct budget_book *b, const struct budget_subject *s, int64_t amount_pusd,
                    int64_t now_unix_ms, struct budget_hold *h, struct budget_verdict *v)
{
    CHECK(amount_pusd >= 0);
    accounts_of(b, s, now_unix_ms, h, v);
    if (v->budget != NULL && (amount_pusd > v->left_pusd || v->left_pusd == 0)) {
        memset(h, 0, sizeof(*h));
        return false;
    }
    h->amount_pusd = amount_pusd;
    for (uint32_t i = 0; i < h->count; i++) {
        struct budget_account *a = &b->accounts[h->account[i]];
        const struct budget_settings *budget = budget_of_account(b, a);

        a->holds++;
        a->held_pusd += amount_pusd;
        if (account_warns(budget, a)) {
            v->warned = budget;
            memcpy(v->warned_subject, a->subject, sizeof(v->warned_subject));
            v->warned_used_pusd = money_add(a->spent_pusd, a->held_pusd);
        }
    }
    return true;
}

static void account_charge(const struct budget_book *b, struct budget_account *a, int64_t cost_pusd,
                           int64_t line_unix_ms)
{
    const struct budget_settings *s = budget_of_account(b, a);
    int64_t period;

    if (s == NULL)
        return;
    period = budget_period_begin((enum budget_period)s->per, line_unix_ms, &b->zone);
    account_turn(a, period);
    if (period == a->period_unix_ms)
        a->spent_pusd = money_add(a->spent_pusd, cost_pusd);
}

void budget_settle(struct budget_book *b, struct budget_hold *h, int64_t cost_pusd,
                   int64_t line_unix_ms)
{
    CHECK(cost_pusd >= 0);
    for (uint32_t i = 0; i < h->count; i++) {
        struct budget_account *a = &b->accounts[h->account[i]];

        CHECK(a->holds > 0 && a->held_pusd >= h->amount_pusd);
        a->holds--;
        a->held_pusd -= h->amount_pusd;
        account_charge(b, a, cost_pusd, line_unix_ms);
    }
    memset(h, 0, sizeof(*h));
}

void budget_replay(struct budget_book *b, const struct budget_subject *s, int64_t cost_pusd,
                   int64_t line_unix_ms)
{
    for (size_t i = 0; i < b->count; i++) {
        struct budget_account *a;
        struct span name;

        if (!budget_touches(&b->settings[i], s, &name))
            continue;
        a = account_open(b, i, name, line_unix_ms);
        if (a != NULL) /* at a start nothing holds, and there is always a place */
            account_charge(b, a, cost_pusd, line_unix_ms);
    }
}

void budget_raise(struct budget_book *b, const struct budget_account *a)
{
    struct budget_account *known = account_find(b, a->id);

    if (a->id == 0 || budget_of_account(b, a) == NULL)
        return;
    if (known == NULL) {
        known = account_place(b);
        if (known == NULL)
            return;
        *known = *a;
        known->held_pusd = 0;
        known->holds = 0;
    }
    account_turn(known, a->period_unix_ms);
    if (known->period_unix_ms == a->period_unix_ms && known->spent_pusd < a->spent_pusd)
        known->spent_pusd = a->spent_pusd;
}

void budget_forget_spent(struct budget_book *b)
{
    memset(b->floors, 0, sizeof(b->floors));
    for (uint32_t i = 0; i < b->capacity; i++) {
        struct budget_account *a = &b->accounts[i];

        if (a->id != 0 && a->holds == 0) {
            memset(a, 0, sizeof(*a));
            b->in_use--;
            continue;
        }
        a->period_unix_ms = 0;
        a->spent_pusd = 0;
        a->warned = false;
    }
}

int64_t budget_held_pusd(const struct budget_book *b)
{
    int64_t held_pusd = 0;

    for (uint32_t i = 0; i < b->capacity; i++)
        held_pusd = money_add(held_pusd, b->accounts[i].held_pusd);
    return held_pusd;
}
