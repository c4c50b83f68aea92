/* budget - caps on spending that hold at any concurrency: reserved before a call, settled after.
 *
 * A [budget] owns accounts: one for `all`, one for each key, address or session it meets, one for
 * the key, route, model or upstream it names. A request is admitted when every account it touches
 * has room for the most that its calls can cost; that sum is held until the call is settled with
 * what it did cost. At every moment, for every account: spent + held <= limit, as long as no call
 * costs more than its hold.
 *
 *   budget_reserve()   before a call: all accounts or none; the verdict names the one without room
 *   budget_settle()    once, in every ending of the call
 *   budget_replay()    at start, for each line of the ledger in its order
 *
 * TIME is Unix milliseconds, handed in, and for each account only ever goes forward: a clock that
 * jumps back opens no period anew, one that jumps ahead opens the next one early and only once.
 * Periods begin at full hours, midnights, Mondays and firsts of the month of the book's zone.
 * What is held stays held over the turn of a period and is charged to the period of its ledger
 * line, so that live accounts and replayed ones are the same.
 *
 * BOUNDED: BUDGET_ACCOUNTS_DEFAULT accounts of about 100 bytes. When all are taken, the one that
 * has spent least and holds nothing gives way, and what it had spent becomes the floor of its
 * budget: every account that is opened later in the period begins there. So nothing that was spent
 * is ever forgotten, at the price of being strict to newcomers (the overestimate of Metwally's
 * space-saving sketch, 2005). */
#ifndef POLICY_BUDGET_H
#define POLICY_BUDGET_H

#include "base/arena.h"
#include "base/hash.h"
#include "policy/budget_settings.h"

enum {
    BUDGET_ACCOUNTS_DEFAULT = 512, /* 50 KB: a shop's keys, or a family's devices, many times */
    BUDGET_HOLDS_MAX = 8,          /* budgets that one request can touch */
    BUDGET_WARN_PERCENT = 80,
    BUDGET_SUBJECT_BYTES = 48, /* an IPv6 address in full has 39 */
};

/* Who and what a request is; empty = not known, and then `each` of it does not touch it. */
struct budget_subject {
    struct span key;
    struct span address;
    struct span session;
    struct span route;
    struct span model;
    struct span upstream;
};

struct budget_account {
    uint64_t id;     /* hash of the budget's identity and the subject; 0 = free */
    uint64_t budget; /* hash of the budget's identity: name, per, of */
    int64_t period_unix_ms;
    int64_t spent_pusd;
    int64_t held_pusd;
    uint32_t holds;
    bool warned;
    char subject[BUDGET_SUBJECT_BYTES]; /* for people; cut */
};

struct budget_floor {
    uint64_t budget;
    int64_t period_unix_ms;
    int64_t spent_pusd;
};

struct budget_book {
    const struct budget_settings *settings;
    /* What makes a budget the same one after a reload or restart: hash of name, period, subject. */
    uint64_t identities[BUDGET_MAX];
    size_t count;
    struct zone zone; /* of the periods; all zero is UTC */
    struct budget_account *accounts;
    uint32_t capacity;
    uint32_t in_use;
    uint32_t peak;
    uint64_t evicted;
    struct budget_floor floors[BUDGET_MAX];
};

/* What a call holds. All zero: nothing. */
struct budget_hold {
    int64_t amount_pusd;
    uint32_t count;
    uint32_t account[BUDGET_HOLDS_MAX];
};

/* The account that has least left, whether or not it was enough. */
struct budget_verdict {
    const struct budget_settings *budget; /* NULL: no budget touches the request */
    char subject[BUDGET_SUBJECT_BYTES];
    int64_t spent_pusd;
    int64_t held_pusd; /* by other calls */
    int64_t left_pusd;
    int64_t reset_unix_ms; /* INT64_MAX: never */
    /* An account that has just passed BUDGET_WARN_PERCENT, told once a period; NULL = none. */
    const struct budget_settings *warned;
    char warned_subject[BUDGET_SUBJECT_BYTES];
    int64_t warned_used_pusd; /* spent or held, with what is reserved now */
};

bool budget_carve(struct budget_book *b, struct arena *a, uint32_t accounts);
/* Also at a reload: accounts of budgets that are the same go on. */
void budget_configure(struct budget_book *b, const struct budget_settings *settings, size_t count);
/* What the subject could reserve now. INT64_MAX, with v->budget NULL, when no budget touches it. */
int64_t budget_left(struct budget_book *b, const struct budget_subject *s, int64_t now_unix_ms,
                    struct budget_verdict *v);
/* BUDGET_WARN_PERCENT of the limit are spent or held when so much is left. */
bool budget_is_near(const struct budget_settings *s, int64_t left_pusd);
/* True: held. False: v tells which account has no room, and nothing is held. */
bool budget_reserve(struct budget_book *b, const struct budget_subject *s, int64_t amount_pusd,
                    int64_t now_unix_ms, struct budget_hold *h, struct budget_verdict *v);
/* Gives the hold back and charges what the call cost, at the time of its ledger line. Idempotent:
 * the hold is empty afterwards. */
void budget_settle(struct budget_book *b, struct budget_hold *h, int64_t cost_pusd,
                   int64_t line_unix_ms);
/* Charges a line of the past. */
void budget_replay(struct budget_book *b, const struct budget_subject *s, int64_t cost_pusd,
                   int64_t line_unix_ms);
/* From a checkpoint: an account or floor never loses what it knows to have been spent. Those of
 * budgets that are not configured are left out. */
void budget_raise(struct budget_book *b, const struct budget_account *a);
void budget_raise_floor(struct budget_book *b, const struct budget_floor *f);
/* Before all is replayed again: what was spent is forgotten, what is held stays. */
void budget_forget_spent(struct budget_book *b);
/* Sum of all holds: 0 when nothing is under way. */
int64_t budget_held_pusd(const struct budget_book *b);
/* The settings of an account; NULL when its budget is no longer configured. */
const struct budget_settings *budget_of_account(const struct budget_book *b,
                                                const struct budget_account *a);
#endif
