#include "http/body.h"

enum body_state {
    BODY_DATA,
    BODY_SIZE,           /* hex digits */
    BODY_EXT_NAME_FIRST, /* RFC 9112 section 7.1.1: ;name, ;name=token, ;name="text" */
    BODY_EXT_NAME,
    BODY_EXT_VALUE_FIRST,
    BODY_EXT_VALUE,
    BODY_EXT_QUOTED,
    BODY_EXT_ESCAPED,
    BODY_EXT_AFTER,
    BODY_SIZE_LF,
    BODY_DATA_CR,
    BODY_DATA_LF,
    BODY_TRAILER, /* at a line's start */
    BODY_TRAILER_LINE,
    BODY_TRAILER_LF, /* of a line with something on it */
    BODY_LAST_LF,
    BODY_WHOLE,
};

enum { BODY_SIZE_DIGITS_MAX = 15 }; /* 2^60: below any overflow */

void http_body_start(struct http_body *b, const struct http_head *h)
{
    *b = (struct http_body){.framing = h->framing};
    switch (h->framing) {
    case HTTP_BODY_NONE:
        b->state = BODY_WHOLE;
        return;
    case HTTP_BODY_LENGTH:
        b->left_bytes = h->content_length;
        b->state = b->left_bytes == 0 ? BODY_WHOLE : BODY_DATA;
        return;
    case HTTP_BODY_CHUNKED:
        b->state = BODY_SIZE;
        return;
    case HTTP_BODY_CLOSE:
        b->left_bytes = UINT64_MAX;
        b->state = BODY_DATA;
        return;
    }
}

static bool body_fail(struct http_body *b)
{
    b->err = HTTP_ERR_CHUNK;
    return false;
}

static int body_hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool body_size(struct http_body *b, char c)
{
    int digit = body_hex(c);

    if (digit >= 0) {
        if (b->digits == BODY_SIZE_DIGITS_MAX)
            return body_fail(b);
        b->digits++;
        b->left_bytes = b->left_bytes << 4 | (uint64_t)digit;
        return true;
    }
    if (b->digits == 0)
        return body_fail(b);
    if (c == '\r')
        b->state = BODY_SIZE_LF;
    else if (c == ';')
        b->state = BODY_EXT_NAME_FIRST;
    else
        return body_fail(b);
    return true;
}

static bool body_is_text(char c)
{
    return ((uint8_t)c >= 0x20 && c != 0x7f) || c == '\t';
}

/* Into the next state, or back to the line's end or the next extension where one may end. */
static bool body_ext_go(struct http_body *b, char c, bool may_end, bool fits, enum body_state next)
{
    if (may_end && c == '\r')
        next = BODY_SIZE_LF;
    else if (may_end && c == ';')
        next = BODY_EXT_NAME_FIRST;
    else if (!fits)
        return body_fail(b);
    b->state = (uint8_t)next;
    return true;
}

/* What an extension says means nothing here, but one that others might read in another way is a
 * gap between two parsers: no white space, no empty name, no quote left open. */
static bool body_extension(struct http_body *b, char c)
{
    bool token = http_is_token_char(c);

    switch ((enum body_state)b->state) {
    case BODY_EXT_NAME_FIRST:
        return body_ext_go(b, c, false, token, BODY_EXT_NAME);
    case BODY_EXT_NAME:
        return body_ext_go(b, c, true, token || c == '=',
                           c == '=' ? BODY_EXT_VALUE_FIRST : BODY_EXT_NAME);
    case BODY_EXT_VALUE_FIRST:
        return body_ext_go(b, c, false, token || c == '"',
                           c == '"' ? BODY_EXT_QUOTED : BODY_EXT_VALUE);
    case BODY_EXT_VALUE:
        return body_ext_go(b, c, true, token, BODY_EXT_VALUE);
    case BODY_EXT_QUOTED:
        return body_ext_go(b, c, false, body_is_text(c),
                           c == '"'    ? BODY_EXT_AFTER
                           : c == '\\' ? BODY_EXT_ESCAPED
                                       : BODY_EXT_QUOTED);
    case BODY_EXT_ESCAPED:
        return body_ext_go(b, c, false, body_is_text(c), BODY_EXT_QUOTED);
    default:
        return body_ext_go(b, c, true, false, BODY_EXT_AFTER);
    }
}

