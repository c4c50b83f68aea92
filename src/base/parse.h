/* parse - the one contract of every incremental parser in the house.
 *
 * A parser takes bytes and says how many it used:
 *   PARSE_DONE  the thing is whole; bytes after *used belong to what follows
 *   PARSE_MORE  all is well so far, more bytes are needed
 *   PARSE_BAD   never going to be right; the parser's own error field says why, first cause wins
 * There is no fourth meaning: "too large" is BAD with an error that says so. */
#ifndef BASE_PARSE_H
#define BASE_PARSE_H

enum parse { PARSE_DONE, PARSE_MORE, PARSE_BAD };

#endif
