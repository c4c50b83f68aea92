/* understand - the body is read once, strictly; what is wrong with it is said exactly. */
#include "gateway/gateway.h"

static enum refuse understand_refuse(enum request_err err)
{
    switch (err) {
    case REQUEST_OK:
        return REFUSE_NONE;
    case REQUEST_ERR_JSON:
        return REFUSE_INVALID_JSON;
    case REQUEST_ERR_DUPLICATE:
        return REFUSE_DUPLICATE_KEY;
    case REQUEST_ERR_NOT_OBJECT:
        return REFUSE_NOT_OBJECT;
    case REQUEST_ERR_NO_MODEL:
        return REFUSE_MISSING_PARAM;
    case REQUEST_ERR_TYPE:
        return REFUSE_WRONG_TYPE;
    case REQUEST_ERR_RANGE:
        return REFUSE_OUT_OF_RANGE;
    }
    return REFUSE_NONE;
}

static void understand_say(const struct request *r, struct fmt *f)
{
    switch (r->err) {
    case REQUEST_ERR_JSON:
    case REQUEST_ERR_DUPLICATE:
        fmt_str(f, "The request body is not acceptable JSON: ");
        fmt_str(f, json_err_text(r->json_err));
        fmt_str(f, " at byte ");
        fmt_u64(f, r->err_offset);
        fmt_str(f, ".");
        return;
    case REQUEST_ERR_NO_MODEL:
        fmt_str(f, "The request must name a \"model\".");
        return;
    case REQUEST_ERR_TYPE:
    case REQUEST_ERR_RANGE:
        fmt_str(f, "The value of \"");
        fmt_str(f, r->param != NULL ? r->param : "?");
        fmt_str(f, r->err == REQUEST_ERR_TYPE ? "\" has the wrong type." : "\" is out of range.");
        return;
    case REQUEST_OK:
    case REQUEST_ERR_NOT_OBJECT:
        return;
    }
}

enum stage_result stage_understand(struct exchange *x, int64_t now_ms)
{
    struct span body = x->request.body;
    char text[REFUSE_DETAIL_BYTES];
    struct fmt f;

    (void)now_ms;
    if (body.len == 0) {
        refuse_say(&x->refusal, REFUSE_BODY_MISSING, NULL, SPAN_EMPTY);
        return STAGE_REFUSE;
    }
    if (request_read(&x->request, x->api, body, x->gateway->scratch))
        return STAGE_NEXT;
    fmt_init(&f, text, sizeof(text));
    understand_say(&x->request, &f);
    refuse_say(&x->refusal, understand_refuse(x->request.err),
               x->request.err == REQUEST_ERR_NO_MODEL ? "model" : x->request.param, fmt_span(&f));
    return STAGE_REFUSE;
}
