#include "gateway/refuse.h"

#include <string.h>

#include "base/check.h"
#include "json/write.h"

struct refuse_row {
    int status;
    const char *type;
    const char *anthropic_type; /* Anthropic's own list of error types */
    const char *code;
    const char *message;
    int64_t retry_after_s;
    const char *should_retry;
};

static const struct refuse_row rows[REFUSE_COUNT] = {
    [REFUSE_NONE] = {500, "server_error", "api_error", "internal_error", "Internal error.", 0,
                     NULL},
    [REFUSE_INVALID_JSON] = {400, "invalid_request_error", "invalid_request_error", "invalid_json",
                             "The request body is not valid JSON.", 0, NULL},
    [REFUSE_DUPLICATE_KEY] = {400, "invalid_request_error", "invalid_request_error",
                              "duplicate_key", "A key stands twice in the request body.", 0, NULL},
    [REFUSE_NOT_OBJECT] = {400, "invalid_request_error", "invalid_request_error", "invalid_type",
                           "The request body must be a JSON object.", 0, NULL},
    [REFUSE_MISSING_PARAM] = {400, "invalid_request_error", "invalid_request_error",
                              "missing_required_parameter", "A required parameter is missing.", 0,
                              NULL},
    [REFUSE_WRONG_TYPE] = {400, "invalid_request_error", "invalid_request_error", "invalid_type",
                           "A parameter has the wrong type.", 0, NULL},
    [REFUSE_OUT_OF_RANGE] = {400, "invalid_request_error", "invalid_request_error", "invalid_value",
                             "A parameter is out of range.", 0, NULL},
    [REFUSE_MODEL_NOT_FOUND] = {404, "invalid_request_error", "not_found_error", "model_not_found",
                                "This gateway has no such model.", 0, NULL},
    [REFUSE_MODEL_DIALECT] = {400, "invalid_request_error", "invalid_request_error",
                              "unsupported_api", "The model's vendor does not speak this API.", 0,
                              NULL},
    [REFUSE_BODY_MISSING] = {400, "invalid_request_error", "invalid_request_error", "missing_body",
                             "The request has no body.", 0, NULL},
    [REFUSE_BODY_TOO_LARGE] = {413, "invalid_request_error", "request_too_large",
                               "request_too_large",
                               "The request body is larger than this gateway's max_body.", 0, NULL},
    [REFUSE_HTTP] = {400, "invalid_request_error", "invalid_request_error", "invalid_http", "", 0,
                     NULL},
    [REFUSE_TLS_PORT] = {400, "invalid_request_error", "invalid_request_error", "https_required",
                         "This port speaks https: begin the URL with https://.", 0, NULL},
    [REFUSE_NOT_FOUND] = {404, "invalid_request_error", "not_found_error", "unknown_url",
                          "There is nothing at this path.", 0, NULL},
    [REFUSE_METHOD] = {405, "invalid_request_error", "invalid_request_error",
                       "method_not_supported", "This path does not take this method.", 0, NULL},
    [REFUSE_STATUS_LOCAL] = {403, "permission_error", "permission_error", "status_is_local",
                             "Status pages need the admin key beyond loopback (key [server] "
                             "admin_key_sha256).",
                             0, NULL},
    [REFUSE_ADMIN_KEY] = {401, "authentication_error", "authentication_error", "invalid_admin_key",
                          "This page needs the admin key: as Authorization: Bearer KEY, or as the "
                          "password when a browser asks.",
                          0, NULL},
    [REFUSE_KEY_MISSING] = {401, "authentication_error", "authentication_error", "invalid_api_key",
                            "No key came with the request: send it as Authorization: Bearer KEY.",
                            0, NULL},
    [REFUSE_KEY_WRONG] = {401, "authentication_error", "authentication_error", "invalid_api_key",
                          "This gateway does not know this key.", 0, NULL},
    [REFUSE_CROSS_ORIGIN] = {403, "permission_error", "permission_error", "cross_origin",
                             "A web page of another origin may not use this gateway without a key: "
                             "make one with `farthing key new NAME`.",
                             0, "false"},
    [REFUSE_MODEL_NOT_ALLOWED] = {403, "permission_error", "permission_error", "model_not_allowed",
                                  "This key may not use this model.", 0, NULL},
    [REFUSE_RATE_LIMIT] = {429, "rate_limit_error", "rate_limit_error", "rate_limit_exceeded",
                           "This key asks too often.", 1, NULL},
    [REFUSE_BUDGET] = {402, "insufficient_quota", "billing_error", "budget_exceeded",
                       "A budget has no room for this request.", 0, "false"},
    [REFUSE_LEDGER] = {503, "server_error", "api_error", "ledger_not_writable",
                       "The ledger cannot be written, so spending could not be recorded.", 5, NULL},
    [REFUSE_SLOW_HEAD] = {408, "invalid_request_error", "invalid_request_error", "request_timeout",
                          "The request's head took too long.", 0, NULL},
    [REFUSE_SLOW_BODY] = {408, "invalid_request_error", "invalid_request_error", "request_timeout",
                          "The request's body took too long.", 0, NULL},
    [REFUSE_NO_MEMORY] = {503, "server_error", "overloaded_error", "overloaded",
                          "The gateway has no room for this request right now.", 2, NULL},
    [REFUSE_QUEUE] = {503, "server_error", "overloaded_error", "overloaded",
                      "No connection to the vendor became free in time.", 2, NULL},
    [REFUSE_CLOCK] = {503, "server_error", "api_error", "clock_not_set",
                      "The gateway's clock is not set yet, so certificates cannot be checked.", 5,
                      NULL},
    [REFUSE_STOPPING] = {503, "server_error", "overloaded_error", "stopping",
                         "The gateway is stopping.", 5, NULL},
    [REFUSE_UPSTREAM_UNREACHABLE] = {502, "upstream_error", "api_error", "upstream_unreachable",
                                     "The vendor could not be reached.", 0, NULL},
    [REFUSE_UPSTREAM_TLS] = {502, "upstream_error", "api_error", "upstream_tls",
                             "No trusted connection to the vendor could be made.", 0, "false"},
    [REFUSE_UPSTREAM_BROKEN] = {502, "upstream_error", "api_error", "upstream_broken",
                                "The vendor's answer broke off or is no HTTP.", 0, NULL},
    [REFUSE_UPSTREAM_SLOW] = {504, "upstream_error", "timeout_error", "upstream_timeout",
                              "The vendor took too long to answer.", 0, NULL},
    [REFUSE_UPSTREAM_RESTING] = {503, "server_error", "overloaded_error", "upstream_resting",
                                 "The vendor keeps failing and is not asked again just yet.", 1,
                                 NULL},
    [REFUSE_ROUTE_UNKNOWN] = {404, "invalid_request_error", "not_found_error", "route_not_found",
                              "This gateway has no such route.", 0, NULL},
    [REFUSE_NOT_CACHED] = {504, "invalid_request_error", "not_found_error", "not_cached",
                           "No answer is kept for this request, and only-if-cached was asked for.",
                           0, "false"},
    [REFUSE_ROUTE_NOT_ALLOWED] = {403, "permission_error", "permission_error", "model_not_allowed",
                                  "This key may not use this route.", 0, NULL},
};

