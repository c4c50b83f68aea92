#include "json/scan.h"

#include <stddef.h>
#include <string.h>

#include "base/check.h"
#include "base/utf8.h"

enum state {
    ST_VALUE,       /* a value must come */
    ST_FIRST_VALUE, /* a value or ']' */
    ST_FIRST_KEY,   /* a key or '}' */
    ST_KEY,         /* a key */
    ST_COLON,
    ST_AFTER, /* ',' or the container's end */
    ST_DONE,  /* only white space */
    ST_STRING,
    ST_ESCAPE,
    ST_UNICODE,
    ST_LOW_SLASH, /* after a high surrogate: '\' */
    ST_LOW_U,     /* then 'u' */
    ST_LITERAL,
    ST_MINUS,
    ST_ZERO,
    ST_INT,
    ST_DOT,
    ST_FRACTION,
    ST_EXP,
    ST_EXP_SIGN,
    ST_EXP_DIGITS,
    ST_BAD,
};

static const char *const err_texts[JSON_ERR_COUNT] = {
    [JSON_OK] = "no error",
    [JSON_ERR_EMPTY] = "no value",
    [JSON_ERR_SYNTAX] = "a character that cannot stand there",
    [JSON_ERR_NUMBER] = "a malformed number",
    [JSON_ERR_CONTROL] = "a raw control character in a string",
    [JSON_ERR_ESCAPE] = "an unknown escape",
    [JSON_ERR_UTF8] = "bytes that are not UTF-8",
    [JSON_ERR_SURROGATE] = "a lone surrogate",
    [JSON_ERR_DEPTH] = "too deep a nesting",
    [JSON_ERR_DUPLICATE_KEY] = "a duplicate key",
    [JSON_ERR_MEMBERS] = "too many members",
    [JSON_ERR_TRAILING] = "something after the value",
    [JSON_ERR_TRUNCATED] = "an end inside the value",
};

const char *json_err_text(enum json_err err)
{
    CHECK(err < JSON_ERR_COUNT);
    return err_texts[err];
}

void json_scan_start(struct json_scan *s, const struct json_visitor *visitor, void *visitor_ctx,
                     bool refuse_duplicates)
{
    memset(s, 0, offsetof(struct json_scan, member_hashes));
    s->visitor = visitor;
    s->visitor_ctx = visitor_ctx;
    s->refuse_duplicates = refuse_duplicates;
    s->state = ST_VALUE;
}

static bool scan_fail(struct json_scan *s, enum json_err err)
{
    if (s->err == JSON_OK) {
        s->err = err;
        s->err_offset = s->offset;
    }
    s->state = ST_BAD;
    return false;
}

static bool scan_in_object(const struct json_scan *s)
{
    return s->depth > 0 && (s->in_object[s->depth / 8] >> s->depth % 8 & 1) != 0;
}

/* ---- what the visitor hears ---- */

static void scan_flush_chunk(struct json_scan *s)
{
    if (s->chunk_len > 0 && s->visitor != NULL && s->visitor->string_bytes != NULL)
        s->visitor->string_bytes(s->visitor_ctx, s->depth, span_of(s->chunk, s->chunk_len));
    s->chunk_len = 0;
}

static void scan_begin(struct json_scan *s, enum json_kind kind)
{
    if (s->visitor != NULL && s->visitor->value_begin != NULL)
        s->visitor->value_begin(s->visitor_ctx, s->depth, kind, s->offset);
}

/* end_offset is one past the value's last byte. */
static void scan_end(struct json_scan *s, enum json_kind kind, uint64_t end_offset)
{
    if (s->visitor != NULL && s->visitor->value_end != NULL)
        s->visitor->value_end(s->visitor_ctx, s->depth, kind, end_offset);
    s->state = s->depth == 0 ? ST_DONE : ST_AFTER;
}

/* FNV-1a, 64 bits: two different names with one hash are taken for duplicates, which costs only
 * whoever made them so. */
static void scan_key_byte(struct json_scan *s, uint8_t byte)
{
    s->key_hash = (s->key_hash ^ byte) * UINT64_C(1099511628211);
    if (s->key_len < sizeof(s->key))
        s->key[s->key_len++] = (char)byte;
    else
        s->key_cut = true;
}

static void scan_char(struct json_scan *s, const char *bytes, size_t len)
{
    if (s->is_key) {
        for (size_t i = 0; i < len; i++)
            scan_key_byte(s, (uint8_t)bytes[i]);
        return;
    }
    if (s->visitor == NULL || s->visitor->string_bytes == NULL)
        return;
    if (s->chunk_len + len > sizeof(s->chunk))
        scan_flush_chunk(s);
    memcpy(s->chunk + s->chunk_len, bytes, len);
    s->chunk_len += len;
}

