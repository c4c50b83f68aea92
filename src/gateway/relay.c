#include "gateway/relay.h"

#include <string.h>

#include "base/check.h"
#include "gateway/gateway.h"
#include "gateway/respond.h"
#include "llm/logprob.h"

/* A held answer of unknown length begins with this and grows by doubling. */
enum {
    RELAY_HOLD_BYTES = 16384,
    RELAY_OVER_TOKENS = 32, /* where limits are small, framing counts */
};

/* ---- why a call failed ---- */

static enum refuse relay_refuse_net(const struct call *c)
{
    switch (c->net_err) {
    case NET_ERR_CLOCK:
        return REFUSE_CLOCK;
    case NET_ERR_SLOTS:
        return REFUSE_QUEUE;
    case NET_ERR_TLS:
        return REFUSE_UPSTREAM_TLS;
    case NET_ERR_TIMEOUT:
        return REFUSE_UPSTREAM_SLOW;
    case NET_ERR_RESET:
    case NET_ERR_CLOSED:
        return c->request_sent ? REFUSE_UPSTREAM_BROKEN : REFUSE_UPSTREAM_UNREACHABLE;
    case NET_OK:
    case NET_ERR_NO_NAME:
    case NET_ERR_RESOLVER:
    case NET_ERR_REFUSED:
    case NET_ERR_UNREACHABLE:
    case NET_ERR_PROXY:
    case NET_ERR_COUNT:
        break;
    }
    return REFUSE_UPSTREAM_UNREACHABLE;
}

void relay_refusal(const struct call *c, struct refusal *r)
{
    enum refuse why = REFUSE_UPSTREAM_BROKEN;
    char text[REFUSE_DETAIL_BYTES];
    struct fmt f;

    if (c->failure == CALL_FAIL_QUEUE)
        why = REFUSE_QUEUE;
    else if (c->failure == CALL_FAIL_TIMEOUT)
        why = REFUSE_UPSTREAM_SLOW;
    else if (c->failure == CALL_FAIL_NET)
        why = relay_refuse_net(c);
    fmt_init(&f, text, sizeof(text));
    if (c->failure == CALL_FAIL_NET) {
        fmt_str(&f, "Upstream \"");
        fmt_str(&f, c->up->settings->name);
        fmt_str(&f, "\": ");
        fmt_str(&f, c->detail[0] != '\0' ? c->detail : net_err_text(c->net_err));
    }
    refuse_say(r, why, NULL, fmt_span(&f));
}

/* ---- beginning ---- */

static bool relay_is_events(const struct exchange *x)
{
    struct span type = http_head_field(&x->call.head, "content-type");
    struct span media;

    return span_split(&type, ';', &media) &&
           span_equal_fold(span_trim(media), SPAN("text/event-stream"));
}

/* An answer in a coding is passed as it is; its usage cannot be read. */
static bool relay_is_coded(const struct exchange *x)
{
    struct span coding = http_head_field(&x->call.head, "content-encoding");

    return coding.len > 0 && !span_equal_fold(coding, SPAN("identity"));
}

static bool relay_can_hold(struct exchange *x)
{
    const struct http_head *h = &x->call.head;
    struct gateway *g = x->gateway;
    size_t bytes = RELAY_HOLD_BYTES;

    if (h->framing == HTTP_BODY_LENGTH) {
        if (h->content_length > (uint64_t)g->server.max_body_bytes)
            return false;
        bytes = (size_t)h->content_length;
    }
    return bytes == 0 || lease_take(&g->bodies, &x->relay.held, bytes);
}

static void relay_begin_pass(struct exchange *x)
{
    const struct http_head *h = &x->call.head;

    if (x->tape != NULL && !x->follows)
        tape_fail(x->tape);  /* longer than what is kept */
    if (x->inputs.merging) { /* a part is no answer */
        refuse_say(&x->refusal, REFUSE_NO_MEMORY, NULL, SPAN_EMPTY);
        return;
    }
    x->relay.mode = RELAY_PASS;
    if (x->conn != NULL)
        respond_answer_head(x, h->framing == HTTP_BODY_LENGTH ? (int64_t)h->content_length
                                                              : CONN_LENGTH_UNKNOWN);
}

