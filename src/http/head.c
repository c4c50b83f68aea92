#include "http/head.h"

#include <string.h>

#include "base/check.h"
#include "base/scan.h"

/* A list of fields is a line each; more empty lines before a request than this are no accident. */
enum { HEAD_LEADING_LINES_MAX = 4 };

struct err_row {
    int status;
    const char *text;
};

static const struct err_row err_rows[HTTP_ERR_COUNT] = {
    [HTTP_OK] = {0, "No error."},
    [HTTP_ERR_SYNTAX] = {400, "The message is malformed."},
    [HTTP_ERR_FRAMING] = {400, "Content-Length or Transfer-Encoding is malformed or ambiguous."},
    [HTTP_ERR_HOST] = {400, "The Host field is missing, repeated or malformed."},
    [HTTP_ERR_TARGET] = {400, "The request target must be a path."},
    [HTTP_ERR_TARGET_SIZE] = {414, "The request target is too long."},
    [HTTP_ERR_METHOD] = {501, "The method is not known."},
    [HTTP_ERR_VERSION] = {505, "Only HTTP/1.0 and HTTP/1.1 are spoken."},
    [HTTP_ERR_CODING] = {501, "The only transfer coding is chunked."},
    [HTTP_ERR_EXPECT] = {417, "The only expectation is 100-continue."},
    [HTTP_ERR_HEAD_SIZE] = {431, "The message's head is too large."},
    [HTTP_ERR_CHUNK] = {400, "The chunked body is malformed."},
    [HTTP_ERR_TRUNCATED] = {400, "The message broke off."},
};

int http_err_status(enum http_err err)
{
    CHECK(err < HTTP_ERR_COUNT);
    return err_rows[err].status;
}

const char *http_err_text(enum http_err err)
{
    CHECK(err < HTTP_ERR_COUNT);
    return err_rows[err].text;
}

static enum parse head_bad(struct http_head *h, enum http_err err)
{
    h->err = err;
    return PARSE_BAD;
}

/* tchar of RFC 9110 section 5.6.2. */
bool http_is_token_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool head_is_token(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!http_is_token_char(s.ptr[i]))
            return false;
    return s.len > 0;
}

/* ---- lines ---- */

enum line { LINE_OK, LINE_MORE, LINE_BAD };

/* The next line without its CR LF. A bare CR or LF ends nothing (RFC 9112 section 2.2 lets a
 * recipient take a bare LF; lenient and strict parsers in one chain are how requests are smuggled).
 */
static enum line head_line(struct span bytes, size_t *at, struct span *line)
{
    struct span rest = span_part(bytes, *at, bytes.len);
    size_t end;

    if (*at >= bytes.len)
        return LINE_MORE;
    for (end = 0; end < rest.len; end++) {
        char c = rest.ptr[end];

        if (c == '\r')
            break;
        if (c == '\n' || c == '\0')
            return LINE_BAD;
    }
    if (end + 1 >= rest.len)
        return LINE_MORE;
    if (rest.ptr[end + 1] != '\n')
        return LINE_BAD;
    *line = span_of(rest.ptr, end);
    *at += end + 2;
    return LINE_OK;
}

/* ---- fields ---- */

struct span http_head_field(const struct http_head *h, const char *name)
{
    struct span wanted = span_str(name);

    for (size_t i = 0; i < h->field_count; i++)
        if (span_equal_fold(h->fields[i].name, wanted))
            return h->fields[i].value;
    return SPAN_EMPTY;
}

static bool head_list_has(struct span list, struct span token)
{
    struct span item;

    while (span_split(&list, ',', &item))
        if (span_equal_fold(span_trim(item), token))
            return true;
    return false;
}

bool http_head_has_token(const struct http_head *h, const char *name, const char *token)
{
    for (size_t i = 0; i < h->field_count; i++)
        if (span_equal_fold(h->fields[i].name, span_str(name)) &&
            head_list_has(h->fields[i].value, span_str(token)))
            return true;
    return false;
}

