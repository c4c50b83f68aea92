/* deliver - the answer, or why there is none, on its way to the client. */
#include "gateway/gateway.h"
#include "gateway/relay.h"
#include "gateway/respond.h"

enum stage_result stage_deliver(struct exchange *x, int64_t now_ms)
{
    struct conn *c = x->conn;

    if (x->refusal.why == REFUSE_NONE)
        return relay_run(x, now_ms);
    if (c != NULL) {
        x->conn = NULL;
        x->gateway->counts.refused++;
        respond_refusal(c, x, &x->refusal, api_is_anthropic(x->api), gateway_wall_ms(x->gateway),
                        now_ms);
    }
    return STAGE_NEXT;
}
