/* pick - values at known paths out of a JSON text that streams by.
 *
 * For answers, which may be larger than any buffer: the text is validated as it passes (scan.h) and
 * only what is asked for is kept. A path is member names with dots, "*" for every element of an
 * array: "usage", "response.usage", "choices.*.delta.content". Order of members does not matter.
 *
 * Kinds of pick: PICK_RAW copies the value as written (at most cap_bytes; longer sets `cut`);
 * PICK_TEXT copies a string decoded; PICK_SIZE only adds up the decoded bytes of strings at the
 * path. When a path matches several times, RAW and TEXT keep the last match, SIZE adds up, `count`
 * counts.
 *
 * The caller owns the table of paths (static const), the array of results of the same length, and
 * the result buffers. */
#ifndef JSON_PICK_H
#define JSON_PICK_H

#include "json/scan.h"

enum { JSON_PICK_PATHS_MAX = 16, JSON_PICK_DEPTH_MAX = 8 };

enum json_pick_kind { PICK_RAW, PICK_TEXT, PICK_SIZE };

struct json_pick_path {
    const char *path;
    enum json_pick_kind kind;
};

struct json_picked {
    char *data; /* caller's; NULL for PICK_SIZE */
    size_t cap_bytes;
    /* PICK_SIZE: hears the decoded text that is counted; may be NULL. */
    void (*hear)(void *ctx, struct span decoded);
    void *ctx;
    size_t len;
    enum json_kind value_kind; /* of the last match; JSON_NONE = not seen */
    bool cut;
    uint32_t count;
    uint64_t size_bytes; /* decoded string bytes of all matches */
    uint32_t elements;   /* members or elements of the last match, when it is a container */
};

/* Sets of paths are bits of a word; [d] is what holds at depth d. */
struct json_pick {
    struct json_scan scan;
    const struct json_pick_path *paths;
    struct json_picked *results;
    size_t count;
    /* Of the paths, once: where each step's text begins and how long it is. */
    uint8_t step_at[JSON_PICK_PATHS_MAX][JSON_PICK_DEPTH_MAX];
    uint8_t step_len[JSON_PICK_PATHS_MAX][JSON_PICK_DEPTH_MAX];
    uint32_t ends[JSON_PICK_DEPTH_MAX + 1]; /* paths of d steps */
    uint32_t raw;
    uint32_t text;
    /* Of the text: */
    uint32_t live[JSON_PICK_DEPTH_MAX + 1];   /* paths whose first d steps are where we are */
    uint32_t opened[JSON_PICK_DEPTH_MAX + 1]; /* captures whose value is at depth d */
    uint32_t open;                            /* all of them */
    uint64_t arrays;                          /* bit d: the value at depth d is an array */
    uint64_t raw_from[JSON_PICK_PATHS_MAX];   /* offset of the first byte not copied yet */
    struct span fed;                          /* what json_pick_feed was given, and its offset */
    uint64_t fed_at;
};

void json_pick_start(struct json_pick *p, const struct json_pick_path *paths,
                     struct json_picked *results, size_t count);
/* Another text with the same paths. Clears the results (what the caller gave stays), as start does.
 */
void json_pick_again(struct json_pick *p);
enum parse json_pick_feed(struct json_pick *p, struct span bytes);
enum parse json_pick_finish(struct json_pick *p);
struct span json_picked_span(const struct json_picked *r);

#endif
