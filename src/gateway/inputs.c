#include "gateway/inputs.h"

#include <string.h>

#include "base/check.h"
#include "gateway/gateway.h"
#include "llm/embeddings.h"
#include "json/walk.h"

struct input {
    struct hash128 key;
    struct span value; /* in the request's body, with its quotes */
    struct span kept;  /* an entry of the cache; empty: it has to be asked for */
    int64_t tokens;
    uint16_t first; /* the input that is the same: itself, or one before */
    uint16_t ask;   /* its place in what is asked for */
};

/* The value of an entry: this, the model's name here, `model` as the vendor wrote it, the vector's
 * two pieces. */
struct input_entry {
    uint8_t form;
    uint8_t name_len;
    uint8_t model_len;
    uint8_t unused;
    uint32_t tokens;
    uint32_t before_len;
};

enum { INPUTS_FORM = 2, INPUTS_MODEL_BYTES = 255 };

_Static_assert(sizeof(struct input_entry) == 12, "it is written into snapshots");
_Static_assert(INPUTS_MAX *(sizeof(struct input) + sizeof(struct embedding)) <=
                   6 * LEASE_PAGE_BYTES,
               "as the header says");

struct input_read {
    struct input_entry head;
    struct span name;
    struct span model;
    struct embedding vector;
};

static struct input *inputs_list(const struct exchange *x)
{
    return (struct input *)(void *)x->inputs.list.ptr;
}

/* Of the vendor's answer, in the order of what was asked for. */
static struct embedding *inputs_fresh(const struct exchange *x)
{
    return (struct embedding *)(void *)(inputs_list(x) + INPUTS_MAX);
}

static bool input_entry_read(struct span value, struct input_read *out)
{
    size_t at = sizeof(out->head);

    if (value.len < at)
        return false;
    memcpy(&out->head, value.ptr, at);
    out->name = span_part(value, at, out->head.name_len);
    at += out->head.name_len;
    out->model = span_part(value, at, out->head.model_len);
    at += out->head.model_len;
    out->vector.before = span_part(value, at, out->head.before_len);
    at += out->head.before_len;
    out->vector.after = span_part(value, at, value.len);
    return out->head.form == INPUTS_FORM && at < value.len;
}

/* ---- which ---- */

static void inputs_hear(void *ctx, const struct cache_input *input)
{
    struct exchange *x = ctx;

    if (input->index >= INPUTS_MAX)
        return;
    inputs_list(x)[input->index] = (struct input){.key = input->key, .value = input->value};
    recall_mix(x, &inputs_list(x)[input->index].key);
}

bool inputs_read(struct exchange *x)
{
    struct inputs *n = &x->inputs;
    struct lease_region *memory = &x->gateway->bodies;
    size_t count;

    if (!lease_take(memory, &n->list,
                    INPUTS_MAX * (sizeof(struct input) + sizeof(struct embedding))))
        return false;
    count = cache_key_inputs(x->gateway->cache_secret, x->request.body, inputs_hear, x);
    if (count == 0 || count > INPUTS_MAX) {
        lease_give(memory, &n->list);
        return count == 0;
    }
    n->on = true;
    n->count = (uint16_t)count;
    n->value = json_walk_get(x->request.body, "input");
    return true;
}

void inputs_close(struct exchange *x)
{
    lease_give(&x->gateway->bodies, &x->inputs.list);
    lease_give(&x->gateway->bodies, &x->inputs.kept);
}

/* All of them, as the client wrote it. */
static void inputs_ask_all(struct exchange *x)
{
    struct inputs *n = &x->inputs;

    n->asked = n->count;
    if (x->recall.outcome == CACHE_OUTCOME_PARTIAL)
        x->recall.outcome = CACHE_OUTCOME_MISS;
    for (uint16_t i = 0; i < n->count; i++) {
        inputs_list(x)[i].kept = SPAN_EMPTY;
        inputs_list(x)[i].first = i;
        inputs_list(x)[i].ask = i;
    }
}

/* ---- what the cache has ---- */

/* `model` is of the first that was found: all have to be its. */
static bool input_find(struct exchange *x, struct input *in, int64_t stale_ms,
                       struct input_read *model)
{
    struct recall *r = &x->recall;
    const struct cache_id id = {in->key, r->id.scope, CACHE_EMBEDDING};
    int64_t wall_ms = gateway_wall_ms(x->gateway);
    struct input_read read;
    struct cache_entry e;

    if (cache_find(&x->gateway->cache, &id, wall_ms, stale_ms, &e) == CACHE_MISS ||
        (stale_ms == 0 && !cache_control_takes(&r->control, wall_ms - e.meta.stored_unix_ms)) ||
        !input_entry_read(e.value, &read))
        return false;
    if (model->head.form == 0) {
        *model = read;
        r->left_ms = INT64_MAX;
        r->age_s = 0;
    }
    if (!span_equal(read.name, model->name) || !span_equal(read.model, model->model))
        return false;
    in->kept = e.value;
    in->tokens = read.head.tokens;
    if (e.meta.expires_unix_ms - wall_ms < r->left_ms)
        r->left_ms = e.meta.expires_unix_ms - wall_ms;
    if (cache_age_s(e.meta.stored_unix_ms, wall_ms) > r->age_s)
        r->age_s = cache_age_s(e.meta.stored_unix_ms, wall_ms);
    return true;
}

