/* object - the members of one JSON object, as spans into its text.
 *
 * Validates the whole text (scan.h, duplicates refused) and remembers where the values of the
 * outermost object stand, byte for byte, so that a single value can be replaced and all else stay
 * as it was written (json/splice.h). The text must outlive the object. An embedded object is read
 * by calling this on its value. */
#ifndef JSON_OBJECT_H
#define JSON_OBJECT_H

#include "json/scan.h"

enum { JSON_OBJECT_KEY_BYTES = 32 }; /* every name that anything here asks for is shorter */

struct json_member {
    char key[JSON_OBJECT_KEY_BYTES]; /* decoded, NUL-terminated; "" for a longer key */
    enum json_kind kind;
    struct span value; /* as written, without white space around it; strings with their quotes */
};

struct json_object {
    struct span text;
    size_t open_at;  /* offset of the '{' */
    size_t close_at; /* offset of the '}' */
    size_t count;
    enum json_err err;
    size_t err_offset;
    struct json_member members[JSON_MEMBERS_MAX];
};

/* False when the text is no JSON (err, err_offset) or its value is not an object (JSON_ERR_SYNTAX,
 * err_offset 0 and count 0). */
bool json_object_read(struct json_object *o, struct span text);
/* The member of that name, or NULL. */
const struct json_member *json_object_find(const struct json_object *o, const char *key);

/* Values out of spans that object, pick or tree gave. Each is strict: false when the kind is other.
 */
bool json_value_bool(struct span value, bool *out);
/* A whole number without fraction; 5.0 and 5e0 count as 5 (clients in some languages write so). */
bool json_value_i64(struct span value, int64_t *out);
/* Decodes a string with its quotes into `out`; false when it is no string or does not fit. */
bool json_value_text(struct span value, char *out, size_t out_bytes, size_t *out_len);

#endif