bool http_head_is_hop_by_hop(const struct http_head *h, struct span name)
{
    static const char *const names[] = {"connection",      "keep-alive",        "te",
                                        "trailer",         "transfer-encoding", "upgrade",
                                        "proxy-connection"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (span_equal_fold(name, span_str(names[i])))
            return true;
    if (span_equal_fold(span_part(name, 0, 6), SPAN("proxy-")))
        return true;
    for (size_t i = 0; i < h->field_count; i++)
        if (span_equal_fold(h->fields[i].name, SPAN("connection")) &&
            head_list_has(h->fields[i].value, name))
            return true;
    return false;
}

/* One field line. White space before the colon and obs-fold are refused (RFC 9112 section 5). */
static enum http_err head_field_line(struct http_head *h, struct span line)
{
    size_t colon = span_find_byte(line, ':');
    struct span value;

    if (colon == line.len || !head_is_token(span_part(line, 0, colon)))
        return HTTP_ERR_SYNTAX;
    value = span_trim(span_of(line.ptr + colon + 1, line.len - colon - 1));
    for (size_t i = 0; i < value.len; i++) {
        uint8_t byte = (uint8_t)value.ptr[i];

        if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
            return HTTP_ERR_SYNTAX;
    }
    if (h->field_count == HTTP_FIELDS_MAX)
        return HTTP_ERR_HEAD_SIZE;
    h->fields[h->field_count++] = (struct http_field){span_of(line.ptr, colon), value};
    return HTTP_OK;
}

static size_t head_count(const struct http_head *h, const char *name, struct span *value)
{
    size_t count = 0;

    for (size_t i = 0; i < h->field_count; i++) {
        if (span_equal_fold(h->fields[i].name, span_str(name))) {
            *value = h->fields[i].value;
            count++;
        }
    }
    return count;
}

/* ---- framing ---- */

/* RFC 9112 section 6.3; every ambiguity is an error. Of a repeated Content-Length even equal
 * values. */
static enum http_err head_frame(struct http_head *h)
{
    struct span length = SPAN_EMPTY;
    struct span coding = SPAN_EMPTY;
    size_t lengths = head_count(h, "content-length", &length);
    size_t codings = head_count(h, "transfer-encoding", &coding);

    if (lengths > 1 || codings > 1 || (lengths > 0 && codings > 0))
        return HTTP_ERR_FRAMING;
    if (codings == 1) {
        if (h->minor_version == 0)
            return HTTP_ERR_FRAMING;
        if (!span_equal_fold(coding, SPAN("chunked")))
            return HTTP_ERR_CODING;
        h->framing = HTTP_BODY_CHUNKED;
    }
    if (lengths == 1) {
        if (!scan_u64(length, &h->content_length) || h->content_length > INT64_MAX)
            return HTTP_ERR_FRAMING;
        h->framing = HTTP_BODY_LENGTH;
    }
    return HTTP_OK;
}

static void head_connection(struct http_head *h)
{
    if (http_head_has_token(h, "connection", "close"))
        h->keep_alive = false;
    else
        h->keep_alive = h->minor_version >= 1 || http_head_has_token(h, "connection", "keep-alive");
}

/* reg-name, IPv4 or bracketed IPv6 with an optional port: no user info, path or blank. */
static bool head_host_ok(struct span host)
{
    for (size_t i = 0; i < host.len; i++) {
        char c = host.ptr[i];

        if (!http_is_token_char(c) && c != ':' && c != '[' && c != ']')
            return false;
    }
    return true;
}

static enum http_err head_check_request(struct http_head *h)
{
    struct span host = SPAN_EMPTY;
    struct span expect = SPAN_EMPTY;
    size_t hosts = head_count(h, "host", &host);
    enum http_err err = head_frame(h);

    if (err != HTTP_OK)
        return err;
    if (hosts > 1 || (hosts == 0 && h->minor_version >= 1) || !head_host_ok(host))
        return HTTP_ERR_HOST;
    if (head_count(h, "expect", &expect) > 0) {
        if (!span_equal_fold(expect, SPAN("100-continue")))
            return HTTP_ERR_EXPECT;
        h->expect_continue = h->minor_version >= 1;
    }
    head_connection(h);
    return HTTP_OK;
}

/* ---- the first line ---- */

static enum http_err head_method(struct http_head *h, struct span token)
{
    static const char *const methods[] = {
        [HTTP_GET] = "GET",     [HTTP_HEAD] = "HEAD",     [HTTP_POST] = "POST",
        [HTTP_PUT] = "PUT",     [HTTP_DELETE] = "DELETE", [HTTP_OPTIONS] = "OPTIONS",
        [HTTP_PATCH] = "PATCH",
    };

    if (!head_is_token(token))
        return HTTP_ERR_SYNTAX;
    for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
        if (span_equal(token, span_str(methods[i]))) {
            h->method = (enum http_method)i;
            return HTTP_OK;
        }
    }
    return HTTP_ERR_METHOD;
}

