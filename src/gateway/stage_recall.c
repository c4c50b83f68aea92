/* recall - an answer that was paid for once is not paid for again. */
#include <string.h>

#include "base/check.h"
#include "gateway/gateway.h"
#include "gateway/near_recall.h"
#include "gateway/offline.h"
#include "json/object.h"
#include "json/walk.h"

/* The value of an entry: a byte of its form, the length and name of the model that answered, the
 * recording. */
enum { RECALL_FORM = 1, RECALL_HEAD_BYTES = 2 };

static struct lease_region *recall_memory(const struct exchange *x)
{
    return &x->gateway->bodies;
}

/* ---- whether, and under which key ---- */

/* Responses refer to what the vendor keeps, and counting tokens is free. */
static bool recall_is_for(enum api api)
{
    return api != API_RESPONSES && api != API_COUNT_TOKENS;
}

void recall_read_control(struct exchange *x)
{
    const struct http_head *h = &x->conn->head;

    cache_control_start(&x->recall.control);
    for (size_t i = 0; i < h->field_count; i++)
        if (span_equal_fold(h->fields[i].name, SPAN("cache-control")))
            cache_control_read(&x->recall.control, h->fields[i].value);
}

/* What the configuration makes of the request counts too: under another route, or a route with
 * other models, it is another request. */
void recall_mix(const struct exchange *x, struct hash128 *key)
{
    const uint8_t *secret = x->gateway->cache_secret;
    const struct route_settings *r = x->route;

    cache_key_mix(secret, key, api_path(x->api));
    cache_key_mix(secret, key, r != NULL ? span_str(r->name) : SPAN_EMPTY);
    for (size_t t = 0; r != NULL && t < r->tier_count; t++)
        for (size_t c = 0; c < r->tiers[t].count; c++)
            cache_key_mix(secret, key, span_str(r->tiers[t].choices[c].model));
    if (r != NULL && (r->stop[0] != 0 || r->conciseness[0] != 0) && !exchange_skips(x, "stop")) {
        cache_key_mix(secret, key, span_str(r->stop));
        cache_key_mix(secret, key, span_str(r->conciseness));
    }
}

static bool recall_temperature_fits(const struct exchange *x)
{
    const struct json_member *m;

    /* A route that says how long its answers are kept says that they are; vectors have none. */
    if ((x->route != NULL && x->route->cache_ms > 0) || x->api == API_EMBEDDINGS)
        return true;
    if (!json_object_read(x->gateway->scratch, x->request.body))
        return false;
    m = json_object_find(x->gateway->scratch, "temperature");
    return cache_temperature_fits(&x->use->settings.cache, m != NULL ? m->value : SPAN_EMPTY);
}

static void recall_prepare(struct exchange *x)
{
    const struct cache_settings *s = &x->use->settings.cache;
    struct gateway *g = x->gateway;
    struct recall *r = &x->recall;

    r->outcome = CACHE_OUTCOME_BYPASS;
    r->ttl_ms = x->use->settings.cache_on ? s->ttl_ms : 0;
    if (x->route != NULL && x->route->cache_ms >= 0)
        r->ttl_ms = x->route->cache_ms;
    if (r->ttl_ms == 0 || g->cache.ring_bytes == 0 || !recall_is_for(x->api) ||
        exchange_skips(x, "cache") || !recall_temperature_fits(x))
        return;
    if (!cache_key_read(g->cache_secret, x->request.body, &r->id.key))
        return;
    recall_mix(x, &r->id.key);
    r->id.scope = cache_scope(g->cache_secret,
                              x->key != NULL && !s->shared ? span_str(x->key->name) : SPAN_EMPTY);
    r->id.kind = CACHE_ANSWER;
    if (x->api == API_EMBEDDINGS && !x->request.stream && !inputs_read(x))
        return;
    r->stale_ms = x->route != NULL ? x->route->stale_if_error_ms : 0;
    recall_read_control(x);
    r->outcome =
        r->control.no_cache || r->control.no_store ? CACHE_OUTCOME_REQUEST : CACHE_OUTCOME_MISS;
    near_prepare(x);
    r->on = true;
    r->may_store = !r->control.no_store;
}

/* ---- a hit ---- */

