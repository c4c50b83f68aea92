/* schema - whether a JSON value is what a JSON Schema describes, as far as json_schema answers use
 * it.
 *
 * Judged: type, enum, const, properties, required, additionalProperties, items, anyOf, oneOf (as
 * anyOf), allOf, $ref into the same document, minimum, maximum, exclusiveMinimum, exclusiveMaximum,
 * minLength, maxLength, minItems, maxItems, pattern. All other keywords are passed over, as the
 * specification wants of unknown ones.
 *
 * Never wrong on the strict side: what cannot be told (a pattern that policy/pattern.h does not
 * know, a limit reached, a constant that is an object) counts as right or makes the result
 * SCHEMA_UNKNOWN. Work is bounded by SCHEMA_STEPS_MAX, nesting of schema and value together by
 * SCHEMA_DEPTH_MAX, so a schema that refers to itself ends.
 *
 * Both texts are trees that the caller read (json/tree.h); the work space is the caller's, free
 * again afterwards. */
#ifndef POLICY_SCHEMA_H
#define POLICY_SCHEMA_H

#include "policy/pattern.h"
#include "json/tree.h"

enum {
    SCHEMA_DEPTH_MAX = 96,     /* JSON_DEPTH_MAX of the value, and references and choices */
    SCHEMA_STEPS_MAX = 100000, /* members, elements and names looked at: a second on no board */
    SCHEMA_TEXT_BYTES = 1024,  /* of a string that a pattern is matched with */
};

enum schema_result { SCHEMA_VALID, SCHEMA_INVALID, SCHEMA_UNKNOWN };

/* One schema being applied to one value. */
struct schema_frame {
    int schema;
    int value;
    int child; /* what is under way: an alternative of the schema, or a member of the value */
    uint8_t phase;
};

struct schema_work { /* about 5 KB */
    struct schema_frame frames[SCHEMA_DEPTH_MAX];
    unsigned depth;
    uint32_t steps;
    struct pattern pattern;
    char text[SCHEMA_TEXT_BYTES];
};

/* The schema at `root` (which "#" in references means) against the value at `value`. */
enum schema_result schema_check(struct schema_work *w, const struct json_tree *schema, int root,
                                const struct json_tree *values, int value);

#endif
