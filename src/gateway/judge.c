#include "gateway/judge.h"

#include <string.h>

#include "base/check.h"
#include "gateway/gateway.h"
#include "gateway/player.h"
#include "llm/logprob.h"
#include "policy/judge.h"
#include "json/pick.h"

void judging_start(struct judging *j)
{
    *j = (struct judging){.score_milli = QUALITY_NONE,
                          .plain_milli = QUALITY_NONE,
                          .judge = QUALITY_NONE,
                          .agree = QUALITY_NONE};
}

bool judge_speaks(enum api api)
{
    return api == API_CHAT || api == API_COMPLETIONS || api == API_MESSAGES;
}

bool judge_is_wanted(const struct exchange *x, int64_t now_ms)
{
    struct plan plan = x->plan;
    enum plan_none why;

    if (!judge_speaks(x->api) || x->route == NULL || x->upstream_status != 200 ||
        x->gateway->judge == NULL || x->conn == NULL)
        return false;
    return plan_next(x, &plan, route_judges(x->route, plan.tier), &why, now_ms) != NULL;
}

static const struct check_settings *judge_settings(const struct exchange *x)
{
    return x->route->check[0] != '\0' ? &x->use->settings.checks[x->route->check_index]
                                      : &check_default;
}

bool judge_asks_logprobs(const struct exchange *x)
{
    return x->api == API_CHAT && x->purpose == PURPOSE_ANSWER && x->route != NULL &&
           route_judges(x->route, x->plan.tier) && judge_settings(x)->logprob_milli != 0 &&
           x->up->settings->logprobs && !x->request.has_logprobs && !x->request.stream &&
           !x->request.is_empty && !x->early.inside;
}

/* What the checks found, for who asks why (log_level = debug). */
static void judge_tell(struct exchange *x, const struct quality *q, int64_t bar_milli, bool partial)
{
    struct diag_line l;

    if (x->gateway->diag.level < DIAG_DEBUG)
        return;
    diag_open(&x->gateway->diag, DIAG_DEBUG, &l);
    fmt_str(&l.text, x->id);
    fmt_str(&l.text, partial ? ": beginning of " : ": answer of ");
    fmt_str(&l.text, x->model->name);
    fmt_str(&l.text, " scores ");
    fmt_milli(&l.text, q->score);
    fmt_str(&l.text, ", bar ");
    fmt_milli(&l.text, bar_milli);
    for (int i = 0; i < CHECK_COUNT; i++) {
        if (q->checks[i] == QUALITY_NONE || q->checks[i] == 1000)
            continue;
        fmt_char(&l.text, ' ');
        fmt_str(&l.text, check_names[i]);
        fmt_char(&l.text, '=');
        fmt_milli(&l.text, q->checks[i]);
    }
    diag_close(&l);
}

static bool judge_is_sound(const struct quality *q)
{
    static const enum check checks[] = {CHECK_EMPTY, CHECK_ERROR, CHECK_LOOP};

    for (size_t i = 0; i < ARRAY_LEN(checks); i++)
        if (q->checks[checks[i]] != QUALITY_NONE && q->checks[checks[i]] < JUDGE_SOUND_MILLI)
            return false;
    return true;
}

static struct span judge_question(struct exchange *x)
{
    struct judge_scratch *s = x->gateway->judge;
    const struct message_text *last;

    messages_read(&s->messages, x->api, x->request.body);
    last = messages_last(&s->messages, ROLE_USER);
    if (last == NULL)
        return SPAN_EMPTY;
    return span_of(s->question, message_text_decode(last, s->question, sizeof(s->question)));
}

static struct span judge_finish(enum reply_finish finish)
{
    switch (finish) {
    case REPLY_STOP:
        return SPAN("stop");
    case REPLY_LENGTH:
        return SPAN("length");
    case REPLY_TOOLS:
        return SPAN("tool_calls");
    case REPLY_FILTER:
        return SPAN("content_filter");
    case REPLY_RUNNING:
    case REPLY_OTHER:
        break;
    }
    return SPAN_EMPTY;
}

/* Of what the scratch's reply holds. */
static void judge_score(struct exchange *x, struct span calls, bool partial, int prior_milli,
                        struct quality *q)
{
    struct judge_scratch *s = x->gateway->judge;
    struct quality_input in = {
        .question = judge_question(x),
        .answer = reply_text(&s->reply),
        .finish = judge_finish(s->reply.finish),
        .calls = calls,
        .logprob_milli = x->judging.logprob_milli,
        .judge = x->judging.judge,
        .agree = x->judging.agree,
        .prior = prior_milli,
        .partial = partial || s->reply.cut,
    };

