/* walk - the members and elements of a JSON text, one after the other, without any memory.
 *
 * For texts that are too large for a tree's tokens, or met too often: what stands between a value's
 * first and last byte is skipped by its brackets and quotes, so walking a container costs one pass
 * over it, and walking down d levels costs d passes. Nothing is checked: give it text that scan.h
 * has accepted. On any other bytes it stays inside of them and ends, with values that mean nothing.
 */
#ifndef JSON_WALK_H
#define JSON_WALK_H

#include "json/scan.h"

struct json_walk {
    struct span rest;
    bool is_object;
};

/* The whole of it by scan.h's rules. */
bool json_walk_valid(struct span text);
/* What stands in the quotes of a member that is a string; empty where there is none. */
struct span json_walk_text(struct span object, const char *name);
/* White space before the container is passed over. False when it is neither object nor array. */
bool json_walk_start(struct json_walk *w, struct span container);
/* The next value as written, a string with its quotes; false at the end. `name` is a member's name
 * as written without quotes, empty for an element. */
bool json_walk_next(struct json_walk *w, struct span *name, struct span *value);
/* The first member whose name is written like that, or an empty span; so are the members of an
 * empty span, and paths chain without checks. */
struct span json_walk_get(struct span object, const char *name);
/* By the first byte; JSON_NONE for an empty span. */
enum json_kind json_walk_kind(struct span value);
/* What stands between the quotes of a string, escapes unresolved; empty for any other value. */
struct span json_walk_inside(struct span value);
/* Whether a name or value is written like that; a value that is a string with its quotes. */
bool json_walk_is(struct span written, const char *text);
/* Which of the words, divided by single blanks, a name or value is; -1 for none. */
int json_walk_which(struct span written, const char *words);
/* Decodes as much of a string as fits into out, whole characters only, and gives the bytes written;
 * of any other value nothing. Sets *cut when there was more. */
size_t json_walk_decode(struct span value, char *out, size_t out_bytes, bool *cut);

#endif
