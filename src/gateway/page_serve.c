#include <string.h>

#include "base/inflate.h"
#include "gateway/page.h"
#include "http/head.h"

/* The coding is listed, and not with a weight of zero (RFC 9110 section 12.5.3). */
static bool accepts_gzip(const struct http_head *h)
{
    struct span rest = http_head_field(h, "accept-encoding");
    struct span part;

    while (rest.len > 0 && span_split(&rest, ',', &part)) {
        size_t at = span_find_byte(part, ';');
        struct span weight = span_trim(span_part(part, at + 1, part.len));

        if (span_equal_fold(span_trim(span_part(part, 0, at)), SPAN("gzip")))
            return !span_equal(weight, SPAN("q=0")) && !span_starts(weight, SPAN("q=0.0"));
    }
    return false;
}

/* One of a list, whether or not it says that it is weak (RFC 9110 section 13.1.2). */
static bool is_known(const struct http_head *h)
{
    struct span field = http_head_field(h, "if-none-match");
    struct span tag = span_str(page_etag + sizeof("W/") - 1);

    return span_find(field, tag) < field.len || span_equal(span_trim(field), SPAN("*"));
}

static void page_fields(struct emit *e, bool packed)
{
    emit_field(e, "Content-Type", SPAN("text/html; charset=utf-8"));
    if (packed)
        emit_field(e, "Content-Encoding", SPAN("gzip"));
    emit_field(e, "Vary", SPAN("Accept-Encoding"));
    emit_field(e, "ETag", span_str(page_etag));
    emit_field(e, "Cache-Control", SPAN("no-cache"));
    emit_field(e, "Content-Security-Policy", span_str(page_policy));
    emit_field(e, "X-Content-Type-Options", SPAN("nosniff"));
    emit_field(e, "Referrer-Policy", SPAN("no-referrer"));
}

enum status_result page_serve(struct gateway *g, struct conn *c, int64_t now_ms)
{
    struct span gzip = span_of((const char *)page_gzip, page_gzip_bytes);
    bool packed = accepts_gzip(&c->head);
    bool known = is_known(&c->head);
    struct lease held = {0};
    struct fmt head;
    struct emit e;
    size_t len = packed ? gzip.len : page_bytes;
    size_t got = 0;

    if (!known && !lease_take(&g->bodies, &held, len))
        return STATUS_NO_ROOM;
    if (!known && packed)
        memcpy(held.ptr, gzip.ptr, gzip.len);
    else if (!known && (!inflate_gzip(gzip, held.ptr, len, &got) || got != len))
        len = 0;
    conn_head_begin(c, &e, &head, known ? 304 : 200, (int64_t)len, gateway_wall_ms(g));
    page_fields(&e, packed);
    if (conn_head_end(c, &e) && !known)
        conn_send_lease(c, &held, len);
    lease_give(&g->bodies, &held);
    conn_finish(c, now_ms);
    return STATUS_SERVED;
}
