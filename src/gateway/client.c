/* client - what clients ask for, by path: the API, the lists, the status pages. */
#include "base/check.h"
#include "gateway/gateway.h"
#include "gateway/respond.h"
#include "gateway/status.h"

static void client_refuse_with(struct conn *c, enum refuse why, const char *param, bool anthropic,
                               int64_t now_ms)
{
    struct gateway *g = c->server->owner;
    struct refusal r = {.why = why, .http_err = c->http_err, .param = param};

    g->counts.refused++;
    respond_refusal(c, NULL, &r, anthropic, gateway_wall_ms(g), now_ms);
}

static bool client_path_is_anthropic(const struct conn *c)
{
    enum api api;

    return c->head.path.len > 0 && api_from_path(c->head.path, &api) && api_is_anthropic(api);
}

static void client_api(struct conn *c, enum api api, int64_t now_ms)
{
    struct gateway *g = c->server->owner;

    if (c->head.method != HTTP_POST)
        client_refuse_with(c, REFUSE_METHOD, "POST", api_is_anthropic(api), now_ms);
    else if (g->stopping)
        client_refuse_with(c, REFUSE_STOPPING, NULL, api_is_anthropic(api), now_ms);
    else if (!exchange_start(g, c, api, now_ms))
        client_refuse_with(c, REFUSE_NO_MEMORY, NULL, api_is_anthropic(api), now_ms);
}

static void client_request(struct conn *c, int64_t now_ms)
{
    struct gateway *g = c->server->owner;
    enum api api;

    g->counts.requests++;
    if (api_from_path(c->head.path, &api)) {
        client_api(c, api, now_ms);
        return;
    }
    switch (status_serve(g, c, now_ms)) {
    case STATUS_NO_KEY:
        client_refuse_with(c, REFUSE_KEY_WRONG, NULL, false, now_ms);
        return;
    case STATUS_SERVED:
        return;
    case STATUS_METHOD:
        client_refuse_with(c, REFUSE_METHOD, "GET, HEAD", false, now_ms);
        return;
    case STATUS_POST:
        client_refuse_with(c, REFUSE_METHOD, "POST", false, now_ms);
        return;
    case STATUS_FOREIGN:
        client_refuse_with(c, REFUSE_CROSS_ORIGIN, NULL, false, now_ms);
        return;
    case STATUS_QUERY:
        client_refuse_with(c, REFUSE_OUT_OF_RANGE, "query", false, now_ms);
        return;
    case STATUS_NO_ADMIN:
        client_refuse_with(c, REFUSE_ADMIN_KEY, NULL, false, now_ms);
        return;
    case STATUS_LOCAL_ONLY:
        client_refuse_with(c, REFUSE_STATUS_LOCAL, NULL, false, now_ms);
        return;
    case STATUS_NO_ROOM:
        client_refuse_with(c, REFUSE_NO_MEMORY, NULL, false, now_ms);
        return;
    case STATUS_NO_MODEL:
        client_refuse_with(c, REFUSE_MODEL_NOT_FOUND, "model", false, now_ms);
        return;
    case STATUS_UNKNOWN:
        client_refuse_with(c, REFUSE_NOT_FOUND, NULL, false, now_ms);
        return;
    }
}

static void client_room(struct conn *c, int64_t now_ms)
{
    struct gateway *g = c->server->owner;

    if (viewers_own(&g->viewers, c->user))
        viewers_room(&g->viewers, c->user, now_ms);
    else if (c->user != NULL)
        exchange_resume(c->user, now_ms);
}

static void client_gone(struct conn *c, int64_t now_ms)
{
    struct gateway *g = c->server->owner;
    void *user = c->user;

    c->user = NULL;
    if (viewers_own(&g->viewers, user))
        viewers_gone(&g->viewers, user);
    else if (user != NULL)
        exchange_gone(user, now_ms);
}

static void client_fault(struct conn *c, enum conn_fault fault, int64_t now_ms)
{
    static const enum refuse whys[] = {
        [CONN_FAULT_HTTP] = REFUSE_HTTP,           [CONN_FAULT_BODY_SIZE] = REFUSE_BODY_TOO_LARGE,
        [CONN_FAULT_NO_MEMORY] = REFUSE_NO_MEMORY, [CONN_FAULT_SLOW] = REFUSE_SLOW_BODY,
        [CONN_FAULT_TLS_PORT] = REFUSE_TLS_PORT,
    };
    enum refuse why = whys[fault];

    if (fault == CONN_FAULT_SLOW && c->head_bytes == 0)
        why = REFUSE_SLOW_HEAD;
    client_refuse_with(c, why, NULL, client_path_is_anthropic(c), now_ms);
}

const struct conn_handler client_handler = {
    .request = client_request,
    .room = client_room,
    .gone = client_gone,
    .refuse = client_fault,
    .trouble = secure_trouble,
};
