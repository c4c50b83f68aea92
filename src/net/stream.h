/* stream - a connected byte stream, plain or TLS behind one interface.
 *
 * Owns its descriptor and, when it has one, its TLS slot. May be moved (it is two words and a few
 * flags) as long as no watch refers to its old place. Never blocks.
 *
 * stream_read and stream_write give the count of bytes, STREAM_AGAIN when the peer is not ready,
 * STREAM_EOF when the peer has closed in an orderly way, STREAM_FAILED else (then stream_err).
 * After AGAIN, poll for stream_events(). TLS may hold decrypted bytes that poll does not know of:
 * read until AGAIN, or ask stream_has_unread() and kick the watch.
 *
 * stream_write makes records of what it takes and sends what the socket takes of them; the rest
 * stays in the slot (4 KB at most) until stream_flush() has returned 0: call it when POLLOUT is
 * ready. A write that failed does not forbid reading: a server may answer before it has read all of
 * a request. */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include "base/pool.h"
#include "net/err.h"

enum { STREAM_AGAIN = -1, STREAM_EOF = -2, STREAM_FAILED = -3 };

struct stream {
    int fd;                  /* -1 = closed */
    struct tls_session *tls; /* NULL = plain */
    struct pool *tls_pool;
    enum net_err err;
    enum tls_err tls_err;
    int tls_code;               /* tls_session_code() of the failure */
    bool read_blocked_on_write; /* TLS must send before it can go on reading */
};

void stream_init(struct stream *s);
void stream_plain(struct stream *s, int fd);
/* The TLS slot was started by its side of tls/; the stream gives it back to the pool on close. */
void stream_tls(struct stream *s, int fd, struct tls_session *tls, struct pool *tls_pool);
bool stream_is_open(const struct stream *s);
/* Drives a handshake: 0 when open, STREAM_AGAIN or STREAM_FAILED. Plain streams are open at once.
 */
int stream_handshake(struct stream *s);
int64_t stream_read(struct stream *s, void *out, size_t bytes);
int64_t stream_write(struct stream *s, struct span data);
/* Pushes out what TLS still holds; 0 when nothing is left, else AGAIN or FAILED. */
int stream_flush(struct stream *s);
/* Whether TLS holds records that were not sent yet. */
bool stream_has_unsent(struct stream *s);
/* Decrypted bytes wait in the slot: the next stream_read gives some without the socket. */
bool stream_has_unread(const struct stream *s);
/* During a handshake the wishes of the caller do not matter. */
short stream_events(const struct stream *s, bool want_read, bool want_write);
/* Ends our side, with a close_notify as far as that goes without waiting. The TLS slot is given
 * back: what is read from now on is to be thrown away, decrypted or not. */
void stream_shutdown(struct stream *s);
/* An orderly close as far as it goes without waiting; legal in every state, idempotent. */
void stream_close(struct stream *s);

#endif
