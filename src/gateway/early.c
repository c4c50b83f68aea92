#include "gateway/early.h"

#include <string.h>

#include "gateway/gateway.h"
#include "llm/delta.h"
#include "policy/stop.h"

struct early_state {
    struct stop_rules rules;
    struct stop stop;
    uint64_t text_bytes; /* of all events so far */
};

_Static_assert(sizeof(struct early_state) <= 2 * LEASE_PAGE_BYTES, "two pages an answer");

/* In front of an event's data in `held`. */
struct early_held {
    uint64_t text_from; /* the event's place in the answer's text */
    uint64_t text_end;
    size_t data_len;
    size_t name_len;
    char name[SSE_NAME_BYTES];
};

static struct early_state *early_state(const struct exchange *x)
{
    return (struct early_state *)(void *)x->early.state.ptr;
}

static bool early_is_for(const struct exchange *x)
{
    return (x->api == API_CHAT || x->api == API_COMPLETIONS || x->api == API_MESSAGES) &&
           x->route != NULL && x->route->stop[0] != '\0' && x->request.choices == 1 &&
           !exchange_skips(x, "stop");
}

const char *early_hint(const struct exchange *x)
{
    bool has = x->route != NULL && x->route->conciseness[0] != '\0' && !exchange_skips(x, "stop");

    return has ? x->route->conciseness : NULL;
}

struct stop_mean *early_mean(const struct exchange *x)
{
    if (x->route == NULL || x->route->stop[0] == '\0')
        return NULL;
    return &x->use->stop_means[x->route - x->use->settings.routes];
}

void early_start(struct exchange *x)
{
    struct lease_region *memory = &x->gateway->bodies;
    struct early *e = &x->early;
    struct early_state *s;
    char text[CONFIG_NAME_BYTES];
    struct fmt why;

    *e = (struct early){.on = false};
    if (!early_is_for(x) || !lease_take(memory, &e->state, sizeof(*s)) ||
        !lease_take(memory, &e->held, LEASE_PAGE_BYTES)) {
        early_close(x);
        return;
    }
    s = early_state(x);
    fmt_init(&why, text, sizeof(text));
    e->on = stop_rules_read(&s->rules, span_str(x->route->stop), &why);
    e->inside = e->on && !x->request.stream;
    s->text_bytes = 0;
    stop_start(&s->stop, &s->rules);
}

void early_close(struct exchange *x)
{
    struct lease_region *memory = &x->gateway->bodies;

    lease_give(memory, &x->early.state);
    lease_give(memory, &x->early.held);
    x->early.on = false;
    x->early.held_len = 0;
    x->early.open_len = 0;
}

/* ---- what is held ---- */

static void early_put(struct exchange *x, const struct early_held *h, struct span data)
{
    struct lease_region *memory = &x->gateway->bodies;
    struct span name = span_of(h->name, h->name_len);

    tape_data(x->tape, memory, name, data);
    tape_event_end(x->tape, memory, name);
    ending_event(&x->relay.ending, data);
}

/* Events whose text ends there or before go on. */
static void early_release(struct exchange *x, uint64_t text_end)
{
    struct early *e = &x->early;
    size_t at = 0;

    while (at < e->held_len) {
        struct early_held h;

        memcpy(&h, e->held.ptr + at, sizeof(h));
        if (h.text_end > text_end)
            break;
        at += sizeof(h);
        early_put(x, &h, span_of(e->held.ptr + at, h.data_len));
        at += h.data_len;
    }
    e->held_len -= at;
    memmove(e->held.ptr, e->held.ptr + at, e->held_len + e->open_len);
}

void early_end(struct exchange *x)
{
    struct early *e = &x->early;

    if (!e->on)
        return;
    early_release(x, UINT64_MAX);
    if (e->open_len > 0)
        tape_data(x->tape, &x->gateway->bodies, sse_event_name(&x->relay.sse),
                  span_of(e->held.ptr + sizeof(struct early_held),
                          e->open_len - sizeof(struct early_held)));
    early_close(x);
}

static bool early_room(struct exchange *x, size_t need)
{
    struct lease *held = &x->early.held;

    return need <= lease_bytes(held) || ((int64_t)need <= x->gateway->server.max_body_bytes &&
                                         (lease_grow(&x->gateway->bodies, held, 2 * need) ||
                                          lease_grow(&x->gateway->bodies, held, need)));
}

void early_data(struct exchange *x, struct span data)
{
    struct early *e = &x->early;
    size_t open_len = e->open_len > 0 ? e->open_len : sizeof(struct early_held);

    if (!early_room(x, e->held_len + open_len + data.len)) {
        early_end(x);
        tape_data(x->tape, &x->gateway->bodies, sse_event_name(&x->relay.sse), data);
        return;
    }
    memcpy(e->held.ptr + e->held_len + open_len, data.ptr, data.len);
    e->open_len = open_len + data.len;
}

/* ---- what is looked at ---- */

static void early_hear(void *ctx, unsigned depth, struct span decoded)
{
    struct early_state *s = ctx;

    (void)depth;
    s->text_bytes += decoded.len;
    (void)stop_feed(&s->stop, decoded);
}

static void early_look(struct early_state *s, struct span text)
{
    static const struct json_visitor visitor = {.string_bytes = early_hear};
    struct json_scan scan;

    json_scan_start(&scan, &visitor, s, false);
    (void)json_scan_feed(&scan, text);
}

static void early_tell(struct exchange *x)
{
    struct diag_line l;

    diag_open(&x->gateway->diag, DIAG_DEBUG, &l);
    fmt_str(&l.text, x->id);
    fmt_str(&l.text, ": ended by the rule ");
    fmt_str(&l.text, stop_kind_name(early_state(x)->stop.rule));
    diag_close(&l);
}

/* The first event that is left holds the cut, or has been reached by one that is further back. */
static void early_fire(struct exchange *x)
{
    struct early *e = &x->early;
    uint64_t kept = early_state(x)->stop.kept;

    early_tell(x);
    early_release(x, kept);
    if (e->held_len > 0) {
        char *data = e->held.ptr + sizeof(struct early_held);
        struct early_held h;
        uint64_t left;

        memcpy(&h, e->held.ptr, sizeof(h));
        left = kept > h.text_from ? kept - h.text_from : 0;
        h.data_len = delta_cut(x->api, data, h.data_len, left);
        if (left > 0 || !x->relay.ending.begun) /* the first event says more than its text */
            early_put(x, &h, span_of(data, h.data_len));
    }
    early_close(x);
    e->fired = true;
}

void early_event(struct exchange *x)
{
    struct early *e = &x->early;
    struct early_state *s = early_state(x);
    struct span name = sse_event_name(&x->relay.sse);
    struct early_held h = {.text_from = s->text_bytes, .name_len = name.len};
    struct span data;

    if (e->open_len == 0)
        return;
    h.data_len = e->open_len - sizeof(h);
    data = span_of(e->held.ptr + e->held_len + sizeof(h), h.data_len);
    early_look(s, delta_text(x->api, data));
    h.text_end = s->text_bytes;
    memcpy(h.name, name.ptr, name.len);
    memcpy(e->held.ptr + e->held_len, &h, sizeof(h));
    e->held_len += e->open_len;
    e->open_len = 0;
    if (s->stop.fired)
        early_fire(x);
    else if (delta_calls(x->api, data))
        early_end(x);
    else if (x->answer.finish_seen || x->answer.end != ANSWER_RUNNING)
        early_release(x, UINT64_MAX);
    else
        early_release(x, s->stop.kept);
}
