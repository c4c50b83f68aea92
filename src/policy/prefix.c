#include "policy/prefix.h"

#include "base/check.h"
#include "base/money.h"
#include "llm/tokens.h"
#include "policy/compress_shape.h"

struct prefix_walk {
    const struct prefix_table *table;
    struct span body;
    int64_t now_ms;
    uint64_t hash;
    uint64_t system_hash; /* at the end of the first system messages; 0 = there are none */
    bool system_over;
    uint16_t system_times;
    size_t found_end;
    const struct prefix_entry *found;
};

static uint64_t prefix_add(uint64_t hash, struct span bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        hash = (hash ^ (uint8_t)bytes.ptr[i]) * UINT64_C(1099511628211);
    return hash != 0 ? hash : 1;
}

static bool prefix_is_live(const struct prefix_entry *e, int64_t now_ms)
{
    return e->hash != 0 && now_ms - e->seen_ms < PREFIX_TTL_MS;
}

static void prefix_message(void *ctx, const struct shape_message *m)
{
    struct prefix_walk *w = ctx;

    w->hash = prefix_add(w->hash, span_part(w->body, m->from, m->end - m->from));
    w->system_over = w->system_over || !m->is_system;
    if (!w->system_over) {
        w->system_hash = w->hash;
        w->system_times = 0;
    }
    for (size_t i = 0; i < PREFIX_ENTRIES; i++) {
        const struct prefix_entry *e = &w->table->entries[i];

        if (e->hash == w->hash && prefix_is_live(e, w->now_ms)) {
            w->found = e;
            if (!w->system_over)
                w->system_times = e->times;
            w->found_end = m->end;
        }
    }
}

static struct prefix_walk prefix_walk(const struct prefix_table *t, uint64_t scope, enum api api,
                                      struct span body, int64_t now_ms)
{
    struct prefix_walk w = {
        .table = t,
        .body = body,
        .now_ms = now_ms,
        .hash = UINT64_C(14695981039346656037) ^ scope,
    };
    const struct shape_hear hear = {prefix_message, &w};

    shape_walk(api, body, &hear);
    return w;
}

void prefix_find(const struct prefix_table *t, uint64_t scope, enum api api, struct span body,
                 int64_t now_ms, struct prefix_match *out)
{
    struct prefix_walk w = prefix_walk(t, scope, api, body, now_ms);

    *out = (struct prefix_match){0};
    if (w.found == NULL)
        return;
    out->bytes = w.found_end;
    out->tokens = tokens_estimate(span_part(body, 0, w.found_end));
    out->times = w.found->times;
    out->system_times = w.system_times;
    out->changed = w.found->changed;
}

static void prefix_note(struct prefix_table *t, uint64_t hash, bool changed, int64_t now_ms)
{
    struct prefix_entry *e = &t->entries[0];

    /* Its own place, else one that is free, else the one not seen for the longest time. */
    for (size_t i = 0; i < PREFIX_ENTRIES; i++) {
        struct prefix_entry *other = &t->entries[i];

        if (other->hash == hash) {
            e = other;
            break;
        }
        if (e->hash != 0 && (other->hash == 0 || other->seen_ms < e->seen_ms))
            e = other;
    }
    if (e->hash != hash || !prefix_is_live(e, now_ms))
        *e = (struct prefix_entry){.hash = hash};
    e->seen_ms = now_ms;
    e->changed = changed;
    if (e->times < UINT16_MAX)
        e->times++;
}

void prefix_remember(struct prefix_table *t, uint64_t scope, enum api api, struct span body,
                     bool changed, int64_t now_ms)
{
    struct prefix_walk w = prefix_walk(t, scope, api, body, now_ms);

    if (w.system_hash != 0)
        prefix_note(t, w.system_hash, changed, now_ms);
    if (w.system_over)
        prefix_note(t, w.hash, changed, now_ms);
}

bool prefix_keep(const struct prefix_costs *c, struct prefix_sum *sum)
{
    const struct prefix_match *m = c->match;
    bool held = m->bytes > 0 && m->tokens >= PREFIX_TOKENS_MIN;
    int64_t cut = c->cut_tokens < m->tokens ? c->cut_tokens : m->tokens;
    int64_t ahead = m->times < PREFIX_CALLS_AHEAD_MAX ? m->times : PREFIX_CALLS_AHEAD_MAX;
    /* The price of a token in this call, and in each one after it. */
    int64_t keep = m->changed ? c->write_pusd : c->cached_pusd;
    int64_t change = m->changed && c->repeatable ? c->cached_pusd : c->write_pusd;
    int64_t change_later = c->repeatable ? c->cached_pusd : c->write_pusd;

    CHECK(cut >= 0 && ahead >= 0);
    *sum = (struct prefix_sum){.calls = held ? ahead + 1 : 1};
    if (!held) {
        sum->keep_pusd = money_times(m->tokens, c->input_pusd);
        sum->change_pusd = money_times(m->tokens - cut, c->input_pusd);
        return cut == 0;
    }
    sum->keep_pusd = money_times(m->tokens, money_add(keep, money_times(ahead, c->cached_pusd)));
    sum->change_pusd =
        money_times(m->tokens - cut, money_add(change, money_times(ahead, change_later)));
    return sum->keep_pusd <= sum->change_pusd;
}