void relay_start_events(struct exchange *x)
{
    x->relay.mode = RELAY_EVENTS;
    sse_start(&x->relay.sse);
    ending_start(&x->relay.ending, x->api);
}

/* Whether they can be looked at: those of a client that does not stream have to be. */
static bool relay_reads_events(const struct exchange *x)
{
    return relay_is_events(x) && (x->early.inside || (x->request.stream && !relay_is_coded(x)));
}

void relay_start(struct exchange *x, int64_t now_ms)
{
    CHECK(x->relay.mode == RELAY_NONE);
    x->judged = judge_is_wanted(x, now_ms);
    if (x->upstream_status != 200 || !relay_reads_events(x)) {
        early_close(x); /* an error, or a vendor that does not stream */
        x->early.inside = false;
    }
    if (relay_reads_events(x)) {
        if ((x->judged || x->early.on) && relay_judged_start(x))
            return;
        early_close(x);
        if (x->early.inside)
            refuse_say(&x->refusal, REFUSE_NO_MEMORY, NULL, SPAN_EMPTY);
        relay_start_events(x);
    } else if (!relay_is_events(x) && relay_can_hold(x)) {
        x->relay.mode = RELAY_HOLD;
    } else {
        relay_begin_pass(x);
    }
}

/* ---- held ---- */

static bool relay_hold(struct exchange *x, struct span payload)
{
    struct relay *r = &x->relay;
    struct lease_region *bodies = &x->gateway->bodies;
    size_t need = r->held_len + payload.len;

    if (need > lease_bytes(&r->held)) {
        size_t doubled = 2 * lease_bytes(&r->held);

        if ((int64_t)need > x->gateway->server.max_body_bytes)
            return false;
        if (!lease_grow(bodies, &r->held, doubled > need ? doubled : need) &&
            !lease_grow(bodies, &r->held, need))
            return false;
    }
    memcpy(r->held.ptr + r->held_len, payload.ptr, payload.len);
    r->held_len = need;
    return true;
}

/* The answer is not good enough, and somebody else is asked. */
static bool relay_escalates(struct exchange *x, int64_t now_ms)
{
    struct relay *r = &x->relay;

    kept_take(x);
    if (exchange_next(x, route_judges(x->route, x->plan.tier), now_ms))
        return true;
    r->held = x->kept.bytes; /* nobody is there all the same */
    r->held_len = x->kept.len;
    x->kept = (struct kept){.len = 0};
    return false;
}

enum stage_result relay_held_deliver(struct exchange *x, int64_t now_ms)
{
    struct conn *c = x->conn;
    struct relay *r = &x->relay;

    if (x->judged && c != NULL) {
        enum verdict verdict = judge_body(x, span_of(r->held.ptr, r->held_len), now_ms);

        if (verdict == VERDICT_WAIT)
            return STAGE_WAIT;
        if (verdict == VERDICT_FAIL && relay_escalates(x, now_ms))
            return STAGE_ESCALATE;
    }
    if (judge_asks_logprobs(x))
        r->held_len = logprob_strip(r->held.ptr, r->held_len, x->request.choices);
    if (!inputs_take(x))
        return STAGE_REFUSE;
    if (r->by_tape)
        remember_tape(x);
    else
        remember_body(x, span_of(r->held.ptr, r->held_len));
    if (!r->by_tape || r->source_done)
        (void)stage_settle(x, now_ms);
    if (c == NULL)
        return STAGE_NEXT;
    respond_answer_head(x, (int64_t)r->held_len);
    x->conn = NULL;
    x->gateway->counts.answered++;
    /* 204 and 304 have no length and no payload. */
    if (r->held_len > conn_space(c))
        conn_send_lease(c, &r->held, r->held_len);
    else if (r->held_len > 0) /* head and payload leave in one piece */
        CHECK(conn_put(c, span_of(r->held.ptr, r->held_len)));
    conn_finish(c, now_ms);
    return STAGE_NEXT;
}

