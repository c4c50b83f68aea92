#include "gateway/viewers.h"

#include "gateway/gateway.h"

static const char event_begin[] = "event: summary\ndata: ";
static const char event_end[] = "\n\n";

static void viewer_free(struct viewers *v, struct viewer *w)
{
    lease_give(&v->gateway->bodies, &w->document);
    *w = (struct viewer){0};
    v->count--;
    if (v->count == 0)
        v->timer.deadline_ms = LOOP_NEVER;
}

static void viewer_finish(struct viewers *v, struct viewer *w, int64_t now_ms)
{
    struct conn *c = w->conn;

    viewer_free(v, w);
    c->keep_alive = false;
    conn_finish(c, now_ms);
}

/* As much as the conn takes. */
static void viewer_send(struct viewers *v, struct viewer *w, int64_t now_ms)
{
    while (w->sent < w->document_len) {
        size_t part = conn_space(w->conn);

        if (part == 0)
            return;
        if (part > w->document_len - w->sent)
            part = w->document_len - w->sent;
        if (!conn_put(w->conn, span_of(w->document.ptr + w->sent, part)))
            return;
        w->sent += part;
        conn_flush(w->conn, now_ms);
        if (w->conn == NULL)
            return; /* gone meanwhile: viewers_gone() */
    }
    lease_give(&v->gateway->bodies, &w->document);
    w->document_len = 0;
    w->sent = 0;
}

static void viewer_compose(struct viewers *v, struct viewer *w, int64_t now_ms)
{
    struct fmt f;

    w->next_ms = now_ms + VIEWERS_EVERY_MS;
    /* No room now, or it does not fit: another time. */
    if (!lease_take(&v->gateway->bodies, &w->document, OVERVIEW_BYTES_MAX))
        return;
    fmt_init(&f, w->document.ptr, OVERVIEW_BYTES_MAX);
    fmt_str(&f, event_begin);
    overview_write(v->gateway, &w->query, &f);
    fmt_str(&f, event_end);
    if (!fmt_ok(&f)) {
        lease_give(&v->gateway->bodies, &w->document);
        return;
    }
    w->seen = overview_state(v->gateway);
    w->beat_ms = now_ms + VIEWERS_BEAT_MS;
    w->document_len = fmt_span(&f).len;
    w->sent = 0;
    viewer_send(v, w, now_ms);
}

static void viewer_tick(struct viewers *v, struct viewer *w, int64_t now_ms)
{
    if (w->document_len > 0 || now_ms < w->next_ms)
        return;
    if (overview_state(v->gateway) != w->seen) {
        viewer_compose(v, w, now_ms);
        return;
    }
    if (now_ms < w->beat_ms)
        return;
    w->beat_ms = now_ms + VIEWERS_BEAT_MS;
    if (conn_put(w->conn, SPAN(": beat\n\n")))
        conn_flush(w->conn, now_ms);
}

static void viewers_timer(void *ctx, short revents, int64_t now_ms)
{
    struct viewers *v = ctx;

    (void)revents;
    v->timer.deadline_ms = now_ms + VIEWERS_EVERY_MS;
    for (size_t i = 0; i < VIEWERS_MAX; i++)
        if (v->all[i].conn != NULL)
            viewer_tick(v, &v->all[i], now_ms);
}

void viewers_init(struct viewers *v, struct gateway *g)
{
    *v = (struct viewers){.gateway = g};
    watch_init(&v->timer, viewers_timer, v);
    loop_add(&g->loop, &v->timer);
}

bool viewers_request(struct viewers *v, struct conn *c, const struct overview_query *q,
                     int64_t now_ms)
{
    struct viewer *w = NULL;
    struct fmt head;
    struct emit e;

    for (size_t i = 0; i < VIEWERS_MAX && w == NULL; i++)
        if (v->all[i].conn == NULL)
            w = &v->all[i];
    if (w == NULL)
        return false;
    conn_head_begin(c, &e, &head, 200, CONN_LENGTH_UNKNOWN, gateway_wall_ms(v->gateway));
    emit_field(&e, "Content-Type", SPAN("text/event-stream"));
    emit_field(&e, "Cache-Control", SPAN("no-store"));
    emit_field(&e, "X-Content-Type-Options", SPAN("nosniff"));
    if (!conn_head_end(c, &e) || c->head.method == HTTP_HEAD) {
        conn_finish(c, now_ms);
        return true;
    }
    *w = (struct viewer){.conn = c, .query = *q, .since_ms = now_ms};
    w->beat_ms = now_ms + VIEWERS_BEAT_MS;
    c->user = w;
    if (v->gateway->demo != NULL && !v->gateway->options->quiet)
        demo_begin(v->gateway->demo, now_ms);
    if (v->count++ == 0)
        v->timer.deadline_ms = now_ms + VIEWERS_EVERY_MS;
    viewer_compose(v, w, now_ms);
    return true;
}

bool viewers_own(const struct viewers *v, const void *user)
{
    return user != NULL && (const char *)user >= (const char *)v->all &&
           (const char *)user < (const char *)(v->all + VIEWERS_MAX);
}

void viewers_room(struct viewers *v, void *user, int64_t now_ms)
{
    struct viewer *w = user;

    if (w->document_len > 0)
        viewer_send(v, w, now_ms);
}

void viewers_gone(struct viewers *v, void *user)
{
    viewer_free(v, user);
}

static struct viewer *oldest_viewer(struct viewers *v)
{
    struct viewer *oldest = NULL;

    for (size_t i = 0; i < VIEWERS_MAX; i++)
        if (v->all[i].conn != NULL && (oldest == NULL || v->all[i].since_ms < oldest->since_ms))
            oldest = &v->all[i];
    return oldest;
}

/* At once, whether or not it has read what was sent. */
bool viewers_shed(struct viewers *v)
{
    struct viewer *w = oldest_viewer(v);
    struct conn *c = w != NULL ? w->conn : NULL;

    if (w == NULL)
        return false;
    viewer_free(v, w);
    c->user = NULL;
    conn_abort(c);
    return true;
}

void viewers_stop(struct viewers *v, int64_t now_ms)
{
    struct viewer *w;

    while ((w = oldest_viewer(v)) != NULL)
        viewer_finish(v, w, now_ms);
}
