/* compress_clean - passes over one text that leave its meaning: they take out what a reader would
 * not miss.
 *
 * Each works in place and gives the new length, never more than before: what is put in (a blank, a
 * line end, a marker) is shorter than what is taken out for it, so that the JSON string around a
 * text never grows either. Linear in the text. Protected spans (compress_protect.h) stay byte for
 * byte, but for what stands inside an HTML comment, tag, script or style.
 *
 *   clean_whitespace   blanks at line ends, runs of blanks inside a line (not its indentation; not
 *                      in lines that are indented like code), more than one empty line, and both
 *                      ends of the text
 *   clean_html         comments, tags of known names without a URL in them, scripts and styles
 *   clean_json         white space outside strings, from a line's start with { or [ on, where a
 *                      whole value that is valid JSON follows and its line ends with it
 *   clean_boilerplate  built-in phrases and the owner's, in any case of letters, as whole words */
#ifndef POLICY_COMPRESS_CLEAN_H
#define POLICY_COMPRESS_CLEAN_H

#include "base/span.h"

size_t clean_whitespace(char *text, size_t len);
size_t clean_html(char *text, size_t len);
size_t clean_json(char *text, size_t len);

/* A phrase of the owner's: only taken out. */
struct clean_phrases {
    const struct span *phrases; /* ASCII letters are folded */
    size_t count;
};

size_t clean_boilerplate(char *text, size_t len, const struct clean_phrases *more);

#endif