static enum stage_result relay_held_whole(struct exchange *x, int64_t now_ms)
{
    struct relay *r = &x->relay;

    if (!x->called && !r->source_done)
        answer_feed(&x->answer, span_of(r->held.ptr, r->held_len));
    if (!r->source_done) /* a judge may make it come here again */
        answer_finish(&x->answer);
    r->source_done = true;
    return relay_held_deliver(x, now_ms);
}

/* ---- passed ---- */

/* What was held before it proved too large goes first. True when all of it is on its way. */
static bool relay_pass_held(struct exchange *x, int64_t now_ms)
{
    struct relay *r = &x->relay;

    if (x->conn == NULL)
        r->held_at = r->held_len;
    while (r->held_at < r->held_len) {
        size_t room = conn_space(x->conn);
        struct span piece = span_part(span_of(r->held.ptr, r->held_len), r->held_at, room);

        if (room == 0) {
            conn_flush(x->conn, now_ms);
            if (x->conn == NULL || conn_space(x->conn) == 0)
                return x->conn == NULL;
            continue;
        }
        CHECK(conn_put(x->conn, piece));
        r->held_at += piece.len;
    }
    lease_give(&x->gateway->bodies, &r->held);
    return true;
}

static size_t relay_pass(struct exchange *x, struct span payload)
{
    struct span piece = payload;

    if (x->conn != NULL) {
        piece = span_part(payload, 0, conn_space(x->conn));
        if (piece.len > 0)
            CHECK(conn_put(x->conn, piece));
    }
    answer_feed(&x->answer, piece);
    return piece.len;
}

/* ---- events ---- */

/* Moves what may go to the client; true when nothing that may go is left. */
static bool relay_events_out(struct exchange *x)
{
    struct relay *r = &x->relay;
    size_t bytes = r->event_ready;

    if (x->conn != NULL) {
        size_t room = conn_space(x->conn);

        bytes = bytes < room ? bytes : room;
        if (bytes > 0)
            CHECK(conn_put(x->conn, span_of(r->event, bytes)));
    }
    memmove(r->event, r->event + bytes, r->event_len - bytes);
    r->event_len -= bytes;
    r->event_ready -= bytes;
    return r->event_ready == 0;
}

/* A vendor that goes on beyond the limit it was given is cut off there: the budget holds no more.
 * Estimates err, so it is given a quarter more than what it may. */
static bool relay_is_over(const struct exchange *x)
{
    int64_t allowed = x->bound.output_tokens * x->request.choices;

    return x->hold.count > 0 && allowed > 0 && x->answer.end == ANSWER_RUNNING &&
           exchange_output_estimate(x) > allowed + allowed / 4 + RELAY_OVER_TOKENS;
}

bool relay_is_taped(const struct exchange *x)
{
    return x->tape != NULL && !x->follows && x->upstream_status == 200 && !x->early.fired;
}

/* `end`: in the same payload, where r->event ends. */
static void relay_event_data(struct exchange *x, struct span data, const char *end)
{
    struct relay *r = &x->relay;

    answer_event_data(&x->answer, data);
    if (x->early.on)
        early_data(x, data);
    else if (relay_is_taped(x))
        tape_data(x->tape, &x->gateway->bodies, sse_event_name(&r->sse), data);
    if (data.ptr[0] == '\n') /* between two lines of data: of no payload */
        r->data_split = true;
    else if (r->data_len == 0)
        r->data_at = r->event_len - r->event_ready - (size_t)(end - data.ptr);
    r->data_len += data.len;
}

/* For an end of ours: only where a budget may need one. What stands in several pieces, or is too
 * long, says nothing that an end needs. */
static void relay_event_note(struct exchange *x)
{
    struct relay *r = &x->relay;

    if (x->hold.count > 0 && !r->data_split && r->data_len > 0)
        ending_event(&r->ending, span_of(r->event + r->event_ready + r->data_at, r->data_len));
}

