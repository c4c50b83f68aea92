#include "gateway/learning.h"

#include <string.h>

#include "base/check.h"
#include "gateway/gateway.h"
#include "gateway/stages.h"
#include "ledger/blob.h"
#include "net/sys.h"

size_t learning_count(const struct route_settings *routes, size_t count)
{
    size_t learn = 0;

    for (size_t i = 0; i < count; i++)
        learn += routes[i].learn;
    return learn;
}

struct learner *learning_find(struct gateway *g, const char *route)
{
    for (size_t i = 0; i < g->learner_count; i++)
        if (strcmp(g->learners[i].route, route) == 0)
            return &g->learners[i];
    return NULL;
}

/* ---- before the answer ---- */

/* The last thing that the user says, as the client sent it; the text, in the judge's scratch. */
static struct span learning_read(const struct exchange *x, struct learn_input *in)
{
    struct judge_scratch *s = x->gateway->judge;
    struct span body =
        x->packed.changed ? span_of(x->body.ptr, x->packed.bytes_before) : x->request.body;
    const struct message_text *last;
    size_t len = 0;

    messages_read(&s->messages, x->api, body);
    last = messages_last(&s->messages, ROLE_USER);
    if (last != NULL)
        len = message_text_decode(last, s->question, sizeof(s->question));
    learn_read(in, span_of(s->question, len), &x->gateway->workload->room.features);
    return span_of(s->question, len);
}

/* Who asks, and what: `text` is what learning_read() has left in the scratch. */
static void learning_know(struct exchange *x, struct span text)
{
    const struct judge_scratch *s = x->gateway->judge;
    const uint8_t *key = x->gateway->id_key;
    struct learning *l = &x->learning;
    uint64_t words[3] = {0};

    if (x->key != NULL)
        words[0] = hash_sip64(key, span_str(x->key->name));
    words[1] = hash_sip64(key, x->session);
    words[2] =
        hash_sip64(key, span_of((const char *)x->conn->peer.bytes, sizeof(x->conn->peer.bytes)));
    l->client = hash_sip64(key, span_of((const char *)words, sizeof(words))) | 1;
    l->question = again_question(&s->messages, text, key);
}

void learning_begin(struct exchange *x)
{
    struct learning *l = &x->learning;
    struct learn_input in;

    *l = (struct learning){.cheap_milli = QUALITY_NONE};
    if (x->route == NULL || !x->route->learn || x->purpose != PURPOSE_ANSWER ||
        !judge_speaks(x->api))
        return;
    l->learner = learning_find(x->gateway, x->route->name);
    CHECK(l->learner != NULL);
    learning_know(x, learning_read(x, &in));
    l->gain_milli = learn_predict(&l->learner->model, &in);
    if (l->learner->state != LEARN_CALIBRATED)
        return;
    l->prior_milli = l->gain_milli;
    if (l->gain_milli <= x->route->skip_above_milli)
        return;
    if (!preview_is_asked(x) && ++l->learner->passed_over % LEARNING_TRY_EVERY == 0)
        return;
    x->plan.tier = 1;
    x->plan.passed_over = true;
}

/* ---- outcomes ---- */

static void learning_look(struct learner *l)
{
    l->state = learn_state(&l->model);
    l->order_milli = learn_order_milli(&l->model);
}

void learning_update(struct learner *l, const struct learn_input *in, int gain_milli)
{
    learn_update(&l->model, in, gain_milli);
    if (l->model.updates % LEARNING_LOOK_EVERY == 0)
        learning_look(l);
}

/* Who asks why (log_level = debug) is told what was learned. */
static void learning_take(struct exchange *x, const struct learn_input *in, int gain_milli)
{
    struct diag_line line;

    learning_update(x->learning.learner, in, gain_milli);
    diag_open(&x->gateway->diag, DIAG_DEBUG, &line);
    fmt_str(&line.text, x->id);
    fmt_str(&line.text, ": learned a gain of ");
    fmt_milli(&line.text, gain_milli);
    diag_close(&line);
}

static void learning_tell(struct exchange *x, int gain_milli)
{
    struct learn_input in;

    (void)learning_read(x, &in);
    learning_take(x, &in, gain_milli);
}