static enum http_err head_version(struct http_head *h, struct span text)
{
    if (text.len != 8 || !span_starts(text, SPAN("HTTP/")) || text.ptr[6] != '.' ||
        text.ptr[5] < '0' || text.ptr[5] > '9' || text.ptr[7] < '0' || text.ptr[7] > '9')
        return HTTP_ERR_SYNTAX;
    if (text.ptr[5] != '1')
        return HTTP_ERR_VERSION;
    h->minor_version = text.ptr[7] - '0';
    return HTTP_OK;
}

/* Only origin-form, and "*" of OPTIONS: this is no forward proxy. */
static enum http_err head_target(struct http_head *h, struct span target)
{
    size_t query;

    if (target.len > HTTP_TARGET_BYTES_MAX)
        return HTTP_ERR_TARGET_SIZE;
    if (target.len == 0 ||
        (target.ptr[0] != '/' && !(h->method == HTTP_OPTIONS && span_equal(target, SPAN("*")))))
        return HTTP_ERR_TARGET;
    for (size_t i = 0; i < target.len; i++) {
        uint8_t byte = (uint8_t)target.ptr[i];

        if (byte <= 0x20 || byte >= 0x7f || byte == '#' || byte == '"' || byte == '<' ||
            byte == '>' || byte == '\\')
            return HTTP_ERR_TARGET;
    }
    query = span_find_byte(target, '?');
    h->target = target;
    h->path = span_part(target, 0, query);
    h->query = span_part(target, query + 1, target.len);
    return HTTP_OK;
}

static enum http_err head_request_line(struct http_head *h, struct span line)
{
    struct span rest = line;
    struct span method;
    struct span target;
    enum http_err err;

    if (!span_split(&rest, ' ', &method))
        return HTTP_ERR_SYNTAX;
    err = head_method(h, method);
    if (err == HTTP_ERR_SYNTAX)
        return err;
    if (!span_split(&rest, ' ', &target) || rest.ptr == NULL)
        return HTTP_ERR_SYNTAX;
    if (err == HTTP_OK)
        err = head_target(h, target);
    return err != HTTP_OK ? err : head_version(h, rest);
}

static enum http_err head_status_line(struct http_head *h, struct span line)
{
    enum http_err err = head_version(h, span_part(line, 0, 8));
    uint64_t status;

    if (err != HTTP_OK)
        return err;
    if (line.len < 12 || line.ptr[8] != ' ' || !scan_u64(span_of(line.ptr + 9, 3), &status) ||
        status < 100)
        return HTTP_ERR_SYNTAX;
    if (line.len > 12 && line.ptr[12] != ' ')
        return HTTP_ERR_SYNTAX;
    for (size_t i = 12; i < line.len; i++)
        if (((uint8_t)line.ptr[i] < 0x20 && line.ptr[i] != '\t') || line.ptr[i] == 0x7f)
            return HTTP_ERR_SYNTAX;
    h->status = (int)status;
    return HTTP_OK;
}

/* ---- whole heads ---- */

/* A head that has no end yet is only looked through where new bytes are, so that drips cost no more
 * than their length. Malformed ones are refused when their end is there, or the limit is. */