static bool scan_key_end(struct json_scan *s)
{
    if (s->refuse_duplicates && s->depth == 1) {
        for (size_t i = 0; i < s->member_count; i++)
            if (s->member_hashes[i] == s->key_hash)
                return scan_fail(s, JSON_ERR_DUPLICATE_KEY);
        if (s->member_count == JSON_MEMBERS_MAX)
            return scan_fail(s, JSON_ERR_MEMBERS);
        s->member_hashes[s->member_count++] = s->key_hash;
    }
    if (s->visitor != NULL && s->visitor->key != NULL)
        s->visitor->key(s->visitor_ctx, s->depth, span_of(s->key, s->key_len), s->key_cut);
    s->state = ST_COLON;
    return true;
}

/* ---- structure ---- */

static void scan_begin_string(struct json_scan *s, bool is_key)
{
    s->is_key = is_key;
    s->key_len = 0;
    s->key_cut = false;
    s->key_hash = UINT64_C(14695981039346656037);
    s->utf8 = UTF8_START;
    s->state = ST_STRING;
}

static bool scan_open(struct json_scan *s, bool object)
{
    scan_begin(s, object ? JSON_OBJECT : JSON_ARRAY);
    if (s->depth == JSON_DEPTH_MAX)
        return scan_fail(s, JSON_ERR_DEPTH);
    s->depth++;
    if (object)
        s->in_object[s->depth / 8] |= (uint8_t)(1u << s->depth % 8);
    else
        s->in_object[s->depth / 8] &= (uint8_t) ~(1u << s->depth % 8);
    s->state = object ? ST_FIRST_KEY : ST_FIRST_VALUE;
    return true;
}

static bool scan_close(struct json_scan *s, bool object)
{
    if (s->depth == 0 || scan_in_object(s) != object)
        return scan_fail(s, JSON_ERR_SYNTAX);
    s->depth--;
    scan_end(s, object ? JSON_OBJECT : JSON_ARRAY, s->offset + 1);
    return true;
}

static bool scan_begin_literal(struct json_scan *s, enum json_kind kind)
{
    scan_begin(s, kind);
    s->literal_at = 1;
    s->escape_digits = (uint8_t)kind;
    s->state = ST_LITERAL;
    return true;
}

static bool scan_begin_value(struct json_scan *s, char c)
{
    switch (c) {
    case '{':
        return scan_open(s, true);
    case '[':
        return scan_open(s, false);
    case '"':
        scan_begin(s, JSON_STRING);
        scan_begin_string(s, false);
        return true;
    case 't':
        return scan_begin_literal(s, JSON_TRUE);
    case 'f':
        return scan_begin_literal(s, JSON_FALSE);
    case 'n':
        return scan_begin_literal(s, JSON_NULL);
    case '-':
        scan_begin(s, JSON_NUMBER);
        s->state = ST_MINUS;
        return true;
    default:
        if (c < '0' || c > '9')
            return scan_fail(s, JSON_ERR_SYNTAX);
        scan_begin(s, JSON_NUMBER);
        s->state = c == '0' ? ST_ZERO : ST_INT;
        return true;
    }
}

static bool scan_structure(struct json_scan *s, char c)
{
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
        return true;
    switch ((enum state)s->state) {
    case ST_FIRST_VALUE:
        if (c == ']')
            return scan_close(s, false);
        return scan_begin_value(s, c);
    case ST_VALUE:
        return scan_begin_value(s, c);
    case ST_FIRST_KEY:
    case ST_KEY:
        if (c == '}' && s->state == ST_FIRST_KEY)
            return scan_close(s, true);
        if (c != '"')
            return scan_fail(s, JSON_ERR_SYNTAX);
        scan_begin_string(s, true);
        return true;
    case ST_COLON:
        s->state = ST_VALUE;
        return c == ':' || scan_fail(s, JSON_ERR_SYNTAX);
    case ST_AFTER:
        if (c == '}' || c == ']')
            return scan_close(s, c == '}');
        s->state = scan_in_object(s) ? ST_KEY : ST_VALUE;
        return c == ',' || scan_fail(s, JSON_ERR_SYNTAX);
    default:
        return scan_fail(s, s->state == ST_DONE ? JSON_ERR_TRAILING : JSON_ERR_SYNTAX);
    }
}

/* ---- strings ---- */

static bool scan_string_end(struct json_scan *s)
{
    if (s->utf8 != UTF8_START)
        return scan_fail(s, JSON_ERR_UTF8);
    if (s->is_key)
        return scan_key_end(s);
    scan_flush_chunk(s);
    scan_end(s, JSON_STRING, s->offset + 1);
    return true;
}

