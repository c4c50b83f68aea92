/* tree - a small JSON text as jsmn's tokens, to walk.
 *
 * The text is an object, an array or a string: jsmn takes no bare number or word (JSON_TREE_BAD).
 *
 * For parts that are short or bounded: a usage object, the messages of a request. The caller gives
 * the token array and so decides the limit; a text with more values gives JSON_TREE_FULL. The text
 * is checked by scan.h first, because jsmn lets through what RFC 8259 does not. jsmn is built with
 * parent links (without them closing a container scans backwards: quadratic).
 *
 * Values are token indices; JSON_TREE_NONE is "not there", and every function takes it and gives
 * the same, so paths chain without checks. */
#ifndef JSON_TREE_H
#define JSON_TREE_H

#include "json/scan.h"

enum { JSON_TREE_NONE = -1 };

enum json_tree_result { JSON_TREE_OK, JSON_TREE_BAD, JSON_TREE_FULL };

struct json_token { /* the layout of jsmntok_t with parent links; tree.c asserts it */
    int type;
    int start;
    int end;
    int size;
    int parent;
};

struct json_tree {
    struct span text;
    struct json_token *tokens;
    int capacity;
    int count;
    int *next; /* index of the value after this one's subtree; same length as tokens */
    enum json_err err;
    size_t err_offset;
};

/* `next` has the capacity of `tokens`: it makes walking an array linear. */
enum json_tree_result json_tree_read(struct json_tree *t, struct span text,
                                     struct json_token *tokens, int *next, int capacity);
enum json_kind json_tree_kind(const struct json_tree *t, int value);
/* The text of a value as written; a string without its quotes, escapes unresolved. */
struct span json_tree_raw(const struct json_tree *t, int value);
/* The value of an object's member; the name is compared decoded. */
int json_tree_get(const struct json_tree *t, int object, const char *name);
/* The first element (array) or first member's value (object), and the one after a given one. */
int json_tree_first(const struct json_tree *t, int container);
int json_tree_after(const struct json_tree *t, int value);
/* The name of a member, given its value; empty for array elements. */
struct span json_tree_name(const struct json_tree *t, int value);
int json_tree_size(const struct json_tree *t, int container);
bool json_tree_i64(const struct json_tree *t, int value, int64_t *out);
bool json_tree_bool(const struct json_tree *t, int value, bool *out);
/* Decodes a string; false when it is none or does not fit. */
bool json_tree_text(const struct json_tree *t, int value, char *out, size_t out_bytes, size_t *len);
/* Compares a decoded string value with text. */
bool json_tree_is(const struct json_tree *t, int value, const char *text);

#endif