/* The first input of the same text; at most 256 of 256 are compared. */
static uint16_t input_first(const struct exchange *x, uint16_t at)
{
    const struct input *list = inputs_list(x);
    uint16_t i = 0;

    while (i < at && (list[i].key.word[0] != list[at].key.word[0] ||
                      list[i].key.word[1] != list[at].key.word[1]))
        i++;
    return i;
}

bool inputs_find(struct exchange *x, int64_t stale_ms)
{
    struct inputs *n = &x->inputs;
    struct input_read model = {.head.form = 0};

    n->asked = 0;
    for (uint16_t i = 0; i < n->count; i++) {
        struct input *in = &inputs_list(x)[i];

        in->kept = SPAN_EMPTY;
        in->first = i;
        if (input_find(x, in, stale_ms, &model))
            continue;
        in->first = input_first(x, i);
        in->ask = in->first == i ? n->asked++ : inputs_list(x)[in->first].ask;
    }
    return n->asked == 0;
}

/* ---- the client's answer ---- */

/* The vector of the input, kept or fresh. */
static struct embedding input_vector(const struct exchange *x, const struct input *in)
{
    struct input_read read;

    if (in->kept.len == 0)
        return inputs_fresh(x)[in->ask];
    CHECK(input_entry_read(in->kept, &read));
    return read.vector;
}

static bool inputs_build(struct exchange *x, struct span model, struct lease *held, size_t *len)
{
    size_t bytes = EMBEDDINGS_FRAME_BYTES + model.len;
    int64_t tokens = 0;
    struct fmt f;

    for (size_t i = 0; i < x->inputs.count; i++) {
        struct embedding e = input_vector(x, &inputs_list(x)[i]);

        bytes += e.before.len + e.after.len + EMBEDDINGS_INDEX_BYTES;
        tokens += inputs_list(x)[i].tokens;
    }
    if (!lease_take(&x->gateway->bodies, held, bytes))
        return false;
    fmt_init(&f, held->ptr, bytes);
    embeddings_begin(&f);
    for (size_t i = 0; i < x->inputs.count; i++) {
        struct embedding e = input_vector(x, &inputs_list(x)[i]);

        embeddings_put(&f, &e, i);
    }
    embeddings_end(&f, model, tokens);
    CHECK(fmt_ok(&f));
    *len = fmt_span(&f).len;
    return true;
}

bool inputs_answer(struct exchange *x)
{
    struct input_read read;

    CHECK(x->inputs.asked == 0 && input_entry_read(inputs_list(x)[0].kept, &read));
    if (!inputs_build(x, read.model, &x->relay.held, &x->relay.held_len))
        return false;
    recall_take_model(x, read.name);
    x->relay.mode = RELAY_HOLD;
    return true;
}

/* ---- asking for the others ---- */

/* What is asked for, and copies of what is kept: the ring goes on meanwhile. */
static bool inputs_keep(struct exchange *x)
{
    struct inputs *n = &x->inputs;
    struct input *list = inputs_list(x);
    size_t bytes = 2;
    struct fmt f;

    for (uint16_t i = 0; i < n->count; i++)
        bytes += list[i].kept.len + (list[i].first == i ? list[i].value.len + 1 : 0);
    if (!lease_take(&x->gateway->bodies, &n->kept, bytes))
        return false;
    fmt_init(&f, n->kept.ptr, bytes);
    fmt_char(&f, '[');
    for (uint16_t i = 0; i < n->count; i++) {
        if (list[i].kept.len > 0 || list[i].first != i)
            continue;
        if (list[i].ask > 0)
            fmt_char(&f, ',');
        fmt_text(&f, list[i].value);
    }
    fmt_char(&f, ']');
    n->ask_len = fmt_span(&f).len;
    for (uint16_t i = 0; i < n->count; i++) {
        size_t at = fmt_span(&f).len;

        fmt_text(&f, list[i].kept);
        list[i].kept = span_part(fmt_span(&f), at, list[i].kept.len);
    }
    CHECK(fmt_ok(&f));
    return true;
}

bool inputs_look(struct exchange *x)
{
    struct inputs *n = &x->inputs;

    if (x->recall.outcome != CACHE_OUTCOME_REQUEST && inputs_find(x, 0) && inputs_answer(x))
        return true;
    if (x->recall.outcome == CACHE_OUTCOME_REQUEST || n->asked == 0 ||
        (n->asked < n->count && !inputs_keep(x)))
        inputs_ask_all(x);
    return false;
}

/* An input that is kept, or NULL. */
static const struct input *inputs_any_kept(const struct exchange *x)
{
    for (size_t i = 0; i < x->inputs.count; i++)
        if (inputs_list(x)[i].kept.len > 0)
            return &inputs_list(x)[i];
    return NULL;
}

