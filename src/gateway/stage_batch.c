/* batch - several waiting questions share one call, where the route asks for it. */
#include <string.h>

#include "base/check.h"
#include "gateway/gateway.h"
#include "llm/reply.h"

struct batch_work {
    struct messages messages;
    struct span questions[BATCH_COUNT_MAX];
    char text[BATCH_COUNT_MAX][BATCH_QUESTION_BYTES];
};

/* ---- groups ---- */

static void batch_let_go(struct batch_group *b, enum batch_state state)
{
    for (size_t i = 0; i < b->count; i++) {
        struct exchange *x = b->members[i];

        x->batch = NULL;
        x->batch_state = state;
        loop_kick(&x->gateway->loop, &x->wake);
    }
    b->count = 0;
    b->call = NULL;
}

static bool batch_fits(const struct batch_group *b, const struct exchange *x,
                       const struct batch_key *key)
{
    return b->count > 0 && b->call == NULL && b->use == x->use && b->route == x->route &&
           b->model == x->model && b->client == x->key && b->key.before == key->before &&
           b->key.behind == key->behind;
}

static struct batch_group *batch_find(struct exchange *x, const struct batch_key *key,
                                      int64_t now_ms)
{
    struct gateway *g = x->gateway;
    struct batch_group *free_one = NULL;

    for (size_t i = 0; i < BATCH_GROUPS_MAX; i++) {
        struct batch_group *b = &g->batches[i];

        if (batch_fits(b, x, key))
            return b;
        if (b->count == 0 && b->call == NULL)
            free_one = b;
    }
    if (free_one != NULL)
        *free_one = (struct batch_group){
            .key = *key,
            .use = x->use,
            .route = x->route,
            .model = x->model,
            .client = x->key,
            .deadline_ms = now_ms + x->route->batch.window_ms,
        };
    return free_one;
}

/* ---- asking ---- */

static struct span batch_question_value(struct exchange *x, struct messages *m)
{
    const struct message_text *last;

    messages_read(m, x->api, x->request.body);
    last = messages_last(m, ROLE_USER);
    return last != NULL ? last->value : SPAN_EMPTY;
}

static bool batch_write(struct batch_group *b, struct batch_work *w, struct fmt *out)
{
    struct gateway *g = b->members[0]->gateway;
    struct span nonce = SPAN_EMPTY;
    struct span value;

    for (size_t i = 0; i < b->count; i++) {
        struct message_text t = {.value = batch_question_value(b->members[i], &w->messages)};

        w->questions[i] =
            span_of(w->text[i], message_text_decode(&t, w->text[i], sizeof(w->text[i])));
        b->places[i] = (uint8_t)i;
    }
    if (batch_needs_nonce(w->questions, b->count)) {
        uint64_t random = hash_sip64(g->id_key, span_str(b->members[0]->id));

        nonce = batch_nonce(random, w->questions, b->count, b->nonce);
        if (nonce.len == 0)
            return false;
    }
    b->nonce_len = nonce.len;
    b->asked = b->count;
    value = batch_question_value(b->members[0], &w->messages);
    return batch_body(out, &b->members[0]->request, value, w->questions, b->count, nonce);
}

static size_t batch_bytes(const struct batch_group *b)
{
    const size_t worst_escape = 6; /* \u00XX */

    return b->members[0]->request.body.len +
           b->count * (BATCH_QUESTION_BYTES * worst_escape + BATCH_NONCE_BYTES) + LEASE_PAGE_BYTES;
}

static bool batch_ask(struct batch_group *b, int64_t now_ms)
{
    struct exchange *first = b->members[0];
    struct lease_region *memory = &first->gateway->bodies;
    struct lease work = {0};
    struct lease body = {0};
    struct fmt out;
    bool ok = lease_take(memory, &work, sizeof(struct batch_work)) &&
              lease_take(memory, &body, batch_bytes(b));

    if (ok) {
        fmt_init(&out, body.ptr, lease_bytes(&body));
        ok = batch_write(b, (struct batch_work *)(void *)work.ptr, &out);
    }
    lease_give(memory, &work);
    if (!ok) {
        lease_give(memory, &body);
        return false;
    }
    b->call = side_make(first, PURPOSE_BATCH, first->api, &body, fmt_span(&out).len, first->model,
                        now_ms);
    if (b->call == NULL)
        return false;
    b->call->batch = b;
    exchange_begin_at_reserve(b->call, now_ms);
    return true;
}