static bool scan_string(struct json_scan *s, char c)
{
    uint8_t byte = (uint8_t)c;

    if (s->utf8 == UTF8_START) {
        if (c == '"')
            return scan_string_end(s);
        if (c == '\\') {
            s->state = ST_ESCAPE;
            return true;
        }
        if (byte < 0x20)
            return scan_fail(s, JSON_ERR_CONTROL);
    }
    /* Bytes of one character stay together: a piece ends only between characters. */
    if (s->utf8 == UTF8_START && !s->is_key && s->chunk_len + 4 > sizeof(s->chunk))
        scan_flush_chunk(s);
    s->utf8 = utf8_step(s->utf8, byte);
    if (s->utf8 == UTF8_BAD)
        return scan_fail(s, JSON_ERR_UTF8);
    scan_char(s, &c, 1);
    return true;
}

static bool scan_escape(struct json_scan *s, char c)
{
    static const char names[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";
    const char *at = c != '\0' ? strchr(names, c) : NULL;

    if (c == 'u') {
        s->unit = 0;
        s->escape_digits = 0;
        s->state = ST_UNICODE;
        return true;
    }
    if (at == NULL)
        return scan_fail(s, JSON_ERR_ESCAPE);
    scan_char(s, &values[at - names], 1);
    s->state = ST_STRING;
    return true;
}

static bool scan_unit(struct json_scan *s)
{
    bool low = s->unit >= 0xdc00 && s->unit < 0xe000;
    bool high = s->unit >= 0xd800 && s->unit < 0xdc00;
    uint32_t code_point = s->unit;
    char bytes[4];

    if (s->high_surrogate != 0) {
        if (!low)
            return scan_fail(s, JSON_ERR_SURROGATE);
        code_point =
            0x10000 + ((uint32_t)(s->high_surrogate - 0xd800) << 10) + (uint32_t)(s->unit - 0xdc00);
        s->high_surrogate = 0;
    } else if (low) {
        return scan_fail(s, JSON_ERR_SURROGATE);
    } else if (high) {
        s->high_surrogate = s->unit;
        s->state = ST_LOW_SLASH;
        return true;
    }
    scan_char(s, bytes, utf8_encode(code_point, bytes));
    s->state = ST_STRING;
    return true;
}

static bool scan_unicode(struct json_scan *s, char c)
{
    unsigned digit;

    if (c >= '0' && c <= '9')
        digit = (unsigned)(c - '0');
    else if (c >= 'a' && c <= 'f')
        digit = (unsigned)(c - 'a') + 10;
    else if (c >= 'A' && c <= 'F')
        digit = (unsigned)(c - 'A') + 10;
    else
        return scan_fail(s, JSON_ERR_ESCAPE);
    s->unit = (uint16_t)((unsigned)s->unit << 4 | digit);
    return ++s->escape_digits < 4 || scan_unit(s);
}

static bool scan_low(struct json_scan *s, char c)
{
    if (c != (s->state == ST_LOW_SLASH ? '\\' : 'u'))
        return scan_fail(s, JSON_ERR_SURROGATE);
    s->unit = 0;
    s->escape_digits = 0;
    s->state = s->state == ST_LOW_SLASH ? ST_LOW_U : ST_UNICODE;
    return true;
}

/* ---- literals and numbers ---- */

static bool scan_literal(struct json_scan *s, char c)
{
    enum json_kind kind = (enum json_kind)s->escape_digits;
    const char *word = kind == JSON_TRUE ? "true" : kind == JSON_FALSE ? "false" : "null";

    if (c != word[s->literal_at])
        return scan_fail(s, JSON_ERR_SYNTAX);
    s->literal_at++;
    if (word[s->literal_at] == '\0')
        scan_end(s, kind, s->offset + 1);
    return true;
}

/* The state after this byte of a number; ST_DONE when the number ended before it. */
static enum state scan_number_next(enum state state, char c)
{
    bool digit = c >= '0' && c <= '9';
    bool exponent = c == 'e' || c == 'E';

    switch (state) {
    case ST_MINUS:
        return c == '0' ? ST_ZERO : digit ? ST_INT : ST_BAD;
    case ST_ZERO:
        return c == '.' ? ST_DOT : exponent ? ST_EXP : digit ? ST_BAD : ST_DONE;
    case ST_INT:
        return digit ? ST_INT : c == '.' ? ST_DOT : exponent ? ST_EXP : ST_DONE;
    case ST_DOT:
        return digit ? ST_FRACTION : ST_BAD;
    case ST_FRACTION:
        return digit ? ST_FRACTION : exponent ? ST_EXP : ST_DONE;
    case ST_EXP:
        return digit ? ST_EXP_DIGITS : c == '+' || c == '-' ? ST_EXP_SIGN : ST_BAD;
    case ST_EXP_SIGN:
        return digit ? ST_EXP_DIGITS : ST_BAD;
    case ST_EXP_DIGITS:
        return digit ? ST_EXP_DIGITS : ST_DONE;
    default:
        return ST_BAD;
    }
}

static bool scan_number(struct json_scan *s, char c)
{
    enum state next = scan_number_next((enum state)s->state, c);

    if (next == ST_BAD)
        return scan_fail(s, JSON_ERR_NUMBER);
    if (next != ST_DONE) {
        s->state = (uint8_t)next;
        return true;
    }
    scan_end(s, JSON_NUMBER, s->offset);
    return scan_structure(s, c);
}

/* ---- the machine ---- */

static bool scan_byte(struct json_scan *s, char c)
{
    switch ((enum state)s->state) {
    case ST_STRING:
        return scan_string(s, c);
    case ST_ESCAPE:
        return scan_escape(s, c);
    case ST_UNICODE:
        return scan_unicode(s, c);
    case ST_LOW_SLASH:
    case ST_LOW_U:
        return scan_low(s, c);
    case ST_LITERAL:
        return scan_literal(s, c);
    case ST_MINUS:
    case ST_ZERO:
    case ST_INT:
    case ST_DOT:
    case ST_FRACTION:
    case ST_EXP:
    case ST_EXP_SIGN:
    case ST_EXP_DIGITS:
        return scan_number(s, c);
    case ST_BAD:
        return false;
    case ST_VALUE:
    case ST_FIRST_VALUE:
    case ST_FIRST_KEY:
    case ST_KEY:
    case ST_COLON:
    case ST_AFTER:
    case ST_DONE:
        break;
    }
    return scan_structure(s, c);
}

static bool is_plain(char c)
{
    return (uint8_t)c >= 0x20 && (uint8_t)c < 0x80 && c != '"' && c != '\\';
}

/* Eight bytes at once, as is_plain: the high bit of a byte of the sum tells (Mycroft's test for a
 * zero byte, once for each of the two characters; for controls, a borrow). It may see a byte that
 * is not there behind one that is: only whether there is any counts. */
static bool are_plain(uint64_t eight)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t quotes = eight ^ ones * '"';
    uint64_t slashes = eight ^ ones * '\\';
    uint64_t found = (quotes - ones) | (slashes - ones) | (eight - ones * 0x20) | eight;

    return (found & ones * 0x80) == 0;
}