static void relay_event_whole(struct exchange *x)
{
    struct relay *r = &x->relay;
    enum answer_verdict verdict = answer_event_end(&x->answer, sse_event_name(&r->sse));

    if (x->early.on)
        early_event(x);
    else if (relay_is_taped(x))
        tape_event_end(x->tape, &x->gateway->bodies, sse_event_name(&r->sse));
    if (verdict == ANSWER_RELAY && !x->early.on && !x->early.fired)
        relay_event_note(x);
    r->data_len = 0;
    r->data_split = false;
    r->over = relay_is_over(x);
    if (r->by_tape) {
        if (verdict == ANSWER_WITHHOLD)
            player_skip(&x->player, x->answer.events);
        r->event_len = 0;
        return;
    }
    if (verdict == ANSWER_RELAY || r->event_passing)
        r->event_ready = r->event_len;
    else
        r->event_len = r->event_ready;
    r->event_passing = false;
}

/* Takes as much of the payload as the event buffer holds. */
size_t relay_events_in(struct exchange *x, struct span payload)
{
    struct relay *r = &x->relay;
    size_t taken = 0;

    while (taken < payload.len && r->event_len < sizeof(r->event) && !r->over) {
        struct span rest = span_part(payload, taken, sizeof(r->event) - r->event_len);
        struct span data = SPAN_EMPTY;
        size_t used = 0;
        enum sse_result result = sse_next(&r->sse, rest, &used, &data);

        memcpy(r->event + r->event_len, rest.ptr, used);
        r->event_len += used;
        taken += used;
        if (result == SSE_DATA)
            relay_event_data(x, data, rest.ptr + used);
        else if (result == SSE_END)
            relay_event_whole(x);
    }
    if (r->event_len == sizeof(r->event))
        r->data_split = true;
    if (r->by_tape && r->event_len == sizeof(r->event))
        r->event_len = 0; /* it is on the tape */
    if (r->event_len == sizeof(r->event) && r->event_ready == 0) {
        r->event_passing = true; /* longer than any event that is withheld */
        r->event_ready = r->event_len;
    }
    return taken;
}

/* ---- endings ---- */

static enum stage_result relay_whole(struct exchange *x, int64_t now_ms)
{
    struct conn *c = x->conn;
    struct relay *r = &x->relay;

    if (r->mode == RELAY_HOLD)
        return relay_held_whole(x, now_ms);
    if (r->mode == RELAY_PASS)
        answer_finish(&x->answer);
    /* A stream that ends without a blank line is passed as it came. */
    r->event_ready = r->event_len;
    if (r->mode == RELAY_EVENTS && !relay_events_out(x))
        return STAGE_WAIT;
    if (r->mode == RELAY_EVENTS)
        remember_tape(x);
    x->conn = NULL;
    if (c != NULL) {
        x->gateway->counts.answered++;
        conn_finish(c, now_ms);
    }
    return STAGE_NEXT;
}

/* The client already has a part: an event tells it, as far as the framing allows. */
enum stage_result relay_broken(struct exchange *x, int64_t now_ms)
{
    struct conn *c = x->conn;

    if (x->tape != NULL && !x->follows)
        tape_fail(x->tape);
    char text[REFUSE_BODY_BYTES + 32];
    struct refusal refusal = {.why = REFUSE_NONE};
    struct fmt f;

    relay_refusal(&x->call, &refusal);
    if (c == NULL)
        return STAGE_NEXT;
    if (x->relay.mode == RELAY_HOLD || !c->head_sent) {
        x->refusal = refusal;
        return STAGE_REFUSE;
    }
    x->conn = NULL;
    x->gateway->counts.refused++;
    fmt_init(&f, text, sizeof(text));
    if (x->relay.event_passing)
        fmt_str(&f, "\n\n");
    refuse_event(&refusal, api_is_anthropic(x->api), span_str(x->id), &f);
    if (x->relay.mode == RELAY_EVENTS && conn_put(c, fmt_span(&f))) {
        conn_finish(c, now_ms);
        return STAGE_NEXT;
    }
    c->user = NULL;
    conn_flush(c, now_ms);
    conn_abort(c);
    return STAGE_NEXT;
}

