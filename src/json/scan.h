/* scan - a strict push reader of one JSON text (RFC 8259), in linear time and constant memory.
 *
 * Feed bytes as they come; every rule of the RFC is held, UTF-8 and surrogate pairs included, depth
 * is bounded, and the reader never looks back, so a text of any size costs one pass. It stores
 * nothing: a visitor (may be NULL) is told what passes by, with offsets into the text as a whole.
 * White space before and after the value is allowed; anything else after it is an error.
 *
 *   json_scan_start(); json_scan_feed() ...; json_scan_finish()
 *
 * feed gives PARSE_MORE until an error (PARSE_BAD): only finish knows that the text has ended,
 * because "1" may go on as "12". finish gives PARSE_DONE or PARSE_BAD. The first error is kept with
 * its offset. Duplicate keys of the outermost object are refused when asked for (different
 * spellings of one key are the same key); at most JSON_MEMBERS_MAX members are remembered for that.
 */
#ifndef JSON_SCAN_H
#define JSON_SCAN_H

#include "base/parse.h"
#include "base/span.h"

enum {
    JSON_DEPTH_MAX = 64,    /* tool schemas nest about 20 deep; a bomb is stopped here */
    JSON_MEMBERS_MAX = 128, /* of the outermost object; the OpenAI API has about 40 */
    JSON_KEY_BYTES = 96,    /* of a decoded key given to the visitor; longer keys are cut (names of
                             * models have up to 76) */
};

enum json_kind {
    JSON_NONE,
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};

enum json_err {
    JSON_OK,
    JSON_ERR_EMPTY,   /* nothing but white space */
    JSON_ERR_SYNTAX,  /* a byte that cannot stand here */
    JSON_ERR_NUMBER,  /* leading zero, bare minus, dot without digits ... */
    JSON_ERR_CONTROL, /* a raw control character in a string */
    JSON_ERR_ESCAPE,  /* \x, \u12 ... */
    JSON_ERR_UTF8,
    JSON_ERR_SURROGATE, /* half of a \uD800 pair */
    JSON_ERR_DEPTH,
    JSON_ERR_DUPLICATE_KEY,
    JSON_ERR_MEMBERS,   /* more than JSON_MEMBERS_MAX where duplicates are checked */
    JSON_ERR_TRAILING,  /* bytes after the value */
    JSON_ERR_TRUNCATED, /* the text ended inside the value */
    JSON_ERR_COUNT,
};

/* What a visitor hears. Depth 0 is the outermost value, its members or elements are depth 1.
 * Offsets count from the first byte fed. `string_bytes` passes pieces of a string value decoded
 * (escapes resolved), in order, never split inside a character. Any member may be NULL. */
struct json_visitor {
    /* A member's name, decoded, cut to JSON_KEY_BYTES (then `cut`); its value comes next at depth.
     */
    void (*key)(void *ctx, unsigned depth, struct span name, bool cut);
    void (*value_begin)(void *ctx, unsigned depth, enum json_kind kind, uint64_t offset);
    void (*string_bytes)(void *ctx, unsigned depth, struct span decoded);
    void (*value_end)(void *ctx, unsigned depth, enum json_kind kind, uint64_t end_offset);
};

struct json_scan {
    const struct json_visitor *visitor;
    void *visitor_ctx;
    bool refuse_duplicates;
    enum json_err err;
    uint64_t err_offset;
    uint64_t offset; /* bytes read so far */
    uint8_t state;
    uint8_t utf8;
    uint8_t escape_digits;
    uint8_t literal_at;
    uint16_t unit;           /* \uXXXX being read */
    uint16_t high_surrogate; /* 0 = none waits */
    unsigned depth;
    uint8_t in_object[JSON_DEPTH_MAX / 8 + 1]; /* bit per depth */
    bool is_key;
    bool key_cut;
    size_t key_len;
    char key[JSON_KEY_BYTES];
    char chunk[64]; /* decoded bytes on their way to the visitor */
    size_t chunk_len;
    uint64_t key_hash;
    size_t member_count;
    uint64_t member_hashes[JSON_MEMBERS_MAX];
};

void json_scan_start(struct json_scan *s, const struct json_visitor *visitor, void *visitor_ctx,
                     bool refuse_duplicates);
enum parse json_scan_feed(struct json_scan *s, struct span bytes);
enum parse json_scan_finish(struct json_scan *s);
/* Inside a string value, where bytes up to the next quote are text (or escapes). */
bool json_scan_in_text(const struct json_scan *s);
/* The error as a short phrase for an error message: "a lone surrogate", "a duplicate key" ... */
const char *json_err_text(enum json_err err);

#endif