    if (quality_request_read(&s->request, x->request.body, &s->work))
        in.request = &s->request;
    /* A model may refuse in a member of its own: that is as good as the words. */
    if (s->reply.has_refusal && in.answer.len == 0)
        in.answer = SPAN("I'm sorry, but I can't help with that.");
    quality_score(q, &in, judge_settings(x), &s->work);
}

static bool judge_reply(struct exchange *x, struct span calls, bool partial)
{
    bool barred = route_judges(x->route, x->plan.tier);
    int64_t bar_milli = barred ? x->route->tiers[x->plan.tier].bar_milli : 0;
    bool expected = x->plan.tier == 0 && !x->plan.in_fallback;
    struct quality q;

    judge_score(x, calls, partial, expected ? x->learning.prior_milli : 0, &q);
    x->judging.score_milli = q.score;
    x->judging.plain_milli = quality_combine(&q, judge_settings(x), 0);
    judge_tell(x, &q, bar_milli, partial);
    return barred ? q.score >= bar_milli : judge_is_sound(&q);
}

/* The tool calls of the first choice, as they stand; empty when there are none or too many. */
static struct span judge_calls(struct exchange *x, struct span body)
{
    static const struct json_pick_path paths[] = {
        {"choices.*.message.tool_calls", PICK_RAW},
    };
    struct json_picked picked = {.data = x->gateway->judge->calls, .cap_bytes = JUDGE_CALLS_BYTES};
    struct json_pick pick;

    if (x->api != API_CHAT || x->request.choices > 1)
        return SPAN_EMPTY;
    json_pick_start(&pick, paths, &picked, 1);
    if (json_pick_feed(&pick, body) == PARSE_BAD || json_pick_finish(&pick) != PARSE_DONE ||
        picked.cut || picked.value_kind != JSON_ARRAY)
        return SPAN_EMPTY;
    return json_picked_span(&picked);
}

/* ---- what other models say ---- */

static struct span judge_side_text(struct exchange *parent, struct exchange *side)
{
    struct judge_scratch *s = parent->gateway->judge;

    reply_start(&s->reply, side->api, s->other, sizeof(s->other));
    reply_body(&s->reply, side_answer(side));
    return reply_text(&s->reply);
}

static void judge_marked(struct exchange *parent, struct exchange *side, int64_t now_ms)
{
    (void)now_ms;
    if (side_answer(side).len > 0)
        parent->judging.judge = judge_mark(judge_side_text(parent, side));
}

/* The parent's answer is read again: nothing of it was kept but its bytes. */
static void judge_agreed(struct exchange *parent, struct exchange *side, int64_t now_ms)
{
    struct judge_scratch *s = parent->gateway->judge;
    struct span other = judge_side_text(parent, side);

    (void)now_ms;
    if (other.len == 0)
        return;
    reply_start(&s->reply, parent->api, s->answer, sizeof(s->answer));
    if (parent->relay.mode == RELAY_HOLD)
        reply_body(&s->reply, span_of(parent->relay.held.ptr, parent->relay.held_len));
    else if (parent->tape != NULL)
        (void)reply_recording(&s->reply, tape_bytes(parent->tape), &s->reader);
    parent->judging.agree = quality_agreement(judge_question(parent), reply_text(&s->reply), other);
}

static bool judge_ask_mark(struct exchange *x, const struct check_settings *c, int64_t now_ms)
{
    const struct model_settings *m = settings_find_model(&x->use->settings, span_str(c->judge));
    struct judge_scratch *s = x->gateway->judge;
    struct lease body = {0};
    struct fmt out;

    x->judging.judge_asked = true;
    if (m == NULL || !lease_take(&x->gateway->bodies, &body, JUDGE_REQUEST_BYTES))
        return false;
    fmt_init(&out, body.ptr, lease_bytes(&body));
    if (!judge_request(&out, span_str(m->id), judge_question(x), reply_text(&s->reply))) {
        lease_give(&x->gateway->bodies, &body);
        return false;
    }
    return side_start(x, PURPOSE_JUDGE, API_CHAT, &body, fmt_span(&out).len, m, judge_marked,
                      now_ms);
}

