/* jsonl - a file of JSON objects, one a line, each given to a function.
 *
 * Lines of at most JSONL_LINE_BYTES; memory is the caller's struct jsonl. Blank lines are passed
 * over. Stops at the first line that is no object or that the function refuses. */
#ifndef COMMAND_JSONL_H
#define COMMAND_JSONL_H

#include "json/object.h"

enum { JSONL_LINE_BYTES = 1024 * 1024 };

struct jsonl {
    struct json_object object;    /* the line */
    uint64_t line;                /* its number, from 1 */
    char bytes[JSONL_LINE_BYTES]; /* read and not yet used */
    char decoded[JSONL_LINE_BYTES];
    size_t decoded_used; /* of this line's members */
};

/* 0; -errno of the file; 1 when a line was refused, which is then `line`. */
int jsonl_each(struct jsonl *j, const char *path, bool (*take)(void *ctx, struct jsonl *j),
               void *ctx);
/* The member's text; false when there is none of that name. */
bool jsonl_text(struct jsonl *j, const char *name, struct span *out);

#endif
