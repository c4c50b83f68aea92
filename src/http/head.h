/* head - one HTTP/1.1 message head, request or response, parsed strictly (RFC 9112, RFC 9110).
 *
 * http_head_request() and http_head_response() look at all bytes received so far and either need
 * more, are done (*used = bytes of the head with its empty line), or found something wrong. They
 * keep no state, and the caller hands in the same bytes again with more behind them: to keep slow
 * drips linear, `seen_bytes` says how many were looked at before (0 at first), and MORE is given
 * quickly when no end of head is in the new ones.
 *
 * Request smuggling has no opening: conflicting or repeated Content-Length, Content-Length with
 * Transfer-Encoding, any coding but a single "chunked", bare CR or LF, obs-fold, white space before
 * a colon, NUL and other controls, absolute-form targets and a missing or repeated Host are
 * refused. What is strict here though lenient parsers let it pass is said at the rule, in head.c.
 *
 * Names and values are spans into the caller's bytes, valid as long as these do not move. */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include "base/parse.h"
#include "base/span.h"

enum {
    HTTP_HEAD_BYTES_MAX = 8192, /* what nginx and Apache take for one header line; here for all */
    HTTP_FIELDS_MAX = 64,       /* the OpenAI SDKs send about 20, a CDN answers with about 35 */
    HTTP_TARGET_BYTES_MAX = 2048,
};

enum http_method {
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_DELETE,
    HTTP_OPTIONS,
    HTTP_PATCH
};

enum http_err {
    HTTP_OK,
    HTTP_ERR_SYNTAX,      /* 400: malformed request line, status line or field */
    HTTP_ERR_FRAMING,     /* 400: Content-Length and Transfer-Encoding rules */
    HTTP_ERR_HOST,        /* 400: missing, repeated or malformed Host */
    HTTP_ERR_TARGET,      /* 400: absolute-form, authority-form, or bytes not allowed */
    HTTP_ERR_TARGET_SIZE, /* 414 */
    HTTP_ERR_METHOD,      /* 501: a token, but no method known here */
    HTTP_ERR_VERSION,     /* 505: HTTP/2 and up, HTTP/0.9 */
    HTTP_ERR_CODING,      /* 501: a transfer coding other than chunked */
    HTTP_ERR_EXPECT,      /* 417: an expectation other than 100-continue */
    HTTP_ERR_HEAD_SIZE,   /* 431: more than HTTP_HEAD_BYTES_MAX or HTTP_FIELDS_MAX */
    HTTP_ERR_CHUNK,       /* 400: chunk size, extension, or line end wrong */
    HTTP_ERR_TRUNCATED,   /* the peer closed inside a message */
    HTTP_ERR_COUNT,
};

enum http_framing {
    HTTP_BODY_NONE,
    HTTP_BODY_LENGTH, /* content_length bytes */
    HTTP_BODY_CHUNKED,
    HTTP_BODY_CLOSE, /* responses only: until the peer closes */
};

struct http_field {
    struct span name;
    struct span value; /* without white space at its ends */
};

struct http_head {
    enum http_method method; /* requests */
    struct span target;      /* origin-form, or "*" for OPTIONS */
    struct span path;        /* target up to '?' */
    struct span query;       /* after '?'; empty when there is none */
    int status;              /* responses: 100..999 */
    int minor_version;       /* HTTP/1.x */
    enum http_framing framing;
    uint64_t content_length;
    bool keep_alive; /* the peer lets the connection live on after this message */
    bool expect_continue;
    size_t field_count;
    struct http_field fields[HTTP_FIELDS_MAX];
    enum http_err err;
};

enum parse http_head_request(struct http_head *h, struct span bytes, size_t seen_bytes,
                             size_t *used);
/* `to_head`: the request was HEAD, so no body follows whatever the fields say. */
enum parse http_head_response(struct http_head *h, struct span bytes, size_t seen_bytes,
                              bool to_head, size_t *used);
/* tchar of RFC 9110 section 5.6.2: what names and methods are made of. */
bool http_is_token_char(char c);
/* The first field of that name (any case), or an empty span with a null pointer. */
struct span http_head_field(const struct http_head *h, const char *name);
/* True when a comma-separated list field has this token (any case) in any of its lines. */
bool http_head_has_token(const struct http_head *h, const char *name, const char *token);
/* Dropped when a message is forwarded: Connection and what it names, Keep-Alive, TE, Trailer,
 * Transfer-Encoding, Upgrade, Proxy-* (RFC 9110 section 7.6.1). */
bool http_head_is_hop_by_hop(const struct http_head *h, struct span name);
/* The status that a server gives to this error: 400, 414, 417, 431, 501, 505; 0 for HTTP_OK. */
int http_err_status(enum http_err err);
const char *http_err_text(enum http_err err);

#endif