bool inputs_ask(struct exchange *x)
{
    struct inputs *n = &x->inputs;
    const struct input *kept;
    struct input_read read;

    n->merging = false;
    n->extra_tokens = 0;
    if (!n->on || n->asked == n->count)
        return true;
    kept = inputs_any_kept(x);
    if (kept != NULL && (!input_entry_read(kept->kept, &read) ||
                         !span_equal(read.name, span_str(x->model->name)))) {
        inputs_ask_all(x);
        return true;
    }
    n->merging = true;
    if (kept != NULL)
        x->recall.outcome = CACHE_OUTCOME_PARTIAL;
    return splice_add(&x->splice, (size_t)(n->value.ptr - x->request.body.ptr), n->value.len,
                      span_of(n->kept.ptr, n->ask_len));
}

int64_t inputs_estimate_tokens(const struct exchange *x)
{
    return tokens_estimate(span_of(x->inputs.kept.ptr, x->inputs.ask_len));
}

/* ---- what came ---- */

/* The vendor's count, shared by bytes so that the sum is right; each its estimate without one. */
static void inputs_share(struct exchange *x)
{
    struct inputs *n = &x->inputs;
    struct input *list = inputs_list(x);
    int64_t total = x->answer.usage.known ? x->answer.usage.input : -1;
    int64_t bytes = 0;
    int64_t at = 0;

    for (uint16_t i = 0; i < n->count; i++)
        bytes += list[i].kept.len == 0 && list[i].first == i ? (int64_t)list[i].value.len : 0;
    for (uint16_t i = 0; i < n->count; i++) {
        struct input *in = &list[i];
        int64_t before = at;

        if (in->kept.len > 0 || in->first != i) {
            in->tokens = in->kept.len > 0 ? in->tokens : list[in->first].tokens;
            n->extra_tokens += in->tokens;
            continue;
        }
        at += (int64_t)in->value.len;
        in->tokens = total >= 0 ? total * at / bytes - total * before / bytes
                                : tokens_estimate(json_walk_inside(in->value));
    }
}

static void input_store(struct exchange *x, const struct input *in, struct span model)
{
    struct span name = span_str(x->model->name);
    const struct embedding *e = &inputs_fresh(x)[in->ask];
    const struct input_entry head = {
        .form = INPUTS_FORM,
        .name_len = (uint8_t)name.len,
        .model_len = (uint8_t)model.len,
        .tokens = (uint32_t)in->tokens,
        .before_len = (uint32_t)e->before.len,
    };
    const struct span pieces[] = {
        span_of((const char *)&head, sizeof(head)), name, model, e->before, e->after,
    };
    const struct cache_id id = {in->key, x->recall.id.scope, CACHE_EMBEDDING};
    const struct cache_meta meta = recall_meta(x);

    if (cache_put(&x->gateway->cache, &id, &meta, pieces, sizeof(pieces) / sizeof(pieces[0])))
        x->recall.stored = true;
}

/* Whether what is kept and what came are of one model; else what is kept is forgotten. */
static bool inputs_agree(struct exchange *x, bool good, struct span model)
{
    for (size_t i = 0; i < x->inputs.count; i++) {
        const struct input *in = &inputs_list(x)[i];
        const struct cache_id id = {in->key, x->recall.id.scope, CACHE_EMBEDDING};
        struct input_read read;

        if (in->kept.len == 0)
            continue;
        good = good && input_entry_read(in->kept, &read) && span_equal(read.model, model);
        if (!good)
            (void)cache_remove(&x->gateway->cache, &id);
    }
    return good;
}

bool inputs_take(struct exchange *x)
{
    struct inputs *n = &x->inputs;
    struct span body = span_of(x->relay.held.ptr, x->relay.held_len);
    struct span model;
    struct lease built = {0};
    bool good;

    if (!n->on || !x->called || x->upstream_status != 200)
        return true;
    good = !x->answer.bad_json && x->answer.end == ANSWER_WHOLE &&
           embeddings_read(body, inputs_fresh(x), n->asked, &model) &&
           model.len <= INPUTS_MODEL_BYTES;
    if (good)
        inputs_share(x);
    for (uint16_t i = 0; i < n->count && good && recall_may_keep(x); i++)
        if (inputs_list(x)[i].kept.len == 0 && inputs_list(x)[i].first == i)
            input_store(x, &inputs_list(x)[i], model);
    if (!n->merging)
        return true;
    if (!inputs_agree(x, good, good ? model : SPAN_EMPTY)) {
        n->extra_tokens = 0;
        refuse_say(&x->refusal, REFUSE_UPSTREAM_BROKEN, NULL,
                   SPAN("The vendor's answer does not fit the vectors that are kept."));
        return false;
    }
    if (!inputs_build(x, model, &built, &x->relay.held_len)) {
        refuse_say(&x->refusal, REFUSE_NO_MEMORY, NULL, SPAN_EMPTY);
        return false;
    }
    lease_give(&x->gateway->bodies, &x->relay.held);
    x->relay.held = built;
    return true;
}
