/* write - JSON text appended to a fmt.
 *
 * Commas and colons are the writer's; nesting is the caller's to balance (checked by assertion in
 * json_write_done). Strings are escaped as RFC 8259 section 7 requires; bytes that are not UTF-8
 * become U+FFFD, so that what is written is always valid. */
#ifndef JSON_WRITE_H
#define JSON_WRITE_H

#include "base/fmt.h"

struct json_write {
    struct fmt *out;
    unsigned depth;
    bool need_comma;
};

void json_write_start(struct json_write *w, struct fmt *out);
void json_write_object(struct json_write *w);
void json_write_object_end(struct json_write *w);
void json_write_array(struct json_write *w);
void json_write_array_end(struct json_write *w);
void json_write_key(struct json_write *w, const char *name);
void json_write_text(struct json_write *w, struct span s);
void json_write_str(struct json_write *w, const char *nul_terminated);
void json_write_i64(struct json_write *w, int64_t value);
/* value/1000 with three decimals: scores. */
void json_write_milli(struct json_write *w, int64_t milli);
void json_write_bool(struct json_write *w, bool value);
void json_write_null(struct json_write *w);
void json_write_usd(struct json_write *w, int64_t pusd); /* a number with 12 decimals */
/* Already JSON, put in as it is. */
void json_write_raw(struct json_write *w, struct span json);
void json_write_done(const struct json_write *w);
/* Only the escaping, without quotes, for text that is built piece by piece. */
void json_escape(struct fmt *out, struct span s);

#endif