static enum stage_result batch_launch(struct batch_group *b, struct exchange *x, int64_t now_ms)
{
    if (b->count == 1 || !batch_ask(b, now_ms))
        batch_let_go(b, BATCH_ALONE);
    return x->batch_state == BATCH_ALONE ? STAGE_NEXT : STAGE_WAIT;
}

/* ---- the answer ---- */

struct batch_outcome {
    struct batch_part parts[BATCH_QUESTIONS_MAX];
    struct reply reply;
    struct lease text;
};

/* One member's answer as its client expects it, where the relay looks for it. */
static bool batch_give(struct exchange *x, const struct batch_part *part, const struct usage *usage,
                       const struct exchange *call)
{
    struct lease_region *memory = &x->gateway->bodies;
    struct batch_answer a = {
        .text = part->text,
        .id = span_str(x->id),
        .model = span_str(call->answer.model[0] != '\0' ? call->answer.model : x->model->id),
        .created_s = x->started_wall_ms / 1000,
        .usage = usage,
    };
    struct fmt out;

    if (!lease_take(memory, &x->relay.held, 6 * part->text.len + LEASE_PAGE_BYTES))
        return false;
    fmt_init(&out, x->relay.held.ptr, lease_bytes(&x->relay.held));
    if (!batch_answer(&out, &a)) {
        lease_give(memory, &x->relay.held);
        return false;
    }
    x->relay.held_len = fmt_span(&out).len;
    x->relay.mode = RELAY_HOLD;
    return true;
}

static bool batch_is_for(const struct batch_outcome *o, const struct batch_group *b, size_t member)
{
    const struct batch_part *part = &o->parts[b->places[member]];

    return part->found && !part->beside;
}

/* Each found member's share of one count; 0 for the others. */
static void batch_share_of(const struct batch_outcome *o, const struct batch_group *b,
                           int64_t total, bool by_answer, int64_t *out)
{
    int64_t weights[BATCH_COUNT_MAX];

    for (size_t i = 0; i < b->count; i++) {
        size_t bytes =
            by_answer ? o->parts[b->places[i]].text.len : b->members[i]->request.body.len;

        weights[i] = batch_is_for(o, b, i) ? (int64_t)bytes + 1 : 0;
    }
    batch_share(total, weights, b->count, out);
}

/* True when somebody got an answer, and so pays. */
static bool batch_give_all(struct batch_outcome *o, struct batch_group *b,
                           const struct exchange *call)
{
    const struct usage *u = &call->usage;
    int64_t shares[5][BATCH_COUNT_MAX];
    bool paid = false;

    batch_share_of(o, b, u->input, false, shares[0]);
    batch_share_of(o, b, u->cached, false, shares[1]);
    batch_share_of(o, b, u->output, true, shares[2]);
    batch_share_of(o, b, u->reasoning, true, shares[3]);
    batch_share_of(o, b, call->cost_pusd, true, shares[4]);
    for (size_t i = 0; i < b->count; i++) {
        struct exchange *x = b->members[i];
        struct usage share = {
            .known = true,
            .estimated = u->estimated,
            .input = shares[0][i],
            .cached = shares[1][i],
            .output = shares[2][i],
            .reasoning = shares[3][i],
        };

        if (!batch_is_for(o, b, i))
            continue;
        paid = true; /* also when there is no memory for its answer: the others pay no more */
        x->batched = true;
        x->usage = share;
        x->cost_pusd = shares[4][i];
        x->upstream_status = 200;
        x->batch_gave = batch_give(x, &o->parts[b->places[i]], &share, call);
    }
    return paid;
}

