#include "gateway/near_alike.h"

#include <string.h>

#include "base/check.h"
#include "gateway/gateway.h"
#include "llm/reply.h"
#include "policy/agree.h"
#include "policy/similarity.h"
#include "json/write.h"

enum { NEAR_REPLY_BYTES = 16384, NEAR_DELTA_PER_PERCENT = 10 };

bool near_table_carve(struct near_table *t, struct arena *a, size_t entries, bool vectors)
{
    struct vector_slot *slots = NULL;

    t->slots = arena_carve(a, "near questions", entries, sizeof(*t->slots));
    t->capacity = entries;
    if (vectors)
        slots = arena_carve(a, "question vectors", entries, sizeof(*slots));
    if (slots != NULL)
        vectors_init(&t->vectors, slots, entries);
    return t->slots != NULL && (!vectors || slots != NULL);
}

static struct near_slot *near_slot_of(struct near_table *t, uint64_t ref)
{
    for (size_t i = 0; i < t->capacity && ref != 0; i++)
        if (t->slots[i].ref == ref)
            return &t->slots[i];
    return NULL;
}

static bool near_is_of(const struct near_slot *s, const struct exchange *x)
{
    return s->ref != 0 && s->exact.scope == x->recall.id.scope &&
           s->rest.word[0] == x->recall.alike.rest.word[0] &&
           s->rest.word[1] == x->recall.alike.rest.word[1];
}

/* ---- vectors ---- */

static void near_embedded(struct exchange *parent, struct exchange *side, int64_t now_ms)
{
    struct near_alike *n = &parent->recall.alike;
    struct lease work = {0};
    struct vector_reader *r;

    (void)now_ms;
    if (side_answer(side).len == 0 ||
        !lease_take(&parent->gateway->bodies, &work, sizeof(struct vector_reader)))
        return;
    r = (struct vector_reader *)(void *)work.ptr;
    vector_read_start(r, parent->use->settings.cache.embeddings_cut ? VECTOR_CUT : VECTOR_FOLD);
    if (vector_read_feed(r, side_answer(side)) != PARSE_BAD)
        n->has_vector = vector_read_finish(r, &n->vector) == PARSE_DONE;
    lease_give(&parent->gateway->bodies, &work);
}

bool near_alike_embeds(struct exchange *x, int64_t now_ms)
{
    const struct settings *s = &x->use->settings;
    struct near_alike *n = &x->recall.alike;
    const struct model_settings *m;
    struct lease body = {0};
    struct json_write w;
    struct fmt out;

    if (!n->on || s->cache.embeddings[0] == '\0' || x->gateway->near.vectors.capacity == 0 ||
        !lease_take(&x->gateway->bodies, &body, LEASE_PAGE_BYTES))
        return false;
    m = settings_find_model(s, span_str(s->cache.embeddings));
    fmt_init(&out, body.ptr, lease_bytes(&body));
    json_write_start(&w, &out);
    json_write_object(&w);
    json_write_key(&w, "model");
    json_write_str(&w, m->id);
    json_write_key(&w, "input");
    json_write_text(&w, span_of(n->text.bytes, n->text.len));
    json_write_object_end(&w);
    if (fmt_ok(&out))
        return side_start(x, PURPOSE_EMBED, API_EMBEDDINGS, &body, fmt_span(&out).len, m,
                          near_embedded, now_ms);
    lease_give(&x->gateway->bodies, &body);
    return false;
}

/* ---- finding ---- */

static struct near_slot *near_by_words(struct exchange *x, int *best_milli)
{
    struct near_table *t = &x->gateway->near;
    struct near_slot *best = NULL;

    for (size_t i = 0; i < t->capacity; i++) {
        int milli;

        if (!near_is_of(&t->slots[i], x))
            continue;
        milli = similarity(&x->recall.alike.text, &t->slots[i].text);
        if (milli > *best_milli) {
            *best_milli = milli;
            best = &t->slots[i];
        }
    }
    return best;
}