/* Most of a body is plain text in strings: a run of it is passed in one piece. */
static size_t scan_plain_run(struct json_scan *s, struct span bytes, size_t from)
{
    size_t at = from;
    uint64_t eight;

    while (bytes.len - at >= sizeof(eight)) {
        memcpy(&eight, bytes.ptr + at, sizeof(eight));
        if (!are_plain(eight))
            break;
        at += sizeof(eight);
    }
    while (at < bytes.len && is_plain(bytes.ptr[at]))
        at++;
    if (at > from && s->visitor != NULL && s->visitor->string_bytes != NULL) {
        scan_flush_chunk(s);
        s->visitor->string_bytes(s->visitor_ctx, s->depth, span_of(bytes.ptr + from, at - from));
    }
    s->offset += at - from;
    return at;
}

static size_t scan_key_run(struct json_scan *s, struct span bytes, size_t from)
{
    size_t at = from;

    while (at < bytes.len && is_plain(bytes.ptr[at]))
        scan_key_byte(s, (uint8_t)bytes.ptr[at++]);
    s->offset += at - from;
    return at;
}

enum parse json_scan_feed(struct json_scan *s, struct span bytes)
{
    size_t at = 0;

    while (at < bytes.len) {
        if (s->state == ST_STRING && s->utf8 == UTF8_START) {
            at = s->is_key ? scan_key_run(s, bytes, at) : scan_plain_run(s, bytes, at);
            if (at == bytes.len)
                break;
        }
        if (!scan_byte(s, bytes.ptr[at]))
            return PARSE_BAD;
        s->offset++;
        at++;
    }
    return s->state == ST_BAD ? PARSE_BAD : PARSE_MORE;
}

enum parse json_scan_finish(struct json_scan *s)
{
    if (s->state == ST_ZERO || s->state == ST_INT || s->state == ST_FRACTION ||
        s->state == ST_EXP_DIGITS)
        scan_end(s, JSON_NUMBER, s->offset);
    if (s->state == ST_DONE)
        return PARSE_DONE;
    (void)scan_fail(s, s->state == ST_VALUE && s->depth == 0 ? JSON_ERR_EMPTY : JSON_ERR_TRUNCATED);
    return PARSE_BAD;
}

bool json_scan_in_text(const struct json_scan *s)
{
    return s->state == ST_STRING && !s->is_key;
}