static const struct refuse_row *refuse_row(enum refuse why)
{
    CHECK(why < REFUSE_COUNT);
    return &rows[why];
}

int refuse_status(const struct refusal *r)
{
    if (r->why == REFUSE_HTTP && http_err_status(r->http_err) != 0)
        return http_err_status(r->http_err);
    if (r->status != 0)
        return r->status;
    return refuse_row(r->why)->status;
}

int64_t refuse_retry_after_s(const struct refusal *r)
{
    return r->retry_after_s != 0 ? r->retry_after_s : refuse_row(r->why)->retry_after_s;
}

const char *refuse_should_retry(enum refuse why)
{
    return refuse_row(why)->should_retry;
}

const char *refuse_code(enum refuse why)
{
    return refuse_row(why)->code;
}

void refuse_say(struct refusal *r, enum refuse why, const char *param, struct span detail)
{
    struct fmt f;

    r->why = why;
    r->param = param;
    fmt_init(&f, r->detail, sizeof(r->detail) - 1);
    fmt_text(&f, span_part(detail, 0, sizeof(r->detail) - 1));
    r->detail[fmt_span(&f).len] = '\0';
}

static void refuse_openai(struct json_write *w, const struct refuse_row *row,
                          const struct refusal *r, const char *message)
{
    json_write_object(w);
    json_write_key(w, "error");
    json_write_object(w);
    json_write_key(w, "message");
    json_write_str(w, message);
    json_write_key(w, "type");
    json_write_str(w, row->type);
    json_write_key(w, "param");
    if (r->param != NULL)
        json_write_str(w, r->param);
    else
        json_write_null(w);
    json_write_key(w, "code");
    json_write_str(w, row->code);
    json_write_object_end(w);
    json_write_object_end(w);
}

static void refuse_anthropic(struct json_write *w, const struct refuse_row *row,
                             struct span request_id, const char *message)
{
    json_write_object(w);
    json_write_key(w, "type");
    json_write_str(w, "error");
    json_write_key(w, "error");
    json_write_object(w);
    json_write_key(w, "type");
    json_write_str(w, row->anthropic_type);
    json_write_key(w, "message");
    json_write_str(w, message);
    json_write_object_end(w);
    json_write_key(w, "request_id");
    json_write_text(w, request_id);
    json_write_object_end(w);
}

void refuse_body(const struct refusal *r, bool anthropic, struct span request_id, struct fmt *out)
{
    const struct refuse_row *row = refuse_row(r->why);
    const char *message = r->detail;
    struct json_write w;

    if (message[0] == '\0')
        message = r->why == REFUSE_HTTP ? http_err_text(r->http_err) : row->message;
    json_write_start(&w, out);
    if (anthropic)
        refuse_anthropic(&w, row, request_id, message);
    else
        refuse_openai(&w, row, r, message);
    json_write_done(&w);
}

void refuse_event(const struct refusal *r, bool anthropic, struct span request_id, struct fmt *out)
{
    if (anthropic)
        fmt_str(out, "event: error\n");
    fmt_str(out, "data: ");
    refuse_body(r, anthropic, request_id, out);
    fmt_str(out, "\n\n");
}
