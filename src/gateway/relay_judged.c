/* relay - a stream that is judged before the client gets it: by way of a tape.
 *
 * What comes from the vendor is written on the tape. Until it is committed nothing leaves; then the
 * player reads the tape for the client, while the rest still comes. */
#include "base/check.h"
#include "gateway/gateway.h"
#include "gateway/respond.h"

bool relay_judged_start(struct exchange *x)
{
    static const struct cache_id nobody = {.kind = CACHE_ANSWER};

    if (x->tape == NULL) {
        x->tape = tape_open(&x->gateway->tapes, &nobody, x);
        if (x->tape == NULL)
            return false;
        x->tape->open = false;
    }
    x->tape->held = true;
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

/* The source has ended well: the last judgement, if there was none. */
static enum stage_result judged_whole(struct exchange *x, int64_t now_ms)
{
    struct relay *r = &x->relay;

    if (!x->tape->whole)
        tape_finish(x->tape, &x->gateway->bodies);
    if (!x->tape->whole) {
        r->source_done = true;
        return r->committed ? STAGE_NEXT : judged_no_memory(x);
    }
    if (!r->committed) {
        switch (judge_tape(x, x->tape, now_ms)) {
        case VERDICT_WAIT:
            return STAGE_WAIT;
        case VERDICT_FAIL:
            if (judged_escalates(x, now_ms))
                return STAGE_ESCALATE;
            break;
        case VERDICT_PASS:
            break;
        }
    }
    r->source_done = true;
    if (!r->committed && !judged_commit(x))
        return judged_no_memory(x);
    remember_tape(x);
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

/* One piece from the vendor; STAGE_NEXT: go on. */
static enum stage_result judged_take(struct exchange *x, struct span payload, int64_t now_ms)
{
    call_used(&x->call, relay_events_in(x, payload));
    if (x->tape->failed && !x->relay.committed)
        return judged_no_memory(x);
    if (!x->relay.committed && judged_is_due(x))
        return judged_look(x, now_ms);
    return STAGE_NEXT;
}

enum stage_result relay_judged_run(struct exchange *x, int64_t now_ms)
{
    struct relay *r = &x->relay;

    for (;;) {
        enum stage_result result = STAGE_NEXT;
        struct span payload = SPAN_EMPTY;

        if (r->committed && judged_pump(x, now_ms))
            return STAGE_NEXT;
        if (r->source_done)
            return x->conn == NULL ? STAGE_NEXT : STAGE_WAIT;
        switch (call_next(&x->call, &payload, now_ms)) {
        case CALL_GOT:
            result = judged_take(x, payload, now_ms);
            break;
        case CALL_MORE:
            return STAGE_WAIT;
        case CALL_END:
            result = judged_whole(x, now_ms);
            break;
        case CALL_BROKEN:
            return judged_broken(x, now_ms);
        }
        if (result != STAGE_NEXT)
            return result;
    }
}
