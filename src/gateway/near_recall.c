#include "gateway/near_recall.h"

#include <string.h>

#include "gateway/gateway.h"
#include "policy/near.h"

/* The value: form, and the exact key; scope and kind are the near entry's own. */
enum { NEAR_FORM = 1, NEAR_VALUE_BYTES = 1 + 16 };

/* The question, when the request is nothing but one. */
static const struct message_text *near_question(const struct exchange *x, struct messages *m)
{
    const struct message_text *last;

    messages_read(m, x->api, x->request.body);
    last = messages_last(m, ROLE_USER);
    if (m->cut || m->user_messages != 1 || m->has_images || m->has_tool_turns ||
        x->request.has_tools || last == NULL || last != &m->texts[m->count - 1])
        return NULL;
    for (size_t i = 0; i < m->count; i++)
        if (m->texts[i].role != ROLE_SYSTEM && &m->texts[i] != last)
            return NULL;
    return last;
}

/* The key of all but the question: the body with an empty one. */
static bool near_rest_key(struct exchange *x, struct span question, struct hash128 *key)
{
    struct lease_region *memory = &x->gateway->bodies;
    struct span body = x->request.body;
    size_t at = (size_t)(question.ptr - body.ptr);
    struct lease copy = {0};
    bool ok;

    if (!lease_take(memory, &copy, body.len))
        return false;
    memcpy(copy.ptr, body.ptr, at);
    memcpy(copy.ptr + at, "\"\"", 2);
    memcpy(copy.ptr + at + 2, question.ptr + question.len, body.len - at - question.len);
    ok = cache_key_read(x->gateway->cache_secret, span_of(copy.ptr, body.len - question.len + 2),
                        key);
    lease_give(memory, &copy);
    return ok;
}

/* Two secrets out of the one that the snapshot keeps, so that entries outlive a restart. */
static void near_secrets(const struct gateway *g, uint8_t out[2][HASH_SIP_KEY_BYTES])
{
    for (uint8_t i = 0; i < 2; i++) {
        const char label[] = {'n', 'e', 'a', 'r', (char)('0' + i), 'a'};
        uint64_t a = hash_sip64(g->cache_secret, span_of(label, 5));
        uint64_t b = hash_sip64(g->cache_secret, span_of(label, 6));

        memcpy(out[i], &a, sizeof(a));
        memcpy(out[i] + sizeof(a), &b, sizeof(b));
    }
}

void near_prepare(struct exchange *x)
{
    struct recall *r = &x->recall;
    struct lease work = {0};
    const struct message_text *t;
    uint8_t secrets[2][HASH_SIP_KEY_BYTES];
    char text[NEAR_QUESTION_BYTES_MAX + 1];
    struct near_key key;
    size_t len;

    r->near = false;
    r->alike.on = false;
    if (x->route == NULL || x->route->near_milli == 0 ||
        !lease_take(&x->gateway->bodies, &work, sizeof(struct messages)))
        return;
    t = near_question(x, (struct messages *)(void *)work.ptr);
    if (t != NULL) {
        len = message_text_decode(t, text, sizeof(text));
        near_secrets(x->gateway, secrets);
        r->near = len < sizeof(text) &&
                  near_canonical(&r->alike.text, span_of(text, len)) != NEAR_NONE &&
                  near_rest_key(x, t->value, &r->near_id.key);
        if (r->near)
            key = near_hash(&r->alike.text, (const uint8_t(*)[HASH_SIP_KEY_BYTES])secrets);
    }
    lease_give(&x->gateway->bodies, &work);
    if (!r->near)
        return;
    recall_mix(x, &r->near_id.key);
    r->alike.rest = r->near_id.key;
    r->alike.on = x->route->near_milli < ROUTE_BAR_MILLI;
    cache_key_mix(x->gateway->cache_secret, &r->near_id.key,
                  span_of((const char *)&key, sizeof(key)));
    r->near_id.scope = r->id.scope;
    r->near_id.kind = CACHE_NEAR;
}

enum cache_found near_find(struct exchange *x, int64_t now_unix_ms, struct cache_entry *out)
{
    struct cache *c = &x->gateway->cache;
    struct cache_id exact = {.scope = x->recall.id.scope, .kind = CACHE_ANSWER};

    if (!x->recall.near || cache_find(c, &x->recall.near_id, now_unix_ms, 0, out) != CACHE_FRESH ||
        out->value.len != NEAR_VALUE_BYTES || out->value.ptr[0] != NEAR_FORM)
        return CACHE_MISS;
    memcpy(exact.key.word, out->value.ptr + 1, sizeof(exact.key.word));
    return cache_find(c, &exact, now_unix_ms, 0, out);
}

void near_remember(struct exchange *x, const struct cache_meta *meta)
{
    const char form = NEAR_FORM;
    const struct span pieces[] = {
        {&form, 1},
        {(const char *)x->recall.id.key.word, sizeof(x->recall.id.key.word)},
    };

    near_alike_remember(x);
    if (x->recall.near)
        (void)cache_put(&x->gateway->cache, &x->recall.near_id, meta, pieces,
                        sizeof(pieces) / sizeof(pieces[0]));
}
