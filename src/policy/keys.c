#include "policy/keys.h"

#include <stddef.h>
#include <string.h>

#include "base/check.h"
#include "base/scan.h"

enum { MINUTE_MS = 60000, MILLI = 1000 };

#define AT(member) offsetof(struct key_settings, member)

/* ---- configuration ---- */

static bool key_sha256_key(void *section, struct span value, struct fmt *why)
{
    struct key_settings *k = section;

    k->has_sha256 = scan_hex_bytes(value, k->sha256, sizeof(k->sha256));
    if (!k->has_sha256)
        fmt_str(why, "is no SHA-256 of 64 hex digits; `farthing key new NAME` makes one");
    return k->has_sha256;
}

static bool key_address_key(void *section, struct span value, struct fmt *why)
{
    struct key_settings *k = section;
    struct span rest = value;
    struct span host;
    uint64_t bits = 0;

    if (span_split(&rest, '/', &host) && net_addr_scan_host(host, &k->network)) {
        uint64_t most = k->network.family == NET_IPV4 ? 32 : 128;

        bits = most;
        if (rest.ptr == NULL || (scan_u64(rest, &bits) && bits <= most)) {
            k->prefix_bits = (int)bits;
            return true;
        }
    }
    fmt_str(why, "is no address or network such as 192.168.1.7 or 192.168.1.0/24");
    return false;
}

static bool key_session_key(void *section, struct span value, struct fmt *why)
{
    struct key_settings *k = section;

    if (scan_usd(value, &k->session_limit_pusd) && k->session_limit_pusd > 0)
        return true;
    fmt_str(why, "is no sum in USD above 0");
    return false;
}

static const struct config_key key_keys[] = {
    {.name = "sha256",
     .type = CONFIG_CUSTOM,
     .parse = key_sha256_key,
     .help = "of the token; `farthing key new NAME` prints both"},
    {.name = "address",
     .type = CONFIG_CUSTOM,
     .parse = key_address_key,
     .help = "a device or network of the LAN that needs no token: 192.168.1.7 or 192.168.1.0/24"},
    {.name = "models",
     .type = CONFIG_TEXT,
     .offset = AT(models),
     .place_bytes = KEY_LIST_BYTES,
     .help = "models it may use, as in gpt-*, llama3; default all"},
    {.name = "routes",
     .type = CONFIG_TEXT,
     .offset = AT(routes),
     .place_bytes = KEY_LIST_BYTES,
     .help = "routes it may use; default all"},
    {.name = "rpm",
     .type = CONFIG_COUNT,
     .offset = AT(rpm),
     .min = 1,
     .max = 1000000,
     .help = "requests a minute; default no limit"},
    {.name = "tpm",
     .type = CONFIG_COUNT,
     .offset = AT(tpm),
     .min = 1,
     .max = 1000000000,
     .help = "tokens a minute, in and out; default no limit"},
    {.name = "session_limit",
     .type = CONFIG_CUSTOM,
     .parse = key_session_key,
     .help = "USD that one x-farthing-session may spend in all; default no limit"},
};

const struct config_section key_section = {
    .name = "key",
    .named = true,
    .keys = key_keys,
    .key_count = ARRAY_LEN(key_keys),
    .help = "a client: who it is, what it may use",
};

/* ---- who ---- */

static bool network_contains(const struct key_settings *k, const struct net_addr *from)
{
    int bits = k->prefix_bits;

    if (k->network.family == NET_NONE || from->family != k->network.family)
        return false;
    for (size_t i = 0; bits > 0; i++, bits -= 8) {
        unsigned mask = bits >= 8 ? 0xffu : 0xffu << (8 - bits) & 0xffu;

        if (((unsigned)(from->bytes[i] ^ k->network.bytes[i]) & mask) != 0)
            return false;
    }
    return true;
}

static bool hash_equal(const uint8_t a[HASH_SHA256_BYTES], const uint8_t b[HASH_SHA256_BYTES])
{
    return span_equal_secret(span_of((const char *)a, HASH_SHA256_BYTES),
                             span_of((const char *)b, HASH_SHA256_BYTES));
}

bool key_token_is(struct span token, const uint8_t sha256[HASH_SHA256_BYTES])
{
    uint8_t hash[HASH_SHA256_BYTES];

    if (token.len == 0 || token.len > KEY_TOKEN_BYTES_MAX)
        return false;
    hash_sha256(token, hash);
    return hash_equal(hash, sha256);
}

