/* respond - heads of responses to clients, and the short ones whole.
 *
 * Every response carries x-request-id; answers carry the vendor's own end-to-end fields, but for
 * what belongs to the connection or to the vendor's site, and what farthing has to say about the
 * call. */
#ifndef GATEWAY_RESPOND_H
#define GATEWAY_RESPOND_H

#include "gateway/exchange.h"

/* The head of an answer that is relayed. length as in conn_head_begin; once the exchange is settled
 * the head tells the cost. */
void respond_answer_head(struct exchange *x, int64_t length);
/* A refusal, whole; the conn is finished. `x` may be NULL (then no x-request-id). */
void respond_refusal(struct conn *c, const struct exchange *x, const struct refusal *r,
                     bool anthropic, int64_t wall_ms, int64_t now_ms);
/* A short document, whole. */
void respond_text(struct conn *c, int status, const char *content_type, struct span text,
                  int64_t wall_ms, int64_t now_ms);

#endif