static bool judge_ask_other(struct exchange *x, const struct check_settings *c, int64_t now_ms)
{
    const struct model_settings *m = settings_find_model(&x->use->settings, span_str(c->agree));
    struct lease body = {0};
    size_t len = 0;

    x->judging.agree_asked = true;
    return m != NULL && side_copy_request(x, &body, &len) &&
           side_start(x, PURPOSE_AGREE, x->api, &body, len, m, judge_agreed, now_ms);
}

bool judge_takes_beginnings(const struct exchange *x)
{
    const struct check_settings *c = judge_settings(x);

    return c->judge[0] == '\0' && c->agree[0] == '\0';
}

/* What passes by itself is shown to others, where the owner wants it: nobody is paid to confirm a
 * failure. */
static enum verdict judge_with_others(struct exchange *x, bool passes, int64_t now_ms)
{
    const struct check_settings *c = judge_settings(x);

    if (!passes)
        return VERDICT_FAIL;
    if (!route_judges(x->route, x->plan.tier))
        return VERDICT_PASS;
    if (c->agree[0] != '\0' && !x->judging.agree_asked && judge_ask_other(x, c, now_ms))
        return VERDICT_WAIT;
    if (c->judge[0] != '\0' && !x->judging.judge_asked && judge_ask_mark(x, c, now_ms))
        return VERDICT_WAIT;
    return VERDICT_PASS;
}

enum verdict judge_body(struct exchange *x, struct span body, int64_t now_ms)
{
    struct judge_scratch *s = x->gateway->judge;

    if (x->side != NULL)
        return VERDICT_WAIT;
    if (x->api == API_CHAT && judge_settings(x)->logprob_milli != 0)
        x->judging.logprob_milli = logprob_mean_milli(body);
    reply_start(&s->reply, x->api, s->answer, sizeof(s->answer));
    reply_body(&s->reply, body);
    return judge_with_others(
        x, judge_reply(x, s->reply.has_tools ? judge_calls(x, body) : SPAN_EMPTY, false), now_ms);
}

bool judge_beginning(struct exchange *x, const struct tape *t)
{
    struct judge_scratch *s = x->gateway->judge;
    struct recording_piece piece;

    reply_start(&s->reply, x->api, s->answer, sizeof(s->answer));
    recording_read(&s->reader);
    while (recording_next(&s->reader, tape_bytes(t), t->whole, &piece) == RECORDING_PIECE)
        if (piece.first && piece.last)
            reply_event(&s->reply, piece.data);
    /* Without text so far there is nothing to hold against it. */
    return s->reply.text_len == 0 || judge_reply(x, SPAN_EMPTY, true);
}

enum verdict judge_tape(struct exchange *x, const struct tape *t, int64_t now_ms)
{
    struct lease_region *memory = &x->gateway->bodies;
    struct lease body = {0};
    size_t len = 0;
    enum verdict verdict;

    if (x->side != NULL)
        return VERDICT_WAIT;
    if (!player_body(memory, x->api, tape_bytes(t), &body, &len))
        return judge_beginning(x, t) ? VERDICT_PASS
                                     : VERDICT_FAIL; /* of a form that is not known */
    verdict = judge_body(x, span_of(body.ptr, len), now_ms);
    lease_give(memory, &body);
    return verdict;
}

/* ---- for who compares ---- */

static void judge_take_body(struct exchange *x, struct span body)
{
    struct judge_scratch *s = x->gateway->judge;

    reply_start(&s->reply, x->api, s->answer, sizeof(s->answer));
    reply_body(&s->reply, body);
}

int judge_measure(struct exchange *x, struct span body)
{
    struct quality q;

    x->judging.logprob_milli = 0; /* only answers that may be replaced are asked for them */
    judge_take_body(x, body);
    judge_score(x, x->gateway->judge->reply.has_tools ? judge_calls(x, body) : SPAN_EMPTY, false, 0,
                &q);
    return q.score;
}

int judge_gain(struct exchange *x, struct span cheap, struct span strong)
{
    struct judge_scratch *s = x->gateway->judge;
    struct span other;
    int cheap_milli;

    reply_start(&s->reply, x->api, s->other, sizeof(s->other));
    reply_body(&s->reply, strong);
    other = reply_text(&s->reply);
    judge_take_body(x, cheap);
    x->judging.agree = quality_agreement(judge_question(x), reply_text(&s->reply), other);
    cheap_milli = judge_measure(x, cheap);
    x->judging.agree = QUALITY_NONE;
    return judge_measure(x, strong) - cheap_milli;
}