/* The stream ends as one does that reached max_tokens. */
static enum stage_result relay_cap(struct exchange *x, int64_t now_ms)
{
    call_close(&x->call, now_ms);
    x->tags |= TAG_CAPPED;
    x->relay.over = false;
    x->relay.source_done = true;
    relay_put_end(x, ENDING_LENGTH);
    return relay_whole(x, now_ms);
}

/* ---- the loop ---- */

static size_t relay_take(struct exchange *x, struct span payload)
{
    switch (x->relay.mode) {
    case RELAY_HOLD:
        if (relay_hold(x, payload)) {
            answer_feed(&x->answer, payload);
            return payload.len;
        }
        relay_begin_pass(x);
        return 0;
    case RELAY_PASS:
        return relay_pass(x, payload);
    case RELAY_EVENTS:
        return relay_events_in(x, payload);
    case RELAY_NONE:
        break;
    }
    return payload.len;
}

/* Pushes out what is ready; false when the client has no room for it. */
static bool relay_out(struct exchange *x, int64_t now_ms)
{
    struct relay *r = &x->relay;

    if (r->mode == RELAY_EVENTS && !relay_events_out(x)) {
        conn_flush(x->conn, now_ms);
        return x->conn == NULL || relay_events_out(x);
    }
    if (r->mode == RELAY_PASS) {
        if (!relay_pass_held(x, now_ms))
            return false;
        if (x->conn != NULL && conn_space(x->conn) == 0)
            conn_flush(x->conn, now_ms);
        return x->conn == NULL || conn_space(x->conn) > 0;
    }
    return true;
}

/* Where the answer comes from: the vendor, or a recording; a held one may be there already. */
static enum call_next relay_next(struct exchange *x, struct span *payload, int64_t now_ms)
{
    if (x->player.kind != PLAYER_NONE) {
        enum call_next next = player_next(&x->player, payload, now_ms);

        if (next == CALL_MORE && player_due_ms(&x->player) > now_ms)
            x->wake.deadline_ms = player_due_ms(&x->player);
        return next;
    }
    if (!x->called)
        return CALL_END;
    return call_next(&x->call, payload, now_ms);
}

static void relay_used(struct exchange *x, size_t bytes)
{
    if (x->player.kind != PLAYER_NONE)
        player_used(&x->player, bytes);
    else
        call_used(&x->call, bytes);
}

static void relay_pause(struct exchange *x, bool paused, int64_t now_ms)
{
    if (x->called)
        call_pause(&x->call, paused, now_ms);
}

enum stage_result relay_run(struct exchange *x, int64_t now_ms)
{
    if (x->relay.by_tape)
        return relay_judged_run(x, now_ms);
    if (x->relay.mode == RELAY_EVENTS && x->conn != NULL && !x->conn->head_sent)
        respond_answer_head(x, CONN_LENGTH_UNKNOWN);
    relay_pause(x, false, now_ms);
    for (;;) {
        struct span payload = SPAN_EMPTY;

        if (!relay_out(x, now_ms)) {
            relay_pause(x, true, now_ms);
            return STAGE_WAIT;
        }
        if (x->relay.source_done)
            return relay_whole(x, now_ms);
        if (x->relay.over)
            return relay_cap(x, now_ms);
        switch (relay_next(x, &payload, now_ms)) {
        case CALL_GOT:
            relay_used(x, relay_take(x, payload));
            if (x->refusal.why != REFUSE_NONE)
                return STAGE_REFUSE;
            break;
        case CALL_MORE:
            if (x->conn != NULL && x->relay.mode != RELAY_HOLD)
                conn_flush(x->conn, now_ms);
            return STAGE_WAIT;
        case CALL_END:
            return relay_whole(x, now_ms);
        case CALL_BROKEN:
            if (x->called && x->relay.mode == RELAY_HOLD && exchange_next(x, false, now_ms))
                return STAGE_ESCALATE; /* nothing of it has reached the client */
            return relay_broken(x, now_ms);
        }
    }
}
