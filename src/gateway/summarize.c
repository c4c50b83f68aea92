#include "gateway/summarize.h"

#include <string.h>

#include "gateway/gateway.h"
#include "policy/summary.h"

enum {
    SUMMARIZE_CALLS_MAX = 4, /* at a time: they take the places of clients */
    SUMMARIZE_WAIT_MS = 20000,
    SUMMARIZE_USELESS_TTL_MS = 24 * 3600000, /* it was paid for, and would be no better tomorrow */
    SUMMARIZE_FAILED_TTL_MS = 5 * 60000,     /* the vendor's trouble */
};

/* The text does not change, and what is not used gives way. */
#define SUMMARIZE_TTL_MS (INT64_C(30) * 24 * 3600000)

/* Values begin with it; without a text behind it there is none. */
static const char summarize_form = 1;

/* One text, and what is known of its summary. */
struct summarize_job {
    const struct summary_texts *texts;
    enum summary_of of;
    struct summary_maker by;
    const struct model_settings *model;
    struct cache_id id;
    struct cache_ref found[SUMMARY_KINDS]; /* asking for one moves what is in the cache */
    struct summary_terms terms;
    int64_t requests; /* to come, that would use it */
};

static bool summarize_is_same(const struct cache_id *a, const struct cache_id *b)
{
    return a->key.word[0] == b->key.word[0] && a->key.word[1] == b->key.word[1] &&
           a->scope == b->scope;
}

/* Whether it is under way; how many of all are, in *count. */
static bool summarize_runs(const struct gateway *g, const struct cache_id *id, size_t *count)
{
    bool runs = false;

    *count = 0;
    for (uint32_t i = 0; i < g->exchanges.count; i++) {
        const struct exchange *x = pool_at(&g->exchanges, i);

        if (x == NULL || x->purpose != PURPOSE_SUMMARY)
            continue;
        ++*count;
        runs = runs || summarize_is_same(&x->recall.id, id);
    }
    return runs;
}

/* ---- whether it pays ---- */

static struct summary_terms summarize_terms(const struct summarize *s,
                                            const struct summarize_job *j)
{
    const struct exchange *x = s->x;
    struct summary_terms t = {.text_tokens = j->texts->tokens[j->of]};
    /* Of a conversation that went out shorter the vendor holds none of the turns that go now. */
    bool held = s->match->bytes >= j->texts->end[j->of] && s->match->tokens >= PREFIX_TOKENS_MIN &&
                (j->of == SUMMARY_SYSTEM || !s->match->changed);

    t.left_tokens = summary_length(j->by.settings, t.text_tokens);
    t.prefix_tokens = held ? s->match->tokens : 0;
    if (!x->model->free)
        t.asked =
            price_at(&x->model->price, request_estimate_tokens(&x->request), x->started_wall_ms);
    if (!j->model->free)
        t.cheap = price_at(&j->model->price, t.text_tokens, x->started_wall_ms);
    return t;
}

/* A system prompt is taken to come as often again as it has come. A conversation that was seen to
 * go on has more turns behind it than the summary will serve (as many as history keeps), so three
 * quarters of these are to be expected. */
static int64_t summarize_requests(const struct summarize *s, const struct summarize_job *j)
{
    if (j->of == SUMMARY_SYSTEM)
        return s->match->system_times;
    if (s->match->bytes < j->texts->end[j->of])
        return 0;
    return (s->x->route->compress.history_turns * 3 + 3) / 4;
}

static bool summarize_pays(const struct summarize_job *j, int64_t requests)
{
    return summary_saving_pusd(&j->terms, requests) > summary_cost_pusd(&j->terms);
}

/* ---- asking ---- */

static void summarize_ask(const struct summarize *s, const struct summarize_job *j)
{
    struct lease_region *memory = &s->x->gateway->bodies;
    struct exchange *call = NULL;
    struct lease body = {0};
    struct fmt out;

    s->packed->summaries_asked |= 1u << j->of;
    if (!lease_take(memory, &body, s->x->request.body.len + SUMMARY_ROOM_BYTES))
        return;
    fmt_init(&out, body.ptr, lease_bytes(&body));
    if (summary_request(&out, j->texts, j->of, &j->by))
        call = side_make(s->x, PURPOSE_SUMMARY, API_CHAT, &body, fmt_span(&out).len, j->model,
                         s->now_ms);
    lease_give(memory, &body);
    if (call == NULL)
        return;
    call->recall.id = j->id;
    call->route_tags = TAG_SUMMARIZED;
    call->tags = TAG_SUMMARIZED;
    exchange_begin_at_reserve(call, s->now_ms);
}

/* It may be: there is a place to keep it, the client has nothing against that, the model can read
 * the text. */
static bool summarize_may(const struct summarize *s, const struct summarize_job *j, size_t running)
{
    struct exchange *x = s->x;
    const struct gateway *g = x->gateway;

    recall_read_control(x);
    return g->cache.ring_bytes > 0 && !g->stopping && !x->recall.control.no_store &&
           running < SUMMARIZE_CALLS_MAX && (s->packed->summaries_asked >> j->of & 1) == 0 &&
           (j->model->context_tokens == 0 || 2 * j->terms.text_tokens < j->model->context_tokens);
}

