/* compress - fewer tokens for the same question, where the route asks for it. */
#include <string.h>

#include "base/check.h"
#include "gateway/gateway.h"
#include "gateway/summarize.h"

uint64_t pack_scope(const struct gateway *g, const struct model_settings *m)
{
    return hash_sip64(g->id_key, span_str(m->name));
}

static bool pack_is_asked(const struct exchange *x)
{
    return x->route != NULL && x->route->compress.on != 0 && x->purpose == PURPOSE_ANSWER &&
           (x->api == API_CHAT || x->api == API_MESSAGES || x->api == API_RESPONSES) &&
           x->conn != NULL && !exchange_skips(x, "compress");
}

static bool pack_is_repeatable(const struct compress_passes *p)
{
    /* With summaries turns go several at a time. */
    return !compress_passes_has(p, COMPRESS_SELECT) && (!compress_passes_has(p, COMPRESS_HISTORY) ||
                                                        compress_passes_has(p, COMPRESS_SUMMARIZE));
}

static struct prefix_costs pack_costs(const struct exchange *x, const struct prefix_match *m,
                                      const struct compress_result *r)
{
    struct price_set price = price_at(&x->model->price, r->tokens_before, x->started_wall_ms);

    return (struct prefix_costs){
        .match = m,
        .cut_tokens = r->prefix_tokens_cut,
        .repeatable = pack_is_repeatable(&x->route->compress),
        .input_pusd = price.input_pusd,
        .cached_pusd = price.cached_input_pusd,
        .write_pusd = price.cache_write_pusd,
    };
}

static void pack_run(struct exchange *x, struct compress_job *job, struct compress_said *said,
                     struct lease *out, struct packed *p, bool is_dry, int64_t now_ms)
{
    struct compress_result result;
    struct prefix_match match;
    struct prefix_costs costs;

    prefix_find(&x->gateway->prefixes, pack_scope(x->gateway, x->model), x->api, x->request.body,
                now_ms, &match);
    job->prefix_bytes = match.bytes;
    if (compress_passes_has(job->passes, COMPRESS_SUMMARIZE)) {
        const struct summarize s = {x, &match, p, said, is_dry, now_ms};

        summarize_look(&s, &job->scratch->messages, out->ptr);
        job->said = said;
        if (p->waits)
            return;
    }
    compress_request(job, x->api, x->request.body, out->ptr, &result);
    costs = pack_costs(x, &match, &result);
    if (!x->model->free && result.changed && result.prefix_tokens_cut > 0 &&
        prefix_keep(&costs, &p->sum)) {
        p->kept_prefix = true;
        job->keep_prefix = true;
        compress_request(job, x->api, x->request.body, out->ptr, &result);
    }
    p->changed = result.changed;
    p->acted = result.acted;
    p->bytes_before = result.bytes_before;
    p->bytes_after = result.bytes_after;
    p->tokens_cut = result.tokens_before - result.tokens_after;
}

bool pack_body(struct exchange *x, struct lease *out, struct packed *p, bool is_dry, int64_t now_ms)
{
    const struct compress_settings *s = &x->use->settings.compress;
    struct lease_region *memory = &x->gateway->bodies;
    struct span spans[COMPRESS_PHRASES_MAX];
    struct clean_phrases phrases = {spans, s->count};
    struct compress_job job = {.passes = &x->route->compress, .boilerplate = &phrases};
    struct compress_said said = {.system_at = NULL};
    struct lease scratch = {0};

    *p = (struct packed){
        .tried = true,
        .summaries_asked = p->summaries_asked,
        .wait_until_ms = p->wait_until_ms,
    };
    if (!lease_take(memory, out, x->request.body.len))
        return false;
    if (!lease_take(memory, &scratch, sizeof(*job.scratch))) {
        lease_give(memory, out);
        return false;
    }
    for (size_t i = 0; i < s->count; i++)
        spans[i] = span_str(s->phrases[i]);
    job.scratch = (struct compress_scratch *)(void *)scratch.ptr;
    pack_run(x, &job, &said, out, p, is_dry, now_ms);
    lease_give(memory, &scratch);
    if (!p->changed)
        lease_give(memory, out);
    return p->changed;
}

void pack_sent(struct exchange *x, int64_t now_ms)
{
    bool may_stay = x->purpose == PURPOSE_ANSWER && x->route != NULL && x->route->switch_milli >= 0;

    if (x->packed.tried || may_stay)
        prefix_remember(&x->gateway->prefixes, pack_scope(x->gateway, x->model), x->api,
                        x->packed.changed ? span_of(x->body.ptr, x->packed.bytes_before)
                                          : x->request.body,
                        x->packed.changed, now_ms);
}

bool exchange_packs(const struct exchange *x)
{
    return pack_is_asked(x);
}

enum stage_result stage_compress(struct exchange *x, int64_t now_ms)
{
    struct gateway *g = x->gateway;
    uint32_t tags = TAG_COMPRESSED;
    struct request packed;
    bool changed;

    if (x->packed.tried || !pack_is_asked(x))
        return STAGE_NEXT;
    changed = pack_body(x, &x->packed_body, &x->packed, false, now_ms);
    x->packed.tried = !x->packed.waits;
    if (!changed)
        return x->packed.waits ? STAGE_WAIT : STAGE_NEXT;
    /* What it says now is read as if the client had sent it; were it no request, the client's own
     * would go out. */
    if (!request_read(&packed, x->api, span_of(x->packed_body.ptr, x->packed.bytes_after),
                      g->scratch)) {
        lease_give(&g->bodies, &x->packed_body);
        x->packed.changed = false;
        return STAGE_NEXT;
    }
    if ((x->packed.acted >> COMPRESS_SUMMARIZE & 1) != 0)
        tags |= TAG_SUMMARIZED;
    x->request = packed;
    x->route_tags |= tags;
    x->tags |= tags;
    g->counts.packed_tokens += (uint64_t)x->packed.tokens_cut;
    return STAGE_NEXT;
}
