/* keys - who a client is, what it may ask for, and how often.
 *
 * A [key] is known by the SHA-256 of its token, or by the address that a device of the LAN calls
 * from. Only hashes stand in the configuration and in memory; a presented token is hashed once and
 * compared with every key's hash in constant time, so that time tells nothing (CWE-208).
 *
 * A token that matches decides. Else the first key whose address or network contains the client's
 * is taken, whatever token came with it: SDKs do not start without one, and a device that is known
 * needs none. Without any [key] everyone is the owner, which only loopback and private listeners
 * allow (gateway/settings).
 *
 * Rates are token buckets (RFC 2697's idea, in integers): rpm and tpm fill evenly over a minute and
 * hold a minute's worth. Requests take one from rpm and their estimated tokens from tpm; the true
 * count is settled after the call, into debt if need be. */
#ifndef POLICY_KEYS_H
#define POLICY_KEYS_H

#include "base/addr.h"
#include "base/hash.h"
#include "config/table.h"

enum {
    KEY_MAX = 64,              /* a shop's people and devices; one comparison each a request */
    KEY_LIST_BYTES = 256,      /* of names with commas between */
    KEY_TOKEN_BYTES_MAX = 512, /* longer is no key of ours */
    KEY_TOKEN_RANDOM_BYTES = 24,
    KEY_TOKEN_TEXT_BYTES = 3 + 2 * KEY_TOKEN_RANDOM_BYTES, /* "fk-" and hex, without NUL */
};

struct key_settings {
    char name[CONFIG_NAME_BYTES];
    uint8_t sha256[HASH_SHA256_BYTES];
    bool has_sha256;
    struct net_addr network; /* NET_NONE: none */
    int prefix_bits;
    char models[KEY_LIST_BYTES]; /* "" = all */
    char routes[KEY_LIST_BYTES]; /* "" = all */
    int64_t rpm;                 /* 0 = no limit */
    int64_t tpm;
    int64_t session_limit_pusd; /* 0 = none */
};

extern const struct config_section key_section;

/* One bucket; times are monotonic ms. */
struct key_rate {
    int64_t level_milli; /* thousandths of a request or token that may be taken; below 0: debt */
    int64_t at_ms;
    bool started;
};

struct key_state {
    struct key_rate requests;
    struct key_rate tokens;
};

enum key_verdict { KEY_KNOWN, KEY_MISSING, KEY_WRONG };

/* Whether the token is the one of this hash, in time that tells nothing of either. */
bool key_token_is(struct span token, const uint8_t sha256[HASH_SHA256_BYTES]);
/* The key of a request. `token` is empty when none was presented. *index is of `keys`. */
enum key_verdict key_find(const struct key_settings *keys, size_t count, struct span token,
                          const struct net_addr *from, size_t *index);
bool key_may_use_model(const struct key_settings *k, struct span model);
bool key_may_use_route(const struct key_settings *k, struct span route);
/* '*' stands for any text, '?' for one byte; case counts. At most
 * pattern.len * text.len steps. */
bool key_glob(struct span pattern, struct span text);
/* Whether one of the globs, with commas between them, matches; an empty list has everything. */
bool key_list_has(const char *list, struct span name);

/* What a client is told about a rate. */
struct key_rate_view {
    int64_t limit; /* a minute */
    int64_t remaining;
    int64_t reset_ms; /* until the bucket is full again */
    int64_t wait_ms;  /* until what was asked for would fit; 0 = it fits */
};

/* Takes `amount` when there is so much; else takes nothing and view->wait_ms is not 0. An amount
 * above the limit passes when the bucket is full: otherwise it never could. */
bool key_rate_take(struct key_rate *r, int64_t limit, int64_t amount, int64_t now_ms,
                   struct key_rate_view *view);
/* Corrects what was taken by the true count. */
void key_rate_settle(struct key_rate *r, int64_t limit, int64_t taken, int64_t used,
                     int64_t now_ms);

/* A new token from KEY_TOKEN_RANDOM_BYTES of entropy, and its hash. */
void key_token_make(const uint8_t entropy[KEY_TOKEN_RANDOM_BYTES], struct fmt *token,
                    uint8_t sha256[HASH_SHA256_BYTES]);

#endif
