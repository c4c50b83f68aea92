#include "gateway/side.h"

#include <string.h>

#include "base/check.h"
#include "gateway/gateway.h"
#include "json/object.h"

/* A word that lies in the other one's storage. */
static struct span side_word(struct span word, char *storage, size_t storage_bytes)
{
    CHECK(word.len <= storage_bytes);
    if (word.len > 0)
        memcpy(storage, word.ptr, word.len);
    return span_of(storage, word.len);
}

static void side_take_subject(struct exchange *x, const struct exchange *parent)
{
    memcpy(x->id, parent->id, sizeof(x->id));
    x->key = parent->key;
    x->key_state = parent->key_state;
    x->address = side_word(parent->address, x->address_text, sizeof(x->address_text));
    x->session = side_word(parent->session, x->session_text, sizeof(x->session_text));
    x->label = side_word(parent->label, x->label_text, sizeof(x->label_text));
    x->workload = side_word(parent->workload, x->workload_text, sizeof(x->workload_text));
    x->route = parent->route;
}

struct exchange *side_make(const struct exchange *from, enum purpose purpose, enum api api,
                           struct lease *body, size_t body_len, const struct model_settings *model,
                           int64_t now_ms)
{
    struct gateway *g = from->gateway;
    struct exchange *x = exchange_take(g, from->use, now_ms);

    CHECK(purpose != PURPOSE_ANSWER);
    if (x == NULL) {
        lease_give(&g->bodies, body);
        return NULL;
    }
    x->purpose = purpose;
    x->api = api;
    x->body = *body;
    *body = (struct lease){0};
    side_take_subject(x, from);
    x->asked = model;
    if (request_read(&x->request, api, span_of(x->body.ptr, body_len), g->scratch))
        return x;
    exchange_drop(x, now_ms);
    return NULL;
}

bool side_start(struct exchange *parent, enum purpose purpose, enum api api, struct lease *body,
                size_t body_len, const struct model_settings *model,
                void (*done)(struct exchange *parent, struct exchange *side, int64_t now_ms),
                int64_t now_ms)
{
    struct exchange *x = side_make(parent, purpose, api, body, body_len, model, now_ms);

    CHECK(parent->side == NULL);
    if (x == NULL)
        return false;
    x->parent = parent;
    x->done = done;
    parent->side = x;
    exchange_begin_at_reserve(x, now_ms);
    return true;
}

bool side_copy_request(const struct exchange *x, struct lease *body, size_t *body_len)
{
    struct span text = x->request.body;
    struct json_object *o = x->gateway->scratch;
    const struct json_member *m;
    struct splice s;
    bool ok;

    splice_start(&s, text);
    ok = json_object_read(o, text);
    m = ok ? json_object_find(o, "stream") : NULL;
    if (m != NULL)
        ok = splice_add(&s, (size_t)(m->value.ptr - text.ptr), m->value.len, SPAN("false"));
    m = ok ? json_object_find(o, "stream_options") : NULL;
    if (m != NULL) /* which OpenAI refuses without a stream */
        ok = splice_add(&s, (size_t)(m->value.ptr - text.ptr), m->value.len, SPAN("null"));
    if (!ok || !lease_take(&x->gateway->bodies, body, splice_bytes(&s)))
        return false;
    *body_len = 0;
    for (struct span p = splice_piece(&s, 0); p.len > 0; p = splice_piece(&s, *body_len)) {
        memcpy(body->ptr + *body_len, p.ptr, p.len);
        *body_len += p.len;
    }
    return true;
}

void side_end(struct exchange *x, int64_t now_ms)
{
    struct exchange *side = x->side;
    struct exchange *parent = x->parent;

    if (side != NULL) {
        x->side = NULL;
        side->parent = NULL;
        exchange_gone(side, now_ms);
    }
    if (parent == NULL)
        return;
    x->parent = NULL;
    parent->side = NULL;
    x->done(parent, x, now_ms);
    loop_kick(&parent->gateway->loop, &parent->wake);
}

struct span side_answer(const struct exchange *side)
{
    if (side->upstream_status != 200 || side->relay.mode != RELAY_HOLD ||
        side->refusal.why != REFUSE_NONE)
        return SPAN_EMPTY;
    return span_of(side->relay.held.ptr, side->relay.held_len);
}
