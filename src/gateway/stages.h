/* stages - what happens to an exchange, one thing after another; each stage is a file stage_NAME.c.
 *
 * A stage decides and returns:
 *   STAGE_NEXT    on to the next
 *   STAGE_WAIT    something is under way; exchange_resume() comes back to this stage
 *   STAGE_REPLY   the stage answered the client itself: on to settle
 *   STAGE_REFUSE  x->refusal says why: on to deliver, which tells the client
 *   STAGE_DELIVER  the answer is there already: on to deliver
 *   STAGE_ESCALATE  the call's end was written down and the next model of the plan picked
 *                   (exchange_next): back to reserve, the only backward edge */
#ifndef GATEWAY_STAGES_H
#define GATEWAY_STAGES_H

#include <stdbool.h>
#include <stdint.h>

struct exchange;

enum stage_result {
    STAGE_NEXT,
    STAGE_WAIT,
    STAGE_REPLY,
    STAGE_REFUSE,
    STAGE_DELIVER,
    STAGE_ESCALATE
};

enum stage_result stage_authorize(struct exchange *x, int64_t now_ms);
enum stage_result stage_understand(struct exchange *x, int64_t now_ms);
enum stage_result stage_route(struct exchange *x, int64_t now_ms);
enum stage_result stage_preview(struct exchange *x, int64_t now_ms);
enum stage_result stage_recall(struct exchange *x, int64_t now_ms);
enum stage_result stage_reserve(struct exchange *x, int64_t now_ms);
enum stage_result stage_compress(struct exchange *x, int64_t now_ms);
enum stage_result stage_batch(struct exchange *x, int64_t now_ms);
enum stage_result stage_ask(struct exchange *x, int64_t now_ms);
enum stage_result stage_deliver(struct exchange *x, int64_t now_ms);
enum stage_result stage_settle(struct exchange *x, int64_t now_ms);
enum stage_result stage_record(struct exchange *x, int64_t now_ms);

/* It is a dry run: nothing that is counted or kept may come of it. Of a client's exchange. */
bool preview_is_asked(const struct exchange *x);

#endif