void learning_escalated(struct exchange *x)
{
    struct learning *l = &x->learning;
    int score_milli = x->judging.plain_milli;

    if (l->learner == NULL || score_milli == QUALITY_NONE)
        return;
    if (l->cheap_milli != QUALITY_NONE) {
        learning_tell(x, score_milli - l->cheap_milli);
        l->cheap_milli = QUALITY_NONE;
    } else if (x->plan.tier == 0 && !x->plan.in_fallback) {
        l->cheap_milli = score_milli;
    }
}

/* The answer as a body: what is held, or put together from its events into a lease. */
static struct span learning_answer(struct exchange *x, struct lease *own)
{
    size_t len = 0;

    if (x->relay.mode == RELAY_HOLD && x->relay.held.ptr != NULL)
        return span_of(x->relay.held.ptr, x->relay.held_len);
    if (x->tape == NULL || x->follows || !x->tape->whole ||
        !player_body(&x->gateway->bodies, x->api, tape_bytes(x->tape), own, &len))
        return SPAN_EMPTY;
    return span_of(own->ptr, len);
}

/* ---- shadows ---- */

/* What the side call keeps of the one it follows: the question as the model reads it, and the
 * answer behind that. */
static bool learning_keep(struct exchange *x, struct kept *k)
{
    struct lease_region *memory = &x->gateway->bodies;
    struct lease own = {0};
    struct span answer = learning_answer(x, &own);

    if (answer.len > 0 && lease_take(memory, &k->bytes, sizeof(struct learn_input) + answer.len)) {
        (void)learning_read(x, (struct learn_input *)(void *)k->bytes.ptr);
        memcpy(k->bytes.ptr + sizeof(struct learn_input), answer.ptr, answer.len);
        k->len = answer.len;
    }
    lease_give(memory, &own);
    return k->len > 0;
}

static bool learning_is_due(struct exchange *x)
{
    struct learner *l = x->learning.learner;

    l->shadow_milli += x->route->shadow_milli;
    if (l->shadow_milli < LEARNING_WHOLE_MILLI)
        return false;
    l->shadow_milli -= LEARNING_WHOLE_MILLI;
    return !x->gateway->stopping;
}

/* Asks the next tier as well; false when it cannot, or would be in the way of others. */
static bool learning_shadow(struct exchange *x, int64_t now_ms)
{
    struct plan plan = x->plan;
    enum plan_none why;
    const struct model_settings *m = plan_next(x, &plan, true, &why, now_ms);
    const struct upstream *u = m != NULL ? &x->use->upstreams[m->upstream_index] : NULL;
    struct kept kept = {0};
    struct lease body = {0};
    struct exchange *side = NULL;
    size_t len = 0;

    if (u == NULL || (int64_t)u->busy >= u->settings->connections || !learning_keep(x, &kept))
        return false;
    if (side_copy_request(x, &body, &len))
        side = side_make(x, PURPOSE_SHADOW, x->api, &body, len, m, now_ms);
    if (side == NULL) {
        lease_give(&x->gateway->bodies, &kept.bytes);
        return false;
    }
    side->kept = kept;
    side->learning.learner = x->learning.learner;
    exchange_begin_at_reserve(side, now_ms);
    return true;
}

static void learning_shadowed(struct exchange *x)
{
    const char *kept = x->kept.bytes.ptr;
    struct span answer = x->relay.source_done ? side_answer(x) : SPAN_EMPTY;

    if (answer.len > 0 && x->answer.end == ANSWER_WHOLE)
        learning_take(
            x, (const struct learn_input *)(const void *)kept,
            judge_gain(x, span_of(kept + sizeof(struct learn_input), x->kept.len), answer));
}

/* ---- the end of a call ---- */

static bool learning_is_delivered(const struct exchange *x)
{
    return x->purpose == PURPOSE_ANSWER && x->called && !x->abandoned && !x->given &&
           x->upstream_status == 200 && x->answer.end == ANSWER_WHOLE && !x->gone;
}

static bool learning_has_passed(const struct exchange *x)
{
    return !x->plan.in_fallback && x->judging.score_milli != QUALITY_NONE &&
           x->judging.score_milli >= x->route->tiers[0].bar_milli;
}

/* Whether the client asked this before, and was not content with the first tier's answer. */
static bool learning_is_again(const struct exchange *x, int64_t now_ms)
{
    const struct learning *l = &x->learning;
    bool cheap = x->plan.tier == 0 && learning_has_passed(x);

    return l->question != 0 &&
           again_answered(x->gateway->again, l->client, l->question, cheap, x->started_ms, now_ms);
}