bool batch_finish(struct exchange *call, int64_t now_ms)
{
    struct batch_group *b = call->batch;
    struct lease_region *memory = &call->gateway->bodies;
    struct span body = side_answer(call);
    struct lease work = {0};
    bool paid = false;

    (void)now_ms;
    call->batch = NULL;
    if (b == NULL)
        return false;
    if (b->count > 0 && body.len > 0 && lease_take(memory, &work, sizeof(struct batch_outcome))) {
        struct batch_outcome *o = (struct batch_outcome *)(void *)work.ptr;

        memset(&o->text, 0, sizeof(o->text));
        if (lease_take(memory, &o->text, body.len)) {
            reply_start(&o->reply, call->api, o->text.ptr, body.len);
            reply_body(&o->reply, body);
            (void)batch_split(o->parts, b->asked, reply_text(&o->reply),
                              span_of(b->nonce, b->nonce_len), o->reply.finish == REPLY_STOP);
            paid = batch_give_all(o, b, call);
            lease_give(memory, &o->text);
        }
        lease_give(memory, &work);
    }
    batch_let_go(b, BATCH_ANSWER);
    return paid;
}

void batch_leave(struct exchange *x, int64_t now_ms)
{
    struct batch_group *b = x->batch;
    struct exchange *call;
    size_t at = 0;

    if (b == NULL || x->purpose == PURPOSE_BATCH)
        return;
    x->batch = NULL;
    while (b->members[at] != x)
        at++;
    b->count--;
    for (; at < b->count; at++) {
        b->members[at] = b->members[at + 1];
        b->places[at] = b->places[at + 1];
    }
    call = b->call;
    if (b->count > 0 && call == NULL)
        b->members[0]->wake.deadline_ms = b->deadline_ms; /* whoever is first keeps the time */
    if (b->count > 0 || call == NULL)
        return;
    b->call = NULL; /* nobody is left to read it */
    call->batch = NULL;
    exchange_gone(call, now_ms);
}

/* ---- the stage ---- */

static bool batch_is_asked(struct exchange *x, struct batch_key *key)
{
    struct lease work = {0};
    struct messages *m;
    struct span value;
    bool may;

    if (x->purpose != PURPOSE_ANSWER || x->route == NULL || x->route->batch.count < 2 ||
        x->request.stream || x->spent_pusd > 0 || exchange_skips(x, "batch") ||
        !lease_take(&x->gateway->bodies, &work, sizeof(*m)))
        return false;
    m = (struct messages *)(void *)work.ptr;
    value = batch_question_value(x, m);
    may = value.len > 0 && batch_refusal(&x->request, m, x->gateway->scratch) == NULL;
    if (may)
        *key = batch_key(x->gateway->id_key, x->request.body, value);
    lease_give(&x->gateway->bodies, &work);
    return may;
}

static enum stage_result batch_join_group(struct exchange *x, int64_t now_ms)
{
    struct batch_key key;
    struct batch_group *b;

    x->batch_state = BATCH_ALONE;
    if (!batch_is_asked(x, &key))
        return STAGE_NEXT;
    b = batch_find(x, &key, now_ms);
    if (b == NULL)
        return STAGE_NEXT;
    x->batch_state = BATCH_WAITS;
    x->batch = b;
    b->members[b->count++] = x;
    if (b->count == 1)
        x->wake.deadline_ms = b->deadline_ms;
    if ((int64_t)b->count < x->route->batch.count)
        return STAGE_WAIT;
    return batch_launch(b, x, now_ms);
}

enum stage_result stage_batch(struct exchange *x, int64_t now_ms)
{
    switch (x->batch_state) {
    case BATCH_NONE:
        return batch_join_group(x, now_ms);
    case BATCH_WAITS:
        if (x->batch->call == NULL && x->batch->members[0] == x && now_ms >= x->batch->deadline_ms)
            return batch_launch(x->batch, x, now_ms);
        return STAGE_WAIT;
    case BATCH_ANSWER:
        x->batch_state = BATCH_ALONE;
        if (!x->batched)
            return STAGE_NEXT;
        if (!x->batch_gave) {
            refuse_say(&x->refusal, REFUSE_NO_MEMORY, NULL, SPAN_EMPTY);
            return STAGE_REFUSE;
        }
        answer_start(&x->answer, &x->request, false);
        x->tags |= TAG_BATCHED;
        return STAGE_DELIVER;
    case BATCH_ALONE:
        break;
    }
    return STAGE_NEXT;
}
