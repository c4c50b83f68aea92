/* tunnel - what is said to a proxy until bytes flow through it to an endpoint.
 *
 * HTTP: CONNECT (RFC 9110 section 9.3.6) with Basic credentials (RFC 7617). SOCKS5: RFC 1928 with
 * user and password (RFC 1929). Either way the endpoint's name goes to the proxy, which looks it
 * up; nothing is asked of our own name servers but the proxy's address.
 *
 * Pure: bytes in, bytes out. tunnel_start(); then, until tunnel_in() says DONE:
 *   tunnel_out()  what is still to be sent, built into the caller's buffer, which the caller wipes:
 *                 it may hold the password. Empty: listen. tunnel_sent() counts what went out
 *   tunnel_in()   what came. DONE: the tunnel is open, bytes after *used are the endpoint's.
 *                 BAD: tunnel_err() says why, tunnel_code() the proxy's own number for it */
#ifndef HTTP_TUNNEL_H
#define HTTP_TUNNEL_H

#include "base/fmt.h"
#include "base/parse.h"

enum {
    PROXY_TEXT_BYTES = 248,
    TUNNEL_OUT_BYTES = 1280,       /* CONNECT and Host with a name of 255 bytes each, credentials */
    TUNNEL_HEAD_BYTES_MAX = 16384, /* of a proxy's answer, interim ones and all */
    TUNNEL_SEEN_BYTES = 16,        /* a status line up to its status; a SOCKS reply's length */
};

enum proxy_kind { PROXY_NONE, PROXY_HTTP, PROXY_SOCKS5 };

/* Host, user and password lie in `text`, each with its NUL. All zero: no proxy. */
struct proxy {
    uint8_t kind;    /* enum proxy_kind */
    uint8_t user_at; /* 0 = there are no credentials */
    uint8_t password_at;
    uint16_t port;
    char text[PROXY_TEXT_BYTES]; /* begins with the host */
};

enum tunnel_err {
    TUNNEL_OK,
    TUNNEL_ERR_NOT_PROXY,   /* what answers speaks another protocol */
    TUNNEL_ERR_AUTH_NEEDED, /* and we have no user and password */
    TUNNEL_ERR_AUTH_WRONG,
    TUNNEL_ERR_FORBIDDEN, /* its rules do not allow this host or port */
    TUNNEL_ERR_NO_HOST,   /* it cannot reach the endpoint */
    TUNNEL_ERR_FAILED,    /* any other refusal */
    TUNNEL_ERR_COUNT,
};

enum tunnel_step {
    TUNNEL_CONNECT, /* HTTP: the request, its status line, the rest of the head */
    TUNNEL_STATUS,
    TUNNEL_FIELDS,
    TUNNEL_METHODS, /* SOCKS5: what we offer, what it takes */
    TUNNEL_METHOD,
    TUNNEL_USER, /* credentials, its verdict */
    TUNNEL_VERDICT,
    TUNNEL_HOST, /* where to, its reply */
    TUNNEL_REPLY,
    TUNNEL_OPEN,
};

struct tunnel {
    const struct proxy *proxy;
    const char *host; /* of the endpoint */
    uint16_t port;
    enum tunnel_step step;
    size_t sent_bytes; /* of what this step says */
    size_t head_bytes; /* HTTP: heard so far */
    size_t line_bytes; /* of the current line */
    size_t seen_len;
    char seen[TUNNEL_SEEN_BYTES];
    enum tunnel_err err;
    int code;
};

/* "http://[USER:PASSWORD@]HOST[:PORT]", also socks5:// and socks5h://; %XX in the credentials is
 * decoded. False with a reason that tells nothing of them. */
bool proxy_parse(struct proxy *p, struct span url, struct fmt *why);

/* Both are kept by reference. */
void tunnel_start(struct tunnel *t, const struct proxy *proxy, const char *host, uint16_t port);
struct span tunnel_out(const struct tunnel *t, char storage[TUNNEL_OUT_BYTES]);
void tunnel_sent(struct tunnel *t, size_t bytes);
enum parse tunnel_in(struct tunnel *t, struct span bytes, size_t *used);
/* Sentences without the proxy's name; advice for the owner. */
const char *tunnel_err_text(enum tunnel_err err);
const char *tunnel_err_advice(enum tunnel_err err);

#endif
