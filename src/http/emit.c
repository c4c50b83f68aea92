#include "http/emit.h"

#include "http/date.h"

static const struct {
    int status;
    const char *reason;
} reasons[] = {
    {100, "Continue"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {529, "Overloaded"},
};

/* Visible characters, blanks and obs-text (RFC 9110 section 5.5). */
static bool emit_value_ok(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        uint8_t byte = (uint8_t)s.ptr[i];

        if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
            return false;
    }
    return true;
}

void emit_request(struct emit *e, struct fmt *out, const char *method, struct span target)
{
    *e = (struct emit){.out = out};
    if (span_find_byte(target, ' ') < target.len || !emit_value_ok(target))
        e->bad = true;
    fmt_str(out, method);
    fmt_char(out, ' ');
    fmt_text(out, target);
    fmt_str(out, " HTTP/1.1\r\n");
}

void emit_response(struct emit *e, struct fmt *out, int status)
{
    const char *reason = "Unknown";

    *e = (struct emit){.out = out};
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].status == status)
            reason = reasons[i].reason;
    fmt_str(out, "HTTP/1.1 ");
    fmt_u64(out, (uint64_t)status);
    fmt_char(out, ' ');
    fmt_str(out, reason);
    fmt_str(out, "\r\n");
}

void emit_field_span(struct emit *e, struct span name, struct span value)
{
    if (!emit_value_ok(value) || !emit_value_ok(name) || span_find_byte(name, ':') < name.len) {
        e->bad = true;
        return;
    }
    fmt_text(e->out, name);
    fmt_str(e->out, ": ");
    fmt_text(e->out, value);
    fmt_str(e->out, "\r\n");
}

void emit_field(struct emit *e, const char *name, struct span value)
{
    emit_field_span(e, span_str(name), value);
}

void emit_field_u64(struct emit *e, const char *name, uint64_t value)
{
    fmt_str(e->out, name);
    fmt_str(e->out, ": ");
    fmt_u64(e->out, value);
    fmt_str(e->out, "\r\n");
}

void emit_date(struct emit *e, int64_t unix_ms)
{
    fmt_str(e->out, "Date: ");
    http_date_write(e->out, unix_ms);
    fmt_str(e->out, "\r\n");
}

bool emit_end(struct emit *e)
{
    fmt_str(e->out, "\r\n");
    return !e->bad && fmt_ok(e->out);
}

bool emit_chunk(struct fmt *out, struct span data)
{
    if (data.len > UINT32_MAX || out->full ||
        data.len + EMIT_CHUNK_HEAD_BYTES + EMIT_CHUNK_TAIL_BYTES > out->cap_bytes - out->len)
        return false;
    if (data.len == 0)
        return true; /* an empty chunk would end the body */
    fmt_hex(out, data.len, 1);
    fmt_str(out, "\r\n");
    fmt_text(out, data);
    fmt_str(out, "\r\n");
    return true;
}

void emit_chunk_last(struct fmt *out)
{
    fmt_str(out, "0\r\n\r\n");
}
