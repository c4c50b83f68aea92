/* cache_key - one number for all spellings of a request: 128 bits that tell it from any other.
 *
 * A pass over the body (json/scan.h), nothing copied, constant memory (6 KB of stack), one hash
 * over its bytes. Told apart is what can shape an answer: every member of the body but a few, see
 * cache_key_ignored(). Not told apart are the spellings of one request: the order of members at
 * every depth, white space, escapes in strings ("\u0041" and "A"), the form of numbers (1, 1.0,
 * 10e-1). A default spelled out, or a null, is not taken for a member left out: vendors differ.
 *
 * CONSTRUCTION. A string, number or word is hashed as a tag and its decoded text, a list as the
 * sequence of its elements, and a container inside another as the 128-bit hash of its own. Tags are
 * bytes that UTF-8 never uses, so texts cannot run into each other. An object is the sum (modulo
 * 2^64, of each half) of the hashes of its members, each of name and value, hashed once more: order
 * is lost and nothing else. A sum would be weak with a public hash (Wagner's generalised
 * birthdays); here it is SipHash-2-4 under a secret that is drawn at random, its outputs are never
 * shown, so two given requests agree with probability 2^-128, whoever chose them.
 *
 * NO KEY is given, and the request must not be kept, when the body is no JSON object, when a name
 * in it is longer than JSON_KEY_BYTES (only its begin would be compared), or when a number's
 * exponent is beyond DECIMAL_EXPONENT_DIGITS. Known limit: when a name stands twice in one nested
 * object, which RFC 8259 leaves undefined, the order of its two values is not told. */
#ifndef POLICY_CACHE_KEY_H
#define POLICY_CACHE_KEY_H

#include "base/hash.h"
#include "json/scan.h"

/* Whether a member of the body's outermost object does not count; the table with its reasons is in
 * the .c. The caller mixes in what it needs of them: whether the answer is a stream, say. */
bool cache_key_ignored(struct span name);

/* False: no key, see above. */
bool cache_key_read(const uint8_t secret[HASH_SIP_KEY_BYTES], struct span body,
                    struct hash128 *out);
/* More that tells requests apart: route, API, form of the answer. Each call is a step: order and
 * borders count. */
void cache_key_mix(const uint8_t secret[HASH_SIP_KEY_BYTES], struct hash128 *key, struct span more);
/* Who may be given the answer: the name of a client's key; empty for what all share. */
uint64_t cache_scope(const uint8_t secret[HASH_SIP_KEY_BYTES], struct span name);

/* The texts of an embeddings request, each with a key of its own: of the text and of all else that
 * counts in the body. It is the same whether the text stands alone or in a list, and wherever. */
struct cache_input {
    struct hash128 key;
    struct span value; /* the JSON string in the body, with its quotes */
    size_t index;
};

/* Tells of each, in order. Gives how many there are; 0 when there is no key, or `input` is not a
 * string or a list of strings (token numbers are taken as a whole, by cache_key_read). Two passes
 * over the body, and one more to be sure of all elements before the first is told. */
size_t cache_key_inputs(const uint8_t secret[HASH_SIP_KEY_BYTES], struct span body,
                        void (*tell)(void *ctx, const struct cache_input *input), void *ctx);

#endif