static void summarize_missing(const struct summarize *s, struct summarize_job *j)
{
    struct packed *p = s->packed;
    size_t running;
    bool runs = summarize_runs(s->x->gateway, &j->id, &running);
    bool pays_now = j->of == SUMMARY_HISTORY && summarize_pays(j, 1);
    bool pays = pays_now || summarize_pays(j, j->requests);

    p->summary_cost_pusd = summary_cost_pusd(&j->terms);
    p->summary_saving_pusd = summary_saving_pusd(&j->terms, pays_now ? 1 : j->requests);
    if (p->summary < PACK_ASKED)
        p->summary = pays || runs ? PACK_ASKED : PACK_UNPAID;
    if (s->is_dry)
        return;
    if (!runs && pays && summarize_may(s, j, running)) {
        summarize_ask(s, j);
        runs = summarize_runs(s->x->gateway, &j->id, &running);
    }
    if (!runs || !pays_now)
        return;
    if (p->wait_until_ms == 0) {
        p->wait_until_ms = s->now_ms + SUMMARIZE_WAIT_MS;
        s->x->wake.deadline_ms = p->wait_until_ms;
    }
    p->waits = s->now_ms < p->wait_until_ms;
}

/* ---- what is there ---- */

static void summarize_one(const struct summarize *s, struct summarize_job *j)
{
    struct gateway *g = s->x->gateway;
    struct cache_entry e;

    if (cache_find(&g->cache, &j->id, gateway_wall_ms(g), 0, &e) != CACHE_FRESH) {
        summarize_missing(s, j);
        return;
    }
    if (e.value.len <= 1 || e.value.ptr[0] != summarize_form) {
        if (s->packed->summary < PACK_FAILED)
            s->packed->summary = PACK_FAILED;
        return;
    }
    s->packed->summary = PACK_KEPT;
    j->found[j->of] = e.ref;
}

static struct span summarize_said(const struct gateway *g, struct cache_ref ref)
{
    struct span value = cache_ref_value(&g->cache, ref);

    return span_part(value, 1, value.len);
}

void summarize_look(const struct summarize *s, struct messages *scratch, char *room)
{
    struct exchange *x = s->x;
    const struct settings *all = &x->use->settings;
    const struct compress_passes *passes = &x->route->compress;
    const char *scope = x->key != NULL && !all->cache.shared ? x->key->name : "";
    struct summary_texts texts;
    struct summarize_job j = {
        .texts = &texts,
        .model = settings_find_model(all, span_str(passes->summarize_model)),
    };

    summary_find(&texts, passes, &all->compress, x->api, x->request.body, scratch, room);
    s->said->system_at = texts.system != NULL ? texts.system->value.ptr : NULL;
    j.by.settings = &all->compress;
    j.by.model_id = span_str(j.model->id);
    j.by.completion_tokens =
        strcmp(x->use->upstreams[j.model->upstream_index].settings->host, "api.openai.com") == 0;
    j.id.kind = CACHE_SUMMARY;
    j.id.scope = cache_scope(x->gateway->cache_secret, span_str(scope));
    for (int of = 0; of < SUMMARY_KINDS; of++) {
        if (texts.tokens[of] == 0)
            continue;
        j.of = (enum summary_of)of;
        j.id.key = summary_key(x->gateway->cache_secret, &texts, j.of, &j.by);
        j.terms = summarize_terms(s, &j);
        j.requests = summarize_requests(s, &j);
        summarize_one(s, &j);
    }
    s->said->system = summarize_said(x->gateway, j.found[SUMMARY_SYSTEM]);
    s->said->history = summarize_said(x->gateway, j.found[SUMMARY_HISTORY]);
}

/* ---- the answer ---- */

static void summarize_keep(struct exchange *x)
{
    struct gateway *g = x->gateway;
    int64_t wall_ms = gateway_wall_ms(g);
    struct span answer = side_answer(x);
    struct span value[2] = {{&summarize_form, 1}, SPAN_EMPTY};
    struct cache_meta meta = {.stored_unix_ms = wall_ms, .api = API_CHAT};
    struct lease room = {0};
    struct reply reply;

    meta.expires_unix_ms = wall_ms + SUMMARIZE_FAILED_TTL_MS;
    if (answer.len > 0 && lease_take(&g->bodies, &room, answer.len)) {
        reply_start(&reply, x->api, room.ptr, answer.len);
        reply_body(&reply, answer);
        value[1] = summary_take(&reply, x->request.max_output_tokens);
        meta.expires_unix_ms =
            wall_ms + (value[1].len > 0 ? SUMMARIZE_TTL_MS : (int64_t)SUMMARIZE_USELESS_TTL_MS);
    }
    if (!cache_put(&g->cache, &x->recall.id, &meta, value, 2)) /* too long to be kept */
        (void)cache_put(&g->cache, &x->recall.id, &meta, value, 1);
    lease_give(&g->bodies, &room);
}

void summarize_end(struct exchange *x, int64_t now_ms)
{
    struct gateway *g = x->gateway;

    (void)now_ms;
    if (x->purpose != PURPOSE_SUMMARY)
        return;
    if (x->called && !x->gone)
        summarize_keep(x);
    for (uint32_t i = 0; i < g->exchanges.count; i++) {
        struct exchange *other = pool_at(&g->exchanges, i);

        if (other != NULL && other->packed.waits)
            loop_kick(&g->loop, &other->wake);
    }
}
