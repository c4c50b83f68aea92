/* relay - a stream that is judged before the client gets it, or may be ended early: by way of a
 * tape.
 *
 * What comes from the vendor is written on the tape. Until it is committed nothing leaves; then the
 * player reads the tape for the client, while the rest still comes. A client that does not stream
 * gets a body made of the tape. Once a rule or a limit has ended the answer the call is closed, or
 * read on for its sum alone where the vendor bills on. */
#include "base/check.h"
#include "gateway/gateway.h"
#include "gateway/respond.h"

bool relay_judged_start(struct exchange *x)
{
    static const struct cache_id nobody = {.kind = CACHE_ANSWER};

    if (x->tape != NULL && x->tape->failed)
        tape_leave(x->tape, x, &x->gateway->tapes, &x->gateway->bodies);
    if (x->tape == NULL) {
        x->tape = tape_open(&x->gateway->tapes, &nobody, x);
        if (x->tape == NULL)
            return false;
        x->tape->open = false;
    }
    x->tape->held = x->judged;
    x->relay.by_tape = true;
    relay_start_events(x);
    return true;
}

static enum stage_result judged_no_memory(struct exchange *x)
{
    refuse_say(&x->refusal, REFUSE_NO_MEMORY, NULL, SPAN_EMPTY);
    return STAGE_REFUSE;
}

static bool judged_commit(struct exchange *x)
{
    if (!player_open_tape(&x->player, &x->gateway->bodies, x->tape))
        return false;
    x->relay.committed = true;
    x->tape->held = false;
    tape_wake(x->tape);
    if (x->conn != NULL)
        respond_answer_head(x, CONN_LENGTH_UNKNOWN);
    return true;
}

/* Not good enough: what there is of it is kept in case that nothing better comes. */
static bool judged_escalates(struct exchange *x, int64_t now_ms)
{
    if (x->tape->whole)
        kept_take(x);
    else
        x->tags |= TAG_ABORTED; /* the rest of it is not paid for */
    return exchange_next(x, route_judges(x->route, x->plan.tier), now_ms);
}

/* Moves what may go to the client. True when the relay is at its end. */
static bool judged_pump(struct exchange *x, int64_t now_ms)
{
    struct conn *c = x->conn;

    while (c != NULL && conn_space(c) > 0) {
        struct span payload = SPAN_EMPTY;
        struct span piece;

        switch (player_next(&x->player, &payload, now_ms)) {
        case CALL_GOT:
            piece = span_part(payload, 0, conn_space(c));
            CHECK(conn_put(c, piece));
            player_used(&x->player, piece.len);
            break;
        case CALL_MORE:
            conn_flush(c, now_ms);
            return false;
        case CALL_END:
            x->conn = NULL;
            x->gateway->counts.answered++;
            conn_finish(c, now_ms);
            return true;
        case CALL_BROKEN:
            x->conn = NULL;
            c->user = NULL;
            conn_abort(c);
            return true;
        }
        if (conn_space(c) == 0)
            conn_flush(c, now_ms);
        c = x->conn; /* it may have left */
    }
    return false;
}

/* Out of the tape, for a client that does not stream. */
static enum stage_result judged_body(struct exchange *x, int64_t now_ms)
{
    struct relay *r = &x->relay;

    if (x->conn != NULL && r->held_len == 0 &&
        !player_body(&x->gateway->bodies, x->api, tape_bytes(x->tape), &r->held, &r->held_len)) {
        if (exchange_next(x, false, now_ms))
            return STAGE_ESCALATE;
        tape_fail(x->tape);
        refuse_say(&x->refusal, REFUSE_UPSTREAM_BROKEN, NULL,
                   SPAN("The vendor's stream, which a stop rule asked for, could not be put "
                        "together to a body."));
        return STAGE_REFUSE;
    }
    r->mode = RELAY_HOLD;
    return relay_held_deliver(x, now_ms);
}

static enum stage_result judged_stream(struct exchange *x, int64_t now_ms)
{
    struct relay *r = &x->relay;
    enum verdict verdict = VERDICT_PASS;

    if (!r->committed && x->judged)
        verdict = judge_tape(x, x->tape, now_ms);
    if (verdict == VERDICT_WAIT)
        return STAGE_WAIT;
    if (verdict == VERDICT_FAIL && judged_escalates(x, now_ms))
        return STAGE_ESCALATE;
    if (!r->committed && !judged_commit(x))
        return judged_no_memory(x);
    remember_tape(x);
    return STAGE_NEXT;
}

/* All that is to be delivered has come: the last judgement, if there was none. */
static enum stage_result judged_whole(struct exchange *x, int64_t now_ms)
{
    struct relay *r = &x->relay;
    enum stage_result result;