void recall_take_model(struct exchange *x, struct span name)
{
    const struct model_settings *m = settings_find_model(&x->use->settings, name);

    /* One that is gone from the configuration: the one that would be asked stands for it. */
    if (m == NULL)
        return;
    x->model = m;
    x->up = &x->use->upstreams[m->upstream_index];
}

/* The answer in the form that the client wants; false when there is no memory for it. */
static bool recall_play(struct exchange *x, struct span recording)
{
    struct lease_region *memory = recall_memory(x);
    bool events = recording.ptr[0] == (char)RECORDING_EVENTS;
    struct span body = recording_body(recording);
    bool ok;

    if (!x->request.stream) {
        ok = player_body(memory, x->api, recording, &x->relay.held, &x->relay.held_len);
        x->relay.mode = ok ? RELAY_HOLD : RELAY_NONE;
        return ok;
    }
    if (events)
        ok = player_open_events(&x->player, memory, recording);
    else
        ok = player_open_body(&x->player, memory, x->api, body, x->request.include_usage);
    /* What it was made of is known, though the events may not tell. */
    if (ok && !events)
        (void)usage_read(&x->answer.usage,
                         api_is_anthropic(x->api) ? USAGE_ANTHROPIC : USAGE_OPENAI,
                         json_walk_get(body, "usage"));
    if (ok) {
        relay_start_events(x);
        player_pace(&x->player, x->use->settings.cache.rate, x->gateway->loop.now_ms);
    }
    return ok;
}

static void recall_is_hit(struct exchange *x)
{
    x->hit = true;
    x->recall.outcome = CACHE_OUTCOME_HIT;
    x->upstream_status = 200;
    x->tags |= TAG_HIT | (x->recall.similarity_milli > 0 ? TAG_NEAR : 0u);
}

struct span recall_recording(struct span value)
{
    size_t name_len;

    if (value.len < RECALL_HEAD_BYTES || value.ptr[0] != RECALL_FORM)
        return SPAN_EMPTY;
    name_len = (uint8_t)value.ptr[1];
    return span_part(value, RECALL_HEAD_BYTES + name_len, value.len);
}

static bool recall_deliver(struct exchange *x, const struct cache_entry *e)
{
    struct span recording = recall_recording(e->value);

    if (recording.len == 0)
        return false;
    x->recall.left_ms = e->meta.expires_unix_ms - gateway_wall_ms(x->gateway);
    x->recall.age_s = cache_age_s(e->meta.stored_unix_ms, gateway_wall_ms(x->gateway));
    answer_start(&x->answer, &x->request, x->request.stream && !x->request.include_usage);
    if (!recall_play(x, recording))
        return false;
    recall_take_model(x, span_part(e->value, RECALL_HEAD_BYTES, (uint8_t)e->value.ptr[1]));
    recall_is_hit(x);
    return true;
}

/* All the texts of an embeddings request, each by itself. */
static bool recall_deliver_inputs(struct exchange *x, bool found)
{
    if (!found)
        return false;
    answer_start(&x->answer, &x->request, false);
    recall_is_hit(x);
    return true;
}

enum cache_found recall_peek(struct exchange *x)
{
    struct cache_entry e;

    recall_prepare(x);
    if (!x->recall.on)
        return CACHE_MISS;
    if (x->inputs.on)
        return inputs_find(x, 0) ? CACHE_FRESH : CACHE_MISS;
    return cache_find(&x->gateway->cache, &x->recall.id, gateway_wall_ms(x->gateway), 0, &e);
}

static bool recall_look(struct exchange *x)
{
    struct recall *r = &x->recall;
    int64_t wall_ms = gateway_wall_ms(x->gateway);
    struct cache_entry e;

    if (x->inputs.on)
        return recall_deliver_inputs(x, inputs_look(x));
    if (r->outcome == CACHE_OUTCOME_REQUEST)
        return false;
    switch (cache_find(&x->gateway->cache, &r->id, wall_ms, INT64_MAX, &e)) {
    case CACHE_STALE:
        r->outcome = CACHE_OUTCOME_STALE;
        return false;
    case CACHE_FRESH:
        break;
    case CACHE_MISS:
        if (near_find(x, wall_ms, &e) != CACHE_FRESH)
            return false;
        r->similarity_milli = ROUTE_BAR_MILLI; /* by its key */
        break;
    }
    return cache_control_takes(&r->control, wall_ms - e.meta.stored_unix_ms) &&
           recall_deliver(x, &e);
}

