/* route - from the model's name to a vendor and the vendor's name for it. */
#include "gateway/gateway.h"

/* Which APIs a vendor of this dialect serves. Anthropic's API has an OpenAI surface for chat; the
 * stand-in speaks all. */
static bool route_speaks(int dialect, enum api api)
{
    switch (dialect) {
    case DIALECT_ANTHROPIC:
        return api_is_anthropic(api) || api == API_CHAT;
    case DIALECT_OPENAI:
        return !api_is_anthropic(api);
    default:
        return true;
    }
}

static enum stage_result route_unknown(struct exchange *x)
{
    char text[REFUSE_DETAIL_BYTES];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, "The model \"");
    fmt_visible(&f, span_str(x->request.model), 80);
    fmt_str(&f, "\" is not configured on this gateway; GET /v1/models lists what is.");
    refuse_say(&x->refusal, REFUSE_MODEL_NOT_FOUND, "model", fmt_span(&f));
    return STAGE_REFUSE;
}

static enum stage_result route_mismatch(struct exchange *x)
{
    char text[REFUSE_DETAIL_BYTES];
    struct fmt f;

    fmt_init(&f, text, sizeof(text));
    fmt_str(&f, "The upstream \"");
    fmt_str(&f, x->up->settings->name);
    fmt_str(&f, "\" of this model does not speak ");
    fmt_text(&f, api_path(x->api));
    fmt_str(&f, " (key `dialect`).");
    refuse_say(&x->refusal, REFUSE_MODEL_DIALECT, "model", fmt_span(&f));
    return STAGE_REFUSE;
}

enum stage_result stage_route(struct exchange *x, int64_t now_ms)
{
    (void)now_ms;
    x->model = settings_find_model(&x->use->settings, span_str(x->request.model));
    if (x->model == NULL)
        return route_unknown(x);
    if (x->key != NULL && !key_may_use_model(x->key, span_str(x->model->name))) {
        refuse_say(&x->refusal, REFUSE_MODEL_NOT_ALLOWED, "model", SPAN_EMPTY);
        return STAGE_REFUSE;
    }
    x->up = &x->use->upstreams[x->model->upstream_index];
    if (!route_speaks(x->up->settings->dialect, x->api))
        return route_mismatch(x);
    return STAGE_NEXT;
}