/* One byte of framing. */
static bool body_frame(struct http_body *b, char c)
{
    switch ((enum body_state)b->state) {
    case BODY_SIZE:
        return body_size(b, c);
    case BODY_EXT_NAME_FIRST:
    case BODY_EXT_NAME:
    case BODY_EXT_VALUE_FIRST:
    case BODY_EXT_VALUE:
    case BODY_EXT_QUOTED:
    case BODY_EXT_ESCAPED:
    case BODY_EXT_AFTER:
        return body_extension(b, c);
    case BODY_SIZE_LF:
        b->state = b->left_bytes > 0 ? BODY_DATA : BODY_TRAILER;
        b->line_bytes = 0;
        return c == '\n' || body_fail(b);
    case BODY_DATA_CR:
        b->state = BODY_DATA_LF;
        return c == '\r' || body_fail(b);
    case BODY_DATA_LF:
        b->state = BODY_SIZE;
        b->digits = 0;
        b->line_bytes = 0;
        return c == '\n' || body_fail(b);
    case BODY_TRAILER:
        b->state = c == '\r' ? BODY_LAST_LF : BODY_TRAILER_LINE;
        /* No white space first: that would be obs-fold. */
        return c == '\r' || (body_is_text(c) && c != ' ' && c != '\t' && c != ':') || body_fail(b);
    case BODY_TRAILER_LINE:
        if (c == '\r')
            b->state = BODY_TRAILER_LF;
        return c == '\r' || body_is_text(c) || body_fail(b);
    case BODY_TRAILER_LF:
        b->state = BODY_TRAILER;
        return c == '\n' || body_fail(b);
    case BODY_LAST_LF:
        b->state = BODY_WHOLE;
        return c == '\n' || body_fail(b);
    case BODY_DATA:
    case BODY_WHOLE:
        break;
    }
    return body_fail(b);
}

static bool body_within_limits(struct http_body *b)
{
    bool trailer = b->state >= BODY_TRAILER && b->state < BODY_WHOLE;

    if (trailer)
        return ++b->trailer_bytes <= HTTP_TRAILER_BYTES_MAX || body_fail(b);
    return ++b->line_bytes <= HTTP_CHUNK_LINE_BYTES_MAX || body_fail(b);
}

enum parse http_body_next(struct http_body *b, struct span bytes, struct span *payload,
                          size_t *used)
{
    size_t at = 0;

    *payload = SPAN_EMPTY;
    *used = 0;
    if (b->err != HTTP_OK)
        return PARSE_BAD;
    while (b->state != BODY_WHOLE && b->state != BODY_DATA && at < bytes.len) {
        if (!body_within_limits(b) || !body_frame(b, bytes.ptr[at]))
            return PARSE_BAD;
        at++;
    }
    if (b->state == BODY_DATA && at < bytes.len) {
        uint64_t here = bytes.len - at;
        size_t len = (size_t)(here < b->left_bytes ? here : b->left_bytes);

        *payload = span_of(bytes.ptr + at, len);
        at += len;
        b->payload_bytes += len;
        if (b->framing != HTTP_BODY_CLOSE)
            b->left_bytes -= len;
        if (b->left_bytes == 0)
            b->state = b->framing == HTTP_BODY_CHUNKED ? BODY_DATA_CR : BODY_WHOLE;
    }
    *used = at;
    return b->state == BODY_WHOLE ? PARSE_DONE : PARSE_MORE;
}

enum parse http_body_eof(struct http_body *b)
{
    if (b->state == BODY_WHOLE || b->framing == HTTP_BODY_CLOSE)
        return PARSE_DONE;
    if (b->err == HTTP_OK)
        b->err = HTTP_ERR_TRUNCATED;
    return PARSE_BAD;
}
