#include "json/write.h"

#include "base/check.h"
#include "base/utf8.h"

void json_write_start(struct json_write *w, struct fmt *out)
{
    *w = (struct json_write){.out = out};
}

static void write_comma(struct json_write *w)
{
    if (w->need_comma)
        fmt_char(w->out, ',');
    w->need_comma = true;
}

static void write_open(struct json_write *w, char c)
{
    write_comma(w);
    fmt_char(w->out, c);
    w->need_comma = false;
    w->depth++;
}

static void write_close(struct json_write *w, char c)
{
    CHECK(w->depth > 0);
    fmt_char(w->out, c);
    w->need_comma = true;
    w->depth--;
}

void json_write_object(struct json_write *w)
{
    write_open(w, '{');
}

void json_write_object_end(struct json_write *w)
{
    write_close(w, '}');
}

void json_write_array(struct json_write *w)
{
    write_open(w, '[');
}

void json_write_array_end(struct json_write *w)
{
    write_close(w, ']');
}

void json_write_key(struct json_write *w, const char *name)
{
    json_write_str(w, name);
    fmt_char(w->out, ':');
    w->need_comma = false;
}

static void escape_byte(struct fmt *out, char c)
{
    switch (c) {
    case '"':
        fmt_str(out, "\\\"");
        return;
    case '\\':
        fmt_str(out, "\\\\");
        return;
    case '\n':
        fmt_str(out, "\\n");
        return;
    case '\r':
        fmt_str(out, "\\r");
        return;
    case '\t':
        fmt_str(out, "\\t");
        return;
    default:
        if ((uint8_t)c < 0x20) {
            fmt_str(out, "\\u");
            fmt_hex(out, (uint8_t)c, 4);
        } else {
            fmt_char(out, c);
        }
    }
}

/* How many bytes from the front are one whole character; 0 when they are none. */
static size_t escape_character(struct span s)
{
    uint8_t state = UTF8_START;

    for (size_t i = 0; i < s.len && i < 4; i++) {
        state = utf8_step(state, (uint8_t)s.ptr[i]);
        if (state == UTF8_START)
            return i + 1;
        if (state == UTF8_BAD)
            return 0;
    }
    return 0;
}

void json_escape(struct fmt *out, struct span s)
{
    while (s.len > 0) {
        size_t len = escape_character(s);

        if (len == 1)
            escape_byte(out, s.ptr[0]);
        else if (len > 1)
            fmt_text(out, span_part(s, 0, len));
        else
            fmt_str(out, "\xef\xbf\xbd"); /* U+FFFD */
        s = span_part(s, len > 0 ? len : 1, s.len);
        if (s.len == 0 || out->full)
            break;
    }
}

void json_write_text(struct json_write *w, struct span s)
{
    write_comma(w);
    fmt_char(w->out, '"');
    json_escape(w->out, s);
    fmt_char(w->out, '"');
}

void json_write_str(struct json_write *w, const char *nul_terminated)
{
    json_write_text(w, span_str(nul_terminated));
}

void json_write_i64(struct json_write *w, int64_t value)
{
    write_comma(w);
    fmt_i64(w->out, value);
}

void json_write_milli(struct json_write *w, int64_t milli)
{
    write_comma(w);
    fmt_milli(w->out, milli);
}

void json_write_bool(struct json_write *w, bool value)
{
    write_comma(w);
    fmt_str(w->out, value ? "true" : "false");
}

void json_write_null(struct json_write *w)
{
    write_comma(w);
    fmt_str(w->out, "null");
}

void json_write_usd(struct json_write *w, int64_t pusd)
{
    write_comma(w);
    fmt_usd(w->out, pusd);
}

void json_write_raw(struct json_write *w, struct span json)
{
    write_comma(w);
    fmt_text(w->out, json);
}

void json_write_done(const struct json_write *w)
{
    CHECK(w->depth == 0);
}