static enum key_verdict find_token(const struct key_settings *keys, size_t count, struct span token,
                                   size_t *index)
{
    uint8_t hash[HASH_SHA256_BYTES];
    enum key_verdict verdict = KEY_WRONG;

    if (token.len > KEY_TOKEN_BYTES_MAX)
        return KEY_WRONG;
    hash_sha256(token, hash);
    for (size_t i = 0; i < count; i++) {
        bool same = hash_equal(keys[i].sha256, hash);

        if (same && keys[i].has_sha256) {
            *index = i;
            verdict = KEY_KNOWN;
        }
    }
    return verdict;
}

enum key_verdict key_find(const struct key_settings *keys, size_t count, struct span token,
                          const struct net_addr *from, size_t *index)
{
    CHECK(index != NULL);
    if (token.len > 0) {
        enum key_verdict verdict = find_token(keys, count, token, index);

        if (verdict == KEY_KNOWN)
            return verdict;
    }
    /* Programs send a token whether one is wanted or not: SDKs refuse to start without. A device
     * that is known by its address is let in with any token that is not another key's. */
    for (size_t i = 0; i < count; i++) {
        if (network_contains(&keys[i], from)) {
            *index = i;
            return KEY_KNOWN;
        }
    }
    return token.len > 0 ? KEY_WRONG : KEY_MISSING;
}

bool key_glob(struct span pattern, struct span text)
{
    size_t p = 0;
    size_t t = 0;
    size_t star = SIZE_MAX; /* the last '*', and where its text began */
    size_t star_text = 0;

    while (t < text.len) {
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = p++;
            star_text = t;
        } else if (p < pattern.len && (pattern.ptr[p] == '?' || pattern.ptr[p] == text.ptr[t])) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++star_text;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*')
        p++;
    return p == pattern.len;
}

bool key_list_has(const char *list, struct span name)
{
    struct span rest = span_str(list);
    struct span pattern;

    while (rest.len > 0 && span_split(&rest, ',', &pattern))
        if (key_glob(span_trim(pattern), name))
            return true;
    return list[0] == '\0';
}

bool key_may_use_model(const struct key_settings *k, struct span model)
{
    return key_list_has(k->models, model);
}

bool key_may_use_route(const struct key_settings *k, struct span route)
{
    return key_list_has(k->routes, route);
}

/* ---- how often ---- */

/* limit a minute is limit * 1000 / 60000 thousandths a millisecond. */
static int64_t milli_after(int64_t limit, int64_t passed_ms)
{
    if (passed_ms >= MINUTE_MS)
        return limit * MILLI;
    return limit * passed_ms * MILLI / MINUTE_MS;
}

static int64_t ms_for(int64_t limit, int64_t milli)
{
    return milli <= 0 ? 0 : (milli * (MINUTE_MS / MILLI) + limit - 1) / limit;
}

static void rate_fill(struct key_rate *r, int64_t limit, int64_t now_ms)
{
    int64_t full = limit * MILLI;
    int64_t gained = milli_after(limit, now_ms - r->at_ms);

    if (!r->started) {
        r->started = true;
        r->level_milli = full;
        r->at_ms = now_ms;
    } else if (gained > 0) { /* a fraction that is lost by dividing is not given away either */
        r->level_milli += gained;
        r->at_ms = now_ms;
    }
    if (r->level_milli > full)
        r->level_milli = full;
}

static void rate_view(const struct key_rate *r, int64_t limit, struct key_rate_view *view)
{
    view->limit = limit;
    view->remaining = r->level_milli > 0 ? r->level_milli / MILLI : 0;
    view->reset_ms = ms_for(limit, limit * MILLI - r->level_milli);
}

bool key_rate_take(struct key_rate *r, int64_t limit, int64_t amount, int64_t now_ms,
                   struct key_rate_view *view)
{
    int64_t needs = amount < limit ? amount : limit;

    CHECK(limit > 0 && amount >= 0);
    rate_fill(r, limit, now_ms);
    view->wait_ms = ms_for(limit, needs * MILLI - r->level_milli);
    if (view->wait_ms == 0)
        r->level_milli -= amount * MILLI;
    rate_view(r, limit, view);
    return view->wait_ms == 0;
}

void key_rate_settle(struct key_rate *r, int64_t limit, int64_t taken, int64_t used, int64_t now_ms)
{
    rate_fill(r, limit, now_ms);
    r->level_milli += (taken - used) * MILLI;
    if (r->level_milli > limit * MILLI)
        r->level_milli = limit * MILLI;
}

void key_token_make(const uint8_t entropy[KEY_TOKEN_RANDOM_BYTES], struct fmt *token,
                    uint8_t sha256[HASH_SHA256_BYTES])
{
    size_t at = fmt_span(token).len;

    fmt_str(token, "fk-");
    fmt_hex_bytes(token, entropy, KEY_TOKEN_RANDOM_BYTES);
    CHECK(fmt_ok(token));
    hash_sha256(span_part(fmt_span(token), at, KEY_TOKEN_TEXT_BYTES), sha256);
}