void learning_settled(struct exchange *x, int64_t now_ms)
{
    struct lease own = {0};
    struct span answer;
    bool again;

    if (x->learning.learner == NULL)
        return;
    if (x->purpose == PURPOSE_SHADOW)
        learning_shadowed(x);
    if (!learning_is_delivered(x))
        return;
    again = learning_is_again(x, now_ms);
    if (again && x->learning.cheap_milli == QUALITY_NONE) {
        learning_tell(x, x->learning.gain_milli > LEARNING_AGAIN_MILLI ? x->learning.gain_milli
                                                                       : LEARNING_AGAIN_MILLI);
        return;
    }
    if (x->plan.tier == 0) {
        if (learning_has_passed(x) && !(learning_is_due(x) && learning_shadow(x, now_ms)))
            learning_tell(x, 0);
        return;
    }
    if (x->learning.cheap_milli == QUALITY_NONE)
        return;
    answer = learning_answer(x, &own);
    if (answer.len > 0)
        learning_tell(x, judge_measure(x, answer) - x->learning.cheap_milli);
    lease_give(&x->gateway->bodies, &own);
}

/* ---- the file ---- */

static const char *learning_path(const struct gateway *g, const struct learner *l,
                                 char out[BLOB_PATH_BYTES])
{
    struct fmt f;

    fmt_init(&f, out, BLOB_PATH_BYTES);
    fmt_str(&f, g->ledger.settings->path);
    fmt_str(&f, ".learn.");
    fmt_str(&f, l->route);
    return fmt_cstr(&f);
}

static void learning_warn(struct gateway *g, const char *path, const char *what)
{
    struct diag_line line;

    diag_open(&g->diag, DIAG_WARN, &line);
    fmt_str(&line.text, "learn: ");
    fmt_str(&line.text, path);
    fmt_str(&line.text, what);
    diag_close(&line);
}

/* Without a ledger's path nothing outlives the process. */
static bool learning_has_file(const struct gateway *g)
{
    return g->learner_count > 0 && g->ledger.settings->path[0] != '\0';
}

void learning_open(struct gateway *g)
{
    char path[BLOB_PATH_BYTES];
    struct lease bytes = {0};

    /* One byte more, so that a longer file is seen to be one. */
    bool readable = learning_has_file(g) && lease_take(&g->bodies, &bytes, LEARN_FILE_BYTES + 1);

    for (size_t i = 0; i < g->learner_count; i++) {
        struct learner *l = &g->learners[i];
        int64_t got = -1;

        if (readable)
            got = blob_read(learning_path(g, l, path), bytes.ptr, LEARN_FILE_BYTES + 1);
        if (got >= 0 && !learn_load(&l->model, span_of(bytes.ptr, (size_t)got)))
            learning_warn(g, path, " is damaged: the route begins to learn anew");
        l->saved_updates = l->model.updates;
        l->save_ms = g->started_ms + LEARNING_SAVE_MS;
        learning_look(l);
    }
    lease_give(&g->bodies, &bytes);
}

int64_t learning_deadline_ms(const struct gateway *g)
{
    int64_t least_ms = LOOP_NEVER;

    for (size_t i = 0; learning_has_file(g) && i < g->learner_count; i++) {
        const struct learner *l = &g->learners[i];

        if (l->model.updates != l->saved_updates && l->save_ms < least_ms)
            least_ms = l->save_ms;
    }
    return least_ms;
}

void learning_save(struct gateway *g, bool at_end, int64_t now_ms)
{
    char path[BLOB_PATH_BYTES];
    struct lease bytes = {0};

    for (size_t i = 0; learning_has_file(g) && i < g->learner_count; i++) {
        struct learner *l = &g->learners[i];
        int err;

        if (l->model.updates == l->saved_updates || (!at_end && now_ms < l->save_ms))
            continue;
        l->save_ms = now_ms + LEARNING_SAVE_MS;
        if (!lease_take(&g->bodies, &bytes, LEARN_FILE_BYTES))
            return; /* then the next time */
        learn_save(&l->model, (uint8_t *)bytes.ptr);
        err = blob_write(learning_path(g, l, path), span_of(bytes.ptr, LEARN_FILE_BYTES));
        lease_give(&g->bodies, &bytes);
        if (err == 0)
            l->saved_updates = l->model.updates;
        else
            learning_warn(g, path, " cannot be written; it is tried again");
    }
}