static bool recall_takes_stale(struct exchange *x)
{
    if (x->route != NULL && x->route->offline_stale &&
        x->recall.stale_ms < ROUTE_OFFLINE_STALE_MS && offline_route(x))
        x->recall.stale_ms = ROUTE_OFFLINE_STALE_MS;
    return x->recall.on && x->recall.stale_ms > 0 && !x->gone;
}

static bool recall_find_stale(struct exchange *x, struct cache_entry *e)
{
    return recall_takes_stale(x) &&
           cache_find(&x->gateway->cache, &x->recall.id, gateway_wall_ms(x->gateway),
                      x->recall.stale_ms, e) != CACHE_MISS;
}

bool recall_has_stale(struct exchange *x)
{
    struct cache_entry e;

    if (x->inputs.on)
        return recall_takes_stale(x) && inputs_find(x, x->recall.stale_ms);
    return recall_find_stale(x, &e);
}

bool recall_stale(struct exchange *x)
{
    struct cache_entry e;

    if (x->inputs.on)
        return recall_deliver_inputs(x, recall_has_stale(x) && inputs_answer(x));
    return recall_find_stale(x, &e) && recall_deliver(x, &e);
}

/* What is only alike, where the route and what was learned of it allow that. */
static bool recall_alike(struct exchange *x)
{
    int64_t wall_ms = gateway_wall_ms(x->gateway);
    struct cache_entry e;

    if (!near_alike_find(x, wall_ms, &e) ||
        !cache_control_takes(&x->recall.control, wall_ms - e.meta.stored_unix_ms))
        return false;
    x->recall.similarity_milli = x->recall.alike.similarity_milli;
    return recall_deliver(x, &e);
}

/* ---- the same request, under way ---- */

static enum stage_result recall_lead(struct exchange *x)
{
    if (x->recall.may_store)
        x->tape = tape_open(&x->gateway->tapes, &x->recall.id, x);
    return STAGE_NEXT;
}

/* A stream can be followed from its first event on; everything else once it is whole. */
static enum stage_result recall_follow(struct exchange *x)
{
    struct tape *t = x->tape;
    bool live = x->request.stream && t->events && t->len > 1 && !t->held;

    if (t->failed) {
        tape_leave(t, x, &x->gateway->tapes, recall_memory(x));
        t = tape_find(&x->gateway->tapes, &x->recall.id);
        if (t == NULL)
            return recall_lead(x); /* the first that wakes asks for all of them */
        tape_follow(t, x);
        return STAGE_WAIT;
    }
    if ((!t->whole || t->held) && !live)
        return STAGE_WAIT;
    x->coalesced = true;
    answer_start(&x->answer, &x->request, x->request.stream && !x->request.include_usage);
    if (live && player_open_tape(&x->player, recall_memory(x), t))
        relay_start_events(x);
    else if (!t->whole || !recall_play(x, tape_bytes(t))) {
        x->coalesced = false;
        refuse_say(&x->refusal, REFUSE_NO_MEMORY, NULL, SPAN_EMPTY);
        return STAGE_REFUSE;
    }
    recall_take_model(x, span_str(t->model));
    x->upstream_status = 200;
    x->tags |= TAG_COALESCED;
    return STAGE_DELIVER;
}

enum stage_result stage_recall(struct exchange *x, int64_t now_ms)
{
    struct tape *t;

    if (x->follows)
        return recall_follow(x);
    if (x->side != NULL)
        return STAGE_WAIT;
    if (!x->recall.prepared)
        recall_prepare(x);
    x->recall.prepared = true;
    if (!x->recall.on)
        return STAGE_NEXT;
    if (!x->recall.looked) {
        x->recall.looked = true;
        if (recall_look(x))
            return STAGE_DELIVER;
        if (x->recall.outcome == CACHE_OUTCOME_MISS && near_alike_embeds(x, now_ms))
            return STAGE_WAIT;
    }
    if (x->recall.outcome == CACHE_OUTCOME_MISS && recall_alike(x))
        return STAGE_DELIVER;
    if (x->recall.control.only_if_cached) {
        refuse_say(&x->refusal, REFUSE_NOT_CACHED, NULL, SPAN_EMPTY);
        return STAGE_REFUSE;
    }
    t = x->recall.outcome == CACHE_OUTCOME_REQUEST ? NULL
                                                   : tape_find(&x->gateway->tapes, &x->recall.id);
    if (t == NULL)
        return recall_lead(x);
    tape_follow(t, x);
    return recall_follow(x);
}