static bool head_may_end(struct span bytes, size_t seen_bytes)
{
    size_t from = seen_bytes > 3 ? seen_bytes - 3 : 0;

    return seen_bytes == 0 ||
           span_find(span_part(bytes, from, bytes.len), SPAN("\n")) < bytes.len - from ||
           bytes.len > HTTP_HEAD_BYTES_MAX;
}

static enum parse head_fields(struct http_head *h, struct span bytes, size_t *at)
{
    for (;;) {
        struct span line;
        enum http_err err;

        switch (head_line(bytes, at, &line)) {
        case LINE_MORE:
            return bytes.len > HTTP_HEAD_BYTES_MAX ? head_bad(h, HTTP_ERR_HEAD_SIZE) : PARSE_MORE;
        case LINE_BAD:
            return head_bad(h, HTTP_ERR_SYNTAX);
        case LINE_OK:
            break;
        }
        if (*at > HTTP_HEAD_BYTES_MAX)
            return head_bad(h, HTTP_ERR_HEAD_SIZE);
        if (line.len == 0)
            return PARSE_DONE;
        err = head_field_line(h, line);
        if (err != HTTP_OK)
            return head_bad(h, err);
    }
}

static enum parse head_first(struct http_head *h, struct span bytes, size_t *at, bool request)
{
    struct span line;
    enum http_err err;

    for (int skipped = 0;; skipped++) {
        switch (head_line(bytes, at, &line)) {
        case LINE_MORE:
            if (bytes.len - *at > HTTP_TARGET_BYTES_MAX + 64 && request)
                return head_bad(h, HTTP_ERR_TARGET_SIZE);
            return bytes.len > HTTP_HEAD_BYTES_MAX ? head_bad(h, HTTP_ERR_HEAD_SIZE) : PARSE_MORE;
        case LINE_BAD:
            return head_bad(h, HTTP_ERR_SYNTAX);
        case LINE_OK:
            break;
        }
        if (line.len > 0)
            break;
        if (!request || skipped == HEAD_LEADING_LINES_MAX)
            return head_bad(h, HTTP_ERR_SYNTAX);
    }
    err = request ? head_request_line(h, line) : head_status_line(h, line);
    return err == HTTP_OK ? PARSE_DONE : head_bad(h, err);
}

static enum parse head_parse(struct http_head *h, struct span bytes, size_t seen_bytes,
                             size_t *used, bool request)
{
    size_t at = 0;
    enum parse verdict;

    h->field_count = 0;
    h->framing = HTTP_BODY_NONE;
    h->content_length = 0;
    h->keep_alive = false;
    h->expect_continue = false;
    h->status = 0;
    h->err = HTTP_OK;
    if (!head_may_end(bytes, seen_bytes))
        return PARSE_MORE;
    verdict = head_first(h, bytes, &at, request);
    if (verdict == PARSE_DONE)
        verdict = head_fields(h, bytes, &at);
    *used = at;
    return verdict;
}

enum parse http_head_request(struct http_head *h, struct span bytes, size_t seen_bytes,
                             size_t *used)
{
    enum parse verdict = head_parse(h, bytes, seen_bytes, used, true);
    enum http_err err;

    if (verdict != PARSE_DONE)
        return verdict;
    err = head_check_request(h);
    return err == HTTP_OK ? PARSE_DONE : head_bad(h, err);
}

enum parse http_head_response(struct http_head *h, struct span bytes, size_t seen_bytes,
                              bool to_head, size_t *used)
{
    enum parse verdict = head_parse(h, bytes, seen_bytes, used, false);
    enum http_err err;

    if (verdict != PARSE_DONE)
        return verdict;
    if (h->status == 101) /* nobody asked for another protocol */
        return head_bad(h, HTTP_ERR_SYNTAX);
    err = head_frame(h);
    if (err != HTTP_OK)
        return head_bad(h, err);
    head_connection(h);
    if (to_head || h->status < 200 || h->status == 204 || h->status == 304) {
        h->framing = HTTP_BODY_NONE;
    } else if (h->framing == HTTP_BODY_NONE) {
        h->framing = HTTP_BODY_CLOSE;
        h->keep_alive = false;
    }
    return PARSE_DONE;
}