    if (!x->tape->whole)
        tape_finish(x->tape, &x->gateway->bodies);
    if (!x->tape->whole)
        result = r->committed ? STAGE_NEXT : judged_no_memory(x);
    else if (x->early.inside)
        result = judged_body(x, now_ms);
    else
        result = judged_stream(x, now_ms);
    if (result != STAGE_NEXT)
        return result;
    r->settled = true;
    x->tape->held = false;
    tape_wake(x->tape);
    return STAGE_NEXT;
}

static enum stage_result judged_broken(struct exchange *x, int64_t now_ms)
{
    if (!x->relay.committed && exchange_next(x, false, now_ms))
        return STAGE_ESCALATE;
    return relay_broken(x, now_ms);
}

/* Looked at once, between two events, as soon as there is enough of it. */
static bool judged_is_due(const struct exchange *x)
{
    return !x->relay.looked && x->answer.event_bytes == 0 && judge_takes_beginnings(x) &&
           answer_output_estimate(&x->answer) >= x->route->commit_after_tokens;
}

static enum stage_result judged_look(struct exchange *x, int64_t now_ms)
{
    x->relay.looked = true;
    if (!judge_beginning(x, x->tape))
        return judged_escalates(x, now_ms) ? STAGE_ESCALATE : STAGE_NEXT;
    return judged_commit(x) ? STAGE_NEXT : judged_no_memory(x);
}

/* The answer ends here. A vendor that bills on is read on, and one that is at its end anyway. */
static void judged_cut(struct exchange *x, int64_t now_ms)
{
    struct relay *r = &x->relay;
    bool ends = x->answer.finish_seen || x->answer.end != ANSWER_RUNNING;
    bool read_on = !r->over && (ends || x->up->settings->on_abort == ON_ABORT_DRAIN);

    x->tags |= r->over ? TAG_CAPPED : TAG_STOPPED;
    if (!r->whole)
        relay_put_end(x, r->over ? ENDING_LENGTH : ENDING_STOP);
    r->whole = true;
    r->over = false;
    if (read_on)
        return;
    r->source_done = true;
    call_close(&x->call, now_ms);
}

/* One piece from the vendor; STAGE_NEXT: go on. */
static enum stage_result judged_take(struct exchange *x, struct span payload, int64_t now_ms)
{
    struct relay *r = &x->relay;

    call_used(&x->call, relay_events_in(x, payload));
    if (x->tape->failed && !r->committed && !r->whole)
        return judged_no_memory(x);
    if (r->over || (x->early.fired && !r->whole))
        judged_cut(x, now_ms);
    else if (!r->committed && x->judged && !x->early.inside && !r->whole && judged_is_due(x))
        return judged_look(x, now_ms);
    return STAGE_NEXT;
}

/* The vendor is at its end, well or not. */
static enum stage_result judged_source_ends(struct exchange *x, bool well, int64_t now_ms)
{
    struct relay *r = &x->relay;

    if (!well && !r->whole) {
        enum stage_result result = judged_broken(x, now_ms);

        if (result != STAGE_NEXT)
            return result;
        r->settled = true;
    } else if (!r->whole) {
        early_end(x);
    }
    r->whole = true;
    r->source_done = true;
    return STAGE_NEXT;
}

static enum stage_result judged_step(struct exchange *x, int64_t now_ms)
{
    struct span payload = SPAN_EMPTY;

    if (x->relay.whole && !x->relay.settled)
        return judged_whole(x, now_ms);
    if (x->relay.source_done)
        return STAGE_WAIT; /* for the client */
    switch (call_next(&x->call, &payload, now_ms)) {
    case CALL_GOT:
        return judged_take(x, payload, now_ms);
    case CALL_MORE:
        return STAGE_WAIT;
    case CALL_END:
        return judged_source_ends(x, true, now_ms);
    case CALL_BROKEN:
        break;
    }
    return judged_source_ends(x, false, now_ms);
}

enum stage_result relay_judged_run(struct exchange *x, int64_t now_ms)
{
    struct relay *r = &x->relay;
    enum stage_result result = STAGE_NEXT;

    if (!r->committed && !x->judged && !x->early.inside && !judged_commit(x))
        return judged_no_memory(x);
    do {
        if (r->committed && x->conn != NULL && judged_pump(x, now_ms) && !r->whole)
            return STAGE_NEXT; /* without memory for the rest */
        if (r->source_done && r->settled && x->conn == NULL)
            return STAGE_NEXT;
        result = judged_step(x, now_ms);
    } while (result == STAGE_NEXT);
    return result;
}