/* ---- what is kept ---- */

bool recall_may_keep(const struct exchange *x)
{
    const struct answer *a = &x->answer;

    if (!x->recall.may_store || x->upstream_status != 200 || a->bad_json ||
        a->end != ANSWER_WHOLE || (x->tags & (TAG_CAPPED | TAG_STOPPED)) != 0)
        return false;
    if (x->api == API_EMBEDDINGS)
        return true;
    return a->finish_stop > 0 && a->finish_other == 0 &&
           (a->finish_tools == 0 || x->use->settings.cache.tool_calls);
}

struct cache_meta recall_meta(const struct exchange *x)
{
    const struct gateway *g = x->gateway;
    int64_t wall_ms = gateway_wall_ms(g);

    return (struct cache_meta){
        .stored_unix_ms = wall_ms,
        .expires_unix_ms = wall_ms + x->recall.ttl_ms,
        .route = x->route != NULL ? recall_route_mark(g, span_str(x->route->name)) : 0,
        .api = (uint8_t)x->api,
    };
}

static void remember(struct exchange *x, const struct span *recording, size_t pieces)
{
    struct span name = span_str(x->model->name);
    char head[RECALL_HEAD_BYTES] = {RECALL_FORM, (char)name.len};
    struct span all[6] = {span_of(head, sizeof(head)), name};
    const struct cache_meta meta = recall_meta(x);

    CHECK(pieces + 2 <= sizeof(all) / sizeof(all[0]));
    memcpy(&all[2], recording, pieces * sizeof(*recording));
    x->recall.stored = cache_put(&x->gateway->cache, &x->recall.id, &meta, all, pieces + 2);
    if (x->recall.stored)
        near_remember(x, &meta);
}

uint32_t recall_route_mark(const struct gateway *g, struct span name)
{
    uint64_t hash = hash_sip64(g->cache_secret, name);

    return (uint32_t)hash == 0 ? 1 : (uint32_t)hash;
}

/* The body's last choice is what was looked at: of several each could have been cut. */
static bool remember_choices_are_whole(const struct exchange *x, struct span body)
{
    return x->request.choices == 1 || (span_find(body, SPAN("\"length\"")) == body.len &&
                                       span_find(body, SPAN("\"content_filter\"")) == body.len);
}

void remember_body(struct exchange *x, struct span body)
{
    const char kind = RECORDING_BODY;
    uint32_t crc = hash_crc32(0, body);
    const char end[4] = {(char)crc, (char)(crc >> 8), (char)(crc >> 16), (char)(crc >> 24)};
    const struct span pieces[] = {{&kind, 1}, body, {end, sizeof(end)}};

    if (x->tape != NULL && !x->follows) {
        memcpy(x->tape->model, x->model->name, sizeof(x->tape->model));
        if (x->tape->users > 1 && x->upstream_status == 200)
            tape_body(x->tape, recall_memory(x), body);
        else
            tape_fail(x->tape);
    }
    near_alike_check(x, body, false);
    if (x->hit || x->coalesced || !recall_may_keep(x) || x->inputs.on ||
        !remember_choices_are_whole(x, body))
        return;
    remember(x, pieces, sizeof(pieces) / sizeof(pieces[0]));
}

void remember_tape(struct exchange *x)
{
    struct span bytes;

    if (x->tape == NULL || x->follows || x->tape->failed)
        return;
    if (!x->tape->whole)
        tape_finish(x->tape, recall_memory(x));
    bytes = tape_bytes(x->tape);
    if (x->tape->whole)
        near_alike_check(x, bytes, true);
    if (!x->tape->whole || !recall_may_keep(x))
        return;
    remember(x, &bytes, 1);
}
