/* refuse - every way a request can be turned down: status, type, code and what the client reads.
 *
 * One table (DESIGN section 4), two shapes: OpenAI's {"error":{message,type,param,code}}, and
 * Anthropic's {"type":"error","error":{type,message},"request_id"} under /v1/messages. */
#ifndef GATEWAY_REFUSE_H
#define GATEWAY_REFUSE_H

#include "base/fmt.h"
#include "http/head.h"
#include "llm/request.h"

enum { REFUSE_BODY_BYTES = 1536, REFUSE_DETAIL_BYTES = 512 };

enum refuse {
    REFUSE_NONE,
    REFUSE_INVALID_JSON,
    REFUSE_DUPLICATE_KEY,
    REFUSE_NOT_OBJECT,
    REFUSE_MISSING_PARAM,
    REFUSE_WRONG_TYPE,
    REFUSE_OUT_OF_RANGE,
    REFUSE_MODEL_NOT_FOUND,
    REFUSE_MODEL_DIALECT, /* the model's upstream does not speak this API */
    REFUSE_BODY_MISSING,
    REFUSE_BODY_TOO_LARGE,
    REFUSE_HTTP,     /* a malformed message: the status is the parser's */
    REFUSE_TLS_PORT, /* a request in clear on an https listener */
    REFUSE_NOT_FOUND,
    REFUSE_METHOD,
    REFUSE_STATUS_LOCAL, /* a status page asked for beyond loopback, without the admin key */
    REFUSE_ADMIN_KEY,    /* and it came without, or with a wrong one */
    REFUSE_KEY_MISSING,
    REFUSE_KEY_WRONG,
    REFUSE_CROSS_ORIGIN,      /* a page of another site speaks through somebody's browser */
    REFUSE_MODEL_NOT_ALLOWED, /* for this key */
    REFUSE_RATE_LIMIT,
    REFUSE_BUDGET,
    REFUSE_LEDGER, /* spending cannot be recorded */
    REFUSE_SLOW_HEAD,
    REFUSE_SLOW_BODY,
    REFUSE_NO_MEMORY, /* no exchange or no room for the body now */
    REFUSE_QUEUE,     /* no upstream connection became free in time */
    REFUSE_CLOCK,     /* certificates cannot be checked yet */
    REFUSE_STOPPING,
    REFUSE_UPSTREAM_UNREACHABLE,
    REFUSE_UPSTREAM_TLS,
    REFUSE_UPSTREAM_BROKEN, /* closed or not HTTP */
    REFUSE_UPSTREAM_SLOW,
    REFUSE_UPSTREAM_RESTING, /* it kept failing: it is not asked again just yet */
    REFUSE_ROUTE_UNKNOWN,    /* x-farthing-route names none */
    REFUSE_ROUTE_NOT_ALLOWED,
    REFUSE_NOT_CACHED, /* Cache-Control: only-if-cached */
    REFUSE_COUNT,
};

struct refusal {
    enum refuse why;
    enum http_err http_err;           /* for REFUSE_HTTP */
    const char *param;                /* the field at fault, or NULL */
    int64_t retry_after_s;            /* 0 = the table's */
    int status;                       /* 0 = the table's */
    char detail[REFUSE_DETAIL_BYTES]; /* the message; "" = the table's sentence */
};

int refuse_status(const struct refusal *r);
/* Seconds for Retry-After; 0 = the header is not sent. */
int64_t refuse_retry_after_s(const struct refusal *r);
/* The SDKs obey x-should-retry: "true", "false", or NULL to leave it to the status. */
const char *refuse_should_retry(enum refuse why);
const char *refuse_code(enum refuse why);
/* The body as JSON. */
void refuse_body(const struct refusal *r, bool anthropic, struct span request_id, struct fmt *out);
/* For ends of streams that had begun: the same error as one server-sent event. */
void refuse_event(const struct refusal *r, bool anthropic, struct span request_id, struct fmt *out);
/* Fills `detail` with a sentence. */
void refuse_say(struct refusal *r, enum refuse why, const char *param, struct span detail);

#endif