static struct near_slot *near_by_meaning(struct exchange *x, int *cosine_milli)
{
    struct near_table *t = &x->gateway->near;
    struct near_slot *s;

    if (!x->recall.alike.has_vector || t->vectors.capacity == 0)
        return NULL;
    s = near_slot_of(t, vectors_nearest(&t->vectors, &x->recall.alike.vector, cosine_milli));
    return s != NULL && near_is_of(s, x) ? s : NULL;
}

bool near_alike_find(struct exchange *x, int64_t now_unix_ms, struct cache_entry *out)
{
    struct gateway *g = x->gateway;
    struct near_alike *n = &x->recall.alike;
    int delta = (int)(x->use->settings.cache.near_error_percent * NEAR_DELTA_PER_PERCENT);
    int milli = 0;
    int cosine_milli = 0;
    struct near_slot *s;
    struct near_slot *meant;

    if (!n->on || g->near.slots == NULL)
        return false;
    s = near_by_words(x, &milli);
    meant = near_by_meaning(x, &cosine_milli);
    if (meant != NULL && cosine_milli > milli) {
        s = meant;
        milli = cosine_milli;
    }
    if (s == NULL || milli < x->route->near_milli ||
        cache_find(&g->cache, &s->exact, now_unix_ms, 0, out) != CACHE_FRESH)
        return false;
    n->similarity_milli = milli;
    g->id_counter++;
    if (verified_exploits(&s->verified, milli, delta,
                          (uint32_t)hash_sip64(g->id_key, span_of((const char *)&g->id_counter,
                                                                  sizeof(g->id_counter)))))
        return true;
    n->candidate = s->ref; /* the model's answer will tell */
    return false;
}

/* ---- learning ---- */

void near_alike_remember(struct exchange *x)
{
    struct near_table *t = &x->gateway->near;
    struct near_alike *n = &x->recall.alike;
    struct near_slot *s;

    if (!n->on || t->slots == NULL)
        return;
    s = &t->slots[t->next];
    if (s->ref != 0 && t->vectors.capacity > 0)
        (void)vectors_drop(&t->vectors, s->ref);
    *s = (struct near_slot){
        .ref = ++t->last_ref, .rest = n->rest, .exact = x->recall.id, .text = n->text};
    t->next = (t->next + 1) % t->capacity;
    if (n->has_vector)
        vectors_put(&t->vectors, &n->vector, s->ref);
}

struct near_work {
    struct reply reply;
    struct recording_reader reader;
    char texts[2][NEAR_REPLY_BYTES];
};

static struct span near_reply(struct near_work *w, int which, enum api api, struct span bytes,
                              bool is_recording)
{
    reply_start(&w->reply, api, w->texts[which], sizeof(w->texts[which]));
    if (is_recording)
        (void)reply_recording(&w->reply, bytes, &w->reader);
    else
        reply_body(&w->reply, bytes);
    return reply_text(&w->reply);
}

void near_alike_check(struct exchange *x, struct span bytes, bool events)
{
    struct gateway *g = x->gateway;
    struct near_alike *n = &x->recall.alike;
    struct near_slot *s = near_slot_of(&g->near, n->candidate);
    struct lease work = {0};
    struct near_work *w;
    struct cache_entry e;
    bool same;

    n->candidate = 0;
    if (s == NULL || x->upstream_status != 200 ||
        cache_find(&g->cache, &s->exact, gateway_wall_ms(g), INT64_MAX, &e) == CACHE_MISS ||
        !lease_take(&g->bodies, &work, sizeof(*w)))
        return;
    w = (struct near_work *)(void *)work.ptr;
    same = agree(span_of(n->text.bytes, n->text.len), near_reply(w, 0, x->api, bytes, events),
                 near_reply(w, 1, x->api, recall_recording(e.value), true)) >= AGREE_SAME;
    lease_give(&g->bodies, &work);
    verified_learn(&s->verified, n->similarity_milli, same);
    g->near.checks++;
    g->near.wrong += !same;
}
