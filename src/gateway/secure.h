/* secure - TLS for clients: certificate and key of the https listeners while the gateway runs.
 *
 * Two identities are carved. Handshakes begin with the current one; a reload fills the other and
 * swaps, and what shakes hands with the old one goes on with it: secure_is_busy() says that some
 * still do with the one that would be filled. A pair that is bad is told, and the old one stays.
 * The owner hears once a day of a certificate that ends within SECURE_WARN_DAYS. */
#ifndef GATEWAY_SECURE_H
#define GATEWAY_SECURE_H

#include "gateway/conn.h"
#include "gateway/settings.h"
#include "tls/identity.h"

enum {
    SECURE_WARN_DAYS = 14,
    SECURE_SESSIONS_PER_CONNECTION = 4, /* that can be resumed: clients come and go */
    SECURE_TROUBLES = CONN_TROUBLE_TLS_TO_HTTP + 1 + TLS_ERR_COUNT, /* those of TLS each */
};

struct gateway;

struct secure {
    struct tls_identity *identities[2]; /* NULL: there is no https listener */
    struct tls_identity *current;
    bool full_told;  /* that all slots are taken */
    int64_t look_ms; /* when the certificate's end is looked at next */
    struct {
        int64_t quiet_until_ms;
        uint64_t untold;
    } troubles[SECURE_TROUBLES];
};

/* Reads the pair: NULL, or the key at fault ("tls_cert", "tls_key") with a sentence in *why. */
const char *secure_load(struct tls_identity *id, const struct server_settings *s, struct fmt *why);
/* For whom it is, its key, until when: one line. */
void secure_fmt(const struct tls_identity *id, int64_t wall_ms, struct fmt *out);
/* Whether it is expired, soon will be, or not valid yet, as a sentence's end; NULL: none of it. */
const char *secure_worry(const struct tls_identity *id, int64_t wall_ms);

/* Carves and loads, when there is an https listener. */
bool secure_carve(struct gateway *g, const struct settings *s, struct fmt *why);
bool secure_is_busy(const struct gateway *g);
void secure_reload(struct gateway *g, const struct server_settings *s);
void secure_tick(struct gateway *g, int64_t now_ms);
int64_t secure_deadline_ms(const struct gateway *g);
/* The handler's trouble(): told to the owner, a line a minute of each kind. */
void secure_trouble(struct conn *c, enum conn_trouble what, int64_t now_ms);

#endif
